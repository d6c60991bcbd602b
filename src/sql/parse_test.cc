#include "sql/parse.h"

#include <gtest/gtest.h>

#include "sql/format.h"
#include "sql/normalize.h"
#include "sql/walk.h"

namespace sluice::sql {
namespace {

std::string canonical(std::string_view text, const LexerMode& mode = {}) {
    const Result<Statement> parsed = parse(text, mode);
    return parsed ? format(*parsed) : "! " + parsed.error().text;
}

TEST(Format, EmptyBitStringsStayLiterals) {
    for (const std::string_view text : {"select b'' from t", "select a from t where b = b''"})
        EXPECT_EQ(canonical(text), canonical(canonical(text))) << text;
    EXPECT_TRUE(canonical("select b'' from t").contains("b''"));
}

TEST(Parse, CanonicalText) {
    struct Case {
        std::string_view text;
        std::string_view want;
    };
    for (const auto& [text, want] : {
             Case{"SELECT c FROM sbtest1 WHERE id=5042", "select c from sbtest1 where id = 5042"},
             Case{"select 1", "select 1 from dual"},
             Case{"select a+b*c-(d-e) from t", "select a + b * c - (d - e) from t"},
             Case{"select (a and b) or (c or d) and not e",
                  "select a and b or (c or d) and not e from dual"},
             Case{"select a = b in (1)", "select a = b in (1) from dual"},
             Case{"select (a = b) is null", "select a = b is null from dual"},
             Case{"select - -1, +2, !a, ~b", "select - -1, 2, !a, ~b from dual"},
             Case{"select 'a' 'b'", "select 'ab' from dual"},
             Case{"select trim(both 'x' from a), substring(a from 2 for 3), position('a' in b)",
                  "select trim(both 'x' from a), substr(a, 2, 3), locate('a', b) from dual"},
             Case{"select interval(1, 2), a + interval (b) + 1 day",
                  "select interval(1, 2), a + interval b + 1 day from dual"},
             Case{
                 "select t.* from t left join (u, v) using (id) where exists(select 1)",
                 "select t.* from t left join (u, v) using (id) where exists (select 1 from dual)"},
             Case{"(select 1 union select 2) union all select 3 limit 2",
                  "select 1 from dual union select 2 from dual union all select 3 from dual limit "
                  "2"},
             Case{"select 1 union (select 2 order by 1)",
                  "select 1 from dual union (select 2 from dual order by 1 asc) "},
             Case{"with recursive x(a) as (select 1 union all select a+1 from x) select * from x "
                  "for update",
                  "with recursive x(a) as (select 1 from dual union all select a + 1 from x) "
                  "select * from x for update"},
             Case{"insert t set a = 1, b = default on duplicate key update a = values(a)",
                  "insert into t(a, b) values (1, default) on duplicate key update a = values(a)"},
             Case{"replace into ks.t values (1), (2)", "replace into ks.t values (1), (2)"},
             Case{"update t as a, u set a.x = u.y where a.id = 1 order by a.id limit 2",
                  "update t as a, u set a.x = u.y where a.id = 1 order by a.id asc limit 2"},
             Case{"delete a, b from t a join u b using (id)",
                  "delete a, b from t as a join u as b using (id)"},
             Case{"set session transaction isolation level read committed",
                  "set @@session.transaction_isolation = 'read-committed'"},
             Case{"set names utf8mb4 collate utf8mb4_bin, @a = 1, global x = on",
                  "set names 'utf8mb4' collate 'utf8mb4_bin', @a = 1, @@global.x = 'on'"},
             Case{"show full tables from ks like 'a%'", "show full tables from ks like 'a%'"},
             Case{"show index from t in ks", "show indexes from t from ks"},
             Case{"show master status", "show master status"},
             Case{"use ks:-80@replica", "use `ks:-80@replica`"},
             Case{"start transaction read only", "start transaction read only"},
             Case{"rollback to savepoint a", "rollback to a"},
             Case{"kill 5", "kill connection 5"},
             Case{"alter vschema on t add vindex hash(id) using hash with a=b, c='d'",
                  "alter vschema on t add vindex `hash` (id) using `hash` with a=b, c='d'"},
             Case{"vexplain plan select 1", "vexplain plan select 1 from dual"},
             Case{"desc t", "explain t"},
             Case{"create table ks.t(id int references u(id))",
                  "create table ks.t (\n\tid int references u (id)\n)"},
             Case{"create table t(id int) /*! engine = innodb */ ;",
                  "create table t (\n\tid int\n) engine innodb"},
             Case{"/*!40000 alter table t disable keys */", "alter table t disable keys"},
             Case{"select {d '2020-01-01'}, _latin1 x'ff'",
                  "select date'2020-01-01', _latin1 X'ff' from dual"},
             Case{"select /*! 1, */ 2 /*!99999 , 3 */", "select 1, 2 from dual"},
         }) {
        if (want.back() != ' ') {
            EXPECT_EQ(canonical(text), want) << text;
        }
        const std::string printed = canonical(text);
        EXPECT_EQ(canonical(printed), printed) << text;
    }
}

TEST(Parse, ReadsWhatOnlyMySqlsGrammarTells) {
    EXPECT_EQ(canonical("select 1 member (a) from t"), "select 1 member of (a) from t");
    // Two tables of WITH: the first is not the value of an option.
    EXPECT_EQ(canonical("create table t(id int) start transaction engine = innodb "
                        "with a as (select 1 from b), c as (select 2 from d) select 3 from a"),
              "create table t (\n\tid int\n) start transaction,\n  engine innodb "
              "with a as (select 1 from b) , c as (select 2 from d) select 3 from a");
}

TEST(Parse, ObeysTheMode) {
    const LexerMode high_not{.high_not_precedence = true};
    for (const std::string_view text : {"select not a between 1 and 2", "select not (a = 1)"}) {
        const std::string printed = canonical(text, high_not);
        EXPECT_EQ(*parse(printed, high_not), *parse(text, high_not)) << printed;
    }
    EXPECT_EQ(canonical("select not a between 1 and 2", high_not),
              "select (not a) between 1 and 2 from dual");
    EXPECT_EQ(canonical("select not (a = 1)", high_not), "select not (a = 1) from dual");
    EXPECT_EQ(canonical("select \"a\" || 'b'", {.ansi_quotes = true, .pipes_as_concat = true}),
              "select concat(a, 'b') from dual");
}

// What is printed for a reader under a mode means there what was read, and ends where it ended.
TEST(Format, ObeysTheMode) {
    struct Case {
        std::string_view text;
        std::string_view want;
    };
    const LexerMode mode{.no_backslash_escapes = true};
    for (const auto& [text, want] : {
             Case{"select 'a\\', 'b\\''c', \"it's\"", "select 'a\\', 'b\\''c', 'it''s' from dual"},
             Case{"select a from t where b like '\\%' escape '\\'",
                  "select a from t where b like '\\%' escape '\\'"},
             Case{"select N'\\', date'\\', group_concat(a separator '\\') from t",
                  "select N'\\', date'\\', group_concat(a separator '\\') from t"},
             Case{"show tables like '\\'", "show tables like '\\'"},
             Case{"prepare p from '\\'", "prepare p from '\\'"},
         }) {
        const Result<Statement> parsed = parse(text, mode);
        ASSERT_TRUE(parsed) << text;
        const std::string printed = format(*parsed, {.no_backslash_escapes = true});
        EXPECT_EQ(printed, want);
        EXPECT_EQ(*parse(printed, mode), *parsed) << text;
        EXPECT_TRUE(has_one_statement(printed, mode)) << printed;
        EXPECT_EQ(*parse(format(*parsed)), *parsed) << text;
    }
}

TEST(Parse, Errors) {
    struct Case {
        std::string text;
        std::string want;
    };
    const std::string deep(2000, '(');
    std::string chain = "select 1";
    for (int i = 0; i < 5000; ++i) chain += " + 1";
    for (const auto& [text, want] : {
             Case{"the quick brown fox", "syntax error at position 4 near 'the'"},
             Case{"select from t1", "syntax error at position 12 near 'from'"},
             Case{"select 1 from", "syntax error at position 14"},
             Case{"select (1,)", "syntax error at position 12"},
             Case{"select 1; select 2", "syntax error at position 17 near 'select'"},
             Case{"select " + std::string(100'000, '('), "statement is nested too deeply"},
             Case{"select " + std::string(100'000, '(') + "1" + std::string(100'000, ')'),
                  "statement is nested too deeply"},
             Case{"'", "syntax error at position 2"},
             Case{"/* no end", "syntax error at position 10 near '/* no end'"},
             Case{"select 1 into x", "Undeclared variable: x"},
             Case{std::string("use a\0b", 7), "syntax error at position 7"},
             Case{std::string("select 1 \0 from t", 18), "syntax error at position 11"},
             Case{std::string("select 1 /*! + 2\0", 17), "syntax error at position 18"},
             Case{"set global.a = 1", "syntax error at position 11 near 'global'"},
             Case{"select row(1)", "syntax error at position 12"},
             Case{"", "Query was empty"},
             Case{"select 'abc", "syntax error at position 12 near 'abc'"},
             Case{"select " + deep, "statement is nested too deeply"},
             Case{chain, "expression is nested too deeply"},
         }) {
        const Result<Statement> parsed = parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().text, want);
    }
    EXPECT_EQ(parse("select from").error().number, er::parse);
    // What MySQL 9.7 says: only a number or a parameter may stand behind LIMIT.
    const auto refusal = [](const std::string& text) {
        const auto parsed = parse(text);
        if (!parsed) return parsed.error();
        const Result<void> checked = check_limits(*parsed);
        return checked ? Error() : checked.error();
    };
    for (const char* limit : {"1 + 1", "'x'", "1.5", "null", "-1", "@a", "t.x", "f()", "0x10",
                              "all", "1e1", "18446744073709551616", "1, 'x'"})
        EXPECT_EQ(refusal("select a from t limit " + std::string(limit)).number, er::parse)
            << limit;
    for (const char* text : {"select a from t limit x", "select a from t limit 1 offset `x`",
                             "select a from t union select b from u limit 1, x",
                             "update t set a = 1 limit x", "delete from t limit x"}) {
        EXPECT_EQ(refusal(text).number, er::sp_undeclared_var) << text;
        EXPECT_EQ(refusal(text).text, "Undeclared variable: x") << text;
    }
    for (const char* text : {"select a from t limit 18446744073709551615", "select 1 limit ?, :a"})
        EXPECT_TRUE(parse(text)) << text;
    EXPECT_EQ(parse(";").error().number, er::empty_query);
    std::string flat = "select 1 from t where a = 0";
    for (int i = 0; i < 20'000; ++i) flat += " or a = 1";
    EXPECT_TRUE(parse(flat));
    EXPECT_TRUE(parse("select '\xff', _binary'\xed\xa0\x80'"));
    EXPECT_TRUE(parse("select \xff from t", lexer_mode("", "latin1")));
}

TEST(Parse, NamesAreTextsAlsoAsStrings) {
    for (const char* text :
         {"select \xff from t", "select `\xed\xa0\x80` from t", "select 1 as '\xff'",
          "select a collate '\xff' from t", "use ks\xff@primary", "use '\xff'"})
        EXPECT_EQ(parse(text).error().text, "a name is not valid UTF-8") << text;
    const std::pair<const char*, int> empty[] = {
        {"select a collate '' from t", 1273},
        {"select convert(a using '') from t", 1115},
        {"select cast(a as char character set '') from t", 1115},
        {"set names ''", 1115},
        {"set names utf8mb4 collate ''", 1273},
    };
    for (const auto& [text, number] : empty) {
        const Result<Statement> parsed = parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().number, number) << text;
    }
    EXPECT_EQ(canonical("desc t `a`"), "explain t a");
    EXPECT_EQ(canonical("desc t 'a%\xff'"), "explain t 'a%\xff'");
}

// 64 MB in every shape that could be costly: an answer, not a crash.
TEST(Parse, LongTexts) {
    constexpr std::size_t size = 64 << 20;
    EXPECT_TRUE(parse("select '" + std::string(size, 'x') + "'"));
    for (const std::string_view piece :
         {"(", "1,", "a.", "-", "not ", "case ", "select ", "'a' "}) {
        std::string text(piece);
        while (text.size() < size) text += text;
        EXPECT_FALSE(parse("select " + text)) << piece;
    }
}

std::string canonical_definition(std::string_view text) {
    const Result<Statement> parsed = parse(text);
    if (!parsed) return parsed.error().text;
    const Ddl* ddl = parsed->as<Ddl>();
    if (ddl == nullptr) return "no DDL";
    return ddl->truncated_parse ? "not read" : format(*parsed);
}

TEST(Parse, Definitions) {
    struct Case {
        std::string_view text;
        std::string_view want;
    };
    for (const auto& [text, want] : {
             Case{"create table t (a int check (a > 0) not enforced, b char(3) byte)",
                  "create table t (\n\ta int check (a > 0) not enforced,\n\tb binary(3)\n)"},
             Case{"create table t (a double precision, key (a desc) visible)",
                  "create table t (\n\ta double precision,\n\tkey (a desc) visible\n)"},
             Case{"create table t (like u)", "create table t like u"},
             Case{"create table t as select 1", "create table t select 1 from dual"},
             Case{"create table t (a int) replace select 1 as a",
                  "create table t (\n\ta int\n) replace select 1 as a from dual"},
             Case{
                 "alter table t add unique (a), drop b, lock=none, partition by key () partitions "
                 "2",
                 "alter table t add unique key (a), drop column b, lock none \npartition by key () "
                 "partitions 2"},
             Case{"alter table t reorganize partition a into (partition b values less than (1, "
                  "maxvalue))",
                  "alter table t reorganize partition a into (partition b values less than (1, "
                  "maxvalue))"},
             Case{"drop index `primary` on t", "alter table t drop primary key"},
             Case{"alter database charset = utf8mb4", "alter database character set utf8mb4"},
             Case{"create table t (a text) collate 'x y' charset 'binary'",
                  "create table t (\n\ta text\n) collate `x y`,\n  charset binary"},
             Case{"create table t (a text collate '')", "not read"},
             Case{"create table t (a text) engine = ''", "not read"},
             Case{"create table t (a int) this is garbage", "not read"},
             Case{"create view v as select a from t group by a with check option",
                  "create view v as select a from t group by a with cascaded check option"},
         }) {
        EXPECT_EQ(canonical_definition(text), want) << text;
    }
}

TEST(Parse, AdministrationByName) {
    struct Case {
        std::string_view text;
        std::string_view want;
    };
    for (const auto& [text, want] : {
             Case{"grant select on t to u", "GRANT"},
             Case{"create user u identified by 'x'", "CREATE USER"},
             Case{"set password = 'x'", "SET PASSWORD"},
             Case{"xa start 'x'", "XA START"},
             Case{"handler t open", "HANDLER"},
             Case{"create definer = a@b procedure p() begin select 1; l: loop leave l; end loop; "
                  "end",
                  "CREATE PROCEDURE"},
             Case{"drop trigger if exists t", "DROP TRIGGER"},
         }) {
        const Result<Statement> parsed = parse(text);
        ASSERT_TRUE(parsed) << text;
        const auto* found = parsed->as<Administration>();
        ASSERT_NE(found, nullptr) << text;
        EXPECT_EQ(found->name, want);
        EXPECT_EQ(found->text, text);
    }
    EXPECT_FALSE(parse("grant"));
    EXPECT_FALSE(parse("grant select on t to u; select 1"));
    EXPECT_NE(parse("set role = 1")->as<Set>(), nullptr);
}

TEST(Split, BodiesOfStoredPrograms) {
    const std::string body =
        "create procedure p() begin if a > 0 then select 1; end if; select case a when 1 then 2 "
        "end; "
        "x: while a do set a = if(a, 1, 2); end while; end";
    const std::string text = body + "; select 2; begin; select 3";
    const std::vector<std::string_view> pieces = split_all(text, {});
    ASSERT_EQ(pieces.size(), 4u);
    EXPECT_EQ(pieces[0], body);
    EXPECT_EQ(pieces[1], " select 2");
    EXPECT_EQ(pieces[3], " select 3");
    EXPECT_EQ(split_all("create table begin_ (a int); select 1;", {}).size(), 2u);
}

TEST(Parse, WhatOnlyMySqlReads) {
    EXPECT_EQ(canonical("select a sounds like 'b'"), "select soundex(a) = soundex('b') from dual");
    EXPECT_EQ(canonical("select 1 from {oj t left join u on t.a = u.a}"),
              "select 1 from t left join u on t.a = u.a");
    EXPECT_EQ(canonical("explain analyze format=tree table t"), "explain analyze select * from t");
    EXPECT_EQ(canonical("explain for connection 7"), "explain for connection 7");
    EXPECT_EQ(canonical("select 1 from t straight_join u using (a)"),
              "select 1 from t straight_join u using (a)");
}

TEST(Parse, SetOperations) {
    struct Case {
        std::string_view text;
        std::string_view want;
    };
    for (
        const auto& [text, want] : {
            Case{
                "select 1 union select 2 intersect select 3 except all select 4",
                "select 1 from dual union (select 2 from dual intersect select 3 from dual) except "
                "all select 4 from dual"},
            Case{"(select 1 union select 2) intersect select 3",
                 "(select 1 from dual union select 2 from dual) intersect select 3 from dual"},
            Case{"select a from t for update of t nowait for share of u",
                 "select a from t for update of t nowait for share of u"},
            Case{"table t order by a limit 1", "select * from t order by a asc limit 1"},
            Case{
                "values row(1, 'a'), row(2, 'b') order by column_0",
                "select 1 as column_0, 'a' as column_1 from dual union all select 2, 'b' from dual "
                "order by column_0 asc"},
            Case{"insert into t table u", "insert into t select * from u"},
            Case{"select * from (values row(1)) d",
                 "select * from (select 1 as column_0 from dual) "
                 "as d"},
        }) {
        const std::string printed = canonical(text);
        EXPECT_EQ(printed, want);
        EXPECT_EQ(canonical(printed), printed);
    }
}

TEST(Parse, SpansNameTheQualifiers) {
    const std::string text = "select ks.t.a from `ks`.t join u";
    const Statement statement = *parse(text);
    std::vector<std::string> qualifiers;
    for (const TableName* name : table_names(statement)) {
        if (name->qualifier.known())
            qualifiers.push_back(text.substr(name->qualifier.offset, name->qualifier.length));
    }
    for_each<Column>(statement, [&](const Column& column) {
        qualifiers.push_back(
            text.substr(column.table.qualifier.offset, column.table.qualifier.length));
    });
    EXPECT_EQ(qualifiers, (std::vector<std::string>{"`ks`.", "ks."}));
    const Statement ddl = *parse("alter table ks.a rename to ks.b");
    ASSERT_EQ(ddl.as<Ddl>()->tables.size(), 2u);
    EXPECT_EQ(ddl.as<Ddl>()->targets, 1u);
    EXPECT_EQ(ddl.as<Ddl>()->tables[1].qualifier.offset, 27u);
    EXPECT_EQ(format(*parse("select ks.t.a from ks.t"),
                     {.table = {}, .variable = {}, .without_qualifiers = true}),
              "select t.a from t");
}

TEST(Walk, FindsAndRewrites) {
    Statement statement =
        *parse("select a, (select b from u where c = 1) from t where not d in (select 2)");
    int columns = 0;
    for_each<Column>(statement, [&](const Column&) { ++columns; });
    EXPECT_EQ(columns, 4);
    EXPECT_EQ(find<Aggregate>(statement), nullptr);
    rewrite(statement, [](Expr& node) {
        if (const auto* column = node.as<Column>(); column != nullptr && column->name == "c")
            node = NullLiteral{};
    });
    EXPECT_EQ(
        format(statement),
        "select a, (select b from u where null = 1) from t where not d in (select 2 from dual)");
    EXPECT_EQ(statement, Statement(statement));
}

TEST(Normalize, AsRecorded) {
    struct Case {
        std::string_view text;
        std::string_view want;
    };
    for (const auto& [text, want] : {
             Case{"select a from t where id = 5 and b = 5 and c = 6",
                  "select a from t where id = :id /* INT64 */ and b = :id /* INT64 */ and c = :c "
                  "/* INT64 */"},
             Case{"select a from t where u.id in (1, 2) and a in (1, null)",
                  "select a from t where u.id in ::vtg1 and a in (:vtg2 /* INT64 */, null)"},
             Case{"insert into t values (1, 1)",
                  "insert into t values (:vtg1 /* INT64 */, :vtg2 /* INT64 */)"},
             Case{"update t set a = 1 where id = 1 limit 1",
                  "update t set a = :a /* INT64 */ where id = :a /* INT64 */ limit :vtg1 /* INT64 "
                  "*/"},
             Case{"select 1e3, 1.5, 5. from t order by 1",
                  "select CAST(:vtg1 AS DOUBLE), :vtg2 /* DECIMAL(2,1) */, CAST(:vtg3 AS "
                  "DECIMAL(1, 0)) from t order by 1 asc"},
             Case{"select last_insert_id(), @@autocommit + @x from t where not a < 2",
                  "select :__lastInsertId as `last_insert_id()`, :__vtautocommit + :__vtudvx as "
                  "`@@autocommit + @x` "
                  "from t where a >= :a /* INT64 */"},
             Case{"select * from t where exists (select a, b from u group by a)",
                  "select * from t where exists (select 1 from u)"},
             Case{"select * from (select 1 as x) d where x = 1",
                  "select * from (select 1 as x from dual) as d where x = :x /* INT64 */"},
         }) {
        const Result<Normalized> normal = normalize(*parse(text), {});
        ASSERT_TRUE(normal) << text;
        EXPECT_EQ(format(normal->statement), want) << text;
    }
    EXPECT_EQ(normalize(*parse("select date'2020-13-01'"), {}).error().text,
              "Incorrect DATE value: '2020-13-01'");
    EXPECT_TRUE(
        directives(*parse("select /*vt+ ALLOW_SCATTER PRIORITY=5 */ 1")).is_set("allow_scatter"));
}

TEST(Unquote, TheFirstOfAdjacentStrings) {
    const std::pair<const char*, const char*> cases[] = {
        {"'a' 'b'", "a"}, {"'it''s'\t'b'", "it's"}, {"\"a\\n\" 'b'", "a\n"}, {"'alone'", "alone"}};
    for (const auto& [text, want] : cases) EXPECT_EQ(unquote_first(text, {}), want) << text;
    EXPECT_EQ(unquote_first(R"('a\' 'b')", {.no_backslash_escapes = true}), "a\\");
}

}  // namespace
}  // namespace sluice::sql
