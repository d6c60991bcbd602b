// CAST, CONVERT and COLLATE.
#include <algorithm>
#include <cfloat>
#include <cmath>

#include "base/hex.h"
#include "collation/charset.h"
#include "eval/detail/dates.h"
#include "eval/detail/operators.h"
#include "sql/ast.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

// A text is read even where it stands for another value, unless that is of GREATEST or LEAST.
Integer whole_number(const Node& node, Operand& operand, Run& run) {
    const bool by_value = node.shown == nullptr || !is_plain_text(node.type) ||
                          node.name == "greatest" || node.name == "least";
    return by_value ? operand.cast_integer()
                    : to_integer(node.type, operand.datum(), run.environment);
}

// What is rounded to an integer.
Decimal unrounded(const Node& node, const Decimal& number, Run& run) {
    const auto exact =
        node.is_quotient ? unrounded_quotient(node, Datum(number), run) : std::nullopt;
    return exact ? *exact : number;
}

Datum cast_signed(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const auto* number = operand.datum().as<Decimal>();
    if (number != nullptr && !node.arguments[0].is_cut) {
        const Decimal whole = unrounded(node.arguments[0], *number, run).rounded(0);
        if (const auto fits = whole.to_int64()) return *fits;
        warn_truncated(run.environment, "DECIMAL", number->text());
        return number->is_negative() ? INT64_MIN : INT64_MAX;
    }
    const Integer integer = whole_number(node.arguments[0], operand, run);
    if (operand.datum().as<std::string>() != nullptr && integer.is_unsigned &&
        integer.bits != UINT64_MAX) {
        run.environment.warnings.add(
            1105,
            "Cast to signed converted positive out-of-range integer to its negative complement");
    }
    return integer.as_signed();
}

Datum cast_unsigned(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    if (const auto* number = operand.datum().as<Decimal>()) {
        const Decimal whole = unrounded(node.arguments[0], *number, run).rounded(0);
        if (const auto fits = whole.to_uint64()) return *fits;
        if (const auto fits = whole.to_int64()) return static_cast<std::uint64_t>(*fits);
        warn_truncated(run.environment, "DECIMAL", number->text());
        return number->is_negative() ? std::uint64_t{1} << 63 : UINT64_MAX;
    }
    const Integer integer = whole_number(node.arguments[0], operand, run);
    if (operand.datum().as<std::string>() != nullptr && integer.is_negative()) {
        run.environment.warnings.add(
            1105, "Cast to unsigned converted negative integer to its positive complement");
    }
    return integer.bits;
}

Datum cast_decimal(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const int scale = node.type.decimals;
    const int precision = precision_of(node.type);
    const Decimal number = operand.decimal();
    const Decimal rounded = number.with_scale(scale);
    const Decimal largest = Decimal::largest(precision, scale, rounded.is_negative());
    const bool beyond = rounded.is_negative() ? rounded < largest : rounded > largest;
    if (!beyond) return rounded;
    run.environment.warnings.add(1264,
                                 "Out of range value for column '" + printed(node) + "' at row 1");
    return largest;
}

Datum cast_double(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    return operand.real();
}

Datum cast_float(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const double number = operand.real();
    if (std::abs(number) > double{FLT_MAX}) raise_out_of_range("DOUBLE", node);
    return static_cast<double>(static_cast<float>(number));
}

Datum cast_date(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const Datum& datum = operand.moment();
    // What has no time of day is warned of as a date.
    if (const auto* text = datum.as<std::string>()) {
        const std::string utf8 = to_utf8(operand.type(), *text);
        const auto reading = read_date(utf8, date_rules(run.environment, DateUse::strict));
        if (!reading.value) {
            run.environment.warnings.add(er::truncated_wrong_value,
                                         "Incorrect datetime value: '" + utf8 + "'");
            return {};
        }
        if (reading.warned) warn_truncated(run.environment, "date", utf8);
        warn_deprecated(run.environment, reading.complaint, utf8);
        return *reading.value;
    }
    const auto date = operand.date(DateUse::strict);
    return date ? Datum(*date) : Datum();
}

