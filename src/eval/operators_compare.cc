// = < <=> IN LIKE.
#include <algorithm>
#include <functional>

#include "collation/charset.h"
#include "collation/like.h"
#include "eval/detail/compare.h"
#include "eval/detail/like_pattern.h"
#include "eval/detail/operators.h"
#include "eval/detail/special.h"

namespace sluice::eval {
namespace {

using sql::CompareOp;

Datum truth(bool value) {
    return std::int64_t{value ? 1 : 0};
}

bool is_row(const Node& node) {
    return node.type.type == Type::tuple && !node.arguments.empty();
}
// Whether two rows are equal, as compare_equal says it: part by part, and those behind the first
// two that differ are not computed.
Order equal_rows(const Comparator& how, const Node& left, const Node& right, Run& run) {
    bool unknown = false;
    for (std::size_t i = 0; i < how.parts.size(); ++i) {
        const Comparator& part = how.parts[i];
        const Node& a = left.arguments[i];
        const Node& b = right.arguments[i];
        Order order = Order::null;
        if (part.mode == Comparator::Mode::row && is_row(a) && is_row(b)) {
            order = equal_rows(part, a, b, run);
        } else {
            order = compare_in_turn(part, a, b, run);
            if (order == Order::greater) order = Order::less;
        }
        if (order == Order::less) return Order::less;
        unknown |= order == Order::null;
    }
    return unknown ? Order::null : Order::equal;
}

template <class Test>
Datum ordered(const Node& node, Run& run, Test test) {
    const Order order =
        compare_in_turn(comparator_of(node), node.arguments[0], node.arguments[1], run);
    return order == Order::null ? Datum() : truth(test(order));
}

// Of two that are held as std::int64_t.
template <class Test>
Whole compare_whole(const Node& node, Run& run) {
    const Whole a = node.arguments[0].whole(node.arguments[0], run);
    if (a.is_null) return {.is_null = true};
    const Whole b = node.arguments[1].whole(node.arguments[1], run);
    if (b.is_null) return {.is_null = true};
    return {.value = Test()(a.value, b.value) ? 1 : 0};
}

Datum compute_less(const Node& node, Run& run) {
    return ordered(node, run, [](Order order) { return order == Order::less; });
}
Datum compute_greater(const Node& node, Run& run) {
    return ordered(node, run, [](Order order) { return order == Order::greater; });
}
Datum compute_less_equal(const Node& node, Run& run) {
    return ordered(node, run, [](Order order) { return order != Order::greater; });
}
Datum compute_greater_equal(const Node& node, Run& run) {
    return ordered(node, run, [](Order order) { return order != Order::less; });
}
// Of rows.
Datum equality_of_rows(const Node& node, Run& run, bool negated) {
    const Comparator& how = comparator_of(node);
    const Order order = equal_rows(how, node.arguments[0], node.arguments[1], run);
    if (order == Order::null) return {};
    return truth((order == Order::equal) != negated);
}
Datum rows_equal(const Node& node, Run& run) {
    return equality_of_rows(node, run, false);
}
Datum rows_not_equal(const Node& node, Run& run) {
    return equality_of_rows(node, run, true);
}
Datum equality(const Node& node, Run& run, bool negated) {
    const Order order =
        compare_in_turn(comparator_of(node), node.arguments[0], node.arguments[1], run);
    return order == Order::null ? Datum() : truth((order == Order::equal) != negated);
}
Datum compute_equal(const Node& node, Run& run) {
    return equality(node, run, false);
}
Datum compute_not_equal(const Node& node, Run& run) {
    return equality(node, run, true);
}
void compute_again(const Node& node, Run& run) {
    if (!is_stored(node)) (void)node.compute(node, run);
}
Datum compute_null_safe_equal(const Node& node, Run& run) {
    Operand left(node.arguments[0], run);
    if (left.is_null() && !node.arguments[1].type.nullable) {
        compute_again(node.arguments[0], run);
        // Of a constant of another class only the error counts.
        const bool is_whole = comparator_of(node).mode == Comparator::Mode::integer;
        const std::size_t before = run.environment.warnings.count();
        if (node.arguments[1].is_constant && !is_whole) compute_again(node.arguments[1], run);
        run.environment.warnings.cut(before);
        return truth(false);
    }
    Operand right(node.arguments[1], run);
    const Comparator& how = comparator_of(node);
    // A NULL is computed once more, which shows in its warnings.
    if (left.is_null()) compute_again(node.arguments[0], run);
    if (!left.is_null() && right.is_null() && is_stored(node.arguments[0]))
        compute_again(node.arguments[1], run);
    return truth(null_safe_equal(how, compared(how, left), compared(how, right), run.environment));
}

struct PreparedList : Prepared {
    std::vector<Comparator> comparators;
    bool is_read = false;  // when it was bound
};

// What MySQL reads of a list in which a NULL is sought, for its warnings and errors: the numbers,
// dates and times.
void read_items(const Node& node, Run& run) {
    const auto& list = static_cast<const PreparedList&>(*node.prepared);
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        const Comparator& how = list.comparators[i - 1];
        if (how.mode > Comparator::Mode::lax_time) continue;
        Operand item(node.arguments[i], run);
        if (!item.is_null()) convert_item(how, compared(how, item), run.environment);
    }
}

Datum compute_in(const Node& node, Run& run) {
    Operand needle(node.arguments[0], run);
    const auto& list = static_cast<const PreparedList&>(*node.prepared);
    if (needle.is_null()) {
        const bool is_word = node.arguments[0].type.type == Type::null_type;
        if (!is_word && !list.is_read) read_items(node, run);
        return {};
    }
    Needle sought(needle, run.environment);
    const bool negated = node.number != 0;
    bool unknown = false;
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        const Comparator& how = list.comparators[i - 1];
        if (node.arguments[i].type.type != Type::null_type) sought.prepare(how);
        Operand item(node.arguments[i], run);
        const Order order = sought.compare_equal(how, compared(how, item));
        if (order == Order::equal) return truth(!negated);
        unknown |= order == Order::null;
    }
    if (unknown) return {};
    return truth(negated);
}

