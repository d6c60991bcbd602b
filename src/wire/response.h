#pragma once
// A server's response to COM_QUERY or COM_STMT_EXECUTE, read as its bytes arrive. Rows can be cut
// one by one (next) or passed on as bytes (run_rows). Source: MySQL client/server protocol, "Text
// Resultset", "Binary Resultset".
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "base/error.h"
#include "wire/answer.h"
#include "wire/packet.h"

namespace sluice::wire {

enum class RowFormat : std::uint8_t { text, binary };

// The longest run of row bytes at the start of a span.
struct RowRun {
    enum class Stop : std::uint8_t {
        need_more,  // all that is complete has been taken; read more
        end,  // not a row: call next() with what follows `bytes`; it gives Finished or Refused
        malformed,  // not MySQL: close the connection
    };
    std::size_t bytes = 0;           // from the span's start; forward them as they are
    std::uint64_t rows = 0;          // rows whose last byte is among them
    std::uint8_t next_sequence = 0;  // for the client's next packet
    Stop stop = Stop::need_more;
};

class ResponseReader {
 public:
    // `message_limit`: longest row that next() gathers; run_rows has no limit. `sequence`: of the
    // first packet.
    ResponseReader(Capabilities negotiated, RowFormat format, std::size_t message_limit,
                   std::uint8_t sequence = 1)
        : negotiated_(negotiated), format_(format), cutter_(message_limit) {
        cutter_.expect(sequence);
    }

    struct Header {  // a result set begins
        std::uint64_t columns = 0;
    };
    struct Column {  // one definition, parse_column(payload)
        ByteView payload;
    };
    struct RowsBegin {
    };  // all definitions were read: from here on next() gives rows, or run_rows() takes them
    struct Row {
        ByteView payload;
    };
    struct Finished {  // of a statement without rows, or the end of a result set
        OkPacket ok{};
        bool had_rows = false;
        bool more_results = false;  // another response follows: go on calling next()
    };
    struct Refused {  // the server's error; the response is over
        ErrPacket err;
    };
    using Event = std::variant<NeedMore, Header, Column, RowsBegin, Row, Finished, Refused>;
    struct Step {
        std::size_t consumed = 0;  // drop so many bytes of the input, after using the event
        Event event;               // views into the input or the reader, valid until the next call
    };
    // Errors: the bytes are not MySQL, ask for LOCAL INFILE (2014), or pass the limit: close the
    // connection.
    Result<Step> next(ByteView input);

    // Between RowsBegin and Finished. Stamps the sequence numbers of the client's conversation into
    // `input`, in place. A packet that is not complete is left for the next call, unless it is
    // larger than `buffered_message`: such packets pass in pieces.
    RowRun run_rows(std::span<std::uint8_t> input, std::uint8_t client_sequence);
    // A packet is passing in pieces: the client has seen its start.
    bool in_pieces() const { return payload_left_ > 0 || continues_; }

    std::uint8_t next_sequence() const { return cutter_.next_sequence(); }
    // The whole response, all results, was read.
    bool done() const { return state_ == State::done; }

 private:
    enum class State : std::uint8_t { start, columns, columns_end, rows_begin, rows, done };

    Result<Event> event_of(ByteView payload);
    Result<Event> start(ByteView payload);
    Result<Event> row_or_end(ByteView payload);
    Result<Event> finish(ByteView payload, bool had_rows);
    void columns_done();

    Capabilities negotiated_;
    RowFormat format_;
    State state_ = State::start;
    MessageCutter cutter_;
    std::uint64_t columns_left_ = 0;
    std::size_t payload_left_ = 0;  // run_rows: bytes of the current packet still to come
    bool continues_ = false;        // run_rows: the next packet continues the same row
};

}  // namespace sluice::wire
