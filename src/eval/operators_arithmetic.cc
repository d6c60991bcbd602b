// + - * / DIV % and unary minus: MySQL's types, and its error 1690 where a result does not fit.
#include <algorithm>
#include <cmath>

#include "eval/detail/arithmetic.h"
#include "eval/detail/operators.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

// How a number's operand is computed with: numbers of times are integers, or decimals if they have
// a fraction; text is a double.
Class numeric_class(const FieldType& type) {
    if (type.is_bits) return Class::integer;
    if (is_temporal(type.type)) return type.decimals > 0 ? Class::decimal : Class::integer;
    const Class own = class_of(type);
    return own == Class::text ? Class::real : own;
}

// A double of which all operands have a fixed count of digits behind the point has one, too.
// Before the point.
std::uint32_t whole_length(const FieldType& type) {
    const bool is_filled = type.is_zerofill && is_integral(type.type);
    const auto length = is_filled ? static_cast<std::uint32_t>(text_length(type)) : type.length;
    return length - std::min<std::uint32_t>(type.decimals, length);
}
FieldType real_of(const FieldType& left, const FieldType& right, bool nullable) {
    FieldType type = real_type(nullable);
    if (left.decimals >= not_fixed || right.decimals >= not_fixed) return type;
    type.decimals = std::max(left.decimals, right.decimals);
    type.length = std::max(whole_length(left), whole_length(right)) + type.decimals;
    return type;
}
FieldType real_quotient(const FieldType& left, const FieldType& right, int more) {
    FieldType type = real_type(true);
    const int decimals = std::max(left.decimals, right.decimals) + more;
    if (decimals >= not_fixed) return type;
    type = fixed_real_type(decimals, true);
    type.length = std::min(type.length, whole_length(left) + type.decimals);
    return type;
}

int scale_of(const FieldType& type) {
    return type.decimals >= not_fixed ? 0 : type.decimals;
}
bool is_null(const FieldType& type) {
    return type.type == Type::null_type;
}

// Exact sums of two integers as 128 bits, then into the type.
using Wide = __int128;
Wide wide(const Integer& integer) {
    return integer.is_unsigned ? Wide{integer.bits} : Wide{integer.as_signed()};
}
Datum fitted(Wide number, const Node& node) {
    if (node.type.is_unsigned) {
        if (number < 0 || number > Wide{UINT64_MAX}) raise_out_of_range("BIGINT UNSIGNED", node);
        return static_cast<std::uint64_t>(number);
    }
    if (number < Wide{INT64_MIN} || number > Wide{INT64_MAX}) raise_out_of_range("BIGINT", node);
    return static_cast<std::int64_t>(number);
}
Datum in_range(const std::optional<Decimal>& number, const Node& node) {
    if (!number || number->digits() > Decimal::max_groups * Decimal::group_digits) {
        raise_out_of_range("DECIMAL", node);
    }
    return number->rounded(node.type.decimals);
}

// Both operands are made numbers of, with their warnings, even if the other one is NULL.
template <class Work>
Datum of_integers(const Node& node, Run& run, Work work) {
    Operand left(node.arguments[0], run);
    const Integer a = left.is_null() ? Integer{} : left.integer();
    Operand right(node.arguments[1], run);
    const Integer b = right.is_null() ? Integer{} : right.integer();
    if (left.is_null() || right.is_null()) return {};
    return work(a, b);
}
// Beside NULL the second is not computed.
template <class Work>
Datum of_decimals(const Node& node, Run& run, Work work) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    const Decimal a = left.decimal();
    Operand right(node.arguments[1], run);
    if (right.is_null()) return {};
    return work(a, right.decimal());
}

