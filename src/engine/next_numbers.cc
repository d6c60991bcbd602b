// Numbers for auto_increment columns (vtgate-contract 9.1). Before: insert.cc. After: sequences.cc,
// or a tablet of the sequence's shard.
#include "engine/next_numbers.h"

#include <charconv>

#include "engine/captured_rows.h"
#include "engine/route.h"
#include "sql/format.h"

namespace sluice::engine {
namespace {

// Outside of the session's transaction, which may end without the numbers.
Task<Result<std::int64_t>> ask_tablet(const Context* context, const std::string* keyspace,
                                      const std::string* table, std::int64_t count) {
    const gateway::Serving serving =
        CO_TRY(gateway::serving(*context->cluster, *keyspace, vindex::TabletType::primary));
    if (serving.map->size() == 0)
        co_return fail(Code::unavailable, "keyspace " + *keyspace + " has no shards");
    const std::string text = "select next :n /* INT64 */ values from " + sql::identifier(*table);
    const BindVars variables = {{"n", {.value = {Type::int64, std::to_string(count)}, .list = {}}}};
    gateway::ShardRequest request{
        .target = serving.at(0), .call = call_of(*context, true), .tables = {}};
    request.call.settings = nullptr;
    request.call.normalized = text;
    request.call.variables = &variables;
    CapturedRows rows;
    CaptureSink sink(&rows, nullptr);
    const tablet::Outcome outcome = co_await context->shards->gateway().run(&request, &sink);
    if (!outcome.end) co_return std::unexpected(outcome.end.error());
    std::int64_t first = 0;
    if (rows.rows.size() == 1 && rows.rows.front().size() == 1) {
        const std::string& digits = rows.rows.front().front().bytes;
        const char* const end = digits.data() + digits.size();
        const auto parsed = std::from_chars(digits.data(), end, first);
        if (!digits.empty() && parsed.ec == std::errc() && parsed.ptr == end) co_return first;
    }
    co_return fail(Code::unknown, "sequence " + *table + " gave no number");
}

}  // namespace

Task<Result<std::int64_t>> next_numbers(const Context* context, const std::string* keyspace,
                                        const std::string* table, std::int64_t count) {
    if (context->tablets) co_return co_await ask_tablet(context, keyspace, table, count);
    co_return co_await context->sequences->next(*keyspace, *table, count, context->stop);
}

}  // namespace sluice::engine
