#pragma once
// Session: HTTP/2 (RFC 9113) of one connection as a machine without sockets: bytes in, bytes out,
// events to exchanges and to the connection. A stream lives as long as its exchange is attached.
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "rpc/detail/byte_buffer.h"
#include "rpc/detail/exchange.h"
#include "rpc/detail/frame.h"
#include "rpc/detail/header_codec.h"

namespace sluice::rpc::detail {

enum class Side : std::uint8_t { client, server };

struct SessionOptions {
    Side side = Side::client;
    std::uint32_t stream_window = 1 << 20;
    std::uint32_t connection_window = 4 << 20;
    std::uint32_t max_streams = 16 * 1024;  // that the peer may open at a time
};

// Bytes on their way to the socket, one write's worth.
class Output {
 public:
    static constexpr std::size_t limit = 64 * 1024;
    bool has_room_for(std::size_t size) const {
        return bytes_.empty() || bytes_.size() + size <= limit;
    }
    void append(Bytes bytes) { bytes_.append(bytes); }
    Bytes view() const { return bytes_.view(); }
    void clear() { bytes_.clear(); }

 private:
    ByteBuffer bytes_;
};

// What the connection hears of.
class SessionEvents {
 public:
    // A request begins; null refuses it. Servers only.
    virtual Exchange* on_request(std::int32_t stream_id) = 0;
    virtual void on_settings() = 0;
    virtual void on_ping(bool acknowledged, std::uint64_t opaque) = 0;
    virtual void on_goaway(std::uint32_t http2_code, std::string_view text) = 0;
    // Headers or data go out.
    virtual void on_progress() = 0;
    virtual void on_exchange_over() = 0;
    // There is something to write.
    virtual void on_output() = 0;

 protected:
    ~SessionEvents() = default;
};

class Session {
 public:
    static constexpr std::size_t max_header_bytes = 64 * 1024;  // of one request or answer

    Session(const SessionOptions& options, SessionEvents* events);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    // What has arrived. An error ends the connection.
    Result<void> feed(Bytes bytes);
    // Appends what can be sent now, up to the output's limit.
    Result<void> pull(Output* out);
    bool wants_write() const;
    // False when nothing more will ever be read or written: after GOAWAY and the last stream.
    bool alive() const;

    // Client: begins a stream; the exchange stays where it is until it is over or detached.
    Result<void> request(Exchange* exchange, std::span<const Header> headers);
    // Server: the answer's headers; without messages (`end`) they are its trailers as well.
    void respond(Exchange* exchange, std::span<const Header> headers, bool end);
    // Server: after the last message. From Exchange::on_last_byte only.
    void trailers(Exchange* exchange, std::span<const Header> headers);

    void consume(std::int32_t stream_id, std::size_t count);
    void resume(std::int32_t stream_id);
    void reset(std::int32_t stream_id);  // RST_STREAM(CANCEL)
    // True when our last byte of the stream has been sent.
    bool sent_everything(std::int32_t stream_id) const;
    // The exchange hears no more; its stream is reset.
    void detach(Exchange* exchange);
    std::size_t exchanges() const { return streams_.size(); }

    void ping(std::uint64_t opaque);
    void announce_shutdown();  // GOAWAY that still takes every stream
    void refuse_new_streams(std::uint32_t http2_code, std::string_view text);  // GOAWAY
    bool peer_allows_streams() const;

    // The connection is gone: every exchange ends with `why`.
    void lose(const Error& why);

 private:
    // A request that waits until the peer takes one more stream.
    struct Waiting {
        std::int32_t stream = 0;
        std::vector<std::pair<std::string, std::string>> headers;
    };
    struct Closing {
        std::int32_t stream = 0;
        std::uint32_t code = 0;
    };
    using Type = frame::Type;

