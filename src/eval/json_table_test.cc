// JSON_TABLE's rows, as MySQL 9.7 gives them.
#include "eval/json_table.h"

#include <gtest/gtest.h>

#include "eval/detail/test_expressions.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace sluice::eval {
namespace {

// Rows as "a|b" with one line each, or "error NUMBER".
std::string rows_of(const std::string& table,
                    Environment environment = testing::fixed_environment()) {
    const auto statement = sql::parse("select * from json_table(" + table + ") t");
    if (!statement) return "unparsed";
    const auto& select = std::get<sql::Select>(statement->as<sql::Query>()->node);
    const auto* written = select.from.front().as<sql::JsonTable>();
    if (written == nullptr) return "no table";
    const auto bound = JsonTable::bind(*written, {}, environment);
    if (!bound) return "error " + std::to_string(bound.error().number);
    auto rows = JsonTableRows::open(*bound, {}, environment);
    if (!rows) return "error " + std::to_string(rows.error().number);
    std::string out;
    for (;;) {
        const auto more = rows->next(environment);
        if (!more) return out + "error " + std::to_string(more.error().number);
        if (!*more) return out;
        for (std::size_t i = 0; i < rows->row().size(); ++i) {
            const Datum& datum = rows->row()[i];
            if (i > 0) out += "|";
            out += datum.is_null() ? "NULL" : value_text(bound->columns()[i].type, datum);
        }
        out += "\n";
    }
}

TEST(JsonTable, NestsAndCounts) {
    EXPECT_EQ(rows_of(R"('[{"a":1,"b":[1,2]},{"a":"x","b":[]},{"b":[{"c":3}]}]', '$[*]' columns()"
                      R"(n for ordinality, a int path '$.a', e int exists path '$.a', )"
                      R"(nested path '$.b[*]' columns(m for ordinality, b json path '$', )"
                      R"(c int path '$.c')))"),
              "1|1|1|1|1|NULL\n1|1|1|2|2|NULL\n2|NULL|1|NULL|NULL|NULL\n3|NULL|0|1|{\"c\": 3}|3\n");
    EXPECT_EQ(rows_of(R"('[1,2]', '$[*]' columns(a int path '$', )"
                      R"(nested path '$.x[*]' columns (b int path '$'), )"
                      R"(nested path '$.y' columns(c int path '$')))"),
              "1|NULL|NULL\n2|NULL|NULL\n");
    // One sibling after the other.
    EXPECT_EQ(rows_of(R"('[{"x":[1,2],"y":[3]},{"y":4}]', '$[*]' columns()"
                      R"(nested path '$.x[*]' columns (b int path '$'), )"
                      R"(nested path '$.y' columns(c json path '$', d for ordinality)))"),
              "1|NULL|NULL\n2|NULL|NULL\nNULL|[3]|1\nNULL|4|1\n");
    EXPECT_EQ(
        rows_of(R"('[[1,2],[3]]', '$[*]' columns(n for ordinality, nested path '$[*]' columns()"
                R"(m for ordinality, nested path '$' columns(o for ordinality, v int path '$'))))"),
        "1|1|1|1\n1|2|1|2\n2|1|1|3\n");
    EXPECT_EQ(rows_of("null, '$' columns(a int path '$')"), "");
    EXPECT_EQ(rows_of("'[1,2,3]', '$[1 to last]' columns(a int path '$')"), "2\n3\n");
    EXPECT_EQ(rows_of("'5', '$[0]' columns(a int path '$')"), "5\n");
    EXPECT_EQ(rows_of("'5', '$[*]' columns(a int path '$')"), "");
}

TEST(JsonTable, WhatDoesNotFit) {
    struct Case {
        std::string document, column, rows;
    };
    for (const Case& each : {
             Case{R"({"a":[1,2]})", "a int path '$.a[*]'", "NULL\n"},
             Case{R"({"a":[1,2]})", "a json path '$.a[*]'", "[1, 2]\n"},
             Case{R"({"a":[1]})", "a int path '$.a' error on error", "error 3666"},
             Case{R"({"a":[1]})", "a int path '$.a[*]' error on error", "1\n"},
             Case{R"({"a":"abcdef"})", "a varchar(3) path '$.a'", "NULL\n"},
             Case{R"({"a":"abcdef"})", "a varchar(3) path '$.a' error on error", "error 3669"},
             Case{R"({"a":"abc   "})", "a varchar(3) path '$.a' error on error", "abc\n"},
             Case{R"({"a":"abc"})", "a char(5) path '$.a'", "abc\n"},
             Case{R"({"a":"asd"})", "a int path '$.a' error on error", "error 3156"},
             Case{R"({"a":"12asd"})", "a int path '$.a'", "NULL\n"},
             Case{R"({"a":"12"})", "a int path '$.a'", "12\n"},
             Case{R"({"a":2.5})", "a int path '$.a'", "2\n"},
             Case{R"({"a":"1.5"})", "a int path '$.a'", "NULL\n"},
             Case{R"({"a":null})", "a int path '$.a' default '5' on empty error on error",
                  "NULL\n"},
             Case{R"({"a":null})", "a json path '$.a'", "NULL\n"},
             Case{"{}", "a int path '$.a' default '5' on empty", "5\n"},
             Case{"{}", "a json path '$.a' default '{\"x\":1}' on empty", "{\"x\": 1}\n"},
             Case{"{}", "a int path '$.a' default 'x' on empty", "error 3141"},
             Case{"{}", "a int path '$.a' default '\"x\"' on empty", "error 3156"},
             Case{"{}", "a int path '$.a' default '[1]' on empty", "error 1067"},
             Case{R"({"a":"x"})", "a int path '$.a' default '7' on error", "7\n"},
             Case{"{}", "a int path '$.a' error on empty", "error 3665"},
             Case{"{}", "a int path '$.a' null on empty error on error", "NULL\n"},
             Case{"[1]", "a int path 'x'", "error 3143"},
             Case{"[1]", "a int path '$', A int path '$'", "error 1060"},
             Case{"x", "a int path '$'", "error 3141"},
             Case{R"({"a":""})", "a double path '$.a'", "0\n"},
             Case{R"({"a":" 12 "})", "a decimal(5,1) path '$.a'", "12.0\n"},
             Case{"{}", "a json path '$.a' default 'null' on empty", "null\n"},
             Case{R"({"a":"2024-02-29x"})", "a date path '$.a'", "2024-02-29\n"},
             Case{R"({"a":12.5})", "a year path '$.a'", "2012\n"},
             Case{"{}", "a int path '$.a' default 'null' on empty", "error 3156"},
             Case{"{}", "a varchar(4) path '$.a' default 'null' on empty", "null\n"},
         }) {
        EXPECT_EQ(rows_of("'" + each.document + "', '$' columns(" + each.column + ")"), each.rows)
            << each.document << " " << each.column;
    }
    EXPECT_EQ(rows_of("5, '$' columns(a int path '$')"), "error 3146");
    EXPECT_EQ(rows_of("x'31', '$' columns(a int path '$')"), "error 3144");
    EXPECT_EQ(rows_of("'[1]', 'x' columns(a int path '$')"), "error 3143");
}

TEST(JsonTable, TypesOfColumns) {
    EXPECT_EQ(rows_of("'[300,-1,1e10,99999999999]', '$[*]' columns(a tinyint path '$', "
                      "c int path '$', d bigint path '$', f smallint path '$')"),
              "NULL|300|300|300\n-1|-1|-1|-1\nNULL|NULL|10000000000|NULL\n"
              "NULL|NULL|99999999999|NULL\n");
    EXPECT_EQ(rows_of("'[1.23456,123456.7,-5]', '$[*]' columns(a decimal(5,2) path '$', "
                      "b float path '$', c double path '$', d decimal path '$', "
                      "f varchar(20) path '$', g float(5,2) path '$')"),
              "1.23|1.23456|1.23456|1|1.23456|1.23\nNULL|123457|123456.7|123457|123456.7|NULL\n"
              "-5.00|-5|-5|-5|-5|-5.00\n");
    EXPECT_EQ(
        rows_of(R"('["2024-01-01","2024-01-01 10:11:12.567","10:11:12.567","x",20240101,)"
                R"("2024-13-01",2024]', '$[*]' columns(a date path '$', b datetime path '$', )"
                R"(c datetime(2) path '$', d time path '$', e time(3) path '$', )"
                R"(g year path '$'))"),
        "2024-01-01|2024-01-01 00:00:00|2024-01-01 00:00:00.00|00:20:24|00:20:24.000|NULL\n"
        "2024-01-01|2024-01-01 10:11:13|2024-01-01 10:11:12.57|10:11:13|10:11:12.567|NULL\n"
        "NULL|NULL|NULL|10:11:13|10:11:12.567|NULL\n"
        "NULL|NULL|NULL|NULL|NULL|NULL\n"
        "2024-01-01|2024-01-01 00:00:00|2024-01-01 00:00:00.00|NULL|NULL|NULL\n"
        "NULL|NULL|NULL|00:20:24|00:20:24.000|NULL\n"
        "NULL|NULL|NULL|00:20:24|00:20:24.000|2024\n");
    EXPECT_EQ(rows_of(R"('["a",[1],1.50,1e3,null,true]', '$[*]' columns(a text path '$', )"
                      R"(c blob path '$', e varbinary(5) path '$', f json path '$'))"),
              "a|a|a|\"a\"\nNULL|NULL|NULL|[1]\n1.5|1.5|1.5|1.5\n1000.0|1000.0|NULL|1000.0\n"
              "NULL|NULL|NULL|NULL\ntrue|true|true|true\n");
    EXPECT_EQ(rows_of("'[\"a\",\"\\u00e9\",1]', '$[*]' columns(b char(3) charset ascii path '$')"),
              "a\nNULL\n1\n");
    EXPECT_EQ(rows_of("json_array(cast('2024-01-01 10:11:12.5' as datetime(1)), time'10:11:12', "
                      "date'2024-02-02', 1.25, x'4142'), '$[*]' columns(a datetime path '$', "
                      "b date path '$', c time path '$', d varchar(40) path '$', "
                      "f decimal(4,1) path '$', g blob path '$')"),
              "2024-01-01 10:11:13|2024-01-01|10:11:13|2024-01-01 10:11:12.500000|NULL|"
              "2024-01-01 10:11:12.500000\n"
              "2010-11-12 00:00:00|2010-11-12|10:11:12|10:11:12.000000|NULL|10:11:12.000000\n"
              "2024-02-02 00:00:00|2024-02-02|00:20:24|2024-02-02|NULL|2024-02-02\n"
              "NULL|NULL|00:00:01|1.25|1.3|1.25\nNULL|NULL|NULL|AB|NULL|AB\n");
}

TEST(JsonTable, UnsignedColumns) {
    EXPECT_EQ(rows_of("'[1,-1,300,18446744073709551615]', '$[*]' columns(a tinyint unsigned path "
                      "'$', b bigint unsigned path '$', c int(5) zerofill path '$', "
                      "d decimal(20) unsigned path '$', e double unsigned path '$')"),
              "1|1|1|1|1\nNULL|NULL|NULL|NULL|NULL\nNULL|300|300|300|300\n"
              "NULL|18446744073709551615|NULL|18446744073709551615|1.8446744073709552e19\n");
    EXPECT_EQ(rows_of("'[-1]', '$[*]' columns(a int unsigned path '$' error on error)"),
              "error 3669");
    EXPECT_EQ(rows_of("'{}', '$' columns(a int unsigned path '$.x' default '-1' on empty)"),
              "error 3669");
    EXPECT_EQ(rows_of("'[1]', '$' columns(a int(300) path '$')"), "error 1439");
}

TEST(JsonTable, MembersOfEnumAndSet) {
    // An ENUM takes the empty text for what is no member.
    EXPECT_EQ(rows_of(R"('["a","B ","c",1,"2",3,0,"",true,1.5,null]', '$[*]' columns()"
                      R"(a enum('A','b') path '$' default '"b"' on error))"),
              "A\nb\n\nA\nb\n\n\n\n\n\nNULL\n");
    EXPECT_EQ(rows_of(R"('["q"]', '$[*]' columns(a enum('a') path '$' error on error))"),
              "error 3669");
    EXPECT_EQ(rows_of(R"('["a","b,a","c","a,q",3,4,0,"","3",true]', '$[*]' columns()"
                      R"(a set('A','b') path '$'))"),
              "A\nA,b\nNULL\nA\nA,b\nNULL\n\n\nA,b\nNULL\n");
    EXPECT_EQ(rows_of(R"('["q",4]', '$[*]' columns(a set('a','b') path '$' )"
                      R"(default '"b"' on error))"),
              "b\nb\n");
    EXPECT_EQ(rows_of(R"('["A"]', '$[*]' columns(a enum('a') collate utf8mb4_bin path '$', )"
                      R"(b enum('a') charset latin1 path '$'))"),
              "|a\n");
}

TEST(JsonTable, CollationsAndOtherNames) {
    EXPECT_EQ(rows_of(R"('["é"]', '$[*]' columns(a varchar(3) charset latin1 path '$', )"
                      R"(b char varying(3) collate utf8mb4_bin path '$', )"
                      R"(c varchar(1) collate binary path '$', d long path '$'))"),
              "\xe9|é|NULL|é\n");
    EXPECT_EQ(rows_of("'[1]', '$' columns(a varchar(3) charset latin1 collate utf8mb4_bin path "
                      "'$')"),
              "error 1253");
    EXPECT_EQ(rows_of("'[1]', '$' columns(a varchar(3) collate nothing path '$')"), "error 1273");
    EXPECT_EQ(rows_of("'[5]', '$[*]' columns(a int4 path '$', b float8 path '$', "
                      "c double precision path '$', d integer unsigned path '$')"),
              "5|5|5|5\n");
    EXPECT_EQ(rows_of("'[5]', '$[*]' columns(a serial path '$')"), "error 1235");
}

}  // namespace
}  // namespace sluice::eval
