// Start of a process: all flags of a gateway, and what is wrong with their values (vtgate-contract
// 1.0.1). Before: servenv/flags.cc. After: apps/vtgate/main.cc.
#include <algorithm>
#include <set>

#include "servenv/program_flags.h"

namespace sluice::servenv {
namespace {

bool same_word(std::string_view text, std::string_view upper) {
    return std::ranges::equal(text, upper, [](char given, char wanted) {
        return (given >= 'a' && given <= 'z' ? static_cast<char>(given - 'a' + 'A') : given) ==
               wanted;
    });
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return same_word(text, word); });
}

std::optional<Invalid> exit_with_one(std::string text) {
    return Invalid{1, std::move(text)};
}
std::optional<Invalid> fatal(std::string text) {
    return Invalid{2, std::move(text)};
}

std::optional<Invalid> bad_buffer(const std::string& text) {
    return fatal("Invalid buffer configuration: " + text);
}

// A keyspace and one of its shards may not both be named.
std::optional<Invalid> check_buffered(std::string_view list) {
    std::set<std::string, std::less<>> entries;
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        entries.emplace(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    for (const std::string& entry : entries) {
        const std::size_t slash = entry.find('/');
        if (slash == entry.npos || !entries.contains(std::string_view(entry).substr(0, slash))) {
            continue;
        }
        return bad_buffer(
            "--buffer_keyspace_shards has overlapping entries (keyspace only vs. "
            "keyspace/shard): " +
            entry.substr(0, slash) + " vs. " + entry + " Please remove one or the other");
    }
    return std::nullopt;
}

std::optional<Invalid> check_buffer(const BufferFlags& flags) {
    if (flags.window < 1s)
        return bad_buffer(
            "--buffer_window must be >= 1s (specified value: " + to_text(flags.window) + ")");
    if (flags.window > flags.max_failover_duration) {
        return bad_buffer("--buffer_window must be <= --buffer_max_failover_duration: " +
                          to_text(flags.window) + " vs. " + to_text(flags.max_failover_duration));
    }
    if (flags.size < 1) {
        return bad_buffer(
            "--buffer_size must be >= 1 (specified value: " + std::to_string(flags.size) + ")");
    }
    if (flags.min_time_between_failovers < 1s) {
        return bad_buffer("--buffer_min_time_between_failovers must be >= 1s (specified value: " +
                          to_text(flags.min_time_between_failovers) + ")");
    }
    if (flags.drain_concurrency < 1) {
        return bad_buffer("--buffer_drain_concurrency must be >= 1 (specified value: " +
                          std::to_string(flags.drain_concurrency) + ")");
    }
    if (!flags.keyspace_shards.empty() && !flags.enable) {
        return bad_buffer("--buffer_keyspace_shards=" + flags.keyspace_shards +
                          " also requires that --enable_buffer is set");
    }
    return check_buffered(flags.keyspace_shards);
}

std::optional<Invalid> check_users(const MysqlServerFlags& server, const MysqlAuthFlags& flags) {
    // Without a listener nobody logs in.
    if (server.port < 0 && server.socket_path.empty()) return std::nullopt;
    if (is_one_of(flags.server_impl, {"LDAP", "CLIENTCERT", "VAULT"})) {
        return exit_with_one("--mysql_auth_server_impl=" + flags.server_impl +
                             " is not supported; use static or none");
    }
    if (flags.server_impl == "none") return std::nullopt;
    if (!flags.static_file.empty() && !flags.static_string.empty()) {
        return exit_with_one(
            "Both mysql_auth_server_static_file and mysql_auth_server_static_string specified, "
            "can only use one.");
    }
    if (flags.server_impl != "static" ||
        (flags.static_file.empty() && flags.static_string.empty())) {
        return exit_with_one("no AuthServer name " + flags.server_impl + " registered");
    }
    return std::nullopt;
}

std::optional<Invalid> check_server(const MysqlServerFlags& flags) {
    if (!is_one_of(flags.default_workload, {"OLTP", "OLAP", "DBA", "UNSPECIFIED"})) {
        return exit_with_one(
            "-mysql_default_workload must be one of [OLTP, OLAP, DBA, UNSPECIFIED]");
    }
    if (!is_one_of(flags.tcp_version, {"TCP", "TCP4", "TCP6"})) {
        return exit_with_one("-mysql_tcp_version must be one of [tcp, tcp4, tcp6]");
    }
    if (flags.port > 65'535) {
        return exit_with_one("--mysql_server_port must be at most 65535, not " +
                             std::to_string(flags.port));
    }
    if (flags.ssl_cert.empty() != flags.ssl_key.empty()) {
        return exit_with_one(
            "--mysql_server_ssl_cert and --mysql_server_ssl_key are of use only together");
    }
    return std::nullopt;
}

std::optional<Invalid> check_executor(const ExecutorFlags& flags) {
    if (!is_one_of(flags.transaction_mode, {"SINGLE", "MULTI", "TWOPC"})) {
        return exit_with_one("Invalid option: " + flags.transaction_mode +
                             "\nUsage: -transaction_mode {SINGLE | MULTI | TWOPC}");
    }
    const std::string_view strategy =
        std::string_view(flags.ddl_strategy).substr(0, flags.ddl_strategy.find(' '));
    const bool known = std::ranges::any_of(
        std::initializer_list<std::string_view>{"", "direct", "vitess", "online", "gh-ost",
                                                "pt-osc", "mysql"},
        [&](std::string_view one) { return strategy == one; });
    if (!known) {
        return fatal("Invalid value for -ddl_strategy: Unknown online DDL strategy: '" +
                     std::string(strategy) + "'");
    }
    if (!is_one_of(flags.foreign_key_mode, {"ALLOW", "DISALLOW"})) {
        return exit_with_one("--foreign_key_mode must be allow or disallow, not " +
                             flags.foreign_key_mode);
    }
    return std::nullopt;
}

std::optional<Invalid> check_discovery(const DiscoveryFlags& flags) {
    const bool serving = std::ranges::any_of(
        flags.tablet_types_to_wait,
        [](const std::string& type) { return is_one_of(type, {"PRIMARY", "REPLICA", "RDONLY"}); });
    if (!serving) {
        return exit_with_one("tablet_types_to_wait must contain at least one serving tablet type");
    }
    if (flags.srv_topo_cache_refresh > flags.srv_topo_cache_ttl) {
        return fatal("srv_topo_cache_refresh must be less than or equal to srv_topo_cache_ttl");
    }
    if (!flags.keyspaces_to_watch.empty() && !flags.tablet_filters.empty()) {
        return exit_with_one(
            "only one of --keyspaces_to_watch and --tablet_filters may be specified at a time");
    }
    if (flags.enable_balancer && flags.balancer_vtgate_cells.empty()) {
        return exit_with_one("balancer-vtgate-cells is required for balanced mode");
    }
    return std::nullopt;
}

}  // namespace

