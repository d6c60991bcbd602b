#pragma once
// Stream: a socket with its receive buffer, in clear or under TLS. Protocol code looks at
// received(), consumes what it has understood, and calls fill() when it needs more.
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "async/socket.h"

namespace sluice::async {

class TlsContext;  // tls.h
struct TlsPeer;
struct TlsState;

class Stream {
 public:
    Stream();
    explicit Stream(Socket socket);
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;
    ~Stream();

    Socket& socket() { return socket_; }
    bool is_open() const { return socket_.is_open(); }
    bool is_tls() const { return tls_ != nullptr; }
    // "TLSv1.3"; empty in clear.
    std::string tls_version() const;
    // The protocol that both sides chose by ALPN; empty: none, or in clear.
    std::string tls_protocol() const;
    // Null in clear, or if the other side has sent no certificate.
    std::unique_ptr<TlsPeer> tls_peer() const;
    void close();

    // Received and not consumed. Valid until the next fill() or move. Callers may change the bytes
    // in place.
    std::span<std::uint8_t> received() { return {buffer_ + begin_, end_ - begin_}; }
    void consume(std::size_t count) { begin_ += count; }

    // Waits for at least one more byte. The buffer grows so that received() can reach `want` bytes;
    // the caller has checked `want` against its limit. The end of the stream is cr_server_lost.
    // While it waits for a first byte it holds no buffer.
    Task<Result<void>> fill(Stop* stop, std::size_t want = 0);
    // fill() in two steps, for who looks at received() in a loop anyway; in clear only. read_now()
    // after a wait may bring nothing.
    Socket::Wait readable(Stop* stop);
    Result<void> read_now(std::size_t want = 0);
    // Something beyond received() has come, or the end has.
    bool has_unread() const { return socket_.has_unread(); }

    // Requests `stop` if the other side hangs up while nobody fills. received() stays where it is;
    // an empty buffer is given back. unwatch() before the stop dies.
    void watch(Stop* stop);
    void unwatch() { socket_.watch(nullptr); }

    // Sends all of `first`, then all of `second`; without a wait if the kernel takes them at once.
    Task<Result<void>> write(Bytes first, Bytes second, Stop* stop);
    // What can be sent without waiting: the number of bytes taken; 0 under TLS.
    Result<std::size_t> write_now(Bytes first, Bytes second) {
        return tls_ == nullptr ? socket_.write_now(first, second) : Result<std::size_t>(0);
    }
    // A write that makes no progress for this long fails; zero: no limit.
    void set_write_timeout(std::chrono::milliseconds timeout) { write_timeout_ = timeout; }

    // Bytes that this stream holds on the heap (buffers), for the byte budget.
    std::size_t memory() const { return capacity_; }

    Task<Result<void>> accept_tls(const TlsContext* context, Stop* stop);
    Task<Result<void>> connect_tls(const TlsContext* context, std::string server_name, Stop* stop);

 private:
    void make_room(std::size_t want);
    void release_buffer();
    Task<Result<void>> write_tls(Bytes first, Bytes second, Stop* stop);
    Task<Result<void>> fill_tls(Stop* stop, std::size_t want);
    Task<Result<void>> receive_cipher(Stop* stop);
    Result<std::size_t> read_cipher();
    Task<Result<void>> tls_handshake(Stop* stop);
    Result<void> decrypt();

    Socket socket_;
    std::uint8_t* buffer_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::chrono::milliseconds write_timeout_{0};
    std::unique_ptr<TlsState> tls_;
};

}  // namespace sluice::async
