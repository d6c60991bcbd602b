// Start of a gateway: opens the stores that --topo_implementation names.
#include "topo/detail/openers.h"

#include "async/cross.h"
#include "topo/detail/etcd_client.h"
#include "topo/detail/etcd_store.h"
#include "topo/detail/sqlite_table.h"
#include "topo/detail/table_store.h"

namespace sluice::topo::detail {
namespace {

// All roots are folders of one table.
class MemoryOpener final : public StoreOpener {
 public:
    explicit MemoryOpener(std::chrono::milliseconds lease) : lease_(lease) {}
    Task<Result<std::shared_ptr<Store>>> open(std::string, std::string root, Stop*) override {
        co_return make_table_store(CO_TRY(table()), std::move(root), lease_);
    }

 private:
    Result<std::shared_ptr<Table>> table() {
        const std::lock_guard guard(mutex_);
        if (!table_) table_ = TRY(SqliteTable::open(SqliteTable::in_memory));
        return table_;
    }

    std::chrono::milliseconds lease_;
    std::mutex mutex_;  // stores may be opened from any loop
    std::shared_ptr<Table> table_;
};

// One connection to each file, whatever roots are used of it.
class EmbeddedOpener final : public StoreOpener {
 public:
    explicit EmbeddedOpener(std::chrono::milliseconds lease) : lease_(lease) {}
    Task<Result<std::shared_ptr<Store>>> open(std::string file, std::string root, Stop*) override {
        auto table = CO_TRY(co_await async::blocking([this, file] { return table_of(file); }));
        co_return make_table_store(std::move(table), std::move(root), lease_);
    }

 private:
    Result<std::shared_ptr<Table>> table_of(const std::string& file) {
        const std::lock_guard guard(mutex_);
        if (const auto found = tables_.find(file); found != tables_.end()) return found->second;
        auto table = TRY(SqliteTable::open(file));
        tables_[file] = table;
        return table;
    }

    std::chrono::milliseconds lease_;
    std::mutex mutex_;  // taken on the blocking pool only
    std::map<std::string, std::shared_ptr<Table>> tables_;
};

// One client for each cluster, whatever roots are used of it: the global topology's and those of
// all cells may be one.
class EtcdOpener final : public StoreOpener {
 public:
    EtcdOpener(EtcdOptions options, std::chrono::milliseconds lease)
        : options_(std::move(options)), lease_(lease) {}
    Task<Result<std::shared_ptr<Store>>> open(std::string addresses, std::string root,
                                              Stop* stop) override {
        auto client = known(addresses);
        if (client == nullptr) {
            client = CO_TRY(co_await EtcdClient::open(addresses, options_, stop));
            client = add(addresses, std::move(client));
        }
        co_return make_etcd_store(std::move(client), std::move(root), lease_);
    }

 private:
    std::shared_ptr<EtcdClient> known(const std::string& addresses) {
        const std::lock_guard guard(mutex_);
        const auto found = clients_.find(addresses);
        return found == clients_.end() ? nullptr : found->second;
    }
    // The one that is there already, if another loop was faster.
    std::shared_ptr<EtcdClient> add(const std::string& addresses,
                                    std::shared_ptr<EtcdClient> client) {
        const std::lock_guard guard(mutex_);
        return clients_.try_emplace(addresses, std::move(client)).first->second;
    }

    EtcdOptions options_;
    std::chrono::milliseconds lease_;
    std::mutex mutex_;  // stores may be opened from any loop
    std::map<std::string, std::shared_ptr<EtcdClient>> clients_;
};

// v21's other stores: their flags are taken, so that a command line need not be changed to be
// understood, but there is nothing behind them.
class RefusingOpener final : public StoreOpener {
 public:
    explicit RefusingOpener(std::string implementation)
        : implementation_(std::move(implementation)) {}
    Task<Result<std::shared_ptr<Store>>> open(std::string, std::string, Stop*) override {
        co_return fail(Code::unimplemented, "the topology implementation " + implementation_ +
                                                " is not supported; use etcd2 or embedded");
    }

 private:
    std::string implementation_;
};

}  // namespace

std::unique_ptr<StoreOpener> make_opener(const TopologyOptions& options) {
    if (options.implementation == "embedded") {
        return std::make_unique<EmbeddedOpener>(options.lock_lease);
    }
    if (options.implementation == "memory") {
        return std::make_unique<MemoryOpener>(options.lock_lease);
    }
    if (options.implementation == "etcd2") {
        return std::make_unique<EtcdOpener>(options.etcd, options.lock_lease);
    }
    if (options.implementation == "consul" || options.implementation == "zk2") {
        return std::make_unique<RefusingOpener>(options.implementation);
    }
    return nullptr;
}

}  // namespace sluice::topo::detail
