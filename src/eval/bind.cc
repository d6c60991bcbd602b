// Binding: operators and names. Special syntaxes are in bind_special.cc.
#include "eval/bind.h"

#include "base/assert.h"
#include "base/limits.h"
#include "eval/detail/binder.h"
#include "eval/detail/quantified.h"
#include "sql/ast.h"
#include "sql/normalize.h"

namespace sluice::eval {
namespace {

Datum compute_tuple(const Node& node, Run& run) {
    Tuple tuple;
    for (const Node& argument : node.arguments) {
        Operand operand(argument, run);
        tuple.push_back(operand.take());
    }
    return tuple;
}

// What MySQL says once: of constants that are compared with columns, and of JSON that stands for a
// truth, or is compared where it cannot be.
void take_own_notes(const Node& node, std::vector<Warning>& warnings) {
    if (node.notes != nullptr)
        warnings.insert(warnings.end(), node.notes->begin(), node.notes->end());
    const std::string lacks =
        "This version of MySQL doesn't yet support 'comparison of JSON in the ";
    switch (node.json_use) {
        case JsonUse::none:
            return;
        case JsonUse::between:
            warnings.push_back({false, er::not_supported_yet, lacks + "BETWEEN operator'"});
            return;
        case JsonUse::extreme:
            warnings.push_back(
                {false, er::not_supported_yet, lacks + "LEAST and GREATEST operators'"});
            return;
        case JsonUse::truth:
            break;
    }
    for (const Node& argument : node.arguments) {
        if (argument.type.type != Type::json) continue;
        warnings.push_back(
            {false, 3986,
             "Evaluating a JSON value in SQL boolean context does an implicit comparison against "
             "JSON integer 0; if this is not what you want, consider converting JSON to a SQL "
             "numeric type with JSON_VALUE RETURNING"});
    }
}

void take_notes(const Node& node, std::vector<Warning>& warnings) {
    if (node.json_use != JsonUse::between) {
        for (const Node& argument : node.arguments) take_notes(argument, warnings);
        take_own_notes(node, warnings);
        return;
    }
    // Before constants are stored in a column.
    for (const Node& argument : node.arguments) {
        for (const Node& inner : argument.arguments) take_notes(inner, warnings);
    }
    take_own_notes(node, warnings);
    for (const Node& argument : node.arguments) take_own_notes(argument, warnings);
}

std::size_t only_column(const Columns& columns, const sql::Column& column) {
    std::size_t found = columns.columns.size();
    for (std::size_t i = 0; i < columns.columns.size(); ++i) {
        if (!sql::same_name(columns.columns[i].name, column.name)) continue;
        if (found < columns.columns.size())
            raise(er::non_uniq, "Column '" + column.name + "' in field list is ambiguous");
        found = i;
    }
    if (found == columns.columns.size())
        raise(er::bad_field, "Unknown column '" + column.name + "' in 'field list'");
    return found;
}

}  // namespace

Node Binder::bind(const sql::Expr& expression) {
    if (++depth_ > limits::max_parse_depth) refuse("an expression that is nested so deeply");
    Node node =
        std::visit([this](const auto& alternative) { return of(alternative); }, expression.node);
    --depth_;
    return node;
}

std::vector<Node> Binder::bind_all(const std::vector<sql::Expr>& expressions) {
    std::vector<Node> nodes;
    nodes.reserve(expressions.size());
    for (const sql::Expr& expression : expressions) nodes.push_back(bind(expression));
    return nodes;
}

Node Binder::of(const sql::Literal& literal) {
    const Value value = sql::literal_value(literal);
    Node node = literal_node(ValueView{value.type, value.bytes}, environment_);
    if (literal.kind == sql::LiteralKind::national) node = introduced(std::move(node), "utf8mb3");
    return node;
}

Node Binder::of(const sql::NullLiteral&) {
    return literal_node(ValueView{}, environment_);
}

Node Binder::of(const sql::BoolLiteral& literal) {
    return literal_node(boolean_type(false), std::int64_t{literal.value ? 1 : 0},
                        literal.value ? "true" : "false");
}

Node Binder::of(const sql::Column& column) {
    const std::size_t place =
        columns_.find ? or_raise(columns_.find(column)) : only_column(columns_, column);
    VT_ASSERT(place < columns_.columns.size());
    Node node;
    node.type = columns_.columns[place].type;
    node.compute = compute_column;
    if (is_integral(node.type.type) && !is_unsigned(node.type.type)) node.whole = whole_column;
    node.number = static_cast<std::uint32_t>(place);
    node.print = Print::column;
    node.name = "`" + columns_.columns[place].name + "`";
    return node;
}

Node Binder::of(const sql::BindVariable& variable) {
    for (std::size_t i = 0; i < columns_.variables.size(); ++i) {
        const VariableField& field = columns_.variables[i];
        if (field.name != variable.name) continue;
        if (field.type.type == Type::tuple) {
            std::vector<Node> items;
            for (std::size_t item = 0; item < field.list.size(); ++item) {
                items.push_back(literal_node(field.list_types[item], field.list[item],
                                             to_text(field.list_types[item], field.list[item])));
            }
            return node_of("", Print::other, compute_tuple, {.type = Type::tuple},
                           std::move(items));
        }
        if (field.value) {
            std::string text = to_text(field.type, *field.value);
            if (class_of(field.type) == Class::text) text = "'" + text + "'";
            return literal_node(field.type, *field.value, std::move(text));
        }
        Node node;
        node.type = field.type;
        node.compute = compute_column;
        node.number = static_cast<std::uint32_t>(columns_.columns.size() + i);
        node.print = Print::column;
        node.name = ":" + field.name;
        return node;
    }
    raise(er::unknown_error, "missing bind var " + variable.name);
}

Node Binder::of(const sql::Variable& variable) {
    if (variable.scope != sql::VariableScope::user) refuse("@@" + variable.name);
    return user_variable_node(sql::lower_case(variable.name), environment_);
}

Node Binder::of(const sql::Unary& unary) {
    Node operand = bind(*unary.operand);
    switch (unary.op) {
        case sql::UnaryOp::minus:
            return negated(std::move(operand), environment_);
        case sql::UnaryOp::plus:
            refuse_tuple(operand);
            return operand;
        case sql::UnaryOp::bit_not:
            return bit_not(std::move(operand));
        case sql::UnaryOp::not_bang:
            return not_node(std::move(operand));
        case sql::UnaryOp::binary:
            break;
    }
    return cast(std::move(operand), {.name = "binary"}, environment_);
}

Node Binder::of(const sql::Not& negation) {
    return not_node(bind(*negation.operand));
}

Node Binder::of(const sql::Binary& binary) {
    const bool subtract = binary.op == sql::BinaryOp::subtract;
    if (subtract || binary.op == sql::BinaryOp::add) {
        const auto* right = binary.right->as<sql::Interval>();
        const auto* left = binary.left->as<sql::Interval>();
        if (right != nullptr || (left != nullptr && !subtract)) {
            const sql::Interval& interval = right != nullptr ? *right : *left;
            const auto unit = interval_unit(interval.unit);
            if (!unit) refuse("the unit " + interval.unit);
            Node date = bind(right != nullptr ? *binary.left : *binary.right);
            return interval_sum(std::move(date), bind(*interval.amount), *unit, subtract,
                                environment_);
        }
    }
    Node left = bind(*binary.left);
    Node right = bind(*binary.right);
    switch (binary.op) {
        case sql::BinaryOp::bit_and:
        case sql::BinaryOp::bit_or:
        case sql::BinaryOp::bit_xor:
        case sql::BinaryOp::shift_left:
        case sql::BinaryOp::shift_right:
            return bit_operation(binary.op, std::move(left), std::move(right));
        default:
            return arithmetic(binary.op, std::move(left), std::move(right), environment_);
    }
}

std::vector<Node> Binder::list(const sql::Expr& right) {
    if (right.is<sql::Subquery>()) refuse("a subquery in an expression");
    std::vector<Node> nodes;
    const auto add = [&](const sql::Expr& item) {
        Node node = bind(item);
        if (item.is<sql::BindVariable>() && node.type.type == Type::tuple) {
            for (Node& each : node.arguments) nodes.push_back(std::move(each));
        } else {
            nodes.push_back(std::move(node));
        }
    };
    if (const auto* tuple = right.as<sql::Tuple>()) {
        for (const sql::Expr& item : tuple->items) add(item);
    } else {
        add(right);
    }
    return nodes;
}

Node Binder::in(const sql::Compare& compare) {
    Node needle = bind(*compare.left);
    return in_list(std::move(needle), list(*compare.right), compare.op == sql::CompareOp::not_in,
                   environment_);
}

Node Binder::of(const sql::Compare& compare) {
    if (compare.quantifier != sql::Quantifier::none) {
        Node left = bind(*compare.left);
        return quantified(compare.op, compare.quantifier, std::move(left), list(*compare.right),
                          environment_);
    }
    switch (compare.op) {
        case sql::CompareOp::in:
        case sql::CompareOp::not_in:
            return in(compare);
        default:
            break;
    }
    Node left = bind(*compare.left);
    Node right = bind(*compare.right);
    switch (compare.op) {
        case sql::CompareOp::like:
        case sql::CompareOp::not_like: {
            std::vector<Node> escape;
            if (compare.escape) escape.push_back(bind(**compare.escape));
            return like(std::move(left), std::move(right), std::move(escape),
                        compare.op == sql::CompareOp::not_like, environment_);
        }
        case sql::CompareOp::regexp:
        case sql::CompareOp::not_regexp:
            return regexp_node(std::move(left), std::move(right),
                               compare.op == sql::CompareOp::not_regexp, environment_);
        default:
            return comparison(compare.op, std::move(left), std::move(right), environment_);
    }
}

Node Binder::of(const sql::And& conjunction) {
    return eval::conjunction(bind_all(conjunction.operands), true);
}
Node Binder::of(const sql::Or& disjunction) {
    return eval::conjunction(bind_all(disjunction.operands), false);
}
Node Binder::of(const sql::Xor& exclusive) {
    Node left = bind(*exclusive.left);
    return exclusive_or(std::move(left), bind(*exclusive.right));
}
Node Binder::of(const sql::Between& between) {
    Node operand = bind(*between.operand);
    Node low = bind(*between.low);
    return eval::between(std::move(operand), std::move(low), bind(*between.high), between.negated,
                         environment_);
}
Node Binder::of(const sql::Is& is) {
    return is_node(bind(*is.operand), is.kind);
}

Node Binder::of(const sql::Tuple& tuple) {
    if (tuple.items.size() == 1) return bind(tuple.items.front());
    return node_of("", Print::other, compute_tuple, {.type = Type::tuple}, bind_all(tuple.items));
}

Node Binder::of(const sql::Case& choice) {
    std::vector<Node> operand;
    if (choice.operand) operand.push_back(bind(**choice.operand));
    std::vector<Node> parts;
    for (const sql::When& when : choice.whens) {
        parts.push_back(bind(*when.condition));
        parts.push_back(bind(*when.result));
    }
    if (choice.otherwise) parts.push_back(bind(**choice.otherwise));
    return case_node(std::move(operand), std::move(parts), choice.otherwise.has_value(),
                     environment_);
}

Result<Bound> bind(const sql::Expr& expression, const Columns& columns,
                   const Environment& environment) {
    return caught([&] {
        Binder binder(columns, environment);
        Bound bound{binder.bind(expression)};
        bound.warnings = std::move(binder).warnings();
        take_notes(bound.root, bound.warnings);
        // As the answer only a column itself is printed with zeros in front.
        Node& root = bound.root;
        if (root.type.type == Type::year && root.compute != compute_column)
            root.type.is_zerofill = false;
        return bound;
    });
}

}  // namespace sluice::eval
