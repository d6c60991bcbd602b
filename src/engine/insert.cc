// Step 6 of a request: INSERT. Numbers from the sequence, keyspace ids, rows grouped by shard
// (vtgate-contract 9.2). Before: engine/run.cc. After: transaction/shard_sessions.cc.
#include "engine/insert.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "engine/next_numbers.h"
#include "engine/route.h"
#include "engine/rows.h"
#include "engine/targets.h"

namespace sluice::engine {
namespace {

Outcome failed(Error error) {
    return {.end = std::unexpected(std::move(error)), .warnings = {}};
}

// NULL and 0 are asked of the sequence.
bool wants_number(ValueView value) {
    if (value.is_null()) return true;
    std::int64_t number = 0;
    const auto parsed =
        std::from_chars(value.bytes.data(), value.bytes.data() + value.bytes.size(), number);
    return parsed.ec == std::errc() && parsed.ptr == value.bytes.data() + value.bytes.size() &&
           number == 0;
}

// The first number that was generated; 0 if none was needed.
Task<Result<std::int64_t>> generate_numbers(const Context* context,
                                            const plan::Insert::Generate* generate,
                                            Bindings* bindings) {
    std::vector<bool> wanted;
    std::int64_t count = 0;
    for (const plan::ValueRef& ref : generate->values) {
        wanted.push_back(wants_number(CO_TRY(bindings->value(ref))));
        count += wanted.back() ? 1 : 0;
    }
    std::int64_t first = 0;
    if (count > 0)
        first =
            CO_TRY(co_await next_numbers(context, &generate->keyspace, &generate->sequence, count));
    std::int64_t next = first;
    for (std::size_t row = 0; row < wanted.size(); ++row) {
        Value value{.type = Type::int64, .bytes = {}};
        if (wanted[row]) {
            value.bytes = std::to_string(next++);
        } else {
            value = CO_TRY(bindings->value(generate->values[row])).copy();
        }
        bindings->set(generate->made[row], {.value = std::move(value), .list = {}});
    }
    co_return first;
}

std::string printed(std::span<const ValueView> values) {
    std::string text = "[";
    for (const ValueView& value : values) {
        if (text.size() > 1) text += ' ';
        append_literal(text, value);
    }
    return text + "]";
}

Result<std::vector<ValueView>> row_values(Bindings& bindings,
                                          const std::vector<plan::ValueRef>& refs) {
    std::vector<ValueView> values;
    for (const plan::ValueRef& ref : refs) values.push_back(TRY(bindings.value(ref)));
    return values;
}

// The row's keyspace id; nullopt: INSERT IGNORE drops the row.
Result<std::optional<vindex::KeyspaceId>> row_id(const plan::Insert& insert, Bindings& bindings,
                                                 std::size_t row) {
    const std::vector<ValueView> values = TRY(row_values(bindings, insert.vindex_values[row]));
    vindex::Destination destination = vindex::to::None{};
    const bool null =
        std::ranges::any_of(values, [](const ValueView& value) { return value.is_null(); });
    if (!null) destination = TRY(insert.vindex->map_row(values));
    if (auto* id = std::get_if<vindex::to::Id>(&destination))
        return std::optional(std::move(id->id));
    if (!std::holds_alternative<vindex::to::None>(destination)) {
        return fail(Code::invalid_argument,
                    "VT09024: could not map " + printed(values) +
                        " to a unique keyspace id: " + vindex::to_text(destination));
    }
    return fail(Code::invalid_argument,
                "VT09023: could not map " + printed(values) + " to a keyspace id");
}

// Other vindexes of the row must agree with its keyspace id. False: the row is dropped.
Result<bool> verify_row(const plan::Insert& insert, Bindings& bindings, std::size_t row,
                        const vindex::KeyspaceId& id) {
    for (const plan::Insert::Verified& verified : insert.verified) {
        const std::vector<ValueView> values = TRY(row_values(bindings, verified.values[row]));
        if (std::ranges::all_of(values, [](const ValueView& value) { return value.is_null(); }))
            continue;
        if (TRY(verified.vindex->verify(values, id.view()))) continue;
        if (insert.ignore || insert.on_duplicate) return false;
        std::string columns;
        for (const std::string& column : verified.columns)
            columns += (columns.empty() ? "" : " ") + column;
        return fail(Code::unknown, er::unknown_error,
                    "values " + printed(values) + " for column [" + columns +
                        "] does not map to keyspace ids");
    }
    return true;
}

// Rows of each shard, in the order of the shard map.
Result<std::map<std::size_t, std::vector<std::size_t>>> group_rows(
    const plan::Insert& insert, Bindings& bindings, const gateway::Serving& serving) {
    std::map<std::size_t, std::vector<std::size_t>> groups;
    for (std::size_t row = 0; row < insert.rows.size(); ++row) {
        if (insert.vindex == nullptr) {
            groups[0].push_back(row);
            continue;
        }
        const std::optional<vindex::KeyspaceId> id = TRY(row_id(insert, bindings, row));
        if (!id || !TRY(verify_row(insert, bindings, row, *id))) continue;
        groups[TRY(serving.map->shard_of(id->view()))].push_back(row);
    }
    return groups;
}

// Head, rows and tail as one query.
Result<void> fill_rows(const Context& context, const plan::Insert& insert,
                       const std::vector<std::size_t>& rows, Bindings& bindings, Payload& payload,
                       tablet::Call& call) {
    const auto add = [&](const plan::Template& part) -> Result<void> {
        if (!context.tablets) return bindings.render(part, payload.text);
        payload.text += part.normalized;
        return bindings.name(part, payload.variables);
    };
    const sql::MarginComments margins =
        context.tablets ? margins_of(bindings.statement()) : sql::MarginComments();
    payload.text += margins.leading;
    TRY(add(insert.head));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i != 0) payload.text += ", ";
        TRY(add(insert.rows[rows[i]]));
    }
    TRY(add(insert.tail));
    payload.text += margins.trailing;
    if (!context.tablets) {
        call.text = payload.text;
        return {};
    }
    call.normalized = payload.text;
    call.variables = &payload.variables.all();
    return {};
}