template <bool (*overflows)(std::int64_t, std::int64_t, std::int64_t*)>
Whole whole_result(const Node& node, Run& run) {
    const Whole a = node.arguments[0].whole(node.arguments[0], run);
    const Whole b = node.arguments[1].whole(node.arguments[1], run);
    if (a.is_null || b.is_null) return {.is_null = true};
    Whole out;
    if (overflows(a.value, b.value, &out.value)) raise_out_of_range("BIGINT", node);
    return out;
}
bool sum_overflows(std::int64_t a, std::int64_t b, std::int64_t* out) {
    return __builtin_add_overflow(a, b, out);
}
bool difference_overflows(std::int64_t a, std::int64_t b, std::int64_t* out) {
    return __builtin_sub_overflow(a, b, out);
}
bool product_overflows(std::int64_t a, std::int64_t b, std::int64_t* out) {
    return __builtin_mul_overflow(a, b, out);
}
// Signed operands that are held as such are computed without Datums.
void give_whole(Node& node, ComputeWhole whole) {
    const bool fits = !node.type.is_unsigned && node.arguments[0].whole != nullptr &&
                      node.arguments[1].whole != nullptr;
    if (fits) node.whole = whole;
}

Datum add_integers(const Node& node, Run& run) {
    return of_integers(node, run,
                       [&](Integer a, Integer b) { return fitted(wide(a) + wide(b), node); });
}
Datum subtract_integers(const Node& node, Run& run) {
    return of_integers(node, run,
                       [&](Integer a, Integer b) { return fitted(wide(a) - wide(b), node); });
}
Datum multiply_integers(const Node& node, Run& run) {
    return of_integers(node, run, [&](Integer a, Integer b) {
        Wide product = 0;
        if (__builtin_mul_overflow(wide(a), wide(b), &product)) raise_out_of_range("BIGINT", node);
        return fitted(product, node);
    });
}
Datum add_reals(const Node& node, Run& run) {
    return of_reals(node, run, [&](double a, double b) { return finite(a + b, node); });
}
Datum subtract_reals(const Node& node, Run& run) {
    return of_reals(node, run, [&](double a, double b) { return finite(a - b, node); });
}
Datum multiply_reals(const Node& node, Run& run) {
    return of_reals(node, run, [&](double a, double b) { return finite(a * b, node); });
}
Datum add_decimals(const Node& node, Run& run) {
    return of_decimals(node, run, [&](const Decimal& a, const Decimal& b) {
        return in_range(Decimal::add(a, b), node);
    });
}
Datum subtract_decimals(const Node& node, Run& run) {
    return of_decimals(node, run, [&](const Decimal& a, const Decimal& b) {
        return in_range(Decimal::subtract(a, b), node);
    });
}
Datum multiply_decimals(const Node& node, Run& run) {
    return of_decimals(node, run, [&](const Decimal& a, const Decimal& b) {
        const auto product = Decimal::multiply(a, b);
        if (!product) raise_out_of_range("DECIMAL", node);
        return Datum(product->rounded(std::max<int>(node.type.decimals, 0)));
    });
}

Datum division_by_zero(Run& run) {
    if (run.environment.sql_mode.division_by_zero) {
        run.environment.warnings.add(1365, "Division by 0");
    }
    return {};
}

Datum divide_reals(const Node& node, Run& run) {
    return of_reals(node, run, [&](double a, double b) {
        return b == 0 ? division_by_zero(run) : finite(a / b, node);
    });
}
Datum whole_quotient(const Node& node, Run& run) {
    return of_decimals(node, run, [&](const Decimal& a, const Decimal& b) {
        if (b.is_zero()) return division_by_zero(run);
        const auto quotient = Decimal::divide(a, b, run.environment.div_precision_increment);
        if (!quotient) raise_out_of_range("DECIMAL", node);
        return Datum(*quotient);
    });
}
Datum divide_decimals(const Node& node, Run& run) {
    const Datum quotient = whole_quotient(node, run);
    const auto* number = quotient.as<Decimal>();
    return number == nullptr ? Datum() : Datum(number->rounded(node.type.decimals));
}

