// Step 4 of a request: SHOW that the gate answers itself (vtgate-contract 5.7).
#include <algorithm>
#include <cstdlib>
#include <span>

#include "async/cross.h"
#include "collation/collation.h"
#include "executor/charset_names.h"
#include "executor/local_rows.h"
#include "executor/show_tablets.h"
#include "executor/show_transactions.h"
#include "executor/work.h"
#include "planner/planner.h"
#include "sql/format.h"
#include "topo/paths.h"
#include "topo/topology.h"

namespace sluice::executor {
namespace {

// LIKE on the first column (or the named one).
bool wanted(const sql::Show& show, std::string_view text) {
    return !show.like || like(text, *show.like);
}

void add_keyspaces(LocalRows& rows, const Work& work, const sql::Show& show, bool system) {
    rows.columns = {{.name = "Database"}};
    std::vector<std::string> names;
    for (const auto& [name, keyspace] : work.schema->keyspaces()) names.push_back(name);
    for (const auto& [name, keyspace] : work.cluster->keyspaces) names.push_back(name);
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    if (system)
        names.insert(names.end(), {"information_schema", "mysql", "sys", "performance_schema"});
    for (const std::string& name : names) {
        if (wanted(show, name)) rows.add({name});
    }
}

// The shards that serve the session's tablet type.
void add_shards(LocalRows& rows, const Work& work, const sql::Show& show) {
    rows.columns = {{.name = "Shards"}};
    const std::size_t type = discovery::slot(work.session->target.tablet_type);
    for (const auto& [name, keyspace] : work.cluster->keyspaces) {
        for (const discovery::Shard* shard : keyspace->serving_shards[type]) {
            const std::string text = name + "/" + shard->name;
            if (wanted(show, text)) rows.add({text});
        }
    }
}

Result<const vschema::Keyspace*> shown_keyspace(const Work& work, std::string_view named) {
    const std::string_view name = named.empty() ? default_keyspace(work) : named;
    if (name.empty()) return planner::no_keyspace();
    return work.schema->use_keyspace(name);
}

Result<void> add_vschema_tables(LocalRows& rows, const Work& work) {
    rows.columns = {{.name = "Tables"}};
    for (const auto& [name, table] : TRY(shown_keyspace(work, {}))->tables) rows.add({name});
    return {};
}

void add_vschema_keyspaces(LocalRows& rows, const Work& work, const sql::Show& show) {
    rows.columns = {
        {.name = "Keyspace"}, {.name = "Sharded"}, {.name = "Foreign Key"}, {.name = "Comment"}};
    constexpr std::string_view modes[] = {"unmanaged", "disallow", "unmanaged", "managed"};
    for (const auto& [name, keyspace] : work.schema->keyspaces()) {
        if (!wanted(show, name)) continue;
        rows.add({name, keyspace->sharded ? "true" : "false",
                  modes[static_cast<std::size_t>(keyspace->foreign_key_mode) % 4],
                  keyspace->error ? keyspace->error->text : ""});
    }
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string parameters_text(const vschema::VindexDefinition& definition) {
    std::string text;
    for (const auto& [key, value] : definition.params)
        text += (text.empty() ? "" : "; ") + key + "=" + value;
    return text;
}

Result<void> add_vindexes(LocalRows& rows, const Work& work, const sql::Show& show) {
    const auto& all = work.schema->definition().keyspaces;
    if (show.table.empty()) {
        rows.columns = {{.name = "Keyspace"},
                        {.name = "Name"},
                        {.name = "Type"},
                        {.name = "Params"},
                        {.name = "Owner"}};
        for (const auto& [keyspace, definition] : all) {
            for (const auto& [name, vindex] : definition.vindexes) {
                rows.add({keyspace, name, vindex.type, parameters_text(vindex), vindex.owner});
            }
        }
        return {};
    }
    rows.columns = {{.name = "Columns"},
                    {.name = "Name"},
                    {.name = "Type"},
                    {.name = "Params"},
                    {.name = "Owner"}};
    const vschema::Keyspace* keyspace = TRY(shown_keyspace(work, show.table.keyspace));
    const auto definition = all.find(keyspace->name);
    const auto table = keyspace->tables.find(show.table.name);
    if (definition == all.end() || table == keyspace->tables.end()) {
        return fail(Code::not_found, er::no_such_table,
                    "VT05005: table '" + show.table.name + "' does not exist in keyspace '" +
                        keyspace->name + "'");
    }
    for (const vschema::ColumnVindex& on_table : table->second->column_vindexes) {
        const auto vindex = definition->second.vindexes.find(on_table.name);
        if (vindex == definition->second.vindexes.end()) continue;
        rows.add({joined(on_table.columns), on_table.name, vindex->second.type,
                  parameters_text(vindex->second), vindex->second.owner});
    }
    return {};
}

void add_charsets(LocalRows& rows, const sql::Show& show) {
    rows.columns = {{.name = "Charset"},
                    {.name = "Description"},
                    {.name = "Default collation"},
                    {.name = "Maxlen", .type = Type::int32}};
    for (const CharsetName& each : charset_names) {
        const collation::Collation* standard = collation::default_collation(each.name);
        if (!wanted(show, each.name) || standard == nullptr) continue;
        rows.add({each.name, each.description, standard->name,
                  std::to_string(standard->charset->max_bytes)});
    }
}

// What operators have noted about the cluster, in the global topology.
Task<Result<LocalRows>> metadata_rows(const Work* work, const sql::Show* show) {
    LocalRows rows;
    rows.columns = {{.name = "Key"}, {.name = "Value"}};
    const std::string folder = topo::path::metadata("");
    const auto records = co_await work->core->topology->global().list(folder, &work->session->stop);
    if (!records && records.error().code == topo::no_node) co_return rows;
    if (!records) co_return fail(records.error());
    for (const topo::ListedRecord& record : *records) {
        const std::string key = record.path.substr(folder.size());
        if (wanted(*show, key)) rows.add({key, record.contents});
    }
    co_return rows;
}

void add_warnings(LocalRows& rows, const Session& session, const sql::Limit* limit) {
    rows.columns = {{.name = "Level", .nullable = false, .decimals = 31},
                    {.name = "Code", .type = Type::uint32, .nullable = false},
                    {.name = "Message", .nullable = false, .decimals = 31}};
    const auto number = [](const sql::Expr& expression) -> std::size_t {
        const auto* literal = expression.as<sql::Literal>();
        return literal == nullptr ? 0 : std::strtoull(literal->text.c_str(), nullptr, 10);
    };
    std::size_t first = 0;
    std::size_t count = session.warnings.size();
    if (limit != nullptr) {
        first = limit->offset ? std::min(number(**limit->offset), count) : 0;
        count = std::min(number(*limit->count), count - first);
    }
    for (const SessionWarning& warning : std::span(session.warnings).subspan(first, count)) {
        rows.add({warning.level, std::to_string(warning.code), warning.message});
    }
}

void add_engines(LocalRows& rows) {
    rows.columns = {{.name = "Engine"},       {.name = "Support"}, {.name = "Comment"},
                    {.name = "Transactions"}, {.name = "XA"},      {.name = "Savepoints"}};
    rows.add({"InnoDB", "DEFAULT", "Supports transactions, row-level locking, and foreign keys",
              "YES", "YES", "YES"});
}

void add_plugins(LocalRows& rows) {
    rows.columns = {{.name = "Name"},
                    {.name = "Status"},
                    {.name = "Type"},
                    {.name = "Library"},
                    {.name = "License"}};
    rows.rows.push_back({{Type::varchar, "InnoDB"},
                         {Type::varchar, "ACTIVE"},
                         {Type::varchar, "STORAGE ENGINE"},
                         {},
                         {Type::varchar, "GPL"}});
}

struct Process {
    std::uint32_t id = 0;
    std::string user, host, target, command, text;
    std::int64_t seconds = 0;
};

// On the loop that owns the sessions.
std::vector<Process> processes_here(const Core* core) {
    std::vector<Process> list;
    for (const auto& [id, session] : core->sessions.all()) {
        const auto age =
            std::chrono::duration_cast<std::chrono::seconds>(async::Clock::now() - session->since);
        list.push_back({.id = id,
                        .user = session->user,
                        .host = session->peer.empty() ? "localhost" : session->peer,
                        .target = session->target_text,
                        .command = session->busy ? "Query" : "Sleep",
                        .text = std::string(session->running),
                        .seconds = session->since == async::Clock::time_point() ? 0 : age.count()});
    }
    return list;
}

Task<LocalRows> processes(const Work* work, bool full) {
    LocalRows rows;
    rows.columns = {{.name = "Id", .type = Type::uint64},
                    {.name = "User"},
                    {.name = "Host"},
                    {.name = "db"},
                    {.name = "Command"},
                    {.name = "Time", .type = Type::int32},
                    {.name = "State"},
                    {.name = "Info"}};
    for (Core* core : work->core->all) {
        std::vector<Process> list;
        if (core == work->core) {
            list = processes_here(core);
        } else {
            list = co_await async::on_loop(core->loop, [core] { return processes_here(core); });
        }
        for (const Process& each : list) {
            const std::string text = full ? each.text : each.text.substr(0, 100);
            rows.add({std::to_string(each.id), each.user, each.host, each.target, each.command,
                      std::to_string(each.seconds), each.command == "Query" ? "executing" : "",
                      text});
        }
    }
    co_return rows;
}

Result<LocalRows> rows_of(const Work& work, const sql::Show& show) {
    LocalRows rows;
    switch (show.kind) {
        case sql::ShowKind::databases:
        case sql::ShowKind::schemas:
            add_keyspaces(rows, work, show, true);
            return rows;
        case sql::ShowKind::keyspaces:
        case sql::ShowKind::vitess_keyspaces:
            add_keyspaces(rows, work, show, false);
            return rows;
        case sql::ShowKind::vitess_shards:
            add_shards(rows, work, show);
            return rows;
        case sql::ShowKind::vitess_target:
            rows.columns = {{.name = "Target"}};
            rows.add({work.session->target_text});
            return rows;
        case sql::ShowKind::vschema_tables:
            TRY(add_vschema_tables(rows, work));
            return rows;
        case sql::ShowKind::vschema_keyspaces:
            add_vschema_keyspaces(rows, work, show);
            return rows;
        case sql::ShowKind::vschema_vindexes:
            TRY(add_vindexes(rows, work, show));
            return rows;
        case sql::ShowKind::warnings:
            add_warnings(rows, *work.session, show.limit ? &*show.limit : nullptr);
            return rows;
        case sql::ShowKind::engines:
            add_engines(rows);
            return rows;
        case sql::ShowKind::plugins:
            add_plugins(rows);
            return rows;
        case sql::ShowKind::charset:
            add_charsets(rows, show);
            return rows;
        default:
            break;
    }
    return unsupported("SHOW " + show.text);
}

}  // namespace

Task<Result<Ending>> run_show(const Work* work, const sql::Show* show) {
    const std::string text = sql::lower_case(show->text);
    LocalRows rows;
    if (show->kind == sql::ShowKind::other &&
        (text == "processlist" || text == "full processlist")) {
        rows = co_await processes(work, show->full || text.starts_with("full"));
    } else if (show->kind == sql::ShowKind::vitess_tablets) {
        rows = CO_TRY(co_await tablet_rows(work, show));  // WHERE is ignored, as in v21
    } else if (show->kind == sql::ShowKind::vitess_replication_status ||
               show->kind == sql::ShowKind::replica_status) {
        rows = CO_TRY(co_await replication_rows(work, show));
    } else if (show->kind == sql::ShowKind::unresolved_transactions ||
               show->kind == sql::ShowKind::transaction_status) {
        rows = CO_TRY(co_await transaction_rows(work, show));
    } else if (show->kind == sql::ShowKind::vitess_variables && !show->where) {
        rows = CO_TRY(co_await metadata_rows(work, show));
    } else if (show->where) {
        co_return unsupported("WHERE in this SHOW");
    } else {
        rows = CO_TRY(rows_of(*work, *show));
    }
    if (work->session->collation == collation::utf8mb4_0900_ai_ci)
        rows.collation = collation::utf8mb4_0900_ai_ci;
    CO_TRY(co_await send(&rows, work->reply, &work->session->stop));
    Ending ending = plain_ending(*work->session);
    if (show->kind == sql::ShowKind::warnings) ending.warnings = 0;
    co_return ending;
}

// A shard's variables, with those in their places that the gate keeps for the session.
Task<Result<Ending>> run_show_variables(const Work* work) {
    engine::CapturedRows captured = CO_TRY(co_await capture(work, std::string(work->text)));
    const Session& session = *work->session;
    LocalRows rows;
    for (std::size_t i = 0; i < captured.names.size(); ++i)
        rows.columns.push_back({captured.names[i], captured.types[i]});
    for (std::vector<Value>& row : captured.rows) {
        if (row.size() == 2) {
            const std::string& name = row.front().bytes;
            if (name == "autocommit") row[1].bytes = session.autocommit ? "ON" : "OFF";
            if (name == "version") row[1].bytes = work->core->options->server_version;
            if (name == "version_comment") row[1].bytes = work->core->options->version_comment;
            if (name == "sql_select_limit" && session.select_limit != 0)
                row[1].bytes = std::to_string(session.select_limit);
        }
        rows.rows.push_back(std::move(row));
    }
    CO_TRY(co_await send(&rows, work->reply, &work->session->stop));
    co_return plain_ending(session);
}

}  // namespace sluice::executor