Datum cast_datetime(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    auto moment = to_datetime(operand.type(), operand.moment(), run.environment, DateUse::strict,
                              node.type.decimals);
    if (moment)
        moment = rounded(*moment, node.type.decimals, run.environment.sql_mode.truncate_fractions);
    return moment ? Datum(*moment) : Datum();
}

Datum cast_time(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return hides_null(node.arguments[0]) ? Datum(Time{}) : Datum();
    const auto time =
        to_time(operand.type(), operand.moment(), run.environment, node.type.decimals);
    if (!time) return {};
    Time result = rounded(*time, node.type.decimals, run.environment.sql_mode.truncate_fractions);
    if (micros_of(result) == 0) result.negative = false;
    return result;
}

Datum cast_year(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    std::size_t before = run.environment.warnings.count();
    std::optional<std::uint16_t> year;
    std::string shown = to_text(operand.type(), operand.datum());
    if (operand.datum().as<std::string>() != nullptr) {
        const IntegerReading reading = read_integer(shown);
        if (reading.used == 0 || (reading.negative && reading.bits != 0)) {
            run.environment.warnings.add(1525, "Incorrect YEAR value: '" + shown + "'");
            return {};
        }
        const bool exact = reading.used == shown.size();
        if (!exact) warn_truncated(run.environment, "YEAR", shown);
        // Zeros of a text are 2000, unlike the number 0.
        constexpr std::uint16_t turn = 2000;
        year = reading.to_int64() == 0 ? turn : year_of(reading.to_int64());
    } else if (const auto moment =
                   is_temporal(operand.type().type) ? operand.datetime() : std::nullopt) {
        const std::uint16_t found = moment->date.year;
        constexpr std::uint16_t first_year = 1901;
        constexpr std::uint16_t last_year = 2155;
        if (found == 0 || (found >= first_year && found <= last_year)) year = found;
    } else {
        year = year_of(operand.integer().as_signed());
        before = run.environment.warnings.count();
    }
    if (!year) {
        if (run.environment.warnings.count() == before)
            warn_truncated(run.environment, "YEAR", shown);
        return {};
    }
    return std::uint64_t{*year};
}

Datum cast_json(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const Datum& datum = operand.datum();
    const auto* text = datum.as<std::string>();
    const FieldType& type = operand.json_type();
    const bool binary = type.collation != nullptr && type.collation->id == collation::binary;
    if (text == nullptr || binary) return to_json_scalar(type, datum, run.environment);
    auto parsed = parse_json(to_utf8(operand.type(), *text));
    if (!parsed) raise(json_text_error(parsed.error(), 1, "cast_as_json"));
    return std::move(*parsed);
}

// number: the length in characters, or no_length.
constexpr std::uint32_t no_length = 0xffffffff;

bool is_textual(const FieldType& type) {
    return is_text(type.type) || is_binary(type.type) || type.is_bits || type.type == Type::enum_ ||
           type.type == Type::set;
}

Datum cast_text(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const collation::Charset& to = *node.type.collation->charset;
    const FieldType& from = operand.type();
    std::string text(operand.text());
    const collation::Charset* source = is_textual(from) ? from.collation->charset
                                       : from.type == Type::json
                                           ? collation::find_charset("utf8mb4")
                                           : collation::find_charset("ascii");
    if (to.name == "binary") {
    } else if (source->name == "binary") {
        const std::string bytes = std::move(text);
        text = collation::convert(*source, to, bytes).text;
        if (text.empty() && !bytes.empty()) {
            run.environment.warnings.add(1300, "Invalid " + std::string(to.name) +
                                                   " character string: '" +
                                                   upper_hex(std::string_view(bytes).substr(
                                                       collation::valid_prefix(to, bytes), 6)) +
                                                   "'");
            return {};
        }
    } else if (source != &to) {
        text = collation::convert(*source, to, text).text;
    }
    if (node.number == no_length) return text;
    if (to.name == "binary") {
        if (text.size() > node.number) {
            warn_truncated(run.environment, "BINARY(" + std::to_string(node.number) + ")",
                           operand.text());
        }
        if (too_long(node, run, node.number)) return {};
        text.resize(node.number, '\0');
        return text;
    }
    if (collation::characters(to, text) > node.number) {
        warn_truncated(run.environment, "CHAR(" + std::to_string(node.number) + ")",
                       operand.text());
        std::size_t end = 0;
        for (std::uint32_t i = 0; i < node.number; ++i) {
            end += collation::next_char(to, std::string_view(text).substr(end)).bytes;
        }
        text.resize(end);
    }
    return text;
}