Datum integer_quotient(const Node& node, Run& run) {
    return of_integers(node, run, [&](Integer a, Integer b) {
        if (b.bits == 0) return division_by_zero(run);
        const Wide quotient = wide(a) / wide(b);
        // MySQL refuses the lowest BIGINT as a quotient.
        const bool is_lowest = !node.type.is_unsigned && quotient == INT64_MIN;
        if (is_lowest) raise_out_of_range("BIGINT", node);
        return fitted(quotient, node);
    });
}
// Of what are not two integers: the exact quotient without its fraction.
Datum decimal_quotient(const Node& node, Run& run) {
    return of_decimals(node, run, [&](const Decimal& a, const Decimal& b) {
        if (b.is_zero()) return division_by_zero(run);
        const auto quotient = Decimal::divide(a, b, 0);
        const char* name = node.type.is_unsigned ? "BIGINT UNSIGNED" : "BIGINT";
        if (!quotient) raise_out_of_range(name, node);
        const Decimal whole = quotient->rounded(0, Decimal::Rounding::truncate);
        if (node.type.is_unsigned) {
            const auto fits = whole.to_uint64();
            if (!fits || (whole.is_negative() && !whole.is_zero())) raise_out_of_range(name, node);
            return Datum(*fits);
        }
        const auto fits = whole.to_int64();
        if (!fits) raise_out_of_range(name, node);
        return Datum(*fits);
    });
}

Datum remainder_of_integers(const Node& node, Run& run) {
    return of_integers(node, run, [&](Integer a, Integer b) {
        if (b.bits == 0) return division_by_zero(run);
        return fitted(wide(a) % wide(b), node);
    });
}
Datum remainder_of_reals(const Node& node, Run& run) {
    return of_reals(node, run, [&](double a, double b) {
        return b == 0 ? division_by_zero(run) : finite(std::fmod(a, b), node);
    });
}
Datum remainder_of_decimals(const Node& node, Run& run) {
    return of_decimals(node, run, [&](const Decimal& a, const Decimal& b) {
        if (b.is_zero()) return division_by_zero(run);
        return in_range(Decimal::remainder(a, b), node);
    });
}

Datum negated_integer(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    return fitted(-wide(operand.integer()), node);
}
Datum negated_decimal(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    return operand.decimal().negated();
}
Datum negated_real(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    return -operand.real();
}

Class common(const FieldType& left, const FieldType& right) {
    const Class a = numeric_class(left);
    const Class b = numeric_class(right);
    if (a == Class::real || b == Class::real) return Class::real;
    if (a == Class::decimal || b == Class::decimal) return Class::decimal;
    return Class::integer;
}

void give_sum(Node& node, const Environment& environment, bool is_subtraction) {
    const FieldType& left = node.arguments[0].type;
    const FieldType& right = node.arguments[1].type;
    const bool nullable = any_nullable(node.arguments);
    const int scale = std::max(scale_of(left), scale_of(right));
    const int whole =
        std::max(precision_of(left) - scale_of(left), precision_of(right) - scale_of(right));
    switch (common(left, right)) {
        case Class::real:
            node.type = real_of(left, right, nullable);
            node.compute = is_subtraction ? subtract_reals : add_reals;
            return;
        case Class::decimal:
            node.type = decimal_type(whole + 1 + scale, scale, nullable,
                                     left.is_unsigned && right.is_unsigned);
            node.compute = is_subtraction ? subtract_decimals : add_decimals;
            return;
        default:
            break;
    }
    const bool is_unsigned = (left.is_unsigned || right.is_unsigned) &&
                             !(is_subtraction && environment.sql_mode.no_unsigned_subtraction);
    node.type = integer_type(
        nullable, static_cast<std::uint32_t>(whole + 1 + (is_unsigned ? 0 : 1)), is_unsigned);
    node.compute = is_subtraction ? subtract_integers : add_integers;
    give_whole(node,
               is_subtraction ? whole_result<difference_overflows> : whole_result<sum_overflows>);
}

