// A core's snapshots and Tablet objects. Step 8 of a request takes both from here. Before:
// gateway/gateway.cc. After: tablet/.
#include "discovery/core.h"

#include <chrono>
#include <tuple>
#include <utility>

namespace sluice::discovery {
namespace {

// A tablet that could not be reached is avoided this long, if there is another.
constexpr std::chrono::seconds avoid_after_failure{1};
// A Tablet whose record is gone is looked at this often, until nobody uses it.
constexpr std::chrono::milliseconds retired_look{50};

}  // namespace

TabletPointer Core::tablet(const TabletEntry& entry) {
    if (entry.number >= tablets_.size()) tablets_.resize(entry.number + 1);
    Own& own = tablets_[entry.number];
    if (!own.tablet) own.tablet = factory_(entry.record);
    return own.tablet;
}

void Core::mark(const TabletEntry& entry, bool reached) {
    if (entry.number >= tablets_.size()) return;
    Own& own = tablets_[entry.number];
    own.failed = !reached;
    if (reached) return;
    own.failed_at = async::Clock::now();
    if (tell_unreached_) tell_unreached_(entry.alias);
}

bool Core::usable(const KnownTablet& known) const {
    const std::uint32_t number = known.entry->number;
    if (number < tablets_.size() && tablets_[number].failed &&
        async::Clock::now() - tablets_[number].failed_at < avoid_after_failure) {
        return false;
    }
    return known.healthy;
}

Task<Result<void>> Core::wait_for_cluster(std::uint64_t epoch, Stop* stop) {
    while (cluster_->epoch <= epoch) CO_TRY(co_await cluster_waiters_.wait(stop));
    co_return Result<void>{};
}

Task<Result<void>> Core::wait_for_schema(std::uint64_t epoch, Stop* stop) {
    while (schema_->epoch() < epoch) CO_TRY(co_await schema_waiters_.wait(stop));
    co_return Result<void>{};
}

void Core::install(ClusterPointer cluster) {
    if (cluster->epoch < cluster_->epoch) return;  // overtaken by a newer one
    std::vector<bool> known(tablets_.size(), false);
    for (const auto& [name, keyspace] : cluster->keyspaces) {
        for (const auto& shard : keyspace->shards) {
            for (const auto& tablets : shard->tablets) {
                for (const KnownTablet& tablet : tablets) {
                    if (tablet.entry->number < known.size()) known[tablet.entry->number] = true;
                }
            }
        }
    }
    for (std::size_t i = 0; i < tablets_.size(); ++i) {
        if (!known[i]) retire(std::exchange(tablets_[i], Own{}));
    }
    cluster_ = std::move(cluster);
    cluster_waiters_.wake_all();
}

void Core::install(SchemaPointer schema) {
    schema_ = std::move(schema);
    schema_waiters_.wake_all();
}

Task<void> Core::close_unused(TabletPointer tablet) {
    while (tablet.use_count() > 1) std::ignore = co_await async::pause(retired_look, nullptr);
    co_await tablet->close();
}

void Core::retire(Own own) {
    if (own.tablet) retired_.spawn("retired tablet", close_unused(std::move(own.tablet)));
}

Task<void> Core::close() {
    for (Own& own : std::exchange(tablets_, {})) retire(std::move(own));
    co_await retired_.join();
}

}  // namespace sluice::discovery
