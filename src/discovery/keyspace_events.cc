// Beside requests: when a failover or a resharding is over. Before: follow_health.cc, follow.cc.
// After: buffering/buffer.cc lets requests go.
#include "discovery/keyspace_events.h"

#include <algorithm>

#include "vindex/key_range.h"

namespace sluice::discovery {
namespace {

bool rule_is_elsewhere(const vschema::SrvVSchema& rules, std::string_view keyspace,
                       const std::string& table) {
    if (!rules.routing_rules) return false;
    const auto rule =
        std::ranges::find(*rules.routing_rules, table, &vschema::RoutingRule::from_table);
    return rule != rules.routing_rules->end() && !rule->to_tables.empty() &&
           rule->to_tables.front() != std::string(keyspace) + "." + table;
}

bool has_shard_rule(const vschema::SrvVSchema& rules, std::string_view keyspace,
                    const std::string& shard) {
    return std::ranges::any_of(*rules.shard_routing_rules, [&](const auto& rule) {
        return rule.from_keyspace == keyspace && rule.shard == shard;
    });
}

}  // namespace

MoveTables move_tables_state(std::string_view keyspace,
                             const std::map<std::string, topo::Shard>& shards,
                             const vschema::SrvVSchema& rules) {
    const bool by_shard = rules.shard_routing_rules && !rules.shard_routing_rules->empty();
    const bool by_table = rules.routing_rules && !rules.routing_rules->empty();
    if (!by_shard && !by_table) return MoveTables::none;
    std::string denied;
    std::vector<std::string> with_denied;
    for (const auto& [name, shard] : shards) {
        for (const topo::TabletControl& control : shard.tablet_controls) {
            if (control.denied_tables.empty()) continue;
            denied = control.denied_tables.front();
            with_denied.push_back(name);
        }
    }
    if (with_denied.empty()) return MoveTables::none;
    if (by_shard) {
        const bool waiting = std::ranges::any_of(with_denied, [&](const std::string& shard) {
            return has_shard_rule(rules, keyspace, shard);
        });
        return waiting ? MoveTables::switching : MoveTables::switched;
    }
    return rule_is_elsewhere(rules, keyspace, denied) ? MoveTables::switched
                                                      : MoveTables::switching;
}

std::optional<KeyspaceEvent> KeyspaceWatch::on_primary(const std::string& shard,
                                                       const topo::TabletAlias& alias, bool serving,
                                                       std::int64_t term) {
    const auto found = shards_.find(shard);
    if (found == shards_.end() && !serving) return std::nullopt;
    ShardState& state = found == shards_.end() ? shards_[shard] : found->second;
    // A primary of former times says nothing of now.
    if (!serving && term < state.term && alias != state.primary) return std::nullopt;
    if (state.serving != serving) {
        consistent_ = false;
        if (!serving) {
            state.serving = false;
        } else if (!state.wait_for_reparent || term > state.term) {
            state.wait_for_reparent = false;
            state.serving = true;
        }
    }
    if (!serving) state.wait_for_reparent = false;
    if (term > state.term) {
        state.term = term;
        state.primary = alias;
        consistent_ = false;
    }
    return check();
}

std::optional<KeyspaceEvent> KeyspaceWatch::on_record(const topo::SrvKeyspace& record) {
    const topo::KeyspacePartition* primary = record.partition(topo::TabletType::primary);
    const std::optional<topo::KeyspacePartition> now =
        primary == nullptr ? std::nullopt : std::optional(*primary);
    if (now != partition_) consistent_ = false;
    partition_ = now;
    return check();
}

std::optional<KeyspaceEvent> KeyspaceWatch::on_move_tables(MoveTables state) {
    if (state == move_tables_) return std::nullopt;
    move_tables_ = state;
    told_ = false;
    if (state == MoveTables::none) return check();
    consistent_ = false;
    return check();
}

bool KeyspaceWatch::mark_not_serving(const std::string& shard, bool reparent) {
    const auto found = shards_.find(shard);
    if (found == shards_.end()) return false;
    consistent_ = false;
    found->second.serving = false;
    if (reparent) found->second.wait_for_reparent = true;
    return true;
}

std::optional<KeyspaceEvent> KeyspaceWatch::check() {
    if (consistent_ || move_tables_ == MoveTables::switching) return std::nullopt;
    if (!partition_ || !partition_->shard_tablet_controls.empty()) return std::nullopt;
    std::size_t serving = 0;
    for (const topo::ShardReference& reference : partition_->shard_references) {
        const auto found = shards_.find(reference.name);
        if (found == shards_.end() || !found->second.serving) return std::nullopt;
        ++serving;
    }
    const auto all = std::ranges::count_if(shards_, [](const auto& s) { return s.second.serving; });
    if (static_cast<std::size_t>(all) != serving) return std::nullopt;
    consistent_ = true;
    KeyspaceEvent event;
    event.keyspace = keyspace_;
    event.tables_moved = moving();
    told_ = true;
    for (const auto& [name, state] : shards_) {
        event.shards.push_back({name, state.primary, state.serving});
    }
    std::erase_if(shards_, [](const auto& each) { return !each.second.serving; });
    return event;
}

bool KeyspaceWatch::being_resharded(const std::string& shard) const {
    if (consistent_ || moving()) return false;
    const auto wanted = vindex::validate_shard_name(shard);
    if (!wanted || !wanted->range) return false;
    for (const auto& [name, state] : shards_) {
        if (!state.serving || name == shard) continue;
        const auto other = vindex::validate_shard_name(name);
        if (!other || !other->range) return false;
        if (vindex::intersect(&*wanted->range, &*other->range)) return true;
    }
    return false;
}

bool KeyspaceWatch::failing_over(const std::string& shard) const {
    const auto found = shards_.find(shard);
    return found != shards_.end() && !found->second.serving && !consistent_ &&
           found->second.term != 0 && found->second.primary;
}

bool KeyspaceWatch::has_primary(const std::string& shard) const {
    const auto found = shards_.find(shard);
    return found != shards_.end() && found->second.primary.has_value();
}

}  // namespace sluice::discovery
