// Step 5 of a request, DDL: the client's text goes to all shards of one keyspace, without names of
// keyspaces in it. Before: planner.cc. After: engine/send.cc.
#include <algorithm>
#include <set>

#include "base/overload.h"
#include "planner/detail/building.h"
#include "sql/walk.h"

namespace sluice::planner {

namespace {

using sql::DdlKind;

class DdlPlanner {
 public:
    DdlPlanner(Building& building, sql::Ddl& ddl) : building_(building), ddl_(ddl) {}

    plan::Node run() {
        switch (ddl_.kind) {
            case DdlKind::create_database:
            case DdlKind::alter_database:
            case DdlKind::drop_database:
                return database();
            default:
                break;
        }
        const bool drops_view = ddl_.kind == DdlKind::drop_view && building_.context.views;
        const vschema::Keyspace& keyspace = drops_view ? keyspace_of_views() : find_keyspace();
        check_other_tables(keyspace);
        if (ddl_.temporary) {
            if (keyspace.sharded) {
                raise(Code::unimplemented, er::not_supported_yet,
                      "Temporary table not supported in sharded database " + keyspace.name);
            }
            building_.plan.needs_reserved = true;
        }
        plan::Send send{.keyspace = keyspace.name, .sharded = keyspace.sharded};
        send.destination = vindex::to::AllShards{};
        send.is_ddl = true;
        send.query = text_template(unqualified_text(building_, ddl_.text, names()));
        for (std::size_t i = 0; i < ddl_.targets; ++i) {
            building_.plan.tables_used.push_back(keyspace.name + "." + ddl_.tables[i].name);
        }
        std::ranges::sort(building_.plan.tables_used);
        return node_of(std::move(send));
    }

 private:
    plan::Node database() {
        const bool known = building_.context.schema->keyspace(ddl_.database) != nullptr;
        const std::string quoted = "'" + ddl_.database + "'";
        if (ddl_.kind == DdlKind::create_database) {
            if (!known) refuse("create database by failDBDDL");
            if (ddl_.if_not_exists) return node_of(plan::Concatenate{});
            raise(Code::already_exists, er::db_create_exists,
                  "VT06001: cannot create database " + quoted + "; database exists");
        }
        if (ddl_.kind == DdlKind::drop_database) {
            if (known) refuse("drop database by failDBDDL");
            if (ddl_.if_exists) return node_of(plan::Concatenate{});
            raise(Code::not_found, er::db_drop_exists,
                  "VT05001: cannot drop database " + quoted + "; database does not exists");
        }
        if (!known && !ddl_.database.empty()) {
            raise(Code::not_found, er::bad_db,
                  "VT05002: cannot alter database " + quoted + "; unknown database");
        }
        refuse("ALTER DATABASE");
    }

    const vschema::Keyspace& keyspace_of(const sql::TableName& name) {
        if (!name.keyspace.empty()) {
            if (is_system_schema(name.keyspace)) refuse("DDL in a system schema");
            return keyspace_named(building_, name.keyspace);
        }
        if (!building_.context.keyspace.empty()) return session_keyspace(building_);
        if (const auto* only = building_.context.schema->only_keyspace()) return *only;
        const auto found =
            building_.context.schema->find_table("", name.name, building_.context.tablet_type);
        if (found) return *(*found)->keyspace;
        raise(Code::invalid_argument, er::unknown_error, "VT03007: keyspace not specified");
    }

    const vschema::Keyspace& find_keyspace() {
        if (ddl_.tables.empty() || ddl_.targets == 0) refuse("DDL without a table");
        const vschema::Keyspace& first = keyspace_of(ddl_.tables.front());
        for (std::size_t i = 1; i < ddl_.targets; ++i) {
            if (&keyspace_of(ddl_.tables[i]) == &first) continue;
            refuse("Tables or Views specified in the query do not belong to the same destination");
        }
        return first;
    }

    // Views that are known apart from tables are looked for in keyspaces only.
    const vschema::Keyspace& keyspace_of_views() {
        const vschema::Keyspace* first = nullptr;
        std::set<std::string> seen;
        for (const sql::TableName& name : ddl_.tables) {
            const vschema::Keyspace& found = name.keyspace.empty()
                                                 ? session_keyspace(building_)
                                                 : keyspace_named(building_, name.keyspace);
            if (first != nullptr && first != &found)
                refuse("cannot drop views from multiple keyspace in a single statement");
            first = &found;
            if (!seen.insert(name.name).second) {
                raise(Code::invalid_argument, er::non_uniq_table,
                      "VT03013: not unique table/alias: '" + name.name + "'");
            }
        }
        if (first == nullptr) refuse("DDL without a table");
        return *first;
    }