Result<ShardTexts> insert_texts(const Context& context, const plan::Plan& plan,
                                const plan::Insert& insert, Bindings& bindings) {
    const gateway::Serving serving =
        TRY(gateway::serving(*context.cluster, insert.keyspace, context.tablet_type));
    const auto groups = TRY(group_rows(insert, bindings, serving));
    ShardTexts made;
    made.payloads.reserve(groups.size());
    for (const auto& [shard, rows] : groups) {
        made.requests.push_back({.target = serving.at(shard),
                                 .call = call_of(context, true),
                                 .tables = plan.tables_used});
        TRY(fill_rows(context, insert, rows, bindings, made.payloads.emplace_back(),
                      made.requests.back().call));
    }
    return made;
}

// "Records: 3  Duplicates: 0  Warnings: 0" of all rows; a shard with one row says nothing of it.
// Nothing, if shards with several rows have not told: Vitess's tablets do not.
std::string records_text(const plan::Insert& insert, const gateway::ScatterOutcome& written) {
    constexpr std::string_view mark = "Duplicates: ";
    const bool told = std::ranges::any_of(written.shards, [&](const tablet::Outcome& shard) {
        return shard.end->text.contains(mark);
    });
    if (!told && insert.rows.size() > written.shards.size()) return {};
    std::uint64_t duplicates = 0;
    for (const tablet::Outcome& shard : written.shards) {
        const std::string_view text = shard.end->text;
        const std::size_t at = text.find(mark);
        std::uint64_t count =
            shard.end->affected_rows == 0 ? (insert.ignore ? 1 : 0) : shard.end->affected_rows - 1;
        if (at != text.npos)
            std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), count);
        duplicates += count;
    }
    return "Records: " + std::to_string(insert.rows.size()) + "  " + std::string(mark) +
           std::to_string(duplicates) + "  Warnings: " + std::to_string(written.end->warnings);
}

