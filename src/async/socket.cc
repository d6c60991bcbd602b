// The sockets under every hop of a request. One recv and one send per message; the rest is the
// reactor's.
#include "async/socket.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include <arpa/inet.h>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "async/cross.h"
#include "async/deadline.h"
#include "async/detail/asio.h"
#include "async/detail/operation.h"

namespace sluice::async {

namespace asio = boost::asio;

// Shared by the Socket and its pending operations, all on one loop: a plain count keeps it alive
// until the last completion has run.
struct Socket::State {
    asio::basic_stream_socket<asio::generic::stream_protocol, asio::io_context::executor_type>
        socket;
    int references = 1;
    enum class Read : std::uint8_t { none, posted, completed } read = Read::none;
    std::size_t read_count = 0;
    boost::system::error_code read_error;
    std::coroutine_handle<> reader;
    Stop* watcher = nullptr;
    std::coroutine_handle<> writer;  // waits for room, or (readable()) for data
    boost::system::error_code wait_error;
    bool is_unix = false;
    asio::cancellation_signal cancel_read;
    asio::cancellation_signal cancel_wait;
    detail::OperationStorage read_storage;
    detail::OperationStorage wait_storage;

    explicit State(asio::io_context& context) : socket(context) {}
    void release() {
        if (--references == 0) delete this;
    }
};

namespace {

using State = Socket::State;

Error lost(std::string why) {
    return make_error(Code::unavailable, er::cr_server_lost, "HY000",
                      "Lost connection: " + std::move(why));
}

// Holds a reference while an operation is pending, and names its storage and its cancellation slot
// to Asio.
template <class Complete, detail::OperationStorage State::* storage,
          asio::cancellation_signal State::* signal>
struct Handler {
    State* state;

    explicit Handler(State* of) : state(of) { ++state->references; }
    Handler(Handler&& other) noexcept : state(std::exchange(other.state, nullptr)) {}
    Handler& operator=(Handler&&) = delete;
    ~Handler() {
        if (state != nullptr) state->release();
    }

    using allocator_type = detail::OperationAllocator<std::byte>;
    using cancellation_slot_type = asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept {
        return (state->*signal).slot();
    }
    allocator_type get_allocator() const noexcept { return allocator_type(&(state->*storage)); }

    void operator()(boost::system::error_code error, std::size_t count = 0) {
        Complete{}(state, error, count);
    }
};

struct CompleteRead {
    void operator()(State* state, boost::system::error_code error, std::size_t count) const {
        state->read = State::Read::completed;
        state->read_count = count;
        state->read_error = error == asio::error::eof ? boost::system::error_code() : error;
        if (state->reader) {
            Loop::current().enter(std::exchange(state->reader, nullptr));
        } else if (state->watcher != nullptr && (count == 0 || error)) {
            std::exchange(state->watcher, nullptr)->request(lost("the client has gone away"));
            Loop::current().enter(std::noop_coroutine());
        }
    }
};

struct CompleteWait {
    void operator()(State* state, boost::system::error_code error, std::size_t) const {
        state->wait_error = error;
        if (state->writer) Loop::current().enter(std::exchange(state->writer, nullptr));
    }
};

using ReadHandler = Handler<CompleteRead, &State::read_storage, &State::cancel_read>;
using WaitHandler = Handler<CompleteWait, &State::wait_storage, &State::cancel_wait>;

// Waits until the socket is readable or writable. The state is kept alive by the pending operation.
class WaitAwaiter : StopNode {
 public:
    WaitAwaiter(State* state, asio::socket_base::wait_type what, Stop* stop)
        : state_(state), what_(what), stop_(stop) {
        on_stop = [](StopNode* node) {
            static_cast<WaitAwaiter*>(node)->state_->cancel_wait.emit(
                asio::cancellation_type::terminal);
        };
    }
    bool await_ready() const noexcept { return stop_ != nullptr && stop_->requested(); }
    void await_suspend(std::coroutine_handle<> frame) {
        state_->writer = frame;
        state_->socket.async_wait(what_, WaitHandler(state_));
        if (stop_ != nullptr) stop_->add(this);
    }
    Result<void> await_resume() {
        unlink();
        if (stop_ != nullptr && stop_->requested()) return std::unexpected(stop_->error());
        if (state_->wait_error) return std::unexpected(lost(state_->wait_error.message()));
        return {};
    }