struct PreparedLike : Prepared {
    const collation::Collation* collation = nullptr;
    std::optional<LikePattern> pattern;  // a constant one
};

// A text under a pattern that was prepared when it was bound.
Whole whole_like(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {.is_null = true};
    const auto& how = static_cast<const PreparedLike&>(*node.prepared);
    const std::string_view whole = text.text();
    std::optional<bool> matches = how.pattern->matches(whole);
    if (!matches) {
        const auto& pattern = *node.arguments[1].constant.as<std::string>();
        matches = collation::like(*how.collation, whole, pattern);
    }
    return {.value = *matches != (node.number != 0) ? 1 : 0};
}

Datum compute_like(const Node& node, Run& run) {
    Operand text(node.arguments[0], run);
    if (text.is_null()) return {};
    Operand pattern(node.arguments[1], run);
    if (pattern.is_null()) return {};
    char32_t escape = U'\\';
    const auto& how = static_cast<const PreparedLike&>(*node.prepared);
    if (node.arguments.size() > 2) {
        Operand third(node.arguments[2], run);
        const std::string_view sign = third.is_null() ? std::string_view() : third.text();
        if (!third.is_null() && collation::characters(*how.collation->charset, sign) > 1) {
            raise(er::wrong_arguments, "Incorrect arguments to ESCAPE");
        }
        if (!third.is_null()) {
            escape = sign.empty() ? char32_t{0}
                                  : collation::next_char(*how.collation->charset, sign).code;
        }
    }
    const bool matches = collation::like(*how.collation, text.text(), pattern.text(), escape);
    return truth(matches != (node.number != 0));
}

struct Chosen {
    std::string_view name;
    Compute compute;
    ComputeWhole whole;
};
Chosen chosen(CompareOp op) {
    switch (op) {
        case CompareOp::equal:
            return {"=", compute_equal, compare_whole<std::equal_to<>>};
        case CompareOp::less:
            return {"<", compute_less, compare_whole<std::less<>>};
        case CompareOp::greater:
            return {">", compute_greater, compare_whole<std::greater<>>};
        case CompareOp::less_equal:
            return {"<=", compute_less_equal, compare_whole<std::less_equal<>>};
        case CompareOp::greater_equal:
            return {">=", compute_greater_equal, compare_whole<std::greater_equal<>>};
        case CompareOp::not_equal:
            return {"<>", compute_not_equal, compare_whole<std::not_equal_to<>>};
        default:
            return {"<=>", compute_null_safe_equal, nullptr};
    }
}

bool tuple_nullable(const Node& node) {
    if (node.type.type != Type::tuple) return node.type.nullable;
    return std::ranges::any_of(node.arguments, tuple_nullable);
}

// Rows that are to be equal are compared as if part by part was written.
void store_constants_of_rows(Node& left, Node& right, const Environment& environment) {
    const std::size_t parts = std::min(left.arguments.size(), right.arguments.size());
    for (std::size_t i = 0; i < parts; ++i) {
        Node& a = left.arguments[i];
        Node& b = right.arguments[i];
        if (is_row(a) && is_row(b)) {
            store_constants_of_rows(a, b, environment);
        } else {
            store_constants(a, b, environment);
            read_dates(a, b, environment);
        }
    }
}

}  // namespace

Node comparison(CompareOp op, Node left, Node right, const Environment& environment) {
    const Chosen what = chosen(op);
    const bool is_equality = op == CompareOp::equal || op == CompareOp::null_safe_equal;
    if (!is_row(left) || !is_row(right)) {
        store_constants(left, right, environment);
        read_dates(left, right, environment);
    } else if (is_equality) {
        store_constants_of_rows(left, right, environment);
    }
    Comparator how = comparator(left, right, environment, what.name, true);
    const bool nullable =
        op != CompareOp::null_safe_equal && (tuple_nullable(left) || tuple_nullable(right));
    std::vector<Node> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    Node node = node_of(what.name, Print::infix, what.compute, boolean_type(nullable),
                        std::move(arguments));
    const bool whole = how.mode == Comparator::Mode::integer &&
                       node.arguments[0].whole != nullptr && node.arguments[1].whole != nullptr;
    if (whole) node.whole = what.whole;
    if (is_row(node.arguments[0]) && is_row(node.arguments[1])) {
        if (op == CompareOp::equal) node.compute = rows_equal;
        if (op == CompareOp::not_equal) node.compute = rows_not_equal;
    }
    node.prepared = prepared(std::move(how));
    return node;
}