// What OK tells if nothing was generated: the number that the last row brought itself.
std::uint64_t given_number(const plan::Insert::Generate& generate, Bindings& bindings) {
    const Result<ValueView> value = bindings.value({.from = generate.made.back()});
    std::uint64_t number = 0;
    if (value) {
        const char* const end = value->bytes.data() + value->bytes.size();
        if (std::from_chars(value->bytes.data(), end, number).ptr != end) number = 0;
    }
    return number;
}

// The client's own text or parameters, when the plan lets them pass.
void forward(const plan::Plan& plan, const Statement& statement, tablet::Call& call) {
    if (!plan.forwards_text) return;
    if (statement.execution != nullptr) {
        call.execution = statement.execution;
        call.text = {};
    } else if (statement.parameters.empty()) {
        call.text = statement.text;
    }
}

}  // namespace

Task<Outcome> run_insert(const Context* context, const plan::Plan* plan, const plan::Insert* insert,
                         const Statement* statement, Bindings* bindings, tablet::RowSink* sink) {
    std::int64_t first = 0;
    if (insert->generate) {
        const Result<std::int64_t> generated =
            co_await generate_numbers(context, &*insert->generate, bindings);
        if (!generated) co_return failed(generated.error());
        first = *generated;
    }
    Result<ShardTexts> shards = insert_texts(*context, *plan, *insert, *bindings);
    if (!shards) co_return failed(shards.error());
    Outcome outcome{.end = tablet::ResultEnd{}, .warnings = {}};
    if (shards->requests.size() == 1) {
        forward(*plan, *statement, shards->requests.front().call);
        outcome =
            single_outcome(co_await context->shards->execute(&shards->requests.front(), sink));
    } else if (shards->requests.size() > 1) {
        gateway::ScatterOutcome written =
            co_await context->shards->write(&shards->requests, sink, context->stop);
        if (written.end) written.end->text = records_text(*insert, written);
        outcome = scatter_outcome(std::move(written));
    }
    if (outcome.end && insert->generate) {
        outcome.given_id = first == 0;
        outcome.end->insert_id = static_cast<std::uint64_t>(first);
        if (outcome.given_id && outcome.end->affected_rows != 0)
            outcome.end->insert_id = given_number(*insert->generate, *bindings);
    }
    co_return outcome;
}

Task<Outcome> run_next_values(const Context* context, const plan::NextValues* next,
                              const Statement* statement, Bindings* bindings,
                              tablet::RowSink* sink) {
    const Result<ValueView> wanted = bindings->value(next->count);
    if (!wanted) co_return failed(wanted.error());
    std::int64_t count = 0;
    std::from_chars(wanted->bytes.data(), wanted->bytes.data() + wanted->bytes.size(), count);
    if (count <= 0)
        co_return failed(make_error(
            Code::invalid_argument,
            "invalid increment for sequence " + next->table + ": " + std::string(wanted->bytes)));
    const Result<std::int64_t> first =
        co_await next_numbers(context, &next->keyspace, &next->table, count);
    if (!first) co_return failed(first.error());
    Output output(sink, statement->binary);
    Columns columns;
    columns.columns.push_back({.name = "nextval",
                               .charset = wire::binary_charset,
                               .length = 20,
                               .field = wire::field_type::longlong,
                               .flags = wire::column_flag::not_null,
                               .type = Type::int64});
    if (const Result<void> announced = output.columns(std::move(columns)); !announced)
        co_return failed(announced.error());
    const std::string text = std::to_string(*first);
    const Cell cell(text);
    if (const Result<Flow> pushed = output.push(Row(&cell, 1)); !pushed)
        co_return failed(pushed.error());
    if (const Result<void> flushed = co_await output.flush(context->stop); !flushed)
        co_return failed(flushed.error());
    tablet::ResultEnd end;
    end.columns = 1;
    end.rows = 1;
    co_return Outcome{.end = std::move(end), .warnings = {}};
}

}  // namespace sluice::engine
