// BETWEEN.
#include <algorithm>
#include <array>

#include "collation/charset.h"
#include "collation/compare.h"
#include "eval/detail/compare.h"
#include "eval/detail/operators.h"
#include "eval/detail/special.h"

namespace sluice::eval {
namespace {

struct PreparedBetween : Prepared {
    Comparator low;
    Comparator high;
};

Datum compute_between(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const auto& how = static_cast<const PreparedBetween&>(*node.prepared);
    Needle middle(operand, run.environment);
    // All are read, whatever the first bound decides; what is compared is read before them.
    const auto order_to = [&](const Comparator& to, const Node& bound) {
        middle.prepare(to);
        Operand other(bound, run);
        return other.is_null() ? Order::null : middle.compare(to, compared(to, other));
    };
    const Order to_low = order_to(how.low, node.arguments[1]);
    // A text among dates is read for each bound, as its warnings show.
    if (how.high.mode == Comparator::Mode::datetime) middle.forget();
    const Order to_high = order_to(how.high, node.arguments[2]);
    const bool negated = node.number != 0;
    if (to_low == Order::less || to_high == Order::greater) return Datum(std::int64_t{negated});
    if (to_low == Order::null || to_high == Order::null) return {};
    return Datum(std::int64_t{!negated});
}

struct Three {
    Node operand;
    Node low;
    Node high;