    // All that may have a keyspace before it. Spans tell where.
    std::vector<sql::TableName> names() const {
        std::vector<sql::TableName> all = ddl_.tables;
        if (!ddl_.query) return all;
        sql::walk(**ddl_.query,
                  Overload{[&](const sql::TableRef& table) {
                               const auto* aliased = table.as<sql::AliasedTable>();
                               if (aliased != nullptr) all.push_back(aliased->table);
                           },
                           [&](const sql::Expr& expression) {
                               const auto* column = expression.as<sql::Column>();
                               if (column != nullptr) all.push_back(column->table);
                           },
                           [&](const sql::Query& query) {
                               const auto* select = std::get_if<sql::Select>(&query.node);
                               if (select == nullptr) return;
                               for (const sql::SelectItem& item : select->items) {
                                   const auto* star = std::get_if<sql::SelectStar>(&item);
                                   if (star != nullptr) all.push_back(star->table);
                               }
                           }});
        return all;
    }

    // What else the text names: sources of views, LIKE, REFERENCES, new names.
    void check_other_tables(const vschema::Keyspace& keyspace) {
        for (std::size_t i = ddl_.targets; i < ddl_.tables.size(); ++i) {
            const sql::TableName& name = ddl_.tables[i];
            const bool same = name.keyspace.empty() || name.keyspace == keyspace.name;
            if (same) continue;
            if (ddl_.kind == DdlKind::rename_table || ddl_.kind == DdlKind::alter_table) {
                raise(Code::invalid_argument, 1450,
                      "VT03002: changing schema from '" + keyspace.name + "' to '" + name.keyspace +
                          "' is not allowed");
            }
            if (ddl_.query) {
                refuse("Select query does not belong to the same keyspace as the view statement");
            }
            refuse("DDL that names tables of several keyspaces");
        }
        if (!ddl_.query) return;
        Binder binder(building_.context);
        (void)binder.bind(**ddl_.query, nullptr);
        for (const Source* use : binder.uses()) {
            if (use->table->keyspace == &keyspace && use->table->name == use->written->table.name) {
                continue;
            }
            refuse("Select query does not belong to the same keyspace as the view statement");
        }
        const bool is_view = ddl_.kind == DdlKind::create_view || ddl_.kind == DdlKind::alter_view;
        if (is_view) check_view(keyspace);
    }

    // A view must be readable. Where the gate does not know what it stands for, each shard's part
    // of it must be right by itself.
    void check_view(const vschema::Keyspace& keyspace) {
        PlanContext context = building_.context;
        context.text = {};
        context.slots = nullptr;
        context.no_scatter = false;
        sql::Normalized query;
        query.statement = sql::Statement{**ddl_.query};
        const plan::Plan made = must(planner::plan(std::move(query), context));
        if (building_.context.views || !keyspace.sharded) return;
        const auto* route = std::get_if<plan::Route>(&made.root.node);
        const bool whole =
            route != nullptr && (route->routing.opcode == plan::Opcode::scatter ||
                                 route->routing.opcode == plan::Opcode::equal_unique);
        if (!whole)
            refuse("Complex select queries are not supported in create or alter view statements");
    }

    Building& building_;
    sql::Ddl& ddl_;
};

}  // namespace

// Spans count in the client's text, of which `text` is a part.
std::string unqualified_text(const Building& building, const std::string& text,
                             const std::vector<sql::TableName>& tables) {
    std::vector<sql::Span> cuts;
    for (const sql::TableName& table : tables) {
        if (table.keyspace.empty() || is_system_schema(table.keyspace)) continue;
        if (!table.qualifier.known()) refuse("a qualified name in this statement");
        cuts.push_back(table.qualifier);
    }
    if (cuts.empty()) return text;
    const std::size_t base = building.context.text.find(text);
    if (base == std::string_view::npos) refuse("a qualified name in this statement");
    std::ranges::sort(cuts, {}, &sql::Span::offset);
    std::string result;
    std::size_t from = 0;
    for (const sql::Span& cut : cuts) {
        if (cut.offset < base + from || cut.end() > base + text.size()) {
            refuse("a qualified name in this statement");
        }
        result += text.substr(from, cut.offset - base - from);
        from = cut.end() - base;
    }
    return result + text.substr(from);
}

plan::Node plan_ddl(Building& building, sql::Ddl& ddl) {
    return DdlPlanner(building, ddl).run();
}

}  // namespace sluice::planner
