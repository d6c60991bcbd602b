#include "collation/compare.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.h"
#include "collation/case.h"
#include "collation/charset.h"
#include "collation/like.h"
#include "collation/merge.h"

namespace sluice::collation {
namespace {

const Collation& by(std::string_view name) {
    const Collation* const found = find_collation(name);
    EXPECT_NE(found, nullptr) << name;
    return *found;
}

std::string in_utf16(std::string_view text) {
    return convert(*find_charset("utf8mb4"), *find_charset("utf16"), text).text;
}

// Answers of MySQL 9.7's WEIGHT_STRING(text COLLATE name AS CHAR(characters)).
TEST(Weights, AreMySqls) {
    struct Case {
        const char *name, *text;
        std::size_t characters;
        const char* weight;
    };
    for (const Case& c : {
             Case{"utf8mb4_0900_as_cs", "a\u00f1", 0, "1C471DB9000000200020002D0000000200020002"},
             Case{"utf8mb4_0900_as_cs", "abc", 5, "1C471C601C7A00000020002000200000000200020002"},
             Case{"utf8mb4_unicode_ci", "a\u00f1", 4, "0E330F6402090209"},
             Case{"utf8mb4_unicode_ci",
                  "\u00df"
                  "a",
                  4, "0FEA0FEA0E3302090209"},
             Case{"utf8mb4_czech_ci", "ch", 4, "0EE202090209"},
             Case{"utf8mb4_general_ci", "a\u00f1", 0, "0041004E"},
             Case{"utf8mb4_bin", "a\u00f1", 0, "0000610000F1"},
             Case{"latin1_german2_ci", "\xe4\xdf", 4, "414553532020"},
             Case{"gb18030_chinese_ci", "\x81\x30\x81\x30", 3, "FF0000002020"},
             Case{"utf8mb4_ja_0900_as_cs", "\u304b\u30fc", 0,
                  "1FBC1FB60000002000200000000E000C0021"},
             Case{"utf8mb4_ja_0900_as_cs_ks", "A", 0, "1C470000002000000008"},
             Case{"utf8mb4_ja_0900_as_cs_ks", "A\u3042", 0,
                  "1C471FB600000020002000000008000E00000002"},
             Case{"utf8mb4_zh_0900_as_cs", "AM\u0300", 0,
                  "BDC4BF2700000020001F01190000000800020021"},
             Case{"utf8mb4_0900_as_cs", "\u4e00", 0, "FB40CE000000002000000002"},
             Case{"utf8mb4_lt_0900_ai_ci", "A\u0307\u0300", 0, "1C470000"},
         }) {
        std::string out;
        append_weights(out, by(c.name), c.text, {.characters = c.characters});
        EXPECT_EQ(upper_hex(out), c.weight) << c.name << " " << c.text;
    }
}

TEST(Weights, FillUp) {
    std::string out = "x";
    append_weights(out, by("latin1_swedish_ci"), "a", {.bytes = 4});
    EXPECT_EQ(upper_hex(out), "7841202020");
    out.clear();
    append_weights(out, by("utf8mb4_0900_ai_ci"), "a", {.bytes = 4});
    EXPECT_EQ(upper_hex(out), "1C470000");
}

TEST(Compare, AsMySqlDoes) {
    struct Case {
        const char *name, *left, *right;
        int sign;
    };
    for (const Case& c : {
             Case{"utf8mb4_0900_ai_ci", "customer", "CUSTOMER", 0},
             Case{"utf8mb4_0900_ai_ci", "a", "a ", -1},
             Case{"utf8mb4_0900_ai_ci", "stra\u00dfe", "STRASSE", 0},
             Case{"utf8mb4_0900_ai_ci", "12345678 Words@[`{ z", "12345678 wORDS@[`{ Z", 0},
             Case{"utf8mb4_0900_ai_ci", "abcdefg@", "abcdefg`", -1},
             Case{"utf8mb4_0900_ai_ci", "abcdefg[", "abcdefg{", -1},
             Case{"utf8mb4_tr_0900_ai_ci", "abcdefgI", "abcdefgi", -1},
             Case{"utf8mb4_0900_as_cs", "abcdefgh", "abcdefgH", -1},
             Case{"utf8mb4_0900_as_cs", "a", "A", -1},
             Case{"utf8mb4_general_ci", "a", "a ", 0},
             Case{"utf8mb4_general_ci", "a\t", "a", -1},
             Case{"utf8mb4_unicode_ci", "a\t", "a", -1},
             Case{"utf8mb4_bin", "a\t", "a", -1},
             Case{"utf8mb4_0900_bin", "a", "a ", -1},
             Case{"utf8mb4_hu_0900_ai_ci", "ccs", "cscs", 0},
             Case{"utf8mb4_hu_0900_ai_ci", "cz", "cs", -1},
             Case{"utf8mb4_sv_0900_ai_ci", "\u00e4", "z", 1},
             Case{"latin1_german2_ci", "\xe4", "AE", 0},
             Case{"latin1_german2_ci", "\xe4", "AE ", 0},
             Case{"binary", "a", "A", 1},
         }) {
        const auto found = compare(by(c.name), c.left, c.right);
        EXPECT_EQ(found < 0 ? -1 : found > 0 ? 1 : 0, c.sign) << c.name << c.left << c.right;
        EXPECT_EQ(compare(by(c.name), c.right, c.left), 0 <=> found) << c.name;
        EXPECT_EQ(hash(by(c.name), c.left, 5) == hash(by(c.name), c.right, 5), c.sign == 0)
            << c.name << c.left << c.right;
    }
}

TEST(Compare, Utf16IsUtf8) {
    const std::string left = in_utf16("stra\u00dfe"), right = in_utf16("STRASSE  ");
    EXPECT_TRUE(equal(by("utf16_unicode_ci"), left, right));
    EXPECT_TRUE(compare(by("utf16_bin"), in_utf16("\uffee"), in_utf16("\U0001f600")) < 0);
}

TEST(Find, LooksAtCharactersAsTheyWeigh) {
    constexpr std::size_t none = std::string_view::npos;
    EXPECT_EQ(find(by("utf8mb4_unicode_ci"),
                   "a\u00df"
                   "b",
                   "ss"),
              1U);
    EXPECT_EQ(find(by("utf8mb4_czech_ci"), "xch", "c"), none);
    EXPECT_EQ(find(by("utf8mb4_0900_ai_ci"), "ab\u00e9", "E"), 2U);
    EXPECT_EQ(find(by("utf8mb4_0900_ai_ci"), "abcabc", "B", 2), 4U);
    EXPECT_EQ(find(by("latin1_swedish_ci"), "ab", "B"), 1U);
    EXPECT_EQ(find(by("binary"), "ab", "B"), none);
    EXPECT_EQ(find(by("utf8mb4_0900_ai_ci"), "", ""), 0U);
}

TEST(Like, CharacterByCharacter) {
    struct Case {
        const char *name, *text, *pattern;
        bool match;
    };
    for (const Case& c : {
             Case{"utf8mb4_0900_ai_ci", "Xylophone", "x%", true},
             Case{"utf8mb4_0900_ai_ci", "\u00df", "ss", false},
             Case{"utf8mb4_0900_ai_ci", "\u00df", "_", true},
             Case{"utf8mb4_0900_ai_ci", "a_c", "a\\_c", true},
             Case{"utf8mb4_0900_ai_ci", "abc", "a\\_c", false},
             Case{"utf8mb4_0900_ai_ci", "abcabcd", "%abcd", true},
             Case{"utf8mb4_0900_ai_ci", "a\\", "a\\", true},
             Case{"utf8mb4_0900_as_cs", "a", "A", false},
             Case{"utf8mb4_czech_ci", "ch", "c%", true},
             Case{"latin1_german2_ci", "A", "\xc3", true},
             Case{"gbk_chinese_ci", "\xa3\xe1", "\xa3\xc1", false},
             Case{"utf8mb4_bin", "a", "A", false},
             Case{"binary", "\xff\xfe", "__", true},
             Case{"utf8mb4_0900_ai_ci", "", "%%", true},
             Case{"utf8mb4_0900_ai_ci", "", "_", false},
         }) {
        EXPECT_EQ(like(by(c.name), c.text, c.pattern), c.match)
            << c.name << " " << c.text << " " << c.pattern;
    }
    EXPECT_TRUE(like(by("utf8mb4_0900_ai_ci"), "a%", "a|%", '|'));
    EXPECT_FALSE(like(by("utf8mb4_0900_ai_ci"), "a%", "a\\%", 0));
}

TEST(Case, ByTheCollationsTables) {
    EXPECT_EQ(upper(by("utf8mb4_0900_ai_ci"), "\u00df\u0149\u01c6i"), "\u00df\u0149\u01c4I");
    EXPECT_EQ(lower(by("utf8mb4_turkish_ci"), "I\u0130"), "\u0131i");
    EXPECT_EQ(upper(by("latin1_swedish_ci"), "\xe4z"), "\xc4Z");
    EXPECT_EQ(upper(by("binary"), "az"), "az");
    EXPECT_EQ(lower(by("gbk_chinese_ci"),
                    "\xa3\xc1"
                    "A"),
              "\xa3\xe1"
              "a");
    // U+023A is two bytes and its lower case three.
    EXPECT_EQ(lower(by("utf8mb4_0900_ai_ci"), "A\u023a"), "a");
    EXPECT_EQ(upper(by("utf8mb4_0900_ai_ci"),
                    "\xff"
                    "a"),
              "\ufffdA");
}

TEST(Convert, ByMySqlsTables) {
    struct Case {
        const char *from, *to;
        std::string text, want;
        std::size_t replaced;
    };
    for (const Case& c : {
             Case{"latin1", "utf8mb4", "\x80\xe4", "\u20ac\u00e4", 0},
             Case{"utf8mb4", "latin1", "\u20ac\u0151", "\x80?", 1},
             Case{"utf8mb4", "sjis", "\\", "\x81\x5f", 0},
             Case{"utf8mb4", "cp932", "\\", "\\", 0},
             Case{"utf8mb4", "utf16le", "a\U0001f600", std::string("a\0\x3d\xd8\0\xde", 6), 0},
             Case{"binary", "utf16", "a", std::string("\0a", 2), 0},
             Case{"binary", "utf8mb4", "\xfe\xff", "", 1},
             Case{"utf8mb4", "gb18030", "\U0001f600", "\x94\x39\xfc\x36", 0},
             Case{"gb18030", "utf8mb4", "\x94\x39\xfc\x36", "\U0001f600", 0},
             Case{"utf8mb4", "binary", "\u00e9", "\u00e9", 0},
         }) {
        const Converted found = convert(*find_charset(c.from), *find_charset(c.to), c.text);
        EXPECT_EQ(upper_hex(found.text), upper_hex(c.want)) << c.from << " " << c.to;
        EXPECT_EQ(found.replaced, c.replaced) << c.from << " " << c.to;
    }
}

TEST(Characters, BrokenTextEnds) {
    const std::vector<std::string> texts = {"\xff",
                                            "\xe2\x82",
                                            std::string("\xd8\x00", 2),
                                            std::string("\x00\xd8", 2),
                                            "\x81",
                                            std::string("\x00\x11\x00\x00", 4),
                                            "\x8f\xa1",
                                            "\x8e"};
    for (const Collation& collation : collations()) {
        if (!implemented(collation)) continue;
        for (const std::string& text : texts) {
            EXPECT_GE(characters(*collation.charset, text), 1U) << collation.name;
            EXPECT_TRUE(equal(collation, text, text)) << collation.name;
            EXPECT_EQ(hash(collation, text, 1), hash(collation, text, 1));
            std::string out;
            append_weights(out, collation, text, {.characters = 3});
            (void)like(collation, text, text);
            (void)lower(collation, text);
            (void)convert(*collation.charset, *find_charset("utf8mb4"), text);
        }
    }
}

// Keys of WEIGHT_STRING and orders, as MySQL 9.7 gives them.
TEST(Compare, InSeveralPasses) {
    struct Key {
        const char* name;
        std::string text;
        const char* key;
    };
    using namespace std::string_literals;
    for (const Key& c : {
             Key{"latin2_czech_cs", "", "01010100"},
             Key{"latin2_czech_cs", "ab cd ef",
                 "0304020309020507020A0E02080901111601030F021119021F2901030F021119021F2900"},
             Key{"latin2_czech_cs", "a   b ", "030203020401090103020F01030202020F00"},
             Key{"latin2_czech_cs", " % b", "020202020401090102020F0102AA020F00"},
             Key{"latin2_czech_cs", "a!b", "030401030901030F0103980F00"},
             Key{"latin2_czech_cs", "cch", "050C010A1901112F01112F00"},
             Key{"latin2_czech_cs", "cH", "050B010A1801112E01112E00"},
             Key{"cp1250_czech_cs", "a b", "A482A5020102"},
             Key{"cp1250_czech_cs", "xchy", "C0ADC1020302"},
             Key{"cp1250_czech_cs", "cH", "A6AC0201"},
             Key{"tis620_thai_ci",
                 "a\xec"
                 "b",
                 "6162F1"},
             Key{"tis620_thai_ci", "\xe0\xa1\xec", "A1E0F9"},
             Key{"tis620_thai_ci", "\xec\xec", "ECF9"},
             Key{"tis620_thai_ci", "a\0b"s, "612020"},
         }) {
        std::string out;
        append_weights(out, by(c.name), c.text);
        EXPECT_EQ(upper_hex(out), c.key) << c.name << " " << upper_hex(c.text);
    }
    struct Pair {
        const char* name;
        std::string left, right;
        int order;
    };
    for (const Pair& c : {
             Pair{"latin2_czech_cs", "ch", "h", 1},
             Pair{"latin2_czech_cs", "ch", "i", -1},
             Pair{"latin2_czech_cs", "a b", "a  b", 1},
             Pair{"latin2_czech_cs", "a", "A", -1},
             Pair{"latin2_czech_cs", "a", "a ", 0},
             Pair{"cp1250_czech_cs", "a", "A", 1},
             Pair{"cp1250_czech_cs", "a", "a ", 0},
             Pair{"cp1250_czech_cs", "ch", "h", 1},
             Pair{"tis620_thai_ci", "a", "A", 0},
             Pair{"tis620_thai_ci", "a\0"s, "a", -1},
             Pair{"tis620_thai_ci", "\xe0\xa1", "\xe0", -1},
             Pair{"tis620_thai_ci", "\xec\xa1", "\xa1\xec", 1},
         }) {
        const auto order = compare(by(c.name), c.left, c.right);
        EXPECT_EQ(order < 0 ? -1 : order > 0 ? 1 : 0, c.order) << c.name << " " << c.left;
    }
    EXPECT_FALSE(like(by("latin2_czech_cs"), "a", "A"));
    EXPECT_TRUE(like(by("tis620_thai_ci"), "abc", "A%"));
    EXPECT_EQ(find(by("latin2_czech_cs"), "xchy", "H"), 2U);
    EXPECT_EQ(upper(by("latin2_czech_cs"), "ch\xe1"), "CH\xc1");
}

TEST(Compare, WhatIsNotKnown) {
    for (const Collation& collation : collations()) {
        EXPECT_EQ(implemented(collation), !collation.mariadb) << collation.name;
    }
}

TEST(Merge, ErrorsAreMySqls) {
    const Operand swedish{.collation = &by("latin1_swedish_ci"),
                          .coercibility = Coercibility::implicit};
    const Operand german{.collation = &by("latin1_german1_ci"),
                         .coercibility = Coercibility::explicit_collate};
    Operand other = german;
    other.collation = &by("latin1_bin");
    const auto failed = merge(german, other, "=");
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().number, 1267);
    EXPECT_EQ(failed.error().text,
              "Illegal mix of collations (latin1_german1_ci,EXPLICIT) and (latin1_bin,EXPLICIT) "
              "for operation '='");
    const auto merged = merge(swedish, german);
    ASSERT_TRUE(merged.has_value());
    EXPECT_EQ(merged->result, german);
    const Operand three[] = {swedish, german, other};
    EXPECT_EQ(illegal_mix(three, "concat").number, 1270);
    const Operand four[] = {swedish, german, other, other};
    EXPECT_EQ(illegal_mix(four, "concat").text, "Illegal mix of collations for operation 'concat'");
}

TEST(Merge, OfTwoLiteralsTheOneInUnicodeWinsAsInMysql) {
    const Operand latin{.collation = &by("latin1_swedish_ci"),
                        .coercibility = Coercibility::coercible};
    const Operand ascii{.collation = &by("utf8mb4_0900_ai_ci"),
                        .coercibility = Coercibility::coercible,
                        .repertoire = Repertoire::ascii};
    const auto as_vitess = merge(latin, ascii);
    const auto as_mysql = merge(latin, ascii, "", {.unicode_first = true});
    ASSERT_TRUE(as_vitess && as_mysql);
    EXPECT_EQ(as_vitess->result.collation, latin.collation);
    EXPECT_EQ(as_mysql->result.collation, ascii.collation);
    EXPECT_TRUE(as_mysql->left_converted);
}

}  // namespace
}  // namespace sluice::collation
