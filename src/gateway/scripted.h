#pragma once
// For tests of this room and of those that call it: tablets whose answers a test writes, and a
// cluster of them on one loop.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/wait_queue.h"
#include "discovery/core.h"
#include "gateway/gateway.h"
#include "wire/column.h"
#include "wire/packet.h"
#include "wire/row.h"

namespace sluice::gateway {

struct ScriptedRun {
    std::vector<std::uint8_t> packets;
    std::uint64_t starts = 0;
    bool begins_inside = false;
    bool ends_inside = false;
};

struct ScriptedAnswer {
    std::optional<Error> error;  // after columns and rows
    bool sent = true;
    bool lost = false;
    bool waits = false;  // for ScriptedTablet::go_on() before it answers
    std::vector<std::uint8_t> columns;
    std::uint32_t column_count = 0;
    std::vector<ScriptedRun> runs;
    ResultEnd end;

    static ScriptedAnswer failure(Error with) {
        ScriptedAnswer answer;
        answer.error = std::move(with);
        return answer;
    }
    static ScriptedAnswer written(std::uint64_t affected) {
        ScriptedAnswer answer;
        answer.end.affected_rows = affected;
        return answer;
    }
};

inline std::vector<std::uint8_t> scripted_columns(
    const std::vector<wire::ColumnDefinition>& columns) {
    wire::Bytes bytes;
    wire::PacketWriter writer(&bytes, 2);
    for (const wire::ColumnDefinition& column : columns) wire::write_column(writer, column);
    return {bytes.data(), bytes.data() + bytes.size()};
}

// A run of whole text rows of one column.
inline ScriptedRun scripted_rows(const std::vector<std::string>& cells) {
    wire::Bytes bytes;
    wire::PacketWriter writer(&bytes);
    for (const std::string& cell : cells) {
        const ValueView value{Type::varchar, cell};
        wire::write_text_row(writer, std::span(&value, 1));
    }
    return {{bytes.data(), bytes.data() + bytes.size()}, cells.size(), false, false};
}

// The same rows in runs of `size` bytes, cut anywhere but inside a header.
inline std::vector<ScriptedRun> scripted_pieces(const std::string& cell, std::size_t size) {
    const ScriptedRun whole = scripted_rows({cell});
    std::vector<ScriptedRun> pieces;
    for (std::size_t at = 0; at < whole.packets.size(); at += size) {
        const std::size_t end = std::min(at + size, whole.packets.size());
        pieces.push_back({{whole.packets.begin() + static_cast<std::ptrdiff_t>(at),
                           whole.packets.begin() + static_cast<std::ptrdiff_t>(end)},
                          at == 0 ? 1u : 0u,
                          at != 0,
                          end != whole.packets.size()});
    }
    return pieces;
}

class ScriptedTablet : public tablet::Tablet {
 public:
    using Script = std::function<ScriptedAnswer(const Call& call)>;
    explicit ScriptedTablet(std::string name) : name_(std::move(name)) {}

    Script script = [](const Call&) { return ScriptedAnswer{}; };
    std::function<Result<void>(std::string_view what)> on_end = [](std::string_view) {
        return Result<void>{};
    };  // of "commit" and "rollback"
    // "name: before; text" or "name: text of the plan {variable=value list=(1 2)}", "name: commit
    // 1"
    // ...
    std::vector<std::string>* journal = nullptr;
    std::size_t capacity = 1'000'000;  // connections
    std::size_t in_use = 0;
    std::size_t most_in_use = 0;

    // Lets everyone who waits for it go on.
    void go_on() { waiting_.wake_all(); }
    bool has_waiters() const { return !waiting_.empty(); }
    std::size_t held_count() const { return held_.size(); }

