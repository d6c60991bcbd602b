#pragma once
// A whole cluster described in one JSON text, for machines without a control plane: what topoctl
// loads and `make run` writes.
//
// {"cells": {"zone1": {"root": "/vitess/zone1", "server_address": ""}},
//  "keyspaces": {"customer": {"shards": ["-80", "80-"], "vschema": {VSchema JSON},
//                             "durability_policy": "none", "sidecar_db_name": "_vt"}},
//  "tablets": [{"alias": "zone1-0000000100", "keyspace": "customer", "shard": "-80", "type":
//  "PRIMARY",
//               "hostname": "127.0.0.1", "port_map": {"grpc": 15999}, "mysql_hostname":
//               "127.0.0.1", "mysql_port": 17100, "db_name_override": "vt_customer_-80", "tags":
//               {"mysql_socket": "/s"}}]}
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topo/topology.h"

namespace sluice::topo {

struct Cluster {
    struct KeyspaceDescription {
        std::vector<vindex::ShardName> shards;
        std::optional<vschema::KeyspaceDefinition> vschema;
        std::string durability_policy = "none";
        std::string sidecar_db_name = "_vt";
    };
    std::map<std::string, CellLocation> cells;
    std::map<std::string, KeyspaceDescription> keyspaces;
    std::vector<Tablet> tablets;
};

// cluster = the JSON above; unknown fields (but the VSchema's own), cells, keyspaces and shards
// are refused
Result<Cluster> parse_cluster(std::string_view json);

// Writes all records of the cluster: CellInfo, Keyspace, Shard, Tablet, ShardReplication,
// SrvKeyspace, VSchema, SrvVSchema. May be repeated: a VSchema that is there stays unless
// `overwrite`; shards keep what the description does not name. `now` is the primaries' term start.
Task<Result<void>> load_cluster(Topology* topology, Cluster cluster, bool overwrite, Time now,
                                Stop* stop);

// The record at "/CELL/PATH" ("/global/keyspaces/customer/Keyspace") as JSON.
Task<Result<std::string>> record_at(Topology* topology, std::string where, Stop* stop);
// All records of all cells: one JSON object by "/CELL/PATH", one line each.
Task<Result<std::string>> dump_records(Topology* topology, Stop* stop);

}  // namespace sluice::topo
