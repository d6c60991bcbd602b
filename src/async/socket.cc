// The sockets under every hop of a request. One recv and one send per message; the rest is the
// reactor's.
#include "async/socket.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "async/cross.h"
#include "async/deadline.h"

namespace sluice::async {

// Shared by the Socket and what waits on it, all on one loop: a plain count keeps it alive.
struct Socket::State : Watched {
    Loop* loop = nullptr;
    int references = 1;
    bool is_unix = false;
    bool readable = false;  // there may be something: the last read took all that it could
    bool hung_up = false;   // nothing more will come than what is there
    unsigned reads = 0;     // in the turn of the loop that `turn` counts
    std::uint64_t turn = 0;
    std::coroutine_handle<> reader;
    std::coroutine_handle<> writer;
    Stop* watcher = nullptr;

    void release() {
        if (--references == 0) delete this;
    }
    bool is_open() const { return descriptor >= 0; }
    bool has_unread();
    void tell_watcher();
    static void happened(Watched* self, std::uint32_t events);
};

namespace {

using State = Socket::State;

// Reads of one socket in one turn of the loop; after that the others come first.
constexpr unsigned fair_share = 8;

Error lost(std::string why) {
    return make_error(Code::unavailable, er::cr_server_lost, "HY000",
                      "Lost connection: " + std::move(why));
}

}  // namespace

// Asks the kernel only if there may be something.
bool Socket::State::has_unread() {
    if (!readable || !is_open()) return false;
    std::uint8_t byte = 0;
    const ssize_t found = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (found < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) readable = false;
    return found > 0;
}

void Socket::State::tell_watcher() {
    if (watcher == nullptr || !hung_up || has_unread()) return;
    std::exchange(watcher, nullptr)->request(lost("the client has gone away"));
}

void Socket::State::happened(Watched* self, std::uint32_t events) {
    auto* state = static_cast<State*>(self);
    constexpr std::uint32_t failed = EPOLLERR | EPOLLHUP;
    ++state->references;  // who is resumed may drop the socket
    if ((events & (EPOLLIN | EPOLLRDHUP | failed)) != 0) state->readable = true;
    if ((events & (EPOLLRDHUP | failed)) != 0) state->hung_up = true;
    if (state->reader && state->readable) {
        state->loop->enter(std::exchange(state->reader, nullptr));
    } else if (state->watcher != nullptr) {
        state->tell_watcher();
        state->loop->enter(std::noop_coroutine());
    }
    if (state->writer && (events & (EPOLLOUT | failed)) != 0)
        state->loop->enter(std::exchange(state->writer, nullptr));
    state->release();
}

Socket::Wait::Wait(State* state, For what, Stop* stop) : state_(state), what_(what), stop_(stop) {
    on_stop = &Wait::stopped;
    if (state_ != nullptr) ++state_->references;
}

Socket::Wait::~Wait() {
    if (state_ != nullptr) state_->release();
}

bool Socket::Wait::await_ready() const noexcept {
    if (state_ == nullptr || !state_->is_open()) return true;
    if (stop_ != nullptr && stop_->requested()) return true;
    if (what_ == For::writing || !state_->readable) return false;
    if (state_->turn != state_->loop->turn()) {
        state_->turn = state_->loop->turn();
        state_->reads = 0;
    }
    return ++state_->reads <= fair_share;
}

void Socket::Wait::await_suspend(std::coroutine_handle<> frame) {
    if (what_ == For::writing) {
        VT_ASSERT(!state_->writer);
        state_->writer = frame;
        state_->loop->want_writable(state_, true);
    } else {
        VT_ASSERT(!state_->reader);
        state_->reader = frame;
        if (state_->readable) state_->loop->tell_again(state_);
    }
    if (stop_ != nullptr) stop_->add(this);
}

void Socket::Wait::stopped(StopNode* node) {
    auto* self = static_cast<Wait*>(node);
    State* state = self->state_;
    std::coroutine_handle<>& waiter = self->what_ == For::reading ? state->reader : state->writer;
    if (waiter) state->loop->resume_soon(std::exchange(waiter, nullptr));
}

Result<void> Socket::Wait::await_resume() {
    unlink();
    const bool open = state_ != nullptr && state_->is_open();
    if (open && what_ == For::writing) state_->loop->want_writable(state_, false);
    if (stop_ != nullptr && stop_->requested()) return std::unexpected(stop_->error());
    if (!open) return std::unexpected(lost("the connection is closed"));
    return {};
}

std::string Address::text() const {
    if (!unix_path.empty()) return unix_path;
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Socket::Socket(int descriptor) : state_(new State) {
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
    state_->is_unix = address.ss_family == AF_UNIX;
    if (!state_->is_unix) {
        const int on = 1;
        ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    state_->loop = &Loop::current();
    state_->descriptor = descriptor;
    state_->on_events = &State::happened;
    if (state_->loop->watch(state_)) return;
    ::close(descriptor);
    state_->descriptor = -1;
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
    return state_ != nullptr && state_->is_open();
}

int Socket::descriptor() const {
    return state_ == nullptr ? -1 : state_->descriptor;
}

void Socket::close() {
    if (!is_open()) return;
    state_->watcher = nullptr;
    state_->loop->forget(state_);
    ::close(std::exchange(state_->descriptor, -1));
    for (std::coroutine_handle<>* waiter : {&state_->reader, &state_->writer}) {
        if (*waiter) state_->loop->resume_soon(std::exchange(*waiter, nullptr));
    }
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

Result<std::size_t> Socket::read_now(std::span<std::uint8_t> into) {
    VT_ASSERT(!into.empty());
    if (!is_open()) return std::unexpected(lost("the connection is closed"));
    for (;;) {
        const ssize_t count = ::recv(state_->descriptor, into.data(), into.size(), 0);
        if (count > 0) {
            const auto taken = static_cast<std::size_t>(count);
            // The end, once announced, is not announced again.
            if (taken < into.size() && !state_->hung_up) state_->readable = false;
            return taken;
        }
        if (count == 0) return std::unexpected(lost("the other side has closed it"));
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            state_->readable = false;
            return 0;
        }
        if (errno != EINTR) return std::unexpected(lost(std::strerror(errno)));
    }
}

bool Socket::has_unread() const {
    return state_ != nullptr && (state_->hung_up || state_->has_unread());
}

void Socket::found_nothing() {
    if (state_ != nullptr) state_->readable = false;
}

void Socket::watch(Stop* stop) {
    if (state_ == nullptr) return;
    state_->watcher = stop;
    state_->tell_watcher();  // it may have left before anybody watched
}

Result<std::size_t> Socket::write_now(Bytes first, Bytes second) {
    if (first.empty()) std::swap(first, second);
    if (first.empty()) return 0;
    iovec parts[2] = {{const_cast<std::uint8_t*>(first.data()), first.size()},
                      {const_cast<std::uint8_t*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    for (;;) {
        // send() costs the kernel less than a sendmsg() of one part.
        const ssize_t sent = second.empty()
                                 ? ::send(descriptor(), first.data(), first.size(), MSG_NOSIGNAL)
                                 : ::sendmsg(descriptor(), &message, MSG_NOSIGNAL);
        if (sent >= 0) return static_cast<std::size_t>(sent);
        if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
        if (errno != EINTR) return std::unexpected(lost(std::strerror(errno)));
    }
}

namespace {

// What is left of two spans behind `count` bytes.
void drop(std::size_t count, Bytes& first, Bytes& second) {
    const std::size_t of_first = std::min(count, first.size());
    first = first.subspan(of_first);
    second = second.subspan(count - of_first);
}

}  // namespace

Task<Result<void>> Socket::write(Bytes first, Bytes second, Stop* stop,
                                 std::chrono::milliseconds timeout) {
    if (is_open()) {
        const Result<std::size_t> sent = write_now(first, second);
        if (sent && *sent == first.size() + second.size()) return Task<Result<void>>::done();
        if (sent) drop(*sent, first, second);
    }
    return write_rest(first, second, stop, timeout);
}

Task<Result<void>> Socket::write_rest(Bytes first, Bytes second, Stop* stop,
                                      std::chrono::milliseconds timeout) {
    for (;;) {
        if (!is_open()) co_return std::unexpected(lost("the connection is closed"));
        drop(CO_TRY(write_now(first, second)), first, second);
        if (first.empty() && second.empty()) co_return Result<void>{};
        LinkedStop both(stop);
        const Deadline deadline(both.get(), timeout, lost("the peer takes no data"));
        CO_TRY(co_await writable(both.get()));
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
