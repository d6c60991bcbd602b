// Beside requests: distributed transactions that their gate has left unfinished (vtgate-contract
// 13.4). Before: follow_health.cc hears of them. After: the status page, metrics and SHOW tell of
// them; nothing here ends one.
#include <algorithm>

#include "async/deadline.h"
#include "base/log.h"
#include "discovery/detail/remote.h"
#include "discovery/detail/state.h"

namespace sluice::discovery {

using Transactions = std::vector<tablet::DistributedTransaction>;

namespace {

std::string participants_text(const tablet::DistributedTransaction& transaction) {
    std::string text;
    for (const HealthTarget& each : transaction.participants)
        text += (text.empty() ? "" : ",") + each.keyspace + ":" + each.shard;
    return text;
}

}  // namespace

// A message of a primary: some are too old, or none is. While that lasts each message leads to one
// read, as they may be others by then.
void Discovery::State::note_unresolved(const StreamPointer& stream, bool told) {
    const TabletHealth& health = *list.find(stream->alias);
    if (!health.serving || health.target.type != TabletType::primary) return;
    Labels shard = {health.target.keyspace, health.target.shard};
    if (!told) {
        unresolved.erase(shard);
        return;
    }
    if (!unresolved_reads.insert(std::move(shard)).second) return;
    scope.spawn("unresolved transactions", read_unresolved(stream, health.target));
}

Task<void> Discovery::State::read_unresolved(StreamPointer stream, HealthTarget target) {
    async::LinkedStop until(&stream->stop);
    const async::Deadline deadline(until.get(), options.schema_timeout,
                                   make_error(Code::deadline_exceeded, "no answer in time"));
    auto read = co_await stream->source->transactions(target, {}, until.get());
    const Labels shard = {target.keyspace, target.shard};
    unresolved_reads.erase(shard);
    if (stop.requested() || !is_current(stream)) co_return;
    if (!read) {
        log::warning("unresolved transactions of " + target.keyspace + "/" + target.shard + ": " +
                     read.error().text);
        co_return;
    }
    Transactions& known = unresolved[shard];
    for (const tablet::DistributedTransaction& each : *read) {
        if (std::ranges::find(known, each.id, &tablet::DistributedTransaction::id) != known.end())
            continue;
        log::warning("distributed transaction " + each.id +
                     " is unresolved; participants: " + participants_text(each));
    }
    known = std::move(*read);
}

StreamPointer Discovery::State::primary_of(const std::string& keyspace,
                                           const std::string& shard) const {
    for (const auto& [alias, stream] : streams) {
        const TabletHealth* health = list.find(alias);
        if (health == nullptr || !health->serving || !stream->source) continue;
        if (health->target.type == TabletType::primary && health->target.keyspace == keyspace &&
            health->target.shard == shard)
            return stream;
    }
    return nullptr;
}

Task<Result<Transactions>> Discovery::State::ask_primary(std::string keyspace, std::string shard,
                                                         std::string id, Stop* until) {
    const StreamPointer from = primary_of(keyspace, shard);
    if (!from) {
        co_return fail(Code::unavailable, "target: " + keyspace + "." + shard +
                                              ".primary: no healthy tablet available for "
                                              "'keyspace:\"" +
                                              keyspace + "\" shard:\"" + shard +
                                              "\" tablet_type:PRIMARY'");
    }
    const HealthTarget target = list.find(from->alias)->target;
    co_return co_await from->source->transactions(target, std::move(id), until);
}

Task<Result<Transactions>> Discovery::State::ask_transactions(std::string keyspace,
                                                              std::string shard, std::string id) {
    std::vector<std::string> shards;
    if (!shard.empty()) {
        shards.push_back(shard);
    } else if (const auto served = records.srv_keyspaces.find(keyspace);
               served != records.srv_keyspaces.end()) {
        const topo::KeyspacePartition* partition = served->second.partition(TabletType::primary);
        if (partition != nullptr) {
            for (const auto& each : partition->shard_references) shards.push_back(each.name);
        }
    }
    Transactions all;
    std::optional<Error> failed;  // with the words of all that failed, as v21 gives them
    async::LinkedStop until(&stop);
    const async::Deadline deadline(until.get(), options.schema_timeout,
                                   make_error(Code::deadline_exceeded, "no answer in time"));
    for (const std::string& each : shards) {
        auto found = co_await ask_primary(keyspace, each, id, until.get());
        if (found) {
            std::ranges::move(*found, std::back_inserter(all));
        } else if (failed) {
            failed->text += "\n" + found.error().text;
        } else {
            failed = std::move(found).error();
        }
    }
    if (failed) co_return fail(std::move(*failed));
    co_return all;
}

Task<Result<Transactions>> Discovery::transactions(std::string keyspace, std::string shard,
                                                   std::string id) {
    co_return co_await RemoteTask<Result<Transactions>>(
        state_->owner(), &state_->scope,
        state_->ask_transactions(std::move(keyspace), std::move(shard), std::move(id)));
}

const Discovery::Unresolved& Discovery::unresolved() const {
    return state_->unresolved;
}

}  // namespace sluice::discovery
