// Start and change of a gateway: what is served where. After: the stores (detail/).
#include "topo/topology.h"

#include <algorithm>
#include <ctime>

#include <pwd.h>
#include <unistd.h>

#include "async/deadline.h"
#include "async/wait_queue.h"
#include "base/log.h"
#include "topo/detail/openers.h"
#include "topo/paths.h"

namespace sluice::topo {

using vschema::KeyspaceDefinition;
using vschema::SrvVSchema;

namespace {

// At the start of a program: a line in the log comes after the first of these, and then after both.
constexpr std::chrono::seconds answer_patience{2};
constexpr std::chrono::seconds answer_pause{1};

}  // namespace

std::chrono::milliseconds lease_of(std::int64_t seconds) {
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 1, 9'000'000'000));
}

Topology::Topology(TopologyOptions options, std::unique_ptr<StoreOpener> opener,
                   std::shared_ptr<Store> global)
    : options_(std::move(options)), opener_(std::move(opener)), global_(std::move(global)) {}

Task<Result<std::shared_ptr<Topology>>> Topology::open(TopologyOptions options, Stop* stop) {
    if (options.global_server_address.empty() && options.implementation != "memory") {
        co_return fail(Code::invalid_argument, "topo_global_server_address must be configured");
    }
    if (options.global_root.empty()) {
        co_return fail(Code::invalid_argument, "topo_global_root must be non-empty");
    }
    const std::string failed = "Failed to open topo server (" + options.implementation + "," +
                               options.global_server_address + "," + options.global_root + "): ";
    auto opener = detail::make_opener(options);
    if (opener == nullptr) {
        co_return fail(Code::invalid_argument,
                       failed + "no such topology implementation " + options.implementation);
    }
    auto global = co_await opener->open(options.global_server_address, options.global_root, stop);
    if (!global) co_return fail(global.error().code, failed + global.error().text);
    co_return std::make_shared<Topology>(std::move(options), std::move(opener), std::move(*global));
}

Task<Result<void>> Topology::wait_until_it_answers(Stop* stop) {
    for (;;) {
        async::LinkedStop limited(stop);
        const async::Deadline patience(limited.get(), answer_patience,
                                       make_error(Code::deadline_exceeded, "no answer"));
        const auto names = co_await global_->list_dir(path::cells(), limited.get());
        const Code code = names ? Code::ok : names.error().code;
        if (code != Code::unavailable && code != Code::deadline_exceeded) co_return Result<void>{};
        if (stop != nullptr && stop->requested()) co_return std::unexpected(stop->error());
        log::warning("waiting for the topology at " + options_.global_server_address + ": " +
                     names.error().text);
        CO_TRY(co_await async::pause(answer_pause, stop));
    }
}

Task<Result<std::shared_ptr<Store>>> Topology::cell(std::string name, Stop* stop) {
    {
        const std::lock_guard guard(mutex_);
        if (const auto found = cells_.find(name); found != cells_.end()) co_return found->second;
    }
    const auto location = CO_TRY(co_await cell_location(name, stop));
    std::string address = location.value.server_address;
    if (address.empty()) address = options_.global_server_address;
    const auto store =
        CO_TRY(co_await opener_->open(std::move(address), location.value.root, stop));
    const std::lock_guard guard(mutex_);
    co_return cells_.try_emplace(std::move(name), store).first->second;
}

Task<Result<std::shared_ptr<Store>>> Topology::store_of(std::string where, Stop* stop) {
    if (where == "global") co_return global_;
    co_return co_await cell(std::move(where), stop);
}

// The names in a directory; an absent directory has none.
Task<Result<std::vector<std::string>>> Topology::names_in(std::string where, std::string directory,
                                                          Stop* stop) {
    const auto store = CO_TRY(co_await store_of(std::move(where), stop));
    auto names = co_await store->list_dir(std::move(directory), stop);
    if (!names && names.error().code == no_node) co_return std::vector<std::string>{};
    co_return names;
}

Task<Result<std::vector<std::string>>> Topology::cell_names(Stop* stop) {
    co_return co_await names_in("global", path::cells(), stop);
}

Task<Result<Versioned<CellLocation>>> Topology::cell_location(std::string cell, Stop* stop) {
    co_return co_await read<CellLocation>("global", path::cell_location(cell), stop);
}

Task<Result<std::map<std::string, CellsAlias>>> Topology::cells_aliases(Stop* stop) {
    std::map<std::string, CellsAlias> aliases;
    for (const std::string& name :
         CO_TRY(co_await names_in("global", path::cells_aliases(), stop))) {
        auto alias = CO_TRY(co_await read<CellsAlias>("global", path::cells_alias(name), stop));
        aliases[name] = std::move(alias.value);
    }
    co_return aliases;
}

Task<Result<std::vector<std::string>>> Topology::validate_cells(std::string cell,
                                                                std::string cells_to_watch,
                                                                Stop* stop) {
    const auto invalid = [](std::string text) {
        return fail(Code::invalid_argument, "cells_to_watch validation failed: " + std::move(text));
    };
    const auto known = CO_TRY(co_await cell_names(stop));
    const auto is_known = [&](const std::string& name) {
        return std::find(known.begin(), known.end(), name) != known.end();
    };
    if (known.empty()) co_return invalid("topo server should have at least one cell");
    if (cell.empty()) co_return invalid("cell flag must be set");
    if (!is_known(cell)) co_return invalid("cell:[" + cell + "] does not exist in topo");
    if (cells_to_watch.empty()) co_return invalid("cells_to_watch flag cannot be empty");
    std::string available;
    for (const std::string& name : known) available += (available.empty() ? "" : ",") + name;
    std::vector<std::string> watched;
    for (std::size_t at = 0; at <= cells_to_watch.size();) {
        const std::size_t comma = std::min(cells_to_watch.find(',', at), cells_to_watch.size());
        std::string name = cells_to_watch.substr(at, comma - at);
        at = comma + 1;
        if (name.empty()) continue;
        if (!is_known(name)) {
            co_return invalid("cell: [" + name + "] is not valid. Available cells: [" + available +
                              "]");
        }
        watched.push_back(std::move(name));
    }
    if (watched.empty()) co_return invalid("cells_to_watch flag cannot be empty");
    co_return watched;
}

Task<Result<std::vector<std::string>>> Topology::keyspace_names(Stop* stop) {
    co_return co_await names_in("global", path::keyspaces(), stop);
}

Task<Result<Versioned<Keyspace>>> Topology::keyspace(std::string keyspace, Stop* stop) {
    co_return co_await read<Keyspace>("global", path::keyspace(keyspace), stop);
}

Task<Result<std::vector<std::string>>> Topology::shard_names(std::string keyspace, Stop* stop) {
    co_return co_await names_in("global", path::shards(keyspace), stop);
}

Task<Result<Versioned<Shard>>> Topology::shard(std::string keyspace, std::string shard,
                                               Stop* stop) {
    co_return co_await read<Shard>("global", path::shard(keyspace, shard), stop);
}

Task<Result<std::vector<Tablet>>> Topology::tablets(std::string cell, Stop* stop) {
    const auto store = CO_TRY(co_await store_of(std::move(cell), stop));
    std::vector<Tablet> tablets;
    const auto records = co_await store->list(path::tablets() + "/", stop);
    if (!records && records.error().code == no_node) co_return tablets;
    if (!records) co_return std::unexpected(records.error());
    for (const ListedRecord& record : *records) {
        if (!record.path.ends_with("/Tablet")) continue;
        Result<Tablet> tablet = decode<Tablet>(record.contents);
        if (tablet) {
            tablets.push_back(std::move(*tablet));
        } else {
            log::error(record.path + ": " + tablet.error().text);
        }
    }
    co_return tablets;
}

Task<Result<Versioned<Tablet>>> Topology::tablet(TabletAlias alias, Stop* stop) {
    co_return co_await read<Tablet>(alias.cell, path::tablet(alias), stop);
}

Task<Result<Versioned<ShardReplication>>> Topology::shard_replication(std::string cell,
                                                                      std::string keyspace,
                                                                      std::string shard,
                                                                      Stop* stop) {
    co_return co_await read<ShardReplication>(std::move(cell),
                                              path::shard_replication(keyspace, shard), stop);
}

Task<Result<std::vector<std::string>>> Topology::srv_keyspace_names(std::string cell, Stop* stop) {
    co_return co_await names_in(std::move(cell), path::keyspaces(), stop);
}

Task<Result<Versioned<SrvKeyspace>>> Topology::srv_keyspace(std::string cell, std::string keyspace,
                                                            Stop* stop) {
    co_return co_await read<SrvKeyspace>(std::move(cell), path::srv_keyspace(keyspace), stop);
}

Task<Result<Versioned<SrvVSchema>>> Topology::srv_vschema(std::string cell, Stop* stop) {
    co_return co_await read<SrvVSchema>(std::move(cell), path::srv_vschema(), stop);
}

Task<Result<RecordWatch<SrvKeyspace>>> Topology::watch_srv_keyspace(std::string cell,
                                                                    std::string keyspace,
                                                                    Stop* stop) {
    co_return co_await watch<SrvKeyspace>(std::move(cell), path::srv_keyspace(keyspace), stop);
}

Task<Result<RecordWatch<SrvVSchema>>> Topology::watch_srv_vschema(std::string cell, Stop* stop) {
    co_return co_await watch<SrvVSchema>(std::move(cell), path::srv_vschema(), stop);
}

Task<Result<Versioned<KeyspaceDefinition>>> Topology::vschema(std::string keyspace, Stop* stop) {
    co_return co_await read<KeyspaceDefinition>("global", path::vschema(keyspace), stop);
}

template <class T>
Task<Result<std::optional<T>>> Topology::read_optional(std::string path, Stop* stop) {
    Result<Versioned<T>> record = co_await read<T>("global", std::move(path), stop);
    if (record) co_return std::optional<T>(std::move(record->value));
    if (record.error().code == no_node) co_return std::optional<T>();
    co_return std::unexpected(record.error());
}

Task<Result<SrvVSchema>> Topology::change_vschema(std::string keyspace, ChangeVSchema change,
                                                  Stop* stop) {
    const auto lock = CO_TRY(co_await lock_keyspace(keyspace, "ApplyVSchema", stop));
    const std::string where = path::vschema(keyspace);
    const auto before = co_await read<KeyspaceDefinition>("global", where, stop);
    if (!before && before.error().code != no_node) co_return std::unexpected(before.error());
    const KeyspaceDefinition empty;
    const auto after = CO_TRY(change(before ? before->value : empty));
    CO_TRY(co_await lock->check(stop));
    CO_TRY(co_await write("global", where, after, 0, stop));
    auto served = CO_TRY(co_await rebuild_srv_vschema({}, stop));
    CO_TRY(co_await lock->release(stop));
    co_return served;
}

Task<Result<SrvVSchema>> Topology::gather_vschemas(Stop* stop) {
    SrvVSchema served;
    for (const std::string& keyspace : CO_TRY(co_await keyspace_names(stop))) {
        // A keyspace without a VSchema is unsharded and names no tables.
        auto one =
            CO_TRY(co_await read_optional<KeyspaceDefinition>(path::vschema(keyspace), stop));
        served.keyspaces[keyspace] = one ? std::move(*one) : KeyspaceDefinition{};
    }
    auto tables = CO_TRY(co_await read_optional<RoutingRules>(path::routing_rules(), stop));
    served.routing_rules = tables ? std::move(tables->rules) : std::vector<vschema::RoutingRule>{};
    auto shards =
        CO_TRY(co_await read_optional<ShardRoutingRules>(path::shard_routing_rules(), stop));
    served.shard_routing_rules =
        shards ? std::move(shards->rules) : std::vector<vschema::ShardRoutingRule>{};
    auto keyspaces =
        CO_TRY(co_await read_optional<KeyspaceRoutingRules>(path::keyspace_routing_rules(), stop));
    if (keyspaces) served.keyspace_routing_rules = std::move(keyspaces->rules);
    auto mirrors = CO_TRY(co_await read_optional<MirrorRules>(path::mirror_rules(), stop));
    // Always there, as v21 writes it.
    served.mirror_rules = mirrors ? std::move(mirrors->rules) : std::vector<vschema::MirrorRule>{};
    co_return served;
}

Task<Result<SrvVSchema>> Topology::rebuild_srv_vschema(std::vector<std::string> cells, Stop* stop) {
    SrvVSchema served = CO_TRY(co_await gather_vschemas(stop));
    if (cells.empty()) cells = CO_TRY(co_await cell_names(stop));
    for (const std::string& cell : cells) {
        CO_TRY(co_await write(cell, path::srv_vschema(), served, 0, stop));
    }
    co_return served;
}

// What other processes see of our locks (contract 6.1): names without control characters or quotes.
std::string Topology::lock_contents(std::string_view action) const {
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    const passwd* user = getpwuid(geteuid());
    char when[64];
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return "{\n  \"Action\": \"" + std::string(action) + "\",\n  \"HostName\": \"" + host +
           "\",\n  \"UserName\": \"" + (user == nullptr ? "unknown" : user->pw_name) +
           "\",\n  \"Time\": \"" + when + "\",\n  \"Options\": {},\n  \"Status\": \"Running\"\n}";
}

Task<Result<std::unique_ptr<Lock>>> Topology::lock_directory(std::string directory,
                                                             std::string action, Stop* stop) {
    async::LinkedStop bounded(stop);
    const async::Deadline deadline(
        bounded.get(), options_.lock_timeout,
        make_error(Code::deadline_exceeded,
                   "the lock of " + directory + " is held by another process"));
    co_return co_await global_->lock(directory, lock_contents(action), bounded.get());
}

Task<Result<std::unique_ptr<Lock>>> Topology::lock_keyspace(std::string keyspace,
                                                            std::string action, Stop* stop) {
    co_return co_await lock_directory(path::keyspace_directory(keyspace), std::move(action), stop);
}

Task<Result<std::unique_ptr<Lock>>> Topology::lock_shard(std::string keyspace, std::string shard,
                                                         std::string action, Stop* stop) {
    co_return co_await lock_directory(path::shard_directory(keyspace, shard), std::move(action),
                                      stop);
}

void Topology::forget_cell(const std::string& name) {
    const std::lock_guard guard(mutex_);
    cells_.erase(name);
}

}  // namespace sluice::topo
