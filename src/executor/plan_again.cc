// Step 3 of a request, once more: a resharding or a MoveTables has ended while it ran. Before:
// execute.cc. After: the same, with newer snapshots.
#include "async/deadline.h"
#include "buffering/options.h"
#include "executor/work.h"

namespace sluice::executor {
namespace {

// Tablets and the gateway say so in these words only (vtgate-contract 10), through gRPC too.
constexpr std::string_view moved_tables_text = "enforce denied tables";

bool says(const Error& error, std::string_view words) {
    return error.text.find(words) != error.text.npos;
}

}  // namespace

bool needs_new_plan(const Work& work, const Error& error) {
    if (error.code != Code::unavailable && error.code != Code::failed_precondition) return false;
    if (work.session->shards.in_transaction() || work.session->stop.requested()) return false;
    if (work.reply->has_columns() || work.reply->committed()) return false;
    return says(error, buffering::missing_shard_text) || says(error, moved_tables_text);
}

Task<Work> plan_again(const Work* work, const Error* error) {
    discovery::Core* snapshots = work->core->snapshots;
    if (says(*error, moved_tables_text)) {
        async::LinkedStop until(&work->session->stop);
        const async::Deadline deadline(
            until.get(), work->core->options->newer_schema_wait,
            make_error(Code::deadline_exceeded, "no newer VSchema has come"));
        std::ignore = co_await snapshots->wait_for_schema(work->schema->epoch() + 1, until.get());
    }
    Work fresh = *work;
    fresh.schema = snapshots->schema();
    fresh.cluster = snapshots->cluster();
    co_return fresh;
}

}  // namespace sluice::executor
