// Change of a gateway: whoever changes a keyspace's records holds its lock. Before:
// detail/etcd_store.cc. After: detail/etcd_client.cc.
#include "topo/detail/etcd_lock.h"

#include <algorithm>

#include "async/wait_queue.h"
#include "topo/detail/etcd_watch.h"
#include "topo/detail/rules.h"

namespace sluice::topo::detail {

using namespace std::chrono_literals;
using namespace etcdserverpb;

namespace {

// For the end of a lease that nobody waits for; if etcd is away, the lease ends by itself.
constexpr auto farewell = 1s;

// A place in the queue. On the home loop only; the coroutine that renews the lease shares it.
struct Place {
    std::string key;
    std::int64_t lease = 0;
    std::chrono::milliseconds ttl{0};
    Revision revision = 0;  // that created the key
    bool lost = false;
    Stop given_up;            // ends the renewal
    Stop* waiting = nullptr;  // of the coroutine that waits for its turn
};

Task<void> renew(EtcdClient* client, std::shared_ptr<Place> place) {
    while (co_await async::pause(place->ttl / 3, &place->given_up)) {
        const auto left = co_await client->keep_lease(place->lease, &place->given_up);
        if (!left || *left > 0) continue;  // a failure may pass before the lease has ended
        place->lost = true;
        if (place->waiting != nullptr) place->waiting->request(lease_ended(place->key).error());
        break;
    }
}

Task<void> end_lease(EtcdClient* client, std::int64_t lease) {
    Stop stop;
    const async::Deadline deadline(&stop, farewell, rpc::deadline_error());
    std::ignore = co_await client->revoke_lease(lease, &stop);
}

void give_up(EtcdClient* client, Place* place) {
    place->given_up.request(rpc::canceled_error());
    client->scope()->spawn("etcd lease end", end_lease(client, place->lease));
}

Task<Result<void>> expect_contents(EtcdClient* client, std::string directory, Stop* stop) {
    RangeRequest request;
    request.set_key(directory + "/");
    request.set_range_end(end_of_prefix(directory + "/"));
    request.set_keys_only(true);
    const RangeResponse below = CO_TRY(co_await client->range(std::move(request), stop));
    const std::string queue = queue_of(directory);
    const bool has_contents =
        std::any_of(below.kvs().begin(), below.kvs().end(),
                    [&](const mvccpb::KeyValue& one) { return !one.key().starts_with(queue); });
    if (!has_contents) co_return no_such_node(directory);
    co_return Result<void>{};
}

Task<Result<void>> enter_queue(EtcdClient* client, Place* place, std::string contents, Stop* stop) {
    TxnRequest request;
    Compare* compare = request.add_compare();
    compare->set_key(place->key);
    compare->set_target(Compare::VERSION);
    compare->set_version(0);
    PutRequest* put = request.add_success()->mutable_request_put();
    put->set_key(place->key);
    put->set_value(std::move(contents));
    put->set_lease(place->lease);
    const TxnResponse answer = CO_TRY(co_await client->txn(std::move(request), stop));
    if (!answer.succeeded()) co_return node_is_there(place->key);
    place->revision = answer.header().revision();
    co_return Result<void>{};
}

// Waits until nobody is before us: each waiter watches only the one that came just before it.
Task<Result<void>> wait_for_turn(EtcdClient* client, Place* place, std::string queue, Stop* stop) {
    while (true) {
        RangeRequest request;
        request.set_key(queue);
        request.set_range_end(end_of_prefix(queue));
        request.set_max_create_revision(place->revision - 1);
        request.set_sort_target(RangeRequest::CREATE);
        request.set_sort_order(RangeRequest::DESCEND);
        request.set_limit(1);
        request.set_keys_only(true);
        const RangeResponse before = CO_TRY(co_await client->range(std::move(request), stop));
        if (before.kvs_size() == 0) co_return Result<void>{};
        Followed followed;
        followed.key = before.kvs(0).key();
        followed.version = before.kvs(0).mod_revision();
        followed.revision = before.header().revision();
        while (true) {
            const auto next = co_await follow(client, &followed, stop);
            if (next) continue;
            if (next.error().code != no_node) co_return std::unexpected(next.error());
            break;
        }
    }
}

// The lease lives, and the key is still the one that we made.
Task<Result<bool>> verify(EtcdClient* client, Place* place, Stop* stop) {
    if (place->lost) co_return lease_ended(place->key);
    const std::int64_t left = CO_TRY(co_await client->keep_lease(place->lease, stop));
    if (left <= 0) co_return lease_ended(place->key);
    RangeRequest request;
    request.set_key(place->key);
    request.set_keys_only(true);
    const RangeResponse found = CO_TRY(co_await client->range(std::move(request), stop));
    if (found.kvs_size() == 0 || found.kvs(0).create_revision() != place->revision) {
        co_return lease_ended(place->key);
    }
    co_return true;
}

Task<Result<bool>> queue_up(EtcdClient* client, Place* place, std::string queue,
                            std::string contents, Stop* stop) {
    async::LinkedStop both(stop);
    place->waiting = both.get();
    CO_TRY(co_await enter_queue(client, place, std::move(contents), both.get()));
    CO_TRY(co_await wait_for_turn(client, place, std::move(queue), both.get()));
    co_return co_await verify(client, place, both.get());
}

Task<Result<std::shared_ptr<Place>>> take(EtcdClient* client, std::string directory,
                                          std::string contents, std::chrono::milliseconds lease,
                                          Stop* stop) {
    CO_TRY(co_await expect_contents(client, directory, stop));
    auto place = std::make_shared<Place>();
    // etcd counts leases in seconds.
    const auto ttl = std::max(std::chrono::ceil<std::chrono::seconds>(lease), 1s);
    place->ttl = ttl;
    place->lease = CO_TRY(co_await client->grant_lease(ttl, stop));
    const std::string queue = queue_of(directory);
    place->key = queue + std::to_string(place->lease);
    client->scope()->spawn("etcd lease", renew(client, place));
    const auto queued = co_await queue_up(client, place.get(), queue, std::move(contents), stop);
    place->waiting = nullptr;
    if (!queued) {
        give_up(client, place.get());
        co_return std::unexpected(queued.error());
    }
    co_return place;
}

Task<Result<bool>> hand_back(EtcdClient* client, Place* place, Stop* stop) {
    place->given_up.request(rpc::canceled_error());
    CO_TRY(co_await client->revoke_lease(place->lease, stop));
    co_return true;
}

class EtcdLock final : public Lock {
 public:
    EtcdLock(std::shared_ptr<EtcdClient> client, std::shared_ptr<Place> place)
        : client_(std::move(client)), place_(std::move(place)) {}
    ~EtcdLock() override {
        client_->post([client = client_.get(), place = std::move(place_), released = released_] {
            if (!released) give_up(client, place.get());
        });
    }

