// Start and end of a tablet (vttablet-contract 3.8).
#include "vttablet.h"

#include "async/cross.h"
#include "async/file_version.h"
#include "async/visit.h"
#include "base/log.h"
#include "rpc/reflection.h"
#include "servenv/crash.h"
#include "servenv/rpc_settings.h"
#include "tabletserver/follow_rules.h"
#include "tabletserver/replication.h"

namespace sluice::vttablet {

Vttablet::Vttablet(const servenv::VttabletFlags* flags, std::size_t loops,
                   std::uint64_t memory_limit)
    : flags_(flags), memory_(memory_limit) {
    for (std::size_t i = 0; i < loops; ++i) {
        loops_.push_back(std::make_unique<PerLoop>());
        loops_.back()->loop = std::make_unique<async::Loop>(i);
        loops_.back()->budget = std::make_unique<Budget>(&memory_, "loop");
    }
}

Vttablet::~Vttablet() = default;

void Vttablet::start_threads() {
    for (std::size_t i = 1; i < loops_.size(); ++i) {
        loops_[i]->thread = std::thread([loop = loops_[i]->loop.get()] {
            servenv::prepare_thread_for_crash();
            loop->run();
        });
    }
}

void Vttablet::stop_threads() {
    for (std::size_t i = 1; i < loops_.size(); ++i) {
        loops_[i]->loop->stop();
        loops_[i]->thread.join();
    }
}

// Who makes the server may just be about to; what is wrong with the file, its reader says.
Task<void> Vttablet::wait_for_my_cnf(Stop* stop) {
    constexpr std::chrono::milliseconds look_again{100};
    constexpr std::chrono::seconds patience{10};
    const std::string path = awaited_my_cnf(*flags_);
    if (path.empty()) co_return;
    const auto last = async::Clock::now() + patience;
    while (async::file_version(path) == async::FileVersion() && async::Clock::now() < last) {
        if (!co_await async::pause(look_again, stop)) co_return;
    }
}

Task<Result<void>> Vttablet::start(servenv::Process* process, Stop* stop) {
    co_await wait_for_my_cnf(stop);
    topology_ = CO_TRY(co_await topo::Topology::open(topology_options(flags_->topology), stop));
    std::vector<async::Loop*> loops;
    for (const auto& each : loops_) loops.push_back(each->loop.get());
    server_ =
        std::make_unique<tabletserver::Server>(CO_TRY(server_options(*flags_)), std::move(loops));
    tabletserver::LifecycleOptions life;
    life.record = CO_TRY(tablet_record(*flags_));
    life.init_timeout = std::chrono::ceil<std::chrono::milliseconds>(flags_->tablet.init_timeout);
    life.end_process = [process] { process->shut_down(); };
    lifecycle_ =
        std::make_unique<tabletserver::Lifecycle>(std::move(life), topology_, server_.get());
    CO_TRY(co_await server_->start(stop));
    CO_TRY(co_await prepare_control());
    CO_TRY(co_await prepare_rules());
    co_return load_acl();
}

// Before anything is answered: a tablet without the rules that it should have is not safe.
Task<Result<void>> Vttablet::prepare_rules() {
    const servenv::TabletProcessFlags& tablet = flags_->tablet;
    if (!tablet.rules_file.empty()) {
        const auto loaded =
            CO_TRY(co_await tabletserver::load_rules(server_.get(), tablet.rules_file));
        if (tablet.rules_watch) {
            scope_.spawn("query rules", tabletserver::follow_rules_file(
                                            server_.get(), tablet.rules_file, loaded, &ending_));
        }
    }
    if (!tablet.topo_rules_path.empty()) {
        scope_.spawn(
            "topology's query rules",
            tabletserver::follow_rules_record(
                server_.get(), topology_,
                {.cell = tablet.topo_rules_cell, .path = tablet.topo_rules_path}, &ending_));
    }
    co_return Result<void>{};
}

// What the control plane's calls need, and what keeps the tablet's own server in place.
Task<Result<void>> Vttablet::prepare_control() {
    const servenv::TabletProcessFlags& tablet = flags_->tablet;
    const bool active = !tablet.unmanaged && !tablet.disable_active_reparents;
    constexpr std::uint32_t connections = 4;
    all_privileges_ = std::make_unique<tablet::MysqlTablet>(
        CO_TRY(all_privileges_options(*flags_)),
        std::make_shared<mysql::ServerLimits>(connections, connections));
    replication_ = std::make_unique<tabletserver::ReplicationControl>(
        server_->admin(), CO_TRY(replication_login(*flags_)));
    table_lock_ = std::make_unique<tabletserver::TableLock>(
        server_->admin(), std::chrono::ceil<std::chrono::milliseconds>(tablet.lock_tables_timeout));
    reparent_ = std::make_unique<tabletserver::Reparent>(
        tabletserver::ReparentOptions{.active = active}, server_.get(), lifecycle_.get(),
        replication_.get());
    lifecycle_->on_step_down([reparent = reparent_.get()](topo::TabletAlias primary) {
        return reparent->step_down(std::move(primary));
    });
    co_return Result<void>{};
}

// Others replicate from the port that the server itself names.
Task<void> Vttablet::publish_port() {
    while (!ending_.requested()) {
        const Result<std::int32_t> port =
            co_await tabletserver::mysql_port(server_->admin(), &ending_);
        if (port && co_await lifecycle_->publish_mysql_port(*port, &ending_)) co_return;
        static_cast<void>(co_await async::pause(std::chrono::seconds(1), &ending_));
    }
}

Task<void> Vttablet::close_control() {
    ending_.request(make_error(Code::unavailable, "the tablet ends"));
    co_await scope_.join();
    if (table_lock_) co_await table_lock_->close();
    if (all_privileges_) co_await all_privileges_->close();
}

Result<void> Vttablet::load_acl() {
    const std::string& file = flags_->tablet.table_acl_config;
    if (file.empty() || !server_) return {};
    server_->set_acl(std::make_shared<const tabletserver::TableAcl>(
        TRY(tabletserver::TableAcl::parse(TRY(async::read_file(file, 16 << 20))))));
    log::info("the table ACL comes from " + file);
    return {};
}

// The port is open before gates can read of it in the topology.
Task<Result<void>> Vttablet::open_rpc(Stop* stop) {
    if (servenv::offers(flags_->rpc_server, "grpc-queryservice"))
        server_->service().add_to(&services_);
    if (servenv::offers(flags_->rpc_server, "grpc-tabletmanager")) {
        control_ = std::make_unique<tabletserver::ControlService>(
            tabletserver::ControlParts{.server = server_.get(),
                                       .lifecycle = lifecycle_.get(),
                                       .replication = replication_.get(),
                                       .reparent = reparent_.get(),
                                       .table_lock = table_lock_.get(),
                                       .all_privileges = all_privileges_.get()});
        control_->add_to(&services_);
    }
    rpc::Health::add_to(&services_,
                        [this] { return &loops_[async::Loop::current().index()]->health; });
    rpc::add_reflection(&services_);
    const rpc::ServerOptions options = CO_TRY(servenv::rpc_server_options(flags_->rpc_server));
    if (flags_->rpc_server.port != 0) {
        listeners_ = CO_TRY(
            async::Listener::open({.host = flags_->rpc_server.bind_address,
                                   .port = static_cast<std::uint16_t>(flags_->rpc_server.port)},
                                  loops_.size()));
    }
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        PerLoop* const of = loops_[i].get();
        rpc::ServerOptions own = options;
        own.limits.budget = of->budget.get();
        co_await async::on_loop(of->loop.get(),
                                [this, of, own = std::move(own), listener = &listeners_[i]] {
                                    of->rpc = std::make_unique<rpc::Server>(&services_, own);
                                    of->health.set_all(services_, rpc::Health::Status::serving);
                                    of->scope.spawn("rpc", of->rpc->serve(listener));
                                    return true;
                                });
    }
    CO_TRY(co_await lifecycle_->start(stop));
    scope_.spawn("replication", reparent_->look_after(&ending_));
    if (flags_->tablet.db_host.empty()) scope_.spawn("port", publish_port());
    co_return Result<void>{};
}