 private:
    State* state_;
    asio::socket_base::wait_type what_;
    Stop* stop_;
};

}  // namespace

std::string Address::text() const {
    if (!unix_path.empty()) return unix_path;
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Socket::Socket(int descriptor) : state_(new State(Loop::current().asio().context)) {
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
    state_->is_unix = address.ss_family == AF_UNIX;
    if (!state_->is_unix) {
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    }
    boost::system::error_code error;
    state_->socket.assign(asio::generic::stream_protocol(address.ss_family, 0), descriptor, error);
    if (error) {
        ::close(descriptor);
        return;
    }
    state_->socket.native_non_blocking(true, error);
}

Socket::Socket(Socket&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
    const Socket old(std::exchange(state_, std::exchange(other.state_, nullptr)));
    return *this;
}

Socket::~Socket() {
    if (state_ == nullptr) return;
    close();
    std::exchange(state_, nullptr)->release();
}

bool Socket::is_open() const {
    return state_ != nullptr && state_->socket.is_open();
}

int Socket::descriptor() const {
    return is_open() ? state_->socket.native_handle() : -1;
}

void Socket::close() {
    if (!is_open()) return;
    boost::system::error_code error;
    state_->watcher = nullptr;
    state_->socket.close(error);
}

bool Socket::is_unix() const {
    return state_ != nullptr && state_->is_unix;
}

std::string Socket::peer() const {
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    if (!is_open() ||
        ::getpeername(descriptor(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
        return {};
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];
    if (address.ss_family == AF_UNIX ||
        ::getnameinfo(reinterpret_cast<sockaddr*>(&address), length, host, sizeof(host), port,
                      sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return {};
    }
    return address.ss_family == AF_INET6 ? std::string("[") + host + "]:" + port
                                         : std::string(host) + ":" + port;
}

void Socket::post_read(std::span<std::uint8_t> into) {
    VT_ASSERT(state_ != nullptr && state_->read == State::Read::none);
    state_->read = State::Read::posted;
    state_->socket.async_read_some(asio::mutable_buffer(into.data(), into.size()),
                                   ReadHandler(state_));
}

bool Socket::read_posted() const {
    return state_ != nullptr && state_->read == State::Read::posted;
}
bool Socket::read_completed() const {
    return state_ != nullptr && state_->read == State::Read::completed;
}

void Socket::watch(Stop* stop) {
    if (state_ == nullptr) return;
    state_->watcher = stop;
    // The read may have ended before anybody watched.
    if (stop != nullptr && state_->read == State::Read::completed &&
        (state_->read_count == 0 || state_->read_error)) {
        state_->watcher = nullptr;
        stop->request(lost("the client has gone away"));
    }
}

void Socket::cancel_read() {
    if (state_ != nullptr) state_->cancel_read.emit(asio::cancellation_type::terminal);
}

bool Socket::ReadAwaiter::await_ready() const noexcept {
    return socket_->state_->read != State::Read::posted || (stop_ != nullptr && stop_->requested());
}

void Socket::ReadAwaiter::await_suspend(std::coroutine_handle<> frame) noexcept {
    socket_->state_->reader = frame;
    if (stop_ != nullptr) stop_->add(this);
}

void Socket::ReadAwaiter::stopped(StopNode* node) {
    // The read stays posted: its buffer belongs to the stream, and what arrives later is still in
    // order.
    auto* self = static_cast<ReadAwaiter*>(node);
    if (self->socket_->state_->reader) {
        Loop::current().resume_soon(std::exchange(self->socket_->state_->reader, nullptr));
    }
}

Result<std::size_t> Socket::ReadAwaiter::await_resume() {
    unlink();
    State* state = socket_->state_;
    if (state->read == State::Read::completed) {
        state->read = State::Read::none;
        if (state->read_error == asio::error::operation_aborted && stop_ != nullptr &&
            stop_->requested()) {
            return std::unexpected(stop_->error());
        }
        if (state->read_error) return std::unexpected(lost(state->read_error.message()));
        return state->read_count;
    }
    if (stop_ != nullptr && stop_->requested()) return std::unexpected(stop_->error());
    return std::unexpected(lost("no read was posted"));
}

Task<Result<void>> Socket::readable(Stop* stop) {
    co_return co_await WaitAwaiter(state_, asio::socket_base::wait_read, stop);
}

Result<std::size_t> Socket::write_now(Bytes first, Bytes second) {
    iovec parts[2] = {{const_cast<std::uint8_t*>(first.data()), first.size()},
                      {const_cast<std::uint8_t*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = first.empty() ? &parts[1] : &parts[0];
    message.msg_iovlen = (first.empty() ? 0U : 1U) + (second.empty() ? 0U : 1U);
    if (message.msg_iovlen == 0) return 0;
    for (;;) {
        const ssize_t sent = ::sendmsg(descriptor(), &message, MSG_NOSIGNAL);
        if (sent >= 0) return static_cast<std::size_t>(sent);
        if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
        if (errno != EINTR) return std::unexpected(lost(std::strerror(errno)));
    }
}

Task<Result<void>> Socket::write(Bytes first, Bytes second, Stop* stop,
                                 std::chrono::milliseconds timeout) {
    for (;;) {
        if (!is_open()) co_return std::unexpected(lost("the connection is closed"));
        std::size_t sent = CO_TRY(write_now(first, second));
        const std::size_t of_first = std::min(sent, first.size());
        first = first.subspan(of_first);
        second = second.subspan(sent - of_first);
        if (first.empty() && second.empty()) co_return Result<void>{};
        LinkedStop both(stop);
        const Deadline deadline(both.get(), timeout, lost("the peer takes no data"));
        CO_TRY(co_await WaitAwaiter(state_, asio::socket_base::wait_write, both.get()));
    }
}

namespace {

struct Endpoint {
    sockaddr_storage address{};
    socklen_t length = 0;
};

Result<std::vector<Endpoint>> resolve(const Address& address) {
    std::vector<Endpoint> found;
    if (!address.unix_path.empty()) {
        auto& name = reinterpret_cast<sockaddr_un&>(found.emplace_back().address);
        name.sun_family = AF_UNIX;
        if (address.unix_path.size() >= sizeof(name.sun_path)) {
            return fail(Code::invalid_argument, er::cr_conn_refused,
                        "socket path too long: " + address.unix_path);
        }
        std::memcpy(name.sun_path, address.unix_path.c_str(), address.unix_path.size() + 1);
        found.back().length = sizeof(sockaddr_un);
        return found;
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int failure =
        ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &list);
    if (failure != 0) {
        return fail(Code::unavailable, er::cr_conn_refused,
                    "cannot resolve " + address.host + ": " + ::gai_strerror(failure));
    }
    for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
        Endpoint& endpoint = found.emplace_back();
        std::memcpy(&endpoint.address, each->ai_addr, each->ai_addrlen);
        endpoint.length = each->ai_addrlen;
    }
    ::freeaddrinfo(list);
    return found;
}

bool is_numeric(const Address& address) {
    in6_addr unused;
    return !address.unix_path.empty() || ::inet_pton(AF_INET, address.host.c_str(), &unused) == 1 ||
           ::inet_pton(AF_INET6, address.host.c_str(), &unused) == 1;
}

Error refused(const Address& address, int number, const char* what) {
    return make_error(Code::unavailable, er::cr_conn_refused, "HY000",
                      std::string("Can't connect to ") + what + " on '" + address.text() + "' (" +
                          std::strerror(number) + ")");
}

Task<Result<Socket>> connect_endpoint(const Address* address, const Endpoint* endpoint, Stop* stop,
                                      const char* what) {
    const int descriptor =
        ::socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) co_return std::unexpected(refused(*address, errno, what));
    const int failure = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&endpoint->address),
                                  endpoint->length);
    const int number = errno;
    Socket socket(descriptor);
    if (failure != 0 && number != EINPROGRESS)
        co_return std::unexpected(refused(*address, number, what));
    if (failure != 0) {
        CO_TRY(co_await socket.writable(stop));
        int pending = 0;
        socklen_t length = sizeof(pending);
        ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &pending, &length);
        if (pending != 0) co_return std::unexpected(refused(*address, pending, what));
    }
    co_return socket;
}

}  // namespace

Task<Result<void>> Socket::writable(Stop* stop) {
    co_return co_await WaitAwaiter(state_, asio::socket_base::wait_write, stop);
}

Task<Result<Socket>> connect(Address address, Stop* stop, const char* what) {
    Result<std::vector<Endpoint>> endpoints;
    if (is_numeric(address)) {
        endpoints = resolve(address);
    } else {
        endpoints = co_await blocking([address] { return resolve(address); });
    }
    if (!endpoints) co_return std::unexpected(endpoints.error());
    Error last = refused(address, ECONNREFUSED, what);
    for (const Endpoint& endpoint : *endpoints) {
        Result<Socket> connected = co_await connect_endpoint(&address, &endpoint, stop, what);
        if (connected) co_return connected;
        last = connected.error();
        if (stop != nullptr && stop->requested()) break;
    }
    co_return std::unexpected(std::move(last));
}

}  // namespace sluice::async
