// Step 1 of a request: a client connects. After: front/mysql_session.cc.
#include "front/mysql_listener.h"

#include <algorithm>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "async/cross.h"
#include "base/log.h"

namespace sluice::front {

struct MysqlListener::PerLoop {
    PerLoop(FrontLoop loop, async::Listener opened) : at(loop), listener(std::move(opened)) {}
    FrontLoop at;
    async::Listener listener;
    async::Stop stop;
    async::Scope scope;
};

namespace {

// Fails on unix sockets, which need none.
void keep_alive(int descriptor, std::chrono::seconds period) {
    const int on = 1;
    const int seconds = static_cast<int>(period.count());
    if (setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) != 0 ||
        setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds) != 0) {
        return;
    }
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
}

Task<void> serve(FrontCore* core, int descriptor, std::uint32_t id) {
    keep_alive(descriptor, core->options->keepalive);
    MysqlSession session(core, async::Stream(async::Socket(descriptor)), id);
    co_await session.run();
}

// On the session's loop. The socket was counted when the loop was chosen.
void start_session(FrontLoop at, std::size_t loops, int descriptor) {
    if (at.core->shutting_down) {
        at.core->counters.assigned.fetch_sub(1, std::memory_order_relaxed);
        count(at.core->counters.refused);
        ::close(descriptor);
        return;
    }
    // Ids name their loop: (id - 1) modulo the number of loops.
    const auto id =
        static_cast<std::uint32_t>(at.core->next_id++ * loops + at.core->core->index + 1);
    count(at.core->counters.accepted);
    at.core->sessions.spawn("session", serve(at.core, descriptor, id));
}

}  // namespace

Result<std::unique_ptr<MysqlListener>> MysqlListener::open(const async::ListenOptions& options,
                                                           std::vector<FrontLoop> loops) {
    std::vector<async::Listener> listeners = TRY(async::Listener::open(options, loops.size()));
    std::unique_ptr<MysqlListener> made(new MysqlListener);
    made->loops_ = std::move(loops);
    for (std::size_t i = 0; i < listeners.size(); ++i) {
        made->per_loop_.push_back(
            std::make_unique<PerLoop>(made->loops_[i], std::move(listeners[i])));
    }
    for (const auto& own : made->per_loop_) {
        own->at.loop->post([self = made.get(), own = own.get()] {
            own->scope.spawn("accept", accept_loop(self, own));
        });
    }
    return made;
}

MysqlListener::~MysqlListener() = default;

std::uint16_t MysqlListener::port() const {
    return per_loop_.front()->listener.port();
}

Task<void> MysqlListener::accept_loop(MysqlListener* self, PerLoop* own) {
    for (;;) {
        const Result<async::Accepted> accepted = co_await own->listener.accept(&own->stop);
        if (accepted) {
            self->place(accepted->descriptor);
        } else if (own->stop.requested()) {
            break;
        } else {
            count(own->at.core->counters.refused);
            log::error(accepted.error().text);
            break;
        }
    }
    own->listener.close();
}

// The loop with the fewest sessions; counted at once, so that a burst is spread.
void MysqlListener::place(int descriptor) {
    const auto fewest = std::ranges::min_element(loops_, {}, [](const FrontLoop& each) {
        return each.core->counters.assigned.load(std::memory_order_relaxed);
    });
    fewest->core->counters.assigned.fetch_add(1, std::memory_order_relaxed);
    fewest->loop->post([at = *fewest, count = loops_.size(), descriptor] {
        start_session(at, count, descriptor);
    });
}

namespace {

// On the owner loop: ends the accepting coroutine.
struct Closer {
    async::Stop* stop;
    bool operator()() const {
        stop->request(make_error(Code::canceled, "the listener is closed"));
        return true;
    }
};

}  // namespace

Task<void> MysqlListener::close() {
    for (const auto& own : per_loop_) {
        co_await async::on_loop(own->at.loop, Closer{&own->stop});
        // What was accepted before has been posted before: an empty message waits for the
        // coroutine's end.
        while (co_await async::on_loop(own->at.loop,
                                       [own = own.get()] { return own->scope.running(); }) != 0) {
        }
    }
}

}  // namespace sluice::front
