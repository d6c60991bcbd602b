#pragma once
// The topology as the other rooms use it: typed reads, writes, watches and locks over the stores of
// all cells. May be called from every loop. Missing records are no_node, lost races bad_version
// (store.h).
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "topo/records.h"
#include "topo/store.h"

namespace sluice::topo {

struct EtcdOptions {
    // PEM files; with a certificate and its key TLS is spoken (v21 has no other switch).
    std::string tls_ca;  // empty: the system's
    std::string tls_certificate;
    std::string tls_key;
    std::chrono::milliseconds call_timeout{15'000};  // of one call; none is not possible
};

// A lock's lease of so many seconds, as far as a store can count: one second up to etcd's limit.
std::chrono::milliseconds lease_of(std::int64_t seconds);

struct TopologyOptions {
    std::string implementation;         // "embedded", "etcd2" or "memory"
    std::string global_server_address;  // embedded: the file's path; etcd2: "host:port,..."
    std::string global_root;            // "/vitess/global"
    std::chrono::milliseconds lock_lease{30'000};
    std::chrono::milliseconds lock_timeout{45'000};
    std::string program;  // who holds the locks that we take
    EtcdOptions etcd;
};

template <class T>
struct Versioned {
    T value;
    Revision version = 0;
};

// A watch whose states are decoded. A record that cannot be decoded fails the call (data_loss), not
// the watch.
template <class T>
class RecordWatch {
 public:
    explicit RecordWatch(std::unique_ptr<Watch> watch) : watch_(std::move(watch)) {}
    Task<Result<T>> next(Stop* stop) {
        const Record record = CO_TRY(co_await watch_->next(stop));
        co_return decode<T>(record.contents);
    }

 private:
    std::unique_ptr<Watch> watch_;
};

// Opens stores of one implementation, e.g. each cell's.
class StoreOpener {
 public:
    StoreOpener() = default;
    StoreOpener(const StoreOpener&) = delete;
    StoreOpener& operator=(const StoreOpener&) = delete;
    virtual ~StoreOpener() = default;
    virtual Task<Result<std::shared_ptr<Store>>> open(std::string address, std::string root,
                                                      Stop* stop) = 0;
};

class Topology {
 public:
    // Errors carry v21's words: "topo_global_server_address must be configured", "Failed to open
    // topo server (...): no such topology implementation X", ... (contract 1.0.1).
    static Task<Result<std::shared_ptr<Topology>>> open(TopologyOptions options, Stop* stop);
    Topology(TopologyOptions options, std::unique_ptr<StoreOpener> opener,
             std::shared_ptr<Store> global);

    // Returns once the store answers: a store whose members have no leader is waited for until
    // `stop`, as v21's client does, and the log says so.
    Task<Result<void>> wait_until_it_answers(Stop* stop);

    Store& global() { return *global_; }
    // The cell's store, by its CellInfo record; opened once.
    Task<Result<std::shared_ptr<Store>>> cell(std::string name, Stop* stop);

    // Cells. Names are sorted; an empty topology has none.
    Task<Result<std::vector<std::string>>> cell_names(Stop* stop);
    Task<Result<Versioned<CellLocation>>> cell_location(std::string cell, Stop* stop);
    Task<Result<std::map<std::string, CellsAlias>>> cells_aliases(Stop* stop);
    // --cells_to_watch ("zone1,zone2") and --cell as v21 checks them: the cells, or
    // contract 1.0.1's words.
    Task<Result<std::vector<std::string>>> validate_cells(std::string cell,
                                                          std::string cells_to_watch, Stop* stop);

    // Keyspaces and shards.
    Task<Result<std::vector<std::string>>> keyspace_names(Stop* stop);
    Task<Result<Versioned<Keyspace>>> keyspace(std::string keyspace, Stop* stop);
    Task<Result<std::vector<std::string>>> shard_names(std::string keyspace, Stop* stop);
    Task<Result<Versioned<Shard>>> shard(std::string keyspace, std::string shard, Stop* stop);

    // Tablets. A cell is read in one listing; a record that cannot be decoded is left out and
    // logged.
    Task<Result<std::vector<Tablet>>> tablets(std::string cell, Stop* stop);
    Task<Result<Versioned<Tablet>>> tablet(TabletAlias alias, Stop* stop);
    Task<Result<Versioned<ShardReplication>>> shard_replication(std::string cell,
                                                                std::string keyspace,
                                                                std::string shard, Stop* stop);

    // What a gateway of a cell routes by.
    Task<Result<std::vector<std::string>>> srv_keyspace_names(std::string cell, Stop* stop);
    Task<Result<Versioned<SrvKeyspace>>> srv_keyspace(std::string cell, std::string keyspace,
                                                      Stop* stop);
    Task<Result<Versioned<vschema::SrvVSchema>>> srv_vschema(std::string cell, Stop* stop);
    Task<Result<RecordWatch<SrvKeyspace>>> watch_srv_keyspace(std::string cell,
                                                              std::string keyspace, Stop* stop);
    Task<Result<RecordWatch<vschema::SrvVSchema>>> watch_srv_vschema(std::string cell, Stop* stop);

    // VSchemas.
    Task<Result<Versioned<vschema::KeyspaceDefinition>>> vschema(std::string keyspace, Stop* stop);
    using ChangeVSchema = std::move_only_function<Result<vschema::KeyspaceDefinition>(
        const vschema::KeyspaceDefinition&)>;
    // Under the keyspace's lock: reads the VSchema (an empty one if there is none), applies
    // `change`, and stores the outcome and every cell's SrvVSchema. This is ALTER VSCHEMA. Returns
    // the new SrvVSchema.
    Task<Result<vschema::SrvVSchema>> change_vschema(std::string keyspace, ChangeVSchema change,
                                                     Stop* stop);
    // Gathers VSchemas and rules of the global cell into each cell's SrvVSchema; no cells: all.
    Task<Result<vschema::SrvVSchema>> rebuild_srv_vschema(std::vector<std::string> cells,
                                                          Stop* stop);

    // Waits at most lock_timeout.
    Task<Result<std::unique_ptr<Lock>>> lock_keyspace(std::string keyspace, std::string action,
                                                      Stop* stop);

    Task<Result<std::unique_ptr<Lock>>> lock_shard(std::string keyspace, std::string shard,
                                                   std::string action, Stop* stop);
    // Of any directory of the global cell; the lock of a directory without records is no_node.
    Task<Result<std::unique_ptr<Lock>>> lock_directory(std::string directory, std::string action,
                                                       Stop* stop);
    // The cell's store is opened anew when it is next asked for: its CellInfo has changed.
    void forget_cell(const std::string& name);

    // Any record: `where` is a cell's name, or "global".
    template <class T>
    Task<Result<Versioned<T>>> read(std::string where, std::string path, Stop* stop);
    // Version 0 writes whatever was there before.
    template <class T>
    Task<Result<Revision>> write(std::string where, std::string path, T record, Revision version,
                                 Stop* stop);
    template <class T>
    Task<Result<RecordWatch<T>>> watch(std::string where, std::string path, Stop* stop);

 private:
    Task<Result<std::vector<std::string>>> names_in(std::string where, std::string directory,
                                                    Stop* stop);
    Task<Result<std::shared_ptr<Store>>> store_of(std::string where, Stop* stop);
    template <class T>
    Task<Result<std::optional<T>>> read_optional(std::string path, Stop* stop);
    Task<Result<vschema::SrvVSchema>> gather_vschemas(Stop* stop);
    std::string lock_contents(std::string_view action) const;

    TopologyOptions options_;
    std::unique_ptr<StoreOpener> opener_;
    std::shared_ptr<Store> global_;
    std::mutex mutex_;  // held only to look up or add a cell's store
    std::map<std::string, std::shared_ptr<Store>> cells_;
};

template <class T>
Task<Result<Versioned<T>>> Topology::read(std::string where, std::string path, Stop* stop) {
    const auto store = CO_TRY(co_await store_of(std::move(where), stop));
    const Record record = CO_TRY(co_await store->get(std::move(path), stop));
    co_return Versioned<T>{CO_TRY(decode<T>(record.contents)), record.version};
}

template <class T>
Task<Result<Revision>> Topology::write(std::string where, std::string path, T record,
                                       Revision version, Stop* stop) {
    const auto store = CO_TRY(co_await store_of(std::move(where), stop));
    co_return co_await store->update(std::move(path), encode(record), version, stop);
}

template <class T>
Task<Result<RecordWatch<T>>> Topology::watch(std::string where, std::string path, Stop* stop) {
    const auto store = CO_TRY(co_await store_of(std::move(where), stop));
    co_return RecordWatch<T>(CO_TRY(co_await store->watch(std::move(path), stop)));
}

}  // namespace sluice::topo
