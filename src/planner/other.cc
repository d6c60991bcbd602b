// Step 5 of a request, everything that goes to shards as it is: SHOW, EXPLAIN, DESCRIBE,
// administration, and all statements of a session that is bound to a shard. Before: planner.cc.
#include <algorithm>

#include "base/overload.h"
#include "planner/detail/building.h"
#include "sql/walk.h"

namespace sluice::planner {

namespace {

using sql::ShowKind;

plan::Send send_to(const vschema::Keyspace& keyspace, vindex::Destination destination) {
    plan::Send send{.keyspace = keyspace.name, .sharded = keyspace.sharded};
    send.destination = std::move(destination);
    send.single_shard_only = std::holds_alternative<vindex::to::AnyShard>(send.destination);
    return send;
}

// The keyspace of one named table; a table that a sharded keyspace does not have is an error.
const vschema::Keyspace& keyspace_of(Building& building, sql::TableName& name) {
    if (is_system_schema(name.keyspace)) return any_keyspace(building);
    Binder binder(building.context);
    const auto table = binder.find_table(name);
    if (table->name != name.name) name.name = table->name;
    building.plan.tables_used = {table->qualified_name()};
    return *table->keyspace;
}

// ---- SHOW ----

bool names_table(ShowKind kind) {
    return kind == ShowKind::columns || kind == ShowKind::indexes ||
           kind == ShowKind::create_table || kind == ShowKind::create_view;
}

class ShowPlanner {
 public:
    ShowPlanner(Building& building, sql::Show& show) : building_(building), show_(show) {}

    plan::Node run() {
        if (!is_answered_by_shard(show_.kind)) refuse("this SHOW");
        if (show_.kind == ShowKind::create_database && !is_system_schema(show_.keyspace)) {
            refuse("SHOW CREATE DATABASE");
        }
        plan::Send send = send_to(find_keyspace(), vindex::to::AnyShard{});
        building_.rewritten = true;
        if (show_.kind == ShowKind::tables)
            rename_column(show_.keyspace.empty() ? send.keyspace : show_.keyspace);
        const bool no_escapes = building_.context.mode.no_backslash_escapes;
        send.query = text_template(sql::format(
            building_.statement(), {.type_comments = false, .no_backslash_escapes = no_escapes}));
        return node_of(std::move(send));
    }

 private:
    const vschema::Keyspace& find_keyspace() {
        if (!show_.keyspace.empty()) {
            show_.table.keyspace = show_.keyspace;
            if (is_system_schema(show_.keyspace)) return any_keyspace(building_);
        }
        if (!show_.table.empty()) return of_table();
        if (show_.keyspace.empty()) {
            return needs_database() ? session_or_system() : any_keyspace(building_);
        }
        const std::string name = std::exchange(show_.keyspace, "");
        show_.table.keyspace.clear();
        return keyspace_named(building_, name);
    }

    bool needs_database() const {
        switch (show_.kind) {
            case ShowKind::tables:
            case ShowKind::table_status:
            case ShowKind::triggers:
            case ShowKind::events:
            case ShowKind::open_tables:
                return true;
            default:
                return false;
        }
    }

    const vschema::Keyspace& session_or_system() {
        if (is_system_schema(building_.context.keyspace)) {
            show_.keyspace = building_.context.keyspace;
            return any_keyspace(building_);
        }
        return session_keyspace(building_);
    }

    const vschema::Keyspace& of_table() {
        const std::string qualifier =
            show_.table.keyspace.empty() ? building_.context.keyspace : show_.table.keyspace;
        if (is_system_schema(qualifier)) {
            show_.table.keyspace = qualifier;
            show_.keyspace.clear();
            return any_keyspace(building_);
        }
        show_.keyspace.clear();
        if (!names_table(show_.kind)) {
            show_.table.keyspace.clear();
            return qualifier.empty() ? any_keyspace(building_)
                                     : keyspace_named(building_, qualifier);
        }
        const vschema::Keyspace& keyspace = keyspace_of(building_, show_.table);
        show_.table.keyspace.clear();
        building_.plan.tables_used.clear();
        return keyspace;
    }

    // MySQL puts the database's name and the pattern into the column's name.
    void rename_column(const std::string& keyspace) {
        std::string name = "Tables_in_" + keyspace;
        if (show_.like) name += " (" + *show_.like + ")";
        building_.plan.column_names.push_back({.column = 0, .name = std::move(name)});
    }

