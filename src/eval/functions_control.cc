// IF, IFNULL, NULLIF, COALESCE, GREATEST, LEAST, INTERVAL, FIELD, ELT, ISNULL, MOD, ANY_VALUE.
#include <algorithm>

#include "collation/compare.h"
#include "eval/detail/compare.h"
#include "eval/detail/operators.h"
#include "eval/detail/registry.h"

namespace sluice::eval {
namespace {

// The argument as the node's type holds it.
Datum chosen(const Node& node, std::size_t which, Run& run) {
    Operand operand(node.arguments[which], run);
    return as_type(node.type, node.arguments[which].type, operand.take(), run.environment);
}

Datum coalesce(const Node& node, Run& run) {
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
        Datum value = chosen(node, i, run);
        if (!value.is_null()) return value;
    }
    return {};
}
void give_coalesce(Node& node, const Environment& environment) {
    node.type = united_type(node.arguments, environment, node.name);
    node.type.nullable =
        std::ranges::all_of(node.arguments, [](const Node& each) { return each.type.nullable; });
}

Datum if_function(const Node& node, Run& run) {
    Operand condition(node.arguments[0], run);
    const std::size_t which =
        !condition.is_null() && to_condition(condition.datum(), run.environment) ? 1 : 2;
    Operand operand(node.arguments[which], run);
    return as_type(node.type, node.arguments[which].type, operand.take(), run.environment,
                   Scale::own);
}
void give_if(Node& node, const Environment& environment) {
    node.type = united_type(std::span(node.arguments).subspan(1), environment, "if");
}

Datum nullif(const Node& node, Run& run) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    Operand right(node.arguments[1], run);
    if (compare_equal(comparator_of(node), left.datum(), right.datum(), run.environment) ==
        Order::equal)
        return {};
    return as_type(node.type, left.type(), left.take(), run.environment);
}
void give_nullif(Node& node, const Environment& environment) {
    node.prepared =
        prepared(comparator(node.arguments[0], node.arguments[1], environment, "nullif", true));
    node.type = node.arguments[0].type;
    node.type.nullable = true;
    node.type.is_boolean = false;
    if (is_integral(node.type.type))
        node.type.type = node.type.is_unsigned ? Type::uint64 : Type::int64;
    if (node.type.is_bits) node.type.is_bits = node.type.is_unsigned = false;
}

Datum is_null(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    return std::int64_t{operand.is_null() ? 1 : 0};
}
void give_is_null(Node& node, const Environment&) {
    node.type = boolean_type(false);
}

// ---- GREATEST and LEAST

struct PreparedExtreme : Prepared {
    bool as_dates = false;
    bool as_text = false;
    bool has_json = false;
};

Datum json_as_text(const Node& node, Run& run) {
    Operand json(node.arguments[0], run);
    if (json.is_null()) return {};
    return std::string(json.text());
}
// MySQL compares JSON here by its text.
void take_json_as_text(Node& argument) {
    const FieldType& json = argument.type;
    FieldType type = text_type({json.collation, json.coercibility, json.repertoire}, longest_text,
                               json.nullable);
    type.type = Type::varchar;
    const Print print = argument.print;
    std::string name = argument.name;
    std::vector<Node> inner;
    inner.push_back(std::move(argument));
    argument = node_of(name, print, json_as_text, type, std::move(inner));
}
// Once for a statement.
void warn_of_json(Environment& environment) {
    constexpr std::string_view text =
        "This version of MySQL doesn't yet support 'comparison of JSON in the LEAST and GREATEST "
        "operators'";
    for (const Warning& warning : environment.warnings.kept()) {
        if (warning.number == er::not_supported_yet && warning.text == text) return;
    }
    environment.warnings.add(er::not_supported_yet, std::string(text));
}

