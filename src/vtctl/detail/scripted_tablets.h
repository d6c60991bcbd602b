#pragma once
// For tests: tablets whose managers do what a script says, and a topology in memory that knows
// them.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "async/loop.h"
#include "async/wait_queue.h"
#include "replicationdata.pb.h"
#include "vtctl/detail/ask.h"

namespace sluice::vtctl::detail {

// One tablet's server as far as a reparent sees it.
struct ScriptedTablet {
    std::string cell = "zone1";
    topodata::TabletType type = topodata::REPLICA;
    std::string received = "MySQL56/" + std::string(server) + ":1-10";  // into its relay log
    std::int64_t term = 0;                                              // seconds; of a primary
    std::int64_t lag = 0;                                               // seconds
    int journal = 0;  // rows; 0: the tablet does not know the call
    int pages = 0;    // in its buffer pool
    bool is_reachable = true;
    bool hangs = false;  // the call ends only with its stop
    bool sql_thread_runs = true;
    std::set<std::string> failing = {};  // methods that fail
    static constexpr std::string_view server = "11111111-1111-1111-1111-111111111111";
};

class ScriptedTablets : public Tablets {
 public:
    std::map<std::string, ScriptedTablet> tablets;  // by alias
    std::vector<std::string> calls;                 // "zone1-0000000100 Ping", in order
    std::vector<std::string> details;               // what requests that matter hold
    std::function<void(const std::string& call)> on_call;

    Task<Result<std::string>> call(Place place, std::string method, std::string request, Duration,
                                   Stop* stop) override {
        const std::string name = place.alias + " " + method;
        ScriptedTablet& tablet = tablets[place.alias];
        if (!tablet.is_reachable) co_return fail(Code::unavailable, "connection refused");
        calls.push_back(name);
        if (on_call) on_call(name);
        if (tablet.hangs && stop != nullptr) {
            async::WaitQueue never;
            while (!stop->requested()) static_cast<void>(co_await never.wait(stop));
            co_return std::unexpected(stop->error());
        }
        if (tablet.failing.contains(method))
            co_return fail(Code::unknown, method + " fails by its script");
        co_return answer(tablet, name, method, request);
    }
    Task<Result<std::string>> page(Place, std::string, Duration, Stop*) override {
        co_return std::string(R"({"BuildHost":"h","BuildUser":"u","BuildTimestamp":7})");
    }

    // Those of `calls` that change something, each as "100 PromoteReplica".
    std::vector<std::string> changes() const {
        static const std::set<std::string> reads = {
            "GetGlobalStatusVars", "ReplicationStatus",      "PrimaryPosition", "Ping",
            "FullStatus",          "ReadReparentJournalInfo"};
        std::vector<std::string> found;
        for (const std::string& call : calls) {
            const std::size_t space = call.find(' ');
            if (!reads.contains(call.substr(space + 1))) found.push_back(call.substr(space - 3));
        }
        return found;
    }

 private:
    Result<std::string> answer(ScriptedTablet& tablet, const std::string& name,
                               const std::string& method, const std::string& bytes) {
        if (method == "GetGlobalStatusVars") {
            tablet_message::GetGlobalStatusVarsResponse response;
            (*response.mutable_status_values())["Innodb_buffer_pool_pages_data"] =
                std::to_string(tablet.pages);
            return response.SerializeAsString();
        }
        if (method == "ReplicationStatus") {
            tablet_message::ReplicationStatusResponse response;
            response.mutable_status()->set_position(tablet.received);
            response.mutable_status()->set_replication_lag_seconds(
                static_cast<std::uint32_t>(tablet.lag));
            return response.SerializeAsString();
        }
        if (method == "PrimaryPosition") {
            tablet_message::PrimaryPositionResponse response;
            response.set_position(tablet.received);
            return response.SerializeAsString();
        }
        if (method == "DemotePrimary") {
            tablet_message::DemotePrimaryResponse response;
            response.mutable_primary_status()->set_position(tablet.received);
            return response.SerializeAsString();
        }
        if (method == "PromoteReplica" || method == "InitPrimary") {
            tablet_message::PromoteReplicaResponse response;
            response.set_position(tablet.received);
            return response.SerializeAsString();
        }
        if (method == "ReadReparentJournalInfo") {
            if (tablet.journal == 0) return fail(Code::unimplemented, "unknown method");
            tablet_message::ReadReparentJournalInfoResponse response;
            response.set_length(tablet.journal);
            return response.SerializeAsString();
        }
        if (method == "StopReplicationAndGetStatus") return stopped(tablet);
        if (method == "SetReplicationSource") {
            tablet_message::SetReplicationSourceRequest request;
            request.ParseFromString(bytes);
            details.push_back(name + " to " + alias_text(request.parent()) +
                              (request.semisync() ? " semi-sync" : "") +
                              (request.wait_position().empty() ? "" : " wait") +
                              (request.time_created_ns() != 0 ? " journal" : "") +
                              (request.force_start_replication() ? " start" : ""));
        }
        return std::string();
    }