    Task<Outcome> execute(const Call* call, RowSink* sink) override {
        Outcome outcome;
        if (call->held == tablet::not_held) {
            while (in_use >= capacity) {
                const Result<void> waited = co_await pool_.wait(call->stop);
                if (!waited) {
                    outcome.end = fail(waited.error());
                    co_return outcome;
                }
            }
            ++in_use;
            most_in_use = std::max(most_in_use, in_use);
        }
        if (call->taken != nullptr) call->taken->on_taken(call->taken);
        std::string text = name_ + ": ";
        for (const std::string& before : call->before) text += before + "; ";
        write(text + said(*call));
        ScriptedAnswer answer = script(*call);
        outcome.sent = answer.sent;
        outcome.end = co_await run(&answer, sink, call->stop, &outcome.delivered);
        outcome.lost = answer.lost && call->held != tablet::not_held;
        if (outcome.lost) std::erase(held_, call->held);
        if (call->held == tablet::not_held && call->hold && !answer.lost && answer.sent) {
            outcome.held = ++last_held_;
            held_.push_back(outcome.held);
        } else if (call->held == tablet::not_held || outcome.lost) {
            give_back();
        } else {
            outcome.held = call->held;
        }
        co_return outcome;
    }
    Task<Outcome> prepare(const Call* call, RowSink* sink) override { return execute(call, sink); }

    Task<Result<void>> commit(tablet::HeldId held, bool keep, Stop*) override {
        co_return end("commit", held, keep);
    }
    Task<Result<void>> rollback(tablet::HeldId held, bool keep, Stop*) override {
        co_return end("rollback", held, keep);
    }
    Task<void> release(tablet::HeldId held) override {
        write(name_ + ": release");
        if (std::erase(held_, held) != 0) give_back();
        co_return;
    }

 private:
    Task<Result<ResultEnd>> run(ScriptedAnswer* answer, RowSink* sink, Stop* stop,
                                bool* delivered) {
        if (answer->waits) CO_TRY(co_await waiting_.wait(stop));
        if (answer->column_count != 0) {
            tablet::ColumnPackets columns;
            columns.packets = answer->columns;
            columns.count = answer->column_count;
            CO_TRY(sink->columns(columns));
            *delivered = true;
        }
        for (ScriptedRun& run : answer->runs) {
            if (stop != nullptr && stop->requested()) co_return fail(stop->error());
            stamp(run, sink);
            const auto take =
                CO_TRY(sink->rows({run.packets, run.starts, run.begins_inside, run.ends_inside}));
            if (take == RowSink::Take::full) CO_TRY(co_await sink->drain(stop));
            CO_TRY(co_await async::pause(async::Clock::duration::zero(), stop));
        }
        if (answer->error) co_return fail(*answer->error);
        co_return answer->end;
    }

    static std::string said(const Call& call) {
        if (call.variables == nullptr) return std::string(call.text);
        std::string values;
        for (const auto& [name, bound] : *call.variables) {
            values += (values.empty() ? "" : " ") + name + "=";
            if (!bound.is_list()) values += bound.value.is_null() ? "NULL" : bound.value.bytes;
            if (bound.is_list()) values += "(";
            for (const Value& each : bound.list)
                values += (values.ends_with('(') ? "" : " ") + each.bytes;
            if (bound.is_list()) values += ")";
        }
        return std::string(call.normalized) + " {" + values + "}";
    }

    // As wire::ResponseReader does: every header gets the sink's next number.
    void stamp(ScriptedRun& run, RowSink* sink) {
        std::size_t at = std::min(open_bytes_, run.packets.size());
        open_bytes_ -= at;
        while (at < run.packets.size()) {
            const std::size_t size = static_cast<std::size_t>(run.packets[at]) |
                                     static_cast<std::size_t>(run.packets[at + 1]) << 8;
            run.packets[at + 3] = sink->sequence++;
            const std::size_t here = std::min(size, run.packets.size() - at - 4);
            open_bytes_ = size - here;
            at += 4 + here;
        }
    }
    Result<void> end(std::string_view what, tablet::HeldId held, bool keep) {
        write(name_ + ": " + std::string(what));
        TRY(on_end(what));
        if (!keep && std::erase(held_, held) != 0) give_back();
        return {};
    }
    void give_back() {
        --in_use;
        pool_.wake_one();
    }
    void write(std::string line) {
        if (journal != nullptr) journal->push_back(std::move(line));
    }

