// Step 5 of a request: which table a name means (vtgate-contract 5.12). Before: sql/parse. After:
// planner/scopes.
#include "vschema/schema.h"

#include <algorithm>

namespace sluice::vschema {

namespace {

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// A pointer that owns nothing: the Schema does.
TablePointer borrowed(const Table* table) {
    return {std::shared_ptr<void>(), table};
}

std::unexpected<Error> unknown_database(std::string_view name) {
    return fail(Code::not_found, er::bad_db,
                "VT05003: unknown database '" + std::string(name) + "' in vschema");
}

std::unexpected<Error> table_not_found(std::string_view name) {
    return fail(Code::not_found, "table " + std::string(name) + " not found");
}

std::string qualified(std::string_view keyspace, std::string_view table) {
    std::string name(keyspace);
    if (!name.empty()) name += '.';
    return name += table;
}

// "@replica" after a name in a rule; rules know only these three types.
std::string_view type_suffix(TabletType type) {
    if (type == TabletType::primary) return "@primary";
    if (type == TabletType::replica) return "@replica";
    return type == TabletType::rdonly ? "@rdonly" : "";
}

// The entry for "name@type", else for "name".
const auto* find_typed(const auto& entries, std::string name, TabletType type) {
    const std::size_t length = name.size();
    name += type_suffix(type);
    auto found = entries.find(name);
    if (found == entries.end()) found = entries.find(name.erase(length));
    return found == entries.end() ? nullptr : &found->second;
}

}  // namespace

bool is_system_schema(std::string_view name) {
    static constexpr std::string_view schemas[] = {"information_schema", "performance_schema",
                                                   "mysql", "sys"};
    return std::ranges::any_of(
        schemas, [&](std::string_view schema) { return sql::same_name(schema, name); });
}

bool same_column(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

const Column* Table::column(std::string_view wanted) const {
    const auto found =
        std::ranges::find_if(columns, [&](const Column& c) { return same_column(c.name, wanted); });
    return found == columns.end() ? nullptr : &*found;
}

std::string Table::qualified_name() const {
    return qualified(keyspace ? keyspace->name : "", name);
}

const Keyspace* Schema::keyspace(std::string_view name) const {
    const auto found = keyspaces_.find(name);
    return found == keyspaces_.end() ? nullptr : found->second.get();
}

Result<const Keyspace*> Schema::use_keyspace(std::string_view name) const {
    const Keyspace* const found = keyspace(name);
    if (!found) return unknown_database(name);
    if (found->error) return fail(*found->error);
    return found;
}

const Keyspace* Schema::only_keyspace() const {
    return keyspaces_.size() == 1 ? keyspaces_.begin()->second.get() : nullptr;
}

std::string_view Schema::routed_keyspace(std::string_view keyspace, TabletType type) const {
    if (keyspace_routing_.empty()) return keyspace;
    const TabletType by =
        type == TabletType::primary ? TabletType::unknown : type;  // primaries have no suffix
    const std::string* const to = find_typed(keyspace_routing_, std::string(keyspace), by);
    return to ? std::string_view(*to) : keyspace;
}

std::string_view Schema::routed_shard_keyspace(std::string_view keyspace,
                                               std::string_view shard) const {
    if (shard_routing_.empty()) return keyspace;
    const auto found = shard_routing_.find(qualified(keyspace, shard));
    return found == shard_routing_.end() ? keyspace : std::string_view(found->second);
}

// The table, without any rule; null if there is none. `make_unsharded`: unsharded keyspaces have
// every table.
Result<TablePointer> Schema::find_unrouted(std::string_view name, std::string_view table,
                                           bool make_unsharded) const {
    const Keyspace* in = name.empty() ? only_keyspace() : keyspace(name);
    if (!in && !name.empty()) return unknown_database(name);
    if (!in) {
        const auto unique = unique_tables_.find(table);
        if (unique == unique_tables_.end()) return TablePointer();
        if (unique->second) return borrowed(unique->second);
        return fail(Code::failed_precondition, "ambiguous table reference: " + std::string(table));
    }
    if (const auto known = in->tables.find(table); known != in->tables.end())
        return borrowed(known->second.get());
    if (in->error && make_unsharded) return fail(*in->error);
    if (in->sharded || !make_unsharded) return TablePointer();
    auto made = std::make_shared<Table>();
    made->name = table;
    made->keyspace = in;
    return made;
}

// The table, rules applied; null if there is none.
Result<TablePointer> Schema::find_routed(std::string_view keyspace, std::string_view table,
                                         TabletType type) const {
    if (!routing_.empty()) {
        if (const Route* const route = find_typed(routing_, qualified(keyspace, table), type)) {
            if (route->error) return fail(*route->error);
            if (route->table) return route->table;
            return fail(Code::failed_precondition,
                        "table " + std::string(table) + " has been disabled");
        }
    }
    return find_unrouted(keyspace, table, true);
}

Result<TablePointer> Schema::find_table(std::string_view keyspace, std::string_view table,
                                        TabletType type) const {
    TablePointer found = TRY(find_routed(routed_keyspace(keyspace, type), table, type));
    if (!found) return table_not_found(table);
    return found;
}

Result<FoundVindex> Schema::find_vindex(std::string_view name, std::string_view vindex) const {
    if (name.empty()) {
        const auto unique = unique_vindexes_.find(vindex);
        if (unique == unique_vindexes_.end()) return FoundVindex{};
        if (unique->second.vindex) return unique->second;
        return fail(Code::failed_precondition,
                    "ambiguous vindex reference: " + std::string(vindex));
    }
    const Keyspace* const in = keyspace(name);
    if (!in) return unknown_database(name);
    const auto found = in->vindexes.find(vindex);
    return found == in->vindexes.end() ? FoundVindex{} : FoundVindex{found->second, in->name};
}

Result<TableOrVindex> Schema::find_table_or_vindex(std::string_view keyspace, std::string_view name,
                                                   TabletType type) const {
    const std::string_view routed = routed_keyspace(keyspace, type);
    TablePointer table = TRY(find_routed(routed, name, type));
    if (table) return table;
    FoundVindex vindex = TRY(find_vindex(routed, name));
    if (!vindex.vindex) return table_not_found(name);
    return vindex;
}

Result<std::optional<Mirror>> Schema::find_mirror(std::string_view keyspace, std::string_view table,
                                                  TabletType type) const {
    if (mirrors_.empty()) return std::nullopt;
    const MirrorRoute* const found = find_typed(mirrors_, qualified(keyspace, table), type);
    if (!found) return std::nullopt;
    if (found->error) return fail(*found->error);
    return found->mirror;
}

}  // namespace sluice::vschema
