// Expressions over columns of every kind: what a BIT, a YEAR, an ENUM or bytes are beside texts and
// numbers, and which type the whole has. Each case is an answer of MySQL 9.7.
#include <gtest/gtest.h>

#include "eval/bind.h"
#include "eval/detail/test_expressions.h"

namespace sluice::eval {
namespace {

Columns some_columns() {
    return testing::columns_named({"tiny",   "tiny_u", "whole", "whole_z",   "big",
                                   "single", "bits",   "year_", "chars",     "general",
                                   "latin",  "lob",    "bytes", "var_bytes", "enum_",
                                   "day_",   "time_",  "doc",   "no_day",    "memo",
                                   "set_",   "fixed",  "vast",  "nothing",   "no_year"});
}
const std::vector<Datum>& row() {
    static const std::vector<Datum> made{std::int64_t{127},
                                         std::uint64_t{200},
                                         std::int64_t{123456},
                                         std::uint64_t{42},
                                         std::int64_t{-7},
                                         1.5,
                                         Bits{std::string("\x01\xff"), true},
                                         std::uint64_t{1999},
                                         std::string("abc"),
                                         std::string("ABC"),
                                         std::string("abc"),
                                         std::string("12"),
                                         std::string("ab\0\0", 4),
                                         std::string("a"),
                                         Member{"12", 3},
                                         Date{.year = 2024, .month = 2, .day = 29},
                                         Time{.hours = 100},
                                         Json(std::string("x")),
                                         Date{},
                                         std::string("12abc"),
                                         Member{"a,c", 5},
                                         99999.999,
                                         -1e300,
                                         Datum(),
                                         std::uint64_t{0}};
    return made;
}

testing::Seen see(std::string_view text) {
    return testing::see(text, testing::fixed_environment(), some_columns(), row());
}

struct Case {
    std::string_view text, value, type;
};
void expect_all(std::initializer_list<Case> cases) {
    for (const auto& [text, value, type] : cases) {
        const testing::Seen seen = see(text);
        EXPECT_EQ(seen.text, value) << text;
        EXPECT_EQ(seen.type, type) << text;
    }
}

void expect_warnings(std::initializer_list<std::pair<std::string_view, std::string_view>> all) {
    for (const auto& [text, warnings] : all) EXPECT_EQ(see(text).warnings, warnings) << text;
}

TEST(Columns, BitsAreNumbersBesideTextsAndBytesAmongThem) {
    expect_all({{"bits < 'abc'", "0", "INT64"},
                {"bits = '511'", "1", "INT64"},
                {"bits between '5' and 'z'", "0", "INT64"},
                {"hex(bits)", "1FF", "VARCHAR"},
                {"ceil(bits)", "511", "UINT64"},
                {"round(bits, null)", "NULL", "UINT64"},
                {"abs(bits)", "511", "UINT64"},
                {"hex(concat(bits, 'a'))", "01FF61", "VARCHAR"},
                {"bits like '[1, 2, 3]'", "0", "INT64"},
                {"elt(1, 'a', bits)", "a", "VARBINARY"},
                {"coalesce(bits, 1)", "511", "DECIMAL"},
                {"coalesce(bits, year_)", "511", "UINT64"},
                {"coercibility(bits)", "2", "INT64"}});
}

TEST(Columns, WhatIsComparedWithAYearABigintOrATimeIsStoredInOne) {
    expect_all({{"year_ = 99", "1", "INT64"},
                {"year_ <= 1e0", "1", "INT64"},
                {"year_ = '99'", "1", "INT64"},
                {"year_ in (99)", "1", "INT64"},
                {"year_ in (1, 99)", "0", "INT64"},
                {"year_ between 98 and 99", "1", "INT64"},
                {"year_ > 100", "1", "INT64"},
                {"year_ = date'1999-05-05'", "1", "INT64"},
                {"big = '-7.0'", "1", "INT64"},
                {"nullif('5', big)", "5", "INT64"},
                {"nullif(5.5, big)", "5.5", "DECIMAL"},
                {"nullif('5', whole)", "5", "VARCHAR"},
                {"strcmp(big, '-7.0')", "0", "INT64"},
                {"time_ >= '-3.5'", "1", "INT64"},
                {"time_ = ' 100:00:00 '", "1", "INT64"},
                {"'1abc' < time_", "0", "INT64"},
                {"-bits", "-511", "INT64"},
                {"day_ = 240229", "1", "INT64"}});
}

TEST(Columns, NumbersOfTextsAreReadWithoutAWarning) {
    expect_warnings({{"memo + 1", ""},
                     {"memo | 1", ""},
                     {"memo < 7", ""},
                     {"7 in (memo, 8)", ""},
                     {"if(memo, 1, 0)", ""},
                     {"if(1, memo, 'a') + 1", ""},
                     {"if(0, memo, '12x') + 1", "1292 "},
                     {"elt(1, memo) + 1", ""},
                     {"ifnull(memo, 'a') + 1", ""},
                     {"cast(memo as signed)", "1292 "},
                     {"cast(memo as decimal)", ""},
                     {"concat(memo) + 1", "1292 "},
                     {"chars + 1", "1292 "}});
    expect_all({{"memo + 1", "13", "FLOAT64"}, {"cast(memo as signed)", "12", "INT64"}});
}

TEST(Columns, WhatAYearOrADateTakesNot) {
    expect_all({{"year_ > '1e1'", "0", "INT64"},
                {"year_ = '98.7x'", "1", "INT64"},
                {"year_ < '1e2'", "0", "INT64"},
                {"no_year = '0000'", "1", "INT64"},
                {"no_year = '0'", "0", "INT64"},
                {"no_year = 0.3", "1", "INT64"},
                {"no_year = -0.3", "0", "INT64"},
                {"no_year = -7e-3", "0", "INT64"},
                {"no_year = 0.6e0", "1", "INT64"},
                {"year_ = 1998.5", "1", "INT64"},
                {"year_ = 1999.5e0", "1", "INT64"},
                {"year_ = cast('99' as json)", "1", "INT64"},
                {"year_ < cast('{\"a\": 1}' as json)", "1", "INT64"},
                {"year_ < cast('\"x\"' as json)", "1", "INT64"},
                {"123456789 >= day_", "1", "INT64"},
                {"20240229.7 = day_", "1", "INT64"}});
}

TEST(Columns, PartsOfEqualRowsAreStoredToo) {
    expect_all({{"(year_, 1) = (99, 1)", "1", "INT64"},
                {"(1, 99) <=> (1, year_)", "1", "INT64"},
                {"((year_, 1), 2) = ((99, 1), 2)", "1", "INT64"},
                {"(day_, 1) = (240229, 1)", "1", "INT64"},
                {"(year_, 1) in ((99, 1))", "0", "INT64"},
                {"(year_, 1) < (99, 2)", "0", "INT64"}});
}

TEST(Columns, AYearIsADateOnlyAsAColumn) {
    expect_all({{"cast(year_ as date)", "1999-01-01", "DATE"},
                {"cast(if(1, year_, year_) as date)", "1999-01-01", "DATE"},
                {"cast(year(day_) as date)", "NULL", "DATE"},
                {"cast(cast(2024 as year) as datetime)", "NULL", "DATETIME"},
                {"cast(year_ as time)", "00:00:00", "TIME"},
                {"cast(year(day_) as time)", "00:20:24", "TIME"},
                {"no_year", "0000", "YEAR"},
                {"coalesce(no_year)", "0", "YEAR"},
                {"nullif(no_year, 5)", "0", "YEAR"},
                {"concat(nullif(no_year, 5))", "0000", "VARCHAR"}});
}

TEST(Columns, DoublesOfFixedDecimalsAreRoundedThemselves) {
    expect_all({{"fixed * 1.5", "149999.998", "FLOAT64"},
                {"fixed * -10203.5", "-1020349989.796", "FLOAT64"},
                {"fixed + 1.5", "100001.499", "FLOAT64"},
                {"fixed - 99999.999", "0.000", "FLOAT64"}});
}

TEST(Columns, WarningsOfNumbers) {
    expect_warnings({{"~vast", "1292 "},
                     {"cast(vast as year)", "1292 1292 "},
                     {"1e300 | 0", ""},
                     {"chars div 2", "1366 1292 "},
                     {"cast(chars as decimal)", "1366 1292 "},
                     {"concat(chars) div 2", "1366 "},
                     {"'abc' div 2", "1292 "},
                     {"cast(doc as date)", "3156 "},
                     {"cast(cast('\"2024-02-30\"' as json) as date)", ""},
                     {"cast(cast('\"2024-02-29x\"' as json) as datetime)", "3156 "},
                     {"hour(doc)", "3156 "},
                     {"concat(cast(7 as nchar), not cast('3' as json))", "3720 3986 "}});
    expect_all({{"least(doc, day_)", "0000-00-00", "TEXT"},
                {"greatest(doc, day_)", "2024-02-29", "TEXT"},
                {"greatest(cast('3' as json), day_)", "16383-15-31", "TEXT"}});
    EXPECT_EQ(byte_length(see("coalesce(b'101', 1e0)").field), 3U);
    EXPECT_EQ(byte_length(see("if(1, doc, bytes)").field), UINT32_MAX);
    EXPECT_EQ(byte_length(see("'' div 0x41").field), 1U);
}

TEST(Columns, StoringAConstantIsToldOnce) {
    expect_warnings({{"7 = day_", "1292 "},
                     {"day_ < (3 + 4)", "1292 "},
                     {"day_ = 0", ""},
                     {"day_ = 20240229", ""},
                     {"day_ = 20240229101112", "1292 "},
                     {"day_ between 7 and 8", "1292 1292 "},
                     {"nothing = 7", ""},
                     {"big = 'a'", "1292 "},
                     {"big = '1.5a'", "1292 1292 "},
                     {"big = ('a' + 0)", "1292 1292 1292 "},
                     {"big = ('a' div 1)", "1292 1292 "},
                     {"big = ('a' and 1)", "1292 "},
                     {"year_ = (1 / 0)", "1365 1365 "},
                     {"time_ = 'a'", "1292 "},
                     {"time_ = '2024-02-29'", "1292 "},
                     {"time_ = ' 7 '", "4096 "},
                     {"time_ = cast('3' as json)", "3156 "},
                     {"time_ = ''", ""},
                     {"time_ < '2024-02-29 10:11:12'", "1292 "},
                     {"whole in ('-3.5', 'a')", "1292 "},
                     {"0 in ('', 'a')", "1292 1292 "},
                     {"day_ in (5, -7)", "1292 "},
                     {"time_ in ('x', 5)", "1292 "},
                     {"time_ in (5, whole)", ""},
                     {"field(lob, 0.5, 'a')", "1292 "}});
    const testing::Seen none = see("year_ = (cast('ab' as binary) div 0)");
    EXPECT_EQ(none.text, "NULL");
}

TEST(Columns, LengthsOfNumbersAndWeights) {
    for (const auto& [text, length] : std::initializer_list<std::pair<const char*, unsigned>>{
             {"whole_z * null", 10},
             {"cast(whole_z as binary)", 10},
             {"enum_ div 1", 4},
             {"single div 1", 13},
             {"fixed div 1", 20},
             {"1 div fixed", 5},
             {"weight_string(day_)", 8},
             {"weight_string(date'2024-02-29')", 10},
             {"weight_string('abc' collate utf8mb4_unicode_ci)", 384},
             {"weight_string('abc' collate utf8mb4_0900_as_cs)", 580},
             {"weight_string('a' as char(5))", 80},
             {"make_set(2, chars, bytes)", 15},
             {"convert(var_bytes using utf16)", 12},
             {"replace('abc', 'a', 12)", 12},
             {"quote('')", 16},
             {"greatest('a', time'10:11:12', date'2024-02-29')", 40}})
        EXPECT_EQ(byte_length(see(text).field), length) << text;
}

TEST(Columns, ListsOfTimes) {
    expect_all({{"'a' in ('b', time_)", "1", "INT64"},
                {"'a' in ('b', time'10:11:12')", "0", "INT64"},
                {"'a' in ('a', time'10:11:12')", "0", "INT64"},
                {"time'00:00:00' in ('b', 'c')", "1", "INT64"},
                {"time_ in ('b', '100:00:00')", "1", "INT64"},
                {"chars in (time_, general)", "error 1270", ""},
                {"day_ in (enum_, general)", "error 1270", ""},
                {"general in (cast('{}' as json), doc, chars)", "0", "INT64"}});
}

TEST(Columns, TypesOfElements) {
    expect_all({{"elt(1.5, lob, memo)", "12abc", "VARBINARY"},
                {"elt(1, chars, bytes)", "abc", "VARBINARY"},
                {"greatest(general, timestamp'2024-02-29 10:11:12')", "2024-02-29 10:11:12.000000",
                 "VARCHAR"},
                {"greatest(general, timestamp'2024-02-29 10:11:12.123456')",
                 "2024-02-29 10:11:12.123456", "CHAR"},
                {"greatest(general, day_)", "16383-15-31", "CHAR"}});
    EXPECT_EQ(byte_length(see("elt(1, chars, bytes)").field), 10U);
    EXPECT_EQ(byte_length(see("elt(1, 'ab', x'41')").field), 8U);
}

TEST(Columns, MembersAreNumbersAndPlaces) {
    expect_all({{"nullif(set_, 18446744073709551615) + 0", "5", "FLOAT64"},
                {"round(if(1, enum_, 'a'))", "3", "FLOAT64"},
                {"elt(1, set_) + 0", "5", "FLOAT64"},
                {"elt(1, bits) + 0", "511", "FLOAT64"},
                {"find_in_set('c', set_)", "3", "INT64"},
                {"find_in_set('C', set_)", "3", "INT64"},
                {"find_in_set('b', set_)", "0", "INT64"},
                {"find_in_set(lower(right(set_, 1)), set_)", "3", "INT64"},
                {"find_in_set('c', concat(set_))", "2", "INT64"}});
}

// Behind the first item that differs from row to row no document is looked for.
TEST(Columns, DocumentsInLists) {
    expect_all({{"'Z' between doc and 'a'", "1", "INT64"},
                {"'x' in ('y', doc)", "1", "INT64"},
                {"'\"x\"' in ('y', doc)", "0", "INT64"},
                {"'x' in (chars, doc)", "0", "INT64"},
                {"'\"x\"' in (chars, doc)", "1", "INT64"},
                {"0 in (tiny, doc)", "1", "INT64"},
                {"0 in (5, doc, tiny)", "0", "INT64"},
                {"0 in (doc, tiny)", "0", "INT64"},
                {"'2024-2-29' in (day_, doc)", "1", "INT64"},
                {"'2024-2-29' in (date'2024-02-29', doc)", "0", "INT64"},
                {"'2024-2-29' in (doc, day_)", "0", "INT64"},
                {"doc in ('x', tiny)", "1", "INT64"}});
}

TEST(Columns, IntegersOfListsAreComparedByTheirBits) {
    expect_all({{"18446744073709551615 in (-1, 5)", "0", "INT64"},
                {"18446744073709551615 in (-1)", "0", "INT64"},
                {"18446744073709551615 in (-1, 'a')", "1", "INT64"},
                {"18446744073709551615 not in (-1, '')", "0", "INT64"},
                {"-1 in (18446744073709551615, 1.5)", "1", "INT64"},
                {"-7 in (18446744073709551609, big)", "1", "INT64"},
                {"18446744073709551609 in (big, 1)", "1", "INT64"},
                {"case 18446744073709551615 when -1 then 'y' else 'n' end", "y", "VARCHAR"},
                {"field(big, 18446744073709551609)", "1", "INT64"},
                {"field(-1, 18446744073709551615, 1.5)", "0", "INT64"},
                {"nullif(-1, 18446744073709551615)", "-1", "INT64"},
                {"18446744073709551609 = big", "0", "INT64"}});
}

TEST(Columns, WhatIsNotAskedForIsNotConverted) {
    expect_all({{"replace(' 7 ', nullif('a', 'a'), x'ff')", "NULL", "VARCHAR"},
                {"substring_index(nothing, '日本', 1)", "NULL", "VARCHAR"},
                {"substring_index(latin, '日本', 1)", "error 3854", ""},
                {"substring_index(latin, '日本', null)", "NULL", "VARCHAR"},
                {"trim(both '日本' from nothing)", "NULL", "VARCHAR"},
                {"trim(both '日本' from latin)", "error 3854", ""},
                {"replace(nothing, '日本', 'a')", "error 3854", ""},
                {"(1, nothing) = (2, json_unquote(12))", "0", "INT64"},
                {"(1, nothing) = (1, json_unquote(12))", "NULL", "INT64"},
                {"(1, 2) <> (1, json_unquote(12))", "error 3064", ""}});
}

TEST(Columns, TypesThatUnite) {
    expect_all({{"coalesce(tiny, tiny_u)", "127", "INT16"},
                {"coalesce(big, whole_z)", "-7", "INT64"},
                {"coalesce(whole, whole_z)", "123456", "INT64"},
                {"coalesce(year_, tiny)", "1999", "INT16"},
                {"coalesce(year_, whole_z)", "1999", "UINT32"},
                {"if(1, 1, single)", "1", "FLOAT64"},
                {"coalesce(single, 1)", "1.5", "FLOAT32"},
                {"coalesce(single, whole)", "1.5", "FLOAT64"},
                {"if(1, tiny, single)", "127", "FLOAT32"},
                {"coalesce(general, 1)", "ABC", "CHAR"},
                {"greatest(general, -1, time'10:11:12')", "ABC", "VARCHAR"},
                {"coalesce(general, 'a')", "ABC", "VARCHAR"},
                {"coalesce(1, day_, general)", "1", "VARCHAR"},
                {"coalesce(enum_, general)", "12", "CHAR"},
                {"coalesce(enum_, enum_)", "12", "VARCHAR"},
                {"coalesce(day_, bytes)", "2024-02-29", "BINARY"},
                {"nullif(enum_, 'b')", "12", "CHAR"},
                {"abs(whole_z)", "42", "UINT64"}});
    EXPECT_EQ(byte_length(see("abs(whole_z)").field), 10U);
    EXPECT_EQ(byte_length(see("whole_z").field), 6U);
    EXPECT_EQ(byte_length(see("year_ + 7").field), 5U);
}

TEST(Columns, CollationsThatDoNotAgree) {
    expect_all({{"concat(general, chars)", "ABCabc", "VARCHAR"},
                {"collation(concat(general, chars))", "utf8mb4_bin", "VARCHAR"},
                {"collation(concat(general, chars, 'a'))", "utf8mb4_bin", "VARCHAR"},
                {"collation(concat(general, chars, enum_))", "utf8mb4_0900_ai_ci", "VARCHAR"},
                {"collation(concat(concat(general, chars), 'a'))", "utf8mb4_0900_ai_ci", "VARCHAR"},
                {"coercibility(concat(general, chars))", "7", "INT64"},
                {"concat(general, chars) = 'a'", "0", "INT64"},
                {"least(general, chars)", "ABC", "VARCHAR"},
                {"greatest('a', 'A')", "A", "VARCHAR"},
                {"coercibility(left(255, 2))", "4", "INT64"},
                {"hex(weight_string(bits))", "00000000000001FF", "VARCHAR"},
                {"nullif(whole_z, 1)", "42", "UINT32"},
                {"general = chars", "error 1267", ""},
                {"general like enum_ escape '|'", "error 1270", ""},
                {"general in (chars, 'a')", "error 1270", ""},
                {"general between chars and 'a'", "error 1270", ""},
                {"general between chars and 1", "1", "INT64"},
                {"latin = '日本'", "error 3854", ""},
                {"concat(_latin1 x'ff', '')", "ÿ", "VARCHAR"},
                {"collation(doc)", "binary", "VARCHAR"},
                {"collation(json_extract(doc, '$'))", "utf8mb4_bin", "VARCHAR"}});
}

TEST(Columns, BytesInRegularExpressions) {
    expect_all({{"regexp_like(lob, 'a')", "0", "INT64"},
                {"regexp_like(chars, bytes)", "0", "INT64"},
                {"regexp_like(var_bytes, 'a')", "error 3995", ""},
                {"regexp_like('a', x'61')", "error 3995", ""},
                {"regexp_replace(chars, lob, 'a')", "abc", "BLOB"},
                {"regexp_replace('a', lob, 'a')", "error 3995", ""},
                {"regexp_replace(chars, 'a', lob)", "12bc", "TEXT"},
                {"regexp_replace('a', '', 'x', 0)", "error 3685", ""},
                {"regexp_substr(null, 'a', 0)", "error 1583", ""},
                {"regexp_like(x'ff', cast('1' as json))", "0", "INT64"},
                {"coercibility('a' regexp 'b')", "4", "INT64"},
                {"trim(5 regexp x'41')", "0", "VARBINARY"},
                // A literal is the bytes of its own character set.
                {"regexp_instr('Mü12', lob)", "4", "INT64"},
                {"regexp_replace('Mü12', lob, _binary'x')", "Müx", "BLOB"},
                {"nothing regexp concat(tiny_u, '(')", "error 3691", ""}});
    EXPECT_EQ(byte_length(see("regexp_substr('Mü12', lob)").field), 16U);
}

TEST(Columns, MembersAndBytesInJson) {
    expect_all({{"json_quote(enum_)", "\"12\"", "VARCHAR"},
                {"json_unquote(enum_)", "12", "VARCHAR"},
                {"json_quote(bits)", "error 3064", ""},
                {"json_unquote(x'41')", "error 3144", ""},
                {"json_object(bytes, 1)", "error 3144", ""},
                {"json_object(bits, 1)", "error 3144", ""},
                {"json_valid(enum_)", "0", "INT64"},
                {"hex(weight_string(enum_))", "8000000000000003", "VARCHAR"}});
}

TEST(Columns, TheZeroDate) {
    expect_all({{"year(no_day)", "0", "YEAR"},
                {"month(no_day)", "0", "INT64"},
                {"dayofyear(no_day)", "NULL", "INT64"},
                {"date_format(no_day, '%Y-%m')", "0000-00", "VARCHAR"},
                {"not no_day", "1", "INT64"},
                {"no_day < '2024-01-01'", "1", "INT64"},
                {"cast(no_day as datetime)", "NULL", "DATETIME"}});
    EXPECT_EQ(see("dayofyear(no_day)").warnings, "");
}

}  // namespace
}  // namespace sluice::eval
