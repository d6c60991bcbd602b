// Step 5 of a request, UPDATE and DELETE: sent whole to each shard that holds rows in question.
// Before: planner.cc. After: lower.cc.
#include <algorithm>

#include "planner/detail/building.h"
#include "sql/walk.h"

namespace sluice::planner {

namespace {

// What both statements have in common.
struct Write {
    std::string_view verb;  // "UPDATE"
    const std::vector<sql::OrderItem>& order_by;
    const std::optional<sql::Limit>& limit;
};

std::string plain_tables(const std::vector<const Source*>& targets) {
    std::string result;
    for (const Source* target : targets) {
        if (!result.empty()) result += ", ";
        result += target->table->name;
    }
    return result;
}

plan::Route write_route(Building& building, plan::Routing routing,
                        const std::vector<const Source*>& targets) {
    plan::Route route{.routing = std::move(routing)};
    route.query = make_template(building, building.statement());
    route.table = plain_tables(targets);
    route.is_write = true;
    return route;
}

bool is_reference(const Source* source) {
    return source->table->kind == vschema::TableKind::reference && source->table->keyspace->sharded;
}

void check_copies_agree(Building& building, const SelectScope& scope, const Write& write) {
    bool agrees = !write.limit && scope.subqueries.empty() && scope.sources.size() == 1;
    sql::walk(building.statement(), [&](const sql::Expr& expression) {
        agrees = agrees && !is_nondeterministic(expression);
    });
    if (!agrees) {
        refuse(std::string(write.verb) +
               " of a reference table that shards may carry out differently");
    }
}

void check_lookups(const Source* target, std::string_view verb) {
    for (const std::size_t owned : target->table->owned) {
        const auto& vindex = target->table->column_vindexes[owned].vindex;
        if (vindex && vindex->properties().lookup) {
            refuse(std::string(verb) + " of a table with owned lookup vindexes");
        }
    }
}

plan::Node sharded_write(Building& building, const SelectScope& scope,
                         const std::vector<const Source*>& targets,
                         const vschema::Keyspace& keyspace, const Write& write) {
    if (targets.empty()) refuse(std::string(write.verb) + " whose table is not certain");
    if (std::ranges::any_of(targets, is_reference)) {
        check_copies_agree(building, scope, write);
        building.rewritten = true;
        auto route = write_route(building, route_to(keyspace, plan::Opcode::scatter), targets);
        route.copies = true;
        return node_of(std::move(route));
    }
    Merger merger(building.variables);
    Classes classes;
    const Site site = merger.select(scope, false, classes, {});
    if (scope.never) {
        return node_of(write_route(building, route_to(keyspace, plan::Opcode::none), targets));
    }
    plan::Routing routing = route_to(keyspace, site);
    if (site.kind == Site::Kind::multi) {
        if (write.limit) refuse("multi shard " + std::string(write.verb) + " with LIMIT");
        if (!write.order_by.empty())
            refuse("multi shard " + std::string(write.verb) + " with ORDER BY");
        split_list(building, site.option, routing);
    }
    return node_of(write_route(building, std::move(routing), targets));
}

// A reference table is written where its source is.
void move_to_source(Building& building, Binder& binder) {
    if (binder.uses().size() != 1) return;
    Source& use = *binder.uses().front();
    if (!is_reference(&use) || !use.table->source) return;
    use.table = must(building.context.schema->find_table(
        use.table->source->keyspace, use.table->source->table, building.context.tablet_type));
    building.rewritten = true;
}

const vschema::Keyspace& write_keyspace(Building& building, Binder& binder) {
    if (binder.uses_system()) refuse("writes to system schemas");
    move_to_source(building, binder);
    const vschema::Keyspace* keyspace = common_keyspace(binder.uses());
    if (keyspace == nullptr) refuse("a write without a table");
    check_views(binder.uses());
    for (const Source* use : binder.uses()) {
        if (use->table->name != use->written->table.name) building.rewritten = true;
    }
    rename_tables(binder.uses());
    add_tables_used(building, binder.uses());
    return *keyspace;
}

bool is_table(const Source& source) {
    return source.kind == SourceKind::table;
}

void check_vindex_column(const vschema::Table& table, std::string_view column) {
    for (std::size_t i = 0; i < table.column_vindexes.size(); ++i) {
        const vschema::ColumnVindex& vindex = table.column_vindexes[i];
        const bool changes = std::ranges::any_of(
            vindex.columns, [&](const std::string& name) { return sql::same_name(name, column); });
        if (!changes) continue;
        if (i == 0 || vindex.partial) {
            refuse("you cannot UPDATE primary vindex columns; invalid update on vindex: " +
                   vindex.name);
        }
        if (!vindex.vindex || !vindex.vindex->properties().lookup) {
            refuse("you can only UPDATE lookup vindexes; invalid update on vindex: " + vindex.name);
        }
        refuse("UPDATE of a column with a lookup vindex");
    }
}

// The tables that the assignments change; empty if one of them is not certain.
std::vector<const Source*> changed_tables(const SelectScope& scope, const sql::Update& update) {
    std::vector<const Source*> targets;
    for (const sql::Assignment& assignment : update.assignments) {
        const Source* source = nullptr;
        if (scope.sources.size() == 1) {
            source = &scope.sources.front();
        } else if (const auto key = resolve(scope, assignment.column)) {
            source = scope.source(key->source);
        }
        if (source == nullptr) return {};
        if (!is_table(*source)) {
            raise(Code::invalid_argument, 1288,
                  "VT03032: the target table " + source->name + " of the UPDATE is not updatable");
        }
        if (!contains(targets, source)) targets.push_back(source);
    }
    return targets;
}

std::vector<const Source*> deleted_tables(const SelectScope& scope, const sql::Delete& statement) {
    std::vector<const Source*> targets;
    if (statement.targets.empty()) {
        for (const Source& source : scope.sources) {
            if (is_table(source)) targets.push_back(&source);
        }
        return targets;
    }
    for (const sql::TableName& name : statement.targets) {
        const auto found = std::ranges::find_if(
            scope.sources, [&](const Source& source) { return source.name == name.name; });
        if (found == scope.sources.end()) {
            raise(Code::invalid_argument, er::unknown_table,
                  "VT03003: unknown table '" + name.name + "' in MULTI DELETE");
        }
        if (!is_table(*found)) {
            raise(Code::invalid_argument, 1288,
                  "VT03004: the target table " + name.name + " of the DELETE is not updatable");
        }
        targets.push_back(&*found);
    }
    return targets;
}

}  // namespace

plan::Node plan_update(Building& building, sql::Update& update) {
    Binder binder(building.context);
    const auto scope =
        binder.bind_write(building.statement(), update.with, update.tables, update.where);
    const auto targets = changed_tables(*scope, update);
    const vschema::Keyspace& keyspace = write_keyspace(building, binder);
    if (!keyspace.sharded) {
        return node_of(write_route(building, route_to(keyspace, plan::Opcode::unsharded), targets));
    }
    for (const sql::Assignment& assignment : update.assignments) {
        for (const Source* target : targets) {
            const auto key = resolve(*scope, assignment.column);
            if (targets.size() > 1 && key && key->source != target->id) continue;
            check_vindex_column(*target->table, assignment.column.name);
        }
    }
    const Write write{.verb = "UPDATE", .order_by = update.order_by, .limit = update.limit};
    return sharded_write(building, *scope, targets, keyspace, write);
}

plan::Node plan_delete(Building& building, sql::Delete& statement) {
    Binder binder(building.context);
    const auto scope =
        binder.bind_write(building.statement(), statement.with, statement.tables, statement.where);
    const auto targets = deleted_tables(*scope, statement);
    const vschema::Keyspace& keyspace = write_keyspace(building, binder);
    // The names behind DELETE are those of FROM, which stand there without a keyspace now.
    for (sql::TableName& target : statement.targets) target.keyspace.clear();
    if (!keyspace.sharded) {
        return node_of(write_route(building, route_to(keyspace, plan::Opcode::unsharded), targets));
    }
    for (const Source* target : targets) check_lookups(target, "DELETE");
    const Write write{.verb = "DELETE", .order_by = statement.order_by, .limit = statement.limit};
    return sharded_write(building, *scope, targets, keyspace, write);
}

}  // namespace sluice::planner
