// What only etcd can do to a store: go away, come back, freeze, forget revisions, end leases. The
// rules of every store are in store_test.cc.
#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/loop.h"
#include "async/scope.h"
#include "async/wait_queue.h"
#include "topo/detail/etcd_client.h"
#include "topo/detail/etcd_store.h"
#include "topo/paths.h"
#include "topo/real_etcd.h"
#include "topo/topology.h"

namespace sluice::topo {
namespace {

using namespace std::chrono_literals;
using detail::EtcdClient;
using Etcd = std::shared_ptr<EtcdClient>;

void run(async::Task<void> task) {
    async::Loop loop;
    run_until_done(loop, std::move(task));
}

struct EtcdStore : testing::Test {
    void SetUp() override {
        if (!RealEtcd::get().present()) GTEST_SKIP() << "etcd is not installed (tools/setup.sh)";
    }
};

// A client that gives up soon, and its store under a root of its own.
async::Task<std::shared_ptr<Store>> open_store(std::string root, Etcd* client) {
    *client =
        (co_await EtcdClient::open(RealEtcd::get().address(), {.call_timeout = 500ms}, nullptr))
            .value();
    co_return detail::make_etcd_store(*client, root, 2s);
}

// Writes until it works, and says how long that took.
async::Task<void> write_again(Store* store, std::string path, std::string contents) {
    while (!(co_await store->update(path, contents, 0, nullptr))) {
        std::ignore = co_await async::pause(20ms, nullptr);
    }
}

async::Task<void> expect_next(Watch* watch, std::string contents) {
    async::Stop stop;
    const async::Deadline deadline(&stop, 5s, make_error(Code::deadline_exceeded, "no news"));
    const auto next = co_await watch->next(&stop);
    EXPECT_EQ(next ? next->contents : next.error().text, contents);
}

async::Task<void> restart() {
    Etcd client;
    const auto store = co_await open_store("/restart", &client);
    EXPECT_TRUE((co_await store->create("w", "1", nullptr)).has_value());
    const auto watch = (co_await store->watch("w", nullptr)).value();
    co_await expect_next(watch.get(), "1");
    EXPECT_TRUE((co_await store->update("w", "2", 0, nullptr)).has_value());
    co_await expect_next(watch.get(), "2");

    RealEtcd::get().kill();
    async::Stop stop;
    {
        const async::Deadline deadline(&stop, 700ms, make_error(Code::aborted, "away"));
        EXPECT_EQ((co_await watch->next(&stop)).error().code, Code::aborted);
    }
    EXPECT_EQ((co_await store->get("w", nullptr)).error().code, Code::unavailable);
    RealEtcd::get().start();
    const auto back = async::Clock::now();
    co_await write_again(store.get(), "w", "3");
    co_await expect_next(watch.get(), "3");
    EXPECT_LT(async::Clock::now() - back, 1s);
}

TEST_F(EtcdStore, WatchesOutliveARestart) {
    run(restart());
}

async::Task<void> freeze() {
    Etcd client;
    const auto store = co_await open_store("/freeze", &client);
    EXPECT_TRUE((co_await store->create("w", "1", nullptr)).has_value());
    const auto watch = (co_await store->watch("w", nullptr)).value();
    co_await expect_next(watch.get(), "1");
    RealEtcd::get().freeze();
    const auto began = async::Clock::now();
    EXPECT_EQ((co_await store->get("w", nullptr)).error().code, Code::deadline_exceeded);
    EXPECT_LT(async::Clock::now() - began, 1s);
    RealEtcd::get().thaw();
    const auto back = async::Clock::now();
    co_await write_again(store.get(), "w", "2");
    co_await expect_next(watch.get(), "2");
    EXPECT_LT(async::Clock::now() - back, 1s);
}

TEST_F(EtcdStore, WatchesOutliveAFrozenServer) {
    run(freeze());
}

async::Task<Result<bool>> compact(EtcdClient* client, Revision revision, async::Stop* stop) {
    etcdserverpb::CompactionRequest request;
    request.set_revision(revision);
    request.set_physical(true);
    CO_TRY(co_await client->call<etcdserverpb::CompactionResponse>(
        "/etcdserverpb.KV/Compact", std::move(request), EtcdClient::Repeat::no, stop));
    co_return true;
}

// The stream of a watch begins with its second next(): what it would ask for is forgotten by then.
async::Task<void> forget() {
    Etcd client;
    const auto store = co_await open_store("/compact", &client);
    EXPECT_TRUE((co_await store->create("w", "1", nullptr)).has_value());
    EXPECT_TRUE((co_await store->create("gone", "1", nullptr)).has_value());
    const auto watch = (co_await store->watch("w", nullptr)).value();
    const auto of_gone = (co_await store->watch("gone", nullptr)).value();
    co_await expect_next(watch.get(), "1");
    co_await expect_next(of_gone.get(), "1");
    EXPECT_TRUE((co_await store->remove("gone", 0, nullptr)).has_value());
    EXPECT_TRUE((co_await store->update("w", "2", 0, nullptr)).has_value());
    const Revision last = (co_await store->update("w", "3", 0, nullptr)).value();
    const auto compacted = co_await client->visit<Result<bool>>(
        [to = client.get(), last](async::Stop* stop) { return compact(to, last, stop); }, nullptr);
    EXPECT_TRUE(compacted.has_value());
    co_await expect_next(watch.get(), "3");
    co_await expect_next(of_gone.get(), "node doesn't exist: /compact/gone");
    EXPECT_TRUE((co_await store->update("w", "4", 0, nullptr)).has_value());
    co_await expect_next(watch.get(), "4");
}

TEST_F(EtcdStore, WatchesOutliveForgottenRevisions) {
    run(forget());
}

async::Task<Result<bool>> revoke(EtcdClient* client, std::int64_t lease, async::Stop* stop) {
    CO_TRY(co_await client->revoke_lease(lease, stop));
    co_return true;
}

async::Task<void> lose_lease() {
    Etcd client;
    const auto store = co_await open_store("/lease", &client);
    EXPECT_TRUE((co_await store->create("k/Keyspace", "", nullptr)).has_value());
    const auto dead = (co_await store->lock("k", "{}", nullptr)).value();
    // Longer than the lease of two seconds: it is kept up.
    std::ignore = co_await async::pause(2600ms, nullptr);
    EXPECT_TRUE((co_await dead->check(nullptr)).has_value());
    const auto held = (co_await store->list("k/locks/", nullptr)).value();
    EXPECT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].contents, "{}");
    const std::int64_t lease = std::stoll(held[0].path.substr(std::string("k/locks/").size()));
    std::ignore = co_await client->visit<Result<bool>>(
        [to = client.get(), lease](async::Stop* stop) { return revoke(to, lease, stop); }, nullptr);

