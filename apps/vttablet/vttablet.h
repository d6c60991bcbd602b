#pragma once
// The tablet put together: loops, the query server over them, its gRPC server, its life in the
// topology.
#include <memory>
#include <thread>
#include <vector>

#include "rpc/health.h"
#include "rpc/server.h"
#include "servenv/process.h"
#include "servenv/vttablet_flags.h"
#include "tabletserver/control_service.h"

namespace sluice::vttablet {

using async::Stop;
using async::Task;

class Vttablet {
 public:
    Vttablet(const servenv::VttabletFlags* flags, std::size_t loops, std::uint64_t memory_limit);
    Vttablet(const Vttablet&) = delete;
    Vttablet& operator=(const Vttablet&) = delete;
    ~Vttablet();

    async::Loop& main_loop() { return *loops_.front()->loop; }
    void start_threads();
    void stop_threads();

    // On the main loop, in this order.
    Task<Result<void>> start(servenv::Process* process, Stop* stop);  // server, topology
    Task<Result<void>> open_rpc(Stop* stop);                          // and publish the tablet
    void enter_lameduck();
    // Reads the file of the table ACL; a bad one leaves the old rules in force.
    Result<void> load_acl();
    Task<void> follow_acl(Stop* stop);     // at --table-acl-config-reload-interval
    Task<Result<void>> drain(Stop* stop);  // serves no more
    Task<void> close();

    ProcessBudget* memory() { return &memory_; }
    const tabletserver::Server* server() const { return server_.get(); }

 private:
    struct PerLoop {
        std::unique_ptr<async::Loop> loop;
        std::unique_ptr<Budget> budget;
        std::unique_ptr<rpc::Server> rpc;
        rpc::Health health;
        async::Scope scope;
        async::Scope endings;
        std::thread thread;
    };
    Task<Result<void>> close_rpc(PerLoop* of);
    Task<void> wait_for_my_cnf(Stop* stop);
    Task<Result<void>> prepare_control();
    Task<Result<void>> prepare_rules();
    Task<void> publish_port();
    Task<void> close_control();

    const servenv::VttabletFlags* flags_;
    ProcessBudget memory_;
    std::vector<std::unique_ptr<PerLoop>> loops_;
    std::vector<async::Listener> listeners_;
    rpc::Services services_;
    std::shared_ptr<topo::Topology> topology_;
    std::unique_ptr<tabletserver::Server> server_;
    std::unique_ptr<tabletserver::Lifecycle> lifecycle_;
    std::unique_ptr<tablet::MysqlTablet> all_privileges_;
    std::unique_ptr<tabletserver::ReplicationControl> replication_;
    std::unique_ptr<tabletserver::Reparent> reparent_;
    std::unique_ptr<tabletserver::TableLock> table_lock_;
    std::unique_ptr<tabletserver::ControlService> control_;
    Stop ending_;
    async::Scope scope_;
};

// From flags to the rooms' own settings (settings.cc).
// The my.cnf that must be there first; empty: none.
std::string awaited_my_cnf(const servenv::VttabletFlags& flags);
Result<tabletserver::Options> server_options(const servenv::VttabletFlags& flags);
Result<topo::Tablet> tablet_record(const servenv::VttabletFlags& flags);
Result<tabletserver::ReplicationLogin> replication_login(const servenv::VttabletFlags& flags);
Result<tablet::MysqlTabletOptions> all_privileges_options(const servenv::VttabletFlags& flags);
topo::TopologyOptions topology_options(const servenv::TopologyFlags& flags);

}  // namespace sluice::vttablet
