#pragma once
// What Discovery keeps on its owner loop.
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/wait_queue.h"
#include "discovery/discovery.h"

namespace sluice::discovery {

// What a round of the worker shall read again.
struct Wanted {
    bool cluster = false;
    bool vschema = false;
    bool schema_changed = false;   // tables were read: build the Schema again
    bool cluster_changed = false;  // a tablet's health is another
};

struct Discovery::State {
    State(std::shared_ptr<topo::Topology> with, DiscoveryOptions how, std::vector<async::Loop*> on,
          const TabletFactory& factory);

    // Tasks, all on the owner loop.
    Task<void> work();
    Task<void> follow_keyspace(std::string keyspace);
    Task<void> follow_vschema();
    Task<void> poll();
    Task<void> probe_always();
    Task<void> track_always();

    // Asks the worker for a round and waits for it; the schema's epoch.
    Task<Result<std::uint64_t>> request(Wanted what);
    void want(Wanted what);

    // One round.
    Task<Result<void>> serve(Wanted what);
    Task<Result<void>> load_cluster();
    Task<Result<void>> load_vschema(bool* changed);
    Task<void> publish_cluster();
    Task<void> publish_schema();
    void note_tablets(std::vector<topo::Tablet> tablets);
    void watch_keyspaces();

    Task<bool> probe(std::vector<TabletEntryPointer> entries);
    Task<void> probe_one(TabletEntryPointer entry, bool* changed);
    Task<void> wait_for_tablets(Stop* outer);
    std::vector<std::string> waited_without_tablet() const;

    Task<bool> track(std::vector<std::string> keyspaces);
    Task<void> track_one(std::string keyspace, bool* changed);
    Task<Result<std::uint64_t>> refresh_tables(std::string keyspace);
    std::vector<std::string> keyspace_names() const;
    const KnownTablet* any_primary(const std::string& keyspace) const;

    async::Loop* owner() const { return loops.front(); }
    Core& home() { return *cores.front(); }
    bool is_watched(const std::string& keyspace) const;

    std::shared_ptr<topo::Topology> topology;
    DiscoveryOptions options;
    std::vector<async::Loop*> loops;
    std::vector<std::unique_ptr<Core>> cores;
    std::deque<async::Scope> core_scopes;  // one per loop, used there

    async::Scope scope;
    Stop stop;
    std::set<std::string> followed;  // keyspaces with a running watch

    // The worker's rounds.
    Wanted wanted;
    std::uint64_t asked = 0, done = 0;
    Result<void> last_round;
    async::WaitQueue work_waiting, round_waiting;

    ClusterRecords records;
    std::map<std::string, KnownTablet> tablets;  // by alias
    std::string server_version;                  // of the first that answered
    std::uint32_t next_number = 0;
    std::uint64_t cluster_epoch = 0;

    vschema::SrvVSchema definition;
    topo::Revision definition_version = 0;
    vschema::Discovered discovered;
    std::map<std::string, std::uint64_t> tracked;  // the read that a keyspace's tables come from
    std::uint64_t track_reads = 0;
    std::uint64_t schema_epoch = 0;
};

}  // namespace sluice::discovery