    // In: receive.cc.
    std::size_t take_bytes(Bytes bytes);
    bool begin_frame(const frame::Head& head);
    void take_frame(const frame::Head& head, Bytes payload);
    std::size_t take_data(Bytes bytes);
    void begin_data(const frame::Head& head);
    void end_data();
    void take_headers(const frame::Head& head, Bytes payload);
    void take_continuation(const frame::Head& head, Bytes payload);
    void take_block(Bytes block);
    void take_fields(Exchange* exchange, const HeaderDecoder::Block& block, bool trailers);
    void end_remote(Exchange* exchange);
    void take_reset(const frame::Head& head, Bytes payload);
    void take_settings(const frame::Head& head, Bytes payload);
    void take_setting(frame::Setting name, std::uint32_t value);
    void take_first_window(std::uint32_t size);
    void take_ping(const frame::Head& head, Bytes payload);
    void take_goaway(const frame::Head& head, Bytes payload);
    void take_window(const frame::Head& head, Bytes payload);
    bool is_idle(std::int32_t stream) const;
    bool strip_padding(const frame::Head& head, Bytes* payload);
    // The connection is over: GOAWAY goes out, nothing more is read.
    void fail(std::uint32_t code, std::string_view why);
    void fail_stream(std::int32_t stream, std::uint32_t code);
    void refuse(std::int32_t stream, std::uint32_t code);
    void count_reply(std::string_view what);

    // Out.
    Exchange* find(std::int32_t stream) const;
    void attach(Exchange* exchange, std::int32_t stream);
    void unlink(Exchange* exchange);
    void close(Exchange* exchange, std::uint32_t code);
    void close_ended();
    void put_settings(const SessionOptions& options);
    void put_headers(std::int32_t stream, std::span<const Header> headers, bool end);
    void put_reset(std::int32_t stream, std::uint32_t code);
    void put_window(std::int32_t stream, std::size_t size);
    void put_goaway(std::int32_t last, std::uint32_t code, std::string_view text);
    void start(Exchange* exchange, std::span<const Header> headers);
    void start_waiting();
    void end_local(Exchange* exchange);
    void take_turn(Exchange* exchange);
    void leave_turn(Exchange* exchange);
    bool send_data(Exchange* exchange, Output* out);
    bool flush(Output* out);

    SessionEvents* events_;
    Side side_;
    std::uint32_t max_streams_;
    HeaderEncoder encoder_;
    HeaderDecoder decoder_;

    boost::unordered_flat_map<std::int32_t, Exchange*> streams_;
    Exchange* first_ = nullptr;
    std::size_t started_ = 0;          // requests that the peer counts; clients
    std::int32_t next_stream_ = 1;     // clients
    std::int32_t newest_request_ = 0;  // of the peer; servers
    std::deque<Waiting> waiting_;
    std::vector<Closing> closing_;  // streams that end with what goes out now

    ByteBuffer control_;              // frames that are ready, all but those of data
    std::size_t replies_ = 0;         // of them that the peer has caused
    Exchange* turn_first_ = nullptr;  // streams that may have data to send
    Exchange* turn_last_ = nullptr;
    std::int64_t send_window_ = frame::first_window;
    std::int64_t stream_send_window_ = frame::first_window;  // of new streams
    std::uint32_t peer_max_streams_ = 100;                   // until the peer's settings are there

    std::int64_t window_;  // of the connection, as we keep it
    std::int64_t stream_window_;
    std::size_t received_ = 0;  // of the connection's window, and not given back

    std::string_view preface_;   // what of it has to come; servers
    ByteBuffer partial_;         // the beginning of a frame
    frame::Head data_;           // the DATA frame whose bytes come
    std::size_t data_left_ = 0;  // of it, with padding
    std::size_t padding_left_ = 0;
    bool in_data_ = false, awaits_padding_ = false;
    ByteBuffer block_;  // of headers, until it is whole
    frame::Head block_head_;
    unsigned continuations_ = 0;
    bool in_block_ = false;
    bool has_settings_ = false;  // the peer's, which come first
    bool acknowledged_ = false;  // ours
    std::uint64_t resets_ = 0, finished_ = 0;

    bool goaway_sent_ = false, goaway_received_ = false;
    bool failed_ = false;
};

}  // namespace sluice::rpc::detail
