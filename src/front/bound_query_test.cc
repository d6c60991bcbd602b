#include "front/bound_query.h"

#include <gtest/gtest.h>

#include "query.pb.h"

namespace sluice::front {
namespace {

using Variables = std::vector<std::pair<std::string, ::query::BindVariable>>;

::query::BindVariable value(::query::Type type, std::string bytes) {
    ::query::BindVariable made;
    made.set_type(type);
    made.set_value(std::move(bytes));
    return made;
}

::query::BindVariable list(std::vector<std::string> numbers) {
    ::query::BindVariable made;
    made.set_type(::query::TUPLE);
    for (std::string& number : numbers) {
        made.add_values()->set_type(::query::INT64);
        made.mutable_values()->rbegin()->set_value(std::move(number));
    }
    return made;
}

::query::BoundQuery query(std::string text, const Variables& variables) {
    ::query::BoundQuery made;
    made.set_sql(std::move(text));
    for (const auto& [name, variable] : variables)
        (*made.mutable_bind_variables())[name] = variable;
    return made;
}

struct Case {
    const char* text;
    Variables variables;
    const char* want;  // the text, or "! " and the error's
};

TEST(BoundQuery, ValuesStandWhereTheirNamesStood) {
    const Case cases[] = {
        {"select 1", {}, "select 1"},
        {"select 1", {{"unused", value(::query::INT64, "1")}}, "select 1"},
        {"select :a", {{"a", value(::query::INT64, "-5")}}, "select -5"},
        {"select :a, :a",
         {{"a", value(::query::UINT64, "18446744073709551615")}},
         "select 18446744073709551615, 18446744073709551615"},
        {"a = ? and b = ?",
         {{"v1", value(::query::VARCHAR, "it's")}, {"v2", value(::query::VARBINARY, "\\")}},
         R"(a = 'it\'s' and b = _binary'\\')"},
        {"a = ':a' /* :a */ and b = :a",
         {{"a", value(::query::DECIMAL, "1.50")}},
         "a = ':a' /* :a */ and b = 1.50"},
        {"a in ::l", {{"l", list({"1", "2"})}}, "a in (1, 2)"},
        {"a = :a", {{"a", value(::query::NULL_TYPE, "")}}, "a = null"},
        {"a = :a", {{"a", value(::query::FLOAT64, "1.5e-7")}}, "a = 1.5e-7"},
        {"a = :a",
         {{"a", value(::query::DATETIME, "2024-02-29 00:00:00")}},
         "a = '2024-02-29 00:00:00'"},
        {"a = :a", {{"a", value(::query::HEXNUM, "0x1F")}}, "a = 0x1F"},
        {"a = :a", {}, "! missing bind var a"},
        {"a = ? or b = ?", {{"v1", value(::query::INT64, "1")}}, "! missing bind var v2"},
        {"a in ::l", {{"l", list({})}}, "! empty list supplied for l"},
        {"a in ::l",
         {{"l", value(::query::INT64, "1")}},
         "! unexpected list arg type (INT64) for key l"},
        {"a = :l", {{"l", list({"1"})}}, "! unexpected arg type (TUPLE) for non-list key l"},
        // What is written without quotes can be nothing but a value of its type.
        {"a = :a",
         {{"a", value(::query::INT64, "1 or 1=1")}},
         "! a: INT64 is no type for the value \"1 or 1=1\""},
        {"a = :a", {{"a", value(::query::INT64, "")}}, "! a: INT64 is no type for the value \"\""},
        {"a = :a",
         {{"a", value(::query::FLOAT64, "1e")}},
         "! a: FLOAT64 is no type for the value \"1e\""},
        {"a = :a",
         {{"a", value(::query::DECIMAL, "1.2.3")}},
         "! a: DECIMAL is no type for the value \"1.2.3\""},
        {"a = :a",
         {{"a", value(::query::HEXNUM, "0x1F or 1")}},
         "! a: HEXNUM is no type for the value \"0x1F or 1\""},
        {"a = :a",
         {{"a", value(::query::EXPRESSION, "sleep(9)")}},
         "! a: EXPRESSION is no type for the value \"sleep(9)\""},
        {"a = :a", {{"a", value(static_cast<::query::Type>(77), "x")}}, "! a: there is no type 77"},
    };
    for (const Case& each : cases) {
        const Result<std::string> got = text_with_values(query(each.text, each.variables), {});
        EXPECT_EQ(got ? *got : "! " + got.error().text, each.want) << each.text;
        if (!got) EXPECT_EQ(got.error().code, Code::invalid_argument);
    }
}

TEST(BoundQuery, QuotesAsTheSessionReadsThem) {
    const auto one = query("a = :a", {{"a", value(::query::VARCHAR, "\\'")}});
    EXPECT_EQ(*text_with_values(one, {.no_backslash_escapes = true}), "a = '\\'''");
    EXPECT_EQ(*text_with_values(one, {}), R"(a = '\\\'')");
}

TEST(BoundQuery, ParametersOfPrepare) {
    EXPECT_EQ(text_with_parameters(query("a = :a and b in ::b and c = ?", {}), {}),
              "a = ? and b in (?) and c = ?");
    EXPECT_EQ(text_with_parameters(query("select ':a'", {}), {}), "select ':a'");
}

}  // namespace
}  // namespace sluice::front