const collation::Charset& charset_of(std::string_view name) {
    const auto* charset = collation::find_charset(name);
    if (charset == nullptr)
        raise(er::unknown_character_set, "Unknown character set: '" + std::string(name) + "'");
    return *charset;
}

// Bytes of the shortest character.
std::uint64_t unit_of(const collation::Charset& charset) {
    if (charset.encoding == collation::Encoding::utf32) return 4;
    return is_wide(charset) ? 2 : 1;
}

Node text_cast(Node operand, const collation::Collation& to, std::optional<std::uint32_t> length,
               std::string name, const Environment&) {
    const bool json = operand.type.type == Type::json;
    std::uint64_t characters = length ? *length : json ? longest_text : text_length(operand.type);
    if (!length && to.id == collation::binary && !operand.type.is_zerofill)
        characters = byte_length(operand.type);
    // Bytes are read as units of the character set.
    const bool is_bytes = is_binary(operand.type.type) || operand.type.is_bits;
    const std::uint64_t unit = unit_of(*to.charset);
    if (!length && is_bytes) characters = (characters + unit - 1) / unit;
    FieldType type =
        text_type({&to, Coercibility::implicit, Repertoire::unicode}, characters, true);
    if (to.id != collation::binary && operand.type.repertoire == Repertoire::ascii &&
        !operand.type.is_bits)
        type.repertoire = Repertoire::ascii;
    std::vector<Node> arguments;
    arguments.push_back(std::move(operand));
    Node node = node_of(name, Print::cast, cast_text, type, std::move(arguments));
    node.number = length.value_or(no_length);
    return node;
}

struct Target {
    Compute compute = nullptr;
    FieldType type;
};

Target number_target(const Node& operand, const sql::CastType& type) {
    const bool nullable = operand.type.nullable;
    const auto is = [&](std::string_view name) { return sql::same_name(type.name, name); };
    if (is("signed") || is("integer") || is("int")) return {cast_signed, integer_type(nullable)};
    if (is("unsigned")) return {cast_unsigned, integer_type(nullable, integer_length, true)};
    if (is("decimal") || is("dec") || is("numeric") || is("fixed")) {
        const int precision = type.length && *type.length != 0
                                  ? static_cast<int>(std::min<std::uint32_t>(*type.length, 1000))
                                  : 10;
        const int scale = static_cast<int>(std::min<std::uint32_t>(type.scale.value_or(0), 1000));
        if (precision > Decimal::max_digits) {
            raise(1426, "Too-big precision " + std::to_string(precision) + " specified for '" +
                            printed(operand) + "'. Maximum is 65.");
        }
        if (scale > Decimal::max_scale) {
            raise(1425, "Too big scale " + std::to_string(scale) + " specified for column '" +
                            printed(operand) + "'. Maximum is 30.");
        }
        if (scale > precision) {
            raise(1427, "For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '" +
                            printed(operand) + "').");
        }
        return {cast_decimal, decimal_type(precision, scale, nullable)};
    }
    if (is("double") || is("real")) return {cast_double, real_type(nullable)};
    if (is("float")) {
        if (type.length.value_or(0) > 53) {
            raise(1426, "Too-big precision " + std::to_string(*type.length) +
                            " specified for 'CAST'. Maximum is 53.");
        }
        if (type.length.value_or(0) > 24) return {cast_double, real_type(nullable)};
        FieldType single = real_type(nullable);
        single.type = Type::float32;
        return {cast_float, single};
    }
    return {};
}

