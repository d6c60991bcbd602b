// Numbers: rounding, logarithms, trigonometry, CRC32, BIT_COUNT.
#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include <zlib.h>

#include "eval/detail/arithmetic.h"
#include "eval/detail/registry.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

template <class Work>
Datum of_real(const Node& node, Run& run, Work work) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    return work(operand.real());
}

template <double (*function)(double)>
Datum simple(const Node& node, Run& run) {
    return of_real(node, run, [&](double x) { return finite(function(x), node); });
}
template <double (*function)(double)>
Datum from_minus_one_to_one(const Node& node, Run& run) {
    return of_real(node, run,
                   [](double x) { return x < -1 || x > 1 ? Datum() : Datum(function(x)); });
}
Datum arc_tangent(const Node& node, Run& run) {
    if (node.arguments.size() == 1)
        return of_real(node, run, [](double x) { return Datum(std::atan(x)); });
    return of_reals<Second::skipped>(
        node, run, [&](double y, double x) { return finite(std::atan2(y, x), node); });
}
Datum cotangent(const Node& node, Run& run) {
    return of_real(node, run, [&](double x) { return finite(1.0 / std::tan(x), node); });
}
Datum degrees(const Node& node, Run& run) {
    // Nothing is added, so that there is no -0.
    return of_real(node, run,
                   [&](double x) { return finite(x * (180 / std::numbers::pi) + 0.0, node); });
}
Datum radians(const Node& node, Run& run) {
    return of_real(node, run,
                   [&](double x) { return finite(x * (std::numbers::pi / 180) + 0.0, node); });
}
Datum square_root(const Node& node, Run& run) {
    return of_real(node, run, [](double x) { return x < 0 ? Datum() : Datum(std::sqrt(x)); });
}
Datum power(const Node& node, Run& run) {
    return of_reals<Second::skipped>(
        node, run, [&](double x, double y) { return finite(std::pow(x, y), node); });
}

Datum no_logarithm(Run& run) {
    run.environment.warnings.add(3020, "Invalid argument for logarithm");
    return {};
}
template <double (*function)(double)>
Datum logarithm(const Node& node, Run& run) {
    return of_real(node, run,
                   [&](double x) { return x <= 0 ? no_logarithm(run) : Datum(function(x)); });
}
Datum logarithm_to_base(const Node& node, Run& run) {
    if (node.arguments.size() == 1) return logarithm<std::log>(node, run);
    Operand first(node.arguments[0], run);
    if (first.is_null()) return {};
    const double base = first.real();
    if (base <= 0) return no_logarithm(run);
    Operand second(node.arguments[1], run);
    if (second.is_null()) return {};
    const double x = second.real();
    if (x <= 0 || base == 1) return no_logarithm(run);
    return finite(std::log(x) / std::log(base), node);
}

Datum pi(const Node&, Run&) {
    return std::numbers::pi;
}
void give_pi(Node& node, const Environment&) {
    node.type = real_type(false);
    node.type.decimals = 6;
    node.type.length = 8;
}

// ---- rounding

// The class in which ABS, ROUND and their kin compute: text and times as doubles.
Class hybrid_class(const FieldType& type) {
    if (type.type == Type::bit) return Class::integer;
    if (type.is_bits || class_of(type) == Class::text) return Class::real;
    return class_of(type);
}

Datum whole_of_decimal(const Node& node, Run& run, Decimal::Rounding how) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const Decimal whole = operand.decimal().rounded(0, how);
    if (node.type.type == Type::decimal) return whole;
    if (node.type.is_unsigned) return whole.to_uint64().value_or(0);
    return whole.to_int64().value_or(0);
}
Datum ceiling_of_decimal(const Node& node, Run& run) {
    return whole_of_decimal(node, run, Decimal::Rounding::ceiling);
}
Datum floor_of_decimal(const Node& node, Run& run) {
    return whole_of_decimal(node, run, Decimal::Rounding::floor);
}
Datum same_integer(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.datum().as<Bits>() != nullptr) return operand.integer().bits;
    return operand.take();
}

