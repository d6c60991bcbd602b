#include "engine/sequences.h"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "engine/binary_rows.h"
#include "engine/running_test.h"
#include "wire/row.h"

namespace sluice::engine {
namespace {

using Journal = std::vector<std::string>;

// A sequence table on the first shard: `next` and `cache` as the table holds them.
struct SequenceTable {
    std::int64_t next = 1;
    std::string cache = "3";
    bool waits = false;

    gateway::ScriptedAnswer answer(const tablet::Call& call) {
        if (call.text.starts_with("update")) {
            const std::size_t at = call.text.find("= ") + 2;
            next = std::stoll(std::string(call.text.substr(at)));
            return gateway::ScriptedAnswer::written(1);
        }
        gateway::ScriptedAnswer rows = answer_of({number_column("next_id"), number_column("cache")},
                                                 {{std::to_string(next), cache}});
        rows.waits = waits;
        return rows;
    }
    void serve(Runner* r) {
        r->cluster.tablet("-40").script = [this](const tablet::Call& call) { return answer(call); };
    }
};

Task<void> check_blocks(Runner* r) {
    SequenceTable table;
    table.serve(r);
    struct Case {
        std::int64_t count;
        std::int64_t first;
        std::int64_t next_in_table;
    };
    // A block that continues the old one is joined to it; 8 numbers need three blocks of 3.
    for (const auto& [count, first, next] : {Case{1, 1, 4}, Case{1, 2, 4}, Case{2, 3, 7},
                                             Case{2, 5, 7}, Case{8, 7, 16}, Case{1, 15, 16}}) {
        const Result<std::int64_t> got = co_await r->sequences.next("ks", "seq", count, nullptr);
        EXPECT_EQ(got.value_or(-1), first) << count;
        EXPECT_EQ(table.next, next) << count;
    }
    const Journal journal = r->take_journal();
    EXPECT_EQ(journal[0], "-40: begin; select next_id, cache from seq where id = 0 for update");
    EXPECT_EQ(journal[1], "-40: update seq set next_id = 4 where id = 0");
    EXPECT_EQ(journal[2], "-40: commit");
    EXPECT_EQ(journal.size(), 9u);
    // Another gate has taken a block in between: numbers jump, none comes twice.
    table.next = 100;
    EXPECT_EQ((co_await r->sequences.next("ks", "seq", 3, nullptr)).value_or(-1), 100);
}

TEST(Sequences, GiveNumbersOutOfBlocks) {
    with_runner(&check_blocks);
}

Task<void> take(Runner* r, std::vector<std::int64_t>* into) {
    into->push_back((co_await r->sequences.next("ks", "seq", 1, nullptr)).value_or(-1));
}

Task<void> check_concurrent(Runner* r) {
    SequenceTable table;
    table.waits = true;
    table.serve(r);
    std::vector<std::int64_t> numbers;
    async::Scope callers;
    for (int i = 0; i < 5; ++i) callers.spawn("caller", take(r, &numbers));
    while (numbers.size() < 5) {
        r->cluster.tablet("-40").go_on();
        co_await async::pause(async::Clock::duration::zero(), nullptr);
    }
    co_await callers.join();
    std::ranges::sort(numbers);
    EXPECT_EQ(numbers, (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(table.next, 7);
}

TEST(Sequences, CallersShareOneReservation) {
    with_runner(&check_concurrent);
}

Task<void> check_failures(Runner* r) {
    SequenceTable table;
    table.serve(r);
    table.cache = "0";
    EXPECT_EQ((co_await r->sequences.next("ks", "seq", 1, nullptr)).error().text,
              "invalid cache value for sequence seq: 0");
    table.cache = "10";
    table.next = std::numeric_limits<std::int64_t>::max() - 3;
    EXPECT_EQ((co_await r->sequences.next("ks", "seq", 1, nullptr)).error().number,
              er::data_out_of_range);
    r->cluster.tablet("-40").script = [](const tablet::Call&) {
        return answer_of({number_column("next_id"), number_column("cache")}, {});
    };
    EXPECT_FALSE((co_await r->sequences.next("ks", "seq", 1, nullptr)).has_value());
    EXPECT_EQ((co_await r->sequences.next("nowhere", "seq", 1, nullptr)).error().number,
              er::bad_db);
    // What failed leaves nothing behind.
    table = {.next = 50};
    table.serve(r);
    EXPECT_EQ((co_await r->sequences.next("ks", "seq", 1, nullptr)).value_or(-1), 50);
}

TEST(Sequences, ErrorsReserveNothing) {
    with_runner(&check_failures);
}

plan::Insert generating_insert(const std::vector<plan::ValueRef>& ids) {
    plan::Insert insert;
    insert.keyspace = "ks";
    insert.vindex = vindex_of("binary");
    insert.head = fixed("insert ");
    plan::Insert::Generate generate{.keyspace = "ks", .sequence = "seq", .values = ids};
    for (std::uint32_t row = 0; row < ids.size(); ++row) {
        insert.vindex_values.push_back({text_ref(row % 2 == 0 ? "a" : "A")});
        plan::Template text;
        text.pieces = {{.text = "(", .variable = row}, {.text = ")"}};
        insert.rows.push_back(std::move(text));
        generate.made.push_back(row);
    }
    insert.generate = std::move(generate);
    return insert;
}

Task<void> check_generate(Runner* r) {
    SequenceTable table{.next = 7};
    table.serve(r);
    for (int i = 0; i < 4; ++i)
        r->plan.variables.push_back(made_variable("__seq" + std::to_string(i)));
    const plan::ValueRef null{.from = Value()};
    const plan::ValueRef zero{.from = Value{Type::int64, "0"}};
    const plan::ValueRef given{.from = Value{Type::int64, "42"}};
    r->plan.root.node = generating_insert({null, given, zero, null});
    const Outcome outcome = co_await run_plan(r);
    EXPECT_EQ(outcome.end->insert_id, 7u);
    Journal journal = r->take_journal();
    EXPECT_NE(std::ranges::find(journal, "60-: begin; insert (7), (8)"), journal.end());
    EXPECT_NE(std::ranges::find(journal, "40-60: begin; insert (42), (9)"), journal.end());
    r->plan.root.node = generating_insert({given});
    const Outcome without = co_await run_plan(r);
    EXPECT_EQ(without.end->insert_id, 0u);
    r->plan.root.node = plan::NextValues{
        .keyspace = "ks", .table = "seq", .count = {.from = Value{Type::int64, "2"}}};
    EXPECT_TRUE((co_await run_plan(r)).end.has_value());
    EXPECT_EQ(r->shown_rows(), Journal{"10"});
    EXPECT_EQ(r->rows.names, Journal{"nextval"});
    std::get<plan::NextValues>(r->plan.root.node).count.from = Value{Type::int64, "0"};
    EXPECT_FALSE((co_await run_plan(r)).end.has_value());
}

TEST(Insert, NumbersFollowTheRowsThatWantOne) {
    with_runner(&check_generate);
}

// Keeps packets as a binary client gets them.
class PacketSink : public tablet::RowSink {
 public:
    Result<void> columns(const tablet::ColumnPackets& columns) override {
        binary = columns.binary;
        sequence = static_cast<std::uint8_t>(sequence + columns.count);
        return {};
    }
    Result<Take> rows(const tablet::RowRun& run) override {
        packets.insert(packets.end(), run.packets.begin(), run.packets.end());
        return Take::more;
    }
    Task<Result<void>> drain(Stop*) override { co_return Result<void>{}; }

    bool binary = false;
    std::vector<std::uint8_t> packets;
};

TEST(BinaryRows, TextRowsBecomeBinaryOnes) {
    const std::vector<wire::ColumnDefinition> definitions{
        number_column("n"),
        {.name = "t", .charset = 45},
        {.name = "d", .type = wire::field_type::datetime}};
    const std::vector<std::uint8_t> columns = gateway::scripted_columns(definitions);
    PacketSink sink;
    sink.sequence = 1;
    BinaryRows rows(&sink, nullptr);
    ASSERT_TRUE(rows.columns({.packets = columns, .count = 3}).has_value());
    EXPECT_TRUE(sink.binary);
    EXPECT_EQ(rows.sequence, 4);
    gateway::ScriptedRun run =
        run_of({{"-5", "", "2024-01-02 03:04:05"}, {std::nullopt, "x", std::nullopt}});
    ASSERT_TRUE(rows.rows({run.packets, 2, false, false}).has_value());
    std::vector<wire::ColumnType> types;
    for (const wire::ColumnDefinition& definition : definitions)
        types.push_back(wire::column_type(definition));
    wire::ByteView rest = sink.packets;
    std::vector<std::string> shown_rows;
    std::uint8_t expected = 4;
    while (!rest.empty()) {
        const auto frame = wire::next_frame(rest);
        const auto& whole = std::get<wire::Frame>(frame);
        EXPECT_EQ(whole.sequence, expected++);
        shown_rows.push_back(shown(*wire::cut_binary_row(whole.payload, types)));
        rest = rest.subspan(whole.size());
    }
    EXPECT_EQ(shown_rows, (Journal{"-5||2024-01-02 03:04:05", "NULL|x|NULL"}));
    gateway::ScriptedRun wrong = run_of({{"five", "", std::nullopt}});
    EXPECT_FALSE(rows.rows({wrong.packets, 1, false, false}).has_value());
}

TEST(BinaryRows, RowsInPiecesArriveWhole) {
    const std::vector<wire::ColumnDefinition> definitions{{.name = "t", .charset = 45}};
    const std::vector<std::uint8_t> columns = gateway::scripted_columns(definitions);
    const std::string large(100'000, 'x');
    for (const std::size_t piece : {1UL, 3UL, 4UL, 5UL, 1000UL, 60'000UL}) {
        PacketSink sink;
        sink.sequence = 1;
        BinaryRows rows(&sink, nullptr);
        ASSERT_TRUE(rows.columns({.packets = columns, .count = 1}).has_value());
        gateway::ScriptedRun run = run_of({{"a"}, {large}, {""}});
        const std::span<std::uint8_t> all = run.packets;
        for (std::size_t at = 0; at < all.size(); at += piece) {
            const std::size_t size = std::min(piece, all.size() - at);
            const bool last = at + size == all.size();
            ASSERT_TRUE(rows.rows({all.subspan(at, size), 0, at != 0, !last}).has_value());
        }
        std::vector<std::size_t> sizes;
        std::uint8_t expected = rows.sequence;
        wire::ByteView rest = sink.packets;
        while (!rest.empty()) {
            const auto frame = wire::next_frame(rest);
            const auto& whole = std::get<wire::Frame>(frame);
            EXPECT_EQ(whole.sequence, expected++);
            sizes.push_back(whole.payload.size());
            rest = rest.subspan(whole.size());
        }
        EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 2 + 4 + large.size(), 3})) << piece;
    }
}

}  // namespace
}  // namespace sluice::engine