Target temporal_target(const Node& operand, const sql::CastType& type) {
    const auto is = [&](std::string_view name) { return sql::same_name(type.name, name); };
    const std::uint32_t decimals = type.length.value_or(0);
    if ((is("datetime") || is("time")) && decimals > 6) {
        raise(1426, "Too-big precision " + std::to_string(decimals) + " specified for '" +
                        printed(operand) + "'. Maximum is 6.");
    }
    if (is("date")) return {cast_date, temporal_type(Type::date, 0, true)};
    if (is("datetime"))
        return {cast_datetime, temporal_type(Type::datetime, static_cast<int>(decimals), true)};
    if (is("time")) return {cast_time, temporal_type(Type::time, static_cast<int>(decimals), true)};
    if (is("year")) {
        FieldType year = integer_type(true, 4, true);
        year.type = Type::year;
        return {cast_year, year};
    }
    if (is("json")) return {cast_json, json_type(true)};
    return {};
}

}  // namespace

Node cast(Node operand, const sql::CastType& type, const Environment& environment) {
    refuse_tuple(operand);
    if (type.array) refuse("CAST AS ... ARRAY");
    const auto is = [&](std::string_view name) { return sql::same_name(type.name, name); };
    std::string name = "cast(" + printed(operand) + " as " + type.name;
    if (type.length) {
        name += "(" + std::to_string(*type.length) +
                (type.scale ? "," + std::to_string(*type.scale) : "") + ")";
    }
    name += ")";
    if (is("binary"))
        return text_cast(std::move(operand), *binary_collation(), type.length, name, environment);
    if (is("char") || is("nchar")) {
        const collation::Collation* to = connection_collation(environment);
        if (is("nchar")) to = collation::default_collation("utf8mb3");
        if (!type.charset.empty())
            to = collation::find_collation(charset_of(type.charset).default_collation);
        if (type.binary) to = collation::find_collation(std::string(to->charset->name) + "_bin");
        if (to == nullptr) to = binary_collation();
        return text_cast(std::move(operand), *to, type.length, name, environment);
    }
    Target target = number_target(operand, type);
    if (target.compute == nullptr) target = temporal_target(operand, type);
    if (target.compute == nullptr) refuse("CAST AS " + type.name);
    std::vector<Node> arguments;
    arguments.push_back(std::move(operand));
    return node_of(name, Print::cast, target.compute, target.type, std::move(arguments));
}

Node convert_using(Node operand, std::string_view charset, const Environment& environment) {
    refuse_tuple(operand);
    const auto* to = collation::find_collation(charset_of(charset).default_collation);
    return text_cast(std::move(operand), *to, std::nullopt,
                     "convert(" + printed(operand) + " using " + std::string(charset) + ")",
                     environment);
}

Node collated(Node operand, std::string_view collation, const Environment& environment) {
    refuse_tuple(operand);
    const auto* wanted = collation::find_collation(collation);
    if (wanted == nullptr)
        raise(er::unknown_collation, "Unknown collation: '" + std::string(collation) + "'");
    const collation::Operand own = text_operand(operand, environment);
    if (own.collation->charset != wanted->charset) {
        raise(1253, "COLLATION '" + std::string(wanted->name) +
                        "' is not valid for CHARACTER SET '" +
                        std::string(own.collation->charset->name) + "'");
    }
    Node node;
    if (class_of(operand.type) == Class::text && !is_temporal(operand.type.type) &&
        operand.type.type != Type::json) {
        node = std::move(operand);
    } else {
        node = converted(std::move(operand), *wanted);
    }
    node.type.collation = wanted;
    node.type.coercibility = Coercibility::explicit_collate;
    node.type.nullable = true;
    node.type.is_bits = false;
    return node;
}

}  // namespace sluice::eval
