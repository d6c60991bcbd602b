#include "engine/bindings.h"

#include <gtest/gtest.h>

namespace sluice::engine {
namespace {

using plan::ValueRef;
using plan::Variable;
using plan::VariableIndex;
using plan::VariableKind;

// A text, its fingerprint, and a plan that has one variable for each slot.
struct Bound {
    std::string text;
    sql::Fingerprint slots;
    plan::Plan plan;
    Statement statement;

    explicit Bound(std::string client_text, sql::LexerMode mode = {})
        : text(std::move(client_text)) {
        sql::fingerprint(text, mode, {}, slots);
        for (std::uint32_t i = 0; i < slots.slots().size(); ++i) {
            plan.variables.push_back({.name = "v" + std::to_string(i),
                                      .kind = VariableKind::literal,
                                      .source = {.slot = i, .count = 1}});
        }
        statement.text = text;
        statement.slots = &slots;
        statement.lexer_mode = mode;
    }
    VariableIndex add(Variable variable) {
        plan.variables.push_back(std::move(variable));
        return static_cast<VariableIndex>(plan.variables.size() - 1);
    }
};

std::string shown(const Result<ValueView>& value) {
    if (!value) return "error " + std::to_string(value.error().number);
    return std::string(type_name(value->type)) + " " + std::string(value->bytes);
}

TEST(Bindings, LiteralsAreValuesWhereTheyStand) {
    struct Case {
        const char* literal;
        bool negate;
        const char* want;
    };
    for (const auto& [literal, negate, want] : {
             Case{"5", false, "INT64 5"},
             Case{"5", true, "INT64 -5"},
             Case{"999999999999999999", false, "INT64 999999999999999999"},
             Case{"9223372036854775807", false, "INT64 9223372036854775807"},
             Case{"9223372036854775808", false, "UINT64 9223372036854775808"},
             Case{"18446744073709551616", false, "DECIMAL 18446744073709551616"},
             Case{"1.50", true, "DECIMAL -1.50"},
             Case{"1e3", false, "FLOAT64 1e3"},
             Case{"'abc'", false, "VARCHAR abc"},
             Case{"''", false, "VARCHAR "},
             Case{"'it''s'", false, "VARCHAR it's"},
             Case{R"('a\nb')", false, "VARCHAR a\nb"},
             Case{"\"abc\"", false, "VARCHAR abc"},
         }) {
        Bound bound(std::string("select a from t where b = ") + literal);
        ASSERT_EQ(bound.plan.variables.size(), 1u) << literal;
        Bindings bindings(&bound.plan, &bound.statement);
        EXPECT_EQ(shown(bindings.value({.from = VariableIndex{0}, .negate = negate})), want)
            << literal;
    }
}

TEST(Bindings, ParametersAreTakenInTheirOwnType) {
    struct Case {
        std::uint8_t field;
        bool is_unsigned;
        std::vector<std::uint8_t> raw;
        const char* want;
    };
    for (const auto& [field, is_unsigned, raw, want] : {
             Case{wire::field_type::tiny, false, {0xff}, "INT64 -1"},
             Case{wire::field_type::tiny, true, {0xff}, "UINT64 255"},
             Case{wire::field_type::short_, false, {0x00, 0x80}, "INT64 -32768"},
             Case{wire::field_type::long_, false, {1, 0, 0, 0}, "INT64 1"},
             Case{wire::field_type::longlong,
                  false,
                  {0, 0, 0, 0, 0, 0, 0, 0x80},
                  "INT64 -9223372036854775808"},
             Case{wire::field_type::longlong,
                  true,
                  {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
                  "UINT64 18446744073709551615"},
             Case{wire::field_type::var_string, false, {'a', '\''}, "VARCHAR a'"},
             Case{wire::field_type::blob, false, {'x'}, "VARBINARY x"},
         }) {
        Bound bound("select a from t where b = ?");
        const VariableIndex index =
            bound.add({.name = "p", .kind = VariableKind::parameter, .source = {.slot = 0}});
        const wire::Parameter parameter{.type = {.field = field, .is_unsigned = is_unsigned},
                                        .raw = raw};
        bound.statement.parameters = {&parameter, 1};
        Bindings bindings(&bound.plan, &bound.statement);
        EXPECT_EQ(shown(bindings.value({.from = index})), want);
        // The inline place for one number does not outlive its first use by a second value.
        EXPECT_EQ(shown(bindings.value({.from = index})), want);
    }
}

TEST(Bindings, TwoNumberParametersDoNotShareAPlace) {
    Bound bound("select ?, ?");
    const VariableIndex first =
        bound.add({.name = "p0", .kind = VariableKind::parameter, .source = {.slot = 0}});
    const VariableIndex second =
        bound.add({.name = "p1", .kind = VariableKind::parameter, .source = {.slot = 1}});
    const std::vector<std::uint8_t> seven{7}, eight{8};
    const wire::ParameterType tiny{.field = wire::field_type::tiny};
    const std::vector<wire::Parameter> parameters{{.type = tiny, .raw = seven},
                                                  {.type = tiny, .raw = eight}};
    bound.statement.parameters = parameters;
    Bindings bindings(&bound.plan, &bound.statement);
    const Result<ValueView> one = bindings.value({.from = first});
    const Result<ValueView> other = bindings.value({.from = second});
    EXPECT_EQ(shown(one), "INT64 7");
    EXPECT_EQ(shown(other), "INT64 8");
}

TEST(Bindings, WhatHasNoValueIsAnErrorAndNotACrash) {
    Bound bound("select a from t where b in (1, 2)");
    const VariableIndex parameter =
        bound.add({.name = "p", .kind = VariableKind::parameter, .source = {.slot = 3}});
    const VariableIndex need = bound.add({.name = "__vtdbname", .kind = VariableKind::need});
    const VariableIndex made = bound.add({.name = "__seq0", .kind = VariableKind::made});
    const VariableIndex beyond =
        bound.add({.name = "x", .kind = VariableKind::literal, .source = {.slot = 9, .count = 1}});
    Bindings bindings(&bound.plan, &bound.statement);
    for (const VariableIndex index : {VariableIndex{0}, parameter, need, made, beyond})
        EXPECT_EQ(shown(bindings.value({.from = index})), "error 1815") << index;
    EXPECT_FALSE(bindings.list({.from = Value{Type::int64, "1"}}).has_value());
    EXPECT_FALSE(bindings.list({.from = made}).has_value());
}

std::string shown(const Result<std::vector<ValueView>>& list) {
    if (!list) return "error";
    std::string text;
    for (const ValueView& value : *list) {
        text += (text.empty() ? "" : ", ");
        append_literal(text, value);
    }
    return text;
}

TEST(Bindings, Lists) {
    struct Case {
        const char* list;
        const char* want;
    };
    for (const auto& [list, want] : {
             Case{"(1, 2, 3)", "1, 2, 3"},
             Case{"(1)", "1"},
             Case{"('a','b\\'c')", "'a', 'b\\'c'"},
             Case{"( 1 , /* c */ 2 )", "1, 2"},
         }) {
        Bound bound(std::string("select a from t where b in ") + list);
        ASSERT_EQ(bound.plan.variables.size(), 1u) << list;
        Bindings bindings(&bound.plan, &bound.statement);
        const ValueRef ref{.from = VariableIndex{0}};
        EXPECT_TRUE(bindings.is_list(ref)) << list;
        EXPECT_EQ(shown(bindings.list(ref)), want) << list;
    }
    // Literals of two kinds are slots of their own, and one variable.
    Bound mixed("select a from t where b in (1, 'x')");
    ASSERT_EQ(mixed.plan.variables.size(), 2u);
    const VariableIndex both = mixed.add(
        {.name = "both", .kind = VariableKind::literal, .source = {.slot = 0, .count = 2}});
    Bindings bindings(&mixed.plan, &mixed.statement);
    EXPECT_TRUE(bindings.is_list({.from = both}));
    EXPECT_EQ(shown(bindings.list({.from = both})), "1, 'x'");
    EXPECT_EQ(shown(bindings.list({.items = {{.from = VariableIndex{0}, .negate = true},
                                             {.from = Value{Type::varchar, "y"}}}})),
              "-1, 'y'");
}

TEST(Bindings, MadeValuesReplaceEachOther) {
    Bound bound("select 1");
    const VariableIndex made = bound.add({.name = "__vals", .kind = VariableKind::made});
    Bindings bindings(&bound.plan, &bound.statement);
    bindings.set(made, {.value = {Type::int64, "1"}});
    EXPECT_EQ(shown(bindings.value({.from = made})), "INT64 1");
    bindings.set(made,
                 {.value = {Type::tuple, ""}, .list = {{Type::int64, "4"}, {Type::varchar, "a"}}});
    EXPECT_TRUE(bindings.is_list({.from = made}));
    EXPECT_EQ(shown(bindings.list({.from = made})), "4, 'a'");
}

TEST(Bindings, NeedsAndConstants) {
    Bound bound("select database()");
    const VariableIndex need = bound.add({.name = "__vtdbname", .kind = VariableKind::need});
    const VariableIndex constant =
        bound.add({.name = "c",
                   .kind = VariableKind::constant,
                   .source = {},
                   .value = {.value = {Type::varchar, "x"}, .list = {}}});
    const BindVars needs{{"__vtdbname", {.value = {Type::varchar, "ks"}, .list = {}}}};
    bound.statement.needs = &needs;
    Bindings bindings(&bound.plan, &bound.statement);
    EXPECT_EQ(shown(bindings.value({.from = need})), "VARCHAR ks");
    EXPECT_EQ(shown(bindings.value({.from = constant})), "VARCHAR x");
}

TEST(Bindings, RendersLiteralsAsTheClientWroteThem) {
    Bound bound("select a from t where b = 0x1F and c in ( 1,2 ) and d = 'it''s'");
    ASSERT_EQ(bound.plan.variables.size(), 3u);
    const VariableIndex made = bound.add({.name = "__seq0", .kind = VariableKind::made});
    Bindings bindings(&bound.plan, &bound.statement);
    bindings.set(made, {.value = {Type::varchar, "a'b\\"}});
    const plan::Template text{.pieces = {{.text = "b = ", .variable = 0},
                                         {.text = " c in ", .variable = 1, .list = true},
                                         {.text = " d = ", .variable = 2},
                                         {.text = " e = ", .variable = made},
                                         {.text = " end"}},
                              .normalized = {}};
    std::string out = "> ";
    ASSERT_TRUE(bindings.render(text, out).has_value());
    EXPECT_EQ(out, R"(> b = 0x1F c in ( 1,2 ) d = 'it''s' e = 'a\'b\\' end)");
}

TEST(Bindings, RendersListsAndNegatedValues) {
    Bound bound("select a from t where b = 5");
    const VariableIndex made = bound.add({.name = "__vals", .kind = VariableKind::made});
    Bindings bindings(&bound.plan, &bound.statement);
    bindings.set(made, {.value = {Type::tuple, ""},
                        .list = {{Type::int64, "4"}, {Type::varchar, "a'"}, {}}});
    const plan::Template text{.pieces = {{.text = "", .variable = 0, .negate = true},
                                         {.text = " in ", .variable = made, .list = true}},
                              .normalized = {}};
    std::string out;
    ASSERT_TRUE(bindings.render(text, out).has_value());
    EXPECT_EQ(out, R"(-5 in (4, 'a\'', null))");
}

// Under NO_BACKSLASH_ESCAPES \' does not keep a string open: what follows would be SQL.
TEST(Bindings, RendersForTheSessionsEscapes) {
    const sql::LexerMode mode{.no_backslash_escapes = true};
    Bound bound("select ?", mode);
    const VariableIndex made = bound.add({.name = "__x", .kind = VariableKind::made});
    const plan::Template text{.pieces = {{.text = "", .variable = made}}, .normalized = {}};
    for (const auto& [type, bytes, want] : {
             std::tuple{Type::varchar, "a' or 1=1 -- ", "'a'' or 1=1 -- '"},
             std::tuple{Type::varchar, R"(a\)", R"('a\')"},
             std::tuple{Type::varbinary, "b'", "_binary'b'''"},
             std::tuple{Type::int64, "1", "1"},
         }) {
        Bindings bindings(&bound.plan, &bound.statement);
        bindings.set(made, {.value = {type, bytes}});
        std::string out;
        ASSERT_TRUE(bindings.render(text, out).has_value());
        EXPECT_EQ(out, want);
    }
}

}  // namespace
}  // namespace sluice::engine
