#pragma once
// Where records stand in a store, relative to its root (vtgate-contract 6.1).
#include <string>
#include <string_view>

#include "vindex/target.h"

namespace sluice::topo::path {

// Global cell.
std::string cells();
std::string cell_location(std::string_view cell);  // cells/CELL/CellInfo
std::string cells_aliases();
std::string cells_alias(std::string_view alias);
std::string keyspaces();
std::string keyspace(std::string_view keyspace);
std::string keyspace_directory(std::string_view keyspace);  // what a keyspace lock locks
std::string vschema(std::string_view keyspace);
std::string shards(std::string_view keyspace);
std::string shard(std::string_view keyspace, std::string_view shard);
std::string shard_directory(std::string_view keyspace, std::string_view shard);
std::string routing_rules();
std::string shard_routing_rules();
std::string keyspace_routing_rules();
std::string mirror_rules();
std::string external_cluster(std::string_view name);
std::string metadata(std::string_view key);

// A cell's own store; keyspaces() lists there too.
std::string tablets();
std::string tablet(const vindex::TabletAlias& alias);
std::string srv_keyspace(std::string_view keyspace);
std::string shard_replication(std::string_view keyspace, std::string_view shard);
std::string srv_vschema();

// The message that a record at this path holds ("topodata.Shard"); empty if none is known.
std::string_view message_of(std::string_view path);

// A store's key: root "/" path with single slashes.
std::string join(std::string_view root, std::string_view path);

}  // namespace sluice::topo::path