Datum extreme(const Node& node, Run& run, bool greatest) {
    const auto& how = static_cast<const PreparedExtreme&>(*node.prepared);
    if (how.has_json) warn_of_json(run.environment);
    std::vector<Datum> values;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
        values.push_back(chosen(node, i, run));
        if (values.back().is_null()) return {};
    }
    std::size_t best = 0;
    if (how.as_dates && how.as_text) {
        std::vector<std::optional<DateTime>> moments;
        for (std::size_t i = 0; i < node.arguments.size(); ++i) {
            Operand operand(node.arguments[i], run);
            moments.push_back(operand.datetime());
            if (!moments.back()) refuse("GREATEST and LEAST of a date and a text that is none");
            if (greatest ? *moments[i] > *moments[best] : *moments[i] < *moments[best]) best = i;
        }
        return values[best];
    }
    Comparator same{.left = node.type, .right = node.type};
    if (how.as_text) {
        same.mode = node.type.collation->id == collation::binary ? Comparator::Mode::bytes
                                                                 : Comparator::Mode::text;
        same.collation = node.type.collation;
    } else {
        switch (class_of(node.type)) {
            case Class::integer:
                same.mode = Comparator::Mode::integer;
                break;
            case Class::decimal:
                same.mode = Comparator::Mode::decimal;
                break;
            case Class::real:
                same.mode = Comparator::Mode::real;
                break;
            default:
                same.mode = node.type.type == Type::time ? Comparator::Mode::time
                                                         : Comparator::Mode::datetime;
        }
    }
    for (std::size_t i = 1; i < values.size(); ++i) {
        const Order order = compare(same, values[i], values[best], run.environment);
        if (order == (greatest ? Order::greater : Order::less)) best = i;
    }
    return values[best];
}
Datum greatest(const Node& node, Run& run) {
    return extreme(node, run, true);
}
Datum least(const Node& node, Run& run) {
    return extreme(node, run, false);
}
void give_extreme(Node& node, const Environment& environment) {
    auto how = std::make_shared<PreparedExtreme>();
    bool only_text = true;
    bool only_json = true;
    for (Node& argument : node.arguments) {
        if (argument.type.type == Type::json) {
            how->has_json = true;
            take_json_as_text(argument);
        } else {
            only_json &= argument.type.type == Type::null_type;
        }
        how->as_dates |= has_date(argument.type.type);
        only_text &= class_of(argument.type) == Class::text;
    }
    how->as_dates &= only_text;
    node.type = united_type(node.arguments, environment, node.name);
    node.type.nullable = any_nullable(node.arguments);
    if (how->has_json) {
        node.type.type = only_json ? Type::varchar : Type::text;
        node.type.length = only_json ? longest_text : UINT32_MAX;
    }
    how->as_text = is_text(node.type.type) || is_binary(node.type.type);
    if (how->as_text) require_order(*node.type.collation);
    node.prepared = std::move(how);
}

// ---- INTERVAL, FIELD, ELT, STRCMP

Datum interval_index(const Node& node, Run& run) {
    Operand first(node.arguments[0], run);
    if (first.is_null()) return std::int64_t{-1};
    const bool decimals = node.number != 0;
    const double number = decimals ? 0 : first.real();
    const Decimal exact = decimals ? first.decimal() : Decimal();
    std::int64_t place = 0;
    bool found = false;
    // All are computed, for their errors.
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        Operand bound(node.arguments[i], run);
        found |= !found && !bound.is_null() &&
                 (decimals ? bound.decimal() > exact : bound.real() > number);
        if (!found) place = static_cast<std::int64_t>(i);
    }
    return place;
}
void give_interval_index(Node& node, const Environment&) {
    node.type = integer_type(false, 2);
    const Class first = class_of(node.arguments[0].type);
    const bool exact = (first == Class::integer || first == Class::decimal) &&
                       std::ranges::all_of(node.arguments, [](const Node& each) {
                           const Class own = class_of(each.type);
                           return own == Class::integer || own == Class::decimal;
                       });
    node.number = exact ? 1 : 0;
}

struct PreparedField : Prepared {
    Comparator how;
};

