#pragma once
// Session: HTTP/2 of one connection as a machine without sockets: bytes in, bytes out. nghttp2 does
// frames, HPACK and windows; this gives its events to exchanges and to the connection.
#include <cstdint>
#include <memory>
#include <string>

#include "rpc/detail/byte_buffer.h"
#include "rpc/detail/exchange.h"

struct nghttp2_session;

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

struct Header {
    std::string_view name;
    std::string_view value;
    bool varies = false;  // not worth a place in HPACK's table
    bool copied = true;   // false: name and value are literals, or outlive the stream
};

class Session {
 public:
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
    std::size_t exchanges() const { return count_; }

    void ping(std::uint64_t opaque);
    void announce_shutdown();  // GOAWAY that still takes every stream
    void refuse_new_streams(std::uint32_t http2_code, std::string_view text);  // GOAWAY
    bool peer_allows_streams() const;

    // The connection is gone: every exchange ends with `why`.
    void lose(const Error& why);

 private:
    friend struct Callbacks;
    void attach(Exchange* exchange, std::int32_t stream_id);
    void unlink(Exchange* exchange);

    SessionEvents* events_;
    nghttp2_session* session_ = nullptr;
    Output* out_ = nullptr;         // while pulling
    Exchange* current_ = nullptr;   // whose headers are read
    std::size_t header_bytes_ = 0;  // of them
    Exchange* first_ = nullptr;
    std::size_t count_ = 0;
    Side side_;
};

}  // namespace sluice::rpc::detail
