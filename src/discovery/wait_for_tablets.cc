// At start: until there is a healthy tablet for everything that clients may ask for
// (vtgate-contract 2.2). Before: discovery.cc has read the topology. After: the listeners open.
#include <algorithm>

#include "async/deadline.h"
#include "base/log.h"
#include "discovery/detail/state.h"

namespace sluice::discovery {
namespace {

// What was not there may have been added to the topology: it is read again so often.
constexpr std::chrono::milliseconds read_again{500};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string type_list(const std::vector<TabletType>& types) {
    std::vector<std::string> names;
    for (const TabletType type : types) names.emplace_back(vindex::tablet_type_name(type));
    return "[" + joined(names) + "]";
}

}  // namespace

// "ks/-80 (primary)" for each target of the cell that has no healthy tablet.
std::vector<std::string> Discovery::State::missing_tablets() const {
    std::vector<std::string> missing;
    const std::vector<TabletHealth> all = list.all();
    for (const auto& [name, keyspace] : records.srv_keyspaces) {
        for (const TabletType type : options.tablet_types_to_wait) {
            const topo::KeyspacePartition* partition = keyspace.partition(type);
            if (partition == nullptr) continue;
            for (const topo::ShardReference& shard : partition->shard_references) {
                const bool found = std::ranges::any_of(all, [&](const TabletHealth& each) {
                    return each.healthy && each.target.keyspace == name &&
                           each.target.shard == shard.name && each.target.type == type;
                });
                if (found) continue;
                missing.push_back(name + "/" + shard.name + " (" +
                                  std::string(vindex::tablet_type_lower_name(type)) + ")");
            }
        }
    }
    return missing;
}

std::vector<std::string> Discovery::State::inconsistent_keyspaces() const {
    std::vector<std::string> names;
    const auto& types = options.tablet_types_to_wait;
    const bool waits = options.wait_for_consistency &&
                       std::ranges::find(types, TabletType::primary) != types.end();
    if (!waits) return names;
    for (const auto& [name, watch] : records.watches) {
        if (records.srv_keyspaces.at(name).partition(TabletType::primary) != nullptr &&
            !watch.consistent()) {
            names.push_back(name);
        }
    }
    return names;
}

Task<Result<void>> Discovery::State::wait_for_tablets(Stop* outer) {
    const std::string types = type_list(options.tablet_types_to_wait);
    log::info("Gateway waiting for serving tablets of types " + types + " ...");
    async::LinkedStop until(outer);
    const async::Deadline deadline(until.get(), options.initial_tablet_timeout,
                                   make_error(Code::deadline_exceeded, "no tablet in time"));
    async::Clock::time_point read = async::Clock::now();
    while (true) {
        list.known();  // says who is healthy
        std::vector<std::string> missing = missing_tablets();
        if (missing.empty()) missing = inconsistent_keyspaces();
        if (missing.empty()) break;
        if (until.get()->requested()) {
            if (outer != nullptr && outer->requested()) co_return fail(outer->error());
            log::warning(
                "Timeout waiting for all keyspaces / shards to have healthy tablets of "
                "types " +
                types + ", may be in degraded mode; missing: " + joined(missing));
            co_return Result<void>{};
        }
        {
            async::LinkedStop turn(until.get());
            const async::Deadline again(turn.get(), read_again, make_error(Code::ok, "its turn"));
            std::ignore = co_await health_waiting.wait(turn.get());
        }
        if (until.get()->requested() || async::Clock::now() - read < read_again) continue;
        if (Result<void> loaded = co_await load_cluster(); !loaded) {
            log::warning("topology: " + loaded.error().text);
        }
        read = async::Clock::now();
    }
    log::info("Waiting for tablets completed");
    co_return Result<void>{};
}

}  // namespace sluice::discovery
