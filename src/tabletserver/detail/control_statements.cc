// Statements that the control plane runs on a tablet's server. Before: control_service.cc. After:
// tablet/mysql_tablet.cc, and execute.cc for what runs as a gate's statements do.
#include <algorithm>
#include <sstream>

#include "base/log.h"
#include "sql/ast_expr.h"
#include "sql/format.h"
#include "sql/lexer.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/detail/control_calls.h"
#include "tabletserver/detail/fetch.h"
#include "tabletserver/detail/query.h"

namespace sluice::tabletserver {

Task<Result<::query::QueryResult>> fetch(tablet::MysqlTablet* server, Fetch what, Stop* stop) {
    ResultWriter writer;
    writer.begin({.fields = IncludedFields::all,
                  .row_limit = what.max_rows,
                  .limit_words = "Row count exceeded "});
    tablet::Call call;
    call.text = what.text;
    call.held = what.held;
    call.keep_settings = what.held != tablet::not_held;
    call.is_write = true;
    call.stop = stop;
    const tablet::Outcome outcome = co_await server->execute(&call, &writer);
    if (!outcome.end) co_return fail(outcome.end.error());
    writer.finish(*outcome.end);
    ::query::QueryResult result;
    CO_TRY(rpc::decode(writer.result(), &result));
    co_return result;
}

namespace {

using Results = std::vector<::query::QueryResult>;

// What v21 sets for a session of the control plane's own.
struct SessionOrder {
    std::string database;
    std::uint64_t max_rows = 0;
    bool without_log = false, without_foreign_keys = false;
};

Task<Result<Results>> run_all(tablet::MysqlTablet* server, std::vector<std::string> statements,
                              SessionOrder order, tablet::HeldId held, Stop* stop) {
    const auto tell_session = [&](std::string text) {
        return ask(server, {.text = std::move(text), .held = held, .is_write = true}, stop);
    };
    if (order.without_log) CO_TRY(co_await tell_session("set session sql_log_bin = off"));
    if (order.without_foreign_keys)
        CO_TRY(co_await tell_session("set session foreign_key_checks = off"));
    // A database that is not there yet may be what the statements make.
    if (!order.database.empty())
        static_cast<void>(co_await tell_session("use " + sql::identifier(order.database)));
    Results results;
    for (std::string& text : statements) {
        results.push_back(CO_TRY(co_await fetch(
            server, {.text = std::move(text), .held = held, .max_rows = order.max_rows}, stop)));
    }
    co_return results;
}

// On a connection of its own, which is closed afterwards with all that was set.
Task<Result<Results>> run_apart(tablet::MysqlTablet* server, std::vector<std::string> statements,
                                SessionOrder order, Stop* stop) {
    const Asked session = CO_TRY(co_await ask(server, {.text = "do 0", .reserve = true}, stop));
    Result<Results> results =
        co_await run_all(server, std::move(statements), std::move(order), session.held, stop);
    co_await server->release(session.held);
    co_return results;
}

Result<std::vector<std::string>> statements_of(const std::string& text) {
    std::vector<std::string> statements;
    for (const std::string_view each : sql::split_all(text, {})) {
        if (!sql::split_margin_comments(each).statement.empty()) statements.emplace_back(each);
    }
    if (statements.empty())
        return fail(Code::invalid_argument, "no statements found in query: " + text);
    return statements;
}

// create = "CREATE" { word } ( "TABLE" | "VIEW" ), with few words between.
bool creates(const std::string& statement) {
    std::istringstream words{std::string(sql::split_margin_comments(statement).statement)};
    std::string word;
    if (!(words >> word) || !sql::same_name(word, "create")) return false;
    constexpr int most_words = 6;  // OR REPLACE ALGORITHM = MERGE VIEW
    for (int i = 0; i < most_words && words >> word; ++i) {
        if (sql::same_name(word, "table") || sql::same_name(word, "view")) return true;
    }
    return false;
}

Task<void> reload_if(ControlParts* parts, bool wanted, Stop* stop) {
    if (!wanted) co_return;
    const Result<void> read = co_await parts->server->reload_and_tell(stop);
    if (!read) log::warning("the schema cannot be read: " + read.error().text);
}

Task<Result<void>> as_dba(ControlParts* parts, const message::ExecuteFetchAsDbaRequest* request,
                          message::ExecuteFetchAsDbaResponse* response, Stop* stop) {
    std::vector<std::string> statements = CO_TRY(statements_of(request->query()));
    if (statements.size() > 1 && !std::ranges::all_of(statements, &creates)) {
        co_return fail(Code::invalid_argument,
                       "multi statement queries are not supported in ExecuteFetchAsDba unless all "
                       "are CREATE TABLE or CREATE VIEW");
    }
    Results results = CO_TRY(
        co_await run_apart(parts->server->admin(), std::move(statements),
                           {request->db_name(), request->max_rows(), request->disable_binlogs(),
                            request->disable_foreign_key_checks()},
                           stop));
    *response->mutable_result() = std::move(results.front());
    co_await reload_if(parts, request->reload_schema(), stop);
    co_return Result<void>{};
}

Task<Result<void>> many_as_dba(ControlParts* parts,
                               const message::ExecuteMultiFetchAsDbaRequest* request,
                               message::ExecuteMultiFetchAsDbaResponse* response, Stop* stop) {
    std::vector<std::string> statements = CO_TRY(statements_of(request->sql()));
    Results results = CO_TRY(
        co_await run_apart(parts->server->admin(), std::move(statements),
                           {request->db_name(), request->max_rows(), request->disable_binlogs(),
                            request->disable_foreign_key_checks()},
                           stop));
    for (::query::QueryResult& each : results) *response->add_results() = std::move(each);
    co_await reload_if(parts, request->reload_schema(), stop);
    co_return Result<void>{};
}

Task<Result<void>> as_all_privileges(ControlParts* parts,
                                     const message::ExecuteFetchAsAllPrivsRequest* request,
                                     message::ExecuteFetchAsAllPrivsResponse* response,
                                     Stop* stop) {
    tablet::MysqlTablet* const server =
        parts->all_privileges != nullptr ? parts->all_privileges : parts->server->admin();
    Results results = CO_TRY(co_await run_apart(server, {request->query()},
                                                {request->db_name(), request->max_rows()}, stop));
    *response->mutable_result() = std::move(results.front());
    co_await reload_if(parts, request->reload_schema(), stop);
    co_return Result<void>{};
}

Task<Result<void>> as_application(ControlParts* parts,
                                  const message::ExecuteFetchAsAppRequest* request,
                                  message::ExecuteFetchAsAppResponse* response, Stop* stop) {
    *response->mutable_result() =
        CO_TRY(co_await fetch(parts->server->cores().front()->statements.get(),
                              {.text = request->query(), .max_rows = request->max_rows()}, stop));
    co_return Result<void>{};
}

// As if a gate had sent it.
Task<Result<void>> as_gate(ControlParts* parts, const message::ExecuteQueryRequest* request,
                           message::ExecuteQueryResponse* response, Stop* stop) {
    Core* const core = parts->server->cores().front().get();
    static const Variables none;
    ::query::Target target;
    target.set_keyspace(core->options->keyspace);
    target.set_shard(core->options->shard);
    target.set_tablet_type(static_cast<::topodata::TabletType>(parts->lifecycle->record().type));
    Query query;
    query.sql = request->query();
    query.variables = &none;
    query.options = &::query::ExecuteOptions::default_instance();
    query.target = &target;
    if (request->has_caller_id()) query.effective = &request->caller_id();
    ResultWriter writer;
    const Executed done = co_await execute(core, &query, &writer, stop);
    if (!done.end) co_return fail(done.end.error());
    co_return rpc::decode(writer.result(), response->mutable_result());
}

}  // namespace

void add_statement_calls(ControlCalls* calls) {
    calls->add("ExecuteFetchAsDba", &as_dba);
    calls->add("ExecuteMultiFetchAsDba", &many_as_dba);
    calls->add("ExecuteFetchAsAllPrivs", &as_all_privileges);
    calls->add("ExecuteFetchAsApp", &as_application);
    calls->add("ExecuteQuery", &as_gate);
}

}  // namespace sluice::tabletserver
