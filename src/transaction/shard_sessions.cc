// Step 7 of a request inside a transaction: which connection a shard's statement runs on. Before:
// engine/ or gateway/scatter.cc. After: gateway/gateway.cc for the first statement on a shard,
// tablet/ for each next one.
#include "transaction/shard_sessions.h"

#include <algorithm>

#include "transaction/detail/open_shard.h"

namespace sluice::transaction {
namespace {

using gateway::Answer;
using gateway::ShardTarget;

// The savepoint to which a write that failed on some shards is taken back. Setting it again moves
// it.
constexpr std::string_view statement_savepoint = "savepoint `_vt_statement`";

std::string begin_text(const Begin& how) {
    std::vector<std::string_view> traits;
    if (how.consistent_snapshot) traits.push_back("with consistent snapshot");
    if (how.read_only) traits.push_back("read only");
    if (how.read_write && !how.read_only) traits.push_back("read write");
    if (traits.empty()) return "begin";
    std::string text = "start transaction";
    for (std::size_t i = 0; i < traits.size(); ++i) {
        text.append(i == 0 ? " " : ", ").append(traits[i]);
    }
    return text;
}

// Errors after which the rest of a transaction is of no use (contract 13.5); MySQL has rolled a
// deadlock's victim back already.
bool ends_transaction(const Error& error) {
    return error.code == Code::resource_exhausted || error.code == Code::aborted ||
           error.number == er::lock_deadlock;
}

std::string describe_target(std::string_view keyspace, std::string_view shard,
                            vindex::TabletType type) {
    std::string text = "target:{keyspace:\"";
    text.append(keyspace).append("\" shard:\"").append(shard).append("\" tablet_type:");
    text.append(vindex::tablet_type_name(type)).append("}");
    return text;
}

}  // namespace

Result<Mode> mode_of_name(std::string_view name) {
    std::string word(name);
    std::ranges::transform(word, word.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (word == "multi") return Mode::multi;
    if (word == "single") return Mode::single;
    if (word == "twopc") return unsupported("transaction mode TWOPC");
    return fail(Code::invalid_argument, "invalid transaction_mode: " + std::string(name));
}

ShardSessions::ShardSessions(gateway::Gateway* gateway) : gateway_(gateway) {}

ShardSessions::~ShardSessions() {
    VT_ASSERT(open_.empty());
}

std::size_t ShardSessions::open_shards() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(open_, [](const auto& shard) { return shard->transaction; }));
}

void ShardSessions::begin(Begin how) {
    VT_ASSERT(!in_transaction_);
    in_transaction_ = true;
    how_ = std::move(how);
}

Task<Outcome> ShardSessions::execute(const ShardRequest* request, RowSink* sink) {
    ++calls_;
    if (!holds_connections()) return gateway_->run(request, sink);
    return execute_held(request, sink);
}

Task<Outcome> ShardSessions::run(const ShardRequest* request, RowSink* sink) {
    ++calls_;
    if (!holds_connections()) return gateway_->run(request, sink);
    return run_held(request, sink);
}

Task<Outcome> ShardSessions::execute_held(const ShardRequest* request, RowSink* sink) {
    Outcome outcome = co_await run_held(request, sink);
    co_await settle();
    co_return outcome;
}

Task<Outcome> ShardSessions::run_held(const ShardRequest* request, RowSink* sink) {
    if (Result<void> admitted = admit(*request); !admitted) {
        Outcome refused;
        refused.end = fail(std::move(admitted).error());
        co_return refused;
    }
    OpenShard* shard = find_or_open(request->target);
    VT_ASSERT(!shard->running);
    shard->running = true;
    const bool was_held = shard->held != tablet::not_held;
    const std::vector<std::string> before = before_texts(*shard);
    ShardRequest own = *request;
    own.call.before = before;
    own.call.hold = true;
    own.call.reserve = pinned_;
    own.call.held = shard->held;
    Answer answer;
    if (was_held) {
        const auto began = async::Clock::now();
        answer.tablet = shard->tablet;
        answer.outcome = co_await shard->tablet->execute(&own.call, sink);
        gateway_->counters().add(own.target, async::Clock::now() - began, answer.outcome);
    } else {
        answer = co_await gateway_->call(&own, sink);
    }
    shard->running = false;
    record(shard, answer);
    const Outcome& outcome = answer.outcome;
    const bool again = was_held && outcome.lost && !in_transaction_ && !outcome.delivered &&
                       !(outcome.sent && request->call.is_write);
    if (again) co_return co_await run_held(request, sink);  // a new reservation: at most once
    co_return std::move(answer.outcome);
}

