// Start of a gateway: opens the stores that --topo_implementation names.
#include "topo/detail/openers.h"

#include "async/cross.h"
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

}  // namespace

std::unique_ptr<StoreOpener> make_opener(const TopologyOptions& options) {
    if (options.implementation == "embedded") {
        return std::make_unique<EmbeddedOpener>(options.lock_lease);
    }
    if (options.implementation == "memory") {
        return std::make_unique<MemoryOpener>(options.lock_lease);
    }
    return nullptr;
}

}  // namespace sluice::topo::detail