    Task<Result<void>> check(Stop* stop) override {
        CO_TRY(co_await client_->visit<Result<bool>>(
            [client = client_.get(), place = place_.get()](Stop* inner) {
                return verify(client, place, inner);
            },
            stop));
        co_return Result<void>{};
    }

    Task<Result<void>> release(Stop* stop) override {
        released_ = true;
        CO_TRY(co_await client_->visit<Result<bool>>(
            [client = client_.get(), place = place_.get()](Stop* inner) {
                return hand_back(client, place, inner);
            },
            stop));
        co_return Result<void>{};
    }

 private:
    std::shared_ptr<EtcdClient> client_;
    std::shared_ptr<Place> place_;
    bool released_ = false;
};

}  // namespace

std::string end_of_prefix(std::string prefix) {
    while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
    if (prefix.empty()) return std::string(1, '\0');  // all keys from the prefix on
    prefix.back() = static_cast<char>(prefix.back() + 1);
    return prefix;
}

Task<Result<std::unique_ptr<Lock>>> take_etcd_lock(std::shared_ptr<EtcdClient> client,
                                                   std::string directory, std::string contents,
                                                   std::chrono::milliseconds lease, Stop* stop) {
    auto place = CO_TRY(co_await client->visit<Result<std::shared_ptr<Place>>>(
        [to = client.get(), &directory, &contents, lease](Stop* inner) {
            return take(to, std::move(directory), std::move(contents), lease, inner);
        },
        stop));
    co_return std::make_unique<EtcdLock>(std::move(client), std::move(place));
}

}  // namespace sluice::topo::detail
