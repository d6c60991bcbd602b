// Beside requests: reads the topology's records and follows their changes. Before: topo/. After:
// discovery.cc makes snapshots of what was read.
#include <algorithm>

#include "async/wait_queue.h"
#include "base/log.h"
#include "discovery/detail/state.h"

namespace sluice::discovery {
namespace {

// Between two attempts to watch a record.
constexpr std::chrono::seconds watch_again{1};

}  // namespace

bool Discovery::State::is_watched(const std::string& keyspace) const {
    const std::vector<std::string>& wanted_names = options.keyspaces_to_watch;
    return wanted_names.empty() || std::ranges::find(wanted_names, keyspace) != wanted_names.end();
}

std::vector<std::string> Discovery::State::keyspace_names() const {
    std::vector<std::string> names;
    for (const auto& [name, record] : records.srv_keyspaces) names.push_back(name);
    return names;
}

Task<Result<void>> Discovery::State::load_cluster() {
    ClusterRecords read;
    read.cell = options.cell;
    for (const auto& [alias, group] : CO_TRY(co_await topology->cells_aliases(&stop))) {
        if (std::ranges::find(group.cells, options.cell) == group.cells.end()) continue;
        read.alias_cells.insert(read.alias_cells.end(), group.cells.begin(), group.cells.end());
    }
    for (const std::string& name :
         CO_TRY(co_await topology->srv_keyspace_names(options.cell, &stop))) {
        if (!is_watched(name)) continue;
        auto record = co_await topology->srv_keyspace(options.cell, name, &stop);
        if (!record && record.error().code == topo::no_node) continue;
        if (!record) co_return fail(std::move(record).error());
        read.srv_keyspaces[name] = std::move(record->value);
        auto shards = co_await topology->shard_names(name, &stop);
        if (!shards && shards.error().code == topo::no_node) continue;
        if (!shards) co_return fail(std::move(shards).error());
        for (const std::string& shard : *shards) {
            auto shard_record = co_await topology->shard(name, shard, &stop);
            if (!shard_record && shard_record.error().code == topo::no_node) continue;
            if (!shard_record) co_return fail(std::move(shard_record).error());
            read.shards[name][shard] = std::move(shard_record->value);
        }
    }
    std::vector<topo::Tablet> found;
    for (const std::string& cell : options.cells_to_watch) {
        auto of_cell = co_await topology->tablets(cell, &stop);
        if (!of_cell && of_cell.error().code == topo::no_node) continue;
        if (!of_cell) co_return fail(std::move(of_cell).error());
        std::ranges::move(*of_cell, std::back_inserter(found));
    }
    note_tablets(std::move(found));
    records = std::move(read);
    watch_keyspaces();
    co_return Result<void>{};
}

// Entries of unchanged records stay, and with them the cores' connections.
void Discovery::State::note_tablets(std::vector<topo::Tablet> found) {
    std::map<std::string, KnownTablet> now;
    for (topo::Tablet& record : found) {
        if (!is_watched(record.keyspace) || slot(record.type) == 0) continue;
        const std::string alias = vindex::to_text(record.alias);
        if (const auto old = tablets.find(alias);
            old != tablets.end() && old->second.entry->record == record) {
            now[alias] = old->second;
            continue;
        }
        auto entry = std::make_shared<TabletEntry>();
        entry->number = next_number++;
        entry->alias = alias;
        entry->record = std::move(record);
        now[alias] = KnownTablet{std::move(entry), false, false};
    }
    tablets = std::move(now);
}

Task<Result<void>> Discovery::State::load_vschema(bool* changed) {
    auto record = co_await topology->srv_vschema(options.cell, &stop);
    if (!record && record.error().code != topo::no_node) co_return fail(record.error());
    const topo::Revision version = record ? record->version : 0;
    if (version == definition_version && schema_epoch != 0) co_return Result<void>{};
    definition_version = version;
    definition = record ? std::move(record->value) : vschema::SrvVSchema{};
    *changed = true;
    co_return Result<void>{};
}

void Discovery::State::watch_keyspaces() {
    if (stop.requested()) return;
    for (const std::string& name : keyspace_names()) {
        if (!followed.insert(name).second) continue;
        scope.spawn("keyspace watch", follow_keyspace(name));
    }
}

Task<void> Discovery::State::follow_keyspace(std::string keyspace) {
    while (!stop.requested()) {
        auto watch = co_await topology->watch_srv_keyspace(options.cell, keyspace, &stop);
        bool first = true;
        while (watch) {
            const auto next = co_await watch->next(&stop);
            if (!next && next.error().code != Code::data_loss) break;
            if (!first) want({.cluster = true});
            first = false;
        }
        if (!watch && watch.error().code == topo::no_node) break;
        std::ignore = co_await async::pause(watch_again, &stop);
        if (!stop.requested()) want({.cluster = true});
    }
    followed.erase(keyspace);
}

Task<void> Discovery::State::follow_vschema() {
    while (!stop.requested()) {
        auto watch = co_await topology->watch_srv_vschema(options.cell, &stop);
        while (watch) {
            const auto next = co_await watch->next(&stop);
            if (!next && next.error().code != Code::data_loss) break;
            // The worker reads it again with its version: an old state must not follow a newer one.
            if (next) want({.vschema = true});
        }
        std::ignore = co_await async::pause(watch_again, &stop);
    }
}

Task<void> Discovery::State::poll() {
    while (!stop.requested()) {
        std::ignore = co_await async::pause(options.tablet_refresh_interval, &stop);
        if (!stop.requested()) want({.cluster = true});
    }
}

}  // namespace sluice::discovery
