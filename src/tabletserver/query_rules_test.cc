#include "tabletserver/query_rules.h"

#include <gtest/gtest.h>

namespace sluice::tabletserver {
namespace {

Variables variables_of(
    std::initializer_list<std::tuple<const char*, ::query::Type, const char*>> all) {
    std::vector<Variable> made;
    for (const auto& [name, type, value] : all)
        made.push_back({.name = name, .type = type, .value = value});
    return Variables(std::move(made));
}

// What becomes of a statement: "" or the refusal.
struct Asked {
    const char* sql = "select id from t where id = :id";
    RuledStatement statement{};
    bool stream = false;
};
std::string outcome(const char* rules, const Asked& asked) {
    Result<QueryRules> parsed = QueryRules::parse(rules);
    if (!parsed) return "bad rules: " + parsed.error().text;
    const RuleSources sources = RuleSources().with(file_source, std::move(*parsed));
    const Plan plan = build_plan(asked.sql, {}, asked.stream).value();
    const Variables none;
    RuledStatement statement = asked.statement;
    if (statement.variables == nullptr) statement.variables = &none;
    const Result<void> checked = check_rules(sources.for_plan(asked.sql, plan), statement);
    if (checked) return "";
    return std::string(code_name(checked.error().code)) + " " + checked.error().text;
}

constexpr const char* refused = "INVALID_ARGUMENT disallowed due to rule: no";

TEST(QueryRules, ConditionsOnTheStatement) {
    const struct {
        const char *rule, *sql;
        bool stream;
        const char* want;
    } cases[] = {
        {R"([{"Description": "no"}])", "select 1 from t", false, refused},
        {R"([{"Description": "no", "Query": "select .* from t"}])", "select 1 from t", false,
         refused},
        {R"([{"Description": "no", "Query": "select"}])", "select 1 from t", false, ""},
        // As in v21 the alternatives are not put in brackets: this one is "^a" or "from t$".
        {R"([{"Description": "no", "Query": "a|from t"}])", "select 1 from t", false, refused},
        {R"([{"Description": "no", "Plans": ["Insert", "Select"]}])", "select 1 from t", false,
         refused},
        {R"([{"Description": "no", "Plans": ["Insert"]}])", "select 1 from t", false, ""},
        {R"([{"Description": "no", "Plans": ["Select"]}])", "select 1 from t", true, ""},
        {R"([{"Description": "no", "Plans": ["SelectStream"]}])", "select 1 from t", true, refused},
        {R"([{"Description": "no", "Plans": ["MessageStream"]}])", "select 1 from t", true, ""},
        {R"([{"Description": "no", "TableNames": ["x", "t"]}])", "select 1 from t", false, refused},
        {R"([{"Description": "no", "TableNames": ["x"]}])", "select 1 from t", false, ""},
        {R"([{"Description": "no", "TableNames": ["u"]}])", "select 1 from t join u", true,
         refused},
        {R"([{"Description": "no", "TableNames": []}])", "select 1 from t", false, refused},
    };
    for (const auto& [rule, sql, stream, want] : cases)
        EXPECT_EQ(outcome(rule, {.sql = sql, .stream = stream}), want) << rule;
}

TEST(QueryRules, ConditionsOnTheCaller) {
    const RuledStatement statement{
        .peer = "10.1.2.3:4567", .user = "bob", .leading = "/* a */ ", .trailing = " /* z */"};
    for (const auto& [rule, want] : {
             std::pair{R"([{"Description": "no", "RequestIP": "10\\.1\\.2\\.3:.*"}])", refused},
             {R"([{"Description": "no", "RequestIP": "10\\.1\\.2\\.3"}])", refused},
             {R"([{"Description": "no", "RequestIP": "10\\.1\\.2"}])", ""},
             {R"([{"Description": "no", "User": "b.b"}])", refused},
             {R"([{"Description": "no", "User": "gRPC"}])", refused},
             {R"([{"Description": "no", "User": "alice"}])", ""},
             {R"([{"Description": "no", "LeadingComment": ".*a.*"}])", refused},
             {R"([{"Description": "no", "LeadingComment": ".*z.*"}])", ""},
             {R"([{"Description": "no", "TrailingComment": ".*z.*"}])", refused},
             {R"([{"Description": "no", "TrailingComment": ".*z.*", "User": "alice"}])", ""},
         })
        EXPECT_EQ(outcome(rule, {.statement = statement}), want) << rule;
}

std::string condition(const std::string& rest) {
    return R"([{"Description": "no", "BindVarConds": [{"Name": "id", )" + rest + "}]}]";
}

TEST(QueryRules, ConditionsOnVariables) {
    const Variables number = variables_of({{"id", ::query::INT64, "5"}});
    const Variables negative = variables_of({{"id", ::query::INT64, "-5"}});
    const Variables large = variables_of({{"id", ::query::UINT64, "18446744073709551615"}});
    const Variables word = variables_of({{"id", ::query::VARCHAR, "abc"}});
    const Variables date = variables_of({{"id", ::query::DATE, "2020-01-01"}});
    const Variables none;
    const struct {
        const Variables* variables;
        const char* rest;
        bool applies;
    } cases[] = {
        {&number, R"("OnAbsent": false, "Operator": "")", true},
        {&number, R"("OnAbsent": true, "Operator": "")", false},
        {&none, R"("OnAbsent": true, "Operator": "")", true},
        {&none, R"("OnAbsent": false, "OnMismatch": true, "Operator": "==", "Value": 5)", false},
        {&number, R"("OnAbsent": false, "OnMismatch": false, "Operator": "==", "Value": 5)", true},
        {&number, R"("OnAbsent": false, "OnMismatch": false, "Operator": "!=", "Value": 5)", false},
        {&number, R"("OnAbsent": false, "OnMismatch": false, "Operator": "<", "Value": 6)", true},
        {&number, R"("OnAbsent": false, "OnMismatch": false, "Operator": ">=", "Value": 6)", false},
        {&number, R"("OnAbsent": false, "OnMismatch": false, "Operator": ">", "Value": 4)", true},
        {&number, R"("OnAbsent": false, "OnMismatch": false, "Operator": "<=", "Value": 5)", true},
        {&large, R"("OnAbsent": false, "OnMismatch": false, "Operator": ">", "Value": 5)", true},
        {&large, R"("OnAbsent": false, "OnMismatch": false, "Operator": "<", "Value": 5)", false},
        {&negative,
         R"("OnAbsent": false, "OnMismatch": false, "Operator": "<", "Value": 18446744073709551615)",
         true},
        {&large,
         R"("OnAbsent": false, "OnMismatch": false, "Operator": "==", "Value": 18446744073709551615)",
         true},
        {&word, R"("OnAbsent": false, "OnMismatch": false, "Operator": "==", "Value": "abc")",
         true},
        {&word, R"("OnAbsent": false, "OnMismatch": false, "Operator": "<", "Value": "abd")", true},
        {&word, R"("OnAbsent": false, "OnMismatch": false, "Operator": "MATCH", "Value": "a.c")",
         true},
        {&word, R"("OnAbsent": false, "OnMismatch": false, "Operator": "MATCH", "Value": "a")",
         false},
        {&word, R"("OnAbsent": false, "OnMismatch": false, "Operator": "NOMATCH", "Value": "a")",
         true},
        {&date, R"("OnAbsent": false, "OnMismatch": false, "Operator": "MATCH", "Value": ".*")",
         false},
        {&date, R"("OnAbsent": false, "OnMismatch": true, "Operator": "MATCH", "Value": ".*")",
         true},
    };
    for (const auto& [variables, rest, applies] : cases)
        EXPECT_EQ(outcome(condition(rest).c_str(), {.statement = {.variables = variables}}),
                  applies ? refused : "")
            << rest;
}

TEST(QueryRules, TheFirstThatAppliesDecides) {
    EXPECT_EQ(
        outcome(R"([{"Description": "again", "Action": "FAIL_RETRY"}, {"Description": "no"}])", {}),
        "FAILED_PRECONDITION disallowed due to rule: again");
    EXPECT_EQ(outcome(R"([{"Action": "BUFFER"}, {"Description": "no"}])", {}), "");
    EXPECT_EQ(outcome("null", {}), "");
}

TEST(QueryRules, RefusesFilesThatAreWrong) {
    for (const auto& [rules, want] : {
             std::pair{"{}", "query rules are no JSON list"},
             {"[1]", "a query rule is no JSON object"},
             {R"([{"Descr": ""}])", "unrecognized tag Descr"},
             {R"([{"Name": 1}])", "want string for Name"},
             {R"([{"Plans": "Select"}])", "want list for Plans"},
             {R"([{"Plans": ["Selekt"]}])", "invalid plan name: Selekt"},
             {R"([{"TableNames": [1]}])", "want string for TableNames"},
             {R"([{"Query": "["}])", "could not set Query condition: ["},
             {R"([{"RequestIP": "["}])", "could not set IP condition: ["},
             {R"([{"Action": "PASS"}])", "invalid Action PASS"},
             {R"([{"BindVarConds": [1]}])", "want json object for bind var conditions"},
             {R"([{"BindVarConds": [{}]}])", "Name missing in BindVarConds"},
             {R"([{"BindVarConds": [{"Name": "a"}]}])", "OnAbsent missing in BindVarConds"},
             {R"([{"BindVarConds": [{"Name": "a", "OnAbsent": 1}]}])", "want bool for OnAbsent"},
             {R"([{"BindVarConds": [{"Name": "a", "OnAbsent": true, "Operator": "~"}]}])",
              "invalid Operator ~"},
             {R"([{"BindVarConds": [{"Name": "a", "OnAbsent": true, "Operator": "=="}]}])",
              "Value missing in BindVarConds"},
             {R"([{"BindVarConds": [{"Name": "a", "OnAbsent": true, "Operator": "==",
                 "Value": 1.5}]}])",
              "want int64/uint64: 1.5E0"},
             {R"([{"BindVarConds": [{"Name": "a", "OnAbsent": true, "Operator": "==",
                 "Value": true}]}])",
              "want string or number: true"},
             {R"([{"BindVarConds": [{"Name": "a", "OnAbsent": true, "Operator": "MATCH",
                 "Value": 1}]}])",
              "want string: 1"},
             {R"([{"BindVarConds": [{"Name": "a", "OnAbsent": true, "Operator": "==",
                 "Value": 1}]}])",
              "OnMismatch missing in BindVarConds"},
         })
        EXPECT_EQ(outcome(rules, {}), std::string("bad rules: ") + want) << rules;
    EXPECT_TRUE(outcome("[", {}).starts_with("bad rules: query rules are no JSON: "));
}

