#pragma once
// Socket: a connected stream socket (TCP or unix) of the current loop. What epoll says of it is
// remembered, so that nothing is asked of the kernel in vain: a read happens after bytes have come,
// and one that brings less than it could is the last until more come. Writes go out at once and
// wait only when the kernel's buffer is full.
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
    // Adopts a connected (or listening) descriptor for the current loop: non-blocking, TCP_NODELAY.
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

    // What epoll knows of a socket, and who waits for it; shared by the Socket and its waits.
    struct State;

    class [[nodiscard]] Wait : StopNode {
     public:
        enum class For : std::uint8_t { reading, writing };
        Wait(State* state, For what, Stop* stop);
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        ~Wait();
        bool await_ready() const noexcept;
        void await_suspend(std::coroutine_handle<> frame);
        // The stop's error, or cr_server_lost if the socket was closed.
        Result<void> await_resume();

     private:
        static void stopped(StopNode* node);
        State* state_;
        For what_;
        Stop* stop_;
    };
    // co_await socket.readable(stop): waits for bytes, the end of the stream or an error of the
    // connection; which of them it is, read_now() tells. One coroutine at a time.
    Wait readable(Stop* stop) { return {state_, Wait::For::reading, stop}; }
    // Waits until the kernel takes data, or a connect has ended. One coroutine at a time.
    Wait writable(Stop* stop) { return {state_, Wait::For::writing, stop}; }

    // Bytes read into `into` (not empty), 0 if none are there. The end of the stream and errors of
    // the connection are cr_server_lost.
    Result<std::size_t> read_now(std::span<std::uint8_t> into);
    // Bytes, or the end, wait to be read now.
    bool has_unread() const;
    // For who reads by other calls than read_now(): there was nothing, readable() is to wait.
    void found_nothing();
    // While set, `stop` is requested with cr_server_lost as soon as the other side has left without
    // saying anything more. Null ends the watch.
    void watch(Stop* stop);

    // Sends all of `first`, then all of `second`; without a wait if the kernel takes them at once.
    // A write that makes no progress for `timeout` fails (zero: no limit).
    Task<Result<void>> write(Bytes first, Bytes second, Stop* stop,
                             std::chrono::milliseconds timeout);
    // What can be sent without waiting: the number of bytes taken from first+second, or an error.
    Result<std::size_t> write_now(Bytes first, Bytes second);

 private:
    Task<Result<void>> write_rest(Bytes first, Bytes second, Stop* stop,
                                  std::chrono::milliseconds timeout);
    explicit Socket(State* state) : state_(state) {}
    State* state_ = nullptr;
};

// Connects within the stop's life. Names are resolved on the blocking pool. `what` is a literal
// that stands in errors: "Can't connect to MySQL server on '127.0.0.1:3306' (Connection refused)".
Task<Result<Socket>> connect(Address address, Stop* stop, const char* what = "MySQL server");

}  // namespace sluice::async
