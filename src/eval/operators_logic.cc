// AND OR XOR NOT, IS, CASE.
#include <algorithm>

#include "eval/detail/compare.h"
#include "eval/detail/operators.h"

namespace sluice::eval {
namespace {

Datum truth(bool value) {
    return std::int64_t{value ? 1 : 0};
}

// AND ends at the first false, OR at the first true.
Datum chain(const Node& node, Run& run, bool ends_at) {
    bool unknown = false;
    for (const Node& argument : node.arguments) {
        Operand operand(argument, run);
        if (operand.is_null()) {
            unknown = true;
        } else if (operand.truth() == ends_at) {
            return truth(ends_at);
        }
    }
    if (unknown) return {};
    return truth(!ends_at);
}
// The same without Datums, where operands are held as std::int64_t.
template <bool ends_at>
Whole whole_chain(const Node& node, Run& run) {
    bool unknown = false;
    for (const Node& argument : node.arguments) {
        Whole part;
        if (argument.whole != nullptr) {
            part = argument.whole(argument, run);
        } else {
            Operand operand(argument, run);
            part.is_null = operand.is_null();
            if (!part.is_null) part.value = operand.truth() ? 1 : 0;
        }
        if (part.is_null) {
            unknown = true;
        } else if ((part.value != 0) == ends_at) {
            return {.value = ends_at ? 1 : 0};
        }
    }
    return {.value = ends_at ? 0 : 1, .is_null = unknown};
}
Datum compute_and(const Node& node, Run& run) {
    return chain(node, run, false);
}
Datum compute_or(const Node& node, Run& run) {
    return chain(node, run, true);
}
Datum compute_xor(const Node& node, Run& run) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    const bool first = left.truth();
    Operand right(node.arguments[1], run);
    if (right.is_null()) return {};
    return truth(first != right.truth());
}
Datum compute_not(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    return truth(!operand.truth());
}
Datum compute_is(const Node& node, Run& run) {
    const auto kind = static_cast<sql::IsKind>(node.number);
    const bool asks_null = kind == sql::IsKind::null || kind == sql::IsKind::not_null;
    // What cannot be NULL is not computed for this.
    if (asks_null && !node.arguments[0].type.nullable) return truth(kind == sql::IsKind::not_null);
    Operand operand(node.arguments[0], run);
    switch (kind) {
        case sql::IsKind::null:
            return truth(operand.is_null());
        case sql::IsKind::not_null:
            return truth(!operand.is_null());
        case sql::IsKind::true_:
            return truth(!operand.is_null() && operand.truth());
        case sql::IsKind::not_true:
            return truth(operand.is_null() || !operand.truth());
        case sql::IsKind::false_:
            return truth(!operand.is_null() && !operand.truth());
        case sql::IsKind::not_false:
            return truth(operand.is_null() || operand.truth());
    }
    return {};
}

struct PreparedCase : Prepared {
    std::vector<Comparator> comparators;  // empty: conditions
    std::size_t whens = 0;
    bool has_else = false;
};

// Arguments: results (and the one of ELSE), conditions, perhaps the operand. nullptr: no result.
const Node* result_of_case(const Node& node, Run& run) {
    const auto& how = static_cast<const PreparedCase&>(*node.prepared);
    const std::size_t results = how.whens + (how.has_else ? 1 : 0);
    if (how.comparators.empty()) {
        for (std::size_t i = 0; i < how.whens; ++i) {
            Operand condition(node.arguments[results + i], run);
            if (!condition.is_null() && condition.condition()) return &node.arguments[i];
        }
    } else {
        Operand operand(node.arguments.back(), run);
        Needle sought(operand, run.environment);
        for (std::size_t i = 0; !operand.is_null() && i < how.whens; ++i) {
            const Comparator& comparator = how.comparators[i];
            if (node.arguments[results + i].type.type != Type::null_type)
                sought.prepare(comparator);
            Operand condition(node.arguments[results + i], run);
            const Order order = sought.compare_equal(comparator, compared(comparator, condition));
            if (order == Order::equal) return &node.arguments[i];
        }
    }
    return how.has_else ? &node.arguments[how.whens] : nullptr;
}
Datum compute_case(const Node& node, Run& run) {
    const Node* result = result_of_case(node, run);
    if (result == nullptr) return {};
    Operand chosen(*result, run);
    return as_type(node.type, result->type, chosen.take_for(node.type), run.environment,
                   Scale::own);
}
Shown show_case(const Node& node, Run& run) {
    const Node* result = result_of_case(node, run);
    return result == nullptr ? Shown() : show_chosen(node, *result, run);
}

// Notes that JSON among the operands stands for a truth.
Node of_truths(Node node) {
    const bool has_json = std::ranges::any_of(
        node.arguments, [](const Node& each) { return each.type.type == Type::json; });
    if (has_json) node.json_use = JsonUse::truth;
    return node;
}

Node single(std::string_view name, Print print, Compute compute, FieldType type, Node operand) {
    std::vector<Node> arguments;
    arguments.push_back(std::move(operand));
    return node_of(name, print, compute, type, std::move(arguments));
}

}  // namespace

