// Values as other types; the warnings are MySQL's.
#include "eval/detail/convert.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/overload.h"
#include "collation/charset.h"
#include "eval/detail/failure.h"
#include "values/number.h"
#include "values/temporal_format.h"

namespace sluice::eval {
namespace {

std::uint64_t number_of_bits(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 8))) {
        number = (number << 8) | static_cast<std::uint8_t>(byte);
    }
    return number;
}

Integer integer_of(std::int64_t number) {
    return {static_cast<std::uint64_t>(number), false};
}

Integer integer_of_decimal(const Decimal& number, Environment& environment) {
    if (const auto whole = number.to_int64()) return integer_of(*whole);
    warn_truncated(environment, "DECIMAL", number.text());
    return integer_of(number.is_negative() ? INT64_MIN : INT64_MAX);
}

Integer integer_of_real(double number) {
    return integer_of(to_int64(number).value);
}

std::int64_t number_of_rounded(const Time& time) {
    return number_of(rounded(time, 0, false));
}
std::int64_t number_of_rounded(const DateTime& moment) {
    return number_of(rounded(moment, 0, false).value_or(moment));
}

void warn_json(Environment& environment, std::string_view kind) {
    environment.warnings.add(3156, "Invalid JSON value for CAST to " + std::string(kind) +
                                       " from column cast_as_json at row 1");
}

Integer integer_of_json(const Json& json, Environment& environment) {
    return std::visit(
        Overload{
            [](bool truth) { return Integer{truth ? 1U : 0U, false}; },
            [](std::int64_t number) { return integer_of(number); },
            [](std::uint64_t number) { return Integer{number, true}; },
            [](double number) { return integer_of_real(number); },
            [&](const Box<Decimal>& number) { return integer_of_decimal(*number, environment); },
            [&](const std::string& text) {
                const IntegerReading reading = read_integer(text);
                if (reading.cut) warn_json(environment, "INTEGER");
                return Integer{reading.bits, !reading.negative && reading.bits > INT64_MAX};
            },
            [&](const auto&) {
                warn_json(environment, "INTEGER");
                return Integer{};
            }},
        json.node);
}

double real_of_json(const Json& json, Environment& environment) {
    return std::visit(Overload{[](bool truth) { return truth ? 1.0 : 0.0; },
                               [](std::int64_t number) { return static_cast<double>(number); },
                               [](std::uint64_t number) { return static_cast<double>(number); },
                               [](double number) { return number; },
                               [](const Box<Decimal>& number) { return number->to_double(); },
                               [&](const std::string& text) {
                                   const DoubleReading reading = read_double(text);
                                   const bool blank = reading.used == 0 && !text.empty();
                                   if (reading.cut || blank) warn_json(environment, "DOUBLE");
                                   return reading.value;
                               },
                               [&](const auto&) {
                                   warn_json(environment, "DOUBLE");
                                   return 0.0;
                               }},
                      json.node);
}

Decimal decimal_of_json(const Json& json, Environment& environment) {
    return std::visit(
        Overload{[](bool truth) { return Decimal(std::int64_t{truth ? 1 : 0}); },
                 [](std::int64_t number) { return Decimal(number); },
                 [](std::uint64_t number) { return Decimal(number); },
                 [&](double number) { return to_decimal(Datum(number), environment); },
                 [](const Box<Decimal>& number) { return *number; },
                 [&](const std::string& text) {
                     const Decimal::Reading reading = Decimal::read(text);
                     if (reading.used < text.size()) warn_json(environment, "DECIMAL");
                     return reading.value;
                 },
                 [&](const auto&) {
                     warn_json(environment, "DECIMAL");
                     return Decimal();
                 }},
        json.node);
}

Decimal decimal_of_text(std::string_view text, Environment& environment, TextOf of) {
    const Decimal::Reading reading = Decimal::read(text);
    if (of != TextOf::literal && reading.used == 0 && !reading.out_of_range)
        environment.warnings.add(1366, "Incorrect DECIMAL value: '0' for column '' at row -1");
    if (of == TextOf::computed && !reading.out_of_range) return reading.value;
    const std::string_view rest = text.substr(std::min(reading.used, text.size()));
    if (reading.used == 0 || reading.out_of_range ||
        rest.find_first_not_of(' ') != std::string_view::npos) {
        warn_truncated(environment, "DECIMAL", text);
    }
    return reading.value;
}

}  // namespace

Environment& nowhere() {
    static thread_local Environment environment;
    environment.warnings.clear();
    return environment;
}

