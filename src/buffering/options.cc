// Beside requests: which errors and shards are buffered.
#include "buffering/options.h"

namespace sluice::buffering {

Result<void> BufferOptions::set_keyspace_shards(std::string_view list) {
    while (!list.empty()) {
        const std::string_view item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        const std::size_t slash = item.find('/');
        if (item.empty() || slash == 0 || item.ends_with('/')) {
            return fail(Code::invalid_argument,
                        "invalid keyspace/shard: '" + std::string(item) + "'");
        }
        (slash == item.npos ? keyspaces : shards).emplace(item);
    }
    return {};
}

Mode BufferOptions::mode(const std::string& keyspace, const std::string& shard) const {
    const bool all = keyspaces.empty() && shards.empty();
    const bool listed = keyspaces.contains(keyspace) || shards.contains(keyspace + "/" + shard);
    if (enabled && (all || listed)) return Mode::enabled;
    return dry_run ? Mode::dry_run : Mode::disabled;
}

std::string_view name_of(StopReason reason) {
    constexpr std::string_view names[] = {"NewPrimarySeen", "ReshardingComplete",
                                          "MoveTablesSwitchedTraffic", "MaxDurationExceeded",
                                          "Shutdown"};
    return names[static_cast<std::size_t>(reason)];
}

std::string_view name_of(SkipReason reason) {
    constexpr std::string_view names[] = {"BufferFull", "Disabled", "Shutdown",
                                          "LastReparentTooRecent", "LastFailoverTooRecent"};
    return names[static_cast<std::size_t>(reason)];
}

std::string_view name_of(EvictReason reason) {
    constexpr std::string_view names[] = {"ContextDone", "BufferFull", "WindowExceeded"};
    return names[static_cast<std::size_t>(reason)];
}

bool is_failover(const Error& error) {
    if (error.code == Code::cluster_event) return true;
    return error.code == Code::failed_precondition && error.text.find(rule_text) != error.text.npos;
}

bool is_reparent(const Error& error) {
    return error.code == Code::cluster_event && error.text.find(resharding_text) == error.text.npos;
}

}  // namespace sluice::buffering
