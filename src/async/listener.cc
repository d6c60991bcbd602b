// Where clients come in: one listening descriptor per loop, sharing the port.
#include "async/listener.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "async/wait_queue.h"

namespace sluice::async {

struct Listener::State {
    int descriptor = -1;
    std::uint16_t port = 0;
    std::string unix_path;
    Socket socket;  // adopted by the first accept(), on the loop that accepts

    ~State() {
        if (!socket.is_open() && descriptor >= 0) ::close(descriptor);
        if (!unix_path.empty()) ::unlink(unix_path.c_str());
    }
};

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

namespace {

std::unexpected<Error> listen_error(const std::string& where, const char* step) {
    const char* why = errno == EADDRINUSE ? "address already in use"
                      : errno == EACCES   ? "permission denied"
                                          : std::strerror(errno);
    return fail(Code::unavailable, "listen " + where + ": " + step + ": " + why);
}

// Binds and listens; closes the descriptor on failure.
Result<int> open_descriptor(int family, const sockaddr* address, socklen_t length, bool share,
                            int backlog, const std::string& where) {
    const int descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return listen_error(where, "socket");
    const int on = 1;
    if (family != AF_UNIX) {
        ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (share) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    }
    const char* failed = nullptr;
    if (::bind(descriptor, address, length) != 0) {
        failed = "bind";
    } else if (::listen(descriptor, backlog) != 0) {
        failed = "listen";
    }
    if (failed == nullptr) return descriptor;
    const int number = errno;
    ::close(descriptor);
    errno = number;
    return listen_error(where, failed);
}

std::uint16_t bound_port(int descriptor) {
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
    if (address.ss_family == AF_INET6)
        return ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port);
    return ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
}

// True if somebody accepts on the socket file; a file that nobody serves is left over and may be
// removed.
bool is_served(const sockaddr_un& address) {
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool served =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::close(probe);
    return served;
}

Result<int> open_unix(const std::string& path, int backlog) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string where = "unix " + path;
    if (path.size() >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return listen_error(where, "bind");
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    struct stat found{};
    if (::stat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode) && !is_served(address))
        ::unlink(path.c_str());
    const int descriptor = TRY(open_descriptor(AF_UNIX, reinterpret_cast<const sockaddr*>(&address),
                                               sizeof(address), false, backlog, where));
    ::chmod(path.c_str(), 0777);
    return descriptor;
}

struct Target {
    sockaddr_storage address{};
    socklen_t length = 0;
};

Result<Target> resolve_listen(const ListenOptions& options, const std::string& where) {
    Target target;
    if (options.host.empty() && options.family != "tcp4") {
        auto& any = reinterpret_cast<sockaddr_in6&>(target.address);
        any.sin6_family = AF_INET6;
        any.sin6_addr = in6addr_any;
        any.sin6_port = htons(options.port);
        target.length = sizeof(any);
        return target;
    }
    addrinfo hints{};
    hints.ai_flags = AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_family = options.family == "tcp4"   ? AF_INET
                      : options.family == "tcp6" ? AF_INET6
                                                 : AF_UNSPEC;
    addrinfo* list = nullptr;
    const int failure = ::getaddrinfo(options.host.empty() ? nullptr : options.host.c_str(),
                                      std::to_string(options.port).c_str(), &hints, &list);
    if (failure != 0)
        return fail(Code::invalid_argument, "listen " + where + ": " + ::gai_strerror(failure));
    std::memcpy(&target.address, list->ai_addr, list->ai_addrlen);
    target.length = list->ai_addrlen;
    ::freeaddrinfo(list);
    return target;
}

void set_port(Target& target, std::uint16_t port) {
    if (target.address.ss_family == AF_INET6) {
        reinterpret_cast<sockaddr_in6&>(target.address).sin6_port = htons(port);
    } else {
        reinterpret_cast<sockaddr_in&>(target.address).sin_port = htons(port);
    }
}

}  // namespace

Result<std::vector<Listener>> Listener::open(const ListenOptions& options, std::size_t count) {
    std::vector<Listener> listeners;
    if (!options.unix_path.empty()) {
        const int first = TRY(open_unix(options.unix_path, options.backlog));
        for (std::size_t i = 0; i < count; ++i) {
            auto state = std::make_unique<State>();
            state->descriptor = i == 0 ? first : ::fcntl(first, F_DUPFD_CLOEXEC, 0);
            if (i == 0) state->unix_path = options.unix_path;
            listeners.push_back(Listener(std::move(state)));
        }
        return listeners;
    }
    const std::string where = options.family + " " + Address{options.host, options.port, ""}.text();
    Target target = TRY(resolve_listen(options, where));
    const auto* address = reinterpret_cast<const sockaddr*>(&target.address);
    // Alone first: a port that another process listens on, even with SO_REUSEPORT, is an error.
    const int probe = TRY(open_descriptor(target.address.ss_family, address, target.length, false,
                                          options.backlog, where));
    set_port(target, bound_port(probe));
    ::close(probe);
    for (std::size_t i = 0; i < count; ++i) {
        auto state = std::make_unique<State>();
        state->descriptor = TRY(open_descriptor(target.address.ss_family, address, target.length,
                                                true, options.backlog, where));
        state->port = bound_port(state->descriptor);
        listeners.push_back(Listener(std::move(state)));
    }
    return listeners;
}

std::uint16_t Listener::port() const {
    return state_->port;
}

void Listener::close() {
    if (state_->socket.is_open()) {
        state_->socket.close();
        state_->descriptor = -1;
    } else if (state_->descriptor >= 0) {
        ::close(std::exchange(state_->descriptor, -1));
    }
}

Task<Result<Accepted>> Listener::accept(Stop* stop) {
    if (!state_->socket.is_open()) {
        if (state_->descriptor < 0) co_return fail(Code::canceled, "the listener is closed");
        state_->socket = Socket(std::exchange(state_->descriptor, -1));
    }
    for (;;) {
        const int descriptor =
            ::accept4(state_->socket.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            Accepted accepted{.descriptor = descriptor};
            co_return accepted;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            // Out of descriptors or memory: what runs now goes on and will give some back.
            CO_TRY(co_await pause(std::chrono::milliseconds(100), stop));
        } else if (errno == EAGAIN) {
            state_->socket.found_nothing();
            CO_TRY(co_await state_->socket.readable(stop));
        } else if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO) {
            co_return fail(Code::unavailable, std::string("accept: ") + std::strerror(errno));
        }
    }
}

}  // namespace sluice::async