Node conjunction(std::vector<Node> operands, bool is_and) {
    for (const Node& operand : operands) refuse_tuple(operand);
    const bool nullable = any_nullable(operands);
    Node node =
        of_truths(node_of(is_and ? "and" : "or", Print::infix, is_and ? compute_and : compute_or,
                          boolean_type(nullable), std::move(operands)));
    node.whole = is_and ? whole_chain<false> : whole_chain<true>;
    return node;
}

Node exclusive_or(Node left, Node right) {
    refuse_tuple(left);
    refuse_tuple(right);
    std::vector<Node> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    const bool nullable = any_nullable(arguments);
    return of_truths(
        node_of("xor", Print::infix, compute_xor, boolean_type(nullable), std::move(arguments)));
}

Node not_node(Node operand) {
    refuse_tuple(operand);
    const bool nullable = operand.type.nullable;
    return of_truths(
        single("not", Print::call, compute_not, boolean_type(nullable), std::move(operand)));
}

Node is_node(Node operand, sql::IsKind kind) {
    refuse_tuple(operand);
    Node node = single("is", Print::other, compute_is, boolean_type(false), std::move(operand));
    node.number = static_cast<std::uint32_t>(kind);
    const bool asks_null = kind == sql::IsKind::null || kind == sql::IsKind::not_null;
    return asks_null ? node : of_truths(std::move(node));
}

Node case_node(std::vector<Node> operand, std::vector<Node> parts, bool has_else,
               const Environment& environment) {
    auto how = std::make_shared<PreparedCase>();
    how->has_else = has_else;
    how->whens = parts.size() / 2;
    std::vector<Node> arguments;
    std::vector<Node> conditions;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        conditions.push_back(std::move(parts[i]));
        arguments.push_back(std::move(parts[i + 1]));
        refuse_tuple(arguments.back());
    }
    if (has_else) {
        arguments.push_back(std::move(parts.back()));
        refuse_tuple(arguments.back());
    }
    FieldType type = united_type(arguments, environment, "case");
    type.nullable = !has_else || any_nullable(arguments);
    const bool shows = shows_chosen(type, arguments);
    if (!operand.empty()) how->comparators = case_comparators(operand[0], conditions, environment);
    for (Node& condition : conditions) {
        if (operand.empty()) refuse_tuple(condition);
        arguments.push_back(std::move(condition));
    }
    if (!operand.empty()) arguments.push_back(std::move(operand[0]));
    Node node = node_of("case", Print::other, compute_case, type, std::move(arguments));
    node.prepared = std::move(how);
    if (shows) node.shown = show_case;
    return node;
}

}  // namespace sluice::eval
