// Step 9 of a request: the bytes to and from one MySQL server. Before: run.cc. After: the sink.
#include "mysql/connection.h"

#include <array>

#include "base/overload.h"
#include "mysql/error_code.h"
#include "wire/request.h"
#include "wire/statement.h"

namespace sluice::mysql {
namespace {

// Definitions of one result are kept in the receive buffer up to this size: 4,096 columns with
// names of full length are below it.
constexpr std::size_t max_definitions = 16U << 20U;
// Longest message apart from rows, which are never gathered: an OK or an ERR.
constexpr std::size_t max_message = 1U << 20U;
// A text up to this size is copied behind its header: that costs less than a write of two parts.
constexpr std::size_t copied_text = 4096;
// Memory for requests that is kept for the next one.
constexpr std::size_t kept_request = 64U * 1024;

Error lost(Stop* stop) {
    if (stop != nullptr && stop->requested()) return stop->error();
    return make_error(code_of(er::cr_server_lost), er::cr_server_lost,
                      "Lost connection to MySQL server during query");
}

}  // namespace

Connection::Connection(async::Stream stream, Login login)
    : opened(async::Clock::now()), stream_(std::move(stream)), found_rows_(login.found_rows) {
    last_used = opened;
    park_node_.connection = this;
    park_node_.on_stop = [](async::StopNode* node) {
        auto* self = static_cast<ParkNode*>(node);
        self->connection->close();
        self->watcher->gone(self->connection);
    };
}

Connection::~Connection() {
    constexpr std::array<std::uint8_t, 5> quit = {1, 0, 0, 0, 1};
    if (in_order() && stream_.is_open() && !stream_.is_tls())
        static_cast<void>(stream_.socket().write_now(quit, {}));
}

void Connection::close() {
    broken_ = true;
    stream_.close();
}

std::unexpected<Error> Connection::fail_broken(Error error) {
    close();
    return std::unexpected(std::move(error));
}

bool Connection::in_transaction() const {
    return (status_ & wire::status::in_transaction) != 0;
}

Connection::Reading::Reading(wire::Capabilities capabilities, wire::RowFormat format,
                             std::uint8_t sequence)
    : reader(capabilities, format, max_message, sequence),
      binary(format == wire::RowFormat::binary) {}

void Connection::queue_query(std::string_view text) {
    wire::PacketWriter writer(&out_);
    wire::write_command(writer, wire::Command::query, text);
    last_sequence_ = writer.sequence();
    ++due_;
}

void Connection::queue_close(std::uint32_t statement) {
    wire::PacketWriter writer(&out_);
    wire::write_statement_command(writer, wire::Command::stmt_close, statement);
}

Task<Result<void>> Connection::flush(Stop* stop) {
    last_format_ = wire::RowFormat::text;
    return write({}, stop);
}

Task<Result<void>> Connection::send_query(std::string_view text, Stop* stop) {
    last_format_ = wire::RowFormat::text;
    last_sequence_ = 1;
    if (text.size() + 1 >= limits::max_packet_payload) {
        queue_query(text);
        return write({}, stop);
    }
    const auto length = static_cast<std::uint32_t>(text.size() + 1);
    for (const unsigned shift : {0U, 8U, 16U})
        out_.push(static_cast<std::uint8_t>(length >> shift));
    out_.push(0);
    out_.push(static_cast<std::uint8_t>(wire::Command::query));
    ++due_;
    if (text.size() > copied_text) return write(wire::bytes_of(text), stop);
    out_.append(text);
    return write({}, stop);
}

Task<Result<void>> Connection::send_execute(Handle* handle, const Execution* execution,
                                            Stop* stop) {
    last_format_ = wire::RowFormat::binary;
    wire::PacketWriter writer(&out_);
    writer.begin();
    out_.push(static_cast<std::uint8_t>(wire::Command::stmt_execute));
    for (const unsigned shift : {0U, 8U, 16U, 24U})
        out_.push(static_cast<std::uint8_t>(handle->id >> shift));
    constexpr std::array<std::uint8_t, 5> no_cursor_once = {0, 1, 0, 0, 0};
    out_.append(no_cursor_once);
    if (execution->parameters > 0) {
        const std::string_view types = wire::text_of(execution->types);
        const bool types_follow = !handle->types_known || handle->types != types;
        out_.append(execution->null_bitmap);
        out_.push(types_follow ? 1 : 0);
        if (types_follow) {
            out_.append(types);
            handle->types = types;
            handle->types_known = true;
        }
        out_.append(execution->values);
    }
    writer.end();
    last_sequence_ = writer.sequence();
    ++due_;
    return write({}, stop);
}

// Sends what is queued, then `last`.
Task<Result<void>> Connection::write(wire::ByteView last, Stop* stop) {
    sent_ = false;
    std::size_t sent = 0;
    if (!broken_) {
        // Whether a failure comes before the first byte decides if the statement may be sent again.
        const Result<std::size_t> now = stream_.write_now(out_.view(), last);
        if (!now) close();
        sent = now.value_or(0);
        sent_ = sent > 0;
    }
    if (broken_ || sent < out_.size() + last.size()) return write_rest(sent, last, stop);
    written();
    return Task<Result<void>>::done();
}

Task<Result<void>> Connection::write_rest(std::size_t sent, wire::ByteView last, Stop* stop) {
    if (broken_) co_return std::unexpected(lost(nullptr));
    sent_ = true;
    const std::size_t of_first = std::min(sent, out_.size());
    const Result<void> outcome =
        co_await stream_.write(out_.view().subspan(of_first), last.subspan(sent - of_first), stop);
    if (!outcome) co_return fail_broken(lost(stop));
    written();
    co_return Result<void>{};
}

void Connection::written() {
    out_.clear();
    if (out_.capacity() > kept_request) out_.release();
}

Error Connection::receive_failed(Stop* stop) {
    if (stop != nullptr && stop->requested()) return stop->error();
    close();
    return lost(nullptr);
}

Task<Result<Reply>> Connection::read(ResultSink* sink, Stop* stop) {
    VT_ASSERT(due_ > 0 && !preparing_);
    if (broken_) co_return std::unexpected(lost(stop));
    if (!reading_ || reading_->over) {
        const bool last = due_ == 1;
        reading_.emplace(capabilities_, last ? last_format_ : wire::RowFormat::text,
                         last ? last_sequence_ : std::uint8_t{1});
        reading_->sink = sink;
    } else {
        reading_->sink = nullptr;  // the rest of an answer that was given up
    }
    for (;;) {
        const Need need = CO_TRY(advance());
        if (need == Need::done) break;
        if (need == Need::drain) {
            CO_TRY(co_await reading_->sink->drain(stop));
            continue;
        }
        Result<void> filled;
        if (stream_.is_tls()) {
            filled = co_await stream_.fill(stop);
        } else {
            filled = co_await stream_.readable(stop);
            if (filled) filled = stream_.read_now();
        }
        if (!filled) co_return std::unexpected(receive_failed(stop));
    }
    if (reading_->refused) co_return std::unexpected(std::move(*reading_->refused));
    co_return std::move(reading_->reply);
}

Result<Connection::Need> Connection::advance() {
    stream_.consume(std::exchange(reading_->given, 0));
    for (;;) {
        const Need need = TRY(reading_->in_rows ? next_rows() : next_event());
        if (need != Need::more) return need;
    }
}

Result<Connection::Need> Connection::next_rows() {
    Reading& reading = *reading_;
    const bool inside = reading.reader.in_pieces();
    const std::span<std::uint8_t> input = stream_.received();
    const wire::RowRun run =
        reading.reader.run_rows(input, reading.sink == nullptr ? 0 : reading.sink->sequence);
    if (run.bytes > 0) {
        const bool goes_on = reading.reader.in_pieces();
        const std::uint64_t starts = run.rows + (goes_on ? 1 : 0) - (inside ? 1 : 0);
        reading.reply.rows += starts;
        reading.given = run.bytes;
        if (reading.sink != nullptr) {
            reading.delivered = true;
            reading.sink->sequence = run.next_sequence;
            const bool full = TRY(reading.sink->rows({.packets = input.first(run.bytes),
                                                      .starts = starts,
                                                      .begins_inside = inside,
                                                      .ends_inside = goes_on}));
            if (full) return Need::drain;
        }
        stream_.consume(std::exchange(reading.given, 0));
    }
    switch (run.stop) {
        case wire::RowRun::Stop::need_more:
            return Need::fill;
        case wire::RowRun::Stop::end:
            reading.in_rows = false;
            return Need::more;
        case wire::RowRun::Stop::malformed:
            break;
    }
    return fail_broken(make_error(Code::internal, 2027, "Malformed packet: row"));
}

Result<Connection::Need> Connection::next_event() {
    Reading& reading = *reading_;
    const std::span<std::uint8_t> input = stream_.received().subspan(reading.understood);
    Result<wire::ResponseReader::Step> step = reading.reader.next(input);
    if (!step) return fail_broken(std::move(step).error());
    const std::size_t consumed = step->consumed;
    return std::visit(
        Overload{
            [&](const wire::NeedMore&) -> Result<Need> {
                if (reading.definitions == 0) {
                    stream_.consume(consumed);
                } else {
                    reading.understood += consumed;
                }
                if (reading.understood > max_definitions) {
                    return fail_broken(make_error(Code::resource_exhausted,
                                                  er::net_packet_too_large,
                                                  "Got column definitions of more than 16 MiB"));
                }
                return Need::fill;
            },
            [&](const wire::ResponseReader::Header& header) -> Result<Need> {
                if (++reading.result_sets > 1) {
                    reading.sink = nullptr;
                } else {
                    reading.reply.columns = static_cast<std::uint32_t>(header.columns);
                }
                reading.understood += consumed;
                reading.definitions = reading.definitions_end = reading.understood;
                return Need::more;
            },
            [&](const wire::ResponseReader::Column&) -> Result<Need> {
                reading.understood += consumed;
                reading.definitions_end = reading.understood;
                return Need::more;
            },
            [&](const wire::ResponseReader::RowsBegin&) { return begin_rows(consumed); },
            [&](const wire::ResponseReader::Row&) -> Result<Need> {
                return fail_broken(make_error(Code::internal, 2027, "Malformed packet: row"));
            },
            [&](const wire::ResponseReader::Finished& end) -> Result<Need> {
                const Need need = finish(end);
                stream_.consume(reading.understood + consumed);
                reading.understood = 0;
                return need;
            },
            [&](const wire::ResponseReader::Refused& refused) -> Result<Need> {
                const Need need = refuse(wire::to_error(refused.err, code_of(refused.err.number)));
                stream_.consume(reading.understood + consumed);
                return need;
            },
        },
        step->event);
}

Result<Connection::Need> Connection::begin_rows(std::size_t consumed) {
    Reading& reading = *reading_;
    Result<void> taken;
    if (reading.sink != nullptr) {
        reading.delivered = true;
        taken = reading.sink->columns(
            {.packets = stream_.received().subspan(reading.definitions,
                                                   reading.definitions_end - reading.definitions),
             .count = reading.reply.columns,
             .binary = reading.binary});
    }
    stream_.consume(reading.understood + consumed);
    reading.understood = reading.definitions = reading.definitions_end = 0;
    reading.in_rows = true;
    if (!taken) return std::unexpected(std::move(taken).error());
    return Need::more;
}

Connection::Need Connection::finish(const wire::ResponseReader::Finished& end) {
    Reading& reading = *reading_;
    Reply& reply = reading.reply;
    reply.status = status_ = end.ok.status;
    reply.warnings = end.ok.warnings;
    // A CALL ends with an OK of its own after its results, which adds nothing to the first of them.
    if (end.had_rows || reading.result_sets == 0) {
        reply.affected_rows = end.ok.affected_rows;
        reply.insert_id = end.ok.insert_id;
        if (!end.ok.info.empty()) reply.text = end.ok.info;
    }
    if (end.more_results) return Need::more;
    reading.over = true;
    --due_;
    if (reading.result_sets > 1) {
        reading.refused =
            make_error(Code::unimplemented, "Multi-Resultset not supported in stored procedure");
        broken_ = true;
    }
    return Need::done;
}

Connection::Need Connection::refuse(Error error) {
    reading_->over = true;
    reading_->refused = std::move(error);
    --due_;
    return Need::done;
}

Task<Result<Reply>> Connection::query(std::string_view text, ResultSink* sink, Stop* stop) {
    CO_TRY(co_await send_query(text, stop));
    co_return co_await read(sink, stop);
}

Task<Result<void>> Connection::ping(Stop* stop) {
    wire::PacketWriter writer(&out_);
    wire::write_command(writer, wire::Command::ping);
    last_format_ = wire::RowFormat::text;
    last_sequence_ = 1;
    ++due_;
    CO_TRY(co_await write({}, stop));
    CO_TRY(co_await read(nullptr, stop));
    co_return Result<void>{};
}

void Connection::park(IdleWatcher* watcher) {
    park_node_.watcher = watcher;
    park_stop_.reset();
    park_stop_.add(&park_node_);
    stream_.watch(&park_stop_);
}

bool Connection::unpark() {
    park_node_.unlink();
    if (broken_ || !stream_.is_open()) return false;
    stream_.unwatch();
    return !stream_.has_unread() && stream_.received().empty();
}

}  // namespace sluice::mysql