void add_flags(FlagSet& flags, VtgateFlags& into) {
    add_flags(flags, into.process);
    add_flags(flags, into.log);
    add_flags(flags, into.config);
    add_flags(flags, into.stats);
    add_flags(flags, into.tracing);
    add_flags(flags, into.topology);
    add_flags(flags, into.consul);
    add_flags(flags, into.zookeeper);
    add_flags(flags, into.mysql_server);
    add_flags(flags, into.mysql_auth);
    add_flags(flags, into.rpc_server);
    add_flags(flags, into.rpc_client);
    add_flags(flags, into.discovery);
    add_flags(flags, into.buffer);
    add_flags(flags, into.executor);
    add_flags(flags, into.query_log);
    add_flags(flags, into.tablet);
    flags.require("tablet_types_to_wait");
    mark_inert(flags);
}

std::optional<Invalid> validate(const VtgateFlags& flags) {
    if (auto invalid = check_discovery(flags.discovery)) return invalid;
    if (auto invalid = check_buffer(flags.buffer)) return invalid;
    if (auto invalid = check_executor(flags.executor)) return invalid;
    if (auto invalid = check_server(flags.mysql_server)) return invalid;
    return check_users(flags.mysql_server, flags.mysql_auth);
}

}  // namespace sluice::servenv