    const auto heir = (co_await store->lock("k", "{}", nullptr)).value();
    EXPECT_EQ((co_await dead->check(nullptr)).error().code, Code::failed_precondition);
    EXPECT_TRUE((co_await heir->check(nullptr)).has_value());
    EXPECT_TRUE((co_await dead->release(nullptr)).has_value());
}

TEST_F(EtcdStore, AHolderWithoutItsLeaseHasLostTheLock) {
    run(lose_lease());
}

// A holder that died: its key has a lease that nobody keeps up.
async::Task<Result<bool>> leave_a_dead_lock(EtcdClient* client, std::string key,
                                            async::Stop* stop) {
    const std::int64_t lease = CO_TRY(co_await client->grant_lease(1s, stop));
    etcdserverpb::TxnRequest request;
    auto* put = request.add_success()->mutable_request_put();
    put->set_key(key);
    put->set_lease(lease);
    CO_TRY(co_await client->txn(std::move(request), stop));
    co_return true;
}

async::Task<void> inherit() {
    Etcd client;
    const auto store = co_await open_store("/inherit", &client);
    EXPECT_TRUE((co_await store->create("k/Keyspace", "", nullptr)).has_value());
    EXPECT_TRUE((co_await client->visit<Result<bool>>(
                     [to = client.get()](async::Stop* stop) {
                         return leave_a_dead_lock(to, "/inherit/k/locks/1", stop);
                     },
                     nullptr))
                    .has_value());
    async::Stop stop;
    const async::Deadline deadline(&stop, 8s, make_error(Code::deadline_exceeded, "held"));
    const auto began = async::Clock::now();
    const auto lock = co_await store->lock("k", "{}", &stop);
    EXPECT_TRUE(lock.has_value());
    EXPECT_GT(async::Clock::now() - began, 300ms);
}

TEST_F(EtcdStore, TheLockOfADeadHolderIsInherited) {
    run(inherit());
}

// The destructor of a lock releases it, and so does that of a client whose lock has just gone.
async::Task<void> drop() {
    Etcd client, other;
    const auto store = co_await open_store("/drop", &client);
    EXPECT_TRUE((co_await store->create("k/Keyspace", "", nullptr)).has_value());
    {
        Etcd brief;
        const auto of_brief = co_await open_store("/drop", &brief);
        const auto lock = (co_await of_brief->lock("k", "{}", nullptr)).value();
    }
    EXPECT_EQ((co_await store->list("k/locks/", nullptr)).error().code, no_node);
}

TEST_F(EtcdStore, ADroppedLockIsFree) {
    run(drop());
}

async::Task<std::string> open_error(TopologyOptions options) {
    const auto opened = co_await Topology::open(std::move(options), nullptr);
    co_return opened ? "opened" : opened.error().text;
}

async::Task<void> open_errors() {
    TopologyOptions options;
    options.global_root = "/r";
    options.implementation = "etcd2";
    options.global_server_address = "nohost";
    EXPECT_EQ(co_await open_error(options),
              "Failed to open topo server (etcd2,nohost,/r): 'nohost' is no address of etcd; it "
              "looks like host:2379");
    options.global_server_address = "127.0.0.1:1";  // nobody listens
    const auto began = async::Clock::now();
    EXPECT_EQ(co_await open_error(options),
              "Failed to open topo server (etcd2,127.0.0.1:1,/r): context deadline exceeded");
    EXPECT_GT(async::Clock::now() - began, 4s);
    EXPECT_LT(async::Clock::now() - began, 6s);
    for (const std::string name : {"consul", "zk2"}) {
        options.implementation = name;
        EXPECT_EQ(co_await open_error(options), "Failed to open topo server (" + name +
                                                    ",127.0.0.1:1,/r): the topology "
                                                    "implementation " +
                                                    name +
                                                    " is not supported; use etcd2 or embedded");
    }
}

