// Calls of the control plane: tables. Before: service.cc. After: detail/ask.h.
#include <algorithm>

#include "base/log.h"
#include "sql/parse.h"
#include "vtctl/detail/ask.h"
#include "vtctl/detail/method.h"
#include "vtctl/detail/schema_reload.h"

namespace sluice::vtctl::detail {
namespace {

using topodata::Tablet;

Task<Result<message::GetSchemaResponse>> get_schema(Control* control,
                                                    const message::GetSchemaRequest* request,
                                                    Stop* stop) {
    tablet_message::GetSchemaRequest ask_for;
    *ask_for.mutable_tables() = request->tables();
    *ask_for.mutable_exclude_tables() = request->exclude_tables();
    ask_for.set_include_views(request->include_views());
    ask_for.set_table_schema_only(request->table_schema_only());
    message::GetSchemaResponse response;
    auto& schema = *response.mutable_schema();
    schema = CO_TRY(co_await schema_of(control, request->tablet_alias(), std::move(ask_for), stop));
    for (auto& table : *schema.mutable_table_definitions()) {
        tablet_message::TableDefinition less;
        less.set_name(table.name());
        less.set_type(table.type());
        less.set_row_count(table.row_count());
        less.set_data_length(table.data_length());
        if (request->table_names_only()) {
            less.Clear();
            less.set_name(table.name());
            table = less;
        } else if (request->table_sizes_only()) {
            table = less;
        }
    }
    co_return response;
}

Task<Result<message::ReloadSchemaResponse>> reload(Control* control,
                                                   const message::ReloadSchemaRequest* request,
                                                   Stop* stop) {
    const Tablet tablet = CO_TRY(co_await read_tablet(control, request->tablet_alias(), stop));
    CO_TRY(co_await ask<tablet_message::ReloadSchemaResponse>(
        control, &tablet, tablet_message::ReloadSchemaRequest(), Duration::zero(), stop));
    co_return message::ReloadSchemaResponse();
}

Task<Result<message::ReloadSchemaShardResponse>> reload_one_shard(
    Control* control, const message::ReloadSchemaShardRequest* request, Stop* stop) {
    Events events(control);
    co_await reload_shard(control, request->keyspace(), request->shard(),
                          {.wait_position = request->wait_position(),
                           .include_primary = request->include_primary(),
                           .concurrency = request->concurrency()},
                          &events, stop);
    message::ReloadSchemaShardResponse response;
    events.move_to(response.mutable_events());
    co_return response;
}

Task<Result<message::ReloadSchemaKeyspaceResponse>> reload_keyspace(
    Control* control, const message::ReloadSchemaKeyspaceRequest* request, Stop* stop) {
    const auto shards = co_await shards_of(control, request->keyspace(), stop);
    if (!shards)
        co_return fail(Code::internal,
                       "GetShardNames(" + request->keyspace() + ") failed: " + shards.error().text);
    Events events(control);
    for (const std::string& shard : *shards) {
        co_await reload_shard(control, request->keyspace(), shard,
                              {.wait_position = request->wait_position(),
                               .include_primary = request->include_primary(),
                               .concurrency = request->concurrency()},
                              &events, stop);
    }
    message::ReloadSchemaKeyspaceResponse response;
    events.move_to(response.mutable_events());
    co_return response;
}

// One statement's way over the primaries of all shards.
struct Change {
    std::string keyspace;
    std::vector<std::string> statements;
    std::vector<Tablet> primaries;
    std::chrono::nanoseconds replicas_wait{0};
};

struct Applied {
    std::uint64_t rows = 0;
    std::string position;  // of the primary, afterwards
};

Task<Result<std::vector<Tablet>>> primaries_of(Control* control, std::string keyspace, Stop* stop) {
    const auto shards = co_await shards_of(control, keyspace, stop);
    if (!shards)
        co_return fail(shards.error().code, "unable to get shards for keyspace: " + keyspace +
                                                ", error: " + shards.error().text);
    std::vector<Tablet> primaries;
    for (const std::string& shard : *shards) {
        const auto record = CO_TRY(co_await read_shard(control, keyspace, shard, stop));
        if (!record.has_primary_alias())
            co_return fail(Code::unknown, "shard: " + shard + " does not have a primary");
        auto primary = co_await read_tablet(control, record.primary_alias(), stop);
        if (!primary)
            co_return fail(primary.error().code,
                           "unable to get primary tablet info, keyspace: " + keyspace +
                               ", shard: " + shard + ", error: " + primary.error().text);
        primaries.push_back(std::move(*primary));
    }
    if (primaries.empty())
        co_return fail(Code::unknown,
                       "keyspace: " + keyspace + " does not contain any primary tablets");
    co_return primaries;
}

// What v21 checks before anything runs: statements parse, and only DDL may run on several shards.
Result<void> check_statements(const Change& change) {
    for (const std::string& text : change.statements) {
        const auto parsed = sql::parse(text);
        if (!parsed)
            return fail(Code::invalid_argument,
                        "failed to parse sql: " + text + ", got error: " + parsed.error().text);
        const bool is_ddl = std::holds_alternative<sql::Ddl>(parsed->node);
        if (!is_ddl && change.primaries.size() != 1)
            return fail(
                Code::failed_precondition,
                "non-ddl statements can only be executed for single shard keyspaces: " + text);
    }
    return {};
}

// CREATE TABLE and CREATE VIEW may go together in one call.
Result<void> batch(Change* change, std::int64_t size) {
    if (size <= 1) return {};
    for (const std::string& text : change->statements) {
        const auto parsed = TRY(sql::parse(text));
        const auto* const ddl = std::get_if<sql::Ddl>(&parsed.node);
        const bool creates = ddl != nullptr && (ddl->kind == sql::DdlKind::create_table ||
                                                ddl->kind == sql::DdlKind::create_view);
        if (!creates)
            return fail(Code::unknown,
                        "--batch-size only allowed when all queries are CREATE TABLE|VIEW");
    }
    std::vector<std::string> batches;
    for (std::size_t i = 0; i < change->statements.size(); ++i) {
        const bool is_first = i % static_cast<std::size_t>(size) == 0;
        if (is_first) {
            batches.push_back(change->statements[i]);
        } else {
            batches.back() += ";" + change->statements[i];
        }
    }
    change->statements = std::move(batches);
    return {};
}

Task<Result<Applied>> apply_on(Control* control, const Tablet* primary, std::string statement,
                               bool is_batch, Stop* stop) {
    // A change of a large table takes as long as it takes: the client's deadline ends it.
    constexpr auto patience = std::chrono::hours(24);
    Applied applied;
    if (is_batch) {
        tablet_message::ExecuteMultiFetchAsDbaRequest request;
        request.set_db_name(database_of(*primary));
        request.set_sql(std::move(statement));
        request.set_max_rows(10);
        const auto answer = CO_TRY(co_await ask<tablet_message::ExecuteMultiFetchAsDbaResponse>(
            control, primary, std::move(request), patience, stop));
        for (const auto& result : answer.results()) applied.rows += result.rows_affected();
    } else {
        tablet_message::ExecuteFetchAsDbaRequest request;
        request.set_db_name(database_of(*primary));
        request.set_query(std::move(statement));
        request.set_max_rows(10);
        const auto answer = CO_TRY(co_await ask<tablet_message::ExecuteFetchAsDbaResponse>(
            control, primary, std::move(request), patience, stop));
        applied.rows = answer.result().rows_affected();
    }
    applied.position = CO_TRY(co_await ask<tablet_message::PrimaryPositionResponse>(
                                  control, primary, tablet_message::PrimaryPositionRequest(),
                                  Duration::zero(), stop))
                           .position();
    co_return applied;
}

std::string failure_text(const Change& change, std::size_t at,
                         const std::vector<Result<Applied>>& outcomes) {
    std::string text = "schema change failed, ExecuteResult: statement " + std::to_string(at + 1) +
                       " of " + std::to_string(change.statements.size()) + ": " +
                       change.statements[at];
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        text += "\nshard " + change.primaries[i].shard() + ": " +
                (outcomes[i] ? "done" : outcomes[i].error().text);
    }
    return text;
}

// One statement after the other, each on all shards at once; the first failure ends it.
Task<Result<std::vector<Applied>>> apply_all(Control* control, const Change* change, bool is_batch,
                                             topo::Lock* lock, Stop* stop) {
    std::vector<Applied> last(change->primaries.size());
    for (std::size_t at = 0; at < change->statements.size(); ++at) {
        CO_TRY(co_await lock->check(stop));
        std::vector<Task<Result<Applied>>> running;
        for (const Tablet& primary : change->primaries)
            running.push_back(apply_on(control, &primary, change->statements[at], is_batch, stop));
        const auto outcomes = co_await async::gather(std::move(running));
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            if (!outcomes[i])
                co_return fail(outcomes[i].error().code, failure_text(*change, at, outcomes));
            last[i] = *outcomes[i];
        }
    }
    co_return last;
}

