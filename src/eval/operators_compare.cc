// = < <=> IN BETWEEN LIKE.
#include <algorithm>
#include <functional>

#include "collation/charset.h"
#include "collation/like.h"
#include "eval/detail/compare.h"
#include "eval/detail/like_pattern.h"
#include "eval/detail/operators.h"

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
        } else if (Operand one(a, run); !one.is_null()) {
            Operand other(b, run);
            order =
                compare_equal(part, compared(part, one), compared(part, other), run.environment);
        }
        if (order == Order::less) return Order::less;
        unknown |= order == Order::null;
    }
    return unknown ? Order::null : Order::equal;
}

template <class Test>
Datum ordered(const Node& node, Run& run, Test test) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    Operand right(node.arguments[1], run);
    const Comparator& how = comparator_of(node);
    if (right.is_null()) {
        convert_alone(how, compared(how, left), run.environment);
        return {};
    }
    const auto* a = left.datum().as<std::int64_t>();
    const auto* b = right.datum().as<std::int64_t>();
    if (a != nullptr && b != nullptr && how.mode == Comparator::Mode::integer) {
        return truth(test(*a < *b ? Order::less : *b < *a ? Order::greater : Order::equal));
    }
    const Order order = compare(how, compared(how, left), compared(how, right), run.environment);
    if (order == Order::null) return {};
    return truth(test(order));
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
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    Operand right(node.arguments[1], run);
    const Comparator& how = comparator_of(node);
    const Datum& a = compared(how, left);
    const Datum& b = compared(how, right);
    if (b.is_null()) convert_alone(how, a, run.environment);
    const Order order = compare_equal(how, a, b, run.environment);
    if (order == Order::null) return {};
    return truth((order == Order::equal) != negated);
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
};

Datum compute_in(const Node& node, Run& run) {
    Operand needle(node.arguments[0], run);
    const auto& list = static_cast<const PreparedList&>(*node.prepared);
    if (needle.is_null()) return {};
    Needle sought(needle, run.environment);
    const bool negated = node.number != 0;
    bool unknown = false;
    for (std::size_t i = 1; i < node.arguments.size(); ++i) {
        Operand item(node.arguments[i], run);
        const Comparator& how = list.comparators[i - 1];
        const Order order = sought.compare_equal(how, compared(how, item));
        if (order == Order::equal) return truth(!negated);
        unknown |= order == Order::null;
    }
    if (unknown) return {};
    return truth(negated);
}

// Between a constant and the same, which is computed once.
Datum compute_between_equal(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    Operand bound(node.arguments[1], run);
    if (bound.is_null()) return {};
    const auto& list = static_cast<const PreparedList&>(*node.prepared);
    const Comparator& how = list.comparators[0];
    Needle middle(operand, run.environment);
    const Order order = middle.compare(how, compared(how, bound));
    return order == Order::null ? Datum() : truth(order == Order::equal);
}

Datum compute_between(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    Operand low(node.arguments[1], run);
    Operand high(node.arguments[2], run);
    const auto& list = static_cast<const PreparedList&>(*node.prepared);
    Needle middle(operand, run.environment);
    const auto order_to = [&](Needle& sought, Operand& bound, std::size_t which) {
        const Comparator& how = list.comparators[which];
        return bound.is_null() ? Order::null : sought.compare(how, compared(how, bound));
    };
    // A text among dates is read for each bound, as its warnings show.
    const auto again = [&] {
        Needle sought(operand, run.environment);
        return order_to(sought, high, 1);
    };
    const Order to_low = order_to(middle, low, 0);
    const bool is_date = list.comparators[1].mode == Comparator::Mode::datetime;
    const Order to_high = is_date ? again() : order_to(middle, high, 1);
    const bool negated = node.number != 0;
    if (to_low == Order::less || to_high == Order::greater) return truth(negated);
    if (to_low == Order::null || to_high == Order::null) return {};
    return truth(!negated);
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

}  // namespace

namespace {

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
        }
    }
}

}  // namespace

