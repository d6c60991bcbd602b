#include "topo/store.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "async/deadline.h"
#include "async/loop.h"
#include "async/scope.h"
#include "async/wait_queue.h"
#include "topo/detail/etcd_client.h"
#include "topo/detail/etcd_store.h"
#include "topo/detail/sqlite_table.h"
#include "topo/detail/table_store.h"
#include "topo/real_etcd.h"

namespace sluice::topo {
namespace {

using namespace std::chrono_literals;
using async::Loop;

// A folder that goes with the test.
struct Folder {
    Folder() {
        char name[] = "/tmp/sluice_topo_XXXXXX";
        path = mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file() const { return path + "/topo.db"; }
    std::string path;
};

async::Task<void> open_etcd(std::shared_ptr<detail::EtcdClient>* into) {
    *into = (co_await detail::EtcdClient::open(RealEtcd::get().address(), {}, nullptr)).value();
}

enum class Kind { memory, embedded, etcd };

std::string name_of(Kind kind) {
    return kind == Kind::memory ? "Memory" : kind == Kind::embedded ? "Embedded" : "Etcd";
}

class StoreContract : public testing::TestWithParam<Kind> {
 protected:
    // What one process has open.
    struct Process {
        std::shared_ptr<detail::Table> table;
        std::shared_ptr<detail::EtcdClient> client;
    };

    void SetUp() override {
        if (GetParam() == Kind::etcd && !RealEtcd::get().present()) {
            GTEST_SKIP() << "etcd is not installed (tools/setup.sh)";
        }
        process = open();
        store = store_of(process, "/vitess/global");
    }
    Process open() {
        Process opened;
        if (GetParam() == Kind::etcd) {
            run(open_etcd(&opened.client));
        } else {
            opened.table =
                detail::SqliteTable::open(GetParam() == Kind::memory
                                              ? std::string(detail::SqliteTable::in_memory)
                                              : folder.file())
                    .value();
        }
        return opened;
    }
    // Another process's view of the same records.
    Process other_process() { return GetParam() == Kind::memory ? process : open(); }
    std::shared_ptr<Store> store_of(const Process& of, std::string root,
                                    std::chrono::milliseconds lease = 30s) {
        if (of.client == nullptr) return detail::make_table_store(of.table, std::move(root), lease);
        // Each test has records of its own: the folder's name tells them apart.
        return detail::make_etcd_store(of.client, folder.path + root, lease);
    }
    void run(async::Task<void> task) {
        Loop loop;
        run_until_done(loop, std::move(task));
    }

