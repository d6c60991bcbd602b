// Start and change of a gateway: topology records from and to protobuf. Before: topo/topology.cc.
#include "topo/records.h"

#include "topo/protojson.h"
#include "topodata.pb.h"

namespace sluice::topo {

std::string Tablet::database() const {
    return db_name_override.empty() ? "vt_" + keyspace : db_name_override;
}

const KeyspacePartition* SrvKeyspace::partition(TabletType type) const {
    for (const KeyspacePartition& one : partitions) {
        if (one.served_type == type) return &one;
    }
    return nullptr;
}

namespace {

template <class Message>
Result<Message> parse(std::string_view bytes) {
    Message message;
    // Protobuf counts in int; a store's values are far smaller.
    if (bytes.size() > 64 * 1024 * 1024 ||
        !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return fail(Code::data_loss, "a topology record is not a valid " + message.GetTypeName());
    }
    return message;
}

// Fields shared by several messages, in both directions.

std::optional<KeyRange> key_range_of(bool present, const topodata::KeyRange& message) {
    if (!present) return std::nullopt;
    return KeyRange{message.start(), message.end()};
}
void set_key_range(const std::optional<KeyRange>& range, auto& message) {
    if (!range) return;
    message.mutable_key_range()->set_start(range->start);
    message.mutable_key_range()->set_end(range->end);
}

std::optional<Time> time_of(bool present, const vttime::Time& message) {
    if (!present) return std::nullopt;
    return Time{message.seconds(), message.nanoseconds()};
}
vttime::Time to_message(const Time& time) {
    vttime::Time message;
    message.set_seconds(time.seconds);
    message.set_nanoseconds(time.nanoseconds);
    return message;
}

TabletAlias alias_of(const topodata::TabletAlias& message) {
    return {message.cell(), message.uid()};
}
topodata::TabletAlias to_message(const TabletAlias& alias) {
    topodata::TabletAlias message;
    message.set_cell(alias.cell);
    message.set_uid(alias.uid);
    return message;
}

TabletType type_of(topodata::TabletType type) {
    return topodata::TabletType_IsValid(type) ? static_cast<TabletType>(type) : TabletType::unknown;
}
topodata::TabletType to_message(TabletType type) {
    return static_cast<topodata::TabletType>(type);
}

template <class T>
std::vector<std::string> strings_of(const T& field) {
    return {field.begin(), field.end()};
}
template <class T>
void set_strings(const std::vector<std::string>& strings, T* field) {
    field->Add(strings.begin(), strings.end());
}

template <class Message>
std::optional<std::string> throttler_of(const Message& message) {
    if (!message.has_throttler_config()) return std::nullopt;
    return to_bytes(message.throttler_config());
}
template <class Message>
void set_throttler(const std::optional<std::string>& bytes, Message& message) {
    if (bytes) message.mutable_throttler_config()->ParseFromString(*bytes);
}

}  // namespace

template <>
std::string encode(const CellLocation& record) {
    topodata::CellInfo message;
    message.set_server_address(record.server_address);
    message.set_root(record.root);
    return to_bytes(message);
}
template <>
Result<CellLocation> decode(std::string_view bytes) {
    const auto message = TRY(parse<topodata::CellInfo>(bytes));
    return CellLocation{message.server_address(), message.root()};
}

template <>
std::string encode(const CellsAlias& record) {
    topodata::CellsAlias message;
    set_strings(record.cells, message.mutable_cells());
    return to_bytes(message);
}
template <>
Result<CellsAlias> decode(std::string_view bytes) {
    return CellsAlias{strings_of(TRY(parse<topodata::CellsAlias>(bytes)).cells())};
}

template <>
std::string encode(const Keyspace& record) {
    topodata::Keyspace message;
    message.set_keyspace_type(record.snapshot ? topodata::SNAPSHOT : topodata::NORMAL);
    message.set_base_keyspace(record.base_keyspace);
    if (record.snapshot_time) *message.mutable_snapshot_time() = to_message(*record.snapshot_time);
    message.set_durability_policy(record.durability_policy);
    set_throttler(record.throttler_config, message);
    message.set_sidecar_db_name(record.sidecar_db_name);
    return to_bytes(message);
}
template <>
Result<Keyspace> decode(std::string_view bytes) {
    const auto message = TRY(parse<topodata::Keyspace>(bytes));
    return Keyspace{
        .snapshot = message.keyspace_type() == topodata::SNAPSHOT,
        .base_keyspace = message.base_keyspace(),
        .snapshot_time = time_of(message.has_snapshot_time(), message.snapshot_time()),
        .durability_policy = message.durability_policy(),
        .throttler_config = throttler_of(message),
        .sidecar_db_name = message.sidecar_db_name(),
    };
}

namespace {

topodata::Shard::SourceShard to_message(const SourceShard& source) {
    topodata::Shard::SourceShard message;
    message.set_uid(source.uid);
    message.set_keyspace(source.keyspace);
    message.set_shard(source.shard);
    set_key_range(source.key_range, message);
    set_strings(source.tables, message.mutable_tables());
    return message;
}
SourceShard source_of(const topodata::Shard::SourceShard& message) {
    return {message.uid(), message.keyspace(), message.shard(),
            key_range_of(message.has_key_range(), message.key_range()),
            strings_of(message.tables())};
}

topodata::Shard::TabletControl to_message(const TabletControl& control) {
    topodata::Shard::TabletControl message;
    message.set_tablet_type(to_message(control.tablet_type));
    set_strings(control.cells, message.mutable_cells());
    set_strings(control.denied_tables, message.mutable_denied_tables());
    message.set_frozen(control.frozen);
    return message;
}
TabletControl control_of(const topodata::Shard::TabletControl& message) {
    return {type_of(message.tablet_type()), strings_of(message.cells()),
            strings_of(message.denied_tables()), message.frozen()};
}

}  // namespace

template <>
std::string encode(const Shard& record) {
    topodata::Shard message;
    if (record.primary_alias) *message.mutable_primary_alias() = to_message(*record.primary_alias);
    set_key_range(record.key_range, message);
    for (const auto& one : record.source_shards) *message.add_source_shards() = to_message(one);
    for (const auto& one : record.tablet_controls) *message.add_tablet_controls() = to_message(one);
    message.set_is_primary_serving(record.is_primary_serving);
    if (record.primary_term_start_time) {
        *message.mutable_primary_term_start_time() = to_message(*record.primary_term_start_time);
    }
    return to_bytes(message);
}
template <>
Result<Shard> decode(std::string_view bytes) {
    const auto message = TRY(parse<topodata::Shard>(bytes));
    Shard record;
    if (message.has_primary_alias()) record.primary_alias = alias_of(message.primary_alias());
    record.key_range = key_range_of(message.has_key_range(), message.key_range());
    for (const auto& one : message.source_shards()) record.source_shards.push_back(source_of(one));
    for (const auto& one : message.tablet_controls()) {
        record.tablet_controls.push_back(control_of(one));
    }
    record.is_primary_serving = message.is_primary_serving();
    record.primary_term_start_time =
        time_of(message.has_primary_term_start_time(), message.primary_term_start_time());
    return record;
}

template <>
std::string encode(const Tablet& record) {
    topodata::Tablet message;
    *message.mutable_alias() = to_message(record.alias);
    message.set_hostname(record.hostname);
    message.mutable_port_map()->insert(record.port_map.begin(), record.port_map.end());
    message.set_keyspace(record.keyspace);
    message.set_shard(record.shard);
    set_key_range(record.key_range, message);
    message.set_type(to_message(record.type));
    message.set_db_name_override(record.db_name_override);
    message.mutable_tags()->insert(record.tags.begin(), record.tags.end());
    message.set_mysql_hostname(record.mysql_hostname);
    message.set_mysql_port(record.mysql_port);
    if (record.primary_term_start_time) {
        *message.mutable_primary_term_start_time() = to_message(*record.primary_term_start_time);
    }
    message.set_default_conn_collation(record.default_conn_collation);
    return to_bytes(message);
}
template <>
Result<Tablet> decode(std::string_view bytes) {
    const auto message = TRY(parse<topodata::Tablet>(bytes));
    return Tablet{
        .alias = alias_of(message.alias()),
        .hostname = message.hostname(),
        .port_map = {message.port_map().begin(), message.port_map().end()},
        .keyspace = message.keyspace(),
        .shard = message.shard(),
        .key_range = key_range_of(message.has_key_range(), message.key_range()),
        .type = type_of(message.type()),
        .db_name_override = message.db_name_override(),
        .tags = {message.tags().begin(), message.tags().end()},
        .mysql_hostname = message.mysql_hostname(),
        .mysql_port = message.mysql_port(),
        .primary_term_start_time =
            time_of(message.has_primary_term_start_time(), message.primary_term_start_time()),
        .default_conn_collation = message.default_conn_collation(),
    };
}

template <>
std::string encode(const ShardReplication& record) {
    topodata::ShardReplication message;
    for (const auto& one : record.nodes) {
        *message.add_nodes()->mutable_tablet_alias() = to_message(one);
    }
    return to_bytes(message);
}
template <>
Result<ShardReplication> decode(std::string_view bytes) {
    const auto message = TRY(parse<topodata::ShardReplication>(bytes));
    ShardReplication record;
    for (const auto& one : message.nodes()) record.nodes.push_back(alias_of(one.tablet_alias()));
    return record;
}

template <>
std::string encode(const SrvKeyspace& record) {
    topodata::SrvKeyspace message;
    for (const KeyspacePartition& one : record.partitions) {
        auto* partition = message.add_partitions();
        partition->set_served_type(to_message(one.served_type));
        for (const ShardReference& reference : one.shard_references) {
            auto* shard = partition->add_shard_references();
            shard->set_name(reference.name);
            set_key_range(reference.key_range, *shard);
        }
        for (const ShardTabletControl& control : one.shard_tablet_controls) {
            auto* shard = partition->add_shard_tablet_controls();
            shard->set_name(control.name);
            set_key_range(control.key_range, *shard);
            shard->set_query_service_disabled(control.query_service_disabled);
        }
    }
    set_throttler(record.throttler_config, message);
    return to_bytes(message);
}
template <>
Result<SrvKeyspace> decode(std::string_view bytes) {
    const auto message = TRY(parse<topodata::SrvKeyspace>(bytes));
    SrvKeyspace record;
    for (const auto& one : message.partitions()) {
        KeyspacePartition partition{type_of(one.served_type()), {}, {}};
        for (const auto& shard : one.shard_references()) {
            partition.shard_references.push_back(
                {shard.name(), key_range_of(shard.has_key_range(), shard.key_range())});
        }
        for (const auto& shard : one.shard_tablet_controls()) {
            partition.shard_tablet_controls.push_back(
                {shard.name(), key_range_of(shard.has_key_range(), shard.key_range()),
                 shard.query_service_disabled()});
        }
        record.partitions.push_back(std::move(partition));
    }
    record.throttler_config = throttler_of(message);
    return record;
}

}  // namespace sluice::topo
