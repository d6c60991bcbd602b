#pragma once
// What Discovery keeps on its owner loop.
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/wait_queue.h"
#include "discovery/detail/health_list.h"
#include "discovery/discovery.h"

namespace sluice::discovery {

// What a round of the worker shall read again.
struct Wanted {
    bool cluster = false;
    bool vschema = false;
    bool schema_changed = false;  // tables were read: build the Schema again
};

// One tablet's health stream.
struct TabletStream {
    std::string alias;
    topo::Tablet record;
    std::unique_ptr<tablet::HealthSource> source;  // closed when the stream has ended
    Stop stop;
};
using StreamPointer = std::shared_ptr<TabletStream>;

// A keyspace's tables, as they change.
struct TrackedKeyspace {
    bool loaded = false;
    bool running = false;  // track_changes() is under way
    StreamPointer from;    // who told of the last change
    std::set<std::string> tables, views;
    bool udfs = false;
    bool all = false;
};

struct Discovery::State {
    State(std::shared_ptr<topo::Topology> with, DiscoveryOptions how, std::vector<async::Loop*> on,
          const TabletFactory& factory, HealthFactory health_factory);

    // Tasks, all on the owner loop.
    Task<void> work();
    Task<void> follow_keyspace(std::string keyspace);
    Task<void> follow_vschema();
    Task<void> poll();
    Task<void> hurry();
    Task<void> publish_always();
    Task<void> track_always();
    Task<void> follow_tablet(StreamPointer stream);

    // Asks the worker for a round and waits for it; the schema's epoch.
    Task<Result<std::uint64_t>> request(Wanted what);
    void want(Wanted what);

    // One round.
    Task<Result<void>> serve(Wanted what);
    Task<Result<void>> check_topology();
    Task<Result<std::string>> missing_record();
    Task<void> await_records();
    Task<Result<void>> load_cluster();
    Task<Result<void>> load_tablets();
    Task<Result<void>> load_vschema(bool* changed);
    Task<void> publish_cluster();
    Task<void> publish_schema();
    void publish_soon();
    void deliver(const std::vector<KeyspaceEvent>& events);
    void note_tablets(std::vector<topo::Tablet> found);
    void note_keyspaces();
    void note_event(std::optional<KeyspaceEvent> event);
    void watch_keyspaces();

    // Health.
    void begin_stream(topo::Tablet record);
    void end_stream(const std::string& alias);
    Task<Result<void>> read_stream(StreamPointer stream, async::Clock::duration* delay);
    Task<Result<tablet::HealthMessage>> next_message(StreamPointer stream);
    Result<void> take_message(const StreamPointer& stream, tablet::HealthMessage message);
    void note_failure(const StreamPointer& stream, const Error& error);
    void note_effect(const std::string& alias, const HealthEffect& effect);
    bool is_current(const StreamPointer& stream) const;
    void look_at(const std::string& alias);
    bool is_failing_over() const;

    Task<Result<void>> wait_for_tablets(Stop* outer);
    std::vector<std::string> missing_tablets() const;
    std::vector<std::string> inconsistent_keyspaces() const;

    // Distributed transactions.
    void note_unresolved(const StreamPointer& stream, bool told);
    Task<void> read_unresolved(StreamPointer stream, HealthTarget target);
    Task<Result<std::vector<tablet::DistributedTransaction>>> ask_transactions(std::string keyspace,
                                                                               std::string shard,
                                                                               std::string id);
    Task<Result<std::vector<tablet::DistributedTransaction>>> ask_primary(std::string keyspace,
                                                                          std::string shard,
                                                                          std::string id,
                                                                          Stop* until);
    StreamPointer primary_of(const std::string& keyspace, const std::string& shard) const;

    // Schema tracking.
    Task<bool> track(std::vector<std::string> keyspaces);
    Task<void> track_one(std::string keyspace, bool* changed);
    Task<Result<vschema::DiscoveredKeyspace>> read_all(std::string keyspace, Stop* until);
    Task<Result<vschema::DiscoveredKeyspace>> ask_server_for_all(std::string keyspace,
                                                                 std::string alias, Stop* until);
    void note_schema(const StreamPointer& stream, const HealthStats& stats);
    Task<void> track_changes(std::string keyspace);
    Task<Result<void>> read_changes(std::string keyspace, TrackedKeyspace* changes);
    Task<Result<std::uint64_t>> refresh_tables(std::string keyspace);
    StreamPointer primary_stream(const std::string& keyspace) const;
    std::vector<std::string> keyspace_names() const;

    async::Loop* owner() const { return loops.front(); }
    Core& home() { return *cores.front(); }

    std::shared_ptr<topo::Topology> topology;
    DiscoveryOptions options;
    std::vector<async::Loop*> loops;
    std::vector<std::unique_ptr<Core>> cores;
    std::deque<async::Scope> core_scopes;  // one per loop, used there
    HealthFactory health_factory;

    async::Scope scope;
    Stop stop;
    std::set<std::string> followed;  // keyspaces with a running watch

    // The worker's rounds.
    Wanted wanted;
    std::uint64_t asked = 0, done = 0;
    Result<void> last_round;
    std::string last_complaint;  // of a round; each is logged once
    bool topology_lost = false;  // its records are gone: await_records() looks for them
    async::WaitQueue work_waiting, round_waiting;

    ClusterRecords records;             // watches in it are of the keyspaces as they are now
    std::vector<KeyspaceEvent> events;  // to be told with the next snapshot
    std::function<void(const KeyspaceEvent&)> listener;
    bool cluster_changed = false;
    async::WaitQueue publish_waiting;
    async::WaitQueue health_waiting;  // wait_for_tablets()
    std::uint64_t cluster_epoch = 0;

    HealthList list;
    std::map<std::string, StreamPointer> streams;  // by alias
    HealthCounters counters;
    async::Clock::time_point tablets_read;
    std::string server_version;  // of the first that answered

    Discovery::Unresolved unresolved;
    std::set<Labels> unresolved_reads;  // shards whose list is being read

    vschema::SrvVSchema definition;
    topo::Revision definition_version = 0;
    vschema::Discovered discovered;
    std::map<std::string, TrackedKeyspace> tracking;
    std::string function_complaint;  // of a server that does not tell its functions
    std::map<std::string, std::uint64_t> tracked_reads;  // the read that the tables come from
    std::uint64_t track_reads = 0;
    std::uint64_t schema_epoch = 0;
};

}  // namespace sluice::discovery