    Folder folder;
    Process process;
    std::shared_ptr<Store> store;
};

async::Task<void> records(Store* store) {
    EXPECT_EQ((co_await store->get("a/x", nullptr)).error().code, no_node);
    const auto first = co_await store->create("a/x", std::string("\0one", 4), nullptr);
    EXPECT_TRUE(first.has_value());
    EXPECT_EQ((co_await store->create("a/x", "again", nullptr)).error().code, node_exists);
    const auto read = co_await store->get("a/x", nullptr);
    EXPECT_EQ(read.value(), (Record{std::string("\0one", 4), *first}));

    EXPECT_EQ((co_await store->update("a/x", "two", *first + 7, nullptr)).error().code,
              bad_version);
    EXPECT_EQ((co_await store->update("a/y", "two", 3, nullptr)).error().code, no_node);
    const auto second = co_await store->update("a/x", "two", *first, nullptr);
    EXPECT_GT(second.value(), *first);
    const auto third = co_await store->update("a/z", "", 0, nullptr);
    EXPECT_GT(third.value(), *second);
    EXPECT_EQ((co_await store->get("/a/z", nullptr)).value().contents, "");

    EXPECT_EQ((co_await store->remove("a/x", *first, nullptr)).error().code, bad_version);
    EXPECT_TRUE((co_await store->remove("a/x", *second, nullptr)).has_value());
    EXPECT_EQ((co_await store->remove("a/x", 0, nullptr)).error().code, no_node);
}

TEST_P(StoreContract, Records) {
    run(records(store.get()));
}

async::Task<void> listings(Store* store) {
    for (const char* path : {"k/a/Keyspace", "k/a/shards/-80/Shard", "k/a-b/Keyspace",
                             "k/b/Keyspace", "kk/c", "SrvVSchema"}) {
        EXPECT_TRUE((co_await store->create(path, path, nullptr)).has_value());
    }
    using Names = std::vector<std::string>;
    EXPECT_EQ((co_await store->list_dir("k", nullptr)).value(), (Names{"a", "a-b", "b"}));
    EXPECT_EQ((co_await store->list_dir("k/a", nullptr)).value(), (Names{"Keyspace", "shards"}));
    EXPECT_EQ((co_await store->list_dir("", nullptr)).value(), (Names{"SrvVSchema", "k", "kk"}));
    EXPECT_EQ((co_await store->list_dir("nothing", nullptr)).error().code, no_node);
    const auto listed = co_await store->list("k/a/", nullptr);
    EXPECT_EQ(listed.value().size(), 2U);
    EXPECT_EQ((*listed)[1].path, "k/a/shards/-80/Shard");
    EXPECT_EQ((*listed)[1].contents, "k/a/shards/-80/Shard");
    EXPECT_EQ((co_await store->list("zz", nullptr)).error().code, no_node);
}

TEST_P(StoreContract, Listings) {
    // Another root of the same table is not seen.
    run([](Store* store) -> async::Task<void> {
        EXPECT_TRUE((co_await store->create("k/elsewhere/Keyspace", "", nullptr)).has_value());
    }(store_of(process, "/vitess/global2/").get()));
    run(listings(store.get()));
}

async::Task<void> watch_changes(Store* store, Store* other) {
    EXPECT_EQ((co_await store->watch("w", nullptr)).error().code, no_node);
    EXPECT_TRUE((co_await other->create("w", "1", nullptr)).has_value());
    auto watch = (co_await store->watch("w", nullptr)).value();
    EXPECT_EQ((co_await watch->next(nullptr)).value().contents, "1");

    async::Stop stop;
    {
        const async::Deadline deadline(&stop, 300ms, make_error(Code::deadline_exceeded, "later"));
        EXPECT_TRUE((co_await other->create("unrelated", "", nullptr)).has_value());
        EXPECT_EQ((co_await watch->next(&stop)).error().code, Code::deadline_exceeded);
    }
    const auto began = async::Clock::now();
    EXPECT_TRUE((co_await other->update("w", "2", 0, nullptr)).has_value());
    EXPECT_EQ((co_await watch->next(nullptr)).value().contents, "2");
    EXPECT_LT(async::Clock::now() - began, 1s);
    EXPECT_TRUE((co_await other->remove("w", 0, nullptr)).has_value());
    EXPECT_EQ((co_await watch->next(nullptr)).error().code, no_node);
}

TEST_P(StoreContract, WatchesSeeOtherProcesses) {
    const auto other = store_of(other_process(), "/vitess/global");
    run(watch_changes(store.get(), other.get()));
}

async::Task<void> hold_lock(Store* store, std::string name, std::vector<std::string>* order,
                            async::WaitQueue* go_on) {
    auto lock = co_await store->lock("keyspaces/k", "{}", nullptr);
    EXPECT_TRUE(lock.has_value());
    order->push_back(name);
    if (go_on != nullptr) static_cast<void>(co_await go_on->wait(nullptr));
    EXPECT_TRUE((co_await (*lock)->check(nullptr)).has_value());
    order->push_back(name);
    EXPECT_TRUE((co_await (*lock)->release(nullptr)).has_value());
}

async::Task<void> lock_in_turn(Store* store, Store* other) {
    EXPECT_EQ((co_await store->lock("keyspaces/k", "{}", nullptr)).error().code, no_node);
    EXPECT_TRUE((co_await store->create("keyspaces/k/Keyspace", "", nullptr)).has_value());
    std::vector<std::string> order;
    async::WaitQueue go_on;
    async::Scope scope;
    scope.spawn("first", hold_lock(store, "a", &order, &go_on));
    while (order.empty()) static_cast<void>(co_await async::pause(5ms, nullptr));
    scope.spawn("second", hold_lock(other, "b", &order, nullptr));
    async::Stop stop;
    {
        const async::Deadline deadline(&stop, 50ms, make_error(Code::deadline_exceeded, "held"));
        EXPECT_EQ((co_await other->lock("keyspaces/k", "{}", &stop)).error().code,
                  Code::deadline_exceeded);
    }
    EXPECT_EQ(order, (std::vector<std::string>{"a"}));
    go_on.wake_all();
    co_await scope.join();
    EXPECT_EQ(order, (std::vector<std::string>{"a", "a", "b", "b"}));
}

TEST_P(StoreContract, LocksAreTakenInTurn) {
    const auto other = store_of(other_process(), "/vitess/global");
    run(lock_in_turn(store.get(), other.get()));
}

async::Task<void> lose_lease(Store* store, Store* other) {
    EXPECT_TRUE((co_await store->create("keyspaces/k/Keyspace", "", nullptr)).has_value());
    auto dead = (co_await store->lock("keyspaces/k", "{}", nullptr)).value();
    // Nobody renews the first holder's lease, so the second gets the lock.
    auto heir = (co_await other->lock("keyspaces/k", "{}", nullptr)).value();
    EXPECT_EQ((co_await dead->check(nullptr)).error().code, Code::failed_precondition);
    EXPECT_TRUE((co_await heir->check(nullptr)).has_value());
    EXPECT_TRUE((co_await dead->release(nullptr)).has_value());
}

// etcd's leases are kept up: etcd_test.cc.
class LeaseContract : public StoreContract {};

TEST_P(LeaseContract, LeasesEnd) {
    const auto brief = store_of(process, "/vitess/global", 400ms);
    const auto other = store_of(other_process(), "/vitess/global");
    run(lose_lease(brief.get(), other.get()));
}

async::Task<void> count_up(Store* store, int times) {
    for (int i = 0; i < times;) {
        const auto before = co_await store->get("n", nullptr);
        EXPECT_TRUE(before.has_value());
        const auto next = std::to_string(std::stoi(before->contents) + 1);
        const auto written = co_await store->update("n", next, before->version, nullptr);
        if (written) ++i;
        if (!written) EXPECT_EQ(written.error().code, bad_version) << written.error().text;
    }
}

async::Task<void> race(Store* store, Store* other) {
    EXPECT_TRUE((co_await store->create("n", "0", nullptr)).has_value());
    async::Scope scope;
    for (Store* one : {store, other, store, other}) scope.spawn("count", count_up(one, 10));
    co_await scope.join();
    EXPECT_EQ((co_await store->get("n", nullptr)).value().contents, "40");
}

TEST_P(StoreContract, VersionsDecideRaces) {
    const auto other = store_of(other_process(), "/vitess/global");
    run(race(store.get(), other.get()));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract,
                         testing::Values(Kind::memory, Kind::embedded, Kind::etcd),
                         [](const auto& info) { return name_of(info.param); });
INSTANTIATE_TEST_SUITE_P(Stores, LeaseContract, testing::Values(Kind::memory, Kind::embedded),
                         [](const auto& info) { return name_of(info.param); });

std::string open_error(const std::string& file) {
    const auto table = detail::SqliteTable::open(file);
    return table ? "opened" : table.error().text;
}

TEST(EmbeddedStore, SaysWhatIsWrongWithTheFile) {
    const Folder folder;
    EXPECT_EQ(open_error(folder.path + "/absent/t.db"),
              "the topology file '" + folder.path +
                  "/absent/t.db' cannot be opened: unable to open database file");
    const std::string text = folder.path + "/text";
    std::ofstream(text) << std::string(4096, 'x');
    EXPECT_EQ(open_error(text),
              "the topology file '" + text + "' is damaged or is not an SQLite database");

    const std::string foreign = folder.path + "/foreign";
    sqlite3* database = nullptr;
    sqlite3_open(foreign.c_str(), &database);
    sqlite3_exec(database, "create table t(a)", nullptr, nullptr, nullptr);
    sqlite3_close(database);
    EXPECT_EQ(open_error(foreign), "the file '" + foreign + "' is a database of another program");
}

// Root may write everything: for the while, it is somebody else.
struct NotRoot {
    NotRoot() : was_root(geteuid() == 0) {
        if (was_root) EXPECT_EQ(seteuid(65534), 0);
    }
    ~NotRoot() {
        if (was_root) EXPECT_EQ(seteuid(0), 0);
    }
    bool was_root;
};

TEST(EmbeddedStore, SaysWhenTheFileIsReadOnly) {
    const Folder folder;
    ASSERT_TRUE(detail::SqliteTable::open(folder.file()).has_value());
    using std::filesystem::perms;
    std::filesystem::permissions(folder.path, perms::all);
    std::filesystem::permissions(folder.file(),
                                 perms::owner_read | perms::group_read | perms::others_read);
    const NotRoot somebody;
    EXPECT_EQ(open_error(folder.file()),
              "the topology file '" + folder.file() + "' cannot be written");
}

TEST(EmbeddedStore, SaysWhenAnotherProcessHoldsTheFile) {
    const Folder folder;
    const auto table = detail::SqliteTable::open(folder.file(), 20ms).value();
    sqlite3* other = nullptr;
    sqlite3_open(folder.file().c_str(), &other);
    sqlite3_exec(other, "begin exclusive", nullptr, nullptr, nullptr);
    const auto created = table->create("/a", "");
    sqlite3_close(other);
    EXPECT_EQ(created.error().code, Code::unavailable);
    EXPECT_EQ(created.error().text,
              "the topology file '" + folder.file() + "' is locked by another process");
    EXPECT_TRUE(table->create("/a", "").has_value());
}

TEST(EmbeddedStore, NoticesThatTheFileIsGone) {
    const Folder folder;
    const auto table = detail::SqliteTable::open(folder.file()).value();
    EXPECT_EQ(table->revision().value(), 0);
    std::filesystem::remove(folder.file());
    EXPECT_EQ(table->revision().error().text,
              "the topology file '" + folder.file() + "' was removed or replaced while in use");
}

TEST(EmbeddedStore, KeepsRecordsOverARestart) {
    const Folder folder;
    Revision version = 0;
    {
        const auto table = detail::SqliteTable::open(folder.file()).value();
        version = table->create("/r/a", "kept").value();
    }
    const auto table = detail::SqliteTable::open(folder.file()).value();
    EXPECT_EQ(table->get("/r/a").value(), (Record{"kept", version}));
    EXPECT_EQ(table->update("/r/a", "new", version).value(), version + 1);
}

}  // namespace
}  // namespace sluice::topo