    template <class Test>
    int count(Test test) const {
        return (test(operand) ? 1 : 0) + (test(low) ? 1 : 0) + (test(high) ? 1 : 0);
    }
};

bool is_document(const Node& node) {
    return node.type.type == Type::json;
}
bool is_date(const Node& node) {
    return has_date(node.type.type);
}
bool is_time(const Node& node) {
    return node.type.type == Type::time;
}
bool is_moment(const Node& node) {
    return is_date(node) || is_time(node);
}
bool is_text_kind(const Node& node) {
    return is_text_class(node.type);
}

Class common_class(const Three& nodes) {
    Class all = Class::integer;
    for (const Class each : {comparison_class(nodes.operand.type, nodes.low.type),
                             comparison_class(nodes.operand.type, nodes.high.type),
                             comparison_class(nodes.low.type, nodes.high.type)}) {
        if (each == Class::real || each == Class::text) all = Class::real;
        if (each == Class::decimal && all == Class::integer) all = Class::decimal;
    }
    return nodes.count(is_text_kind) == 3 ? Class::text : all;
}

// As what all three are compared.
struct Chosen {
    Class of = Class::text;
    std::optional<Comparator::Mode> moments;
    collation::Operand merged;  // of texts
};

// As an integer a moment that was stored is MySQL's packed form of it.
void as_packed(Node& stored) {
    const auto* moment = stored.constant.as<DateTime>();
    if (moment == nullptr) return;
    auto notes = std::move(stored.notes);
    stored = literal_node(integer_type(false), packed(*moment), printed(stored));
    stored.notes = std::move(notes);
}

// Constants beside a column of dates, times, years or BIGINT are stored in it. If one of them is,
// but there is also what is no date or time, then all are compared as integers.
void store_bounds(Three& nodes, Chosen& how, const Environment& environment) {
    const bool is_low = store_constant(nodes.operand, nodes.low, environment, Storable::bound);
    const bool is_high = store_constant(nodes.operand, nodes.high, environment, Storable::bound);
    const bool is_dated = is_moment(nodes.operand) || nodes.operand.type.type == Type::year;
    if (!is_dated || (!is_low && !is_high)) return;
    how.of = Class::integer;
    if (nodes.count(is_moment) == 3) {
        how.moments = is_time(nodes.operand) ? Comparator::Mode::time : Comparator::Mode::datetime;
        return;
    }
    if (is_low) as_packed(nodes.low);
    if (is_high) as_packed(nodes.high);
}

Chosen chosen_for(Three& nodes, const Environment& environment) {
    Chosen how{.of = common_class(nodes)};
    int dates = 0;
    if (how.of == Class::text) {
        how.merged = merged_collation(std::array{nodes.operand, nodes.low, nodes.high}, environment,
                                      "between");
        // UTF-16 and its like make texts of dates and times.
        if (is_wide(*how.merged.collation->charset)) return how;
        dates = nodes.count(is_date);
        if (nodes.count(is_time) == 3) how.moments = Comparator::Mode::time;
        if (dates > 0) how.moments = Comparator::Mode::datetime;
    }
    if (dates == 0 && !how.moments) store_bounds(nodes, how, environment);
    return how;
}

Comparator bound_comparator(const Chosen& how, const Node& operand, const Node& bound,
                            const Environment& environment) {
    Comparator made{.left = operand.type, .right = bound.type};
    if (operand.type.type == Type::null_type || bound.type.type == Type::null_type) {
        made.mode = Comparator::Mode::bytes;
    } else if (how.moments) {
        made.mode = *how.moments;
    } else if (how.of == Class::text) {
        compare_texts_in(made, how.merged, operand, bound, environment);
    } else {
        return comparator_in(how.of, operand, bound, environment, "between");
    }
    return made;
}

// ---- Bounds that are one and the same: MySQL makes = of them

// The character set into which constant bounds are put before they are asked whether they are the
// same: bytes stay bytes.
const collation::Collation& set_of_bounds(const Three& nodes, const Chosen& how) {
    const Type type = nodes.operand.type.type;
    const bool is_text = how.of == Class::text;
    const bool as_bytes =
        type == Type::null_type || (is_text && how.merged.collation->id == collation::binary);
    if (as_bytes) return *binary_collation();
    const bool is_numeric = !is_text || is_temporal(type);
    return is_numeric ? *number_collation() : *how.merged.collation;
}

const collation::Charset* set_of(const Node& bound) {
    return is_temporal(bound.type.type)      ? number_collation()->charset
           : bound.type.collation != nullptr ? bound.type.collation->charset
                                             : nullptr;
}

bool is_in_other_set(const Node& bound, const collation::Collation& to) {
    const collation::Charset* from = set_of(bound);
    const bool stays = to.id == collation::binary && is_temporal(bound.type.type);
    return bound.type.type != Type::null_type && from != nullptr && from != to.charset &&
           from->name != "binary" && !stays;
}

// A constant text, date, time or document as a literal of another character set. 3854 if that lacks
// a character.
Node literal_in(const Node& bound, const collation::Collation& to, const Environment& environment) {
    const auto text = constant_text(bound, environment);
    if (!text) return bound;
    const collation::Operand operand{&to, Coercibility::coercible, bound.type.repertoire};
    FieldType type = text_type(operand, text_length(bound.type), false);
    return literal_node(type, converted_text(*set_of(bound), *to.charset, *text), printed(bound));
}

// A literal without COLLATE behind it.
bool is_literal_text(const Node& node) {
    return node.compute == compute_literal && !node.type.is_bits &&
           node.type.coercibility != Coercibility::explicit_collate &&
           (is_text(node.type.type) || is_binary(node.type.type));
}

// The same words, but for upper and lower case in texts.
bool are_same(const Node& one, const Node& other, const collation::Collation& in) {
    const auto* text = one.constant.as<std::string>();
    const auto* other_text = other.constant.as<std::string>();
    if (is_literal_text(one) || is_literal_text(other)) {
        return is_literal_text(one) && is_literal_text(other) && text != nullptr &&
               other_text != nullptr && collation::compare(in, *text, *other_text) == 0;
    }
    if (one.compute != other.compute || one.type.type != other.type.type ||
        one.name != other.name || one.number != other.number ||
        one.arguments.size() != other.arguments.size())
        return false;
    if (one.compute != compute_literal) {
        return std::ranges::equal(one.arguments, other.arguments,
                                  [&](const Node& a, const Node& b) { return are_same(a, b, in); });
    }
    if (text != nullptr && other_text != nullptr)
        return one.type.collation == other.type.collation &&
               collation::compare(in, *text, *other_text) == 0;
    return one.type.is_boolean == other.type.is_boolean && printed(one) == printed(other);
}

// Puts constant bounds into the character set of what is compared. Whether they are the same.
bool unite_bounds(Three& nodes, const Chosen& how, const Environment& environment) {
    const auto is_known = [](const Node& bound) {
        return bound.is_constant && !is_known_late(bound);
    };
    if (!is_known(nodes.low) || !is_known(nodes.high)) return false;
    const bool are_texts = is_text_kind(nodes.low) && is_text_kind(nodes.high);
    const collation::Collation& to = set_of_bounds(nodes, how);
    Node low = nodes.low;
    Node high = nodes.high;
    for (Node* bound : {&low, &high}) {
        if (are_texts && is_in_other_set(*bound, to)) *bound = literal_in(*bound, to, environment);
    }
    const bool is_null = low.type.type == Type::null_type || high.type.type == Type::null_type;
    const auto& in = to.id == collation::binary ? *number_collation() : to;
    if (!is_null && are_same(low, high, in)) {
        nodes.low = std::move(low);
        return true;
    }
    // A time becomes a text, which is read as a date beside dates: 10:11:12 is 2010-11-12. So does
    // a document.
    low.type.nullable = nodes.low.type.nullable;
    high.type.nullable = nodes.high.type.nullable;
    if (is_time(nodes.low) || is_document(nodes.low)) nodes.low = std::move(low);
    if (is_time(nodes.high) || is_document(nodes.high)) nodes.high = std::move(high);
    return false;
}

}  // namespace

Node between(Node operand, Node low, Node high, bool negated, const Environment& environment) {
    refuse_tuple(operand);
    refuse_tuple(low);
    refuse_tuple(high);
    Three nodes{std::move(operand), std::move(low), std::move(high)};
    const bool has_json = nodes.count(is_document) > 0;
    const Chosen how = chosen_for(nodes, environment);
    if (!negated && unite_bounds(nodes, how, environment)) {
        Node node = comparison(sql::CompareOp::equal, std::move(nodes.operand),
                               std::move(nodes.low), environment);
        if (has_json) node.json_use = JsonUse::between;
        return node;
    }
    // Documents among dates are their texts.
    for (Node* each : {&nodes.operand, &nodes.low, &nodes.high}) {
        if (how.moments && is_document(*each))
            *each = cast(std::move(*each), {.name = "char"}, environment);
    }
    auto prepared = std::make_shared<PreparedBetween>();
    prepared->low = bound_comparator(how, nodes.operand, nodes.low, environment);
    prepared->high = bound_comparator(how, nodes.operand, nodes.high, environment);
    std::vector<Node> arguments;
    arguments.push_back(std::move(nodes.operand));
    arguments.push_back(std::move(nodes.low));
    arguments.push_back(std::move(nodes.high));
    const bool nullable = any_nullable(arguments);
    Node node = node_of("between", Print::other, compute_between, boolean_type(nullable),
                        std::move(arguments));
    node.number = negated ? 1 : 0;
    node.prepared = std::move(prepared);
    if (has_json) node.json_use = JsonUse::between;
    return node;
}

}  // namespace sluice::eval