TEST(QueryRules, DeniedTablesComeBeforeAllOthers) {
    const std::string names[] = {"t", "/^tmp_/"};
    RuleSources sources =
        RuleSources()
            .with(file_source, QueryRules::parse(R"([{"Action": "BUFFER"}])").value())
            .with(denied_tables_source, QueryRules::for_denied_tables(names).value());
    const Variables none;
    const auto check = [&](const char* sql) {
        const Plan plan = build_plan(sql, {}, false).value();
        const Result<void> end = check_rules(sources.for_plan(sql, plan), {.variables = &none});
        return end ? "" : end.error().text;
    };
    EXPECT_EQ(check("select 1 from t"), "disallowed due to rule: enforce denied tables");
    EXPECT_EQ(check("select 1 from tmp_1"), "disallowed due to rule: enforce denied tables");
    EXPECT_EQ(check("select 1 from u"), "");
    EXPECT_EQ(check("select 1 from a_tmp_1"), "");
    const std::string slashes[] = {"//"};
    EXPECT_TRUE(QueryRules::for_denied_tables(slashes).value().rules().empty());
    const std::string broken[] = {"/(/"};
    EXPECT_FALSE(QueryRules::for_denied_tables(broken).has_value());
    sources = sources.with(denied_tables_source, QueryRules());
    EXPECT_EQ(check("select 1 from t"), "");
}

TEST(QueryRules, AreShownAsTheyAreWritten) {
    const char* const text =
        R"([{"Description":"d","Name":"n","RequestIP":"1","User":"u","Query":"q",)"
        R"("LeadingComment":"l","TrailingComment":"t","Plans":["DDL"],"TableNames":["a"],)"
        R"("BindVarConds":[{"Name":"v","OnAbsent":true,"Operator":""},)"
        R"({"Name":"w","OnAbsent":false,"OnMismatch":true,"Operator":"<=","Value":7},)"
        R"({"Name":"x","OnAbsent":false,"OnMismatch":true,"Operator":"MATCH","Value":"y"}],)"
        R"("Action":"FAIL_RETRY"}])";
    const QueryRules rules = QueryRules::parse(text).value();
    EXPECT_EQ(rules.to_json(), text);
    EXPECT_EQ(RuleSources().with(file_source, rules).to_json(),
              std::string(R"({"FILE_CUSTOM_RULE":)") + text + "}");
}

}  // namespace
}  // namespace sluice::tabletserver
