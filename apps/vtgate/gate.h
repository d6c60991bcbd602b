#pragma once
// The gate put together: one set of rooms per loop, and what they share.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "async/loop.h"
#include "async/scope.h"
#include "async/wait_queue.h"
#include "auth/user_file.h"
#include "base/budget.h"
#include "buffering/buffer.h"
#include "discovery/discovery.h"
#include "engine/sequences.h"
#include "executor/core.h"
#include "front/mysql_listener.h"
#include "front/vtgate_server.h"
#include "servenv/process.h"
#include "servenv/program_flags.h"

namespace sluice::vtgate {

using async::Stop;
using async::Task;

class Gate {
 public:
    Gate(const servenv::VtgateFlags* flags, std::size_t loops, std::uint64_t memory_limit);
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    ~Gate();

    async::Loop& main_loop() { return *cores_.front()->loop; }
    // Everything below runs on the main loop.
    Task<Result<void>> start(Stop* stop);           // topology, discovery, tablets
    Task<Result<void>> open_listeners(Stop* stop);  // the MySQL server, last but the web pages
    Task<Result<void>> close_listeners(
        Stop* stop);  // no new clients; waits for those in a transaction
    Task<Result<void>> open_rpc_server(Stop* stop);   // the gRPC port, if there is to be one
    Task<Result<void>> close_rpc_server(Stop* stop);  // waits for the calls that run
    Task<Result<void>> close_sessions(Stop* stop);    // rolls back what is left
    Task<Result<void>> close(Stop* stop);             // tablets and the topology
    // What the program ends with if start() fails.
    int exit_status() const { return exit_status_; }
    Task<Result<void>> open_query_log(Stop* stop);  // its file, if there is to be one
    const front::VtgateServer* rpc_server() const { return rpc_server_.get(); }
    executor::QueryLog& query_log() const { return *query_log_; }
    void reload_users();   // the file of users, soon
    void start_threads();  // the loops but the main one
    void stop_threads();

    struct PerLoop;
    const std::vector<std::unique_ptr<PerLoop>>& loops() const { return cores_; }
    const ProcessBudget& memory() const { return memory_; }
    ProcessBudget* memory() { return &memory_; }
    // On the main loop. Null before start(), and where requests are not held.
    discovery::Discovery* discovery() const { return discovery_.get(); }
    const buffering::Buffer* buffer() const { return buffer_.get(); }
    // What is known of every tablet, as v21 sorts them; none before start().
    std::vector<discovery::TabletHealth> tablets() const {
        return discovery_ ? discovery_->health_now() : std::vector<discovery::TabletHealth>();
    }

    struct PerLoop {
        std::unique_ptr<async::Loop> loop;
        std::unique_ptr<Budget> budget;
        std::unique_ptr<gateway::Gateway> gateway;
        std::unique_ptr<engine::SequenceOwner> owner;
        std::unique_ptr<engine::Sequences> sequences;
        executor::Core executor;
        front::FrontCore front;
        std::thread thread;
    };

 private:
    Task<void> make_key();
    Result<void> read_settings();
    // What clients are told that they talk to.
    void announce_version(const std::string& version);
    Task<Result<std::shared_ptr<const auth::Users>>> load_users();
    void publish_users(std::shared_ptr<const auth::Users> users);
    bool straight() const { return flags_->discovery.tablet_protocol == "mysql"; }
    Result<discovery::TabletFactory> tablet_factory();    // tablets.cc
    Result<discovery::TabletFactory> straight_factory();  // settings.cc
    Result<std::function<rpc::ChannelOptions(const topo::Tablet&)>> tablet_channels()
        const;                                          // tablets.cc
    Result<discovery::HealthFactory> health_factory();  // health.cc
    Result<discovery::DiscoveryOptions> discovery_options() const;
    Result<void> make_buffer();
    Task<void> follow_lag_rules();
    void wire_cores();
    void make_query_log();

    const servenv::VtgateFlags* flags_;
    ProcessBudget memory_;
    executor::Options options_;
    front::Options front_;
    std::vector<std::unique_ptr<PerLoop>> cores_;
    std::unique_ptr<executor::QueryLog> query_log_;
    std::shared_ptr<topo::Topology> topology_;
    std::unique_ptr<discovery::Discovery> discovery_;
    std::unique_ptr<buffering::Buffer> buffer_;  // null: requests are not held
    std::vector<std::unique_ptr<front::MysqlListener>> listeners_;
    std::unique_ptr<front::VtgateServer> rpc_server_;  // null: there is none
    std::unique_ptr<auth::UserFile> user_file_;        // null: users come from elsewhere
    int exit_status_ = 1;
    Stop ending_;
    async::Scope scope_;
    std::optional<Result<void>> key_ready_;  // how the making of the RSA key has ended
    async::WaitQueue key_waiting_;
};

// Pages of the gate, which outlives them: its state (pages.cc), its plans (plan_pages.cc),
// its tablets (tablet_pages.cc), and the parts of the status page (status_page.cc).
class GateRates;
void add_plan_pages(servenv::AdminServer& admin, const Gate* gate);
void add_tablet_pages(servenv::AdminServer& admin, const Gate* gate);
void add_query_log_pages(servenv::AdminServer& admin, executor::QueryLog* log,
                         const servenv::QueryLogFlags& flags);
void add_status_parts(servenv::AdminServer& admin, const Gate* gate, const GateRates* rates);
void add_pages(servenv::Process& process, const Gate* gate);

}  // namespace sluice::vtgate
