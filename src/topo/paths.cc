// Start and change of a gateway: names of topology records. After: the stores.
#include "topo/paths.h"

#include <array>

namespace sluice::topo::path {
namespace {

template <class... Parts>
std::string concatenate(Parts... parts) {
    std::string whole;
    (whole.append(parts), ...);
    return whole;
}

struct Ending {
    std::string_view prefix;
    std::string_view name;
    std::string_view message;
};

// A path belongs to the first row whose prefix it has and whose name is its last part.
constexpr std::array endings = {
    Ending{"cells/", "CellInfo", "topodata.CellInfo"},
    Ending{"cells_aliases/", "CellsAlias", "topodata.CellsAlias"},
    Ending{"keyspaces/", "Keyspace", "topodata.Keyspace"},
    Ending{"keyspaces/", "VSchema", "vschema.Keyspace"},
    Ending{"keyspaces/", "Shard", "topodata.Shard"},
    Ending{"keyspaces/", "SrvKeyspace", "topodata.SrvKeyspace"},
    Ending{"keyspaces/", "ShardReplication", "topodata.ShardReplication"},
    Ending{"tablets/", "Tablet", "topodata.Tablet"},
    Ending{"", "RoutingRules", "vschema.RoutingRules"},
    Ending{"", "ShardRoutingRules", "vschema.ShardRoutingRules"},
    Ending{"routing_rules/keyspace/", "Rules", "vschema.KeyspaceRoutingRules"},
    Ending{"", "MirrorRules", "vschema.MirrorRules"},
    Ending{"", "SrvVSchema", "vschema.SrvVSchema"},
    Ending{"ExternalClusters/vitess/", "", "topodata.ExternalVitessCluster"},
};

}  // namespace

std::string cells() {
    return "cells";
}
std::string cell_location(std::string_view cell) {
    return concatenate("cells/", cell, "/CellInfo");
}
std::string cells_aliases() {
    return "cells_aliases";
}
std::string cells_alias(std::string_view alias) {
    return concatenate("cells_aliases/", alias, "/CellsAlias");
}
std::string keyspaces() {
    return "keyspaces";
}
std::string keyspace_directory(std::string_view keyspace) {
    return concatenate("keyspaces/", keyspace);
}
std::string keyspace(std::string_view keyspace) {
    return concatenate("keyspaces/", keyspace, "/Keyspace");
}
std::string vschema(std::string_view keyspace) {
    return concatenate("keyspaces/", keyspace, "/VSchema");
}
std::string shards(std::string_view keyspace) {
    return concatenate("keyspaces/", keyspace, "/shards");
}
std::string shard_directory(std::string_view keyspace, std::string_view shard) {
    return concatenate("keyspaces/", keyspace, "/shards/", shard);
}
std::string shard(std::string_view keyspace, std::string_view shard) {
    return concatenate("keyspaces/", keyspace, "/shards/", shard, "/Shard");
}
std::string routing_rules() {
    return "RoutingRules";
}
std::string shard_routing_rules() {
    return "ShardRoutingRules";
}
std::string keyspace_routing_rules() {
    return "routing_rules/keyspace/Rules";
}
std::string mirror_rules() {
    return "MirrorRules";
}
std::string external_cluster(std::string_view name) {
    return concatenate("ExternalClusters/vitess/", name);
}
std::string metadata(std::string_view key) {
    return concatenate("metadata/", key);
}

std::string tablets() {
    return "tablets";
}
std::string tablet(const vindex::TabletAlias& alias) {
    return concatenate("tablets/", std::string_view(vindex::to_text(alias)), "/Tablet");
}
std::string srv_keyspace(std::string_view keyspace) {
    return concatenate("keyspaces/", keyspace, "/SrvKeyspace");
}
std::string shard_replication(std::string_view keyspace, std::string_view shard) {
    return concatenate("keyspaces/", keyspace, "/shards/", shard, "/ShardReplication");
}
std::string srv_vschema() {
    return "SrvVSchema";
}

std::string_view message_of(std::string_view path) {
    const auto slash = path.rfind('/');
    const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
    for (const Ending& ending : endings) {
        if (!path.starts_with(ending.prefix)) continue;
        if (ending.name.empty() || name == ending.name) return ending.message;
    }
    return {};
}

std::string join(std::string_view root, std::string_view path) {
    while (root.ends_with('/')) root.remove_suffix(1);
    while (path.starts_with('/')) path.remove_prefix(1);
    return concatenate(root, std::string_view("/"), path);
}

}  // namespace sluice::topo::path
