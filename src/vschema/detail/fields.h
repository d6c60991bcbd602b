#pragma once
// The fields of vschema.proto's messages, named once for reading and writing JSON, in the order of
// their numbers. A visitor is called with a field's name (snake_case) and the member; rules() is a
// message that holds one list.
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include "vschema/definition.h"

namespace sluice::vschema {

template <class Visitor, class Message>
void visit_vindex(Visitor& visit, Message& m) {
    visit("type", m.type);
    visit("params", m.params);
    visit("owner", m.owner);
}

template <class Visitor, class Message>
void visit_column_vindex(Visitor& visit, Message& m) {
    visit("column", m.column);
    visit("name", m.name);
    visit("columns", m.columns);
}

template <class Visitor, class Message>
void visit_auto_increment(Visitor& visit, Message& m) {
    visit("column", m.column);
    visit("sequence", m.sequence);
}

template <class Visitor, class Message>
void visit_column(Visitor& visit, Message& m) {
    visit("name", m.name);
    visit("type", m.type);
    visit("invisible", m.invisible);
    visit("default", m.default_value);
    visit("collation_name", m.collation_name);
    visit("size", m.size);
    visit("scale", m.scale);
    visit("nullable", m.nullable);
    visit("values", m.values);
}

template <class Visitor, class Message>
void visit_table(Visitor& visit, Message& m) {
    visit("type", m.type);
    visit("column_vindexes", m.column_vindexes);
    visit("auto_increment", m.auto_increment);
    visit("columns", m.columns);
    visit("pinned", m.pinned);
    visit("column_list_authoritative", m.column_list_authoritative);
    visit("source", m.source);
}

template <class Visitor, class Message>
void visit_multi_tenant_spec(Visitor& visit, Message& m) {
    visit("tenant_id_column_name", m.tenant_id_column_name);
    visit("tenant_id_column_type", m.tenant_id_column_type);
}

template <class Visitor, class Message>
void visit_keyspace(Visitor& visit, Message& m) {
    visit("sharded", m.sharded);
    visit("vindexes", m.vindexes);
    visit("tables", m.tables);
    visit("require_explicit_routing", m.require_explicit_routing);
    visit("foreign_key_mode", m.foreign_key_mode);
    visit("multi_tenant_spec", m.multi_tenant_spec);
}

template <class Visitor, class Message>
void visit_routing_rule(Visitor& visit, Message& m) {
    visit("from_table", m.from_table);
    visit("to_tables", m.to_tables);
}

template <class Visitor, class Message>
void visit_shard_routing_rule(Visitor& visit, Message& m) {
    visit("from_keyspace", m.from_keyspace);
    visit("to_keyspace", m.to_keyspace);
    visit("shard", m.shard);
}

template <class Visitor, class Message>
void visit_keyspace_routing_rule(Visitor& visit, Message& m) {
    visit("from_keyspace", m.from_keyspace);
    visit("to_keyspace", m.to_keyspace);
}

template <class Visitor, class Message>
void visit_mirror_rule(Visitor& visit, Message& m) {
    visit("from_table", m.from_table);
    visit("to_table", m.to_table);
    visit("percent", m.percent);
}

template <class Visitor, class Message>
void visit_srv_vschema(Visitor& visit, Message& m) {
    visit("keyspaces", m.keyspaces);
    visit.rules("routing_rules", m.routing_rules);
    visit.rules("shard_routing_rules", m.shard_routing_rules);
    visit.rules("keyspace_routing_rules", m.keyspace_routing_rules);
    visit.rules("mirror_rules", m.mirror_rules);
}

// One name for all of them.
template <class V, class M>
void visit_fields(V& visit, M& m) {
    using Message = std::remove_const_t<M>;
    if constexpr (std::is_same_v<Message, VindexDefinition>) visit_vindex(visit, m);
    if constexpr (std::is_same_v<Message, ColumnVindexDefinition>) visit_column_vindex(visit, m);
    if constexpr (std::is_same_v<Message, AutoIncrementDefinition>) visit_auto_increment(visit, m);
    if constexpr (std::is_same_v<Message, ColumnDefinition>) visit_column(visit, m);
    if constexpr (std::is_same_v<Message, TableDefinition>) visit_table(visit, m);
    if constexpr (std::is_same_v<Message, MultiTenantSpec>) visit_multi_tenant_spec(visit, m);
    if constexpr (std::is_same_v<Message, KeyspaceDefinition>) visit_keyspace(visit, m);
    if constexpr (std::is_same_v<Message, RoutingRule>) visit_routing_rule(visit, m);
    if constexpr (std::is_same_v<Message, ShardRoutingRule>) visit_shard_routing_rule(visit, m);
    if constexpr (std::is_same_v<Message, KeyspaceRoutingRule>)
        visit_keyspace_routing_rule(visit, m);
    if constexpr (std::is_same_v<Message, MirrorRule>) visit_mirror_rule(visit, m);
    if constexpr (std::is_same_v<Message, SrvVSchema>) visit_srv_vschema(visit, m);
}

inline constexpr std::string_view foreign_key_mode_names[] = {"unspecified", "disallow",
                                                              "unmanaged", "managed"};

// "column_vindexes" -> "columnVindexes"
inline std::string camel_case(std::string_view name) {
    std::string camel;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '_' && i + 1 < name.size()) {
            ++i;
            camel += static_cast<char>(name[i] - 'a' + 'A');
        } else {
            camel += name[i];
        }
    }
    return camel;
}

}  // namespace sluice::vschema