TEST(EtcdTopology, RefusesToOpenWithV21sWords) {
    run(open_errors());
}

TEST(EtcdTopology, Endpoints) {
    const auto all = detail::etcd_endpoints("a:1,http://b:2,https://c:3/,[::1]:4").value();
    std::string text;
    for (const async::Address& one : all) text += one.host + " " + std::to_string(one.port) + ";";
    EXPECT_EQ(text, "a 1;b 2;c 3;::1 4;");
    for (const std::string bad : {"", "a", "a:", ":1", "a:1,", "a:x", "a:1x", "a:99999"}) {
        EXPECT_FALSE(detail::etcd_endpoints(bad).has_value()) << bad;
    }
}

// A CA, a server's certificate for 127.0.0.1 and a client's.
struct Certificates {
    Certificates() {
        char name[] = "/tmp/sluice-etcd-tls-XXXXXX";
        folder = ::mkdtemp(name);
        const std::string script = "cd " + folder + R"( && exec >/dev/null 2>&1
            key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
            openssl req -x509 $key -days 2 -subj '/CN=test CA' -keyout ca.key -out ca.pem &&
            echo 'subjectAltName=IP:127.0.0.1' >names &&
            for name in server client; do
                openssl req -new $key -subj "/CN=$name" -keyout $name.key -out $name.csr &&
                openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out $name.pem ||
                exit 1
            done)";
        EXPECT_EQ(std::system(script.c_str()), 0);
    }
    ~Certificates() { std::filesystem::remove_all(folder); }
    std::string folder;
};

async::Task<void> over_tls(std::string address, std::string folder) {
    const EtcdOptions shown{.tls_ca = folder + "/ca.pem",
                            .tls_certificate = folder + "/client.pem",
                            .tls_key = folder + "/client.key"};
    const auto client = (co_await EtcdClient::open("https://" + address, shown, nullptr)).value();
    const auto store = detail::make_etcd_store(client, "/tls", 30s);
    EXPECT_TRUE((co_await store->create("a", "1", nullptr)).has_value());
    EXPECT_EQ((co_await store->get("a", nullptr)).value().contents, "1");

    // In clear nobody answers.
    async::Stop stop;
    const async::Deadline deadline(&stop, 500ms, make_error(Code::aborted, "no answer"));
    EXPECT_EQ((co_await EtcdClient::open(address, {}, &stop)).error().code, Code::aborted);
    const EtcdOptions absent{
        .tls_ca = {}, .tls_certificate = "/absent.pem", .tls_key = "/absent.key"};
    EXPECT_TRUE(
        (co_await EtcdClient::open(address, absent, nullptr)).error().text.contains("/absent.pem"));
}

TEST_F(EtcdStore, SpeaksTlsWithACertificate) {
    const Certificates made;
    RealEtcd etcd(
        {"--cert-file=" + made.folder + "/server.pem", "--key-file=" + made.folder + "/server.key",
         "--trusted-ca-file=" + made.folder + "/ca.pem", "--client-cert-auth"},
        "https");
    ASSERT_TRUE(etcd.present());
    run(over_tls(etcd.address(), made.folder));
}

// Cells are opened by their records; members that do not answer are passed by.
async::Task<void> cells() {
    TopologyOptions options;
    options.implementation = "etcd2";
    options.global_server_address = "127.0.0.1:1," + RealEtcd::get().address();
    options.global_root = "/topology/global";
    const auto topology = (co_await Topology::open(options, nullptr)).value();
    const CellLocation location{RealEtcd::get().address(), "/topology/zone1"};
    EXPECT_TRUE(
        (co_await topology->write("global", path::cell_location("zone1"), location, 0, nullptr))
            .has_value());
    EXPECT_TRUE((co_await topology->write("global", path::keyspace("ks"), Keyspace{}, 0, nullptr))
                    .has_value());
    EXPECT_TRUE((co_await topology->rebuild_srv_vschema({}, nullptr)).has_value());
    auto watch = (co_await topology->watch_srv_vschema("zone1", nullptr)).value();
    EXPECT_FALSE((co_await watch.next(nullptr)).value().keyspaces.at("ks").sharded);
    const auto changed = co_await topology->change_vschema(
        "ks",
        [](const vschema::KeyspaceDefinition& before) -> Result<vschema::KeyspaceDefinition> {
            auto after = before;
            after.sharded = true;
            return after;
        },
        nullptr);
    EXPECT_TRUE(changed.has_value());
    EXPECT_TRUE((co_await watch.next(nullptr)).value().keyspaces.at("ks").sharded);
}

TEST_F(EtcdStore, ServesATopology) {
    run(cells());
}

}  // namespace
}  // namespace sluice::topo