    std::string name_;
    tablet::HeldId last_held_ = 0;
    std::vector<tablet::HeldId> held_;
    std::size_t open_bytes_ = 0;
    async::WaitQueue pool_;
    async::WaitQueue waiting_;
};

// Keyspace "ks" with the given shards, a primary and `replicas` replicas each, all scripted.
// Tablets are named "-80", "-80@1", "-80@2" ...
class ScriptedCluster {
 public:
    explicit ScriptedCluster(std::vector<std::string> shards, std::uint32_t replicas = 0)
        : core([this](const topo::Tablet& record) { return make(record); }), gateway(&core, {}) {
        discovery::ClusterRecords records;
        records.cell = "zone1";
        topo::KeyspacePartition primary, replica;
        primary.served_type = TabletType::primary;
        replica.served_type = TabletType::replica;
        for (const std::string& shard : shards) {
            const auto named = vindex::validate_shard_name(shard);
            primary.shard_references.push_back({shard, named->range});
            replica.shard_references.push_back({shard, named->range});
            for (std::uint32_t i = 0; i <= replicas; ++i) {
                auto entry = std::make_shared<discovery::TabletEntry>();
                entry->number = static_cast<std::uint32_t>(records.tablets.size());
                entry->record.alias = {"zone1", 100 + entry->number};
                entry->alias = vindex::to_text(entry->record.alias);
                entry->record.keyspace = "ks";
                entry->record.shard = shard;
                entry->record.hostname = i == 0 ? shard : shard + "@" + std::to_string(i);
                entry->record.type = i == 0 ? TabletType::primary : TabletType::replica;
                records.tablets.push_back({std::move(entry), true, true});
            }
        }
        records.srv_keyspaces["ks"].partitions = {primary, replica};
        change(records);
        for (const discovery::KnownTablet& known : records.tablets) core.tablet(*known.entry);
        records_ = std::move(records);
    }

    discovery::ClusterRecords& records() { return records_; }
    void change(const discovery::ClusterRecords& records) {
        core.install(discovery::ClusterPointer(discovery::build_cluster(records, 1)));
    }
    ScriptedTablet& tablet(const std::string& name) { return *tablets_.at(name); }
    ShardRequest request(const std::string& shard, std::string_view text, bool is_write = false,
                         TabletType type = TabletType::primary) {
        const discovery::Keyspace* keyspace = core.cluster()->keyspace("ks");
        const discovery::Shard* known = keyspace->shard(shard);
        ShardRequest request;
        request.target = {"ks", known == nullptr ? std::string_view("unknown") : known->name, type,
                          known};
        request.call.text = text;
        request.call.is_write = is_write;
        return request;
    }
    Task<void> close() { return core.close(); }

    std::vector<std::string> journal;
    discovery::Core core;
    Gateway gateway;

 private:
    std::unique_ptr<tablet::Tablet> make(const topo::Tablet& record) {
        auto tablet = std::make_unique<ScriptedTablet>(record.hostname);
        tablet->journal = &journal;
        tablets_[record.hostname] = tablet.get();
        return tablet;
    }

    std::map<std::string, ScriptedTablet*> tablets_;
    discovery::ClusterRecords records_;
};

// Keeps what a client would get. `slow`: every run waits for take().
class KeepingSink : public RowSink {
 public:
    bool slow = false;
    std::size_t column_calls = 0;
    std::size_t drains_cut = 0;  // that a stop ended
    std::vector<std::uint8_t> kept;

    Result<void> columns(const tablet::ColumnPackets&) override {
        ++column_calls;
        return {};
    }
    Result<Take> rows(const tablet::RowRun& run) override {
        kept.insert(kept.end(), run.packets.begin(), run.packets.end());
        return slow ? Take::full : Take::more;
    }
    Task<Result<void>> drain(Stop* stop) override {
        Result<void> taken = co_await taking_.wait(stop);
        if (!taken) ++drains_cut;
        co_return taken;
    }
    void take() { taking_.wake_all(); }
    bool is_full() const { return !taking_.empty(); }

    // The rows' cells, or "broken packets".
    std::vector<std::string> cells() const {
        std::vector<std::string> cells;
        std::span<const std::uint8_t> rest = kept;
        std::uint8_t expected = 0;
        while (!rest.empty()) {
            const auto step = wire::next_frame(rest);
            const auto* frame = std::get_if<wire::Frame>(&step);
            if (frame == nullptr || frame->sequence != expected++) return {"broken packets"};
            const Type type = Type::varchar;
            ValueView cell;
            if (!wire::cut_text_row(frame->payload, {&type, 1}, {&cell, 1})) return {"broken row"};
            cells.emplace_back(cell.bytes);
            rest = rest.subspan(frame->size());
        }
        return cells;
    }

 private:
    async::WaitQueue taking_;
};

}  // namespace sluice::gateway
