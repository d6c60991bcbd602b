// What a client sees of an expression beside its value: length, decimals, flags, collation; and the
// warnings. Each case is an answer of MySQL 9.7.
#include <gtest/gtest.h>

#include "collation/like.h"
#include "eval/bind.h"
#include "eval/detail/like_pattern.h"
#include "eval/detail/test_expressions.h"

namespace sluice::eval {
namespace {

constexpr unsigned not_null = 1, is_unsigned = 32, binary = 128;

Columns some_columns() {
    const auto& latin1 = *collation::find_collation("latin1_swedish_ci");
    const auto& bytes = *collation::find_collation(collation::binary);
    Columns columns;
    columns.columns = {{"tiny", column_type(Type::uint8, bytes, 3, 0, 32), {}},
                       {"filled", column_type(Type::uint32, bytes, 10, 0, 32 | 64), {}},
                       {"born", column_type(Type::year, bytes, 4, 0, 32 | 64), {}},
                       {"fixed", column_type(Type::float64, bytes, 8, 3, 0), {}},
                       {"name", column_type(Type::varchar, latin1, 10, 0, 1), {}}};
    return columns;
}
const std::vector<Datum> row{std::uint64_t{200}, std::uint64_t{7}, std::uint64_t{0}, 3.125,
                             std::string("abc")};

testing::Seen see(std::string_view text) {
    return testing::see(text, testing::fixed_environment(), some_columns(), row);
}

struct Attributes {
    std::string_view text;
    std::uint32_t length;
    unsigned decimals, flags;
    std::string_view collation = "binary";
};

TEST(Attributes, OfNumbers) {
    for (const Attributes& want :
         {Attributes{"cast(5 as unsigned) * 255", 24, 0, not_null | is_unsigned | binary},
          Attributes{"null + 1", 2, 0, binary}, Attributes{"null * 0.000001", 9, 6, binary},
          Attributes{"-1 / null", 6, 4, binary},
          Attributes{"18446744073709551615 % b'101'", 21, 0, is_unsigned | binary},
          Attributes{"0 div 0.000001", 8, 0, binary}, Attributes{"1.5e3 div 1", 22, 0, binary},
          Attributes{"'2024-02-29' div _binary'abc'", 14, 0, binary},
          Attributes{"-false", 2, 0, not_null | binary},
          Attributes{"abs(timestamp'2000-01-01 00:00:00.123456')", 23, 6, not_null | binary},
          Attributes{"tiny + 1", 4, 0, is_unsigned | binary}, Attributes{"fixed + 1", 8, 3, binary},
          Attributes{"-fixed", 20, 3, binary}}) {
        const FieldType type = see(want.text).field;
        EXPECT_EQ(byte_length(type), want.length) << want.text;
        EXPECT_EQ(type.decimals, want.decimals) << want.text;
        EXPECT_EQ(flags_of(type), want.flags) << want.text;
    }
    EXPECT_EQ(see("coalesce(tiny)").field.type, Type::uint8);
    EXPECT_EQ(see("coalesce(tiny, 1)").field.type, Type::int64);
    EXPECT_EQ(see("coalesce(cast(1 as unsigned), 1)").field.type, Type::decimal);
}

TEST(Attributes, OfTexts) {
    constexpr std::string_view usual = "utf8mb4_0900_ai_ci";
    for (const Attributes& want :
         {Attributes{"concat(b'101', 1e15, -1)", 25, 31, binary},
          Attributes{"concat_ws(_binary'abc', '2024-02-29', -1)", 45, 31, binary},
          Attributes{"if(1, 'a', b'101')", 4, 31, not_null | binary},
          Attributes{"lpad('a', null, 'b')", 67108864, 31, 0, usual},
          Attributes{"lpad('a', -1, 'b')", 16777216, 31, 0, usual},
          Attributes{"repeat('a', 1000000)", 4000000, 31, 0, usual},
          Attributes{"replace('abc', 'x', 'a,b,c')", 48, 31, 0, usual},
          Attributes{"insert('12', 2, 1, 1.5)", 20, 31, 0, usual},
          Attributes{"export_set(1, 'a', 'b', 1)", 760, 31, 0, usual},
          Attributes{"quote(1)", 6, 31, 0, "latin1_swedish_ci"},
          Attributes{"trim('b' from _latin1'aBb')", 3, 31, 0, "latin1_swedish_ci"},
          Attributes{"nullif('12', _binary'abc')", 8, 31, binary},
          Attributes{"json_quote('a')", 32, 31, binary, "utf8mb4_bin"},
          Attributes{"cast(1 as json)", 4294967295, 31, binary, "utf8mb4_bin"},
          Attributes{"hex(cast('3' as json))", 4294967288, 31, 0, usual},
          Attributes{"to_base64(1e15)", 32, 31, 0, usual},
          Attributes{"from_base64(12)", 2, 31, binary},
          Attributes{"date_format(now(), '%M %D %p %r %T %w %x %X %k %%  %q %')", 480, 31, 0,
                     usual},
          Attributes{"name", 10, 31, not_null, "latin1_swedish_ci"}}) {
        const FieldType type = see(want.text).field;
        EXPECT_EQ(byte_length(type), want.length) << want.text;
        EXPECT_EQ(type.decimals, want.decimals) << want.text;
        EXPECT_EQ(flags_of(type), want.flags) << want.text;
        EXPECT_EQ(type.collation->name, want.collation) << want.text;
    }
}

TEST(Attributes, NumbersOfColumnsAreFilled) {
    EXPECT_EQ(see("concat(filled)").text, "0000000007");
    EXPECT_EQ(see("filled + 0").text, "7");
    EXPECT_EQ(see("concat(born)").text, "0000");
    EXPECT_EQ(see("cast(0 as year)").text, "0");
}

struct Told {
    std::string_view text, value, warnings;
};
void expect_told(std::initializer_list<Told> all) {
    for (const auto& [text, value, warnings] : all) {
        const testing::Seen seen = see(text);
        EXPECT_EQ(seen.text, value) << text;
        EXPECT_EQ(seen.warnings, warnings) << text;
    }
}

TEST(Attributes, Warnings) {
    expect_told({{"'' + 1", "1", ""},
                 {"null * 'a'", "NULL", "1292 "},
                 {"'a' = null", "NULL", ""},
                 {"'abc' >= asin(null)", "NULL", "1292 "},
                 {"log('%a_', '%a_')", "NULL", "1292 3020 "},
                 {"'2024-02-29' between -2.25 and -7e-3", "0", "1292 "},
                 {"field('a', 1e15, true)", "0", "1292 "},
                 {"nullif('2024x' ^ '', 255)", "2024", "1292 1292 1292 1292 "},
                 {"cast(concat('ab') as decimal)", "0", "1366 "},
                 {"cast(concat('1ab') as decimal)", "1", ""},
                 {"sha2(null, 10)", "NULL", "1583 "},
                 {"date('10:11:12')", "2010-11-12", "4095 "},
                 {"cast(' 7 ' as time)", "00:00:07", "4096 "},
                 {"not cast('3' as json)", "0", "3986 "},
                 {"cast('3' as json) between 1 and 5", "1", "1235 "},
                 {"(1.5e3 <> '1abc') is null", "0", ""}});
}

TEST(Attributes, WhatIsComputedTwiceOrNotAtAll) {
    expect_told(
        {{"5 between 'a' and 'A'", "0", "1292 "},
         {"5 not between 'a' and 'a'", "1", "1292 1292 "},
         {"'x' between date'2024-02-29' and date'2024-02-29'", "0", ""},
         {"'x' in (1, date'2024-02-29')", "0", "1292 "},
         {"'x' in ('2024-02-30', date'2024-02-29')", "0", "1292 1292 "},
         {"'a' between date'2024-02-29' and timestamp'2024-02-29 10:11:12'", "0", "1292 1292 "},
         {"cast('\"2024-02-29\"' as json) between date'2024-01-01' and date'2024-03-01'", "0",
          "1235 1292 1292 "},
         {"1 <=> ('a' / 0)", "0", "1292 1365 1292 1365 "},
         {"(1 / 0) <=> (1 / 0)", "1", "1365 1365 1365 "},
         {"null <=> (1 xor 'a')", "0", ""},
         {"regexp_replace('12x', 'x', 'y') + regexp_substr('5x', '.*')", "17", ""},
         {"unix_timestamp('2024-02-29 10:11:12.5') | 0", "1709201472", ""},
         {"cast(unix_timestamp('2024-02-29 10:11:12.5') as signed)", "1709201472", ""},
         {"least(cast('3' as json), timestamp'2000-01-01 00:00:00') + 0", "2000", "1235 1292 "},
         {"'ab' between date'2024-02-29' and date'2024-02-29'", "0", ""},
         {"x'616263' between date'2024-02-29' and date'2024-02-29'", "error 1525",
          "Incorrect DATE value: 'abc'"},
         {"null div 'a'", "NULL", ""},
         {"null / 'a'", "NULL", "1292 "},
         {"atan(null, 'a')", "NULL", ""},
         {"pow(null, 'a')", "NULL", ""},
         {"weight_string('a' + 1)", "NULL", ""},
         {"nullif((0 < 'a'), 1)", "0", "1292 "},
         {"nullif(('a' + 1), 1)", "NULL", "1292 "},
         {"nullif(('a' + 1), 2)", "1", "1292 1292 "},
         {"length(aes_encrypt('', '12345678901234567'))", "16", "3237 "},
         {"(_binary'abc' << 0) or 0", "0", ""},
         {"date_add(date'9999-12-31', interval 2 day)", "NULL", "6527 "},
         {"addtime('9999-12-31 23:59:59', '10:00:00')", "NULL", "6527 "},
         {"timestamp('9999-12-31 23:59:59', '10:00:00')", "NULL", "6527 "}});
}

TEST(Attributes, Values) {
    for (const auto& [text, value, unused] :
         {Told{"greatest(date'2024-02-29', 20250101101112)", "2025-01-01", ""},
          Told{"greatest(timestamp'2024-02-29 10:11:12', 20250101)", "2025-01-01 00:00:00", ""},
          Told{"least(timestamp'2024-02-29 10:11:12', -1)", "-1", ""},
          Told{"greatest(cast('3' as json), 5)", "5", ""},
          Told{"case '2000-01-01' when timestamp'2000-01-01 00:00:00' then 1 else 0 end", "0", ""},
          Told{"'10:11:12.0' in (time'10:11:12', '1')", "1", ""},
          Told{"locate('b' collate utf8mb4_bin, 'aBc')", "2", ""},
          Told{"concat(1e-10 / 3)", "3.3333333333333335e-11", ""},
          Told{"1e-10 / 3", "0.000000000033333333333333335", ""}, Told{"year(0)", "2000", ""},
          Told{"day(1.5e0)", "1", ""}, Told{"time(10000000000)", "00:00:00", ""},
          Told{"timediff('2024-02-30', '2024-02-29')", "24:00:00", ""},
          Told{"addtime('10:11:12', '2024-02-29')", "10:31:36", ""},
          Told{"week('2024-02-29', null)", "0", ""},
          Told{"regexp_instr(null, '[')", "error 3696", ""},
          Told{"'2024-00-10' = date'2024-02-29'", "error 1525", ""}}) {
        EXPECT_EQ(see(text).text, value) << text;
    }
}

// The prepared form says what collation::like says, or nothing.
TEST(LikePattern, AgreesWithTheCollation) {
    for (const char* name : {"utf8mb4_0900_ai_ci", "utf8mb4_bin", "latin1_swedish_ci", "binary"}) {
        const auto& collation = *collation::find_collation(name);
        for (const std::string_view pattern :
             {"x%", "%x", "", "%", "a_c", "%b%c", "\\%", "a\\", "_", "__%", "%%a", "X%Y%Z"}) {
            const auto made = LikePattern::of(collation, pattern, U'\\');
            ASSERT_TRUE(made) << pattern;
            for (const std::string_view text :
                 {"", "x", "X", "xylophone", "abc", "aBC", "%", "a\\", "ab", "axbxc", "aa", "x-y-z",
                  "xyz", "\x01x", "x\xc3\xa9", "\xc3\xa9x", "abbcbc"}) {
                const auto said = made->matches(text);
                if (!said) continue;
                EXPECT_EQ(*said, collation::like(collation, text, pattern)) << text << pattern;
            }
        }
    }
    EXPECT_FALSE(LikePattern::of(*collation::find_collation("utf16_general_ci"), "a", U'\\'));
    EXPECT_FALSE(LikePattern::of(*collation::find_collation("utf8mb4_bin"), "\xc3\xa9", U'\\'));
}

}  // namespace
}  // namespace sluice::eval
