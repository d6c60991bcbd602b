// Start and end of the gate (vtgate-contract 2.1, 2.3).
#include "gate.h"

#include <sstream>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "async/cross.h"
#include "async/wait_queue.h"
#include "base/log.h"
#include "servenv/crash.h"

namespace sluice::vtgate {

Gate::Gate(const servenv::VtgateFlags* flags, std::size_t loops, std::uint64_t memory_limit)
    : flags_(flags), memory_(memory_limit) {
    for (std::size_t i = 0; i < loops; ++i) {
        auto core = std::make_unique<PerLoop>();
        core->loop = std::make_unique<async::Loop>(i);
        core->budget = std::make_unique<Budget>(&memory_, "core");
        cores_.push_back(std::move(core));
    }
    make_query_log();
}

Gate::~Gate() = default;

void Gate::start_threads() {
    for (std::size_t i = 1; i < cores_.size(); ++i) {
        cores_[i]->thread = std::thread([loop = cores_[i]->loop.get()] {
            servenv::prepare_thread_for_crash();
            loop->run();
        });
    }
}

void Gate::stop_threads() {
    for (std::size_t i = 1; i < cores_.size(); ++i) {
        cores_[i]->loop->stop();
        cores_[i]->thread.join();
    }
}

void Gate::wire_cores() {
    sql::FingerprintSeed seed;
    VT_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof(seed)) == 1);
    std::vector<executor::Core*> all;
    std::vector<engine::SequenceOwner*> owners;
    std::vector<vindex::TabletType> allowed;
    for (const std::string& name : flags_->discovery.allowed_tablet_types)
        allowed.push_back(vindex::tablet_type_of_name(name));
    for (std::size_t i = 0; i < cores_.size(); ++i) {
        PerLoop& core = *cores_[i];
        core.gateway = std::make_unique<gateway::Gateway>(
            &discovery_->core(i),
            gateway::GatewayOptions{.retry_count = static_cast<int>(flags_->executor.retry_count),
                                    .allowed_types = allowed,
                                    .buffer = buffer_.get(),
                                    .tablets = !straight()});
        core.owner = std::make_unique<engine::SequenceOwner>(core.loop.get(), core.gateway.get());
        owners.push_back(core.owner.get());
        all.push_back(&core.executor);
    }
    for (std::size_t i = 0; i < cores_.size(); ++i) {
        PerLoop& core = *cores_[i];
        core.sequences = std::make_unique<engine::Sequences>(owners);
        executor::Core& made = core.executor;
        made.loop = core.loop.get();
        made.index = i;
        made.options = &options_;
        made.discovery = discovery_.get();
        made.snapshots = &discovery_->core(i);
        made.gateway = core.gateway.get();
        made.sequences = core.sequences.get();
        made.topology = topology_.get();
        made.budget = core.budget.get();
        made.seed = seed;
        made.all = all;
        made.started = async::Clock::now();
        core.front.options = &front_;
        core.front.core = &made;
    }
}

static topo::TopologyOptions topology_options(const servenv::TopologyFlags& flags) {
    using std::chrono::milliseconds;
    topo::TopologyOptions where;
    where.implementation = flags.implementation;
    where.global_server_address = flags.global_server_address;
    where.global_root = flags.global_root;
    where.lock_timeout = std::chrono::duration_cast<milliseconds>(flags.lock_timeout);
    where.lock_lease = topo::lease_of(flags.etcd_lease_ttl);
    where.program = "vtgate";
    where.etcd = {
        .tls_ca = flags.etcd_tls_ca,
        .tls_certificate = flags.etcd_tls_cert,
        .tls_key = flags.etcd_tls_key,
        .call_timeout = std::chrono::duration_cast<milliseconds>(flags.remote_operation_timeout)};
    return where;
}

Task<Result<void>> Gate::start(Stop* stop) {
    CO_TRY(read_settings());
    scope_.spawn("key", make_key());
    const std::shared_ptr<const auth::Users> users = CO_TRY(co_await load_users());
    discovery::TabletFactory factory = CO_TRY(tablet_factory());
    topology_ = CO_TRY(co_await topo::Topology::open(topology_options(flags_->topology), stop));

    CO_TRY(co_await topology_->wait_until_it_answers(stop));
    discovery::DiscoveryOptions options = CO_TRY(discovery_options());
    options.cells_to_watch = CO_TRY(
        co_await topology_->validate_cells(options.cell, flags_->discovery.cells_to_watch, stop));
    discovery::HealthFactory health = CO_TRY(health_factory());
    std::vector<async::Loop*> loops;
    for (const auto& core : cores_) loops.push_back(core->loop.get());
    discovery_ = std::make_unique<discovery::Discovery>(topology_, std::move(options), loops,
                                                        std::move(factory), std::move(health));
    CO_TRY(make_buffer());
    if (Result<void> started = co_await discovery_->start(stop); !started) {
        exit_status_ = 2;  // contract 2.2
        started.error().text.insert(0, "tabletGateway.WaitForTablets failed: ");
        co_return started;
    }
    scope_.spawn("lag rules", follow_lag_rules());
    if (straight() && !flags_->mysql_server.version_given && !discovery_->server_version().empty())
        announce_version(discovery_->server_version());
    wire_cores();
    for (const auto& core : cores_) core->front.users = users;
    if (user_file_) scope_.spawn("users", user_file_->follow(&ending_));
    co_return Result<void>{};
}

