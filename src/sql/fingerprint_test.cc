#include "sql/fingerprint.h"

#include <gtest/gtest.h>

#include "sql/format.h"
#include "sql/normalize.h"
#include "sql/parse.h"

namespace sluice::sql {
namespace {

constexpr FingerprintSeed seed{0x1234567890abcdef, 0xfedcba0987654321};

Fingerprint print_of(std::string_view text, const LexerMode& mode = {}) {
    Fingerprint result;
    fingerprint(text, mode, seed, result);
    return result;
}

struct Pair {
    std::string_view left;
    std::string_view right;
};

TEST(Fingerprint, SameForOtherValues) {
    for (const auto& [left, right] : {
             Pair{"select c from t where id = 1", "select c from t where id = 20"},
             Pair{"select c from t where id = 1", "select /* plain */ c from t where id=1 -- end"},
             Pair{"select c from t where s = 'a'", "select c from t where s = \"bcd\""},
             Pair{"select c from t where id in (1)", "select c from t where id in (4, 5, 6)"},
             Pair{"insert into t values (1, 1)", "insert into t values (1, 2)"},
             Pair{"select 1;", "select 2"},
             Pair{"select a from t where x = 1 and y = 1", "select a from t where x = 7 and y = 7"},
         }) {
        EXPECT_TRUE(print_of(left).same_key(print_of(right))) << left << " | " << right;
    }
}

TEST(Fingerprint, DiffersWhereAPlanMay) {
    for (const auto& [left, right] : {
             Pair{"select c from t where id = 1", "select c from t where id = '1'"},
             Pair{"select c from t where id = 1", "select c from t where id = 1.0"},
             Pair{"select c from t where id = 1", "select c from t where id = 1e0"},
             Pair{"select c from t where id = 1", "select c from t where id = 0x1"},
             Pair{"select c from t where id = 1", "select c from t where id = null"},
             Pair{"select c from t where id = 1", "select c from t where id = -1"},
             Pair{"select c from t where id = 1", "select c from t where id = 9223372036854775808"},
             Pair{"select c from t where id = 1.5", "select c from t where id = 1.55"},
             Pair{"select a from t where x = 1 and y = 1", "select a from t where x = 1 and y = 2"},
             Pair{"select c from t where id in (1, 2)", "select c from t where id in (1, '2')"},
             Pair{"select c from t where id in (1, 2)", "select c from t where id in (1, a)"},
             Pair{"select count(*) from t", "select count (*) from t"},
             Pair{"select /*vt+ A=1 */ a from t", "select /*vt+ A=2 */ a from t"},
             Pair{"select /*+ A */ a from t", "select a from t"},
             Pair{"select a from t /*! where b = 1 */", "select a from t where b = 1"},
             Pair{"select _latin1'x'", "select 'x'"},
             Pair{"select a from t", "select a from `t`"},
             Pair{"insert into t values (1)", "insert into t values (1), (2)"},
             Pair{"select date'2020-01-01'", "select time'10:00:00'"},
             Pair{"select {d '2020-01-01'}", "select {d '2020-01-02'}"},
             Pair{"select {ts '2020-01-01 00:00:00'}", "select {ts 'x'}"},
             Pair{"select :a", "select :b"},
         }) {
        EXPECT_FALSE(print_of(left).same_key(print_of(right))) << left << " | " << right;
    }
    EXPECT_FALSE(
        print_of("select \"a\"").same_key(print_of("select \"a\"", {.ansi_quotes = true})));
}

TEST(Fingerprint, SaysWhatItSaw) {
    const Fingerprint point = print_of("SELECT c FROM sbtest1 WHERE id=5042");
    EXPECT_EQ(point.statement, StatementClass::select);
    EXPECT_TRUE(point.one_statement);
    EXPECT_EQ(point.tokens, 8u);
    ASSERT_EQ(point.slots().size(), 1u);
    EXPECT_EQ(slot_value("SELECT c FROM sbtest1 WHERE id=5042", point.slots()[0], {}),
              (Value{Type::int64, "5042"}));
    EXPECT_FALSE(point.select_literals);
    EXPECT_TRUE(print_of("select 1 from t").select_literals);
    EXPECT_TRUE(print_of("select @a").user_variables);
    EXPECT_TRUE(print_of("select @@a").system_variables);
    EXPECT_TRUE(print_of("select a from ks.t").dots);
    EXPECT_TRUE(print_of("select /*!99999 a */ b from t").version_comment);
    EXPECT_TRUE(print_of("select /*M! a */ b from t").version_comment);
    EXPECT_TRUE(print_of("select 'abc").failed);
    EXPECT_FALSE(print_of("select 1; select 2").one_statement);
    EXPECT_TRUE(print_of("select 1 ; ; -- end").one_statement);
    EXPECT_EQ(print_of("/* c */").statement, StatementClass::empty);
    EXPECT_EQ(print_of("(select 1)").statement, StatementClass::select);
    EXPECT_EQ(print_of("select ? , ?").parameters, 2u);
    // In GBK the byte 0x5C may be the second half of a character.
    EXPECT_TRUE(
        print_of("select '\xbf\x5c' or 1 = 1 -- '", {.charset = LexerCharset::gbk}).one_statement);
    EXPECT_EQ(print_of("select '\xbf\x5c', 2", {.charset = LexerCharset::gbk}).slots().size(), 2u);
    EXPECT_EQ(print_of("select 'a\\', 2", {.no_backslash_escapes = true}).slots().size(), 2u);
}

TEST(Fingerprint, DecodesSlots) {
    struct Case {
        std::string text;
        Value want;
    };
    for (const auto& [text, want] : {
             Case{"18446744073709551615", {Type::uint64, "18446744073709551615"}},
             Case{"18446744073709551616", {Type::decimal, "18446744073709551616"}},
             Case{"1.50", {Type::decimal, "1.50"}},
             Case{"1e3", {Type::float64, "1e3"}},
             Case{"'a''b\\n'", {Type::varchar, "a'b\n"}},
             Case{"'\\%'", {Type::varchar, "\\%"}},
             Case{"N'x'", {Type::varchar, "x"}},
             Case{"x'f0'", {Type::hexval, "x'F0'"}},
             Case{"0xf0", {Type::hexnum, "0xF0"}},
             Case{"b'01'", {Type::bitnum, "0b01"}},
         }) {
        const std::string statement = "select " + text;
        const Fingerprint print = print_of(statement);
        ASSERT_EQ(print.slots().size(), 1u) << text;
        EXPECT_EQ(slot_value(statement, print.slots()[0], {}), want) << text;
    }
}

const std::vector<std::string> statements = {
    "SELECT c FROM sbtest1 WHERE id=5042",
    "select a, b + 2 from t where x = 5 and y = 5 and z in (1, 2, 3) order by 2 limit 10",
    "select a from t where s = 'x' and d = 1.5 and e between 3 and 4 group by 1 having count(*) > "
    "5",
    "select cast(a as char(10)), convert(b, decimal(10, 2)) from t where c = 0x1F or c = x'1F' or "
    "c = b'01'",
    "select * from (select 1 as one, 2 as two) x where x.one = 1",
    "select 'a' 'b', 1 'alias' from t",
    "select date'2020-01-01', interval 3 day + d from t",
    "insert into t(a, b) values (1, 'x'), (2, 'y') on duplicate key update b = 'z'",
    "insert into t(a) select b from u where c = 5 and d = 5",
    "update t set a = 1, b = b + 1 where id = 1 limit 3",
    "delete from t where id in (1, 2) and b = 'q'",
    "select group_concat(a order by 1 separator ',') from t where a like 'x%' escape '!'",
    "select sum(a) over (order by b rows between 1 preceding and 2 following) from t",
    "select t.a from t join u on t.id = 3 where u.id = 3 union select 1 from v where w = 2",
    "select last_insert_id(), @a, @@autocommit, 5",
    "select a from t where (a, b) in ((1, 2), (3, 4))",
};

// What a literal may be changed to, so that some relation changes.
const std::vector<std::string> replacements = {
    "7",    "1",    "2",     "5",    "-7",
    "7.5",  "7e1",  "'7'",   "'x'",  "0x7",
    "b'1'", "null", "x'07'", "n'7'", "9223372036854775808"};

std::string normal_form(const std::string& text, const Fingerprint& print, std::string& pinned) {
    const Result<Statement> parsed = parse(text);
    if (!parsed) return "refused";
    NormalizeOptions options;
    options.slots = &print;
    options.text = text;
    const Result<Normalized> normal = normalize(*parsed, options);
    if (!normal) return "refused";
    for (const std::uint32_t index : normal->pinned) {
        const LiteralSlot& slot = print.slots()[index];
        pinned += text.substr(slot.offset, slot.length) + "|";
    }
    // A plan bound to its own text again has the values that it was normalised with.
    BindVars bound = normal->variables;
    rebind(text, print, {}, normal->sources, bound);
    EXPECT_EQ(bound, normal->variables) << text;
    return format(normal->statement);
}

TEST(Fingerprint, EqualMeansEqualPlan) {
    int equal = 0;
    int different = 0;
    for (const std::string& statement : statements) {
        const Fingerprint base = print_of(statement);
        std::string base_pinned;
        const std::string base_normal = normal_form(statement, base, base_pinned);
        ASSERT_NE(base_normal, "refused") << statement;
        for (const LiteralSlot& slot : base.slots()) {
            for (const std::string& literal : replacements) {
                std::string changed = statement;
                const std::string list = "(" + literal + ", " + literal + ")";
                changed.replace(slot.offset, slot.length, slot.list ? list : literal);
                const Fingerprint print = print_of(changed);
                if (!print.same_key(base)) {
                    ++different;
                    continue;
                }
                ++equal;
                std::string pinned;
                const std::string normal = normal_form(changed, print, pinned);
                if (pinned == base_pinned) {
                    EXPECT_EQ(normal, base_normal) << statement << " | " << changed;
                }
            }
        }
    }
    EXPECT_GT(equal, 50);
    EXPECT_GT(different, 200);
}

TEST(Fingerprint, ManySlotsAreBounded) {
    std::string text = "select 0";
    for (int i = 1; i < 100'000; ++i) text += "," + std::to_string(i);
    const Fingerprint print = print_of(text);
    EXPECT_EQ(print.slots().size(), 100'000u);
    EXPECT_TRUE(print.one_statement);
}

TEST(Fingerprint, ListsBesideExecutedCommentsAreNotFolded) {
    for (const std::string_view text : {"/*! select a from t where b in (/*!* 0n'!*/ 1, 2) */",
                                        "select a from t where b in (1, /*! 2, */ 3)"}) {
        for (const LiteralSlot& slot : print_of(text).slots()) EXPECT_FALSE(slot.list) << text;
    }
    EXPECT_EQ(print_of("select a from t where b in (1, 2)").slots().size(), 1u);
}

TEST(Lexer, AnUnclosedExecutedCommentIsToldOnce) {
    Lexer lexer("/*! a", {});
    EXPECT_EQ(lexer.next().kind, TokenKind::word);
    EXPECT_EQ(lexer.next().kind, TokenKind::error);
    EXPECT_EQ(lexer.next().kind, TokenKind::end);
}

// Every token takes something of the text, also where dots and digits meet.
TEST(Lexer, EveryTokenAdvances) {
    for (const std::string_view text :
         {"a..0", "...0", "a...0[", "1..0", "a. .0", ".0", "..", "a.0.0", "@..0", ":..0"}) {
        for (const LexerCharset charset : {LexerCharset::ascii_safe, LexerCharset::sjis}) {
            Lexer lexer(text, {.charset = charset});
            std::size_t tokens = 0;
            for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
                ASSERT_GT(token.length, 0u) << text;
                ASSERT_LE(++tokens, text.size()) << text;
            }
        }
    }
    EXPECT_EQ(print_of("select a..0 from t").tokens, print_of("select a..b from t").tokens);
}

}  // namespace
}  // namespace sluice::sql