Datum field(const Node& node, Run& run) {
    Operand needle(node.arguments[0], run);
    if (needle.is_null()) return std::int64_t{0};
    const auto& how = static_cast<const PreparedField&>(*node.prepared).how;
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        Operand item(node.arguments[i], run);
        if (item.is_null()) continue;
        Comparator pair = how;
        pair.left = needle.type();
        pair.right = item.type();
        if (compare(pair, needle.datum(), item.datum(), run.environment) == Order::equal)
            return static_cast<std::int64_t>(i);
    }
    return std::int64_t{0};
}
void give_field(Node& node, const Environment& environment) {
    auto how = std::make_shared<PreparedField>();
    bool text = true;
    bool integers = true;
    bool exact = true;
    for (const Node& argument : node.arguments) {
        const Class own = class_of(argument.type);
        text &= own == Class::text;
        integers &= own == Class::integer;
        exact &= own == Class::integer || own == Class::decimal;
    }
    how->how.mode = text       ? Comparator::Mode::text
                    : integers ? Comparator::Mode::integer
                    : exact    ? Comparator::Mode::decimal
                               : Comparator::Mode::real;
    if (text) {
        how->how.collation = unite_texts(node.arguments, environment, "field").collation;
        require_order(*how->how.collation);
        if (how->how.collation->id == collation::binary) how->how.mode = Comparator::Mode::bytes;
    }
    node.type = integer_type(false, 11);
    node.prepared = std::move(how);
}

Datum element(const Node& node, Run& run) {
    Operand place(node.arguments[0], run);
    if (place.is_null()) return {};
    const std::int64_t index = place.integer().clipped();
    if (index < 1 || index >= static_cast<std::int64_t>(node.arguments.size())) return {};
    Operand text(node.arguments[static_cast<std::size_t>(index)], run);
    if (text.is_null()) return {};
    return std::string(text.text());
}
void give_element(Node& node, const Environment& environment) {
    const auto rest = std::span(node.arguments).subspan(1);
    const collation::Operand collation = unite_texts(rest, environment, "elt");
    std::uint64_t length = 0;
    for (const Node& each : rest) length = std::max(length, text_length(each.type));
    node.type = text_type(collation, length, true);
}

Datum string_order(const Node& node, Run& run) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    Operand right(node.arguments[1], run);
    if (right.is_null()) return {};
    const Order order = compare(comparator_of(node), left.datum(), right.datum(), run.environment);
    return std::int64_t{order == Order::less ? -1 : order == Order::greater ? 1 : 0};
}
void give_string_order(Node& node, const Environment& environment) {
    node.type = integer_type(any_nullable(node.arguments), 2);
    node.prepared = prepared(
        comparator_in(Class::text, node.arguments[0], node.arguments[1], environment, "strcmp"));
}

void give_remainder(Node& node, const Environment& environment) {
    Node quotient = arithmetic(sql::BinaryOp::modulo, std::move(node.arguments[0]),
                               std::move(node.arguments[1]), environment);
    node = std::move(quotient);
}

Datum same(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    return operand.take();
}
void give_same(Node& node, const Environment&) {
    node.type = node.arguments[0].type;
}

}  // namespace

std::span<const Function> control_functions() {
    static constexpr Function functions[] = {
        {"any_value", 1, 1, give_same, same},
        {"coalesce", 1, -1, give_coalesce, coalesce},
        {"elt", 2, -1, give_element, element},
        {"field", 2, -1, give_field, field},
        {"greatest", 2, -1, give_extreme, greatest},
        {"if", 3, 3, give_if, if_function},
        {"ifnull", 2, 2, give_coalesce, coalesce},
        {"interval", 2, -1, give_interval_index, interval_index},
        {"isnull", 1, 1, give_is_null, is_null},
        {"least", 2, -1, give_extreme, least},
        {"mod", 2, 2, give_remainder, nullptr},
        {"nullif", 2, 2, give_nullif, nullif},
        {"strcmp", 2, 2, give_string_order, string_order},
    };
    return functions;
}

}  // namespace sluice::eval
