#pragma once
// Exchange: one HTTP/2 stream as gRPC uses it, on either side: messages come in and wait to be
// taken, messages go out as the peer's windows allow. ClientCall and ServerCall are made of it. The
// session calls the on_* functions from nghttp2's callbacks: they note what has happened and wake
// waiters, nothing else.
#include <cstdint>
#include <optional>

#include <boost/container/small_vector.hpp>

#include "async/wait_queue.h"
#include "rpc/compression.h"
#include "rpc/detail/byte_buffer.h"
#include "rpc/message.h"

namespace sluice::rpc::detail {

using async::Stop;
using async::Task;

class Session;
class Output;

struct MessageLimits {
    std::size_t receive = 16 * 1024 * 1024;
    std::size_t send = 16 * 1024 * 1024;
    Budget* budget = nullptr;  // may be null; outlives every message
};

class Exchange {
 public:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    virtual ~Exchange() = default;

    // ---- What the session says.
    virtual void on_header(std::string_view name, std::string_view value) = 0;
    virtual void on_headers_end(bool end_of_stream) = 0;
    // The stream is over: by both sides' ends, by a reset (code), or with the connection (`lost`).
    virtual void on_closed(std::uint32_t http2_code, const Error* lost) = 0;
    void on_bytes(Bytes bytes);
    void on_end_of_stream();

    // ---- What the session asks: how many bytes wait to be sent, and for `count` of them.
    std::size_t outgoing() const { return queued_.size() - queued_at_ + pieces_left_; }
    bool finished_sending() const { return finished_; }
    virtual void on_last_byte() {}  // everything has been handed over: time for trailers
    void hand_over(std::size_t count, Output* out);

    bool attached() const { return session_ != nullptr; }
    std::int32_t stream_id() const { return stream_id_; }

 protected:
    friend class Session;
    enum class Wants : std::uint8_t { message, end };  // what wakes who waits

    void prepare(MessageLimits limits);  // for a new stream
    // The next message; nullopt when the other side has sent its last one. The error of what
    // arrived (too large, broken), or the stop's.
    Task<Result<std::optional<Message>>> next_message(Stop* stop);
    Session* session() const { return session_; }
    bool message_waits() const { return next_ < inbox_.size(); }
    bool input_over() const { return input_ended_ || input_error_.has_value(); }
    std::optional<Error>& input_error() { return input_error_; }
    // Takes one that waits.
    Result<Message> take_message();
    // Returns when `pieces` need not stay: small messages are copied, large ones are sent from
    // where they lie.
    Task<Result<void>> send_message(std::span<const Bytes> pieces, Stop* stop);
    // The same without waiting; the message stays where it is until the stream is over.
    Result<void> post_message(std::span<const Bytes> pieces);
    // True if post_message() copies `pieces` at once and cannot fail.
    bool takes_now(std::span<const Bytes> pieces) const;
    // Nobody will take what comes or has come.
    void ignore_input();
    // No message comes after what is queued.
    void finish();
    // Nothing more is sent, what waits is dropped.
    void drop_outgoing();
    void wake();

    Compression incoming_compression_ = Compression::none;
    Compression outgoing_compression_ = Compression::none;
    Wants wants_ = Wants::message;
    bool awaits_first_ = false;  // the first message is as good as waited for
    async::WaitQueue arrived_;
    MessageLimits limits_;

 private:
    struct Received {
        Message message;
        bool compressed = false;
    };
    static constexpr std::size_t copied_limit =
        16 * 1024;  // larger ones are sent from where they lie
    static constexpr std::size_t queue_limit = 64 * 1024;
    static constexpr std::size_t first_reserve = 64 * 1024;  // a length alone reserves no more

    virtual void on_message() {}  // a message is whole, or the input is over
    void fail_input(Error error);
    bool read_prefix(Bytes* bytes);
    void read_body(Bytes* bytes);
    void give_back();
    Result<std::size_t> queue_prefix(std::span<const Bytes> pieces, bool compressed);
    void queue_bytes(std::span<const Bytes> pieces);
    bool room_for(std::size_t size) const;

    // The stream, as the session knows it.
    struct Stream {
        std::int64_t send_window = 0;      // what the peer takes now
        std::int64_t receive_window = 0;   // what it may send now
        std::size_t consumed = 0;          // of what it has sent, and not told to it yet
        std::int64_t content_length = -1;  // announced; -1: not
        std::int64_t received = 0;         // bytes of data
        bool has_headers = false;          // the final ones have come: more of them are trailers
        bool remote_ended = false, local_ended = false;
        bool started = false;      // its headers are on their way
        bool in_turn = false;      // among those that may have data to send
        Exchange* next = nullptr;  // of them
        Exchange* previous = nullptr;
    };

    Session* session_ = nullptr;  // null: not started, or over
    std::int32_t stream_id_ = 0;
    Stream stream_;
    Exchange* previous_ = nullptr;  // all exchanges of a session
    Exchange* following_ = nullptr;

    // In.
    std::uint8_t prefix_[5];
    std::uint8_t prefix_size_ = 0;
    bool input_ended_ = false;
    std::uint32_t body_size_ = 0;
    std::optional<Received> partial_;
    boost::container::small_vector<Received, 1> inbox_;
    std::size_t next_ = 0;
    std::size_t buffered_ = 0;  // bytes of what waits, with prefixes
    std::size_t held_ = 0;      // received and not given back to the peer's window
    std::optional<Error> input_error_;

    // Out: first what is queued, then the pieces.
    ByteBuffer queued_;
    std::size_t queued_at_ = 0;
    std::span<const Bytes> pieces_;
    std::size_t piece_offset_ = 0;
    std::size_t pieces_left_ = 0;  // bytes
    bool finished_ = false;
    async::WaitQueue taken_;
    // A compressed message, and where it lies, while it is sent.
    Message kept_;
    Bytes kept_piece_;
};

}  // namespace sluice::rpc::detail