void give_whole(Node& node, Compute of_decimal, Compute of_real_number) {
    const FieldType& type = node.arguments[0].type;
    switch (hybrid_class(type)) {
        case Class::integer:
            node.type = integer_type(type.nullable, integer_length, type.is_unsigned);
            node.compute = same_integer;
            return;
        case Class::decimal: {
            const std::uint32_t whole_length =
                type.length - std::min<std::uint32_t>(type.decimals, type.length);
            if (whole_length >= 20) {
                node.type =
                    decimal_type(precision_of(type) - type.decimals + (type.decimals > 0 ? 1 : 0),
                                 0, type.nullable);
            } else {
                node.type = integer_type(type.nullable);
            }
            node.compute = of_decimal;
            return;
        }
        default:
            node.type = real_type(type.nullable);
            node.compute = of_real_number;
    }
}
void give_ceiling(Node& node, const Environment&) {
    give_whole(node, ceiling_of_decimal, simple<std::ceil>);
}
void give_floor(Node& node, const Environment&) {
    give_whole(node, floor_of_decimal, simple<std::floor>);
}

// The digits that ROUND and TRUNCATE keep; nullopt: NULL.
std::optional<std::int64_t> digits_of(const Node& node, Run& run) {
    if (node.arguments.size() < 2) return 0;
    Operand digits(node.arguments[1], run);
    if (digits.is_null()) return std::nullopt;
    return digits.integer().clipped();
}

Datum round_integer(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const auto digits = digits_of(node, run);
    if (!digits) return {};
    const Integer integer = operand.integer();
    const bool truncate = node.number != 0;
    if (*digits >= 0) {
        return node.type.is_unsigned ? Datum(integer.bits) : Datum(integer.as_signed());
    }
    if (node.type.is_unsigned) {
        const auto result = rounded(integer.bits, *digits, truncate);
        if (!result) raise_out_of_range("BIGINT UNSIGNED", node);
        return *result;
    }
    const auto result = rounded(integer.as_signed(), *digits, truncate);
    if (!result) raise_out_of_range("BIGINT", node);
    return *result;
}
Datum round_decimal(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const auto digits = digits_of(node, run);
    if (!digits) return {};
    const int scale = static_cast<int>(std::clamp<std::int64_t>(*digits, -100, node.type.decimals));
    const auto how = node.number != 0 ? Decimal::Rounding::truncate : Decimal::Rounding::half_away;
    const Decimal result = operand.decimal().rounded(scale, how);
    return result.with_scale(std::clamp(scale, 0, int{node.type.decimals}));
}
Datum round_real(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const double number = operand.real();
    const auto digits = digits_of(node, run);
    if (!digits) return {};
    return finite(rounded(number, *digits, node.number != 0), node);
}

void give_decimal_rounding(Node& node, std::int64_t wanted, bool constant) {
    const FieldType& type = node.arguments[0].type;
    const int scale = constant
                          ? static_cast<int>(std::clamp<std::int64_t>(wanted, 0, type.decimals))
                          : type.decimals;
    const int delta = type.decimals - scale;
    const int increase = delta <= 0 || node.number != 0 ? 0 : 1;
    node.type = decimal_type(precision_of(type) - delta + increase, scale, node.type.nullable,
                             type.is_unsigned);
    node.compute = round_decimal;
}

void give_rounding(Node& node, const Environment& environment, bool truncate) {
    const FieldType type = node.arguments[0].type;
    node.number = truncate ? 1 : 0;
    node.type.nullable = any_nullable(node.arguments);
    std::int64_t wanted = 0;
    bool constant = true;
    if (node.arguments.size() > 1) {
        const Node& digits = node.arguments[1];
        constant = digits.is_constant;
        wanted = constant_integer(digits, environment).value_or(0);
    }
    switch (hybrid_class(type)) {
        case Class::integer:
            node.type = integer_type(node.type.nullable, integer_length, type.is_unsigned);
            node.compute = round_integer;
            return;
        case Class::decimal:
            give_decimal_rounding(node, wanted, constant);
            return;
        default:
            node.type = real_type(node.type.nullable);
            node.compute = round_real;
    }
}
void give_round(Node& node, const Environment& environment) {
    give_rounding(node, environment, false);
}
void give_truncate(Node& node, const Environment& environment) {
    give_rounding(node, environment, true);
}

// ---- sign and size

