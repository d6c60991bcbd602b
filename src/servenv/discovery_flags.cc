// Start of a process: flags of discovery. Before: servenv/flags.cc. After: apps/*/main.cc.
#include "servenv/discovery_flags.h"

#include "servenv/detail/flag_values.h"

namespace sluice::servenv {
namespace {

// tablet-type = "PRIMARY" / "MASTER" / "REPLICA" / "RDONLY" / "BATCH" / "SPARE" / ... ; in any case
Result<std::string> parse_tablet_type(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    if (upper == "MASTER") return std::string("PRIMARY");
    if (upper == "BATCH") return std::string("RDONLY");
    for (const std::string_view known : {"UNKNOWN", "PRIMARY", "REPLICA", "RDONLY", "SPARE",
                                         "EXPERIMENTAL", "BACKUP", "RESTORE", "DRAINED"}) {
        if (upper == known) return upper;
    }
    return fail(Code::invalid_argument, "unknown TabletType " + std::string(text));
}
constexpr WordType one_type{"topodatapb.TabletType", &parse_tablet_type};
constexpr WordType listed_types{"", &parse_tablet_type};

// tags = [ key ":" value *( "," key ":" value ) ]
Result<std::string> parse_tags(std::string_view text) {
    for (const std::string& pair : TRY(detail::parse_list(text))) {
        if (pair.find(':') == pair.npos) {
            return fail(Code::invalid_argument, "not a list of key:value pairs with commas");
        }
    }
    return std::string(text);
}
constexpr WordType tag_words{"StringMap", &parse_tags};

void add_choice_flags(FlagSet& flags, DiscoveryFlags& into) {
    flags.add(std::vector<Flag>{
        {"allowed_tablet_types", &into.allowed_tablet_types,
         "tablet types that clients may ask for, with commas; empty is all", &listed_types},
        {"default_tablet_type", &into.default_tablet_type,
         "tablet type of statements that name none", &one_type},
        {"healthcheck_retry_delay", &into.healthcheck_retry_delay,
         "first pause before a tablet's health is asked for again; it doubles"},
        {"healthcheck_timeout", &into.healthcheck_timeout,
         "a tablet that is silent for longer is not healthy"},
        {"discovery_low_replication_lag", &into.low_replication_lag,
         "replicas that lag no more than this are all used"},
        {"discovery_high_replication_lag_minimum_serving",
         &into.high_replication_lag_minimum_serving,
         "replicas that lag more than this are never used"},
        {"min_number_serving_vttablets", &into.min_number_serving_vttablets,
         "replicas of a type that stay in use although they lag"},
        {"legacy_replication_lag_algorithm", &into.legacy_replication_lag_algorithm,
         "judge lag by comparison with the other replicas"},
        {"tablet_url_template", &into.tablet_url_template,
         "address of a tablet's web pages on the status page"},
        {"enable-balancer", &into.enable_balancer,
         "spread the load over tablets by the gates of their cells"},
        {"balancer-vtgate-cells", &into.balancer_vtgate_cells,
         "cells that have gates, with commas; the balancer needs them"},
        {"balancer-keyspaces", &into.balancer_keyspaces,
         "keyspaces for which the balancer is used, with commas; empty is all"},
    });
}

}  // namespace

void add_flags(FlagSet& flags, DiscoveryFlags& into) {
    add_choice_flags(flags, into);
    flags.add(std::vector<Flag>{
        {"cell", &into.cell, "the cell of this process"},
        {"cells_to_watch", &into.cells_to_watch, "cells whose tablets are used, with commas"},
        {"tablet_types_to_wait", &into.tablet_types_to_wait,
         "start waits for tablets of these types, with commas", &listed_types},
        {"tablet_protocol", &into.tablet_protocol,
         "how shards are reached: grpc (through tablets) or mysql (their servers)"},
        {"gateway_initial_tablet_timeout", &into.gateway_initial_tablet_timeout,
         "how long start waits for a tablet of each shard and type"},
        {"tablet_refresh_interval", &into.tablet_refresh_interval,
         "how often the tablets of a cell are listed"},
        {"tablet_refresh_known_tablets", &into.tablet_refresh_known_tablets,
         "follow changed addresses of known tablets"},
        {"keyspaces_to_watch", &into.keyspaces_to_watch,
         "only these keyspaces, with commas; empty is all"},
        {"tablet_filters", &into.tablet_filters,
         "only tablets of these keyspace|shard-or-range, with commas"},
        {"tablet-filter-tags", &into.tablet_filter_tags,
         "only tablets with these tags, as key:value with commas", &tag_words},
        {"srv_topo_cache_ttl", &into.srv_topo_cache_ttl,
         "how long a record stays in use that cannot be read any more"},
        {"srv_topo_cache_refresh", &into.srv_topo_cache_refresh,
         "shortest pause between two queries for a record"},
        {"srv_topo_timeout", &into.srv_topo_timeout, "limit of one query for a record"},
    });
}

void add_flags(FlagSet& flags, BufferFlags& into) {
    flags.add(std::vector<Flag>{
        {"enable_buffer", &into.enable, "hold requests to primaries during a failover"},
        {"enable_buffer_dry_run", &into.enable_dry_run, "only log when requests would be held"},
        {"buffer_size", &into.size, "most requests held at once, of all failovers"},
        {"buffer_window", &into.window, "longest time that a request is held"},
        {"buffer_max_failover_duration", &into.max_failover_duration,
         "a failover that takes longer is not waited for"},
        {"buffer_min_time_between_failovers", &into.min_time_between_failovers,
         "a shard's next failover is waited for only after this time"},
        {"buffer_drain_concurrency", &into.drain_concurrency,
         "held requests that are sent at the same time when the failover is over"},
        {"buffer_keyspace_shards", &into.keyspace_shards,
         "hold requests only for these keyspaces or keyspace/shards, with commas; needs "
         "--enable_buffer"},
    });
    flags.add(std::vector<Flag>{{"buffer_memory", &into.memory,
                                 "most bytes of statements that are held at once"}},
              own_group);
}

}  // namespace sluice::servenv
