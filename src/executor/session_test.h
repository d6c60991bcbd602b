#pragma once
// For this room's tests: a core over scripted shards, sessions on it, and a reply that keeps what
// it is given. Keys of table t are placed by their first byte: digits live in -40, capitals in
// 40-60, small letters in 60-.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/captured_rows.h"
#include "executor/core.h"
#include "executor/executor.h"
#include "gateway/scripted.h"
#include "vschema/json.h"

namespace sluice::executor {

using Journal = std::vector<std::string>;

class RecordingReply : public Reply {
 public:
    RecordingReply() { sequence = 1; }
    Result<void> columns(const tablet::ColumnPackets& columns) override {
        has_columns_ = true;
        return captured.take_columns(columns);
    }
    Result<Take> rows(const tablet::RowRun& run) override {
        TRY(captured.take_rows(run, charge_));
        return Take::more;
    }
    Task<Result<void>> drain(Stop*) override { co_return Result<void>{}; }
    bool committed() const override { return false; }

    engine::CapturedRows captured;

 private:
    Charge charge_;
};

inline constexpr std::string_view test_vschema = R"({"keyspaces": {"ks": {
    "sharded": true,
    "vindexes": {"v": {"type": "binary"}},
    "tables": {"t": {"column_vindexes": [{"column": "k", "name": "v"}]}}}}})";

// One gate of one core; construct it on a loop.
struct Gate {
    gateway::ScriptedCluster cluster{{"-40", "40-60", "60-"}};
    engine::SequenceOwner owner{&async::Loop::current(), &cluster.gateway};
    engine::Sequences sequences{{&owner}};
    ProcessBudget process{0};
    Budget budget{&process, "core"};
    Options options;
    Core core;
    Executor executor{&core};
    std::vector<std::unique_ptr<Session>> sessions;

    Gate() {
        vschema::BuildOptions build;
        build.epoch = 1;
        cluster.core.install(
            vschema::Schema::build(*vschema::parse_srv_vschema_json(test_vschema), build));
        core.loop = &async::Loop::current();
        core.options = &options;
        core.snapshots = &cluster.core;
        core.gateway = &cluster.gateway;
        core.sequences = &sequences;
        core.budget = &budget;
        core.all = {&core};
        core.started = async::Clock::now();
    }
    Session* session() {
        const auto id = static_cast<std::uint32_t>(sessions.size() + 1);
        sessions.push_back(std::make_unique<Session>(id, &cluster.gateway, &budget, 0, 0));
        core.sessions.add(sessions.back().get());
        return sessions.back().get();
    }
    Journal take_journal() { return std::exchange(cluster.journal, {}); }
    void answer_everywhere(const gateway::ScriptedAnswer& answer) {
        for (const char* shard : {"-40", "40-60", "60-"})
            cluster.tablet(shard).script = [answer](const tablet::Call&) { return answer; };
    }
};

// Runs one statement: "ok", "ok 3" (affected rows), its rows "a|b, c|d", or "1064 text".
inline Task<std::string> run(Gate* gate, Session* session, std::string text) {
    RecordingReply reply;
    session->stop.reset();
    const Result<Ending> ending = co_await gate->executor.query(session, text, &reply);
    if (!ending) co_return std::to_string(ending.error().number) + " " + ending.error().text;
    if (!reply.has_columns()) {
        co_return ending->affected_rows == 0 ? "ok" : "ok " + std::to_string(ending->affected_rows);
    }
    std::string rows;
    for (const auto& row : reply.captured.rows) {
        if (!rows.empty()) rows += ", ";
        for (std::size_t i = 0; i < row.size(); ++i)
            rows += (i == 0 ? "" : "|") + (row[i].is_null() ? "NULL" : row[i].bytes);
    }
    co_return rows;
}

inline Task<void> close(Gate* gate) {
    for (const auto& session : gate->sessions) co_await gate->executor.close(session.get());
    co_await gate->owner.join();
    co_await gate->cluster.close();
}

inline Task<void> on_gate(Task<void> (*check)(Gate*)) {
    Gate gate;
    co_await check(&gate);
    co_await close(&gate);
}
// `check` is a function of a Gate*.
inline void with_gate(Task<void> (*check)(Gate*)) {
    async::Loop loop;
    async::run_until_done(loop, on_gate(check));
}

}  // namespace sluice::executor
