// Aggregates, windows, and rows in order.
#include "eval/aggregate.h"

#include <gtest/gtest.h>

#include "eval/detail/geometry.h"
#include "eval/window.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace sluice::eval {
namespace {

Columns columns_of(const Environment& environment) {
    Columns columns;
    FieldType number = literal_type(ValueView{Type::int64, "1"}, environment);
    number.length = 20;
    number.nullable = true;
    FieldType text = literal_type(ValueView{Type::varchar, "x"}, environment);
    text.length = 20;
    columns.columns = {{"n", number, {}}, {"s", text, {}}};
    return columns;
}

using Table = std::vector<std::vector<Datum>>;
const Table& table() {
    static const Table rows{{std::int64_t{3}, std::string("a")},
                            {std::int64_t{1}, std::string("B")},
                            {Datum(), std::string("b")},
                            {std::int64_t{3}, std::string("c")},
                            {std::int64_t{5}, std::string("a")}};
    return rows;
}

std::string aggregate(std::string_view text) {
    Environment environment;
    const auto tree = sql::parse_expression(text);
    if (!tree) return "unparsed";
    const auto bound = bind_aggregate(*tree, columns_of(environment), environment);
    if (!bound) return "error " + std::to_string(bound.error().number);
    Aggregation all(&*bound);
    for (const auto& row : table()) {
        const auto added = all.add(row, environment);
        if (!added) return "error " + std::to_string(added.error().number);
    }
    const auto value = all.result(environment);
    if (!value) return "error " + std::to_string(value.error().number);
    return value->is_null() ? "NULL" : value_text(bound->type, *value);
}

TEST(Aggregate, Values) {
    struct Case {
        std::string_view text, value;
    };
    for (const auto& [text, value] :
         {Case{"count(*)", "5"}, Case{"count(n)", "4"}, Case{"count(distinct n)", "3"},
          Case{"count(distinct s)", "3"}, Case{"sum(n)", "12"}, Case{"avg(n)", "3.0000"},
          Case{"min(s)", "a"}, Case{"max(n)", "5"}, Case{"bit_or(n)", "7"}, Case{"bit_and(n)", "1"},
          Case{"bit_xor(n)", "4"}, Case{"var_pop(n)", "2"},
          Case{"stddev_pop(n)", "1.4142135623730951"}, Case{"var_samp(n)", "2.6666666666666665"},
          Case{"json_arrayagg(n)", "[3, 1, null, 3, 5]"}, Case{"group_concat(s)", "a,B,b,c,a"},
          Case{"group_concat(distinct s order by s desc separator '-')", "c-B-a"},
          Case{"group_concat(n order by n limit 2)", "1,3"}}) {
        EXPECT_EQ(aggregate(text), value) << text;
    }
}

TEST(Aggregate, NumbersInWideCharacters) {
    EXPECT_EQ(aggregate("sum(convert(n using utf16))"), "12");
    EXPECT_EQ(aggregate("bit_or(convert(n using utf32))"), "7");
}

TEST(Aggregate, Collects) {
    struct Case {
        std::string_view text, value;
    };
    for (const auto& [text, value] :
         {Case{"st_collect(point(n,1))", "MULTIPOINT((3 1),(1 1),(3 1),(5 1))"},
          Case{"st_collect(distinct point(n,1))", "MULTIPOINT((3 1),(1 1),(5 1))"},
          Case{"st_collect(geometrycollection(point(1,n)))",
               "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 3)),GEOMETRYCOLLECTION(POINT(1 1)),"
               "GEOMETRYCOLLECTION(POINT(1 3)),GEOMETRYCOLLECTION(POINT(1 5)))"},
          Case{"st_collect(distinct st_envelope(linestring(point(1,1),point(n,1))))",
               "GEOMETRYCOLLECTION(LINESTRING(1 1,3 1),POINT(1 1),LINESTRING(1 1,5 1))"},
          Case{"st_collect(n)", "error 3037"}, Case{"st_collect(null)", "NULL"},
          Case{"st_collect(st_srid(point(n,1),if(n=1,4326,0)))", "error 4034"}}) {
        const std::string made = aggregate(text);
        const auto spatial = read_spatial(made);
        EXPECT_EQ(spatial ? wkt_of(spatial->geometry) : made, value) << text;
    }
}

TEST(Aggregate, SplitsWhatShardsCanBegin) {
    for (const std::string_view text :
         {"count(*)", "sum(n)", "avg(n)", "min(distinct s)", "bit_xor(n)"}) {
        const auto tree = sql::parse_expression(text);
        ASSERT_TRUE(tree);
        const auto parts = split(*tree);
        ASSERT_TRUE(parts) << text;
        EXPECT_EQ(parts->partials.size(), text == "avg(n)" ? 2U : 1U);
    }
    for (const std::string_view text :
         {"count(distinct n)", "stddev(n)", "json_arrayagg(n)", "st_collect(n)"}) {
        EXPECT_FALSE(split(*sql::parse_expression(text))) << text;
    }
}

std::string windowed(std::string_view text) {
    Environment environment;
    const auto tree = sql::parse_expression(text);
    if (!tree) return "unparsed";
    const Columns columns = columns_of(environment);
    const auto bound = bind_window(*tree, columns, {}, environment);
    if (!bound) return "error " + std::to_string(bound.error().number) + bound.error().text;
    std::vector<Row> rows(table().begin(), table().end());
    std::vector<Row> ordered;
    const std::vector<KeyPart> key{{columns.columns[0].type, 0, false}};
    for (const std::uint32_t place : sorted(key, rows)) ordered.push_back(rows[place]);
    const auto values = evaluate_window(*bound, ordered, environment);
    if (!values) return "error " + std::to_string(values.error().number);
    std::string out;
    for (const Datum& value : *values)
        out += (value.is_null() ? "-" : value_text(bound->type, value)) + " ";
    return out;
}

TEST(Window, Values) {
    struct Case {
        std::string_view text, value;
    };
    // In order: NULL 1 3 3 5.
    for (const auto& [text, value] :
         {Case{"row_number() over (order by n)", "1 2 3 4 5 "},
          Case{"rank() over (order by n)", "1 2 3 3 5 "},
          Case{"dense_rank() over (order by n)", "1 2 3 3 4 "},
          Case{"percent_rank() over (order by n)", "0 0.25 0.5 0.5 1 "},
          Case{"cume_dist() over (order by n)", "0.2 0.4 0.8 0.8 1 "},
          Case{"ntile(2) over (order by n)", "1 1 1 2 2 "},
          Case{"lag(n) over (order by n)", "- - 1 3 3 "},
          Case{"lead(n, 2, 0) over (order by n)", "3 3 5 0 0 "},
          Case{"first_value(s) over (order by n)", "b b b b b "},
          Case{"last_value(n) over (order by n)", "- 1 3 3 5 "},
          Case{"nth_value(n, 3) over (order by n)", "- - 3 3 3 "},
          Case{"sum(n) over (order by n)", "- 1 7 7 12 "},
          Case{"sum(n) over (order by n rows between 1 preceding and 1 following)", "1 4 7 11 8 "},
          Case{"count(*) over (order by n range between 2 preceding and current row)",
               "1 1 3 3 3 "},
          Case{"sum(n) over ()", "12 12 12 12 12 "}}) {
        EXPECT_EQ(windowed(text), value) << text;
    }
}

TEST(Order, EqualRowsHaveEqualHashes) {
    Environment environment;
    const Columns columns = columns_of(environment);
    const std::vector<KeyPart> key{{columns.columns[0].type, 0, false},
                                   {columns.columns[1].type, 1, true}};
    for (const auto& left : table()) {
        for (const auto& right : table()) {
            const bool equal = equal_rows(key, left, right);
            std::string left_key;
            std::string right_key;
            for (const KeyPart& part : key) append_sort_key(left_key, part, left[part.column]);
            for (const KeyPart& part : key) append_sort_key(right_key, part, right[part.column]);
            EXPECT_EQ(equal, left_key == right_key);
            EXPECT_EQ(compare_rows(key, left, right) < 0, left_key < right_key);
            if (equal) EXPECT_EQ(hash_row(key, left, 7), hash_row(key, right, 7));
        }
    }
}

}  // namespace
}  // namespace sluice::eval