void give_product(Node& node) {
    const FieldType& left = node.arguments[0].type;
    const FieldType& right = node.arguments[1].type;
    const bool nullable = any_nullable(node.arguments);
    const int precision = precision_of(left) + precision_of(right);
    switch (common(left, right)) {
        case Class::real:
            node.type = real_of(left, right, nullable);
            node.compute = multiply_reals;
            return;
        case Class::decimal:
            node.type = decimal_type(precision, std::min(scale_of(left) + scale_of(right), 30),
                                     nullable, left.is_unsigned && right.is_unsigned);
            node.compute = multiply_decimals;
            return;
        default:
            break;
    }
    const bool is_unsigned = left.is_unsigned || right.is_unsigned;
    node.type = integer_type(
        nullable, static_cast<std::uint32_t>(precision + (is_unsigned ? 0 : 1)), is_unsigned);
    node.compute = multiply_integers;
    give_whole(node, whole_result<product_overflows>);
}

void give_quotient(Node& node, const Environment& environment) {
    const FieldType& left = node.arguments[0].type;
    const FieldType& right = node.arguments[1].type;
    if (common(left, right) == Class::real) {
        node.type = real_quotient(left, right, environment.div_precision_increment);
        node.compute = divide_reals;
        return;
    }
    const int more = environment.div_precision_increment;
    const int scale = std::min(scale_of(left) + more, Decimal::max_scale);
    const int precision = precision_of(left) + scale_of(right) + more;
    node.type = decimal_type(precision, scale, true, left.is_unsigned && right.is_unsigned);
    node.compute = divide_decimals;
    node.is_quotient = true;
}

constexpr int most_quotient_digits = 21;

// Whose digits are counted by its length.
bool has_length_alone(const FieldType& type) {
    return is_plain_text(type) || type.type == Type::enum_ || type.type == Type::set ||
           type.type == Type::float32;
}
// Of the whole part.
int digits_of_dividend(const FieldType& type) {
    if (has_length_alone(type) || is_null(type) || numeric_class(type) != Class::real)
        return (type.type == Type::float32 ? static_cast<int>(type.length) : precision_of(type)) -
               scale_of(type);
    return is_fixed_real(type) ? most_quotient_digits + 1 - type.decimals : most_quotient_digits;
}
// What a small divisor adds.
int digits_by_divisor(const FieldType& type) {
    if (has_length_alone(type)) return static_cast<int>(std::min(type.length, 64U));
    const bool is_real = numeric_class(type) == Class::real && !is_null(type);
    if (is_fixed_real(type)) return type.decimals;
    return is_real ? most_quotient_digits : scale_of(type);
}

void give_integer_quotient(Node& node) {
    const FieldType& left = node.arguments[0].type;
    const FieldType& right = node.arguments[1].type;
    const int digits = digits_of_dividend(left) + digits_by_divisor(right);
    const bool is_unsigned = left.is_unsigned || right.is_unsigned;
    const int length = std::min(digits, most_quotient_digits) + (is_unsigned ? 0 : 1);
    node.type = integer_type(true, static_cast<std::uint32_t>(std::max(length, 1)), is_unsigned);
    node.compute = common(left, right) == Class::integer ? integer_quotient : decimal_quotient;
}

void give_remainder(Node& node) {
    const FieldType& left = node.arguments[0].type;
    const FieldType& right = node.arguments[1].type;
    const int scale = std::max(scale_of(left), scale_of(right));
    const int precision = std::max(precision_of(left), precision_of(right));
    switch (common(left, right)) {
        case Class::real:
            node.type = real_of(left, right, true);
            node.type.is_unsigned = left.is_unsigned;
            node.compute = remainder_of_reals;
            return;
        case Class::decimal:
            // The length has room for a sign that an unsigned one does not need.
            node.type = decimal_type(precision, scale, true);
            node.type.is_unsigned = left.is_unsigned;
            node.compute = remainder_of_decimals;
            return;
        default:
            node.type =
                integer_type(true, static_cast<std::uint32_t>(precision + 1), left.is_unsigned);
            node.compute = remainder_of_integers;
    }
}

std::string_view sign_of(sql::BinaryOp op) {
    switch (op) {
        case sql::BinaryOp::add:
            return "+";
        case sql::BinaryOp::subtract:
            return "-";
        case sql::BinaryOp::multiply:
            return "*";
        case sql::BinaryOp::divide:
            return "/";
        case sql::BinaryOp::integer_divide:
            return "DIV";
        default:
            return "%";
    }
}

}  // namespace

