// How two values are compared by =, BETWEEN, IN and CASE, and what stands in their place where a
// number or text is wanted. Each case is an answer of MySQL 9.7 over the row below.
#include <gtest/gtest.h>

#include "eval/detail/test_expressions.h"

namespace sluice::eval {
namespace {

Columns some_columns() {
    return testing::columns_named({"tiny",      "tiny_u", "whole_z", "big",     "bits",
                                   "year_",     "chars",  "general", "latin",   "lob",
                                   "var_bytes", "enum_",  "day_",    "moment",  "stamp",
                                   "time_",     "time3",  "doc",     "no_text", "no_whole"});
}
const std::vector<Datum>& row() {
    static const DateTime moment{
        .date = {.year = 2024, .month = 2, .day = 29}, .hours = 10, .minutes = 11, .seconds = 12};
    static const std::vector<Datum> made{
        std::int64_t{-5},
        std::uint64_t{200},
        std::uint64_t{42},
        std::int64_t{INT64_MAX},
        Bits{std::string("\x00\x05", 2), true},
        std::uint64_t{2024},
        std::string("abc"),
        std::string("ABC"),
        std::string("abc"),
        std::string("abc"),
        std::string("abc"),
        Member{"abc", 1},
        moment.date,
        moment,
        moment,
        Time{.hours = 10, .minutes = 11, .seconds = 12},
        Time{.negative = true, .hours = 1, .minutes = 2, .seconds = 3, .micros = 500'000},
        Json(std::string("x")),
        {},
        {}};
    return made;
}

struct Told {
    std::string_view text, value, warnings;
};
// Of an error only the number counts.
void expect_told(std::initializer_list<Told> all) {
    const Columns columns = some_columns();
    for (const auto& [text, value, warnings] : all) {
        const testing::Seen seen = testing::see(text, testing::fixed_environment(), columns, row());
        EXPECT_EQ(seen.text, value) << text;
        if (!value.starts_with("error")) EXPECT_EQ(seen.warnings, warnings) << text;
    }
}

TEST(Compare, BetweenOneWayForAll) {
    expect_told({
        {"'%a_' between time'-01:02:03.5' and cast('ab' as binary)", "0", ""},
        {"time'-01:02:03.5' between doc and '%a_'", "0", "1235 "},
        {"time_ between '2024-02-29' and '10:11:12'", "1", "1292 1292 "},
        {"time3 between -2.25 and lob", "0", ""},
        {"time_ between 5 and big", "1", ""},
        {"moment between (255 <=> 256) and time'10:11:12'", "1", ""},
        {"moment between cast(5 as unsigned) and '2024-03-01 10:11:12.5'", "1", "1292 "},
        {"moment between 20240101 and big", "0", ""},
        {"day_ between 20240101 and big", "1", ""},
        {"stamp between bits and timestamp'2000-01-01 00:00:00.123456'", "1", ""},
        {"tiny between chars and '日本'", "0", "1292 1292 "},
        {"year_ between '24' and '25'", "1", ""},
    });
}

TEST(Compare, BetweenOneBoundTwice) {
    expect_told({
        {"date'2024-02-29' between 'abc' and 'ABC '", "error 1525", ""},
        {"date'2024-02-29' between 'e' and _binary'E'", "error 1525", ""},
        {"date'2024-02-29' between _latin1'e' collate latin1_bin and _latin1'e'", "0",
         "1292 1292 "},
        {"date'2024-02-29' between concat('a', 'bc') and 'ABC'", "error 1525", ""},
        {"date'2024-02-29' between 0x41 and 'A'", "0", "1292 1292 "},
        {"0x41 between date'2024-02-29' and '2024-02-29'", "0", "1292 1292 "},
        {"'x' between '2024-02-29' and date'2024-02-29'", "0", ""},
        {"'x' between timestamp'2024-02-29 00:00:00' and '2024-02-29'", "0", "1292 1292 "},
        {"_latin1'x' between date'2024-02-29' and date'2024-02-29'", "error 1525", ""},
        {"5 between _binary'1abc' and '1ABC'", "0", "1292 "},
        {"5 between cast('\"1e\"' as json) and '\"1E\"'", "0", "1235 1292 "},
        {"1 between '1abc' and concat('日', '本')", "error 3854", ""},
        {"1 not between '1abc' and '日本'", "1", "1292 1292 "},
        {"date'2024-02-29' between _binary'abc' and '日本'", "0", "1292 1292 "},
        {"NULL between 'abc' and '日本'", "NULL", ""},
    });
}

TEST(Compare, ListsOfDatesAndTimes) {
    expect_told({
        {"'10:11:12' in (day_, time_)", "1", "1292 "},
        {"'10:11:12' in (time_, day_)", "0", "4095 "},
        {"'10:11:12' in (day_, time_, moment)", "1", "1292 "},
        {"'10:11:12' in (day_, time_, stamp)", "0", "4095 "},
        {"date'1999-12-31' in (time3, 'ABC')", "1", "1292 1292 "},
        {"'abc' in (time3, 'abcd')", "1", "1292 1292 "},
        {"'00:00:00' in (time3, 'abcd')", "0", "1292 "},
        {"'2024-2-29' in (5, day_)", "0", "1292 "},
        {"day_ in (5, '2024-2-29')", "1", ""},
        {"'0.000001' in (day_, chars)", "1", "1292 1292 "},
        {"date'2024-02-29' in (240229, 20240301)", "1", ""},
        {"date'2024-02-29' in (20240229101112, 5)", "1", ""},
        {"time_ in (20240229101112, 5)", "1", ""},
        {"date'2024-02-29' in (20240229101112, tiny)", "0", ""},
        {"'[1, 2, 3]' not in (time'-01:02:03.5', chars, doc)", "0", "1292 1292 "},
        {"'x' in (convert('ABC' using utf16), 0)", "0", ""},
        {"'12' in (convert('ABC' using utf16), 12)", "1", ""},
    });
}

TEST(Compare, ListsOfNumbers) {
    expect_told({
        {"year_ in ('x', '2024')", "1", ""},
        {"year_ in ('2024abc', 5e0)", "0", ""},
        {"year_ in (date'2024-12-31', 'x')", "0", ""},
        {"big in ('1e2', '9223372036854775806')", "0", ""},
        {"0 in (0.4e0, 5e0)", "1", ""},
        {"(tiny > 2) in ('0.4', '5')", "1", "1292 "},
        {"tiny in (-5.4e0, '5')", "0", ""},
        {"5 in (5, 9223372036854775807 + 1)", "error 1690", ""},
        {"'a' in ('a', concat('abc' + 1))", "1", "1292 "},
        {"1 not in (true, doc, whole_z)", "1", ""},
        {"general in (chars, doc)", "error 1270", ""},
        {"enum_ in (var_bytes, general)", "1", ""},
        {"NULL not in (chars, -1, general)", "error 1271", ""},
    });
}

TEST(Compare, RowsInAList) {
    expect_told({
        {"(1, 'abc' + 1) in ((2, 5))", "0", "1292 "},
        {"(1, 'abc' + 1) = (2, 5)", "0", ""},
        {"(tiny, 2) in ((2, 'abc' + 1))", "0", "1292 "},
        {"(6, 'a') in ((5, period_diff(202413, 0)))", "error 1210", ""},
        {"(6, 'a') = (5, period_diff(202413, 0))", "0", ""},
        {"(5, tiny) in ((6, period_diff(202413, 0)))", "error 1210", ""},
        {"(6, 'a') in ((tiny, period_diff(202413, 0)))", "0", ""},
        {"(5, day_) in ((6, '10:11:12'))", "0", "4095 "},
        {"(5, day_) = (6, '10:11:12')", "0", "4095 "},
    });
}

TEST(Compare, CaseComparesByItsOperand) {
    expect_told({
        {"case time_ when var_bytes then 1 else 2 end", "2", "1292 "},
        {"case cast('00:00:00' as time) when 'a,b,c' then 1 else 2 end", "2", "1292 "},
        {"case date'1999-12-31' when cast('3' as json) then 1 else 2 end", "2", "1292 "},
        {"case chars when weight_string(255) then 1 else 2 end", "error 3854", ""},
        {"case general when chars then 1 when doc then 2 end", "error 1270", ""},
    });
}

TEST(Compare, YearsAndTextsBesideDates) {
    expect_told({
        {"year(stamp) >= date'1999-12-31'", "1", ""},
        {"year_ < day_", "1", ""},
        {"timestamp'2000-01-01 00:00:00' > cast(0x41 as year)", "0", ""},
        {"convert('0' using utf16) <> date'2024-02-29'", "1", ""},
        {"day_ <= if(tiny_u, chars, 'a')", "NULL", "1292 "},
        {"day_ <= if(tiny_u, 'x', 'a')", "0", "1292 "},
        {"cast(now() as binary(4)) >= timestamp'2000-01-01 00:00:00'", "0", "1292 1292 "},
        {"'2024-00-00' in (day_, chars)", "1", "1292 1292 "},
    });
}

TEST(Compare, WeightsYieldToTexts) {
    expect_told({
        {"'a' > weight_string(true)", "error 3854", ""},
        {"_latin1'a' > weight_string(true)", "0", ""},
        {"time'10:11:12' > weight_string(true)", "0", ""},
        {"hex(upper(weight_string(10)))", "", ""},
        {"hex(left(weight_string(-1), 2))", "7FFF", ""},
        {"hex(reverse(weight_string(-1)))", "error 3854", ""},
        {"quote(-2.25) <= time'-01:02:03.5'", "1", ""},
    });
}

TEST(Compare, WhatAColumnHasStored) {
    expect_told({
        {"nullif(0, moment)", "0000-00-00 00:00:00", ""},
        {"nullif(false, day_)", "0000-00-00", ""},
        {"nullif(20240229, moment)", "NULL", "1292 "},
        {"nullif(20240230, day_)", "2024-02-30", ""},
        {"nullif('1abc' + 1, time3)", "00:00:02.000", "1292 1292 "},
        {"nullif('1e2', big)", "100", ""},
        {"nullif(timestamp'2000-01-01 00:00:00.5', big)", "2000-01-01 00:00:00.5", ""},
        {"nullif(timestamp'2000-01-01 00:00:00', big)", "20000101000000", ""},
        {"json_remove(NULL, '$.a') = time_", "NULL", ""},
    });
}

TEST(Compare, ExtremesAndPartsOfTexts) {
    expect_told({
        {"least(time'10:11:12', 'abc') + 0", "0", "1292 "},
        {"greatest(time'10:11:12', '7') + 0", "101112", ""},
        {"greatest(time'10:11:12', timestamp'2000-01-01 00:00:00', latin)",
         "2024-02-29 10:11:12.000000", "1292 "},
        {"greatest(day_, 99999999999999999999)", "2024-02-29", "1292 1292 "},
        {"least(json_array(tiny), day_)", "2024-02-29", "1235 3156 "},
        {"least(doc, day_)", "0000-00-00", "1235 3156 "},
        {"if(tiny, 5, addtime(time3, '1'))", "5", ""},
        {"if(tiny_u, addtime(time3, '1'), 5)", "-01:02:02.500000", ""},
        {"elt(2, 255, time'10:11:12') div 1", "10", ""},
        {"subtime(day_, '00:00:00.1') | 0", "20240228235960", ""},
        {"timestampadd(second, 0, '2024-02-28 23:59:59.5') | 0", "20240228235960", ""},
        {"cast(addtime(time'10:59:59.5', '00:00:00') as signed)", "105960", ""},
        {"concat(cast(1234567890123 as float))", "1.23457e12", ""},
        {"cast(json_valid('1') as json)", "true", ""},
        {"json_contains('[1]', '1') >= cast('3' as json)", "1", ""},
        {"coercibility(from_base64('YWJj'))", "4", ""},
        {"collation(concat(field(latin, 'a')))", "latin1_swedish_ci", ""},
        {"var_bytes regexp repeat('a', 20000)", "0", ""},
        {"var_bytes regexp repeat('a', 200)", "error 3995", ""},
        {"regexp_replace(lob, general, var_bytes)", "error 3995", ""},
        {"regexp_replace(enum_, 1.5, var_bytes)", "error 3995", ""},
        {"charset(concat(regexp_substr(12, 1)))", "utf8mb4", ""},
    });
}

TEST(Compare, ReadsInTurn) {
    expect_told({
        {"'abc' = ('x' + 1)", "0", "1292 1292 "},
        {"'abc' < ('x' / 0)", "NULL", "1292 1292 1365 "},
        {"'abc' in ('x' + 1, 5, tiny)", "0", "1292 1292 "},
        {"case 'abc' when 'x' + tiny then 1 end", "NULL", "1292 1292 "},
        {"field('abc', 'x' + 1, 5)", "0", "1292 1292 "},
        {"nullif('abc', 'x' / 0)", "abc", "1292 1292 1365 "},
        {"5 between 'abc' and 'x' + tiny", "0", "1292 1292 "},
        {"nullif(tiny, NULL) <=> (9223372036854775807 + 1)", "error 1690", ""},
        {"nullif(chars, 'abc') <=> (9223372036854775807 + 1)", "error 1690", ""},
        {"nullif(chars, 'abc') in (5, 'x' + tiny)", "NULL", "1292 "},
        {"nullif(chars, 'abc') in (5, 'x' + 1)", "NULL", "1292 "},
        {"nullif(big, 9223372036854775807) + (1.5 * ('x' | tiny))", "NULL", ""},
        {"1.5 * nullif(tiny, -5) * ('x' | tiny)", "NULL", ""},
        {"((1 > 'x'), '1e2') in ((5, 'y'))", "0", "1292 "},
        {"7 between cast('{}' as json) and ' 7 '", "1", "1235 1292 "},
        {"big between cast('[1]' as json) and 8", "0", "1235 3156 3156 "},
        {"year_ between 1e-10 and 5", "0", ""},
        {"greatest(time_, lob) + 0", "0", ""},
        {"not least(time_, lob)", "0", ""},
        {"coercibility(nullif('abc', general))", "4", ""},
        {"collation(nullif(concat('abc'), general))", "utf8mb4_0900_ai_ci", ""},
        {"cast(-9223372036854775808 as double) | 0", "error 1690", ""},
    });
}

TEST(Compare, WhatIsNoDateBesideDates) {
    expect_told({
        {"(5, day_) = (5, if(tiny_u, chars, 'a'))", "NULL", "1292 "},
        {"(5, day_) in ((5, if(tiny_u, chars, 'a')))", "0", "1292 "},
        {"day_ in (if(tiny_u, chars, 'a'))", "NULL", "1292 "},
        {"timestamp'2000-01-01 00:00:00' = case when tiny_u then 'x' else chars end", "0", "1292 "},
        {"nullif(chars, 'abc') < day_", "NULL", ""},
        {"'10:11:12' <= nullif(day_, '2024-02-29')", "NULL", "4095 "},
        {"cast(cast(nullif(tiny, -5) as double) as time)", "00:00:00", ""},
        {"hour(cast(nullif(tiny, -5) as double))", "0", ""},
        {"('1e2', moment) in (('%a_', convert(0x41 using utf16)))", "error 1525", ""},
    });
}

TEST(Compare, QuotientsAsIntegers) {
    expect_told({
        {"(9223372036854775807 / 18446744073709551615) | 0", "0", ""},
        {"cast(9223372036854775807 / 18446744073709551615 as signed)", "0", ""},
        {"(1 / 2) | 0", "1", ""},
        {"(-3 / 2) | 0", "18446744073709551614", ""},
        {"9223372036854775807 / 18446744073709551615", "0.5000", ""},
    });
}

TEST(Compare, NumbersOfOtherSetsInLists) {
    expect_told({
        {"'00' in ((5 regexp _latin1'abc'), 'a')", "0", ""},
        {"'00' in ((5 regexp 'abc'), 'a')", "1", ""},
        {"'{}' in ((5 regexp _latin1'abc'), 'a')", "0", ""},
        {"latin not in (moment, '日本', x'616263')", "error 3854", ""},
        {"time'10:11:12' in (convert('ABC' using utf16), 101112)", "0", ""},
        {"year_ in ('2024 ', '5')", "0", ""},
        {"year_ in (x'32303234', '5')", "1", ""},
        {"nullif(-5, big)", "-5", ""},
        {"nullif(cast(5 as unsigned), big)", "5", ""},
        {"nullif(cast('{}' as json), big)", "0", "3156 3156 "},
        {"elt(1, _binary'abc', oct(0))", "abc", ""},
    });
}

TEST(Compare, TextsOfDoublesAreBytesInJson) {
    expect_told({
        {"json_valid(upper(1e0))", "0", ""},
        {"json_valid(left(lower(1e0), 5))", "0", ""},
        {"json_valid(repeat(1e0, 1))", "0", ""},
        {"json_valid(repeat(1.0, 1))", "1", ""},
        {"json_valid(concat(1e0))", "1", ""},
        {"json_array(upper(1e0))", "[\"base64:type15:MQ==\"]", ""},
        {"cast(upper(1e0) as json)", "\"base64:type15:MQ==\"", ""},
        {"json_length(upper(1e0))", "error 3144", ""},
        {"json_quote(left(1e0, 1))", "error 3144", ""},
        {"json_object(upper(1e0), 1)", "error 3144", ""},
    });
}

TEST(Compare, BytesThatAreNoText) {
    expect_told({
        {"x'ff' = no_text", "error 3854", ""},
        {"no_text = x'ff'", "NULL", ""},
        {"x'ff' <=> no_text", "error 3854", ""},
        {"(x'ff', 5) = (no_text, 5)", "error 3854", ""},
        {"(x'ff', 5) < (no_text, 5)", "error 3854", ""},
        {"no_text in (x'ff', 'a')", "error 3854", ""},
        {"no_text in (x'ff')", "NULL", ""},
        {"case x'ff' when no_text then 1 end", "error 3854", ""},
        {"nullif(x'ff', no_text)", "error 3854", ""},
        {"('abc', 5) < (no_whole, 5)", "NULL", "1292 "},
    });
}

}  // namespace
}  // namespace sluice::eval
