// ANY, SOME and ALL over a list of values, as MySQL compares with each row of a subquery.
#include "eval/detail/quantified.h"

#include "eval/detail/compare.h"
#include "eval/detail/operators.h"

namespace sluice::eval {
namespace {

struct PreparedQuantified : Prepared {
    std::vector<Comparator> comparators;  // of each item
    sql::CompareOp op = sql::CompareOp::equal;
    bool is_all = false;
};

std::string_view name_of(sql::CompareOp op) {
    switch (op) {
        case sql::CompareOp::equal:
            return "=";
        case sql::CompareOp::not_equal:
            return "<>";
        case sql::CompareOp::less:
            return "<";
        case sql::CompareOp::less_equal:
            return "<=";
        case sql::CompareOp::greater:
            return ">";
        case sql::CompareOp::greater_equal:
            return ">=";
        default:
            raise(er::parse, "ANY and ALL belong to one of = <> < <= > >=");
    }
}

// nullopt: unknown.
std::optional<bool> holds(sql::CompareOp op, Order order) {
    if (order == Order::null) return std::nullopt;
    switch (op) {
        case sql::CompareOp::equal:
            return order == Order::equal;
        case sql::CompareOp::not_equal:
            return order != Order::equal;
        case sql::CompareOp::less:
            return order == Order::less;
        case sql::CompareOp::less_equal:
            return order != Order::greater;
        case sql::CompareOp::greater:
            return order == Order::greater;
        default:
            return order != Order::less;
    }
}

Datum compute_quantified(const Node& node, Run& run) {
    const auto& how = static_cast<const PreparedQuantified&>(*node.prepared);
    const bool by_equality = how.op == sql::CompareOp::equal || how.op == sql::CompareOp::not_equal;
    Operand left(node.arguments[0], run);
    bool unknown = false;
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        Operand item(node.arguments[i], run);
        Order order = Order::null;
        if (!left.is_null() && !item.is_null()) {
            const Comparator& pair = how.comparators[i - 1];
            const Datum& a = compared(pair, left);
            const Datum& b = compared(pair, item);
            order = by_equality ? compare_equal(pair, a, b, run.environment)
                                : compare(pair, a, b, run.environment);
        }
        const std::optional<bool> truth = holds(how.op, order);
        unknown |= !truth;
        // One that holds decides ANY, one that does not decides ALL.
        if (truth && *truth != how.is_all) return std::int64_t{*truth ? 1 : 0};
    }
    if (unknown) return {};
    return std::int64_t{how.is_all ? 1 : 0};
}

}  // namespace

Node quantified(sql::CompareOp op, sql::Quantifier quantifier, Node left, std::vector<Node> list,
                const Environment& environment) {
    auto how = std::make_shared<PreparedQuantified>();
    how->op = op;
    how->is_all = quantifier == sql::Quantifier::all;
    bool nullable = left.type.nullable;
    for (const Node& item : list) {
        how->comparators.push_back(comparator(left, item, environment, name_of(op), true));
        nullable |= item.type.nullable;
    }
    std::vector<Node> arguments;
    arguments.push_back(std::move(left));
    for (Node& item : list) arguments.push_back(std::move(item));
    const std::string name = std::string(name_of(op)) + (how->is_all ? " all" : " any");
    Node node = node_of(name, Print::infix, compute_quantified, boolean_type(nullable),
                        std::move(arguments));
    node.prepared = std::move(how);
    return node;
}

}  // namespace sluice::eval