std::optional<Decimal> unrounded_quotient(const Node& node, const Datum& shown, Run& run) {
    const auto* number = shown.as<Decimal>();
    if (number == nullptr) return std::nullopt;
    const Decimal twice = *Decimal::add(*number, *number);
    const bool is_half = number->rounded(0) != *number && twice.rounded(0) == twice;
    if (!is_half) return std::nullopt;
    const std::size_t before = run.environment.warnings.count();
    const Datum quotient = whole_quotient(node, run);
    run.environment.warnings.cut(before);
    return *quotient.as<Decimal>();
}

Node node_of(std::string_view name, Print print, Compute compute, FieldType type,
             std::vector<Node> arguments) {
    Node node;
    node.name = name;
    node.print = print;
    node.compute = compute;
    node.type = type;
    node.is_constant =
        std::ranges::all_of(arguments, [](const Node& argument) { return argument.is_constant; });
    node.arguments = std::move(arguments);
    return node;
}

void refuse_tuple(const Node& node) {
    if (node.type.type == Type::tuple)
        raise(er::operand_columns, "Operand should contain 1 column(s)");
}

Node arithmetic(sql::BinaryOp op, Node left, Node right, const Environment& environment) {
    refuse_tuple(left);
    refuse_tuple(right);
    std::vector<Node> arguments;
    arguments.push_back(std::move(left));
    arguments.push_back(std::move(right));
    Node node = node_of(sign_of(op), Print::infix, nullptr, {}, std::move(arguments));
    switch (op) {
        case sql::BinaryOp::add:
            give_sum(node, environment, false);
            break;
        case sql::BinaryOp::subtract:
            give_sum(node, environment, true);
            break;
        case sql::BinaryOp::multiply:
            give_product(node);
            break;
        case sql::BinaryOp::divide:
            give_quotient(node, environment);
            break;
        case sql::BinaryOp::integer_divide:
            give_integer_quotient(node);
            break;
        default:
            give_remainder(node);
            break;
    }
    return node;
}

namespace {

// Whether an integer that is the same for every row is negated as a decimal: what is negative, or
// beyond BIGINT, but for the literal 2^63.
bool is_negated_exactly(const Node& node, const Environment& environment) {
    if (!node.is_constant) return false;
    const auto bits = caught([&] {
        Environment copy = environment;
        Run run{{}, copy};
        Operand operand(node, run);
        return operand.is_null() ? 0 : operand.integer().bits;
    });
    constexpr std::uint64_t lowest = std::uint64_t{1} << 63;
    return bits && (*bits > lowest || (*bits == lowest && node.compute != compute_literal));
}

}  // namespace

Node negated(Node operand, const Environment& environment) {
    refuse_tuple(operand);
    const FieldType type = operand.type;
    std::vector<Node> arguments;
    arguments.push_back(std::move(operand));
    Node node = node_of("-", Print::prefix, nullptr, {}, std::move(arguments));
    const Node& argument = node.arguments[0];
    if (class_of(type) == Class::integer && (!type.is_bits || type.type == Type::bit)) {
        if (is_negated_exactly(argument, environment)) {
            node.type = decimal_type(precision_of(type), 0, type.nullable);
            node.compute = negated_decimal;
            return node;
        }
        const bool has_room = !type.is_unsigned && (!type.is_boolean || type.length > 1);
        const auto length = static_cast<std::uint32_t>(text_length(type));
        node.type = integer_type(type.nullable, length + (has_room ? 0U : 1U));
        node.compute = negated_integer;
    } else if (class_of(type) == Class::decimal) {
        node.type = decimal_type(precision_of(type), type.decimals, type.nullable);
        node.compute = negated_decimal;
    } else {
        node.type = real_type(type.nullable);
        if (type.decimals < not_fixed) node.type = fixed_real_type(type.decimals, type.nullable);
        node.compute = negated_real;
    }
    return node;
}

}  // namespace sluice::eval
