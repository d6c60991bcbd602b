// Beside requests: the health check's memory. Before: follow_health.cc reads each tablet's stream.
// After: cluster.cc makes a snapshot of it.
#include "discovery/detail/health_list.h"

#include <algorithm>
#include <tuple>

#include <boost/crc.hpp>

#include "base/log.h"

namespace sluice::discovery {
namespace {

std::string shard_key(const HealthTarget& target) {
    return target.keyspace + "/" + target.shard;
}

bool is_primary(const HealthTarget& target) {
    return target.type == TabletType::primary;
}

bool same_target(const HealthTarget& left, const HealthTarget& right) {
    return left.type == right.type && left.keyspace == right.keyspace && left.shard == right.shard;
}

}  // namespace

void HealthList::add(topo::Tablet record) {
    const std::string alias = vindex::to_text(record.alias);
    Followed& followed = tablets_[alias] = Followed{};
    followed.health.target = {record.keyspace, record.shard, record.type, {}};
    followed.health.tablet = std::move(record);
    renew_entry(followed);
}

// Cores keep their connections by the entry's number: another role or place means new ones.
void HealthList::renew_entry(Followed& followed) {
    auto entry = std::make_shared<TabletEntry>();
    entry->number = next_number_++;
    entry->record = followed.health.tablet;
    entry->alias = vindex::to_text(entry->record.alias);
    entry->record.keyspace = followed.health.target.keyspace;
    entry->record.shard = followed.health.target.shard;
    entry->record.type = followed.health.target.type;
    if (followed.health.primary_term_start != 0) {
        entry->record.primary_term_start_time = topo::Time{followed.health.primary_term_start, 0};
    }
    followed.entry = std::move(entry);
}

HealthEffect HealthList::remove(const std::string& alias) {
    const auto found = tablets_.find(alias);
    if (found == tablets_.end()) return {};
    drop_primary(alias);
    tablets_.erase(found);
    return {.routing = true};
}

void HealthList::drop_primary(const std::string& alias) {
    std::erase_if(primaries_, [&](const auto& each) { return each.second == alias; });
}

// The latest term wins; of equal ones the one that spoke last.
void HealthList::choose_primary(const std::string& alias, const Followed& followed) {
    const auto [place, added] = primaries_.try_emplace(shard_key(followed.health.target), alias);
    if (added || place->second == alias) return;
    const Followed& other = tablets_.at(place->second);
    if (followed.health.primary_term_start >= other.health.primary_term_start) {
        place->second = alias;
        return;
    }
    log::warning("not marking healthy primary " + alias + " as Up for " +
                 shard_key(followed.health.target) + ": its PrimaryTermStartTime " +
                 std::to_string(followed.health.primary_term_start) + " is before that of " +
                 place->second + ", " + std::to_string(other.health.primary_term_start));
}

bool HealthList::is_trivial(const Followed& before, const tablet::HealthMessage& now) const {
    const TabletHealth& old = before.health;
    return before.reported && old.serving && old.last_error.empty() && now.serving &&
           now.stats->health_error.empty() && !is_primary(old.target) &&
           same_target(old.target, *now.target) &&
           rules_.is_trivial(old.stats.replication_lag_seconds, now.stats->replication_lag_seconds);
}

Result<HealthEffect> HealthList::apply(const std::string& alias, tablet::HealthMessage message) {
    const auto found = tablets_.find(alias);
    if (found == tablets_.end()) return sluice::fail(Code::canceled, "the tablet was removed");
    Followed& followed = found->second;
    TabletHealth& health = followed.health;
    if (!message.target || !message.stats) {
        return sluice::fail(Code::internal, "health stats is not valid");
    }
    if (message.alias && *message.alias != health.tablet.alias) {
        return sluice::fail(Code::failed_precondition, "health stats mismatch, tablet " + alias +
                                                           " alias does not match response alias " +
                                                           vindex::to_text(*message.alias));
    }
    HealthEffect effect;
    const HealthTarget before = health.target;
    const bool moved = !same_target(before, *message.target);
    const bool same_primary = is_primary(before) && !moved && followed.reported &&
                              health.serving == message.serving && health.last_error.empty() &&
                              message.stats->health_error.empty() &&
                              health.primary_term_start == message.primary_term_start;
    effect.routing = !same_primary && !is_trivial(followed, message);
    effect.promoted = moved && is_primary(*message.target);
    health.target = std::move(*message.target);
    health.stats = std::move(*message.stats);
    health.primary_term_start = message.primary_term_start;
    health.last_error = health.stats.health_error.empty()
                            ? std::string()
                            : "vttablet error: " + health.stats.health_error;
    health.serving = message.serving && health.last_error.empty();
    if (moved || (followed.broken && reconnect_)) renew_entry(followed);
    followed.reported = true;
    followed.broken = false;
    if (moved) {
        drop_primary(alias);
        effect.reload = is_primary(before) && !primaries_.contains(shard_key(before));
    }
    if (!is_primary(health.target)) return effect;
    if (health.serving) {
        choose_primary(alias, followed);
    } else {
        drop_primary(alias);
        effect.reload = effect.reload || !same_primary;
    }
    return effect;
}

HealthEffect HealthList::fail(const std::string& alias, std::string why) {
    const auto found = tablets_.find(alias);
    if (found == tablets_.end()) return {};
    Followed& followed = found->second;
    const bool served = followed.health.serving;
    followed.health.serving = false;
    followed.health.last_error = std::move(why);
    followed.broken = true;
    drop_primary(alias);
    return {.routing = served, .reload = served && is_primary(followed.health.target)};
}

const TabletHealth* HealthList::find(const std::string& alias) const {
    const auto found = tablets_.find(alias);
    return found == tablets_.end() ? nullptr : &found->second.health;
}

const TabletEntryPointer* HealthList::entry(const std::string& alias) const {
    const auto found = tablets_.find(alias);
    return found == tablets_.end() ? nullptr : &found->second.entry;
}

bool HealthList::is_included(const Followed& followed) const {
    const std::string& cell = followed.health.tablet.alias.cell;
    return cell == cell_ || std::ranges::find(alias_cells_, cell) != alias_cells_.end();
}

std::vector<KnownTablet> HealthList::known() {
    // Replicas are compared with those of the same shard and type only.
    std::map<std::tuple<std::string, std::string, TabletType>, std::vector<Followed*>> replicas;
    for (auto& [alias, followed] : tablets_) {
        const HealthTarget& target = followed.health.target;
        followed.health.healthy = false;
        if (!followed.health.serving) continue;
        if (is_primary(target)) {
            const auto chosen = primaries_.find(shard_key(target));
            followed.health.healthy = chosen != primaries_.end() && chosen->second == alias;
        } else if (is_included(followed)) {
            replicas[{target.keyspace, target.shard, target.type}].push_back(&followed);
        }
    }
    for (const auto& [target, list] : replicas) {
        std::vector<std::uint32_t> lags;
        for (const Followed* each : list)
            lags.push_back(each->health.stats.replication_lag_seconds);
        for (const std::size_t i : within_lag(lags, rules_)) list[i]->health.healthy = true;
    }
    std::vector<KnownTablet> known;
    for (const auto& [alias, followed] : tablets_) {
        known.push_back({followed.entry, followed.health.healthy, false});
    }
    return known;
}

std::vector<TabletHealth> HealthList::all() const {
    std::vector<TabletHealth> list;
    for (const auto& [alias, followed] : tablets_) list.push_back(followed.health);
    std::ranges::sort(list, {}, [](const TabletHealth& each) {
        return std::tuple(each.tablet.alias.cell, each.target.keyspace, each.target.shard,
                          each.target.type, each.tablet.alias.uid);
    });
    return list;
}

std::uint32_t HealthList::checksum() const {
    std::string text, group;
    for (const TabletHealth& each : all()) {
        std::string title = each.tablet.alias.cell + each.target.keyspace + each.target.shard;
        title.append(vindex::tablet_type_name(each.target.type)).append("\n");
        if (title != group) text += title;
        group = std::move(title);
        text.append(each.serving ? "true" : "false");
        text.append(std::to_string(each.primary_term_start)).append("\n");
    }
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    return crc.checksum();
}

}  // namespace sluice::discovery