void warn_truncated(Environment& environment, std::string_view kind, std::string_view text) {
    environment.warnings.add(er::truncated_wrong_value, "Truncated incorrect " + std::string(kind) +
                                                            " value: '" + std::string(text) + "'");
}

Integer to_integer(const Datum& datum, Environment& environment) {
    return std::visit(
        Overload{
            [](std::int64_t number) { return integer_of(number); },
            [](std::uint64_t number) { return Integer{number, true}; },
            [](double number) { return integer_of_real(number); },
            [&](const Decimal& number) { return integer_of_decimal(number, environment); },
            [&](const std::string& text) {
                const IntegerReading reading = read_integer(text);
                if (reading.cut || reading.out_of_range) {
                    warn_truncated(environment, "INTEGER", text);
                }
                return Integer{reading.bits, !reading.negative && reading.bits > INT64_MAX};
            },
            [](const Date& date) { return integer_of(number_of(date)); },
            [](const Time& time) { return integer_of(number_of_rounded(time)); },
            [](const DateTime& moment) { return integer_of(number_of_rounded(moment)); },
            [&](const Json& json) { return integer_of_json(json, environment); },
            [](const Bits& bits) { return Integer{number_of_bits(bits.bytes), bits.is_unsigned}; },
            [](const Member& member) { return Integer{member.number, true}; },
            [](const auto&) { return Integer{}; }},
        datum.held);
}

double to_real(const Datum& datum, Environment& environment) {
    return std::visit(
        Overload{[](std::int64_t number) { return static_cast<double>(number); },
                 [](std::uint64_t number) { return static_cast<double>(number); },
                 [](double number) { return number; },
                 [](const Decimal& number) { return number.to_double(); },
                 [&](const std::string& text) {
                     const DoubleReading reading = read_double(text);
                     const std::string_view rest = std::string_view(text).substr(reading.used);
                     if (reading.out_of_range ||
                         (reading.cut && rest.find_first_not_of(' ') != std::string_view::npos)) {
                         warn_truncated(environment, "DOUBLE", text);
                     }
                     return reading.value;
                 },
                 [](const Date& date) { return static_cast<double>(number_of(date)); },
                 [](const Time& time) { return decimal_of(time, 6).to_double(); },
                 [](const DateTime& moment) { return decimal_of(moment, 6).to_double(); },
                 [&](const Json& json) { return real_of_json(json, environment); },
                 [](const Bits& bits) { return static_cast<double>(number_of_bits(bits.bytes)); },
                 [](const Member& member) { return static_cast<double>(member.number); },
                 [](const auto&) { return 0.0; }},
        datum.held);
}

Decimal to_decimal(const Datum& datum, Environment& environment, TextOf of) {
    return std::visit(
        Overload{
            [](std::int64_t number) { return Decimal(number); },
            [](std::uint64_t number) { return Decimal(number); },
            [&](double number) {
                if (const auto exact = Decimal::of(number)) return *exact;
                warn_truncated(environment, "DECIMAL", double_text(number));
                return Decimal::largest(Decimal::max_digits, 0, number < 0);
            },
            [](const Decimal& number) { return number; },
            [&](const std::string& text) { return decimal_of_text(text, environment, of); },
            [](const Date& date) { return Decimal(number_of(date)); },
            [](const Time& time) { return decimal_of(time, time.micros == 0 ? 0 : 6); },
            [](const DateTime& moment) { return decimal_of(moment, moment.micros == 0 ? 0 : 6); },
            [&](const Json& json) { return decimal_of_json(json, environment); },
            [](const Bits& bits) { return Decimal(number_of_bits(bits.bytes)); },
            [](const Member& member) { return Decimal(member.number); },
            [](const auto&) { return Decimal(); }},
        datum.held);
}

bool to_truth(const Datum& datum, Environment& environment) {
    return std::visit(
        Overload{[](std::int64_t number) { return number != 0; },
                 [](std::uint64_t number) { return number != 0; },
                 [](const Decimal& number) { return !number.is_zero(); },
                 [](const Json& json) {
                     // Everything but a zero counts as true.
                     return std::visit(
                         Overload{[](std::int64_t number) { return number != 0; },
                                  [](std::uint64_t number) { return number != 0; },
                                  [](double number) { return number != 0; },
                                  [](const Box<Decimal>& number) { return !number->is_zero(); },
                                  [](const auto&) { return true; }},
                         json.node);
                 },
                 [](const Date& date) { return number_of(date) != 0; },
                 [](const Bits& bits) { return number_of_bits(bits.bytes) != 0; },
                 [](const Member& member) { return member.number != 0; },
                 [&](const auto&) { return to_real(datum, environment) != 0; }},
        datum.held);
}

