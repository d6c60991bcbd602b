// The schema of a tablet's shard. Before: server.cc. After: detail/ask.cc.
#include "tabletserver/schema.h"

#include <algorithm>

#include "base/log.h"
#include "sql/format.h"
#include "tabletserver/detail/ask.h"

namespace sluice::tabletserver {
namespace {

TableKind kind_of(std::string_view type, std::string_view comment) {
    if (type.find("VIEW") != type.npos) return TableKind::view;
    if (comment == "vitess_sequence") return TableKind::sequence;
    if (comment.starts_with("vitess_message")) return TableKind::message;
    return TableKind::table;
}

// Names that Vitess keeps for its own use, such as those of tables that wait to be dropped.
bool is_internal(std::string_view name) {
    return name.starts_with("_vt_");
}

}  // namespace

SchemaPointer Schema::snapshot() const {
    const std::lock_guard guard(mutex_);
    return snapshot_;
}

Task<Result<void>> Schema::reload(bool everything, Stop* stop) {
    while (reading_) CO_TRY(co_await waiters_.wait(stop));
    reading_ = true;
    Result<void> done = co_await read(everything, stop);
    reading_ = false;
    waiters_.wake_one();
    co_return done;
}

Task<Result<TableDefinition>> Schema::read_table(std::string name, TableDefinition listed,
                                                 Stop* stop) {
    const Asked asked =
        CO_TRY(co_await ask(tablet_, {.text = "show create table " + sql::identifier(name)}, stop));
    if (asked.rows.size() != 1 || asked.rows[0].size() < 2)
        co_return fail(Code::internal, "no definition of table " + name);
    listed.text = asked.rows[0][1].value_or("");
    co_return listed;
}

Task<Result<std::vector<FunctionDefinition>>> Schema::read_functions(Stop* stop) {
    std::vector<FunctionDefinition> functions;
    // Only MySQL has this table; MariaDB's loadable functions stand in mysql.func.
    const Result<Asked> asked = co_await ask(
        tablet_,
        {.text = "select udf_name, udf_return_type, udf_type from "
                 "performance_schema.user_defined_functions where udf_library is not null"},
        stop);
    if (!asked) co_return functions;
    for (const TextRow& row : asked->rows) {
        if (row.size() != 3 || !row[0]) continue;
        functions.push_back({.name = *row[0],
                             .aggregating = row[2] == "aggregate",
                             .returns = row[1].value_or("char")});
    }
    std::ranges::sort(functions, {}, &FunctionDefinition::name);
    co_return functions;
}

Task<Result<void>> Schema::read(bool everything, Stop* stop) {
    const Asked listed = CO_TRY(co_await ask(
        tablet_,
        {.text = "select table_name, table_type, coalesce(unix_timestamp(create_time), 0), "
                 "table_comment from information_schema.tables where table_schema = database()"},
        stop));
    const SchemaPointer before = snapshot();
    auto next = std::make_shared<SchemaSnapshot>();
    for (const TextRow& row : listed.rows) {
        if (row.size() != 4 || !row[0] || is_internal(*row[0])) continue;
        TableDefinition found{.kind = kind_of(row[1].value_or(""), row[3].value_or("")),
                              .created = row[2].value_or(""),
                              .text = {}};
        const TableDefinition* known = nullptr;
        if (before) {
            const auto at = before->tables.find(*row[0]);
            if (at != before->tables.end()) known = &at->second;
        }
        const bool same = known != nullptr && known->created == found.created &&
                          known->kind == found.kind && found.kind != TableKind::view;
        if (same && !everything) {
            next->tables.emplace(*row[0], *known);
            continue;
        }
        Result<TableDefinition> read = co_await read_table(*row[0], std::move(found), stop);
        // A table that is gone by now, or a view over one that is.
        if (!read && read.error().code == Code::unavailable) co_return fail(read.error());
        if (read) next->tables.emplace(*row[0], std::move(*read));
    }
    next->functions = CO_TRY(co_await read_functions(stop));
    publish(std::move(next));
    co_return Result<void>{};
}

void Schema::note_change(const std::string& name, TableKind kind) {
    auto& into = kind == TableKind::view && views_ ? changes_.views : changes_.tables;
    if (std::ranges::find(into, name) == into.end()) into.push_back(name);
}

void Schema::publish(std::shared_ptr<SchemaSnapshot> next) {
    const SchemaPointer before = snapshot();
    for (const auto& [name, table] : next->tables) {
        bool same = false;
        if (before) {
            const auto known = before->tables.find(name);
            same = known != before->tables.end() && known->second == table;
        }
        if (!same) note_change(name, table.kind);
    }
    if (before) {
        for (const auto& [name, table] : before->tables) {
            if (!next->tables.contains(name)) note_change(name, table.kind);
        }
    }
    const bool functions = before ? before->functions != next->functions : !next->functions.empty();
    changes_.functions = changes_.functions || functions;
    const std::lock_guard guard(mutex_);
    snapshot_ = std::move(next);
}

}  // namespace sluice::tabletserver
