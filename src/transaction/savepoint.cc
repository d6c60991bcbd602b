// Savepoints over several shards: the session keeps their names, and a shard that joins later is
// given all of them (vtgate-contract 13.5). Before: executor/. After: tablet/.
#include <algorithm>

#include "async/scope.h"
#include "transaction/detail/open_shard.h"
#include "transaction/shard_sessions.h"

namespace sluice::transaction {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

auto find_name(std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find_if(names,
                                [&](const std::string& each) { return same_name(each, name); });
}

std::unexpected<Error> unknown(std::string_view name) {
    return fail(Code::not_found, er::sp_does_not_exist,
                "SAVEPOINT " + std::string(name) + " does not exist");
}

}  // namespace

std::string quoted_name(std::string_view name) {
    std::string quoted = "`";
    for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
    return quoted + '`';
}

Task<Result<void>> ShardSessions::send_one(OpenShard* shard, const tablet::Call* call) {
    tablet::Call own = *call;
    own.held = shard->held;
    tablet::NoRows nothing;
    const Outcome outcome = co_await shard->tablet->execute(&own, &nothing);
    if (outcome.lost) {
        shard->held = tablet::not_held;
        shard->transaction = false;
    }
    if (!outcome.end) co_return std::unexpected(outcome.end.error());
    co_return Result<void>{};
}

Task<Result<void>> ShardSessions::send(std::vector<OpenShard*> shards, std::string text,
                                       Stop* stop) {
    tablet::Call call;
    call.text = text;
    call.settings = settings_;
    call.caller = caller_;
    call.hold = true;
    call.is_write = true;
    call.stop = stop;
    std::vector<Task<Result<void>>> tasks;
    tasks.reserve(shards.size());
    for (OpenShard* shard : shards) tasks.push_back(send_one(shard, &call));
    std::vector<Error> errors;
    for (Result<void>& sent : co_await async::gather(std::move(tasks))) {
        if (!sent) errors.push_back(std::move(sent).error());
    }
    const bool lost = std::ranges::any_of(
        shards, [](const OpenShard* shard) { return shard->held == tablet::not_held; });
    if (lost) must_roll_back_ = true;
    if (errors.empty()) co_return Result<void>{};
    co_return fail(gateway::aggregate(errors));
}

Task<Result<void>> ShardSessions::savepoint(std::string name, Stop* stop) {
    if (!in_transaction_) co_return Result<void>{};  // nothing to come back to, as in MySQL
    if (const auto known = find_name(savepoints_, name); known != savepoints_.end()) {
        savepoints_.erase(known);
    }
    Result<void> sent =
        co_await send(in_transaction_shards(), "savepoint " + quoted_name(name), stop);
    if (sent) savepoints_.push_back(std::move(name));
    co_await settle();
    co_return sent;
}

Task<Result<void>> ShardSessions::rollback_to(std::string name, Stop* stop) {
    const auto known = find_name(savepoints_, name);
    if (known == savepoints_.end()) co_return unknown(name);
    savepoints_.erase(known + 1, savepoints_.end());
    Result<void> sent =
        co_await send(in_transaction_shards(), "rollback to " + quoted_name(name), stop);
    co_await settle();
    co_return sent;
}

Task<Result<void>> ShardSessions::release_savepoint(std::string name, Stop* stop) {
    const auto known = find_name(savepoints_, name);
    if (known == savepoints_.end()) co_return unknown(name);
    savepoints_.erase(known, savepoints_.end());
    Result<void> sent =
        co_await send(in_transaction_shards(), "release savepoint " + quoted_name(name), stop);
    co_await settle();
    co_return sent;
}

}  // namespace sluice::transaction