Task<Result<message::ApplySchemaResponse>> apply_locked(Control* control, const Change* change,
                                                        bool is_batch, topo::Lock* lock,
                                                        Stop* stop) {
    const auto applied = CO_TRY(co_await apply_all(control, change, is_batch, lock, stop));
    message::ApplySchemaResponse response;
    Events events(control);
    for (std::size_t i = 0; i < applied.size(); ++i) {
        const std::string& shard = change->primaries[i].shard();
        (*response.mutable_rows_affected_by_shard())[shard] = applied[i].rows;
        co_await reload_shard(control, change->keyspace, shard,
                              {.wait_position = applied[i].position,
                               .include_primary = true,
                               .concurrency = 10,
                               .timeout = change->replicas_wait},
                              &events, stop);
    }
    co_return response;
}

Task<Result<message::ApplySchemaResponse>> apply_schema(Control* control,
                                                        const message::ApplySchemaRequest* request,
                                                        Stop* stop) {
    if (request->sql_size() == 0)
        co_return fail(Code::failed_precondition, "Sql must be a non-empty array");
    const std::string& strategy = request->ddl_strategy();
    if (!strategy.empty() && strategy != "direct")
        co_return fail(Code::unimplemented,
                       "--ddl-strategy " + strategy + " is not supported: only direct is");
    if (request->uuid_list_size() > 0)
        co_return fail(Code::unimplemented,
                       "--uuid is for online migrations, which are not supported");
    Change change;
    change.keyspace = request->keyspace();
    const auto& wait = request->wait_replicas_timeout();
    change.replicas_wait =
        request->has_wait_replicas_timeout()
            ? std::chrono::seconds(wait.seconds()) + std::chrono::nanoseconds(wait.nanos())
            : std::chrono::nanoseconds(std::chrono::seconds(30));
    for (const std::string& text : request->sql()) {
        const auto first = text.find_first_not_of(" \t\r\n");
        if (first != text.npos)
            change.statements.push_back(
                text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
    }
    if (change.statements.empty()) co_return message::ApplySchemaResponse();
    change.primaries = CO_TRY(co_await primaries_of(control, request->keyspace(), stop));
    CO_TRY(check_statements(change));
    CO_TRY(batch(&change, request->batch_size()));
    const auto lock = CO_TRY(co_await control->topology->lock_keyspace(
        request->keyspace(), "ApplySchemaKeyspace", stop));
    auto response =
        co_await apply_locked(control, &change, request->batch_size() > 1, lock.get(), stop);
    static_cast<void>(co_await lock->release(stop));
    co_return response;
}

}  // namespace

