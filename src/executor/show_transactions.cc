// Step 4 of a request: SHOW of distributed transactions that their gate has not finished. Before:
// show_statement.cc. After: discovery asks the shards' primaries.
#include "executor/show_transactions.h"

#include <cstdio>
#include <ctime>

#include "planner/planner.h"

namespace sluice::executor {
namespace {

std::string_view state_name(tablet::TransactionState state) {
    switch (state) {
        case tablet::TransactionState::prepare:
            return "PREPARE";
        case tablet::TransactionState::rollback:
            return "ROLLBACK";
        case tablet::TransactionState::commit:
            return "COMMIT";
        case tablet::TransactionState::unknown:
            break;
    }
    return "UNKNOWN";
}

// As MySQL writes a DATETIME(6), in UTC.
std::string time_text(std::chrono::nanoseconds since) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    const std::time_t time = seconds.count();
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    char text[48];
    const std::size_t length = std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &utc);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(since - seconds);
    std::snprintf(text + length, sizeof(text) - length, ".%06d", static_cast<int>(micros.count()));
    return text;
}

struct Asked {
    std::string keyspace, shard, id;
};

// The shard that decides stands in the transaction's id: "keyspace:shard:number".
Result<Asked> asked_of(const std::string& id) {
    const std::size_t first = id.find(':');
    const std::size_t second = first == id.npos ? id.npos : id.find(':', first + 1);
    if (second == id.npos || id.find(':', second + 1) != id.npos)
        return fail(Code::invalid_argument, "invalid parts in dtid: " + id);
    const std::string_view number = std::string_view(id).substr(second + 1);
    if (number.empty() || number.find_first_not_of("0123456789") != number.npos)
        return fail(Code::invalid_argument, "invalid transaction id in dtid: " + id);
    return Asked{id.substr(0, first), id.substr(first + 1, second - first - 1), id};
}

Result<Asked> asked_by(const Work& work, const sql::Show& show) {
    if (show.kind == sql::ShowKind::transaction_status && !show.table.name.empty())
        return asked_of(show.table.name);
    std::string keyspace =
        show.keyspace.empty() ? std::string(default_keyspace(work)) : show.keyspace;
    if (keyspace.empty()) return planner::no_keyspace();
    return Asked{TRY(work.schema->use_keyspace(keyspace))->name, {}, {}};
}

}  // namespace

Task<Result<LocalRows>> transaction_rows(const Work* work, const sql::Show* show) {
    const Asked asked = CO_TRY(asked_by(*work, *show));
    const auto found =
        CO_TRY(co_await work->core->discovery->transactions(asked.keyspace, asked.shard, asked.id));
    LocalRows rows;
    rows.columns = {{.name = "id"},
                    {.name = "state"},
                    {.name = "record_time", .type = Type::datetime, .decimals = 6},
                    {.name = "participants"}};
    for (const tablet::DistributedTransaction& each : found) {
        std::string participants;
        for (const tablet::HealthTarget& target : each.participants) {
            participants +=
                (participants.empty() ? "" : ",") + target.keyspace + ":" + target.shard;
        }
        rows.add({each.id, state_name(each.state), time_text(each.created), participants});
    }
    co_return rows;
}

}  // namespace sluice::executor
