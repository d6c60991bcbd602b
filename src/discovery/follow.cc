// Beside requests: reads the topology's records and follows their changes. Before: topo/. After:
// discovery.cc makes snapshots of what was read.
#include <algorithm>

#include <boost/crc.hpp>

#include "async/wait_queue.h"
#include "base/log.h"
#include "discovery/detail/state.h"

namespace sluice::discovery {
namespace {

// Between two attempts to watch a record.
constexpr std::chrono::seconds watch_again{1};

}  // namespace

std::vector<std::string> Discovery::State::keyspace_names() const {
    std::vector<std::string> names;
    for (const auto& [name, record] : records.srv_keyspaces) names.push_back(name);
    return names;
}

Task<Result<void>> Discovery::State::load_cluster() {
    ClusterRecords read;
    for (const auto& [alias, group] : CO_TRY(co_await topology->cells_aliases(&stop))) {
        if (std::ranges::find(group.cells, options.cell) == group.cells.end()) continue;
        read.alias_cells.insert(read.alias_cells.end(), group.cells.begin(), group.cells.end());
    }
    for (const std::string& name :
         CO_TRY(co_await topology->srv_keyspace_names(options.cell, &stop))) {
        if (!options.filter.watches(name)) continue;
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
    records.srv_keyspaces = std::move(read.srv_keyspaces);
    records.shards = std::move(read.shards);
    records.alias_cells = std::move(read.alias_cells);
    list.set_alias_cells(records.alias_cells);
    note_keyspaces();
    CO_TRY(co_await load_tablets());
    watch_keyspaces();
    co_return Result<void>{};
}

Task<Result<void>> Discovery::State::load_tablets() {
    std::vector<topo::Tablet> found;
    for (const std::string& cell : options.cells_to_watch) {
        auto of_cell = co_await topology->tablets(cell, &stop);
        ++counters.topology[{"ListTablets"}];
        if (!of_cell && of_cell.error().code == topo::no_node) continue;
        if (!of_cell) {
            ++counters.topology_errors[{"ListTablets"}];
            co_return fail(std::move(of_cell).error());
        }
        std::ranges::move(*of_cell, std::back_inserter(found));
    }
    tablets_read = async::Clock::now();
    note_tablets(std::move(found));
    co_return Result<void>{};
}

// What each keyspace's watch must know of the records.
void Discovery::State::note_keyspaces() {
    std::erase_if(records.watches,
                  [&](const auto& each) { return !records.srv_keyspaces.contains(each.first); });
    for (const auto& [name, record] : records.srv_keyspaces) {
        const auto [watch, added] = records.watches.try_emplace(name, name);
        note_event(watch->second.on_move_tables(
            move_tables_state(name, records.shards[name], definition)));
        note_event(watch->second.on_record(record));
        if (!added) continue;
        for (const TabletHealth& each : list.all()) {
            if (each.target.keyspace != name || each.target.type != TabletType::primary) continue;
            note_event(watch->second.on_primary(each.target.shard, each.tablet.alias, each.serving,
                                                each.primary_term_start));
        }
    }
}

// Streams of unchanged tablets go on, and with them the cores' connections.
void Discovery::State::note_tablets(std::vector<topo::Tablet> found) {
    if (stop.requested()) return;
    std::set<std::string> present;
    std::string aliases;
    for (topo::Tablet& record : found) {
        const std::string alias = vindex::to_text(record.alias);
        aliases += alias;
        const bool reachable = !options.tablets_decide || record.port_map.contains("grpc");
        if (!reachable || !options.filter.lets_in(record)) continue;
        if (!options.tablets_decide && slot(record.type) == 0) continue;
        present.insert(alias);
        const auto old = streams.find(alias);
        if (old == streams.end()) {
            ++counters.topology[{"AddTablet"}];
            begin_stream(std::move(record));
            continue;
        }
        const topo::Tablet& before = old->second->record;
        const bool moved = before.hostname != record.hostname || before.port_map != record.port_map;
        const bool matters =
            options.tablets_decide ? moved && options.refresh_known_tablets : before != record;
        if (!matters) continue;
        ++counters.topology[{"ReplaceTablet"}];
        end_stream(alias);
        begin_stream(std::move(record));
    }
    std::vector<std::string> gone;
    for (const auto& [alias, stream] : streams) {
        if (!present.contains(alias)) gone.push_back(alias);
    }
    for (const std::string& alias : gone) {
        ++counters.topology[{"RemoveTablet"}];
        end_stream(alias);
    }
    boost::crc_32_type crc;
    crc.process_bytes(aliases.data(), aliases.size());
    counters.topology_checksum = crc.checksum();
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
