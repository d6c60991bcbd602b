#pragma once
// Nodes of what SQL writes in a syntax of its own.
#include <optional>
#include <string>
#include <vector>

#include "eval/detail/operators.h"

namespace sluice::eval {

Node interval_sum(Node date, Node amount, IntervalUnit unit, bool subtract,
                  const Environment& environment);
Node extract_node(IntervalUnit unit, Node operand, const Environment& environment);
// TIMESTAMPADD and TIMESTAMPDIFF.
Node timestamp_node(bool is_difference, IntervalUnit unit, Node first, Node second,
                    const Environment& environment);
// `characters` has one node at most.
Node trim_node(sql::TrimSide side, std::vector<Node> characters, Node text,
               const Environment& environment);
Node char_node(std::vector<Node> arguments, std::string_view charset,
               const Environment& environment);
Node weight_string_node(Node operand, const std::optional<sql::CastType>& as,
                        const Environment& environment);
Node member_of_node(Node value, Node array, const Environment& environment);
Node regexp_node(Node text, Node pattern, bool negated, const Environment& environment);

// JSON_VALUE: the document, the path, perhaps the defaults of ON EMPTY and ON ERROR.
struct JsonValueParts {
    Node document;
    Node path;
    sql::CastType returning;
    bool has_returning = false;
    sql::JsonOnKind on_empty = sql::JsonOnKind::none;
    sql::JsonOnKind on_error = sql::JsonOnKind::none;
    std::vector<Node> empty_value;
    std::vector<Node> error_value;
};
Node json_value_node(JsonValueParts parts, const Environment& environment);

// GET_FORMAT(kind, standard): `kind` is the word DATE, TIME, DATETIME or TIMESTAMP.
Node get_format_node(std::string_view kind, Node standard, const Environment& environment);

Node user_variable_node(std::string_view name, const Environment& environment);
Node assign_node(std::string_view name, Node value, const Environment& environment);

// A literal of the given type.
Node literal_node(FieldType type, Datum value, std::string text);
// Of a value as it travels; 1525 for dates that are none.
Node literal_node(ValueView value, const Environment& environment);
Node introduced(Node operand, std::string_view charset);

}  // namespace sluice::eval
