// Values, types and warnings of expressions, as MySQL 9.7 gives them.
#include "eval/evaluate.h"

#include <gtest/gtest.h>

#include "eval/detail/test_expressions.h"

namespace sluice::eval {
namespace {

using testing::fixed_environment;
using testing::see;
using testing::Seen;

struct Case {
    std::string_view text, value, type;
};

TEST(Evaluate, Arithmetic) {
    for (const auto& [text, value, type] :
         {Case{"1 + 1", "2", "INT64"}, Case{"1 + 1.5", "2.5", "DECIMAL"},
          Case{"'1' + 1", "2", "FLOAT64"}, Case{"1 / 3", "0.3333", "DECIMAL"},
          Case{"10 div 3", "3", "INT64"}, Case{"-7 div 2", "-3", "INT64"},
          Case{"5.5 % 2", "1.5", "DECIMAL"}, Case{"0x41 + 0", "65", "UINT64"},
          Case{"18446744073709551615 + 1", "error 1690", ""},
          Case{"9223372036854775807 * 2", "error 1690", ""},
          Case{"1.000000 * 1.0000", "1.0000000000", "DECIMAL"},
          Case{"date'2024-01-01' + 0", "20240101", "INT64"},
          Case{"timestamp'2024-01-01 10:00:00.5' + 0", "20240101100000.5", "DECIMAL"},
          Case{"1 / 0", "NULL", "DECIMAL"}, Case{"-'1'", "-1", "FLOAT64"}}) {
        const Seen seen = see(text);
        EXPECT_EQ(seen.text, value) << text;
        EXPECT_EQ(seen.type, type) << text;
    }
    EXPECT_EQ(see("1 / 0").warnings, "1365 ");
    EXPECT_EQ(see("cast(1 as unsigned) - 2").warnings,
              "BIGINT UNSIGNED value is out of range in '(cast(1 as unsigned) - 2)'");
}

TEST(Evaluate, Comparisons) {
    for (const auto& [text, value, type] :
         {Case{"1 = '1'", "1", "INT64"}, Case{"null <=> null", "1", "INT64"},
          Case{"null = null", "NULL", "INT64"}, Case{"(1, 2) = (1, 2)", "1", "INT64"},
          Case{"(1, 2) < (1, null)", "NULL", "INT64"}, Case{"1 in (null, 1)", "1", "INT64"},
          Case{"2 in (null, 1)", "NULL", "INT64"},
          Case{"date'2024-01-01' = '2024-1-1'", "1", "INT64"},
          Case{"time'10:00:00' = '10:00:00.0'", "0", "INT64"},
          Case{"date'2024-01-01' = 'abc'", "error 1525", ""},
          Case{"2 between 1 and 3", "1", "INT64"},
          Case{"'b' between 'a' and null", "NULL", "INT64"}, Case{"(1, 2) = 1", "error 1241", ""},
          Case{"18446744073709551615 > -1", "1", "INT64"},
          Case{"cast('1' as json) = 1", "1", "INT64"}}) {
        const Seen seen = see(text);
        EXPECT_EQ(seen.text, value) << text;
        EXPECT_EQ(seen.type, type) << text;
    }
}

void expect_all(std::initializer_list<Case> cases) {
    for (const auto& [text, value, type] : cases) {
        const Seen seen = see(text);
        EXPECT_EQ(seen.text, value) << text;
        EXPECT_EQ(seen.type, type) << text;
    }
}

TEST(Evaluate, DatesWithoutADay) {
    expect_all({{"year('69-00-00 00:5:00-11:30')", "error 1292", ""},
                {"hour('69-00-00 00:5:00-11:30')", "error 1292", ""},
                {"cast('69-00-00 00:5:00' as time)", "00:05:00", "TIME"},
                {"cast('2024-00-30 23:00:07.5' as time)", "23:00:08", "TIME"}});
    EXPECT_EQ(see("' ' + 1").warnings, "");
    EXPECT_EQ(see("' x' + 1").warnings, "1292 ");
}

TEST(Evaluate, NumbersInWideCharacters) {
    expect_all({{"floor(convert(1.5 using utf16))", "1", "FLOAT64"},
                {"convert('12' using utf32) + 1", "13", "FLOAT64"},
                {"cast(convert('-7x' using ucs2) as signed)", "-7", "INT64"},
                {"convert('2' using utf16le) > 1", "1", "INT64"},
                {"convert('1.50' using utf16) * 1.0", "1.5", "FLOAT64"},
                {"if(convert('0' using utf16), 'yes', 'no')", "no", "VARCHAR"},
                {"convert('0.1' using utf16) and 1", "1", "INT64"}});
    EXPECT_EQ(see("convert('-7' using ucs2) + 0").warnings, "");
    EXPECT_EQ(see("convert('-7x' using ucs2) + 0").warnings, "1292 ");
}

TEST(Evaluate, ListsOfDatesAndTexts) {
    // Among dates only what is no date is equal to none; beside moments it is lower than all.
    expect_all({{"'abc' in (date'2024-02-29', 'abc')", "0", "INT64"},
                {"'abc' in (timestamp'2024-02-29 10:11:12', 'abc')", "1", "INT64"},
                {"'2024-02-29 10:00:00' in (date'2024-02-29', 'a')", "1", "INT64"},
                {"date'2024-02-29' in ('2024-02-29 10:00:00', 'a')", "0", "INT64"},
                {"'a' in ('a', time'10:11:12')", "0", "INT64"},
                {"'abc' in (date'2024-02-29')", "error 1525", ""},
                {"1 in ('1e2', '5')", "1", "INT64"},
                {"1 in ('1e2', 5)", "0", "INT64"},
                {"0 not in ('abc', '12', cast('{}' as json))", "1", "INT64"},
                {"format(1e15, 10)", "1,000,000,000,000,000.1000000000", "VARCHAR"},
                {"left(format(1e300, 2), 12)", "1,000,000,00", "VARCHAR"},
                {"1 between 'a' and '日本'", "error 3854", ""},
                {"true between '日本' and 5", "1", "INT64"},
                {"'ABC' between _binary'abc' and 1.5", "1", "INT64"},
                {"'2024-02-29 10:11:12+05:30' > timestamp'2024-02-29 10:00:00'", "1", "INT64"}});
}

TEST(Evaluate, ComputedDoublesThatNoBigintHolds) {
    expect_all({{"1 << (1e300 + 0)", "error 1690", ""},
                {"1 << 1e300", "0", "UINT64"},
                {"1 << if(1, 1e300, 2)", "0", "UINT64"},
                {"cast(-1e300 as signed)", "error 1690", ""},
                {"cast(1e300 as signed)", "9223372036854775807", "INT64"},
                {"left('a', pow(10, 100))", "error 1690", ""},
                {"hex(1e300 + 0)", "error 1690", ""}});
}

TEST(Evaluate, NegatedIntegers) {
    expect_all({{"-(-1)", "1", "DECIMAL"},
                {"-strcmp('a', 'b')", "1", "DECIMAL"},
                {"-if(1, -5, 6)", "5", "DECIMAL"},
                {"-(~0)", "-18446744073709551615", "DECIMAL"},
                {"-cast(-9223372036854775808 as signed)", "9223372036854775808", "DECIMAL"},
                {"-(9223372036854775808)", "-9223372036854775808", "INT64"},
                {"-cast(5 as unsigned)", "-5", "INT64"},
                {"-9223372036854775808 div 1", "error 1690", ""},
                {"-9223372036854775808 div 2", "-4611686018427387904", "INT64"}});
    EXPECT_EQ(see("-length('a')").field.length, 11U);
    EXPECT_EQ(see("-cast(5 as unsigned)").field.length, 22U);
    EXPECT_EQ(see("-(1 = 1)").field.length, 2U);
    EXPECT_EQ(see("-(~0)").field.length, 22U);
}

TEST(Evaluate, BoundsThatAreTexts) {
    expect_all({{"'a' between x'41' and 'B'", "0", "INT64"},
                {"'1abc' between b'101' and '{}'", "1", "INT64"},
                {"'2024-02-28' between time'10:11:12' and date'2024-02-29'", "1", "INT64"},
                {"'2024-02-29' between date'2024-02-28' and time'10:11:12'", "0", "INT64"},
                {"date'2024-02-29' between 'abc' and concat('ABC')", "error 1525", ""},
                {"date'2024-02-29' between x'616263' and x'616263'", "error 1525", ""},
                {"date'2024-02-29' between 'abc' and 'abd'", "0", "INT64"},
                {"date'2024-02-29' not between 'abc' and 'abc'", "1", "INT64"},
                {"date'2024-02-29' between '2024-02-29' and '2024-02-29'", "1", "INT64"},
                {"time'10:11:12' between 'abc' and 'abc'", "0", "INT64"}});
}

TEST(Evaluate, SumsBeyondTheLastTime) {
    expect_all({{"date_add(time'838:59:59', interval 1 microsecond)", "NULL", "TIME"},
                {"date_sub(time'-838:59:59', interval 1.5 microsecond)", "NULL", "TIME"},
                {"date_add(time'838:59:58', interval 1 second)", "838:59:59", "TIME"}});
    EXPECT_EQ(see("date_add(time'838:59:59', interval 1 microsecond)").warnings, "6527 ");
}

TEST(Evaluate, CollationsOfWhatIsMadeOfNumbers) {
    expect_all({{"coercibility(weight_string(5))", "5", "INT64"},
                {"coercibility(weight_string('a'))", "4", "INT64"},
                {"coercibility(weight_string('a' as binary(3)))", "2", "INT64"},
                {"coercibility(charset('abc'))", "4", "INT64"},
                {"coercibility(json_value('{}', '$.a'))", "4", "INT64"},
                {"concat(weight_string(5))", "error 3854", ""},
                {"collation(concat(weight_string(5)))", "utf8mb4_0900_ai_ci", "VARCHAR"},
                {"collation(lower(quote(1 = 1)))", "utf8mb4_0900_ai_ci", "VARCHAR"},
                {"coalesce(json_value('{\"a\": 1}', '$.a'), x'616263')", "1", "VARBINARY"}});
}

TEST(Evaluate, TimesAsDatesAndNumbersAsTimes) {
    // The environment's time of day is 13:14:15.
    expect_all({{"date(time'-13:14:15')", "2024-02-29", "DATE"},
                {"date(time'-13:14:16')", "2024-02-28", "DATE"},
                {"date(time'12:00:00')", "2024-02-29", "DATE"},
                {"date(time'34:45:46')", "2024-03-02", "DATE"},
                {"cast(time'-01:02:03.5' as datetime)", "2024-02-28 22:57:57", "DATETIME"},
                {"time_format(20240229, '%H')", "00", "VARCHAR"},
                {"time_format(8390000, '%H')", "NULL", "VARCHAR"},
                {"time_format(20240229, '%d/%m/%Y')", "29/02/2024", "VARCHAR"},
                {"time_format('2024-02-30 10:11:12', '%d %H')", "30 10", "VARCHAR"},
                {"time_format('2024-02-29', '%M')", "February", "VARCHAR"},
                {"time_format(timestamp'2024-02-29 10:11:12', '%a')", "NULL", "VARCHAR"},
                {"time_format('2024-02-29', null)", "NULL", "VARCHAR"},
                {"date_format(0.5, '%Y-%f')", "0000-500000", "VARCHAR"},
                {"extract(year from 0e0)", "0", "INT64"},
                {"yearweek('2000-01-01', -1)", "200000", "INT64"},
                {"timestamp'2024-01-01'", "error 1525", ""},
                {"date'2024-01-01 10:10:10'", "error 1525", ""},
                {"subtime(time'-838:59:59', 1)", "NULL", "TIME"},
                {"addtime('838:59:59', '10:00:00')", "838:59:59", "CHAR"},
                {"cast(timestamp'1000-01-01 00:00:00' as year)", "NULL", "YEAR"}});
}

TEST(Evaluate, Functions) {
    for (const auto& [text, value, type] :
         {Case{"coalesce(null, 1, 1.5)", "1.0", "DECIMAL"},
          Case{"case when true then 1.5 when null then '0' end", "1.5", "VARCHAR"},
          Case{"greatest(1, 2.5)", "2.5", "DECIMAL"}, Case{"round(1.555, 2)", "1.56", "DECIMAL"},
          Case{"conv('a', 16, 2)", "1010", "VARCHAR"}, Case{"hex('abc')", "616263", "VARCHAR"},
          Case{"substring('abc', -2)", "bc", "VARCHAR"},
          Case{"insert('Quadratic', 3, 4, 'What')", "QuWhattic", "VARCHAR"},
          Case{"lpad('hi', 4, '?')", "??hi", "VARCHAR"}, Case{"repeat('a', 3)", "aaa", "VARCHAR"},
          Case{"date_add('2024-02-29', interval 1 year)", "2025-02-28", "CHAR"},
          Case{"datediff('2024-01-10', '2024-01-01 23:00:00')", "9", "INT64"},
          Case{"json_extract('{\"a\": 1}', '$.a')", "1", "JSON"},
          Case{"regexp_replace('abc', 'b', 'x')", "axc", "TEXT"},
          Case{"sha2('a', 1)", "NULL", "VARCHAR"},
          Case{"inet_aton('127.1')", "2130706433", "UINT64"},
          Case{"now()", "2024-02-29 13:14:15", "DATETIME"},
          Case{"no_such_function(1)", "error 1235", ""}, Case{"concat()", "error 1582", ""}}) {
        const Seen seen = see(text);
        EXPECT_EQ(seen.text, value) << text;
        EXPECT_EQ(seen.type, type) << text;
    }
}

TEST(Evaluate, WhatClientsControlIsLimited) {
    Environment environment = fixed_environment();
    environment.max_allowed_packet = 1024;
    for (const std::string_view text :
         {"repeat('a', 4000000000)", "space(1000000000)", "lpad('a', 2000000000, 'b')",
          "rpad('a', 2000, 'b')", "concat(repeat('a', 1000), repeat('b', 1000))"}) {
        const Seen seen = see(text, environment);
        EXPECT_EQ(seen.text, "NULL") << text;
        EXPECT_EQ(seen.warnings, "1301 ") << text;
    }
}

TEST(Evaluate, UserVariablesKeepTheirTypes) {
    Environment environment = fixed_environment();
    const auto assign = sql::parse_expression("@x := 1.50");
    ASSERT_TRUE(assign);
    const auto bound = bind(*assign, {}, environment);
    ASSERT_TRUE(bound);
    ASSERT_TRUE(evaluate(*bound, {}, environment));
    const Seen seen = see("@x + 1", environment);
    EXPECT_EQ(seen.text, "2.50");
    EXPECT_EQ(seen.type, "DECIMAL");
    EXPECT_EQ(see("@y", environment).text, "NULL");
}

TEST(Evaluate, RowsAreReadByPlace) {
    Environment environment = fixed_environment();
    Columns columns;
    columns.columns = {{"id", literal_type(ValueView{Type::int64, "1"}, environment), {}},
                       {"id2", literal_type(ValueView{Type::varchar, "x"}, environment), {}}};
    const auto tree = sql::parse_expression("concat(id2, id + 1)");
    ASSERT_TRUE(tree);
    const auto bound = bind(*tree, columns, environment);
    ASSERT_TRUE(bound) << bound.error().text;
    const std::vector<Datum> row{std::int64_t{41}, std::string("x")};
    const auto value = evaluate(*bound, row, environment);
    ASSERT_TRUE(value);
    EXPECT_EQ(value_text(bound->type(), *value), "x42");
    const auto unknown = sql::parse_expression("nothing");
    EXPECT_EQ(bind(*unknown, columns, environment).error().number, er::bad_field);
}

}  // namespace
}  // namespace sluice::eval
