// Step 1 of a request over gRPC: the port. After: rpc/server.cc, then vtgate_service.cc.
#include "front/vtgate_server.h"

#include "async/cross.h"
#include "async/visit.h"
#include "base/log.h"
#include "rpc/reflection.h"

namespace sluice::front {

struct VtgateServer::PerLoop {
    explicit PerLoop(async::Listener opened) : listener(std::move(opened)) {}
    VtgateServiceLoop service;
    async::Listener listener;
    Stop closing;
    async::Scope accepting;
    rpc::Health health;
    std::unique_ptr<rpc::Server> server;
};

VtgateServer::~VtgateServer() = default;

std::uint16_t VtgateServer::port() const {
    return loops_.front()->listener.port();
}

std::vector<VtgateServer::MethodTotals> VtgateServer::totals() const {
    std::vector<MethodTotals> all;
    for (const rpc::Method* const method : services_.methods()) {
        MethodTotals& sum = all.emplace_back();
        sum.name = method->name;
        for (const auto& own : loops_) {
            const rpc::MethodCounters& counters = own->server->counters().methods[method->index];
            sum.started += counters.started.get();
            for (std::size_t i = 0; i < sum.handled.size(); ++i)
                sum.handled[i] += counters.handled[i].get();
            sum.received += counters.received.get();
            sum.sent += counters.sent.get();
        }
    }
    return all;
}

Task<Result<std::unique_ptr<VtgateServer>>> VtgateServer::open(VtgateServerOptions options,
                                                               std::vector<executor::Core*> cores) {
    std::vector<async::Listener> listeners =
        CO_TRY(async::Listener::open(options.listen, cores.size()));
    std::unique_ptr<VtgateServer> made(new VtgateServer);
    std::vector<VtgateServiceLoop*> services;
    for (std::size_t i = 0; i < cores.size(); ++i) {
        made->loops_.push_back(std::make_unique<PerLoop>(std::move(listeners[i])));
        PerLoop* const own = made->loops_.back().get();
        own->service.loop = cores[i]->loop;
        own->service.core = cores[i];
        services.push_back(&own->service);
    }
    made->service_ = std::make_unique<VtgateService>(options.service, std::move(services));
    if (options.offers_vtgateservice) made->service_->add_to(&made->services_);
    rpc::Health::add_to(&made->services_, [self = made.get()] {
        return &self->loops_[async::Loop::current().index()]->health;
    });
    rpc::add_reflection(&made->services_);
    for (const auto& own : made->loops_) {
        co_await async::on_loop(own->service.loop,
                                [self = made.get(), own = own.get(), how = &options.server] {
                                    return begin(self, own, how);
                                });
    }
    co_return made;
}

// On the loop.
bool VtgateServer::begin(VtgateServer* self, PerLoop* own, const rpc::ServerOptions* options) {
    rpc::ServerOptions how = *options;
    how.limits.budget = own->service.core->budget;
    own->server = std::make_unique<rpc::Server>(&self->services_, std::move(how));
    own->health.set_all(self->services_, rpc::Health::Status::serving);
    own->accepting.spawn("accept", accept(self, own));
    return true;
}

// Clients have few connections with many calls, so each goes to the next loop.
Task<void> VtgateServer::accept(VtgateServer* self, PerLoop* own) {
    for (;;) {
        const Result<async::Accepted> accepted = co_await own->listener.accept(&own->closing);
        if (!accepted) {
            if (!own->closing.requested()) log::error(accepted.error().text);
            break;
        }
        const std::size_t turn = self->next_.fetch_add(1, std::memory_order_relaxed);
        PerLoop* const chosen = self->loops_[turn % self->loops_.size()].get();
        chosen->service.loop->post(
            [chosen, descriptor = accepted->descriptor] { chosen->server->adopt(descriptor); });
    }
    own->listener.close();
}

// On the loop.
Task<Result<void>> VtgateServer::end(PerLoop* own, rpc::Duration grace) {
    co_await own->server->drain(grace);
    co_await own->service.visits.join();
    co_return Result<void>{};
}

Task<Result<void>> VtgateServer::drain_one(PerLoop* own, rpc::Duration grace) {
    co_return co_await async::Visit<Result<void>>(
        own->service.loop, &own->accepting, [own, grace](Stop*) { return end(own, grace); },
        nullptr);
}

Task<void> VtgateServer::drain(rpc::Duration grace) {
    for (const auto& own : loops_) {
        co_await async::on_loop(own->service.loop, [own = own.get()] {
            own->closing.request(make_error(Code::canceled, "the port is closed"));
            return true;
        });
        // What was accepted before has been posted before.
        while (co_await async::on_loop(own->service.loop, [own = own.get()] {
                   return own->accepting.running();
               }) != 0) {
        }
    }
    std::vector<Task<Result<void>>> ends;
    for (const auto& own : loops_) ends.push_back(drain_one(own.get(), grace));
    co_await async::gather(std::move(ends));
    // Behind each visit's own last step, which belongs to a scope that is about to go.
    for (const auto& own : loops_) {
        co_await async::on_loop(own->service.loop, [] { return true; });
    }
}

}  // namespace sluice::front
