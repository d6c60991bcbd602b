#pragma once
// A VSchema as it is stored: the messages of vschema.proto field for field (vtgate-contract 8.1).
// topo converts them from and to protobuf, json.h from and to JSON, schema.h resolves them. Names
// are as written, nothing is checked here.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "values/type.h"

namespace sluice::vschema {

// Maps of names to definitions; ordered, so that output is in the order of names as v21 prints it.
template <class T>
using ByName = std::map<std::string, T, std::less<>>;

struct VindexDefinition {  // vschema.Vindex
    std::string type;
    ByName<std::string> params;
    std::string owner;
    bool operator==(const VindexDefinition&) const = default;
};

struct ColumnVindexDefinition {  // vschema.ColumnVindex: `column` or `columns` is set
    std::string column;
    std::string name;
    std::vector<std::string> columns;
    bool operator==(const ColumnVindexDefinition&) const = default;
};

struct AutoIncrementDefinition {  // vschema.AutoIncrement
    std::string column;
    std::string sequence;  // "table" or "keyspace.table"
    bool operator==(const AutoIncrementDefinition&) const = default;
};

struct ColumnDefinition {  // vschema.Column
    std::string name;
    Type type = Type::null_type;  // null_type: not known
    bool invisible = false;
    std::string default_value;  // field `default`: an expression
    std::string collation_name;
    std::int32_t size = 0;
    std::int32_t scale = 0;
    std::optional<bool> nullable;
    std::vector<std::string> values;  // of ENUM and SET, each quoted
    bool operator==(const ColumnDefinition&) const = default;
};

struct TableDefinition {  // vschema.Table
    std::string type;     // "", "sequence", "reference"
    std::vector<ColumnVindexDefinition> column_vindexes;
    std::optional<AutoIncrementDefinition> auto_increment;
    std::vector<ColumnDefinition> columns;
    std::string pinned;  // hex of a keyspace id
    bool column_list_authoritative = false;
    std::string source;  // "keyspace.table" of a reference table
    bool operator==(const TableDefinition&) const = default;
};

enum class ForeignKeyMode : std::uint8_t {
    unspecified = 0,
    disallow = 1,
    unmanaged = 2,
    managed = 3
};

struct MultiTenantSpec {  // vschema.MultiTenantSpec
    std::string tenant_id_column_name;
    Type tenant_id_column_type = Type::null_type;
    bool operator==(const MultiTenantSpec&) const = default;
};

struct KeyspaceDefinition {  // vschema.Keyspace
    bool sharded = false;
    ByName<VindexDefinition> vindexes;
    ByName<TableDefinition> tables;
    bool require_explicit_routing = false;
    ForeignKeyMode foreign_key_mode = ForeignKeyMode::unspecified;
    std::optional<MultiTenantSpec> multi_tenant_spec;
    bool operator==(const KeyspaceDefinition&) const = default;
};

struct RoutingRule {
    std::string from_table;
    std::vector<std::string> to_tables;
    bool operator==(const RoutingRule&) const = default;
};
struct ShardRoutingRule {
    std::string from_keyspace;
    std::string to_keyspace;
    std::string shard;
    bool operator==(const ShardRoutingRule&) const = default;
};
struct KeyspaceRoutingRule {
    std::string from_keyspace;
    std::string to_keyspace;
    bool operator==(const KeyspaceRoutingRule&) const = default;
};
struct MirrorRule {
    std::string from_table;
    std::string to_table;
    float percent = 0;
    bool operator==(const MirrorRule&) const = default;
};

// The four rule messages each hold only a list named `rules`; an absent message differs from an
// empty one on disk.
struct SrvVSchema {
    ByName<KeyspaceDefinition> keyspaces;
    std::optional<std::vector<RoutingRule>> routing_rules;
    std::optional<std::vector<ShardRoutingRule>> shard_routing_rules;
    std::optional<std::vector<KeyspaceRoutingRule>> keyspace_routing_rules;
    std::optional<std::vector<MirrorRule>> mirror_rules;
    bool operator==(const SrvVSchema&) const = default;
};

}  // namespace sluice::vschema
