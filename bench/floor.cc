// The floor of `make bench`: a relay that does nothing but move bytes, to show the kernel's share
// of a query's cost. One epoll loop per core; connections are dealt out in turn; no parsing, no
// pooling, no limits, loopback only.
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

struct Side {
    int descriptor = -1;
    Side* other = nullptr;
    bool closed = false;
};

[[noreturn]] void stop(const char* what) {
    std::perror(what);
    std::exit(1);
}

sockaddr_in loopback(const char* port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// Both sides are freed by the loop that owns them, after the batch of events that may still name
// them.
void close_both(Side* side) {
    if (side->closed) return;
    side->closed = side->other->closed = true;
    ::shutdown(side->descriptor, SHUT_RDWR);
    ::shutdown(side->other->descriptor, SHUT_RDWR);
}

void relay(Side* from) {
    static thread_local std::array<char, 256 * 1024> buffer;
    const ssize_t got = ::recv(from->descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return close_both(from);
    for (ssize_t sent = 0; sent < got;) {
        const ssize_t part = ::send(from->other->descriptor, buffer.data() + sent,
                                    static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
        if (part <= 0) return close_both(from);
        sent += part;
    }
}

void run_loop(int epoll) {
    std::array<epoll_event, 64> events{};
    for (;;) {
        const int count = ::epoll_wait(epoll, events.data(), events.size(), -1);
        std::vector<Side*> dead;
        for (int i = 0; i < count; ++i) {
            auto* side = static_cast<Side*>(events[static_cast<std::size_t>(i)].data.ptr);
            if (!side->closed) relay(side);
            if (side->closed && side->descriptor >= 0) {
                for (Side* end : {side, side->other}) ::close(std::exchange(end->descriptor, -1));
                dead.push_back(side);
            }
        }
        for (Side* side : dead) {
            delete side->other;
            delete side;
        }
    }
}

void add_pair(int epoll, int client, const sockaddr_in& server) {
    const int backend = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(backend, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
        ::close(client);
        ::close(backend);
        return;
    }
    auto left = std::make_unique<Side>(Side{.descriptor = client});
    auto right = std::make_unique<Side>(Side{.descriptor = backend, .other = left.get()});
    left->other = right.get();
    for (Side* side : {left.release(), right.release()}) {
        constexpr int on = 1;
        ::setsockopt(side->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_event event{.events = EPOLLIN, .data = {.ptr = side}};
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, side->descriptor, &event);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) return std::fputs("floor PORT SERVER_PORT\n", stderr), 2;
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    constexpr int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in own = loopback(words[1]);
    const sockaddr_in server = loopback(words[2]);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) stop("bind");
    if (::listen(listener, 4096) != 0) stop("listen");
    std::vector<int> loops;
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
        loops.push_back(::epoll_create1(EPOLL_CLOEXEC));
        std::thread(run_loop, loops.back()).detach();
    }
    for (std::size_t turn = 0;; ++turn) {
        const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (client >= 0) add_pair(loops[turn % loops.size()], client, server);
    }
}