Node comparison(CompareOp op, Node left, Node right, const Environment& environment) {
    const Chosen what = chosen(op);
    const bool is_equality = op == CompareOp::equal || op == CompareOp::null_safe_equal;
    if (!is_row(left) || !is_row(right)) {
        store_constants(left, right, environment);
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

// What a text and the texts that it is compared with have together: 1270 and 1271 if they do not
// agree. nullopt: not only texts are compared.
std::optional<collation::Operand> shared_collation(const Node& operand,
                                                   const std::vector<const Node*>& others,
                                                   const Environment& environment,
                                                   std::string_view operation) {
    const bool is_between = operation == "between";
    const auto is_textual = [&](const Node& each) {
        const bool is_literal_of_bits =
            is_between && each.type.is_bits && each.type.type != Type::bit;
        const bool is_document = is_between && each.type.type == Type::json;
        return is_plain_text(each.type) || is_literal_of_bits || is_document ||
               each.type.type == Type::enum_ || each.type.type == Type::set ||
               each.type.type == Type::null_type;
    };
    std::vector<Node> all(others.size() + 1);
    all[0].type = operand.type;
    std::size_t texts = 0;
    for (std::size_t i = 0; i < others.size(); ++i) {
        const Type type = others[i]->type.type;
        all[i + 1].type = others[i]->type;
        texts += is_textual(*others[i]) ? 1 : 0;
        if (is_between ? is_temporal(type) : type == Type::json) return std::nullopt;
    }
    // BETWEEN compares as numbers if one is a number, IN each item by itself, moments as texts,
    // too.
    const bool enough = is_between ? texts == others.size() : texts > 0;
    const bool is_text_operand =
        is_textual(operand) || (!is_between && is_temporal(operand.type.type));
    if (!enough || !is_text_operand) return std::nullopt;
    return merged_collation(all, environment, operation);
}
// Compares texts in it.
void share(const std::optional<collation::Operand>& shared, Comparator& how, const Node& left,
           const Node& right, const Environment& environment) {
    if (shared && how.mode == Comparator::Mode::text)
        compare_texts_in(how, *shared, left, right, environment);
}

}  // namespace

Node in_list(Node needle, std::vector<Node> list, bool negated, const Environment& environment) {
    auto prepared_list = std::make_shared<PreparedList>();
    if (list.size() == 1) store_constants(needle, list.front(), environment);
    std::vector<const Node*> items;
    for (const Node& item : list) items.push_back(&item);
    std::optional<collation::Operand> shared;
    if (list.size() > 1) shared = shared_collation(needle, items, environment, " IN ");
    prepared_list->comparators = list_comparators(needle, list, environment);
    for (std::size_t i = 0; i < list.size(); ++i)
        share(shared, prepared_list->comparators[i], needle, list[i], environment);
    const bool nullable = tuple_nullable(needle) || std::ranges::any_of(list, tuple_nullable);
    read_constants(needle.type, list, prepared_list->comparators, environment);
    list.insert(list.begin(), std::move(needle));
    Node node = node_of(negated ? "not in" : "in", Print::infix, compute_in, boolean_type(nullable),
                        std::move(list));
    node.number = negated ? 1 : 0;
    node.prepared = std::move(prepared_list);
    return node;
}

namespace {

bool are_equal_constants(const Node& low, const Node& high, const Environment& environment) {
    const auto has_kind = [](const Node& each) {
        return each.is_constant && each.type.type != Type::json &&
               each.type.type != Type::null_type;
    };
    if (!has_kind(low) || !has_kind(high) || low.type.is_bits != high.type.is_bits) return false;
    if (class_of(low.type) != class_of(high.type)) return false;
    const auto equal = caught([&] {
        const auto how = comparator(low, high, environment, "between");
        Environment copy = environment;
        Run run{{}, copy};
        Operand first(low, run);
        Operand second(high, run);
        return !first.is_null() && !second.is_null() &&
               compare(how, compared(how, first), compared(how, second), copy) == Order::equal;
    });
    return equal && *equal;
}

// Documents among dates are their texts. Says whether there are documents.
bool read_documents_as_texts(std::initializer_list<Node*> nodes, const Environment& environment) {
    const auto is_json = [](const Node* each) { return each->type.type == Type::json; };
    const bool has_json = std::ranges::any_of(nodes, is_json);
    const bool has_dates =
        std::ranges::any_of(nodes, [](const Node* each) { return has_date(each->type.type); });
    const bool all_texts = std::ranges::all_of(
        nodes, [](const Node* each) { return class_of(each->type) == Class::text; });
    for (Node* each : nodes) {
        if (has_dates && all_texts && is_json(each))
            *each = cast(std::move(*each), {.name = "char"}, environment);
    }
    return has_json;
}

// One of two bounds with what is between them.
Comparator bound_comparator(const Node& operand, const Node& bound, const Node& low,
                            const Node& high, const Environment& environment) {
    const bool has_null =
        operand.type.type == Type::null_type || bound.type.type == Type::null_type;
    if (has_null) return comparator(operand, bound, environment, "between");
    const bool dates =
        has_date(operand.type.type) || has_date(low.type.type) || has_date(high.type.type);
    const Class first = comparison_class(operand.type, low.type);
    const Class second = comparison_class(operand.type, high.type);
    const Class ends = comparison_class(low.type, high.type);
    if (first == Class::text && second == Class::text) {
        Comparator how = comparator(operand, bound, environment, "between");
        // JSON is compared as its text.
        if (how.mode == Comparator::Mode::json)
            how = comparator_in(Class::text, operand, bound, environment, "between");
        if (dates) how.mode = Comparator::Mode::datetime;
        return how;
    }
    Class all = Class::integer;
    for (const Class each : {first, second, ends}) {
        if (each == Class::real || each == Class::text) all = Class::real;
        if (each == Class::decimal && all == Class::integer) all = Class::decimal;
    }
    return comparator_in(all, operand, bound, environment, "between");
}

}  // namespace

Node between(Node operand, Node low, Node high, bool negated, const Environment& environment) {
    refuse_tuple(operand);
    refuse_tuple(low);
    refuse_tuple(high);
    // A date between one text and the same is a date that is equal to it.
    const bool is_one = !negated && are_equal_constants(low, high, environment);
    const bool is_text_bound = is_text(low.type.type) || is_binary(low.type.type);
    if (is_one && is_text_bound && has_date(operand.type.type))
        insist_on_date(low, operand.type, environment);
    const bool are_bytes = operand.type.is_bits || is_binary(operand.type.type);
    if (is_one && are_bytes && has_date(low.type.type))
        insist_on_date(operand, low.type, environment);
    // Beside dates a constant time is read as if it were one: 10:11:12 is 2010-11-12.
    const bool any_date = has_date(low.type.type) || has_date(high.type.type);
    for (Node* bound : {&low, &high}) {
        const bool is_time = bound->is_constant && bound->type.type == Type::time;
        if (any_date && is_plain_text(operand.type) && is_time)
            *bound = converted(std::move(*bound), *number_collation());
    }
    store_constant(operand, low, environment);
    store_constant(operand, high, environment);
    const bool has_json = read_documents_as_texts({&operand, &low, &high}, environment);
    auto prepared_list = std::make_shared<PreparedList>();
    const auto shared = shared_collation(operand, {&low, &high}, environment, "between");
    // Beside a number texts are taken as latin1's.
    const bool between_texts =
        class_of(low.type) == Class::text && class_of(high.type) == Class::text;
    const bool is_beside = is_number(operand.type.type) || operand.type.type == Type::time;
    if (is_beside && between_texts) {
        for (const Node* bound : {&low, &high})
            require_convertible(*bound, *text_operand(*bound, environment).collation->charset,
                                *number_collation());
    }
    for (const Node* bound : {&low, &high}) {
        prepared_list->comparators.push_back(
            bound_comparator(operand, *bound, low, high, environment));
        share(shared, prepared_list->comparators.back(), operand, *bound, environment);
    }
    // Of dates nothing is said then.
    if (is_one && has_date(low.type.type)) prepared_list->comparators[0].left_is_silent = true;
    std::vector<Node> arguments;
    arguments.push_back(std::move(operand));
    arguments.push_back(std::move(low));
    arguments.push_back(std::move(high));
    const bool nullable = any_nullable(arguments);
    const Compute compute = is_one ? compute_between_equal : compute_between;
    Node node =
        node_of("between", Print::other, compute, boolean_type(nullable), std::move(arguments));
    node.number = negated ? 1 : 0;
    node.prepared = std::move(prepared_list);
    if (has_json) node.json_use = JsonUse::between;
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
    // The sign that escapes is one of those whose collations must agree.
    how->collation = unite_texts(arguments, environment, "like", Mix::refused).collation;
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
