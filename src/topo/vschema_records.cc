// Start and change of a gateway: VSchema records from and to protobuf. Before: topo/topology.cc.
#include "topo/protojson.h"
#include "topo/records.h"
#include "vschema.pb.h"

namespace sluice::topo {
namespace {

namespace message = ::vschema;
using sluice::vschema::ByName;

template <class Message>
Result<Message> parse(std::string_view bytes) {
    Message parsed;
    if (bytes.size() > 64 * 1024 * 1024 ||
        !parsed.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return fail(Code::data_loss, "a topology record is not a valid " + parsed.GetTypeName());
    }
    return parsed;
}

template <class T>
std::vector<std::string> strings_of(const T& field) {
    return {field.begin(), field.end()};
}
template <class T>
void set_strings(const std::vector<std::string>& strings, T* field) {
    field->Add(strings.begin(), strings.end());
}

Type type_of(query::Type type) {
    return static_cast<Type>(type);
}
query::Type to_message(Type type) {
    return static_cast<query::Type>(type);
}

message::Vindex to_message(const vschema::VindexDefinition& vindex) {
    message::Vindex made;
    made.set_type(vindex.type);
    made.mutable_params()->insert(vindex.params.begin(), vindex.params.end());
    made.set_owner(vindex.owner);
    return made;
}
vschema::VindexDefinition definition_of(const message::Vindex& vindex) {
    return {vindex.type(), {vindex.params().begin(), vindex.params().end()}, vindex.owner()};
}

message::Column to_message(const vschema::ColumnDefinition& column) {
    message::Column made;
    made.set_name(column.name);
    made.set_type(to_message(column.type));
    made.set_invisible(column.invisible);
    made.set_default_(column.default_value);
    made.set_collation_name(column.collation_name);
    made.set_size(column.size);
    made.set_scale(column.scale);
    if (column.nullable) made.set_nullable(*column.nullable);
    set_strings(column.values, made.mutable_values());
    return made;
}
vschema::ColumnDefinition definition_of(const message::Column& column) {
    vschema::ColumnDefinition made;
    made.name = column.name();
    made.type = type_of(column.type());
    made.invisible = column.invisible();
    made.default_value = column.default_();
    made.collation_name = column.collation_name();
    made.size = column.size();
    made.scale = column.scale();
    if (column.has_nullable()) made.nullable = column.nullable();
    made.values = strings_of(column.values());
    return made;
}

message::Table to_message(const vschema::TableDefinition& table) {
    message::Table made;
    made.set_type(table.type);
    for (const auto& one : table.column_vindexes) {
        auto* vindex = made.add_column_vindexes();
        vindex->set_column(one.column);
        vindex->set_name(one.name);
        set_strings(one.columns, vindex->mutable_columns());
    }
    if (table.auto_increment) {
        made.mutable_auto_increment()->set_column(table.auto_increment->column);
        made.mutable_auto_increment()->set_sequence(table.auto_increment->sequence);
    }
    for (const auto& column : table.columns) *made.add_columns() = to_message(column);
    made.set_pinned(table.pinned);
    made.set_column_list_authoritative(table.column_list_authoritative);
    made.set_source(table.source);
    return made;
}
vschema::TableDefinition definition_of(const message::Table& table) {
    vschema::TableDefinition made;
    made.type = table.type();
    for (const auto& one : table.column_vindexes()) {
        made.column_vindexes.push_back({one.column(), one.name(), strings_of(one.columns())});
    }
    if (table.has_auto_increment()) {
        made.auto_increment = {table.auto_increment().column(), table.auto_increment().sequence()};
    }
    for (const auto& column : table.columns()) made.columns.push_back(definition_of(column));
    made.pinned = table.pinned();
    made.column_list_authoritative = table.column_list_authoritative();
    made.source = table.source();
    return made;
}

message::Keyspace to_message(const vschema::KeyspaceDefinition& keyspace) {
    message::Keyspace made;
    made.set_sharded(keyspace.sharded);
    for (const auto& [name, one] : keyspace.vindexes) {
        (*made.mutable_vindexes())[name] = to_message(one);
    }
    for (const auto& [name, one] : keyspace.tables) {
        (*made.mutable_tables())[name] = to_message(one);
    }
    made.set_require_explicit_routing(keyspace.require_explicit_routing);
    made.set_foreign_key_mode(
        static_cast<message::Keyspace_ForeignKeyMode>(keyspace.foreign_key_mode));
    if (const auto& spec = keyspace.multi_tenant_spec) {
        made.mutable_multi_tenant_spec()->set_tenant_id_column_name(spec->tenant_id_column_name);
        made.mutable_multi_tenant_spec()->set_tenant_id_column_type(
            to_message(spec->tenant_id_column_type));
    }
    return made;
}
vschema::KeyspaceDefinition definition_of(const message::Keyspace& keyspace) {
    vschema::KeyspaceDefinition made;
    made.sharded = keyspace.sharded();
    for (const auto& [name, one] : keyspace.vindexes()) made.vindexes[name] = definition_of(one);
    for (const auto& [name, one] : keyspace.tables()) made.tables[name] = definition_of(one);
    made.require_explicit_routing = keyspace.require_explicit_routing();
    if (message::Keyspace_ForeignKeyMode_IsValid(keyspace.foreign_key_mode())) {
        made.foreign_key_mode = static_cast<vschema::ForeignKeyMode>(keyspace.foreign_key_mode());
    }
    if (keyspace.has_multi_tenant_spec()) {
        const auto& spec = keyspace.multi_tenant_spec();
        made.multi_tenant_spec = {spec.tenant_id_column_name(),
                                  type_of(spec.tenant_id_column_type())};
    }
    return made;
}

message::RoutingRules to_message(const std::vector<vschema::RoutingRule>& rules) {
    message::RoutingRules made;
    for (const auto& rule : rules) {
        auto* one = made.add_rules();
        one->set_from_table(rule.from_table);
        set_strings(rule.to_tables, one->mutable_to_tables());
    }
    return made;
}
std::vector<vschema::RoutingRule> definition_of(const message::RoutingRules& rules) {
    std::vector<vschema::RoutingRule> made;
    for (const auto& one : rules.rules()) {
        made.push_back({one.from_table(), strings_of(one.to_tables())});
    }
    return made;
}

message::ShardRoutingRules to_message(const std::vector<vschema::ShardRoutingRule>& rules) {
    message::ShardRoutingRules made;
    for (const auto& rule : rules) {
        auto* one = made.add_rules();
        one->set_from_keyspace(rule.from_keyspace);
        one->set_to_keyspace(rule.to_keyspace);
        one->set_shard(rule.shard);
    }
    return made;
}
std::vector<vschema::ShardRoutingRule> definition_of(const message::ShardRoutingRules& rules) {
    std::vector<vschema::ShardRoutingRule> made;
    for (const auto& one : rules.rules()) {
        made.push_back({one.from_keyspace(), one.to_keyspace(), one.shard()});
    }
    return made;
}

message::KeyspaceRoutingRules to_message(const std::vector<vschema::KeyspaceRoutingRule>& rules) {
    message::KeyspaceRoutingRules made;
    for (const auto& rule : rules) {
        auto* one = made.add_rules();
        one->set_from_keyspace(rule.from_keyspace);
        one->set_to_keyspace(rule.to_keyspace);
    }
    return made;
}
std::vector<vschema::KeyspaceRoutingRule> definition_of(
    const message::KeyspaceRoutingRules& rules) {
    std::vector<vschema::KeyspaceRoutingRule> made;
    for (const auto& one : rules.rules()) made.push_back({one.from_keyspace(), one.to_keyspace()});
    return made;
}

message::MirrorRules to_message(const std::vector<vschema::MirrorRule>& rules) {
    message::MirrorRules made;
    for (const auto& rule : rules) {
        auto* one = made.add_rules();
        one->set_from_table(rule.from_table);
        one->set_to_table(rule.to_table);
        one->set_percent(rule.percent);
    }
    return made;
}
std::vector<vschema::MirrorRule> definition_of(const message::MirrorRules& rules) {
    std::vector<vschema::MirrorRule> made;
    for (const auto& one : rules.rules()) {
        made.push_back({one.from_table(), one.to_table(), one.percent()});
    }
    return made;
}

}  // namespace

template <>
std::string encode(const vschema::KeyspaceDefinition& record) {
    return to_bytes(to_message(record));
}
template <>
Result<vschema::KeyspaceDefinition> decode(std::string_view bytes) {
    return definition_of(TRY(parse<message::Keyspace>(bytes)));
}

template <>
std::string encode(const RoutingRules& record) {
    return to_bytes(to_message(record.rules));
}
template <>
Result<RoutingRules> decode(std::string_view bytes) {
    return RoutingRules{definition_of(TRY(parse<message::RoutingRules>(bytes)))};
}

template <>
std::string encode(const ShardRoutingRules& record) {
    return to_bytes(to_message(record.rules));
}
template <>
Result<ShardRoutingRules> decode(std::string_view bytes) {
    return ShardRoutingRules{definition_of(TRY(parse<message::ShardRoutingRules>(bytes)))};
}

template <>
std::string encode(const KeyspaceRoutingRules& record) {
    return to_bytes(to_message(record.rules));
}
template <>
Result<KeyspaceRoutingRules> decode(std::string_view bytes) {
    return KeyspaceRoutingRules{definition_of(TRY(parse<message::KeyspaceRoutingRules>(bytes)))};
}

template <>
std::string encode(const MirrorRules& record) {
    return to_bytes(to_message(record.rules));
}
template <>
Result<MirrorRules> decode(std::string_view bytes) {
    return MirrorRules{definition_of(TRY(parse<message::MirrorRules>(bytes)))};
}

template <>
std::string encode(const vschema::SrvVSchema& record) {
    message::SrvVSchema made;
    for (const auto& [name, one] : record.keyspaces) {
        (*made.mutable_keyspaces())[name] = to_message(one);
    }
    if (const auto& rules = record.routing_rules)
        *made.mutable_routing_rules() = to_message(*rules);
    if (const auto& rules = record.shard_routing_rules) {
        *made.mutable_shard_routing_rules() = to_message(*rules);
    }
    if (const auto& rules = record.keyspace_routing_rules) {
        *made.mutable_keyspace_routing_rules() = to_message(*rules);
    }
    if (const auto& rules = record.mirror_rules) *made.mutable_mirror_rules() = to_message(*rules);
    return to_bytes(made);
}
template <>
Result<vschema::SrvVSchema> decode(std::string_view bytes) {
    const auto parsed = TRY(parse<message::SrvVSchema>(bytes));
    vschema::SrvVSchema made;
    for (const auto& [name, one] : parsed.keyspaces()) made.keyspaces[name] = definition_of(one);
    if (parsed.has_routing_rules()) made.routing_rules = definition_of(parsed.routing_rules());
    if (parsed.has_shard_routing_rules()) {
        made.shard_routing_rules = definition_of(parsed.shard_routing_rules());
    }
    if (parsed.has_keyspace_routing_rules()) {
        made.keyspace_routing_rules = definition_of(parsed.keyspace_routing_rules());
    }
    if (parsed.has_mirror_rules()) made.mirror_rules = definition_of(parsed.mirror_rules());
    return made;
}

}  // namespace sluice::topo
