// Start and change of a gateway: reads, writes, watches and locks of a local topology. Before:
// topo/topology.cc. After: detail/sqlite_table.cc or detail/memory_table.cc.
#include "topo/detail/table_store.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "async/cross.h"
#include "async/wait_queue.h"
#include "topo/paths.h"

namespace sluice::topo::detail {
namespace {

Milliseconds wall_clock() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// Runs `work` where it may block. What runs on the pool is not cut off by `stop`: SQLite's own busy
// time-out bounds it.
template <class Work>
Task<std::invoke_result_t<Work&>> run(bool blocks, Stop* stop, Work work) {
    if (stop != nullptr && stop->requested()) co_return std::unexpected(stop->error());
    if (blocks) co_return co_await async::blocking(std::move(work));
    co_return work();
}

Task<Result<Revision>> current_revision(std::shared_ptr<Table> table, Stop* stop) {
    const auto now = async::Clock::now().time_since_epoch();
    const async::Clock::duration seen{table->seen_at.load(std::memory_order_acquire)};
    if (table->blocks() && now - seen < table->poll_interval() / 2) {
        co_return table->seen_revision.load(std::memory_order_acquire);
    }
    const Revision revision =
        CO_TRY(co_await run(table->blocks(), stop, [table] { return table->revision(); }));
    table->seen_revision.store(revision, std::memory_order_release);
    table->seen_at.store(now.count(), std::memory_order_release);
    co_return revision;
}

class TableWatch final : public Watch {
 public:
    TableWatch(std::shared_ptr<Table> table, std::string key, Record first)
        : table_(std::move(table)), key_(std::move(key)), first_(std::move(first)) {
        version_ = looked_at_ = first_.version;
    }

    Task<Result<Record>> next(Stop* stop) override {
        if (std::exchange(first_is_due_, false)) co_return std::move(first_);
        while (true) {
            const Revision revision = CO_TRY(co_await current_revision(table_, stop));
            if (revision > looked_at_) {
                Record record =
                    CO_TRY(co_await run(table_->blocks(), stop,
                                        [table = table_, key = key_] { return table->get(key); }));
                looked_at_ = revision;
                if (record.version > version_) {
                    version_ = record.version;
                    co_return record;
                }
            }
            CO_TRY(co_await async::pause(table_->poll_interval(), stop));
        }
    }

 private:
    std::shared_ptr<Table> table_;
    std::string key_;
    Record first_;
    bool first_is_due_ = true;
    Revision version_ = 0;
    Revision looked_at_ = 0;
};

class TableLock final : public Lock {
 public:
    TableLock(std::shared_ptr<Table> table, std::string directory, std::string key,
              Milliseconds lease)
        : table_(std::move(table)),
          directory_(std::move(directory)),
          key_(std::move(key)),
          lease_(lease) {}

    ~TableLock() override {
        if (released_) return;
        auto leave = [table = table_, key = key_] { static_cast<void>(table->remove(key, 0)); };
        if (table_->blocks()) {
            async::run_blocking(std::move(leave));
        } else {
            leave();
        }
    }

    // True once it is this lock's turn.
    Task<Result<bool>> is_first(Stop* stop) {
        co_return co_await run(
            table_->blocks(), stop,
            [table = table_, directory = directory_, key = key_, lease = lease_] {
                return table->renew(directory, key, wall_clock(), lease);
            });
    }

    Task<Result<void>> check(Stop* stop) override {
        CO_TRY(co_await is_first(stop));
        co_return Result<void>{};
    }

    Task<Result<void>> release(Stop* stop) override {
        released_ = true;
        co_return co_await run(table_->blocks(), stop,
                               [table = table_, key = key_]() -> Result<void> {
                                   Result<void> removed = table->remove(key, 0);
                                   // The lease has ended: somebody else has removed it.
                                   if (!removed && removed.error().code == no_node) return {};
                                   return removed;
                               });
    }

