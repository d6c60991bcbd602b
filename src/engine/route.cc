// Step 6 of a request: one query, its shards, and rows as bytes. Before: engine/run.cc. After:
// transaction/shard_sessions.cc and gateway/gateway.cc.
#include "engine/route.h"

#include <algorithm>

#include "engine/binary_rows.h"
#include "engine/targets.h"

namespace sluice::engine {

tablet::Call call_of(const Context& context, bool is_write) {
    tablet::Call call;
    call.settings = context.settings;
    call.is_write = is_write;
    call.stream = context.streams && !is_write;
    call.want_warnings = context.want_warnings;
    call.stop = context.stop;
    call.caller = context.caller;
    call.options = context.options;
    return call;
}

sql::MarginComments margins_of(const Statement& statement) {
    const std::string_view text = statement.text;
    if (!text.starts_with("/*") && !text.ends_with("*/")) return {};
    sql::MarginComments margins = sql::split_margin_comments(text);
    for (std::string_view* side : {&margins.leading, &margins.trailing}) {
        const bool plain = std::ranges::all_of(*side, [](char c) { return c >= ' ' && c <= '~'; });
        // Some comments are executed.
        if (!plain || side->contains("/*!") || side->contains("/*M!")) *side = {};
    }
    return margins;
}

Result<void> fill_query(const Context& context, const plan::Template& query, Bindings& bindings,
                        Payload& payload, tablet::Call& call) {
    if (context.tablets) {
        TRY(bindings.name(query, payload.variables));
        call.normalized = query.normalized;
        call.variables = &payload.variables.all();
        const sql::MarginComments margins = margins_of(bindings.statement());
        if (margins.leading.empty() && margins.trailing.empty()) return {};
        payload.text.append(margins.leading).append(query.normalized).append(margins.trailing);
        call.normalized = payload.text;
        return {};
    }
    TRY(bindings.render(query, payload.text));
    call.text = payload.text;
    return {};
}

Outcome single_outcome(tablet::Outcome outcome) {
    return {.end = std::move(outcome.end), .warnings = std::move(outcome.warnings)};
}

Outcome scatter_outcome(gateway::ScatterOutcome outcome, bool copies) {
    // Every shard changed its copy of the same rows: they count once.
    if (copies && outcome.end && !outcome.shards.empty() && outcome.shards.front().end) {
        outcome.end->affected_rows = outcome.shards.front().end->affected_rows;
        outcome.end->text = outcome.shards.front().end->text;
    }
    return {.end = std::move(outcome.end), .warnings = std::move(outcome.warnings)};
}

Result<ShardTexts> shard_texts(const Context& context, const plan::Plan& plan,
                               const plan::Route& route, Bindings& bindings) {
    std::vector<RoutedShard> shards = TRY(targets(context, route.routing, bindings));
    ShardTexts made;
    made.payloads.reserve(shards.size());
    for (RoutedShard& shard : shards) {
        if (route.routing.shard_values && route.routing.opcode == plan::Opcode::in) {
            BindValue part{.value = {.type = Type::tuple, .bytes = {}}, .list = {}};
            for (const ValueView& value : shard.values) part.list.push_back(value.copy());
            bindings.set(*route.routing.shard_values, std::move(part));
        }
        gateway::ShardRequest& request = made.requests.emplace_back(
            gateway::ShardRequest{.target = shard.target,
                                  .call = call_of(context, route.is_write),
                                  .tables = plan.tables_used});
        TRY(fill_query(context, route.query, bindings, made.payloads.emplace_back(), request.call));
    }
    return made;
}

namespace {

// What a single shard is sent: the client's text or parameters as they came if the plan allows it.
Result<void> fill_call(const Context& context, const plan::Plan& plan, const plan::Template& query,
                       const Statement& statement, Bindings& bindings, tablet::Call& call,
                       Payload& payload) {
    if (plan.forwards_text && statement.execution != nullptr) {
        call.execution = statement.execution;
        return {};
    }
    if (plan.forwards_text && statement.parameters.empty()) {
        call.text = statement.text;
        return {};
    }
    return fill_query(context, query, bindings, payload, call);
}

// The shard's rows are of the kind that the client expects.
bool rows_fit(const Statement& statement, const gateway::ShardRequest& request) {
    return !statement.binary || request.call.binary || request.call.execution != nullptr;
}

// Runs one request; a binary client gets binary rows however the shard answers.
Task<Outcome> run_one(const Context* context, gateway::ShardRequest* request,
                      const Statement* statement, tablet::RowSink* sink) {
    request->call.binary = context->tablets && statement->binary;
    if (rows_fit(*statement, *request)) {
        co_return single_outcome(co_await context->shards->execute(request, sink));
    }
    BinaryRows converted(sink, context->budget);
    Outcome outcome = single_outcome(co_await context->shards->execute(request, &converted));
    co_return outcome;
}

// No row can match: a shard is asked for the columns, or (a write) nobody for anything.
Task<Outcome> run_nowhere(const Context* context, const plan::Plan* plan, const plan::Route* route,
                          const Statement* statement, Bindings* bindings, tablet::RowSink* sink) {
    if (route->is_write) co_return Outcome{.end = tablet::ResultEnd{}, .warnings = {}};
    const Result<gateway::ShardTarget> target = first_shard(*context, route->routing);
    if (!target) co_return Outcome{.end = std::unexpected(target.error()), .warnings = {}};
    // An aggregate has its one row even so.
    const plan::Template& query = route->always_row ? route->query : route->field_query;
    Payload payload;
    gateway::ShardRequest request{
        .target = *target, .call = call_of(*context, false), .tables = plan->tables_used};
    if (const Result<void> filled = fill_query(*context, query, *bindings, payload, request.call);
        !filled) {
        co_return Outcome{.end = std::unexpected(filled.error()), .warnings = {}};
    }
    co_return co_await run_one(context, &request, statement, sink);
}

struct WriteKind {
    bool is_write = false;
    bool copies = false;
};

Task<Outcome> run_many_as_text(const Context* context, ShardTexts* shards, WriteKind write,
                               tablet::RowSink* sink) {
    if (write.is_write) {
        co_return scatter_outcome(
            co_await context->shards->write(&shards->requests, sink, context->stop), write.copies);
    }
    co_return scatter_outcome(
        co_await context->shards->read(&shards->requests, sink, context->stop), false);
}

Task<Outcome> run_many(const Context* context, ShardTexts* shards, WriteKind write,
                       const Statement* statement, tablet::RowSink* sink) {
    if (!statement->binary || context->tablets) {
        for (gateway::ShardRequest& request : shards->requests)
            request.call.binary = statement->binary;
        co_return co_await run_many_as_text(context, shards, write, sink);
    }
    BinaryRows converted(sink, context->budget);
    Outcome outcome = co_await run_many_as_text(context, shards, write, &converted);
    co_return outcome;
}

}  // namespace

Task<Outcome> run_route(const Context* context, const plan::Plan* plan, const plan::Route* route,
                        const Statement* statement, tablet::RowSink* sink) {
    Bindings bindings(plan, statement);
    if (is_single(route->routing.opcode)) {
        const Result<gateway::ShardTarget> target =
            single_target(*context, route->routing, bindings);
        if (!target) co_return Outcome{.end = std::unexpected(target.error()), .warnings = {}};
        if (target->shard.empty()) {
            co_return co_await run_nowhere(context, plan, route, statement, &bindings, sink);
        }
        gateway::ShardRequest request{.target = *target,
                                      .call = call_of(*context, route->is_write),
                                      .tables = plan->tables_used};
        Payload payload;
        if (const Result<void> filled = fill_call(*context, *plan, route->query, *statement,
                                                  bindings, request.call, payload);
            !filled) {
            co_return Outcome{.end = std::unexpected(filled.error()), .warnings = {}};
        }
        request.call.binary = context->tablets && statement->binary;
        if (!rows_fit(*statement, request))
            co_return co_await run_one(context, &request, statement, sink);
        co_return single_outcome(co_await context->shards->execute(&request, sink));
    }
    Result<ShardTexts> shards = shard_texts(*context, *plan, *route, bindings);
    if (!shards) co_return Outcome{.end = std::unexpected(shards.error()), .warnings = {}};
    if (shards->requests.empty()) {
        co_return co_await run_nowhere(context, plan, route, statement, &bindings, sink);
    }
    if (shards->requests.size() == 1) {
        co_return co_await run_one(context, &shards->requests.front(), statement, sink);
    }
    co_return co_await run_many(
        context, &*shards, {.is_write = route->is_write, .copies = route->copies}, statement, sink);
}

Task<Outcome> run_send(const Context* context, const plan::Plan* plan, const plan::Send* send,
                       const Statement* statement, Bindings* bindings, tablet::RowSink* sink) {
    plan::Routing routing;
    routing.opcode = plan::Opcode::by_destination;
    routing.keyspace = send->keyspace;
    routing.destination = send->destination;
    Result<std::vector<RoutedShard>> found = targets(*context, routing, *bindings);
    if (!found) co_return Outcome{.end = std::unexpected(found.error()), .warnings = {}};
    if (send->single_shard_only && found->size() != 1) {
        co_return Outcome{
            .end = std::unexpected(
                make_error(Code::invalid_argument,
                           "Unexpected error, DestinationKeyspaceID mapping to multiple shards: " +
                               vindex::to_text(send->destination))),
            .warnings = {}};
    }
    Payload payload;
    tablet::Call filled = call_of(*context, send->is_write);
    if (const Result<void> done =
            fill_call(*context, *plan, send->query, *statement, *bindings, filled, payload);
        !done) {
        co_return Outcome{.end = std::unexpected(done.error()), .warnings = {}};
    }
    ShardTexts shards;
    for (const RoutedShard& shard : *found) {
        shards.requests.push_back(
            {.target = shard.target, .call = filled, .tables = plan->tables_used});
    }
    if (shards.requests.empty()) co_return Outcome{.end = tablet::ResultEnd{}, .warnings = {}};
    if (shards.requests.size() == 1) {
        co_return co_await run_one(context, &shards.requests.front(), statement, sink);
    }
    co_return co_await run_many(
        context, &shards, {.is_write = send->is_write, .copies = send->copies}, statement, sink);
}

}  // namespace sluice::engine