namespace {

// Constants that are sought as a BIGINT column are stored in it, if all of them can be.
void store_list(const Node& needle, std::vector<Node>& list, const Environment& environment) {
    const bool is_big = needle.type.type == Type::int64 || needle.type.type == Type::uint64;
    const auto of_integers = [&](const Node& item) {
        return !item.is_constant || item.type.type == Type::json ||
               comparison_class(needle.type, item.type) == Class::integer ||
               comparison_class(needle.type, item.type) !=
                   comparison_class(needle.type, list.front().type);
    };
    if (!is_big || list.size() < 2 || std::ranges::any_of(list, of_integers)) return;
    std::vector<Node> stored = list;
    for (Node& item : stored) {
        if (!store_constant(needle, item, environment)) return;
    }
    list = std::move(stored);
}

// MySQL computes the constants of a row that has nothing else before it compares any, to see
// whether one is NULL.
void look_at_constants(Node& row, const Environment& environment) {
    const auto is_fixed = [](const Node& part) { return part.is_constant && !is_row(part); };
    if (!is_row(row) || !std::ranges::all_of(row.arguments, is_fixed)) return;
    for (Node& part : row.arguments) note_of_computing(part, environment);
}

// A row in a list of one row, which is compared part by part.
Node row_in(Node needle, Node item, bool negated, const Environment& environment) {
    const std::size_t parts = std::min(needle.arguments.size(), item.arguments.size());
    for (std::size_t i = 0; i < parts; ++i)
        read_dates(needle.arguments[i], item.arguments[i], environment);
    Comparator how = comparator(needle, item, environment, "in", true);
    const bool nullable = tuple_nullable(needle) || tuple_nullable(item);
    std::vector<Node> arguments;
    arguments.push_back(std::move(needle));
    arguments.push_back(std::move(item));
    Node node =
        node_of(negated ? "not in" : "in", Print::infix, negated ? rows_not_equal : rows_equal,
                boolean_type(nullable), std::move(arguments));
    node.prepared = prepared(std::move(how));
    return node;
}

}  // namespace

Node in_list(Node needle, std::vector<Node> list, bool negated, const Environment& environment) {
    look_at_constants(needle, environment);
    for (Node& item : list) look_at_constants(item, environment);
    if (list.size() == 1 && is_row(needle) && is_row(list.front()))
        return row_in(std::move(needle), std::move(list.front()), negated, environment);
    auto prepared_list = std::make_shared<PreparedList>();
    if (list.size() == 1) store_constants(needle, list.front(), environment);
    store_list(needle, list, environment);
    prepared_list->comparators = list_comparators(needle, list, environment);
    const bool nullable = tuple_nullable(needle) || std::ranges::any_of(list, tuple_nullable);
    prepared_list->is_read =
        list.size() == 1 ||
        read_constants(needle.type, list, prepared_list->comparators, environment);
    list.insert(list.begin(), std::move(needle));
    Node node = node_of(negated ? "not in" : "in", Print::infix, compute_in, boolean_type(nullable),
                        std::move(list));
    node.number = negated ? 1 : 0;
    node.prepared = std::move(prepared_list);
    return node;
}

Node like(Node text, Node pattern, std::vector<Node> escape, bool negated,
          const Environment& environment) {
    refuse_tuple(text);
    refuse_tuple(pattern);
    std::vector<Node> arguments;
    arguments.push_back(std::move(text));
    arguments.push_back(std::move(pattern));
    const bool nullable = any_nullable(arguments);
    auto how = std::make_shared<PreparedLike>();
    for (Node& node : escape) arguments.push_back(std::move(node));
    // Weights among numbers and times are bytes.
    const bool of_weights =
        std::ranges::any_of(arguments, are_weights) &&
        std::ranges::all_of(arguments, [&](const Node& each) {
            return text_operand(each, environment).coercibility >= Coercibility::numeric;
        });
    // The sign that escapes is one of those whose collations must agree.
    how->collation = of_weights
                         ? binary_collation()
                         : unite_texts(arguments, environment, "like", Mix::refused).collation;
    require_order(*how->collation);
    Node node =
        node_of("like", Print::infix, compute_like, boolean_type(nullable), std::move(arguments));
    node.number = negated ? 1 : 0;
    const auto* constant = node.arguments[1].constant.as<std::string>();
    if (escape.empty() && constant != nullptr) {
        how->pattern = LikePattern::of(*how->collation, *constant, U'\\');
        if (how->pattern) node.whole = whole_like;
    }
    node.prepared = std::move(how);
    return node;
}

}  // namespace sluice::eval
