// Beside a request to a tablet: query rules as they are written in files and records, and shown on
// a page. The names are v21's.
#include <algorithm>

#include <boost/json.hpp>

#include "base/overload.h"
#include "tabletserver/query_rules.h"

namespace sluice::tabletserver {
namespace {

namespace json = boost::json;
using Op = VariableCondition::Op;

constexpr std::string_view operators[] = {"", "==", "!=", "<", ">=", ">", "<=", "MATCH", "NOMATCH"};

// Plans that rules may name: also those that this tablet never makes.
constexpr std::string_view known_plans[] = {
    "Select",
    "Nextval",
    "SelectImpossible",
    "SelectLockFunc",
    "Insert",
    "InsertMessage",
    "Update",
    "UpdateLimit",
    "Delete",
    "DeleteLimit",
    "DDL",
    "Set",
    "OtherRead",
    "OtherAdmin",
    "SelectStream",
    "MessageStream",
    "Savepoint",
    "Release",
    "RollbackSavepoint",
    "Show",
    "Load",
    "Flush",
    "LockTables",
    "UnlockTables",
    "CallProcedure",
    "AlterMigration",
    "RevertMigration",
    "ShowMigrations",
    "ShowMigrationLogs",
    "ShowThrottledApps",
    "ShowThrottlerStatus",
};

std::unexpected<Error> wrong(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

Result<std::string> text_of(const json::value& value, std::string_view what) {
    if (const json::string* const text = value.if_string()) return std::string(*text);
    return wrong("want string for " + std::string(what));
}

Result<std::vector<std::string>> texts_of(const json::value& value, std::string_view what) {
    const json::array* const list = value.if_array();
    if (list == nullptr) return wrong("want list for " + std::string(what));
    std::vector<std::string> found;
    for (const json::value& each : *list) found.push_back(TRY(text_of(each, what)));
    return found;
}

// A field of a condition that must be there.
Result<const json::value*> field_of(const json::object& object, std::string_view name) {
    const json::value* const found = object.if_contains(name);
    if (found == nullptr) return wrong(std::string(name) + " missing in BindVarConds");
    return found;
}

Result<bool> flag_of(const json::object& object, std::string_view name) {
    const json::value* const found = TRY(field_of(object, name));
    if (const bool* const flag = found->if_bool()) return *flag;
    return wrong("want bool for " + std::string(name));
}

Result<void> read_operand(const json::value& value, VariableCondition* into) {
    const json::string* const text = value.if_string();
    if (into->op == Op::match || into->op == Op::no_match) {
        if (text == nullptr) return wrong("want string: " + json::serialize(value));
        into->value = TRY(RulePattern::whole(*text));
    } else if (text != nullptr) {
        into->value = std::string(*text);
    } else if (const std::int64_t* const number = value.if_int64()) {
        into->value = *number;
    } else if (const std::uint64_t* const large = value.if_uint64()) {
        into->value = *large;
    } else if (value.is_double()) {
        return wrong("want int64/uint64: " + json::serialize(value));
    } else {
        return wrong("want string or number: " + json::serialize(value));
    }
    return {};
}

Result<VariableCondition> read_condition(const json::value& value) {
    const json::object* const object = value.if_object();
    if (object == nullptr) return wrong("want json object for bind var conditions");
    VariableCondition made;
    made.name = TRY(text_of(*TRY(field_of(*object, "Name")), "Name in BindVarConds"));
    made.on_absent = TRY(flag_of(*object, "OnAbsent"));
    const std::string name = TRY(text_of(*TRY(field_of(*object, "Operator")), "Operator"));
    const auto* const found = std::ranges::find(operators, name);
    if (found == std::end(operators)) return wrong("invalid Operator " + name);
    made.op = static_cast<Op>(found - std::begin(operators));
    if (made.op == Op::none) return made;
    TRY(read_operand(*TRY(field_of(*object, "Value")), &made));
    made.on_mismatch = TRY(flag_of(*object, "OnMismatch"));
    return made;
}

Result<void> read_conditions(const json::value& value, QueryRule* into) {
    const json::array* const list = value.if_array();
    if (list == nullptr) return wrong("want list for BindVarConds");
    for (const json::value& each : *list) into->variables.push_back(TRY(read_condition(each)));
    return {};
}

Result<void> read_plans(const json::value& value, QueryRule* into) {
    into->plans = TRY(texts_of(value, "Plans"));
    for (const std::string& plan : into->plans) {
        if (std::ranges::find(known_plans, plan) == std::end(known_plans))
            return wrong("invalid plan name: " + plan);
    }
    return {};
}

Result<void> read_action(const json::value& value, QueryRule* into) {
    const std::string name = TRY(text_of(value, "Action"));
    if (name == "FAIL") {
        into->action = QueryRule::Action::fail;
    } else if (name == "FAIL_RETRY") {
        into->action = QueryRule::Action::fail_retry;
    } else if (name == "BUFFER") {
        into->action = QueryRule::Action::buffer;
    } else {
        return wrong("invalid Action " + name);
    }
    return {};
}

// Fields that are regular expressions, with v21's words for a bad one.
struct PatternField {
    std::string_view name, words;
    RulePattern QueryRule::* into;
};
constexpr PatternField pattern_fields[] = {
    {"RequestIP", "IP", &QueryRule::request_ip},
    {"User", "User", &QueryRule::user},
    {"Query", "Query", &QueryRule::query},
    {"LeadingComment", "LeadingComment", &QueryRule::leading_comment},
    {"TrailingComment", "TrailingComment", &QueryRule::trailing_comment},
};

Result<void> read_field(std::string_view name, const json::value& value, QueryRule* into) {
    for (const PatternField& field : pattern_fields) {
        if (field.name != name) continue;
        const std::string pattern = TRY(text_of(value, name));
        Result<RulePattern> made = RulePattern::whole(pattern);
        if (!made)
            return wrong("could not set " + std::string(field.words) + " condition: " + pattern);
        into->*field.into = std::move(*made);
        return {};
    }
    if (name == "Plans") return read_plans(value, into);
    if (name == "BindVarConds") return read_conditions(value, into);
    if (name == "Action") return read_action(value, into);
    if (name == "Name") {
        into->name = TRY(text_of(value, name));
    } else if (name == "Description") {
        into->description = TRY(text_of(value, name));
    } else if (name == "TableNames") {
        into->tables = TRY(texts_of(value, name));
    } else {
        return wrong("unrecognized tag " + std::string(name));
    }
    return {};
}

json::array array_of(const std::vector<std::string>& texts) {
    json::array list;
    for (const std::string& text : texts) list.emplace_back(text);
    return list;
}

json::object to_object(const VariableCondition& condition) {
    json::object made{{"Name", condition.name}, {"OnAbsent", condition.on_absent}};
    if (condition.op != Op::none) made["OnMismatch"] = condition.on_mismatch;
    made["Operator"] = operators[static_cast<std::size_t>(condition.op)];
    std::visit(Overload{
                   [](std::monostate) {},
                   [&](const RulePattern& pattern) { made["Value"] = pattern.text(); },
                   [&](const auto& value) { made["Value"] = value; },
               },
               condition.value);
    return made;
}

std::string_view action_name(QueryRule::Action action) {
    switch (action) {
        case QueryRule::Action::fail:
            return "FAIL";
        case QueryRule::Action::fail_retry:
            return "FAIL_RETRY";
        case QueryRule::Action::buffer:
            return "BUFFER";
    }
    return "";
}

json::object to_object(const QueryRule& rule) {
    json::object made{{"Description", rule.description}, {"Name", rule.name}};
    for (const PatternField& field : pattern_fields) {
        const RulePattern& pattern = rule.*field.into;
        if (pattern) made[field.name] = pattern.text();
    }
    if (!rule.plans.empty()) made["Plans"] = array_of(rule.plans);
    json::array tables = array_of(rule.tables);
    if (rule.table_pattern) tables.emplace_back("/" + rule.table_pattern.text() + "/");
    if (!tables.empty()) made["TableNames"] = std::move(tables);
    json::array conditions;
    for (const VariableCondition& each : rule.variables) conditions.push_back(to_object(each));
    if (!conditions.empty()) made["BindVarConds"] = std::move(conditions);
    made["Action"] = action_name(rule.action);
    return made;
}

}  // namespace

Result<QueryRules> QueryRules::parse(std::string_view text) {
    boost::system::error_code failed;
    const json::value whole = json::parse(json::string_view(text.data(), text.size()), failed);
    if (failed) return wrong("query rules are no JSON: " + failed.message());
    QueryRules made;
    if (whole.is_null()) return made;
    const json::array* const list = whole.if_array();
    if (list == nullptr) return wrong("query rules are no JSON list");
    for (const json::value& each : *list) {
        const json::object* const object = each.if_object();
        if (object == nullptr) return wrong("a query rule is no JSON object");
        QueryRule rule;
        for (const auto& field : *object) TRY(read_field(field.key(), field.value(), &rule));
        made.rules_.push_back(std::move(rule));
    }
    return made;
}

std::string QueryRules::to_json() const {
    json::array list;
    for (const QueryRule& rule : rules_) list.push_back(to_object(rule));
    return json::serialize(list);
}

std::string RuleSources::to_json() const {
    std::string text = "{";
    for (const Source& source : sources_) {
        if (text.size() > 1) text += ",";
        text.append("\"").append(source.name).append("\":").append(source.rules->to_json());
    }
    return text + "}";
}

}  // namespace sluice::tabletserver
