// Before a gateway starts: the records of a cluster that has no control plane. Before:
// apps/topoctl.
#include "topo/cluster.h"

#include <algorithm>
#include <limits>
#include <set>

#include <boost/json.hpp>

#include "topo/paths.h"
#include "topo/protojson.h"
#include "topo/serving.h"
#include "vschema/json.h"

namespace sluice::topo {
namespace {

namespace json = boost::json;

std::unexpected<Error> invalid(const std::string& text) {
    return fail(Code::invalid_argument, "cluster description: " + text);
}

// Reads one object's fields by name; what is left over is an error.
class Reader {
 public:
    static Result<Reader> open(const json::value& value, std::string what) {
        if (!value.is_object()) return invalid(what + " must be an object");
        return Reader(value.get_object(), std::move(what));
    }

    const json::value* take(std::string_view name) {
        known_.emplace(name);
        return object_->if_contains(name);
    }
    Result<std::string> text(std::string_view name, std::string otherwise = "") {
        const json::value* value = take(name);
        if (value == nullptr) return otherwise;
        if (!value->is_string())
            return invalid(what_ + "." + std::string(name) + " must be a string");
        return std::string(value->get_string());
    }
    Result<std::int32_t> number(std::string_view name) {
        const json::value* value = take(name);
        if (value == nullptr) return 0;
        boost::system::error_code wrong;
        const auto number = value->to_number<std::int32_t>(wrong);
        if (wrong) return invalid(what_ + "." + std::string(name) + " must be an integer");
        return number;
    }
    // Fields of an object by name, each through `read`.
    template <class T, class Read>
    Result<std::map<std::string, T>> map(std::string_view name, Read read) {
        std::map<std::string, T> result;
        const json::value* value = take(name);
        if (value == nullptr) return result;
        const std::string inner = what_ + "." + std::string(name);
        if (!value->is_object()) return invalid(inner + " must be an object");
        for (const auto& field : value->get_object()) {
            const std::string key(field.key());
            result[key] = TRY(read(field.value(), inner + "." + key));
        }
        return result;
    }
    template <class T, class Read>
    Result<std::vector<T>> list(std::string_view name, Read read) {
        std::vector<T> result;
        const json::value* value = take(name);
        if (value == nullptr) return result;
        const std::string inner = what_ + "." + std::string(name);
        if (!value->is_array()) return invalid(inner + " must be a list");
        for (const json::value& one : value->get_array()) {
            result.push_back(TRY(read(one, inner + "[" + std::to_string(result.size()) + "]")));
        }
        return result;
    }
    Result<void> finish() const {
        for (const auto& field : *object_) {
            if (known_.contains(field.key())) continue;
            return invalid("unknown field " + what_ + "." + std::string(field.key()));
        }
        return {};
    }

