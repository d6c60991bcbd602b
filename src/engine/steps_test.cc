#include "engine/steps.h"

#include <tuple>

#include <gtest/gtest.h>

namespace sluice::engine {
namespace {

using plan::AggregateKind;
using Text = std::optional<std::string>;
using TextRows = std::vector<std::vector<Text>>;
using Shown = std::vector<std::string>;

// The end of a chain: keeps what comes. `capacity`: rows until it has enough.
class Kept : public Step {
 public:
    Result<void> columns(Columns columns) override {
        given = std::move(columns.columns);
        return {};
    }
    Result<Flow> push(Row row) override {
        std::string text;
        for (std::size_t i = 0; i < row.size(); ++i)
            text += (i == 0 ? "" : "|") + (is_null(row[i]) ? "NULL" : std::string(row[i]));
        rows.push_back(std::move(text));
        return Flow::more;
    }
    Result<Flow> finish() override {
        ++finished;
        return Flow::more;
    }

    std::vector<Column> given;
    Shown rows;
    int finished = 0;
};

Columns columns_of(const std::vector<Type>& types) {
    Columns columns;
    for (const Type type : types) {
        const wire::FieldShape shape = wire::field_shape(type);
        columns.columns.push_back({.name = "c" + std::to_string(columns.columns.size()),
                                   .field = shape.field,
                                   .flags = shape.flags,
                                   .type = type});
    }
    return columns;
}

// Number of rows that went in until the chain had enough; or the error's text.
std::string run(Step& step, const Columns& columns, const TextRows& rows) {
    if (const auto begun = step.columns(columns); !begun) return begun.error().text;
    std::size_t pushed = 0;
    for (const std::vector<Text>& row : rows) {
        std::vector<Cell> cells;
        for (const Text& cell : row) cells.push_back(cell ? Cell(*cell) : Cell());
        const Result<Flow> flow = step.push(cells);
        if (!flow) return flow.error().text;
        ++pushed;
        if (*flow == Flow::enough) break;
    }
    if (const auto ended = step.finish(); !ended) return ended.error().text;
    return std::to_string(pushed);
}

TEST(Limit, SkipsAndStops) {
    struct Case {
        std::uint64_t offset;
        std::optional<std::uint64_t> count;
        const char* pushed;
        Shown want;
    };
    for (const Case& c :
         {Case{0, 2, "2", {"1", "2"}}, Case{1, 2, "3", {"2", "3"}}, Case{0, 0, "1", {}},
          Case{2, std::nullopt, "4", {"3", "4"}}, Case{9, 1, "4", {}},
          Case{~std::uint64_t{0}, ~std::uint64_t{0}, "4", {}}}) {
        Kept kept;
        LimitStep step(c.offset, c.count, &kept);
        EXPECT_EQ(run(step, columns_of({Type::int64}), {{"1"}, {"2"}, {"3"}, {"4"}}), c.pushed);
        EXPECT_EQ(kept.rows, c.want);
        EXPECT_EQ(kept.finished, 1);
    }
}

TEST(Comparison, ByType) {
    struct Case {
        Type type;
        Text left, right;
        int want;
    };
    for (const Case& c : {
             Case{Type::int64, "-2", "-10", 1},
             Case{Type::int64, "2", "10", -1},
             Case{Type::uint64, "18446744073709551615", "9", 1},
             Case{Type::year, "1999", "2000", -1},
             Case{Type::float64, "1e10", "9", 1},
             Case{Type::float64, "-0", "0", 0},
             Case{Type::decimal, "1.50", "1.5", 0},
             Case{Type::decimal, "-1.5", "-10", 1},
             Case{Type::decimal, "99999999999999999999999999999.1",
                  "99999999999999999999999999999.2", -1},
             Case{Type::time, "-01:00:00", "00:59:59", -1},
             Case{Type::time, "100:00:00", "99:59:59", 1},
             Case{Type::time, "-10:00:00", "-09:00:00", -1},
             Case{Type::time, "00:00:00.5", "00:00:00.50", 0},
             Case{Type::date, "2024-01-02", "2023-12-31", 1},
             Case{Type::datetime, "2024-01-02 00:00:00", "2024-01-02 00:00:01", -1},
             Case{Type::varbinary, "a", "ab", -1},
             Case{Type::varbinary, "\xff", "a", 1},
             Case{Type::varbinary, "", "a", -1},
             Case{Type::int64, std::nullopt, "-5", -1},
             Case{Type::int64, std::nullopt, std::nullopt, 0},
             Case{Type::varbinary, "", std::nullopt, 1},
         }) {
        const auto comparison = Comparison::of({.column = 0}, columns_of({c.type}).columns);
        ASSERT_TRUE(comparison.has_value());
        const Cell left = c.left ? Cell(*c.left) : Cell();
        const Cell right = c.right ? Cell(*c.right) : Cell();
        const int sign = comparison->compare({&left, 1}, {&right, 1});
        EXPECT_EQ((sign > 0) - (sign < 0), c.want) << *c.left << " " << *c.right;
    }
}

TEST(Comparison, RefusesWhatItCannotCompare) {
    for (const Type type : {Type::varchar, Type::text, Type::char_, Type::enum_, Type::set,
                            Type::json, Type::geometry}) {
        const auto refused = Comparison::of({.column = 0}, columns_of({type}).columns);
        ASSERT_FALSE(refused.has_value()) << type_name(type);
        EXPECT_EQ(refused.error().number, er::not_supported_yet);
        EXPECT_TRUE(
            Comparison::of({.column = 0, .weight = 1}, columns_of({type, Type::varbinary}).columns)
                .has_value());
    }
    EXPECT_FALSE(Comparison::of({.column = 1}, columns_of({Type::int64}).columns).has_value());
    EXPECT_FALSE(Comparison::of({.column = 1, .from_end = true}, columns_of({Type::int64}).columns)
                     .has_value());
}

// A number's weight string is its digits, which order otherwise.
TEST(Comparison, WeightsAreForTextOnly) {
    const Cell small[] = {"9", "9"};
    const Cell large[] = {"10", "10"};
    for (const auto& [type, want] : std::initializer_list<std::pair<Type, int>>{{Type::int64, -1},
                                                                                {Type::decimal, -1},
                                                                                {Type::float64, -1},
                                                                                {Type::varchar, 1},
                                                                                {Type::json, 1}}) {
        const auto comparison =
            Comparison::of({.column = 0, .weight = 1}, columns_of({type, Type::varbinary}).columns);
        ASSERT_TRUE(comparison.has_value());
        EXPECT_EQ(comparison->compare(small, large) < 0 ? -1 : 1, want) << type_name(type);
    }
    const auto from_end = Comparison::of({.column = 1, .weight = 0, .from_end = true},
                                         columns_of({Type::int64, Type::varbinary}).columns);
    ASSERT_TRUE(from_end.has_value());
    EXPECT_LT(from_end->compare(small, large), 0);
}

TEST(Sort, ByKeysStable) {
    const plan::Sort sort{.keys = {{.column = 0, .descending = true}, {.column = 1}}};
    Kept kept;
    SortStep step(&sort, nullptr, 0, &kept);
    EXPECT_EQ(run(step, columns_of({Type::int64, Type::int64, Type::varchar}),
                  {{"1", "2", "a"},
                   {"10", "1", "b"},
                   {"1", "1", "c"},
                   {std::nullopt, "1", ""},
                   {"1", "1", "d"}}),
              "5");
    EXPECT_EQ(kept.rows, (Shown{"10|1|b", "1|1|c", "1|1|d", "1|2|a", "NULL|1|"}));
}

TEST(Sort, FromTheEndOfTheRow) {
    const plan::Sort sort{.keys = {{.column = 0, .from_end = true}}};
    Kept kept;
    SortStep step(&sort, nullptr, 0, &kept);
    run(step, columns_of({Type::varchar, Type::int64}), {{"a", "2"}, {"b", "1"}});
    EXPECT_EQ(kept.rows, (Shown{"b|1", "a|2"}));
}

TEST(Sort, KeepsToItsLimits) {
    const plan::Sort sort{.keys = {{.column = 0}}};
    const TextRows rows{{"1"}, {"2"}, {"3"}};
    {
        Kept kept;
        SortStep step(&sort, nullptr, 2, &kept);
        EXPECT_EQ(run(step, columns_of({Type::int64}), rows),
                  "in-memory row count exceeded allowed limit of 2");
    }
    ProcessBudget process(0);
    Budget core(&process, "core");
    Budget statement(&core, 100, "--statement_memory_limit");
    {
        Kept kept;
        SortStep step(&sort, &statement, 0, &kept);
        EXPECT_NE(run(step, columns_of({Type::int64}), rows).find("--statement_memory_limit"),
                  std::string::npos);
    }
    EXPECT_EQ(statement.used(), 0u);
}

TEST(Distinct, ByIdentity) {
    struct Case {
        Type type;
        TextRows rows;
        Shown want;
    };
    for (const Case& c : {
             Case{Type::int64, {{"1"}, {"1"}, {"2"}, {"1"}}, {"1", "2"}},
             Case{Type::int64, {{std::nullopt}, {"0"}, {std::nullopt}}, {"NULL", "0"}},
             Case{Type::float64, {{"0"}, {"-0"}, {"0.5"}}, {"0", "0.5"}},
             Case{Type::decimal, {{"1.50"}, {"1.5"}, {"-0.0"}, {"0.00"}}, {"1.50", "-0.0"}},
             Case{Type::time, {{"01:00:00"}, {"01:00:00.000"}}, {"01:00:00"}},
             Case{Type::datetime,
                  {{"2024-01-02 00:00:00"}, {"2024-01-02 00:00:00.0"}, {"2024-01-02 00:00:00.1"}},
                  {"2024-01-02 00:00:00", "2024-01-02 00:00:00.1"}},
             Case{Type::varbinary, {{"a"}, {"A"}, {""}, {"a"}}, {"a", "A", ""}},
         }) {
        const plan::Distinct distinct{.keys = {{.column = 0}}};
        Kept kept;
        DistinctStep step(&distinct, nullptr, 0, &kept);
        run(step, columns_of({c.type}), c.rows);
        EXPECT_EQ(kept.rows, c.want) << type_name(c.type);
    }
    const plan::Distinct pair{.keys = {{.column = 0}, {.column = 1}}};
    Kept kept;
    DistinctStep step(&pair, nullptr, 2, &kept);
    EXPECT_EQ(run(step, columns_of({Type::varbinary, Type::varbinary}),
                  {{"a", "bc"}, {"ab", "c"}, {"a", "bc"}, {"x", "y"}}),
              "in-memory row count exceeded allowed limit of 2");
    EXPECT_EQ(kept.rows, (Shown{"a|bc", "ab|c"}));
}

TEST(Aggregate, WithoutKeysThereIsAlwaysARow) {
    struct Case {
        AggregateKind kind;
        Type type;
        TextRows rows;
        Shown want;
    };
    for (const Case& c : {
             Case{AggregateKind::count, Type::int64, {}, {"0"}},
             Case{AggregateKind::count, Type::int64, {{"2"}, {"3"}}, {"5"}},
             Case{AggregateKind::sum, Type::decimal, {}, {"NULL"}},
             Case{
                 AggregateKind::sum, Type::decimal, {{"1.50"}, {std::nullopt}, {"2.25"}}, {"3.75"}},
             Case{AggregateKind::sum, Type::decimal, {{std::nullopt}}, {"NULL"}},
             Case{AggregateKind::sum, Type::float64, {{"0.5"}, {"0.25"}}, {"0.75"}},
             Case{AggregateKind::min, Type::int64, {{"10"}, {"9"}, {std::nullopt}}, {"9"}},
             Case{AggregateKind::max, Type::int64, {{"10"}, {"9"}}, {"10"}},
             Case{AggregateKind::max, Type::time, {{"99:00:00"}, {"100:00:00"}}, {"100:00:00"}},
             Case{AggregateKind::min, Type::varbinary, {{"b"}, {""}}, {""}},
             Case{AggregateKind::any_value, Type::varchar, {{std::nullopt}, {"b"}}, {"b"}},
             Case{AggregateKind::count_distinct, Type::int64, {{"1"}, {"1"}, {"2"}}, {"2"}},
             Case{AggregateKind::count_distinct, Type::int64, {{std::nullopt}, {"1"}}, {"1"}},
             Case{AggregateKind::sum_distinct, Type::decimal, {{"1"}, {"1.0"}, {"2"}}, {"3"}},
         }) {
        const plan::Aggregate aggregate{.aggregates = {{.kind = c.kind}}};
        Kept kept;
        AggregateStep step(&aggregate, &kept);
        run(step, columns_of({c.type}), c.rows);
        EXPECT_EQ(kept.rows, c.want) << static_cast<int>(c.kind) << " " << type_name(c.type);
    }
}

TEST(Aggregate, GroupsOfConsecutiveRows) {
    const plan::Aggregate aggregate{
        .keys = {{.column = 0}},
        .aggregates = {{.kind = AggregateKind::count, .column = 1, .alias = "n"},
                       {.kind = AggregateKind::max, .column = 2, .weight = 3}}};
    Kept kept;
    AggregateStep step(&aggregate, &kept);
    EXPECT_EQ(run(step, columns_of({Type::int64, Type::int64, Type::varchar, Type::varbinary}),
                  {{std::nullopt, "1", "b", "B"},
                   {std::nullopt, "2", "a", "A"},
                   {"1", "1", std::nullopt, std::nullopt},
                   {"2", "4", "x", "X"},
                   {"2", "5", "Y", "Y"}}),
              "5");
    EXPECT_EQ(kept.rows, (Shown{"NULL|3|b|B", "1|1|NULL|NULL", "2|9|Y|X"}));
    EXPECT_EQ(kept.given[1].name, "n");
    Kept nothing;
    AggregateStep empty(&aggregate, &nothing);
    run(empty, columns_of({Type::int64, Type::int64, Type::varchar, Type::varbinary}), {});
    EXPECT_TRUE(nothing.rows.empty());
}

TEST(Aggregate, SumsThatDoNotFitAreErrors) {
    const plan::Aggregate aggregate{.aggregates = {{.kind = AggregateKind::sum}}};
    Kept kept;
    AggregateStep step(&aggregate, &kept);
    const std::string nines(65, '9');
    EXPECT_EQ(run(step, columns_of({Type::decimal}), {{nines}, {nines}}),
              "DECIMAL value is out of range in 'sum'");
}

TEST(Aggregate, SumsOfDifferentTextsAreRefused) {
    const plan::Aggregate aggregate{.aggregates = {{.kind = AggregateKind::sum_distinct}}};
    for (const Type type : {Type::varbinary, Type::date, Type::bit}) {
        Kept kept;
        AggregateStep step(&aggregate, &kept);
        EXPECT_EQ(run(step, columns_of({type}), {{"1"}, {"1.0"}}),
                  "VT12001: unsupported: SUM(DISTINCT <" + std::string(type_name(type)) +
                      ">) over several shards");
    }
}

// MySQL computes whole groups of nine digits: none is left to round the ninth one by.
TEST(Projection, DividesAsMysqlDoes) {
    const plan::Projection projection{
        .columns = {plan::Quotient{.sum = 0, .count = 1, .name = "avg(a)"}}};
    for (const auto& [scale, sum, want] :
         {std::tuple{5, "2.00000", "0.666666666"}, std::tuple{4, "2.0000", "0.66666667"},
          std::tuple{0, "-2", "-0.6667"}}) {
        Columns columns = columns_of({Type::decimal, Type::int64});
        columns.columns[0].decimals = static_cast<std::uint8_t>(scale);
        Kept kept;
        ProjectionStep step(&projection, &kept);
        run(step, columns, {{sum, "3"}});
        EXPECT_EQ(kept.rows, Shown{want});
    }
}

TEST(Projection, PicksAndDivides) {
    const plan::Projection projection{
        .columns = {plan::PickColumn{2}, plan::Quotient{.sum = 0, .count = 1, .name = "avg(a)"}}};
    Columns columns = columns_of({Type::decimal, Type::int64, Type::varchar});
    columns.columns[0].length = 32;
    Kept kept;
    ProjectionStep step(&projection, &kept);
    run(step, columns,
        {{"10", "4", "x"}, {"1", "3", "y"}, {std::nullopt, "0", std::nullopt}, {"-2", "3", "z"}});
    EXPECT_EQ(kept.rows, (Shown{"x|2.5000", "y|0.3333", "NULL|NULL", "z|-0.6667"}));
    EXPECT_EQ(kept.given[1].name, "avg(a)");
    EXPECT_EQ(kept.given[1].decimals, 4);
    const plan::Projection floats{.columns = {plan::Quotient{.sum = 0, .count = 1}}};
    Kept approximate;
    ProjectionStep divide(&floats, &approximate);
    run(divide, columns_of({Type::float64, Type::int64}), {{"1", "4"}, {"1.5", "1"}});
    EXPECT_EQ(approximate.rows, (Shown{"0.25", "1.5"}));
}

TEST(Cut, TakesColumnsOff) {
    Kept kept;
    CutStep step(1, &kept);
    run(step, columns_of({Type::int64, Type::varbinary}), {{"1", "w"}, {"2", std::nullopt}});
    EXPECT_EQ(kept.rows, (Shown{"1", "2"}));
    EXPECT_EQ(kept.given.size(), 1u);
    CutStep too_many(3, &kept);
    EXPECT_FALSE(too_many.columns(columns_of({Type::int64})).has_value());
}

TEST(Concatenate, OneResultOfSeveral) {
    Kept kept;
    ConcatenateStep step(&kept);
    run(step, columns_of({Type::int64}), {{"1"}});
    EXPECT_EQ(run(step, columns_of({Type::int64}), {{"2"}, {"1"}}), "2");
    EXPECT_EQ(kept.rows, (Shown{"1", "2", "1"}));
    EXPECT_EQ(kept.finished, 0);
    EXPECT_TRUE(step.finish_all().has_value());
    EXPECT_EQ(kept.finished, 1);
    const auto wider = step.columns(columns_of({Type::int64, Type::int64}));
    ASSERT_FALSE(wider.has_value());
    EXPECT_EQ(wider.error().number, er::wrong_number_of_columns_in_select);
    const auto other = step.columns(columns_of({Type::varchar}));
    ASSERT_FALSE(other.has_value());
    EXPECT_EQ(other.error().number, er::not_supported_yet);
}

}  // namespace
}  // namespace sluice::engine
