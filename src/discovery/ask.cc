// Beside requests: asks tablets whether they answer, and one shard of each keyspace for its tables.
// Before: follow.cc knows the tablets. After: discovery.cc makes snapshots of the answers.
#include <algorithm>

#include "async/deadline.h"
#include "base/log.h"
#include "discovery/detail/state.h"
#include "discovery/detail/table_reader.h"

namespace sluice::discovery {
namespace {

// Contract 2.2: tablets that are waited for are asked again after this.
constexpr std::chrono::milliseconds wait_step{100};

bool same_tables(const std::vector<vschema::DiscoveredTable>& left,
                 const std::vector<vschema::DiscoveredTable>& right) {
    return std::ranges::equal(left, right, [](const auto& a, const auto& b) {
        return a.name == b.name && a.primary_key == b.primary_key && a.columns == b.columns;
    });
}

}  // namespace

Task<void> Discovery::State::probe_one(TabletEntryPointer entry, bool* changed) {
    async::LinkedStop until(&stop);
    const async::Deadline deadline(until.get(), options.probe_timeout,
                                   make_error(Code::deadline_exceeded, "no answer in time"));
    const TabletPointer tablet = home().tablet(*entry);
    const auto answer = co_await query_rows(tablet.get(), "select @@version", until.get());
    const auto known = tablets.find(entry->alias);
    if (known == tablets.end() || known->second.entry != entry || stop.requested()) co_return;
    if (answer && server_version.empty() && !answer->empty() && !answer->front().empty())
        server_version = answer->front().front().value_or("");
    if (known->second.healthy == answer.has_value()) co_return;
    known->second.healthy = answer.has_value();
    *changed = true;
    if (answer) log::info("tablet " + entry->alias + " answers");
    if (!answer) log::warning("tablet " + entry->alias + ": " + answer.error().text);
}

Task<bool> Discovery::State::probe(std::vector<TabletEntryPointer> entries) {
    bool changed = false;
    async::Scope probes;
    for (TabletEntryPointer& entry : entries) {
        probes.spawn("probe", probe_one(std::move(entry), &changed));
    }
    co_await probes.join();
    co_return changed;
}

Task<void> Discovery::State::probe_always() {
    while (!stop.requested()) {
        std::ignore = co_await async::pause(options.probe_interval, &stop);
        if (stop.requested()) co_return;
        std::vector<TabletEntryPointer> entries;
        for (const auto& [alias, known] : tablets) entries.push_back(known.entry);
        const bool changed = co_await probe(std::move(entries));
        if (changed) want({.cluster_changed = true});
    }
}

// "ks/-80 (primary)" for each target of the cell that has no healthy tablet.
std::vector<std::string> Discovery::State::waited_without_tablet() const {
    std::vector<std::string> missing;
    for (const auto& [name, keyspace] : records.srv_keyspaces) {
        for (const TabletType type : options.tablet_types_to_wait) {
            const topo::KeyspacePartition* partition = keyspace.partition(type);
            if (partition == nullptr) continue;
            for (const topo::ShardReference& shard : partition->shard_references) {
                const bool found = std::ranges::any_of(tablets, [&](const auto& each) {
                    const topo::Tablet& record = each.second.entry->record;
                    return each.second.healthy && record.keyspace == name &&
                           record.shard == shard.name && record.type == type;
                });
                if (found) continue;
                missing.push_back(name + "/" + shard.name + " (" +
                                  std::string(vindex::tablet_type_lower_name(type)) + ")");
            }
        }
    }
    return missing;
}

Task<void> Discovery::State::wait_for_tablets(Stop* outer) {
    async::LinkedStop until(outer);
    const async::Deadline deadline(until.get(), options.initial_tablet_timeout,
                                   make_error(Code::deadline_exceeded, "no tablet in time"));
    std::vector<std::string> missing;
    while (true) {
        std::vector<TabletEntryPointer> silent;
        for (const auto& [alias, known] : tablets) {
            if (!known.healthy) silent.push_back(known.entry);
        }
        co_await probe(std::move(silent));
        missing = waited_without_tablet();
        if (missing.empty() || until.get()->requested()) break;
        std::ignore = co_await async::pause(wait_step, until.get());
        // What was not there may have been added in the meantime.
        if (Result<void> loaded = co_await load_cluster(); !loaded) {
            log::warning("topology: " + loaded.error().text);
        }
    }
    if (missing.empty()) co_return;
    std::string text =
        "gateway_initial_tablet_timeout is over; vtgate may be in degraded mode "
        "without a healthy tablet for";
    for (const std::string& each : missing) text += " " + each;
    log::warning(text);
}

const KnownTablet* Discovery::State::any_primary(const std::string& keyspace) const {
    const KnownTablet* found = nullptr;
    for (const auto& [alias, known] : tablets) {
        const topo::Tablet& record = known.entry->record;
        if (record.keyspace != keyspace || record.type != TabletType::primary) continue;
        if (found == nullptr || (known.healthy && !found->healthy)) found = &known;
    }
    return found;
}

Task<void> Discovery::State::track_one(std::string keyspace, bool* changed) {
    const KnownTablet* known = any_primary(keyspace);
    if (known == nullptr) co_return;
    const std::uint64_t read = ++track_reads;
    async::LinkedStop until(&stop);
    const async::Deadline deadline(until.get(), options.schema_timeout,
                                   make_error(Code::deadline_exceeded, "no answer in time"));
    const TabletPointer tablet = home().tablet(*known->entry);
    auto tables = co_await read_tables(tablet.get(), until.get());
    if (!tables) {
        log::warning("schema of keyspace " + keyspace + ": " + tables.error().text);
        co_return;
    }
    // A read that began earlier may end later.
    if (tracked[keyspace] > read) co_return;
    tracked[keyspace] = read;
    if (same_tables(discovered[keyspace], *tables)) co_return;
    discovered[keyspace] = std::move(*tables);
    *changed = true;
}

Task<bool> Discovery::State::track(std::vector<std::string> keyspaces) {
    bool changed = false;
    async::Scope reads;
    for (std::string& keyspace : keyspaces) {
        reads.spawn("schema", track_one(std::move(keyspace), &changed));
    }
    co_await reads.join();
    co_return changed;
}

Task<void> Discovery::State::track_always() {
    while (!stop.requested()) {
        std::ignore = co_await async::pause(options.schema_refresh_interval, &stop);
        if (stop.requested()) co_return;
        const bool changed = co_await track(keyspace_names());
        if (changed) want({.schema_changed = true});
    }
}

Task<Result<std::uint64_t>> Discovery::State::refresh_tables(std::string keyspace) {
    if (!options.track_schema) co_return schema_epoch;
    bool changed = false;
    co_await track_one(std::move(keyspace), &changed);
    // Also if nothing changed here: another read may have seen the change and not be given out yet.
    co_return co_await request({.schema_changed = changed});
}

}  // namespace sluice::discovery