Task<Result<tabletmanagerdata::SchemaDefinition>> schema_of(
    Control* control, topodata::TabletAlias alias, tabletmanagerdata::GetSchemaRequest request,
    Stop* stop) {
    auto tablet = co_await read_tablet(control, alias, stop);
    if (!tablet) co_return wrap(tablet.error(), "GetTablet(" + alias_text(alias) + ") failed");
    auto answer = co_await ask<tablet_message::GetSchemaResponse>(
        control, &*tablet, std::move(request), std::chrono::minutes(5), stop);
    if (!answer) co_return wrap(answer.error(), "GetSchema(" + alias_text(alias) + ") failed");
    co_return std::move(*answer->mutable_schema_definition());
}

namespace {

Task<Result<void>> reload_tablet(Control* control, const Tablet* tablet,
                                 const ReloadOptions* options, Stop* stop) {
    tablet_message::ReloadSchemaRequest request;
    // The position is the primary's own: it has nothing to wait for.
    if (tablet->type() != topodata::PRIMARY) request.set_wait_position(options->wait_position);
    CO_TRY(co_await ask<tablet_message::ReloadSchemaResponse>(control, tablet, std::move(request),
                                                              options->timeout, stop));
    co_return Result<void>{};
}

}  // namespace

Task<void> reload_shard(Control* control, std::string keyspace, std::string shard,
                        ReloadOptions options, Events* events, Stop* stop) {
    auto tablets = co_await tablets_of_shard(control, keyspace, shard, stop);
    if (!tablets) {
        events->warn("ReloadSchemaShard(" + shard_text(keyspace, shard) +
                     ") failed to load tablet list, will not reload schema (use vtctl "
                     "ReloadSchemaShard to try again): " +
                     tablets.error().text);
        co_return;
    }
    std::erase_if(*tablets, [&](const Tablet& tablet) {
        return tablet.type() == topodata::PRIMARY && !options.include_primary;
    });
    const std::size_t at_once = options.concurrency > 0
                                    ? static_cast<std::size_t>(options.concurrency)
                                    : std::max<std::size_t>(tablets->size(), 1);
    for (std::size_t from = 0; from < tablets->size(); from += at_once) {
        const std::size_t to = std::min(from + at_once, tablets->size());
        std::vector<Task<Result<void>>> reloads;
        for (std::size_t i = from; i < to; ++i)
            reloads.push_back(reload_tablet(control, &(*tablets)[i], &options, stop));
        const auto outcomes = co_await async::gather(std::move(reloads));
        for (std::size_t i = from; i < to; ++i) {
            const Result<void>& outcome = outcomes[i - from];
            if (outcome) continue;
            events->warn("Failed to reload schema on replica tablet " +
                         alias_text((*tablets)[i].alias()) + " in " + shard_text(keyspace, shard) +
                         " (use vtctl ReloadSchema to try again): " + outcome.error().text);
        }
    }
}

std::vector<Method> schema_methods() {
    return {method(&get_schema), method(&reload), method(&reload_one_shard),
            method(&reload_keyspace), method(&apply_schema)};
}

}  // namespace sluice::vtctl::detail
