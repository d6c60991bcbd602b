// Aggregates: their types, and how they are split between shards and gate.
#include <algorithm>
#include <charconv>

#include "eval/aggregate.h"
#include "eval/detail/binder.h"
#include "eval/detail/spatial.h"
#include "sql/ast.h"

namespace sluice::eval {
namespace {

AggregateFunction function_of(const sql::Aggregate& aggregate) {
    switch (aggregate.kind) {
        case sql::AggregateKind::count:
        case sql::AggregateKind::count_star:
            return AggregateFunction::count;
        case sql::AggregateKind::sum:
            return AggregateFunction::sum;
        case sql::AggregateKind::avg:
            return AggregateFunction::avg;
        case sql::AggregateKind::min:
            return AggregateFunction::min;
        case sql::AggregateKind::max:
            return AggregateFunction::max;
        case sql::AggregateKind::any_value:
            return AggregateFunction::any_value;
        case sql::AggregateKind::bit_and:
            return AggregateFunction::bit_and;
        case sql::AggregateKind::bit_or:
            return AggregateFunction::bit_or;
        case sql::AggregateKind::bit_xor:
            return AggregateFunction::bit_xor;
        case sql::AggregateKind::std:
        case sql::AggregateKind::stddev:
        case sql::AggregateKind::stddev_pop:
            return AggregateFunction::deviation;
        case sql::AggregateKind::stddev_samp:
            return AggregateFunction::sample_deviation;
        case sql::AggregateKind::var_pop:
        case sql::AggregateKind::variance:
            return AggregateFunction::variance;
        case sql::AggregateKind::var_samp:
            return AggregateFunction::sample_variance;
        case sql::AggregateKind::json_arrayagg:
            return AggregateFunction::json_array;
        case sql::AggregateKind::json_objectagg:
            return AggregateFunction::json_object;
        case sql::AggregateKind::loaded:
            if (sql::same_name(aggregate.name, "st_collect")) return AggregateFunction::collect;
            break;
    }
    refuse("the aggregate function " + aggregate.name);
}

// Digits that the sum of many 64-bit numbers needs more.
constexpr int sum_digits = 22;

FieldType number_type(const BoundAggregate& aggregate, const Environment& environment) {
    const FieldType& type = aggregate.arguments[0].type();
    const bool text = class_of(type) == Class::text && !is_temporal(type.type);
    if (text || class_of(type) == Class::real || type.is_bits) {
        FieldType real = real_type(true);
        return real;
    }
    const int scale = type.decimals >= not_fixed ? 0 : type.decimals;
    if (aggregate.function == AggregateFunction::sum)
        return decimal_type(precision_of(type) + sum_digits, scale, true);
    const int more = environment.div_precision_increment;
    return decimal_type(precision_of(type) + more, std::min(scale + more, Decimal::max_scale),
                        true);
}

FieldType type_of(const BoundAggregate& aggregate, const Environment& environment) {
    switch (aggregate.function) {
        case AggregateFunction::count:
            return integer_type(false);
        case AggregateFunction::sum:
        case AggregateFunction::avg:
            return number_type(aggregate, environment);
        case AggregateFunction::min:
        case AggregateFunction::max:
        case AggregateFunction::any_value: {
            FieldType type = aggregate.arguments[0].type();
            type.nullable = true;
            return type;
        }
        case AggregateFunction::bit_and:
        case AggregateFunction::bit_or:
        case AggregateFunction::bit_xor: {
            const FieldType& type = aggregate.arguments[0].type();
            if (is_binary(type.type) && !type.is_bits) return binary_type(false, type.length);
            return integer_type(false, integer_length, true);
        }
        case AggregateFunction::json_array:
        case AggregateFunction::json_object:
            return json_type(true);
        case AggregateFunction::collect: {
            Node node;
            give_geometry(node, environment);
            return node.type;
        }
        default:
            break;
    }
    return real_type(true);
}

std::uint64_t number_of_limit(const sql::Expr& expression) {
    const auto* literal = expression.as<sql::Literal>();
    std::uint64_t number = 0;
    if (literal == nullptr || literal->kind != sql::LiteralKind::integer)
        refuse("LIMIT of group_concat that is no number");
    std::from_chars(literal->text.data(), literal->text.data() + literal->text.size(), number);
    return number;
}

BoundAggregate bind_concat(const sql::GroupConcat& concat, Binder& binder,
                           const Environment& environment) {
    BoundAggregate bound{.function = AggregateFunction::group_concat, .distinct = concat.distinct};
    std::vector<Node> nodes = binder.bind_all(concat.arguments);
    const collation::Operand collation = unite_texts(nodes, environment, "group_concat");
    for (Node& node : nodes) bound.arguments.push_back({std::move(node)});
    for (const sql::OrderItem& item : concat.order_by) {
        bound.order_by.push_back({binder.bind(item.expression)});
        bound.descending.push_back(item.descending);
    }
    if (concat.separator) bound.separator = *concat.separator;
    if (concat.limit) {
        const sql::Limit& limit = **concat.limit;
        bound.limit = number_of_limit(*limit.count);
        if (limit.offset) bound.offset = number_of_limit(**limit.offset);
    }
    const std::uint64_t width = std::max<std::uint64_t>(1, collation.collation->charset->max_bytes);
    bound.type = text_type(collation, environment.group_concat_max_len / width, true);
    return bound;
}

sql::Expr column(std::string name) {
    return sql::Column{.table = {}, .name = std::move(name), .source = {}};
}
sql::Expr call(sql::AggregateKind kind, sql::Expr argument) {
    sql::Aggregate aggregate{.kind = kind};
    aggregate.arguments.push_back(std::move(argument));
    return aggregate;
}

}  // namespace

Result<BoundAggregate> bind_aggregate(const sql::Expr& expression, const Columns& columns,
                                      const Environment& environment) {
    return caught([&] {
        Binder binder(columns, environment);
        if (const auto* concat = expression.as<sql::GroupConcat>())
            return bind_concat(*concat, binder, environment);
        const auto* aggregate = expression.as<sql::Aggregate>();
        if (aggregate == nullptr) refuse("what is no aggregate function");
        BoundAggregate bound{.function = function_of(*aggregate), .distinct = aggregate->distinct};
        if (aggregate->kind != sql::AggregateKind::count_star) {
            for (Node& node : binder.bind_all(aggregate->arguments)) {
                refuse_tuple(node);
                bound.arguments.push_back({std::move(node)});
            }
        }
        bound.type = type_of(bound, environment);
        return bound;
    });
}

std::optional<AggregateSplit> split(const sql::Expr& expression) {
    const auto* aggregate = expression.as<sql::Aggregate>();
    if (aggregate == nullptr) return std::nullopt;
    const bool same_everywhere =
        aggregate->kind == sql::AggregateKind::min || aggregate->kind == sql::AggregateKind::max;
    if (aggregate->distinct && !same_everywhere) return std::nullopt;
    switch (aggregate->kind) {
        case sql::AggregateKind::count:
        case sql::AggregateKind::count_star: {
            // A sum of counts is a count again: whole, and 0 of nothing.
            sql::Expr sum = call(sql::AggregateKind::sum, column("p0"));
            sql::FunctionCall otherwise{.name = "coalesce"};
            otherwise.arguments.push_back(
                sql::Cast{.operand = std::move(sum), .type = {.name = "signed"}});
            otherwise.arguments.push_back(
                sql::Literal{.kind = sql::LiteralKind::integer, .text = "0", .source = {}});
            return AggregateSplit{{expression}, sql::Expr(std::move(otherwise))};
        }
        case sql::AggregateKind::sum:
        case sql::AggregateKind::min:
        case sql::AggregateKind::max:
        case sql::AggregateKind::any_value:
        case sql::AggregateKind::bit_and:
        case sql::AggregateKind::bit_or:
        case sql::AggregateKind::bit_xor:
            return AggregateSplit{{expression}, call(aggregate->kind, column("p0"))};
        case sql::AggregateKind::avg: {
            AggregateSplit parts{{call(sql::AggregateKind::sum, aggregate->arguments.at(0)),
                                  call(sql::AggregateKind::count, aggregate->arguments.at(0))},
                                 {}};
            parts.finish = sql::Binary{.op = sql::BinaryOp::divide,
                                       .left = call(sql::AggregateKind::sum, column("p0")),
                                       .right = call(sql::AggregateKind::sum, column("p1"))};
            return parts;
        }
        default:
            return std::nullopt;
    }
}

}  // namespace sluice::eval
