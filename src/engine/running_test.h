#pragma once
// For this room's tests: plans made by hand, run over tablets whose answers a test writes. Shards
// are told apart by the first byte of a key: digits live in -40, capitals in 40-60, small letters
// in 60-.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/captured_rows.h"
#include "engine/run.h"
#include "gateway/scripted.h"
#include "vindex/create.h"

namespace sluice::engine {

using Text = std::optional<std::string>;  // of a cell; nullopt: NULL
using TextRows = std::vector<std::vector<Text>>;

inline std::string shown(const std::vector<Value>& row) {
    std::string text;
    for (const Value& cell : row)
        text += (text.empty() ? "" : "|") + (cell.is_null() ? "NULL" : cell.bytes);
    return text;
}

inline gateway::ScriptedRun run_of(const TextRows& rows) {
    wire::Bytes bytes;
    wire::PacketWriter writer(&bytes);
    for (const std::vector<Text>& row : rows) {
        std::vector<ValueView> cells;
        for (const Text& cell : row)
            cells.push_back(cell ? ValueView{Type::varchar, *cell} : ValueView());
        wire::write_text_row(writer, std::span<const ValueView>(cells));
    }
    return {{bytes.data(), bytes.data() + bytes.size()}, rows.size(), false, false};
}

inline gateway::ScriptedAnswer answer_of(const std::vector<wire::ColumnDefinition>& columns,
                                         const TextRows& rows) {
    gateway::ScriptedAnswer answer;
    answer.columns = gateway::scripted_columns(columns);
    answer.column_count = static_cast<std::uint32_t>(columns.size());
    if (!rows.empty()) answer.runs.push_back(run_of(rows));
    answer.end.columns = answer.column_count;
    answer.end.rows = rows.size();
    return answer;
}

inline wire::ColumnDefinition number_column(std::string_view name) {
    return {.name = name, .length = 20, .type = wire::field_type::longlong};
}

inline std::shared_ptr<const vindex::Vindex> vindex_of(std::string_view type,
                                                       const vindex::Parameters& parameters = {}) {
    auto made = vindex::create(type, "v", parameters);
    return made ? *made : nullptr;
}

inline plan::ValueRef text_ref(std::string text) {
    return {.from = Value{Type::varchar, std::move(text)}};
}
inline plan::ValueRef list_ref(const std::vector<std::string>& texts) {
    plan::ValueRef list;
    for (const std::string& text : texts) list.items.push_back(text_ref(text));
    return list;
}
inline plan::Template fixed(std::string text) {
    return {.pieces = {{.text = std::move(text)}}, .normalized = {}};
}
inline plan::Variable made_variable(std::string name) {
    return {.name = std::move(name), .kind = plan::VariableKind::made};
}

// One session; construct it on a loop.
struct Runner {
    gateway::ScriptedCluster cluster{{"-40", "40-60", "60-"}};
    transaction::ShardSessions sessions{&cluster.gateway};
    SequenceOwner owner{&async::Loop::current(), &cluster.gateway};
    Sequences sequences{{&owner}};
    Stop stop;
    discovery::ClusterPointer snapshot = cluster.core.cluster();
    Context context{
        .shards = &sessions, .cluster = snapshot.get(), .sequences = &sequences, .stop = &stop};
    plan::Plan plan;
    Statement statement;
    CapturedRows rows;

    plan::Routing routing(plan::Opcode opcode, std::vector<plan::ValueRef> values = {}) const {
        plan::Routing made;
        made.opcode = opcode;
        made.keyspace = "ks";
        made.sharded = true;
        made.vindex = vindex_of("binary");
        made.values = std::move(values);
        return made;
    }
    void answer_everywhere(const std::vector<wire::ColumnDefinition>& columns,
                           const std::vector<TextRows>& rows_of_shards) {
        std::size_t index = 0;
        for (const char* shard : {"-40", "40-60", "60-"}) {
            const gateway::ScriptedAnswer answer = answer_of(columns, rows_of_shards[index++]);
            cluster.tablet(shard).script = [answer](const tablet::Call&) { return answer; };
        }
    }
    std::vector<std::string> take_journal() { return std::exchange(cluster.journal, {}); }
    std::vector<std::string> shown_rows() const {
        std::vector<std::string> texts;
        for (const auto& row : rows.rows) texts.push_back(shown(row));
        return texts;
    }
};

// Runs the runner's plan; rows are kept in it.
inline Task<Outcome> run_plan(Runner* runner) {
    runner->rows = {};
    CaptureSink sink(&runner->rows, nullptr);
    Outcome outcome = co_await run(&runner->context, &runner->plan, &runner->statement, &sink);
    co_return outcome;
}

inline Task<void> close(Runner* runner) {
    co_await runner->owner.join();
    co_await runner->sessions.release();
    co_await runner->cluster.close();
}

// `check` is a function of a Runner*.
inline Task<void> on_runner(Task<void> (*check)(Runner*)) {
    Runner runner;
    co_await check(&runner);
    co_await close(&runner);
}
inline void with_runner(Task<void> (*check)(Runner*)) {
    async::Loop loop;
    async::run_until_done(loop, on_runner(check));
}

}  // namespace sluice::engine
