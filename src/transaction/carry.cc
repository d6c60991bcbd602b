// A session that its client keeps: before its statement it takes over what tablets hold for it,
// afterwards it lets go of that again. Before: front/vtgate_call.cc. After: tablet/.
#include <algorithm>

#include "transaction/detail/open_shard.h"
#include "transaction/shard_sessions.h"

namespace sluice::transaction {
namespace {

// A tablet keeps its connections when its type changes.
discovery::TabletEntryPointer find_entry(const discovery::Cluster& cluster,
                                         const CarriedShard& carried) {
    const discovery::Keyspace* keyspace = cluster.keyspace(carried.keyspace);
    const discovery::Shard* shard = keyspace == nullptr ? nullptr : keyspace->shard(carried.shard);
    if (shard == nullptr) return nullptr;
    for (const std::vector<discovery::KnownTablet>& tablets : shard->tablets) {
        for (const discovery::KnownTablet& known : tablets) {
            if (known.entry->record.alias == carried.alias) return known.entry;
        }
    }
    return nullptr;
}

}  // namespace

Result<void> ShardSessions::resume(Carried carried) {
    VT_ASSERT(open_.empty() && !in_transaction_);
    in_transaction_ = carried.in_transaction;
    pinned_ = carried.pinned;
    how_ = std::move(carried.how);
    savepoints_ = std::move(carried.savepoints);
    discovery::Core& core = gateway_->core();
    const discovery::ClusterPointer cluster = core.cluster();
    Result<void> resumed;
    for (CarriedShard& each : carried.shards) {
        if (each.numbers == tablet::HeldNumbers()) continue;
        const discovery::TabletEntryPointer entry = find_entry(*cluster, each);
        if (entry == nullptr) {
            resumed = fail(Code::not_found, "tablet: cell:\"" + each.alias.cell +
                                                "\" uid:" + std::to_string(each.alias.uid) +
                                                " is either down or nonexistent");
            continue;
        }
        auto shard = std::make_unique<OpenShard>();
        shard->keyspace = std::move(each.keyspace);
        shard->shard = std::move(each.shard);
        shard->type = each.type;
        shard->alias = std::move(each.alias);
        shard->tablet = core.tablet(*entry);
        shard->held = shard->tablet->take_over(each.numbers, settings_);
        shard->transaction = each.numbers.transaction_id != 0;
        shard->reserved = pinned_ && each.numbers.reserved_id != 0;
        open_.push_back(std::move(shard));
    }
    return resumed;
}

Carried ShardSessions::carry() {
    Carried carried{.in_transaction = in_transaction_,
                    .pinned = pinned_,
                    .how = std::move(how_),
                    .savepoints = std::move(savepoints_),
                    .shards = {}};
    for (const auto& open : open_) {
        VT_ASSERT(!open->running);
        if (open->held == tablet::not_held) continue;
        const tablet::HeldNumbers numbers =
            open->tablet->hand_out(open->held, open->transaction, open->reserved);
        carried.shards.push_back({.keyspace = std::move(open->keyspace),
                                  .shard = std::move(open->shard),
                                  .type = open->type,
                                  .alias = std::move(open->alias),
                                  .numbers = numbers});
    }
    open_.clear();
    forget_transaction();
    pinned_ = false;
    return carried;
}

Task<Result<void>> ShardSessions::match_settings(Stop* stop) {
    std::vector<OpenShard*> shards;
    for (const auto& open : open_) {
        if (open->held != tablet::not_held) shards.push_back(open.get());
    }
    if (shards.empty()) co_return Result<void>{};
    Result<void> sent = co_await send(std::move(shards), "select 1 from dual where 1 != 1", stop);
    co_await settle();
    co_return sent;
}

}  // namespace sluice::transaction