 private:
    std::shared_ptr<Table> table_;
    std::string directory_;
    std::string key_;
    Milliseconds lease_;
    bool released_ = false;
};

class TableStore final : public Store {
 public:
    TableStore(std::shared_ptr<Table> table, std::string root, Milliseconds lock_lease)
        : table_(std::move(table)), root_(std::move(root)), lock_lease_(lock_lease) {}

    Task<Result<Record>> get(std::string path, Stop* stop) override {
        co_return co_await run(table_->blocks(), stop,
                               [table = table_, key = key_of(path)] { return table->get(key); });
    }

    Task<Result<std::vector<std::string>>> list_dir(std::string path, Stop* stop) override {
        const std::string prefix = path.empty() ? root_ + "/" : key_of(path) + "/";
        const auto records = CO_TRY(co_await list_keys(prefix, stop));
        co_return names_below(prefix, records);
    }

    Task<Result<std::vector<ListedRecord>>> list(std::string prefix, Stop* stop) override {
        auto records = CO_TRY(co_await list_keys(key_of(prefix), stop));
        for (ListedRecord& record : records) record.path.erase(0, root_.size() + 1);
        co_return records;
    }

    Task<Result<Revision>> create(std::string path, std::string contents, Stop* stop) override {
        co_return co_await run(
            table_->blocks(), stop,
            [table = table_, key = key_of(path), contents = std::move(contents)] {
                return table->create(key, contents);
            });
    }

    Task<Result<Revision>> update(std::string path, std::string contents, Revision version,
                                  Stop* stop) override {
        co_return co_await run(table_->blocks(), stop,
                               [table = table_, key = key_of(path), contents = std::move(contents),
                                version] { return table->update(key, contents, version); });
    }

    Task<Result<void>> remove(std::string path, Revision version, Stop* stop) override {
        co_return co_await run(
            table_->blocks(), stop,
            [table = table_, key = key_of(path), version] { return table->remove(key, version); });
    }

    Task<Result<std::unique_ptr<Watch>>> watch(std::string path, Stop* stop) override {
        Record first = CO_TRY(co_await get(path, stop));
        co_return std::make_unique<TableWatch>(table_, key_of(path), std::move(first));
    }

    Task<Result<std::unique_ptr<Lock>>> lock(std::string directory, std::string contents,
                                             Stop* stop) override {
        const std::string key = key_of(directory);
        const auto below = CO_TRY(co_await list_keys(key + "/", stop));
        const std::string queue = queue_of(key);
        const bool has_contents = std::any_of(below.begin(), below.end(), [&](const auto& one) {
            return !one.path.starts_with(queue);
        });
        if (!has_contents) co_return no_such_node(key);
        auto enter = [table = table_, key, contents = std::move(contents), lease = lock_lease_] {
            return table->enter_queue(key, contents, wall_clock(), lease);
        };
        std::string place = CO_TRY(co_await run(table_->blocks(), stop, std::move(enter)));
        auto lock = std::make_unique<TableLock>(table_, key, std::move(place), lock_lease_);
        while (!CO_TRY(co_await lock->is_first(stop))) {
            CO_TRY(co_await async::pause(table_->poll_interval(), stop));
        }
        co_return lock;
    }

 private:
    std::string key_of(const std::string& path) const { return path::join(root_, path); }

    Task<Result<std::vector<ListedRecord>>> list_keys(std::string prefix, Stop* stop) {
        auto records = CO_TRY(co_await run(
            table_->blocks(), stop, [table = table_, prefix] { return table->list(prefix); }));
        if (records.empty()) co_return no_such_node(prefix);
        co_return records;
    }

    std::shared_ptr<Table> table_;
    std::string root_;
    Milliseconds lock_lease_;
};

}  // namespace

std::shared_ptr<Store> make_table_store(std::shared_ptr<Table> table, std::string root,
                                        std::chrono::milliseconds lock_lease) {
    while (root.ends_with('/')) root.pop_back();
    return std::make_shared<TableStore>(std::move(table), std::move(root), lock_lease.count());
}

}  // namespace sluice::topo::detail
