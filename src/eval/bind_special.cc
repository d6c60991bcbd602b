// Binding: functions and syntaxes of their own.
#include "eval/detail/binder.h"
#include "eval/detail/registry.h"
#include "sql/ast.h"

namespace sluice::eval {

Node Binder::of(const sql::Subquery&) {
    refuse("a subquery in an expression");
}
Node Binder::of(const sql::Exists&) {
    refuse("EXISTS");
}
Node Binder::of(const sql::Star&) {
    refuse("*");
}
Node Binder::of(const sql::Aggregate& aggregate) {
    refuse("the aggregate function " + std::string(sql::aggregate_name(aggregate.kind)));
}
Node Binder::of(const sql::GroupConcat&) {
    refuse("the aggregate function group_concat");
}
Node Binder::of(const sql::Match&) {
    refuse("MATCH ... AGAINST");
}
Node Binder::of(const sql::ValuesOf&) {
    refuse("VALUES(column)");
}
Node Binder::of(const sql::Default&) {
    refuse("DEFAULT");
}
Node Binder::of(const sql::JsonDualityObject&) {
    refuse("JSON_DUALITY_OBJECT");
}
Node Binder::of(const sql::Interval&) {
    raise(er::parse, "INTERVAL belongs to a sum or to a function of dates");
}

Node Binder::of(const sql::Cast& cast) {
    if (!cast.time_zone.empty()) refuse("AT TIME ZONE");
    Node operand = bind(*cast.operand);
    if (sql::same_name(cast.type.name, "nchar")) {
        warnings_.push_back({false, 3720,
                             "NATIONAL/NCHAR/NVARCHAR implies the character set UTF8MB3, which "
                             "will be replaced by UTF8MB4 in a future release. Please consider "
                             "using CHAR(x) CHARACTER SET UTF8MB4 in order to be unambiguous."});
    }
    return eval::cast(std::move(operand), cast.type, environment_);
}
Node Binder::of(const sql::ConvertUsing& convert) {
    return convert_using(bind(*convert.operand), convert.charset, environment_);
}
Node Binder::of(const sql::Collate& collate) {
    return collated(bind(*collate.operand), collate.collation, environment_);
}
Node Binder::of(const sql::Introducer& introducer) {
    return introduced(bind(*introducer.operand), introducer.charset);
}

Node Binder::of(const sql::Extract& extract) {
    const auto unit = interval_unit(extract.unit);
    if (!unit) refuse("the unit " + extract.unit);
    return extract_node(*unit, bind(*extract.operand), environment_);
}

Node Binder::of(const sql::TimestampFunction& function) {
    const auto unit = interval_unit(function.unit);
    if (!unit) refuse("the unit " + function.unit);
    Node first = bind(*function.first);
    return timestamp_node(sql::same_name(function.name, "timestampdiff"), *unit, std::move(first),
                          bind(*function.second), environment_);
}

Node Binder::of(const sql::Trim& trim) {
    std::vector<Node> characters;
    if (trim.characters) characters.push_back(bind(**trim.characters));
    return trim_node(trim.side, std::move(characters), bind(*trim.operand), environment_);
}

Node Binder::of(const sql::MemberOf& member) {
    Node value = bind(*member.value);
    return member_of_node(std::move(value), bind(*member.array), environment_);
}

Node Binder::of(const sql::CharFunction& function) {
    return char_node(bind_all(function.arguments), function.charset, environment_);
}

Node Binder::of(const sql::WeightString& function) {
    return weight_string_node(bind(*function.operand), function.as, environment_);
}

Node Binder::of(const sql::Assign& assign) {
    return assign_node(sql::lower_case(assign.variable.name), bind(*assign.value), environment_);
}

Node Binder::of(const sql::JsonValue& value) {
    JsonValueParts parts{.document = bind(*value.document), .path = bind(*value.path)};
    if (value.returning) {
        parts.returning = **value.returning;
        parts.has_returning = true;
    }
    parts.on_empty = value.on_empty.kind;
    parts.on_error = value.on_error.kind;
    if (value.on_empty.value) parts.empty_value.push_back(bind(**value.on_empty.value));
    if (value.on_error.value) parts.error_value.push_back(bind(**value.on_error.value));
    return json_value_node(std::move(parts), environment_);
}

// DATE_ADD(date, INTERVAL n unit), ADDDATE(date, days).
Node Binder::interval_function(const sql::FunctionCall& call, bool subtract) {
    if (call.arguments.size() != 2)
        raise(1582, "Incorrect parameter count in the call to native function '" + call.name + "'");
    Node date = bind(call.arguments[0]);
    const auto* interval = call.arguments[1].as<sql::Interval>();
    if (interval == nullptr) {
        return interval_sum(std::move(date), bind(call.arguments[1]), IntervalUnit::day, subtract,
                            environment_);
    }
    const auto unit = interval_unit(interval->unit);
    if (!unit) refuse("the unit " + interval->unit);
    return interval_sum(std::move(date), bind(*interval->amount), *unit, subtract, environment_);
}

Node Binder::of(const sql::FunctionCall& call) {
    if (!call.keyspace.empty()) refuse("the stored function " + call.keyspace + "." + call.name);
    if (call.over) refuse("a window function in an expression");
    const std::string name = sql::lower_case(call.name);
    if (name == "date_add" || name == "adddate") return interval_function(call, false);
    if (name == "date_sub" || name == "subdate") return interval_function(call, true);
    if (name == "get_format" && call.arguments.size() == 2) {
        const auto* kind = call.arguments[0].as<sql::Column>();
        return get_format_node(kind == nullptr ? "" : kind->name, bind(call.arguments[1]),
                               environment_);
    }
    const Function* function = find_function(name);
    if (function == nullptr) refuse("the function " + name);
    check_count(*function, call.arguments.size());
    std::vector<Node> arguments = bind_all(call.arguments);
    for (const Node& argument : arguments) refuse_tuple(argument);
    Node node = node_of(function->prints_as.empty() ? function->name : function->prints_as,
                        Print::call, function->compute, {}, std::move(arguments));
    function->give_type(node, environment_);
    return node;
}

}  // namespace sluice::eval
