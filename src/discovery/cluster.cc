// Builds the snapshot that routing reads. Before: discovery.cc has read the records. After:
// gateway/target.cc finds shards in it.
#include "discovery/cluster.h"

#include <algorithm>

namespace sluice::discovery {
namespace {

Shard& shard_of(Keyspace& keyspace, const std::string& name) {
    for (const auto& shard : keyspace.shards) {
        if (shard->name == name) return *shard;
    }
    auto shard = std::make_unique<Shard>();
    shard->keyspace = keyspace.name;
    shard->name = name;
    keyspace.shards.push_back(std::move(shard));
    return *keyspace.shards.back();
}

bool applies(const topo::TabletControl& control, const std::string& cell) {
    return control.cells.empty() || std::ranges::find(control.cells, cell) != control.cells.end();
}

void add_record(Shard& shard, const topo::Shard& record, const std::string& cell) {
    shard.primary_alias = record.primary_alias;
    for (const topo::TabletControl& control : record.tablet_controls) {
        if (!applies(control, cell)) continue;
        std::vector<std::string>& denied = shard.denied_tables[slot(control.tablet_type)];
        denied.insert(denied.end(), control.denied_tables.begin(), control.denied_tables.end());
        std::ranges::sort(denied);
    }
}

void add_partition(Keyspace& keyspace, const topo::KeyspacePartition& partition) {
    const std::size_t type = slot(partition.served_type);
    if (type == 0) return;
    std::vector<vindex::ShardRange> ranges;
    for (const topo::ShardReference& reference : partition.shard_references) {
        ranges.push_back({reference.name, reference.key_range});
        shard_of(keyspace, reference.name);
    }
    keyspace.serving[type].emplace(std::move(ranges));
    for (const topo::ShardTabletControl& control : partition.shard_tablet_controls) {
        shard_of(keyspace, control.name).query_service_disabled[type] =
            control.query_service_disabled;
    }
}

// Replicas serve their own cell and cells that share an alias with it; primaries serve all.
bool eligible(const topo::Tablet& tablet, const ClusterRecords& records) {
    return tablet.type == TabletType::primary || tablet.alias.cell == records.cell ||
           std::ranges::find(records.alias_cells, tablet.alias.cell) != records.alias_cells.end();
}

bool is_better_primary(const Shard& shard, const KnownTablet& left, const KnownTablet& right) {
    if (left.healthy != right.healthy) return left.healthy;
    const topo::Tablet& a = left.entry->record;
    const topo::Tablet& b = right.entry->record;
    if (shard.primary_alias) {
        if (a.alias == *shard.primary_alias) return true;
        if (b.alias == *shard.primary_alias) return false;
    }
    const topo::Time start = a.primary_term_start_time.value_or(topo::Time{});
    const topo::Time other = b.primary_term_start_time.value_or(topo::Time{});
    return std::pair(start.seconds, start.nanoseconds) >
           std::pair(other.seconds, other.nanoseconds);
}

void add_tablet(Shard& shard, KnownTablet known, const ClusterRecords& records) {
    known.local = known.entry->record.alias.cell == records.cell;
    std::vector<KnownTablet>& tablets = shard.tablets[slot(known.entry->record.type)];
    if (known.entry->record.type != TabletType::primary || tablets.empty()) {
        tablets.push_back(std::move(known));
    } else if (is_better_primary(shard, known, tablets.front())) {
        tablets.front() = std::move(known);
    }
}

void add_watch(Shard& shard, const ClusterRecords& records) {
    const auto watch = records.watches.find(shard.keyspace);
    if (watch == records.watches.end()) return;
    shard.being_resharded = watch->second.being_resharded(shard.name);
    shard.failing_over = watch->second.failing_over(shard.name);
    shard.had_primary = watch->second.has_primary(shard.name);
}

void add_shares(Shard& shard, const ClusterRecords& records) {
    if (!records.balancer.applies(shard.keyspace)) return;
    for (std::vector<KnownTablet>& tablets : shard.tablets) {
        std::vector<KnownTablet*> healthy;
        std::vector<std::string_view> cells;
        for (KnownTablet& known : tablets) {
            if (!known.healthy) continue;
            healthy.push_back(&known);
            cells.emplace_back(known.entry->record.alias.cell);
        }
        const auto shares = balance(records.cell, records.balancer.gate_cells, cells);
        for (std::size_t i = 0; i < healthy.size(); ++i) healthy[i]->share = shares[i];
    }
}

std::unique_ptr<Keyspace> build_keyspace(const std::string& name, const topo::SrvKeyspace& record,
                                         const ClusterRecords& records) {
    auto keyspace = std::make_unique<Keyspace>();
    keyspace->name = name;
    for (const topo::KeyspacePartition& partition : record.partitions) {
        add_partition(*keyspace, partition);
    }
    if (const auto shards = records.shards.find(name); shards != records.shards.end()) {
        for (const auto& [shard, shard_record] : shards->second) {
            add_record(shard_of(*keyspace, shard), shard_record, records.cell);
        }
    }
    for (const KnownTablet& known : records.tablets) {
        const topo::Tablet& tablet = known.entry->record;
        if (tablet.keyspace != name || slot(tablet.type) == 0) continue;
        if (eligible(tablet, records))
            add_tablet(shard_of(*keyspace, tablet.shard), known, records);
    }
    std::ranges::sort(keyspace->shards, {}, [](const auto& shard) { return shard->name; });
    for (const auto& shard : keyspace->shards) {
        for (auto& tablets : shard->tablets) {
            std::ranges::sort(tablets, {}, [](const KnownTablet& known) {
                return std::pair(!known.local, known.entry->alias);
            });
        }
        add_watch(*shard, records);
        add_shares(*shard, records);
    }
    for (const TabletType type : served_types) {
        if (!keyspace->serving[slot(type)]) continue;
        for (const vindex::ShardRange& range : keyspace->serving[slot(type)]->shards()) {
            keyspace->serving_shards[slot(type)].push_back(keyspace->shard(range.name));
        }
    }
    return keyspace;
}

}  // namespace

const Shard* Keyspace::shard(std::string_view shard_name) const {
    const auto found = std::ranges::lower_bound(
        shards, shard_name, {}, [](const auto& each) -> std::string_view { return each->name; });
    return found != shards.end() && (*found)->name == shard_name ? found->get() : nullptr;
}

std::unique_ptr<Cluster> build_cluster(const ClusterRecords& records, std::uint64_t epoch) {
    auto cluster = std::make_unique<Cluster>();
    cluster->epoch = epoch;
    cluster->cell = records.cell;
    cluster->balanced = !records.balancer.gate_cells.empty();
    cluster->only_healthy = records.only_healthy;
    for (const auto& [name, record] : records.srv_keyspaces) {
        cluster->keyspaces[name] = build_keyspace(name, record, records);
    }
    return cluster;
}

}  // namespace sluice::discovery
