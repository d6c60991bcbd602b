// Step 5 of a request, keyspaces: which one a statement belongs to. Before: scope.cc found the
// tables. After: merge.cc looks at their shards.
#include <algorithm>
#include <set>

#include "planner/detail/building.h"

namespace sluice::planner {

std::unexpected<Error> no_keyspace() {
    return fail(Code::failed_precondition, er::no_db,
                "VT09005: no database selected: use keyspace<:shard><@type> or "
                "keyspace<[range]><@type> (<> are optional)");
}

const vschema::Keyspace& keyspace_named(const Building& building, std::string_view name) {
    return *must(building.context.schema->use_keyspace(name));
}

const vschema::Keyspace& session_keyspace(const Building& building) {
    const std::string& name = building.context.keyspace;
    if (!name.empty() && !is_system_schema(name)) return keyspace_named(building, name);
    if (const auto* only = building.context.schema->only_keyspace()) return *only;
    raise(no_keyspace().error());
}

const vschema::Keyspace& any_keyspace(const Building& building) {
    const std::string& name = building.context.keyspace;
    if (!name.empty() && !is_system_schema(name)) return keyspace_named(building, name);
    const vschema::Keyspace* first = nullptr;
    for (const auto& [key, keyspace] : building.context.schema->keyspaces()) {
        if (keyspace->error) continue;
        if (keyspace->sharded) return *keyspace;
        if (first == nullptr) first = keyspace.get();
    }
    return first != nullptr ? *first : session_keyspace(building);
}

namespace {

const vschema::Table* copy_in(const vschema::Table& table, const vschema::Keyspace& keyspace) {
    if (const auto found = table.referenced_by.find(keyspace.name);
        found != table.referenced_by.end()) {
        return found->second;
    }
    if (table.kind != vschema::TableKind::reference || !table.source) return nullptr;
    if (table.source->keyspace != keyspace.name) return nullptr;
    const auto source = keyspace.tables.find(table.source->table);
    return source != keyspace.tables.end() ? source->second.get() : nullptr;
}

bool move_to(const std::vector<Source*>& uses, const vschema::Keyspace& keyspace) {
    for (const Source* use : uses) {
        if (use->table->keyspace == &keyspace) continue;
        if (copy_in(*use->table, keyspace) == nullptr) return false;
    }
    for (Source* use : uses) {
        if (use->table->keyspace == &keyspace) continue;
        const auto* copy = copy_in(*use->table, keyspace);
        use->table =
            vschema::TablePointer(use->table, copy);  // the schema outlives the plan's making
    }
    return true;
}

}  // namespace

const vschema::Keyspace* common_keyspace(const std::vector<Source*>& uses) {
    std::vector<const vschema::Keyspace*> keyspaces;
    for (const Source* use : uses) {
        if (!contains(keyspaces, use->table->keyspace)) {
            keyspaces.push_back(use->table->keyspace);
        }
    }
    if (keyspaces.empty()) return nullptr;
    if (keyspaces.size() == 1) return keyspaces.front();
    for (const auto* keyspace : keyspaces) {
        if (move_to(uses, *keyspace)) return keyspace;
    }
    refuse("tables of several keyspaces in one statement");
}

void rename_tables(const std::vector<Source*>& uses) {
    for (const Source* use : uses) {
        sql::AliasedTable& written = *use->written;
        if (written.table.name == use->table->name) continue;
        if (written.alias.empty()) written.alias = written.table.name;
        written.table.name = use->table->name;
        if (!written.table.keyspace.empty()) written.table.keyspace = use->table->keyspace->name;
    }
}

void add_tables_used(Building& building, const std::vector<Source*>& uses) {
    auto& used = building.plan.tables_used;
    for (const Source* use : uses) used.push_back(use->table->qualified_name());
    std::ranges::sort(used);
    const auto rest = std::ranges::unique(used);
    used.erase(rest.begin(), rest.end());
}

}  // namespace sluice::planner