    static Result<std::string> stopped(const ScriptedTablet& tablet) {
        if (tablet.type == topodata::PRIMARY)
            return fail(Code::unknown, "no replication status (errno 100) (sqlstate HY000)");
        tablet_message::StopReplicationAndGetStatusResponse response;
        constexpr int runs = 3;
        auto& before = *response.mutable_status()->mutable_before();
        before.set_io_state(runs);
        before.set_sql_state(tablet.sql_thread_runs ? runs : 1);
        auto& after = *response.mutable_status()->mutable_after();
        after.set_relay_log_position(tablet.received);
        after.set_source_uuid(std::string(ScriptedTablet::server));
        return response.SerializeAsString();
    }
};

// A shard ks/0 in cells zone1 and zone2, with the tablets that the script has by then.
class ScriptedCluster {
 public:
    ScriptedTablets tablets;
    Control control;

    Task<void> make(std::string durability, std::string primary, bool had_primary) {
        topo::TopologyOptions options;
        options.implementation = "memory";
        options.global_root = "/global";
        options.lock_timeout = std::chrono::milliseconds(100);
        control.topology = (co_await topo::Topology::open(options, nullptr)).value();
        control.tablets = &tablets;
        control.now = [] { return topo::Time{1'000'000, 5}; };
        for (const std::string cell : {"zone1", "zone2"}) {
            topodata::CellInfo location;
            location.set_root("/" + cell);
            co_await put(global, path::cell_location(cell), location);
        }
        topodata::Keyspace keyspace;
        keyspace.set_durability_policy(durability);
        co_await put(global, path::keyspace("ks"), keyspace);
        topodata::Shard shard;
        shard.set_is_primary_serving(true);
        if (!primary.empty()) *shard.mutable_primary_alias() = alias(primary);
        if (had_primary) shard.mutable_primary_term_start_time()->set_seconds(100);
        co_await put(global, path::shard("ks", "0"), shard);
        for (const auto& [name, scripted] : tablets.tablets) co_await put_tablet(name, scripted);
    }

    static topodata::TabletAlias alias(const std::string& name) {
        const auto parsed = vindex::parse_tablet_alias(name).value();
        topodata::TabletAlias made;
        made.set_cell(parsed.cell);
        made.set_uid(parsed.uid);
        return made;
    }

 private:
    template <class M>
    Task<void> put(std::string where, std::string path, M record) {
        const auto written = co_await write(&control, std::move(where), std::move(path),
                                            std::move(record), 0, nullptr);
        VT_ASSERT(written.has_value());
    }
    Task<void> put_tablet(std::string name, ScriptedTablet scripted) {
        topodata::Tablet tablet;
        *tablet.mutable_alias() = alias(name);
        tablet.set_keyspace("ks");
        tablet.set_shard("0");
        tablet.set_type(scripted.type);
        tablet.set_hostname("host");
        (*tablet.mutable_port_map())["grpc"] = 1;
        (*tablet.mutable_port_map())["vt"] = 2;
        tablet.set_mysql_hostname("host");
        tablet.set_mysql_port(3306);
        if (scripted.term != 0)
            tablet.mutable_primary_term_start_time()->set_seconds(scripted.term);
        co_await put(tablet.alias().cell(),
                     path::tablet({tablet.alias().cell(), tablet.alias().uid()}), tablet);
    }
};

inline void run_test(Task<void> task) {
    async::Loop loop;
    run_until_done(loop, std::move(task));
}

}  // namespace sluice::vtctl::detail
