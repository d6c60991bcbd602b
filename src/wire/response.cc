// Steps 8 to 10 of a request: the server's answer as it arrives. Before: mysql's connection. After:
// result_set.cc, or straight into the client's socket (run_rows).
#include "wire/response.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/detail/fields.h"

namespace sluice::wire {
namespace {

constexpr std::uint64_t max_columns = 0xffff;
// An EOF is 5 bytes; MySQL's own clients take 0xfe for the end only in packets shorter than this.
constexpr std::size_t eof_below = 9;

enum class Kind : std::uint8_t { row, end, malformed };

// What a packet is that begins with `first`, when a row or the end may come.
Kind kind_of(std::uint8_t first, std::size_t length, RowFormat format, bool deprecate_eof) {
    if (first == err_header) return Kind::end;
    if (first == end_header && length < limits::max_packet_payload) {
        return deprecate_eof || length < eof_below ? Kind::end : Kind::malformed;
    }
    // A text row may begin with 0xfe if its first cell is longer than 16 MiB; a binary one begins
    // with 0.
    return format == RowFormat::text || first == 0 ? Kind::row : Kind::malformed;
}

}  // namespace

Result<ResponseReader::Step> ResponseReader::next(ByteView input) {
    VT_ASSERT(!in_pieces());
    if (state_ == State::done) return detail::malformed("data after the response");
    if (state_ == State::rows_begin) {
        state_ = State::rows;
        return Step{0, RowsBegin{}};
    }
    const MessageCutter::Cut cut = TRY(cutter_.cut(input));
    if (!cut.message) return Step{cut.consumed, NeedMore{cut.need}};
    return Step{cut.consumed, TRY(event_of(*cut.message))};
}

Result<ResponseReader::Event> ResponseReader::event_of(ByteView payload) {
    if (payload.empty()) return detail::malformed("empty packet");
    const bool may_be_err = state_ != State::rows || payload.size() < limits::max_packet_payload;
    if (payload[0] == err_header && may_be_err) {
        state_ = State::done;
        return Refused{TRY(parse_err(payload))};
    }
    switch (state_) {
        case State::start:
            return start(payload);
        case State::columns:
            if (--columns_left_ == 0) columns_done();
            return Column{payload};
        case State::columns_end:
            TRY(parse_eof(payload));
            state_ = State::rows;
            return RowsBegin{};
        case State::rows:
            return row_or_end(payload);
        case State::rows_begin:
        case State::done:
            break;
    }
    return detail::malformed("response");
}

Result<ResponseReader::Event> ResponseReader::start(ByteView payload) {
    if (payload[0] == ok_header) return finish(payload, false);
    if (payload[0] == local_infile_header) {
        return fail(Code::failed_precondition, er::cr_commands_out_of_sync,
                    "server asks for LOCAL INFILE, which was not negotiated");
    }
    detail::FieldReader reader(payload);
    std::uint64_t columns = 0;
    reader.lenenc(columns);
    if (!reader.complete() || columns == 0 || columns > max_columns)
        return detail::malformed("column count");
    columns_left_ = columns;
    state_ = State::columns;
    return Header{columns};
}

void ResponseReader::columns_done() {
    state_ =
        (negotiated_ & capability::deprecate_eof) != 0 ? State::rows_begin : State::columns_end;
}

Result<ResponseReader::Event> ResponseReader::row_or_end(ByteView payload) {
    const bool deprecate_eof = (negotiated_ & capability::deprecate_eof) != 0;
    // A message of several packets is a row whatever follows the first.
    const std::size_t length = std::min(payload.size(), limits::max_packet_payload);
    switch (kind_of(payload[0], length, format_, deprecate_eof)) {
        case Kind::row:
            return Row{payload};
        case Kind::end:
            return finish(payload, true);
        case Kind::malformed:
            break;
    }
    return detail::malformed("row");
}

Result<ResponseReader::Event> ResponseReader::finish(ByteView payload, bool had_rows) {
    Finished finished{.had_rows = had_rows};
    if (had_rows && (negotiated_ & capability::deprecate_eof) == 0) {
        const EofPacket eof = TRY(parse_eof(payload));
        finished.ok.status = eof.status;
        finished.ok.warnings = eof.warnings;
    } else {
        finished.ok = TRY(parse_ok(payload, negotiated_));
    }
    finished.more_results = (finished.ok.status & status::more_results) != 0;
    state_ = finished.more_results ? State::start : State::done;
    return finished;
}

RowRun ResponseReader::run_rows(std::span<std::uint8_t> input, std::uint8_t client_sequence) {
    VT_ASSERT(state_ == State::rows && !cutter_.gathering());
    const bool deprecate_eof = (negotiated_ & capability::deprecate_eof) != 0;
    std::uint8_t* const bytes = input.data();
    const std::size_t size = input.size();
    std::uint8_t server_sequence = cutter_.next_sequence();
    RowRun run{.next_sequence = client_sequence};
    std::size_t at = 0;
    for (;;) {
        if (payload_left_ > 0) [[unlikely]] {
            const std::size_t take = std::min(payload_left_, size - at);
            at += take;
            payload_left_ -= take;
            if (payload_left_ > 0) break;
            if (!continues_) ++run.rows;
        }
        if (size - at < header_size) break;
        std::uint32_t header = 0;
        std::memcpy(&header, bytes + at, header_size);
        const std::size_t length = header & 0xffffff;
        const std::size_t whole = header_size + length;
        if (header >> 24 != server_sequence) {
            run.stop = RowRun::Stop::malformed;
            break;
        }
        if (!continues_) {
            if (size - at == header_size && length > 0) break;
            const Kind kind =
                length == 0 ? Kind::malformed
                            : kind_of(bytes[at + header_size], length, format_, deprecate_eof);
            if (kind != Kind::row) [[unlikely]] {
                run.stop = kind == Kind::end ? RowRun::Stop::end : RowRun::Stop::malformed;
                break;
            }
        }
        const std::size_t here = size - at;
        if (here < whole && whole <= buffered_message) break;
        bytes[at + 3] = run.next_sequence++;
        ++server_sequence;
        continues_ = length == limits::max_packet_payload;
        if (here < whole) [[unlikely]] {
            payload_left_ = whole - here;
            at = size;
            break;
        }
        at += whole;
        if (!continues_) ++run.rows;
    }
    run.bytes = at;
    cutter_.expect(server_sequence);
    return run;
}

}  // namespace sluice::wire
