#include <algorithm>

#include <gtest/gtest.h>

#include "async/scope.h"
#include "gateway/scripted.h"
#include "transaction/shard_sessions.h"

namespace sluice::transaction {
namespace {

using gateway::KeepingSink;
using gateway::ScriptedAnswer;
using gateway::ScriptedCluster;
using tablet::Call;
using Journal = std::vector<std::string>;

const Error duplicate = make_error(Code::already_exists, er::dup_entry, "Duplicate entry '1'");
const Error deadlock = make_error(Code::aborted, er::lock_deadlock, "Deadlock found");
const Error lost = make_error(Code::unavailable, er::cr_server_lost, "Lost connection");

// What a test's client does, one after another. Answers of shards are by the statement's text.
struct Fixture {
    ScriptedCluster cluster{{"-40", "40-80", "80-"}};
    ShardSessions sessions{&cluster.gateway};
    KeepingSink sink;
    Stop stop;

    void answer(const std::string& shard, std::string text, ScriptedAnswer with) {
        auto before = cluster.tablet(shard).script;
        cluster.tablet(shard).script = [=](const Call& call) {
            return call.text == text ? with : before(call);
        };
    }
    Journal take_journal() { return std::exchange(cluster.journal, {}); }
    std::size_t held() {
        std::size_t count = 0;
        for (const char* name : {"-40", "40-80", "80-"}) {
            count += cluster.tablet(name).held_count();
        }
        return count;
    }
};

Task<Outcome> one(Fixture* f, std::string shard, std::string text) {
    ShardRequest request = f->cluster.request(shard, text, text != "select");
    co_return co_await f->sessions.execute(&request, &f->sink);
}

Task<ScatterOutcome> write(Fixture* f, std::vector<std::string> shards, std::string text) {
    std::vector<ShardRequest> requests;
    for (const std::string& shard : shards) {
        requests.push_back(f->cluster.request(shard, text, true));
    }
    co_return co_await f->sessions.write(&requests, &f->sink, &f->stop);
}

Task<void> close(Fixture* f) {
    co_await f->sessions.release();
    EXPECT_EQ(f->held(), 0u);
    co_await f->cluster.close();
}

template <class Check>
void run(Check check) {
    async::Loop loop;
    Fixture fixture;
    run_until_done(loop, check(&fixture));
}

Task<void> check_lazy_begin(Fixture* f) {
    co_await one(f, "-40", "select");
    f->sessions.begin({.isolation = "read committed", .consistent_snapshot = true});
    EXPECT_EQ(f->sessions.open_shards(), 0u);
    co_await one(f, "40-80", "insert");
    EXPECT_TRUE((co_await f->sessions.savepoint("a`b", &f->stop)).has_value());
    co_await one(f, "-40", "select");
    co_await one(f, "40-80", "update");
    EXPECT_EQ(f->sessions.open_shards(), 2u);
    const Ended ended = co_await f->sessions.commit(&f->stop);
    EXPECT_TRUE(ended.end.has_value());
    EXPECT_FALSE(f->sessions.in_transaction());
    EXPECT_EQ(f->take_journal(),
              (Journal{"-40: select",
                       "40-80: set transaction isolation level read committed; "
                       "start transaction with consistent snapshot; insert",
                       "40-80: savepoint `a``b`",
                       "-40: set transaction isolation level read committed; "
                       "start transaction with consistent snapshot; savepoint `a``b`; select",
                       "40-80: update", "40-80: commit", "-40: commit"}));
    EXPECT_EQ(f->held(), 0u);
    co_await close(f);
}
TEST(ShardSessions, ShardsJoinWithTheirFirstStatement) {
    run(check_lazy_begin);
}

Task<void> check_failed_commit(Fixture* f) {
    for (const std::size_t failing : {0u, 1u, 2u}) {
        f->sessions.begin({});
        for (const char* shard : {"80-", "-40", "40-80"}) co_await one(f, shard, "insert");
        f->take_journal();
        std::size_t commits = 0;
        for (const char* shard : {"80-", "-40", "40-80"}) {
            f->cluster.tablet(shard).on_end = [&](std::string_view what) -> Result<void> {
                if (what == "commit" && commits++ == failing) return fail(lost);
                return {};
            };
        }
        const Ended ended = co_await f->sessions.commit(&f->stop);
        EXPECT_EQ(ended.end.error(), lost);
        EXPECT_EQ(ended.warnings.size(), failing == 0 ? 0u : 1u);
        const std::string names = failing == 2 ? "2 shards: 80-, -40" : "1 shards: 80-";
        if (failing != 0) {
            EXPECT_EQ(ended.warnings[0].code, 301u);
            EXPECT_EQ(ended.warnings[0].message,
                      "multi-db commit failed after committing to " + names);
        }
        EXPECT_EQ(f->held(), 0u) << "the rest is released";
        EXPECT_FALSE(f->sessions.in_transaction());
        const Journal journal = f->take_journal();
        EXPECT_EQ(journal.back(), "40-80: release");
        EXPECT_EQ(std::ranges::count(journal, "40-80: commit"), failing == 2 ? 1 : 0);
    }
    co_await close(f);
}
TEST(ShardSessions, AFailedCommitReleasesTheRest) {
    run(check_failed_commit);
}

Task<void> check_stopped_commit(Fixture* f) {
    f->sessions.begin({});
    for (const char* shard : {"-40", "80-"}) co_await one(f, shard, "insert");
    f->cluster.tablet("-40").on_end = [&](std::string_view) -> Result<void> {
        f->stop.request(make_error(Code::canceled, "killed"));  // between the two commits
        return {};
    };
    const Ended ended = co_await f->sessions.commit(&f->stop);
    EXPECT_TRUE(ended.end.has_value());
    EXPECT_EQ(f->cluster.journal.back(), "80-: commit");
    co_await close(f);
}
TEST(ShardSessions, AStopBetweenCommitsDoesNotTearThem) {
    run(check_stopped_commit);
}

Task<void> check_rollback(Fixture* f) {
    f->sessions.begin({});
    for (const char* shard : {"-40", "80-"}) co_await one(f, shard, "insert");
    const Ended good = co_await f->sessions.rollback(&f->stop);
    EXPECT_TRUE(good.end.has_value());
    EXPECT_EQ(f->held(), 0u);
    f->sessions.begin({});
    for (const char* shard : {"-40", "80-"}) co_await one(f, shard, "insert");
    f->cluster.tablet("-40").on_end = [](std::string_view) -> Result<void> { return fail(lost); };
    const Ended bad = co_await f->sessions.rollback(&f->stop);
    EXPECT_EQ(bad.end.error(), lost);
    EXPECT_EQ(bad.warnings.size(), 1u);
    EXPECT_EQ(f->held(), 0u);
    EXPECT_FALSE(f->sessions.in_transaction());
    EXPECT_TRUE((co_await f->sessions.rollback(&f->stop)).end.has_value());
    co_await close(f);
}
TEST(ShardSessions, RollbackEndsInEveryCase) {
    run(check_rollback);
}

Task<void> check_fatal(Fixture* f) {
    ScriptedAnswer gone = ScriptedAnswer::failure(lost);
    gone.lost = true;
    f->answer("80-", "deadlock", ScriptedAnswer::failure(deadlock));
    f->answer("80-", "lost", gone);
    f->answer("80-", "duplicate", ScriptedAnswer::failure(duplicate));
    for (const std::string text : {"deadlock", "lost", "duplicate"}) {
        f->sessions.begin({});
        for (const char* shard : {"-40", "80-"}) co_await one(f, shard, "insert");
        f->take_journal();
        const Outcome outcome = co_await one(f, "80-", text);
        EXPECT_FALSE(outcome.end.has_value());
        const bool ends = text != "duplicate";
        EXPECT_EQ(f->sessions.in_transaction(), !ends) << text;
        EXPECT_EQ(f->held(), ends ? 0u : 2u) << text;
        EXPECT_EQ(std::ranges::count(f->cluster.journal, "-40: rollback"), ends ? 1 : 0) << text;
        co_await f->sessions.rollback(&f->stop);
    }
    co_await close(f);
}
TEST(ShardSessions, DeadlocksAndLostConnectionsEndTheTransaction) {
    run(check_fatal);
}

Task<void> check_implicit(Fixture* f) {
    f->answer("40-80", "bad", ScriptedAnswer::failure(duplicate));
    ScatterOutcome outcome = co_await write(f, {"80-"}, "insert");
    EXPECT_TRUE(outcome.end.has_value());
    EXPECT_EQ(f->take_journal(), (Journal{"80-: insert"}));
    outcome = co_await write(f, {"80-", "-40"}, "insert");
    EXPECT_TRUE(outcome.end.has_value());
    EXPECT_FALSE(f->sessions.in_transaction());
    EXPECT_EQ(f->take_journal(),
              (Journal{"-40: begin; insert", "80-: begin; insert", "-40: commit", "80-: commit"}));
    outcome = co_await write(f, {"-40", "40-80"}, "bad");
    EXPECT_EQ(outcome.end.error(), duplicate);
    EXPECT_EQ(f->take_journal(), (Journal{"-40: begin; bad", "40-80: begin; bad", "-40: rollback",
                                          "40-80: rollback"}));
    EXPECT_EQ(f->held(), 0u);
    co_await close(f);
}
TEST(ShardSessions, AWriteToSeveralShardsIsOneTransaction) {
    run(check_implicit);
}

Task<void> check_partial(Fixture* f) {
    f->answer("40-80", "bad", ScriptedAnswer::failure(duplicate));
    f->sessions.begin({});
    co_await one(f, "-40", "insert");
    f->take_journal();
    ScatterOutcome outcome = co_await write(f, {"-40", "40-80", "80-"}, "bad");
    EXPECT_EQ(outcome.end.error().text,
              "reverted partial DML execution failure: Duplicate entry '1'");
    EXPECT_EQ(outcome.end.error().number, er::dup_entry);
    EXPECT_TRUE(f->sessions.in_transaction());
    EXPECT_EQ(f->take_journal(),
              (Journal{"-40: savepoint `_vt_statement`; bad",
                       "40-80: begin; savepoint `_vt_statement`; bad",
                       "80-: begin; savepoint `_vt_statement`; bad",
                       "-40: rollback to `_vt_statement`", "80-: rollback to `_vt_statement`"}));
    // What cannot be taken back ends the transaction.
    f->answer("80-", "rollback to `_vt_statement`", ScriptedAnswer::failure(deadlock));
    outcome = co_await write(f, {"-40", "40-80", "80-"}, "bad");
    EXPECT_EQ(outcome.end.error().text,
              "transaction rolled back to reverse changes of partial DML execution: Duplicate "
              "entry '1'");
    EXPECT_FALSE(f->sessions.in_transaction());
    EXPECT_EQ(f->held(), 0u);
    co_await close(f);
}
TEST(ShardSessions, APartialWriteIsTakenBack) {
    run(check_partial);
}

Task<void> check_all_failed(Fixture* f) {
    for (const char* shard : {"-40", "80-"}) {
        f->answer(shard, "bad", ScriptedAnswer::failure(duplicate));
    }
    f->sessions.begin({});
    const ScatterOutcome outcome = co_await write(f, {"-40", "80-"}, "bad");
    EXPECT_EQ(outcome.end.error(), duplicate);
    EXPECT_TRUE(f->sessions.in_transaction());
    EXPECT_EQ(f->held(), 2u) << "a failed first statement keeps its connection";
    co_await close(f);
}
TEST(ShardSessions, AWriteThatFailedEverywhereNeedsNoReturn) {
    run(check_all_failed);
}

Task<void> check_single(Fixture* f) {
    f->sessions.set_mode(Mode::single);
    f->sessions.begin({});
    co_await one(f, "-40", "insert");
    EXPECT_TRUE((co_await one(f, "-40", "insert")).end.has_value());
    const Outcome outcome = co_await one(f, "80-", "insert");
    EXPECT_EQ(outcome.end.error().number, er::query_interrupted);
    EXPECT_EQ(outcome.end.error().text,
              "multi-db transaction attempted: [target:{keyspace:\"ks\" shard:\"-40\" "
              "tablet_type:PRIMARY} transaction_id:1 tablet_alias:{cell:\"zone1\" uid:100}]");
    EXPECT_FALSE(f->sessions.in_transaction());
    EXPECT_EQ(mode_of_name("Twopc").error().number, er::not_supported_yet);
    EXPECT_EQ(*mode_of_name("SINGLE"), Mode::single);
    EXPECT_FALSE(mode_of_name("x").has_value());
    co_await close(f);
}
TEST(ShardSessions, SingleModeRefusesASecondShard) {
    run(check_single);
}

Task<void> check_savepoints(Fixture* f) {
    EXPECT_TRUE((co_await f->sessions.savepoint("a", &f->stop)).has_value());
    EXPECT_EQ((co_await f->sessions.rollback_to("a", &f->stop)).error().number,
              er::sp_does_not_exist);
    f->sessions.begin({});
    co_await one(f, "-40", "insert");
    for (const char* name : {"a", "b", "A", "c"}) {
        EXPECT_TRUE((co_await f->sessions.savepoint(name, &f->stop)).has_value());
    }
    f->take_journal();
    // "A" has moved "a" behind "b".
    EXPECT_TRUE((co_await f->sessions.rollback_to("a", &f->stop)).has_value());
    EXPECT_EQ((co_await f->sessions.rollback_to("c", &f->stop)).error().text,
              "SAVEPOINT c does not exist");
    co_await one(f, "80-", "insert");
    EXPECT_TRUE((co_await f->sessions.release_savepoint("b", &f->stop)).has_value());
    EXPECT_FALSE((co_await f->sessions.rollback_to("A", &f->stop)).has_value());
    co_await one(f, "40-80", "insert");
    EXPECT_EQ(f->take_journal(),
              (Journal{"-40: rollback to `a`", "80-: begin; savepoint `b`; savepoint `A`; insert",
                       "-40: release savepoint `b`", "80-: release savepoint `b`",
                       "40-80: begin; insert"}));
    co_await close(f);
}
TEST(ShardSessions, SavepointsAreKeptForLaterShards) {
    run(check_savepoints);
}

Task<void> check_pinned(Fixture* f) {
    f->sessions.pin();
    co_await one(f, "-40", "select");
    EXPECT_EQ(f->held(), 1u);
    EXPECT_EQ(f->sessions.open_shards(), 0u);
    f->sessions.begin({});
    co_await one(f, "-40", "insert");
    co_await f->sessions.commit(&f->stop);
    EXPECT_EQ(f->held(), 1u) << "kept beyond the transaction";
    EXPECT_EQ(f->take_journal(), (Journal{"-40: select", "-40: begin; insert", "-40: commit"}));
    // A lost reservation is made anew, once, for a read.
    int calls = 0;
    f->cluster.tablet("-40").script = [&](const Call&) {
        ScriptedAnswer answer;
        if (calls++ == 0) {
            answer = ScriptedAnswer::failure(lost);
            answer.lost = true;
        }
        return answer;
    };
    EXPECT_TRUE((co_await one(f, "-40", "select")).end.has_value());
    calls = 0;
    EXPECT_FALSE((co_await one(f, "-40", "update")).end.has_value()) << "never a write";
    EXPECT_EQ(calls, 1);
    co_await one(f, "-40", "select");
    co_await f->sessions.unpin();
    EXPECT_EQ(f->held(), 0u);
    co_await close(f);
}
TEST(ShardSessions, APinnedSessionKeepsItsConnections) {
    run(check_pinned);
}

Task<void> check_refused_join(Fixture* f) {
    ScriptedAnswer full = ScriptedAnswer::failure(
        make_error(Code::resource_exhausted, er::too_many_user_connections, "pool"));
    full.sent = false;
    f->answer("80-", "insert", full);
    f->sessions.begin({});
    co_await one(f, "-40", "insert");
    const Outcome outcome = co_await one(f, "80-", "insert");
    EXPECT_EQ(outcome.end.error().number, er::too_many_user_connections);
    EXPECT_FALSE(f->sessions.in_transaction());
    EXPECT_EQ(f->held(), 0u);
    co_await close(f);
}
TEST(ShardSessions, AFullPoolRollsTheTransactionBack) {
    run(check_refused_join);
}

}  // namespace
}  // namespace sluice::transaction