// Takes a tenth of a second of a processor, while the topology is read.
Task<void> Gate::make_key() {
    auto made = co_await async::blocking([] {
        auto key = wire::RsaKey::generate();
        OPENSSL_thread_stop();  // the pool's threads live as long as the process: nothing stays
        return key;
    });
    key_ready_ = made ? Result<void>() : Result<void>(std::unexpected(made.error()));
    if (made) front_.key = std::make_shared<const wire::RsaKey>(std::move(*made));
    key_waiting_.wake_all();
}

Task<Result<void>> Gate::open_listeners(Stop* stop) {
    while (!key_ready_) CO_TRY(co_await key_waiting_.wait(stop));
    CO_TRY(Result<void>(*key_ready_));
    const servenv::MysqlServerFlags& flags = flags_->mysql_server;
    std::vector<front::FrontLoop> loops;
    for (const auto& core : cores_) loops.push_back({core->loop.get(), &core->front});
    if (flags.port >= 0) {
        listeners_.push_back(
            CO_TRY(front::MysqlListener::open({.host = flags.bind_address,
                                               .port = static_cast<std::uint16_t>(flags.port),
                                               .unix_path = {},
                                               .family = flags.tcp_version},
                                              loops)));
        log::info("MySQL server listens on port " + std::to_string(listeners_.back()->port()));
    }
    if (!flags.socket_path.empty()) {
        listeners_.push_back(CO_TRY(
            front::MysqlListener::open({.host = {}, .unix_path = flags.socket_path}, loops)));
    }
    co_return Result<void>{};
}

namespace {

// On each loop: how many sessions are busy or in a transaction (or, draining, there at all).
std::size_t unfinished(const front::FrontCore* front) {
    std::size_t count = 0;
    for (const auto& [id, session] : front->core->sessions.all()) {
        count += front->options->drain_on_term || session->busy || session->shards.in_transaction()
                     ? 1
                     : 0;
    }
    return count;
}

bool begin_shutdown(front::FrontCore* front) {
    front->shutting_down = true;
    return true;
}

bool end_sessions(front::FrontCore* front) {
    for (const auto& [id, session] : front->core->sessions.all()) {
        const Error why =
            make_error(Code::unavailable, er::server_shutdown, "Server shutdown in progress");
        session->stop.request(why);
        session->closing.request(why);
    }
    return true;
}

}  // namespace

Task<Result<void>> Gate::close_listeners(Stop* stop) {
    // First, so that who finds the port closed finds the sessions draining, too.
    for (const auto& core : cores_) {
        co_await async::on_loop(core->loop.get(),
                                [front = &core->front] { return begin_shutdown(front); });
    }
    for (const auto& listener : listeners_) co_await listener->close();
    listeners_.clear();
    for (const auto& core : cores_) {
        while (co_await async::on_loop(core->loop.get(),
                                       [front = &core->front] { return unfinished(front); }) != 0) {
            CO_TRY(co_await async::pause(std::chrono::milliseconds(10), stop));
        }
    }
    co_return Result<void>{};
}

Task<Result<void>> Gate::close_sessions(Stop* stop) {
    if (buffer_) buffer_->shut_down();
    for (const auto& core : cores_) {
        if (core->front.core == nullptr) continue;
        co_await async::on_loop(core->loop.get(),
                                [front = &core->front] { return end_sessions(front); });
    }
    for (const auto& core : cores_) {
        while (co_await async::on_loop(core->loop.get(), [front = &core->front] {
                   return front->sessions.running();
               }) != 0) {
            CO_TRY(co_await async::pause(std::chrono::milliseconds(10), stop));
        }
    }
    co_return Result<void>{};
}

Task<Result<void>> Gate::close(Stop*) {
    ending_.request(make_error(Code::unavailable, "the gate ends"));
    co_await scope_.join();
    if (discovery_) co_await discovery_->close();
    co_return Result<void>{};
}

}  // namespace sluice::vtgate