bool to_condition(const Datum& datum, Environment& environment) {
    const Json* json = datum.as<Json>();
    return json == nullptr ? to_truth(datum, environment) : to_real(datum, environment) != 0;
}

namespace {

// A whole number; a column's with zeros in front, if it is one of those.
template <class Number>
void append_whole(std::string& out, const FieldType& type, Number number) {
    const std::string digits = std::to_string(number);
    if (type.is_zerofill && digits.size() < type.length)
        out.append(type.length - digits.size(), '0');
    out += digits;
}

// With an exponent, and as many digits as fit.
std::string short_scientific(double number, std::size_t limit) {
    for (int digits = 16; digits > 0; --digits) {
        char buffer[64];
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, number,
                                       std::chars_format::scientific, digits);
        std::string_view whole(buffer, static_cast<std::size_t>(end.ptr - buffer));
        if (digits == 16) {
            const auto exact = std::to_chars(buffer, buffer + sizeof buffer, number,
                                             std::chars_format::scientific);
            whole = {buffer, static_cast<std::size_t>(exact.ptr - buffer)};
        }
        const std::size_t e = whole.find('e');
        std::string mantissa(whole.substr(0, e));
        if (mantissa.contains('.')) {
            mantissa.erase(mantissa.find_last_not_of('0') + 1);
            if (mantissa.ends_with('.')) mantissa.pop_back();
        }
        std::string_view exponent = whole.substr(e + 2);
        while (exponent.size() > 1 && exponent.front() == '0') exponent.remove_prefix(1);
        const std::string text =
            mantissa + (whole[e + 1] == '-' ? "e-" : "e") + std::string(exponent);
        if (text.size() <= limit) return text;
    }
    return double_text(number);
}

void append_real(std::string& out, const FieldType& type, double number, bool as_result) {
    if (const auto exact = is_fixed_real(type) ? Decimal::of(number) : std::nullopt) {
        // The fewest digits of the double, then zeros; if they are too many it is rounded itself.
        if (exact->scale() > type.decimals) {
            out += fixed_text(number, type.decimals);
            return;
        }
        if (std::signbit(number) && !exact->is_negative()) out += '-';
        out += exact->with_scale(type.decimals).text();
        return;
    }
    const bool is_float = type.type == Type::float32;
    const std::size_t limit = is_float ? 12 : 22;  // of an operand
    const std::size_t start = out.size();
    if (is_float) {
        append_float(out, static_cast<float>(number));
    } else {
        append_double(out, number);
    }
    if (as_result || out.size() - start <= limit) return;
    const double shown = is_float ? read_double(out.substr(start)).value : number;
    out.resize(start);
    out += short_scientific(shown, limit);
}

void append(std::string& out, const FieldType& type, const Datum& datum, bool as_result) {
    std::visit(
        Overload{
            [&](std::int64_t number) { append_whole(out, type, number); },
            [&](std::uint64_t number) { append_whole(out, type, number); },
            [&](double number) { append_real(out, type, number, as_result); },
            [&](const Decimal& number) { out += number.text(); },
            [&](const std::string& text) { out += text; },
            [&](const Date& date) { out += text(date); },
            [&](const Time& time) { out += text(time, std::min<int>(type.decimals, 6)); },
            [&](const DateTime& moment) { out += text(moment, std::min<int>(type.decimals, 6)); },
            [&](const Json& json) { append_json(out, json); },
            [&](const Bits& bits) { out += bits.bytes; },
            [&](const Member& member) { out += member.text; }, [](const auto&) {}},
        datum.held);
}

}  // namespace

void append_text(std::string& out, const FieldType& type, const Datum& datum) {
    append(out, type, datum, false);
}

std::string to_text(const FieldType& type, const Datum& datum) {
    std::string out;
    append(out, type, datum, false);
    return out;
}

std::string result_text(const FieldType& type, const Datum& datum) {
    std::string out;
    append(out, type, datum, true);
    return out;
}

std::string to_utf8(const FieldType& type, std::string_view text) {
    const collation::Charset* charset =
        type.collation == nullptr ? nullptr : type.collation->charset;
    if (charset == nullptr || charset->name == "utf8mb4" || charset->name == "utf8mb3" ||
        charset->name == "binary" || charset->name == "ascii") {
        return std::string(text);
    }
    return collation::convert(*charset, *collation::find_charset("utf8mb4"), text).text;
}

Datum narrow(const FieldType& type, const Datum& datum) {
    return to_utf8(type, *datum.as<std::string>());
}

}  // namespace sluice::eval