 private:
    Reader(const json::object& object, std::string what)
        : object_(&object), what_(std::move(what)) {}
    const json::object* object_;
    std::string what_;
    std::set<std::string, std::less<>> known_;
};

Result<std::string> read_text(const json::value& value, const std::string& what) {
    if (!value.is_string()) return invalid(what + " must be a string");
    return std::string(value.get_string());
}

Result<std::int32_t> read_port(const json::value& value, const std::string& what) {
    const auto* number = value.if_int64();
    if (number == nullptr || *number < 0 || *number > 65'535)
        return invalid(what + " must be a port");
    return static_cast<std::int32_t>(*number);
}

Result<CellLocation> read_cell(const json::value& value, const std::string& what) {
    Reader reader = TRY(Reader::open(value, what));
    CellLocation cell;
    cell.root = TRY(reader.text("root"));
    cell.server_address = TRY(reader.text("server_address"));
    TRY(reader.finish());
    if (cell.root.empty()) return invalid(what + " has no root");
    return cell;
}

Result<Cluster::KeyspaceDescription> read_keyspace(const json::value& value,
                                                   const std::string& what) {
    Reader reader = TRY(Reader::open(value, what));
    Cluster::KeyspaceDescription keyspace;
    keyspace.shards = TRY(reader.list<vindex::ShardName>(
        "shards",
        [](const json::value& one, const std::string& where) -> Result<vindex::ShardName> {
            return vindex::validate_shard_name(TRY(read_text(one, where)));
        }));
    if (keyspace.shards.empty()) return invalid(what + " has no shards");
    if (const json::value* vschema = reader.take("vschema")) {
        auto definition = vschema::parse_keyspace_json(json::serialize(*vschema));
        if (!definition) return invalid(what + ".vschema: " + definition.error().text);
        keyspace.vschema = std::move(*definition);
    }
    keyspace.durability_policy = TRY(reader.text("durability_policy", keyspace.durability_policy));
    keyspace.sidecar_db_name = TRY(reader.text("sidecar_db_name", keyspace.sidecar_db_name));
    TRY(reader.finish());
    return keyspace;
}

Result<Tablet> read_tablet(const json::value& value, const std::string& what) {
    Reader reader = TRY(Reader::open(value, what));
    Tablet tablet;
    tablet.alias = TRY(vindex::parse_tablet_alias(TRY(reader.text("alias"))));
    tablet.keyspace = TRY(reader.text("keyspace"));
    auto shard = TRY(vindex::validate_shard_name(TRY(reader.text("shard"))));
    tablet.shard = std::move(shard.name);
    tablet.key_range = std::move(shard.range);
    const std::string type = TRY(reader.text("type"));
    tablet.type = vindex::tablet_type_of_name(type);
    if (tablet.type == TabletType::unknown)
        return invalid(what + " has unknown type '" + type + "'");
    tablet.hostname = TRY(reader.text("hostname"));
    tablet.port_map = TRY(reader.map<std::int32_t>("port_map", read_port));
    tablet.mysql_hostname = TRY(reader.text("mysql_hostname", tablet.hostname));
    tablet.mysql_port = TRY(reader.number("mysql_port"));
    tablet.db_name_override = TRY(reader.text("db_name_override"));
    tablet.tags = TRY(reader.map<std::string>("tags", read_text));
    TRY(reader.finish());
    return tablet;
}

// Tablets name cells, keyspaces and shards of the description; a shard has at most one primary.
Result<void> check_tablets(const Cluster& cluster) {
    std::set<std::string> primaries;
    for (const Tablet& tablet : cluster.tablets) {
        const std::string name = vindex::to_text(tablet.alias);
        if (!cluster.cells.contains(tablet.alias.cell)) {
            return invalid("tablet " + name + " is in an unknown cell");
        }
        const auto keyspace = cluster.keyspaces.find(tablet.keyspace);
        if (keyspace == cluster.keyspaces.end()) {
            return invalid("tablet " + name + " is of unknown keyspace '" + tablet.keyspace + "'");
        }
        const auto& shards = keyspace->second.shards;
        if (std::none_of(shards.begin(), shards.end(),
                         [&](const auto& shard) { return shard.name == tablet.shard; })) {
            return invalid("tablet " + name + " is of unknown shard '" + tablet.shard + "'");
        }
        if (tablet.type == TabletType::primary &&
            !primaries.insert(tablet.keyspace + "/" + tablet.shard).second) {
            return invalid("shard " + tablet.keyspace + "/" + tablet.shard + " has two primaries");
        }
    }
    return {};
}

using vschema::KeyspaceDefinition;

// One load; the steps share what they work on.
struct Load {
    Topology* topology;
    Cluster cluster;
    bool overwrite;
    Time now;
    Stop* stop;
};

Task<Result<void>> load_shard(Load* load, std::string keyspace, vindex::ShardName name) {
    const std::string where = path::shard(keyspace, name.name);
    auto before = co_await load->topology->shard(keyspace, name.name, load->stop);
    if (!before && before.error().code != no_node) co_return std::unexpected(before.error());
    Shard shard;
    shard.is_primary_serving = true;
    if (before) shard = std::move(before->value);
    shard.key_range = name.range;
    for (Tablet& tablet : load->cluster.tablets) {
        const bool is_primary = tablet.type == TabletType::primary && tablet.keyspace == keyspace &&
                                tablet.shard == name.name;
        if (!is_primary) continue;
        if (shard.primary_alias != tablet.alias || !shard.primary_term_start_time) {
            shard.primary_alias = tablet.alias;
            shard.primary_term_start_time = load->now;
        }
        tablet.primary_term_start_time = shard.primary_term_start_time;
    }
    CO_TRY(co_await load->topology->write("global", where, shard, 0, load->stop));
    co_return Result<void>{};
}

Task<Result<void>> load_keyspace(Load* load, std::string name,
                                 Cluster::KeyspaceDescription description) {
    const auto known = co_await load->topology->keyspace(name, load->stop);
    if (!known && known.error().code != no_node) co_return std::unexpected(known.error());
    if (!known) {
        Keyspace keyspace;
        keyspace.durability_policy = description.durability_policy;
        keyspace.sidecar_db_name = description.sidecar_db_name;
        CO_TRY(co_await load->topology->write("global", path::keyspace(name), keyspace, 0,
                                              load->stop));
    }
    for (const vindex::ShardName& shard : description.shards) {
        CO_TRY(co_await load_shard(load, name, shard));
    }
    if (!description.vschema) co_return Result<void>{};
    const auto vschema = co_await load->topology->vschema(name, load->stop);
    if (!vschema && vschema.error().code != no_node) co_return std::unexpected(vschema.error());
    if (!vschema || load->overwrite) {
        CO_TRY(co_await load->topology->write("global", path::vschema(name), *description.vschema,
                                              0, load->stop));
    }
    co_return Result<void>{};
}

// All serving shards of the keyspace, for the three types that a gateway routes to.
Task<Result<void>> load_srv_keyspace(Load* load, std::string keyspace) {
    const SrvKeyspace served =
        CO_TRY(co_await gather_srv_keyspace(load->topology, keyspace, load->stop));
    for (const auto& [cell, location] : load->cluster.cells) {
        CO_TRY(co_await load->topology->write(cell, path::srv_keyspace(keyspace), served, 0,
                                              load->stop));
    }
    co_return Result<void>{};
}

Task<Result<void>> load_tablets(Load* load) {
    struct Place {
        std::string cell, keyspace, shard;
        auto operator<=>(const Place&) const = default;
    };
    std::map<Place, ShardReplication> replications;
    for (const Tablet& tablet : load->cluster.tablets) {
        const std::string& cell = tablet.alias.cell;
        CO_TRY(co_await load->topology->write(cell, path::tablet(tablet.alias), tablet, 0,
                                              load->stop));
        replications[{cell, tablet.keyspace, tablet.shard}].nodes.push_back(tablet.alias);
    }
    for (auto& [place, replication] : replications) {
        std::sort(replication.nodes.begin(), replication.nodes.end(),
                  [](const auto& left, const auto& right) { return left.uid < right.uid; });
        CO_TRY(co_await load->topology->write(place.cell,
                                              path::shard_replication(place.keyspace, place.shard),
                                              replication, 0, load->stop));
    }
    co_return Result<void>{};
}

}  // namespace

Result<Cluster> parse_cluster(std::string_view text) {
    boost::system::error_code wrong;
    const json::value value = json::parse(json::string_view(text.data(), text.size()), wrong);
    if (wrong) return invalid("not JSON: " + wrong.message());
    Reader reader = TRY(Reader::open(value, "cluster"));
    Cluster cluster;
    cluster.cells = TRY(reader.map<CellLocation>("cells", read_cell));
    cluster.keyspaces = TRY(reader.map<Cluster::KeyspaceDescription>("keyspaces", read_keyspace));
    cluster.tablets = TRY(reader.list<Tablet>("tablets", read_tablet));
    TRY(reader.finish());
    if (cluster.cells.empty()) return invalid("there are no cells");
    for (const auto& [name, keyspace] : cluster.keyspaces) {
        TRY(vindex::validate_keyspace_name(name));
    }
    TRY(check_tablets(cluster));
    return cluster;
}

Task<Result<void>> load_cluster(Topology* topology, Cluster cluster, bool overwrite, Time now,
                                Stop* stop) {
    Load load{topology, std::move(cluster), overwrite, now, stop};
    for (const auto& [name, location] : load.cluster.cells) {
        CO_TRY(co_await topology->write("global", path::cell_location(name), location, 0, stop));
    }
    for (const auto& [name, description] : load.cluster.keyspaces) {
        CO_TRY(co_await load_keyspace(&load, name, description));
        CO_TRY(co_await load_srv_keyspace(&load, name));
    }
    CO_TRY(co_await load_tablets(&load));
    CO_TRY(co_await topology->rebuild_srv_vschema({}, stop));
    co_return Result<void>{};
}

Task<Result<std::string>> record_at(Topology* topology, std::string where, Stop* stop) {
    if (where.starts_with('/')) where.erase(0, 1);
    const std::size_t slash = where.find('/');
    if (slash == where.npos) {
        co_return fail(Code::invalid_argument,
                       "a path starts with its cell: /global/... or /CELL/...");
    }
    const std::string cell = where.substr(0, slash);
    const std::string path = where.substr(slash + 1);
    std::shared_ptr<Store> store;
    if (cell != "global") store = CO_TRY(co_await topology->cell(cell, stop));
    Store* from = store == nullptr ? &topology->global() : store.get();
    const Record record = CO_TRY(co_await from->get(path, stop));
    co_return record_json(path, record.contents);
}

Task<Result<std::string>> dump_records(Topology* topology, Stop* stop) {
    std::vector<std::string> cells{"global"};
    for (auto& cell : CO_TRY(co_await topology->cell_names(stop))) cells.push_back(std::move(cell));
    json::object all;
    for (const std::string& cell : cells) {
        std::shared_ptr<Store> store;
        if (cell != "global") store = CO_TRY(co_await topology->cell(cell, stop));
        Store* from = store == nullptr ? &topology->global() : store.get();
        const auto records = co_await from->list("", stop);
        if (!records && records.error().code == no_node) continue;
        if (!records) co_return std::unexpected(records.error());
        for (const ListedRecord& record : *records) {
            const std::string text = CO_TRY(record_json(record.path, record.contents));
            all["/" + cell + "/" + record.path] = json::parse(text);
        }
    }
    std::string out;
    for (const auto& field : all) {
        out += (out.empty() ? "{\n" : ",\n") + json::serialize(json::string(field.key())) + ": " +
               json::serialize(field.value());
    }
    co_return out.empty() ? std::string("{}\n") : out + "\n}\n";
}

}  // namespace sluice::topo