Task<ScatterOutcome> ShardSessions::read(std::vector<ShardRequest>* requests, RowSink* sink,
                                         Stop* stop) {
    ScatterOutcome outcome = co_await gateway::scatter(this, requests, sink, stop);
    co_await settle();
    co_return outcome;
}

Result<void> ShardSessions::admit(const ShardRequest& request) {
    TRY(gateway_->admit(request));
    if (!in_transaction_ || mode_ == Mode::multi) return {};
    std::string others;
    for (const auto& open : open_) {
        const bool other = open->keyspace != request.target.keyspace ||
                           open->shard != request.target.shard || open->type != request.target.type;
        if (!other) continue;
        if (!others.empty()) others += ' ';
        others += describe_target(open->keyspace, open->shard, open->type);
        others += " transaction_id:" + std::to_string(open->held) + " tablet_alias:{cell:\"" +
                  open->alias.cell + "\" uid:" + std::to_string(open->alias.uid) + "}";
    }
    if (others.empty()) return {};
    must_roll_back_ = true;
    return fail(Code::aborted, er::query_interrupted,
                "multi-db transaction attempted: [" + others + "]");
}

ShardSessions::OpenShard* ShardSessions::find(const ShardTarget& target) {
    for (const auto& open : open_) {
        if (open->shard == target.shard && open->keyspace == target.keyspace &&
            open->type == target.type) {
            return open.get();
        }
    }
    return nullptr;
}

ShardSessions::OpenShard* ShardSessions::find_or_open(const ShardTarget& target) {
    if (OpenShard* known = find(target)) return known;
    auto shard = std::make_unique<OpenShard>();
    shard->keyspace = target.keyspace;
    shard->shard = target.shard;
    shard->type = target.type;
    open_.push_back(std::move(shard));
    return open_.back().get();
}

std::vector<std::string> ShardSessions::before_texts(const OpenShard& shard) const {
    std::vector<std::string> texts;
    if (in_transaction_ && !shard.transaction) {
        if (!how_.isolation.empty()) {
            texts.push_back("set transaction isolation level " + how_.isolation);
        }
        texts.push_back(begin_text(how_));
        for (const std::string& name : savepoints_) {
            texts.push_back("savepoint " + quoted_name(name));
        }
    }
    if (statement_savepoint_) texts.emplace_back(statement_savepoint);
    return texts;
}

// A connection that the tablet holds for us is noted even if the statement failed, or it leaks.
void ShardSessions::record(OpenShard* shard, const Answer& answer) {
    const Outcome& outcome = answer.outcome;
    if (in_transaction_ && !outcome.end && ends_transaction(outcome.end.error())) {
        must_roll_back_ = true;
    }
    if (outcome.lost) {
        if (in_transaction_) must_roll_back_ = true;
        forget(shard);
        return;
    }
    if (shard->held == tablet::not_held) {
        if (outcome.held == tablet::not_held) {
            forget(shard);
            return;
        }
        shard->held = outcome.held;
        shard->tablet = answer.tablet;
        if (answer.entry != nullptr) shard->alias = answer.entry->record.alias;
    }
    shard->transaction = in_transaction_;
    shard->reserved = shard->reserved || pinned_;
}

void ShardSessions::forget(OpenShard* shard) {
    std::erase_if(open_, [shard](const auto& open) { return open.get() == shard; });
}

}  // namespace sluice::transaction