Datum absolute_integer(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const Integer integer = operand.integer();
    if (node.type.is_unsigned) return integer.bits;
    if (integer.as_signed() == INT64_MIN) raise_out_of_range("BIGINT", node);
    return std::abs(integer.as_signed());
}
Datum absolute_decimal(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const Decimal number = operand.decimal();
    return number.is_negative() ? number.negated() : number;
}
double absolute(double x) {
    return std::fabs(x);
}
void give_absolute(Node& node, const Environment&) {
    const FieldType& type = node.arguments[0].type;
    switch (hybrid_class(type)) {
        case Class::integer:
            node.type = integer_type(type.nullable, static_cast<std::uint32_t>(text_length(type)),
                                     type.is_unsigned);
            node.compute = absolute_integer;
            return;
        case Class::decimal:
            node.type = type;
            node.compute = absolute_decimal;
            return;
        default:
            node.type = type.decimals < not_fixed ? fixed_real_type(type.decimals, type.nullable)
                                                  : real_type(type.nullable);
            node.type.is_unsigned = type.is_unsigned;
            node.compute = simple<absolute>;
    }
}

Datum sign(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    if (const auto* number = operand.datum().as<Decimal>()) {
        return std::int64_t{number->is_zero() ? 0 : number->is_negative() ? -1 : 1};
    }
    const double number = operand.real();
    return std::int64_t{number > 0 ? 1 : number < 0 ? -1 : 0};
}

Datum crc(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const std::string_view text = operand.text();
    std::uint64_t sum = crc32(0, nullptr, 0);
    for (std::size_t at = 0; at < text.size(); at += 1U << 30) {
        const std::string_view piece = text.substr(at, 1U << 30);
        sum = crc32(sum, reinterpret_cast<const Bytef*>(piece.data()),
                    static_cast<uInt>(piece.size()));
    }
    return sum;
}
void give_crc(Node& node, const Environment&) {
    node.type = integer_type(any_nullable(node.arguments), 10, true);
}

Datum bit_count(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    if (is_binary(operand.type().type) && !operand.type().is_bits) {
        std::int64_t count = 0;
        for (const char byte : operand.text())
            count += std::popcount(static_cast<std::uint8_t>(byte));
        return count;
    }
    return std::int64_t{std::popcount(operand.integer().bits)};
}

}  // namespace

std::span<const Function> numeric_functions() {
    static constexpr Function functions[] = {
        {"abs", 1, 1, give_absolute, nullptr},
        {"acos", 1, 1, give_nullable_real, from_minus_one_to_one<std::acos>},
        {"asin", 1, 1, give_nullable_real, from_minus_one_to_one<std::asin>},
        {"atan", 1, 2, give_nullable_real, arc_tangent},
        {"atan2", 1, 2, give_nullable_real, arc_tangent},
        {"bit_count", 1, 1, give_integer, bit_count},
        {"ceil", 1, 1, give_ceiling, nullptr},
        {"ceiling", 1, 1, give_ceiling, nullptr, "ceil"},
        {"cos", 1, 1, give_nullable_real, simple<std::cos>},
        {"cot", 1, 1, give_nullable_real, cotangent},
        {"crc32", 1, 1, give_crc, crc},
        {"degrees", 1, 1, give_real, degrees},
        {"exp", 1, 1, give_nullable_real, simple<std::exp>},
        {"floor", 1, 1, give_floor, nullptr},
        {"ln", 1, 1, give_nullable_real, logarithm<std::log>},
        {"log", 1, 2, give_nullable_real, logarithm_to_base},
        {"log10", 1, 1, give_nullable_real, logarithm<std::log10>},
        {"log2", 1, 1, give_nullable_real, logarithm<std::log2>},
        {"pi", 0, 0, give_pi, pi},
        {"pow", 2, 2, give_nullable_real, power},
        {"power", 2, 2, give_nullable_real, power, "pow"},
        {"radians", 1, 1, give_real, radians},
        {"round", 1, 2, give_round, nullptr},
        {"sign", 1, 1, give_integer, sign},
        {"sin", 1, 1, give_nullable_real, simple<std::sin>},
        {"sqrt", 1, 1, give_nullable_real, square_root},
        {"tan", 1, 1, give_nullable_real, simple<std::tan>},
        {"truncate", 2, 2, give_truncate, nullptr},
    };
    return functions;
}

}  // namespace sluice::eval
