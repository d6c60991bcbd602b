#pragma once
// Socket: a connected stream socket (TCP or unix) of the current loop. At most one read is posted
// at a time; it is posted once and completes by one recv after the kernel says that there is
// something. Writes go out at once and wait only when the kernel's buffer is full.
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <span>
#include <string>

#include "async/stop.h"
#include "async/task.h"

namespace sluice::async {

struct Address {
    std::string host;  // name or number; empty with a unix path
    std::uint16_t port = 0;
    std::string unix_path;  // if set, host and port are not used

    std::string text() const;  // "127.0.0.1:3306" or the path
    bool operator==(const Address&) const = default;
};

using Bytes = std::span<const std::uint8_t>;

class Socket {
 public:
    Socket() = default;
    // Adopts a connected descriptor for the current loop: non-blocking, TCP_NODELAY.
    explicit Socket(int descriptor);
    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&& other) noexcept;
    ~Socket();

    bool is_open() const;
    int descriptor() const;
    // Ends waits on it with cr_server_lost and closes the descriptor.
    void close();
    // Numeric address of the other end, "host:port"; empty for unix sockets.
    std::string peer() const;
    bool is_unix() const;

    // Posts a read of up to into.size() bytes; `into` stays valid until it has completed or the
    // socket is closed.
    void post_read(std::span<std::uint8_t> into);
    bool read_posted() const;     // posted and not completed
    bool read_completed() const;  // completed and not taken
    // While nobody awaits the read: if it completes with an end or an error, `stop` is requested
    // with cr_server_lost (the client is gone). Null ends the watch.
    void watch(Stop* stop);
    // Cancels a posted read; it may have completed in the meantime, so it is awaited as usual.
    void cancel_read();

    class ReadAwaiter : StopNode {
     public:
        ReadAwaiter(Socket* socket, Stop* stop) : socket_(socket), stop_(stop) {
            on_stop = &ReadAwaiter::stopped;
        }
        bool await_ready() const noexcept;
        void await_suspend(std::coroutine_handle<> frame) noexcept;
        // Number of bytes, 0 at the end of the stream; an error of the connection, or the stop's.
        Result<std::size_t> await_resume();

     private:
        friend class Socket;
        static void stopped(StopNode* node);
        Socket* socket_;
        Stop* stop_;
    };
    // Waits for the posted read.
    ReadAwaiter read(Stop* stop) { return {this, stop}; }

    // Waits until the socket is readable, without a buffer.
    Task<Result<void>> readable(Stop* stop);
    // Waits until the kernel takes data, or a connect has ended.
    Task<Result<void>> writable(Stop* stop);

    // Sends all of `first`, then all of `second`. A write that makes no progress for `timeout`
    // fails (zero: no limit).
    Task<Result<void>> write(Bytes first, Bytes second, Stop* stop,
                             std::chrono::milliseconds timeout);
    // What can be sent without waiting: the number of bytes taken from first+second, or an error.
    Result<std::size_t> write_now(Bytes first, Bytes second);

    struct State;

 private:
    explicit Socket(State* state) : state_(state) {}
    State* state_ = nullptr;
};

// Connects within the stop's life. Names are resolved on the blocking pool. `what` is a literal
// that stands in errors: "Can't connect to MySQL server on '127.0.0.1:3306' (Connection refused)".
Task<Result<Socket>> connect(Address address, Stop* stop, const char* what = "MySQL server");

}  // namespace sluice::async
