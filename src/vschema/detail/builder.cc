// Read when a new SrvVSchema arrives from the topology: definitions become the Schema that step 5
// looks tables up in.
#include "vschema/detail/builder.h"

#include <algorithm>

namespace sluice::vschema {

namespace {

std::unexpected<Error> invalid(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

std::string in_quotes(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string shown(const TableName& name) {
    return name.keyspace.empty() ? name.table : name.keyspace + "." + name.table;
}

// A reference table may stand for its source where the name alone does not tell which one is meant.
bool stands_for(const Table& reference, const Table& table) {
    return reference.kind == TableKind::reference && reference.source &&
           (reference.source->keyspace.empty() ||
            reference.source->keyspace == table.keyspace->name);
}

}  // namespace

SchemaBuilder::SchemaBuilder(const SrvVSchema& definition, const Discovered& discovered,
                             BuildOptions options)
    : discovered_(discovered), options_(std::move(options)), schema_(std::make_shared<Schema>()) {
    schema_->epoch_ = options_.epoch;
    schema_->definition_ = definition;
}

std::shared_ptr<const Schema> SchemaBuilder::build() {
    const SrvVSchema& definition = schema_->definition_;
    for (const auto& [name, keyspace_definition] : definition.keyspaces) {
        auto& keyspace = *(schema_->keyspaces_[name] = std::make_unique<Keyspace>());
        keyspace.name = name;
        const Result<void> built = build_keyspace(keyspace, keyspace_definition);
        if (!built) keyspace.error = built.error();
        if (!keyspace.require_explicit_routing) name_globally(keyspace);
    }
    for (const auto& [name, told] : discovered_) {
        const auto found = schema_->keyspaces_.find(name);
        if (found == schema_->keyspaces_.end()) continue;
        merge_discovered(*found->second, told);
        if (!told.views.empty()) schema_->has_views_ = true;
        for (const std::string& function : told.aggregates)
            schema_->loaded_aggregates_.insert(sql::lower_case(function));
    }
    name_discovered_globally();
    for (const auto& [name, keyspace] : schema_->keyspaces_) {
        const Result<void> resolved = resolve_references(*keyspace);
        if (!resolved && !keyspace->error) keyspace->error = resolved.error();
    }
    for (const auto& [name, keyspace_definition] : definition.keyspaces) {
        resolve_sequences(*schema_->keyspaces_[name], keyspace_definition);
    }
    add_routing_rules();
    add_mirror_rules();
    return schema_;
}

Result<void> SchemaBuilder::build_keyspace(Keyspace& keyspace,
                                           const KeyspaceDefinition& definition) {
    keyspace.sharded = definition.sharded;
    keyspace.require_explicit_routing = definition.require_explicit_routing;
    keyspace.multi_tenant_spec = definition.multi_tenant_spec;
    const bool unspecified = definition.foreign_key_mode == ForeignKeyMode::unspecified;
    keyspace.foreign_key_mode = options_.foreign_keys_disallowed ? ForeignKeyMode::disallow
                                : unspecified                    ? ForeignKeyMode::unmanaged
                                                                 : definition.foreign_key_mode;
    for (const auto& [name, vindex] : definition.vindexes) {
        keyspace.vindexes[name] =
            TRY(vindex::create(vindex.type, name, vindex.params, options_.creation));
    }
    for (const auto& [name, table] : definition.tables) {
        keyspace.tables[name] = TRY(build_table(name, table, definition, keyspace));
    }
    return {};
}

// Names that need no keyspace before them as long as only one keyspace has them.
void SchemaBuilder::name_globally(const Keyspace& keyspace) {
    for (const auto& [name, vindex] : keyspace.vindexes) {
        const auto [entry, is_new] =
            schema_->unique_vindexes_.try_emplace(name, FoundVindex{vindex, keyspace.name});
        if (!is_new) entry->second = {};
    }
    for (const auto& [name, table] : keyspace.tables) {
        const auto known = schema_->unique_tables_.find(name);
        if (known == schema_->unique_tables_.end()) {
            // Left to its source, if that has the same name.
            const bool has_namesake = table->source && table->source->table == name;
            if (table->kind == TableKind::reference && has_namesake) continue;
            schema_->unique_tables_[name] = table.get();
        } else if (known->second && !stands_for(*table, *known->second)) {
            known->second = nullptr;
        }
    }
}

// Tables that only the shards told of, in unsharded keyspaces: found by name alone if no other
// keyspace has one.
void SchemaBuilder::name_discovered_globally() {
    Schema::Names<const Table*> found;
    for (const auto& [keyspace_name, told] : discovered_) {
        const Keyspace* const keyspace = schema_->keyspace(keyspace_name);
        if (!keyspace || keyspace->sharded || keyspace->require_explicit_routing) continue;
        const auto& listed = schema_->definition_.keyspaces.find(keyspace_name)->second.tables;
        for (const auto& [name, table] : keyspace->tables) {
            if (listed.contains(name)) continue;
            const auto [entry, is_new] = found.try_emplace(name, table.get());
            if (!is_new && entry->second != table.get()) entry->second = nullptr;
        }
    }
    for (const auto& [name, table] : found) schema_->unique_tables_.try_emplace(name, table);
}

Table* SchemaBuilder::known_table(const TableName& name) {
    const auto keyspace = schema_->keyspaces_.find(name.keyspace);
    if (keyspace == schema_->keyspaces_.end()) return nullptr;
    const auto table = keyspace->second->tables.find(name.table);
    return table == keyspace->second->tables.end() ? nullptr : table->second.get();
}

Result<void> SchemaBuilder::resolve_references(const Keyspace& keyspace) {
    constexpr std::string_view kinds[] = {"", "sequence", "reference"};
    for (const auto& [name, table] : keyspace.tables) {
        if (table->kind != TableKind::reference || !table->source) continue;
        TableName source_name = *table->source;
        const std::string source = "source " + in_quotes(shown(source_name));
        if (source_name.keyspace == keyspace.name) {
            return fail(
                Code::unimplemented,
                source + " may not reference a table in the same keyspace as table: " + name);
        }
        if (source_name.keyspace.empty()) {
            const TablePointer unique = TRY(schema_->find_unrouted("", source_name.table, false));
            if (unique) source_name.keyspace = unique->keyspace->name;
        } else if (!schema_->keyspace(source_name.keyspace)) {
            return fail(Code::not_found, source + " references a non-existent keyspace " +
                                             in_quotes(source_name.keyspace));
        }
        Table* const target = known_table(source_name);
        if (!target) {
            return fail(Code::not_found, source + " references a table " +
                                             in_quotes(source_name.table) +
                                             " that is not present in the VSchema of keyspace " +
                                             in_quotes(source_name.keyspace));
        }
        if (target->kind == TableKind::sequence) {
            return fail(Code::unimplemented,
                        source + " may not reference a table of type " +
                            in_quotes(kinds[static_cast<std::size_t>(target->kind)]) + ": " + name);
        }
        const auto [entry, is_new] = target->referenced_by.try_emplace(keyspace.name, table.get());
        if (!is_new) {
            return fail(Code::unimplemented,
                        source + " may not be referenced more than once per keyspace: " +
                            std::min(entry->second->name, name) + ", " +
                            std::max(entry->second->name, name));
        }
        if (target->source) {
            return fail(Code::unimplemented, "reference chaining is not allowed " + name + " => " +
                                                 target->qualified_name() + " => " +
                                                 shown(*target->source) + ": " + name);
        }
    }
    return {};
}

void SchemaBuilder::resolve_sequences(Keyspace& keyspace, const KeyspaceDefinition& definition) {
    for (const auto& [name, table_definition] : definition.tables) {
        const auto table = keyspace.tables.find(name);
        if (table == keyspace.tables.end() || !table_definition.auto_increment) continue;
        const auto& [column, sequence] = *table_definition.auto_increment;
        Result<TablePointer> found = TablePointer();
        if (sequence.find('.') == std::string::npos) {
            found = schema_->find_unrouted("", sequence, true);
        } else if (const Result<TableName> parsed = parse_qualified_table(sequence)) {
            found = schema_->find_unrouted(parsed->keyspace, parsed->table, true);
        } else {
            found = std::unexpected(parsed.error());
        }
        if (found && !*found) {
            const std::size_t dot = sequence.find('.');
            found = fail(
                Code::not_found,
                "table " + sequence.substr(dot == std::string::npos ? 0 : dot + 1) + " not found");
        }
        if (found) {
            table->second->auto_increment = {column, found->get()};
            schema_->kept_tables_.push_back(*found);
        } else {
            keyspace.error = make_error(
                Code::not_found, "cannot resolve sequence " + sequence + ": " + found.error().text);
            drop_table(keyspace, name);
        }
    }
}

// A table that lacks its sequence must not be used; others may already point to it, so it stays in
// memory.
void SchemaBuilder::drop_table(Keyspace& keyspace, const std::string& name) {
    const auto table = keyspace.tables.find(name);
    const auto unique = schema_->unique_tables_.find(name);
    if (unique != schema_->unique_tables_.end() && unique->second == table->second.get()) {
        schema_->unique_tables_.erase(unique);
    }
    schema_->kept_tables_.emplace_back(std::move(table->second));
    keyspace.tables.erase(table);
}

void SchemaBuilder::add_routing_rules() {
    const SrvVSchema& definition = schema_->definition_;
    for (const RoutingRule& rule : definition.routing_rules.value_or(std::vector<RoutingRule>{})) {
        const auto resolved = [&]() -> Result<TablePointer> {
            if (rule.to_tables.size() > 1) {
                std::string all;
                for (const std::string& table : rule.to_tables)
                    all += (all.empty() ? "" : " ") + table;
                return invalid("table " + rule.from_table + " has more than one target: [" + all +
                               "]");
            }
            if (rule.to_tables.empty()) return TablePointer();
            if (schema_->routing_.contains(rule.from_table)) {
                return fail(Code::already_exists, "duplicate rule for entry " + rule.from_table);
            }
            const TableName to = TRY(parse_qualified_table(rule.to_tables[0]));
            if (to.keyspace.empty())
                return invalid("table " + rule.to_tables[0] + " must be qualified");
            TablePointer table = TRY(schema_->find_unrouted(to.keyspace, to.table, true));
            if (!table) return fail(Code::not_found, "table " + to.table + " not found");
            return table;
        }();
        Schema::Route& route = schema_->routing_[rule.from_table];
        route = {};
        if (resolved) {
            route.table = *resolved;
        } else {
            route.error = resolved.error();
        }
    }
    for (const auto& rule :
         definition.keyspace_routing_rules.value_or(std::vector<KeyspaceRoutingRule>{})) {
        schema_->keyspace_routing_[rule.from_keyspace] = rule.to_keyspace;
    }
    for (const auto& rule :
         definition.shard_routing_rules.value_or(std::vector<ShardRoutingRule>{})) {
        schema_->shard_routing_[rule.from_keyspace + "." + rule.shard] = rule.to_keyspace;
    }
}

void SchemaBuilder::add_mirror_rules() {
    const auto& rules = schema_->definition_.mirror_rules;
    if (!rules) return;
    for (const MirrorRule& rule : *rules) {
        Schema::MirrorRoute& route = schema_->mirrors_[rule.from_table];
        const auto resolved = [&]() -> Result<TablePointer> {
            const TableName to = TRY(parse_qualified_table(rule.to_table));
            TablePointer table = TRY(schema_->find_unrouted(to.keyspace, to.table, true));
            if (!table) return fail(Code::not_found, "table " + to.table + " not found");
            return table;
        }();
        route.mirror.percent = rule.percent;
        if (resolved) {
            route.mirror.to_table = *resolved;
        } else {
            route.error = resolved.error();
        }
    }
    // What is mirrored to may not be mirrored on.
    for (const MirrorRule& rule : *rules) {
        if (schema_->mirrors_.contains(rule.to_table)) {
            schema_->mirrors_[rule.from_table].error = make_error(
                Code::invalid_argument,
                "mirror chaining is not allowed: " + rule.from_table + " => " + rule.to_table);
        }
    }
}

std::shared_ptr<const Schema> Schema::build(const SrvVSchema& definition, BuildOptions options) {
    return SchemaBuilder(definition, {}, std::move(options)).build();
}

std::shared_ptr<const Schema> Schema::build(const SrvVSchema& definition,
                                            const Discovered& discovered, BuildOptions options) {
    return SchemaBuilder(definition, discovered, std::move(options)).build();
}

}  // namespace sluice::vschema