Task<void> Vttablet::follow_acl(Stop* stop) {
    const servenv::Duration interval = flags_->tablet.table_acl_reload_interval;
    while (interval.count() > 0 && !stop->requested()) {
        static_cast<void>(co_await async::pause(interval, stop));
        if (stop->requested()) break;
        if (const Result<void> read = load_acl(); !read)
            log::error("the table ACL stays as it was: " + read.error().text);
    }
}

void Vttablet::enter_lameduck() {
    if (server_) server_->enter_lameduck();
}

Task<Result<void>> Vttablet::close_rpc(PerLoop* of) {
    if (!of->rpc) co_return Result<void>{};
    co_await of->rpc->drain(std::chrono::seconds(1));
    co_await of->scope.join();
    of->rpc.reset();
    co_return Result<void>{};
}

// Gates are told first, then what runs may end, then nothing is answered any more.
Task<Result<void>> Vttablet::drain(Stop*) {
    if (lifecycle_) co_await lifecycle_->stop();
    if (server_) co_await server_->stop_serving();
    co_return Result<void>{};
}

Task<void> Vttablet::close() {
    for (const auto& of : loops_) {
        if (of->loop.get() == &main_loop()) {
            static_cast<void>(co_await close_rpc(of.get()));
            continue;
        }
        static_cast<void>(co_await async::Visit<Result<void>>(
            of->loop.get(), &of->endings, [this, of = of.get()](Stop*) { return close_rpc(of); },
            nullptr));
    }
    co_await close_control();
    if (server_) co_await server_->close();
}

}  // namespace sluice::vttablet