    Building& building_;
    sql::Show& show_;
};

// ---- EXPLAIN ----

void bind_any(Binder& binder, sql::Statement& statement) {
    if (auto* query = statement.as<sql::Query>()) (void)binder.bind(*query, nullptr);
    if (auto* update = statement.as<sql::Update>()) {
        (void)binder.bind_write(statement, update->with, update->tables, update->where);
    }
    if (auto* erase = statement.as<sql::Delete>()) {
        (void)binder.bind_write(statement, erase->with, erase->tables, erase->where);
    }
}

plan::Node plan_explain(Building& building, sql::Explain& explain) {
    if (!explain.into.empty()) refuse("EXPLAIN INTO");  // here, for the session runs the others
    PlanContext context = building.context;
    const vschema::Keyspace* home = nullptr;  // FOR SCHEMA name
    if (!explain.schema.empty()) {
        home = &keyspace_named(building, explain.schema);
        context.keyspace = home->name;
        explain.schema.clear();
        building.rewritten = true;
    }
    Binder binder(context);
    sql::Statement& inner = *explain.statement;
    bind_any(binder, inner);
    const auto& uses = binder.uses();
    const vschema::Keyspace* keyspace = nullptr;
    if (auto* insert = inner.as<sql::Insert>()) {
        keyspace = binder.find_table(insert->table)->keyspace;
    }
    for (const Source* use : uses) {
        if (keyspace != nullptr && keyspace != use->table->keyspace) {
            raise(Code::invalid_argument, er::unknown_error,
                  "VT03031: EXPLAIN is only supported for single keyspace");
        }
        keyspace = use->table->keyspace;
    }
    rename_tables(uses);
    add_tables_used(building, uses);
    if (keyspace == nullptr) keyspace = home != nullptr ? home : &any_keyspace(building);
    plan::Send send = send_to(*keyspace, vindex::to::AnyShard{});
    send.query = make_template(building, building.statement());
    return node_of(std::move(send));
}

// ---- administration ----

const vschema::Keyspace& keyspace_or_session(Building& building, const std::string& name) {
    return name.empty() ? session_keyspace(building) : keyspace_named(building, name);
}

plan::Node plan_tables_command(Building& building, sql::OtherAdmin& admin) {
    const vschema::Keyspace* keyspace = nullptr;
    for (sql::TableName table : admin.tables) {
        const vschema::Keyspace* found = &keyspace_of(building, table);
        if (keyspace != nullptr && keyspace != found) refuse("tables of several keyspaces");
        keyspace = found;
    }
    if (keyspace == nullptr) keyspace = &any_keyspace(building);
    const std::string lower = sql::lower_case(admin.text);
    if (admin.kind == sql::AdminKind::do_ && (lower.contains("lock") || lower.contains('@'))) {
        building.plan.needs_reserved = true;
    }
    building.plan.tables_used.clear();
    plan::Send send = send_to(*keyspace, vindex::to::AnyShard{});
    send.query = text_template(unqualified_text(building, admin.text, admin.tables));
    return node_of(std::move(send));
}

plan::Node plan_flush(Building& building, sql::Flush& flush) {
    const vschema::Keyspace* keyspace = nullptr;
    for (sql::TableName& table : flush.tables) {
        const vschema::Keyspace* found = &keyspace_or_session(building, table.keyspace);
        if (keyspace != nullptr && keyspace != found)
            refuse("FLUSH of tables of several keyspaces");
        keyspace = found;
        building.plan.tables_used.push_back(found->name + "." + table.name);
    }
    std::ranges::sort(building.plan.tables_used);
    if (keyspace == nullptr) keyspace = &session_keyspace(building);
    if (flush.with_read_lock || flush.for_export) building.plan.needs_reserved = true;
    plan::Send send = send_to(*keyspace, vindex::to::AllShards{});
    send.query = make_template(building, building.statement());
    return node_of(std::move(send));
}

plan::Node plan_call(Building& building, sql::Call& call) {
    const auto& keyspace = keyspace_or_session(building, call.procedure.keyspace);
    if (keyspace.sharded) {
        raise(Code::unimplemented, er::not_supported_yet,
              "CALL is not supported for sharded keyspace");
    }
    building.plan.needs_reserved = true;
    plan::Send send = send_to(keyspace, vindex::to::AnyShard{});
    send.single_shard_only = false;
    send.query = make_template(building, building.statement());
    return node_of(std::move(send));
}

plan::Node plan_load(Building& building, sql::Load& load) {
    const bool named = !load.table.keyspace.empty();
    const vschema::Keyspace& keyspace =
        named ? keyspace_named(building, load.table.keyspace) : session_keyspace(building);
    if (keyspace.sharded) {
        raise(Code::unimplemented, er::not_supported_yet,
              "LOAD is not supported on sharded keyspace");
    }
    plan::Send send = send_to(keyspace, vindex::to::AnyShard{});
    send.is_write = true;
    send.query =
        text_template(named ? unqualified_text(building, load.text, {load.table}) : load.text);
    return node_of(std::move(send));
}

plan::Node plan_analyze(Building& building, sql::Analyze& analyze) {
    const vschema::Keyspace* keyspace = nullptr;
    std::vector<std::string> used;
    for (sql::TableName& table : analyze.tables) {
        const vschema::Keyspace* found = &keyspace_of(building, table);
        if (keyspace != nullptr && keyspace != found) refuse("tables of several keyspaces");
        keyspace = found;
        used.push_back(table.name);
    }
    building.plan.tables_used = std::move(used);
    plan::Send send = send_to(*keyspace, vindex::to::AllShards{});
    send.query = make_template(building, building.statement());
    return node_of(std::move(send));
}

plan::Node plan_describe(Building& building, sql::Describe& describe) {
    if (describe.table.keyspace.empty() && is_system_schema(building.context.keyspace)) {
        describe.table.keyspace = building.context.keyspace;
    }
    plan::Send send = send_to(keyspace_of(building, describe.table), vindex::to::AnyShard{});
    send.query = make_template(building, building.statement());
    return node_of(std::move(send));
}

}  // namespace

bool is_answered_by_shard(sql::ShowKind kind) {
    return (kind >= ShowKind::variables && kind <= ShowKind::create_user) ||
           kind == ShowKind::other;
}

plan::Node plan_show(Building& building, sql::Show& show) {
    return ShowPlanner(building, show).run();
}

plan::Node plan_other(Building& building) {
    return std::visit(
        Overload{
            [&](sql::Explain& explain) { return plan_explain(building, explain); },
            [&](sql::Describe& describe) { return plan_describe(building, describe); },
            [&](sql::Analyze& analyze) { return plan_analyze(building, analyze); },
            [&](sql::OtherAdmin& admin) { return plan_tables_command(building, admin); },
            [&](sql::Flush& flush) { return plan_flush(building, flush); },
            [&](sql::Call& call) { return plan_call(building, call); },
            [&](sql::Load& load) { return plan_load(building, load); },
            [](sql::Administration& statement) -> plan::Node { refuse(statement.name); },
            [&](auto&) -> plan::Node { refuse(sql::statement_kind_name(building.statement())); }},
        building.statement().node);
}

// ---- a session that is bound to a shard or key range ----

plan::Node plan_bypass(Building& building) {
    const vschema::Keyspace& keyspace = session_keyspace(building);
    const vindex::Destination& destination = *building.context.destination;
    sql::Statement& statement = building.statement();
    const bool is_range = std::holds_alternative<vindex::to::Range>(destination) ||
                          std::holds_alternative<vindex::to::ExactRange>(destination) ||
                          std::holds_alternative<vindex::to::ExactRanges>(destination);
    if (statement.as<sql::Insert>() != nullptr && is_range) {
        raise(
            Code::invalid_argument, er::unknown_error,
            "VT03023: INSERT not supported when targeting a key range: " + building.context.target);
    }
    for (const sql::TableName* name : sql::table_names(std::as_const(statement))) {
        if (name->keyspace.empty() || name->keyspace == keyspace.name) continue;
        if (is_system_schema(name->keyspace)) continue;
        refuse("tables of another keyspace in a session that is bound to a shard");
    }
    plan::Send send{.keyspace = keyspace.name, .sharded = keyspace.sharded};
    send.destination = destination;
    send.is_write = statement.as<sql::Insert>() || statement.as<sql::Update>() ||
                    statement.as<sql::Delete>() || statement.as<sql::Load>();
    send.is_ddl = statement.as<sql::Ddl>() != nullptr;
    building.rewritten = true;
    if (auto* load = statement.as<sql::Load>()) {
        send.single_shard_only = true;
        send.query = text_template(load->text);
    } else if (auto* ddl = statement.as<sql::Ddl>()) {
        send.query = text_template(unqualified_text(building, ddl->text, ddl->tables));
    } else {
        send.query = make_template(building, statement);
    }
    return node_of(std::move(send));
}

}  // namespace sluice::planner
