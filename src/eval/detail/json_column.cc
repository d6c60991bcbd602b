// JSON values in typed columns. Before: json_table.cc.
#include "eval/detail/json_column.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "collation/charset.h"
#include "eval/detail/convert.h"
#include "eval/detail/failure.h"
#include "eval/detail/types.h"
#include "sql/ast.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

using Stored = std::expected<Datum, Misfit>;

std::unexpected<Misfit> out_of_range(const JsonColumn& column) {
    return std::unexpected(
        Misfit{3669, "Value is out of range for JSON_TABLE's column '" + column.name + "'"});
}
std::unexpected<Misfit> no_cast(const JsonColumn& column, std::string_view kind) {
    return std::unexpected(Misfit{3156, "Invalid JSON value for CAST to " + std::string(kind) +
                                            " from column " + column.name + " at row 1"});
}

// ---- types

struct IntegerKind {
    std::string_view name;
    Type type;
    std::uint32_t length;
    std::int64_t lowest;
    std::uint64_t highest;
};
constexpr IntegerKind integers[] = {
    {"tinyint", Type::int8, 4, INT8_MIN, INT8_MAX},
    {"bool", Type::int8, 1, INT8_MIN, INT8_MAX},
    {"boolean", Type::int8, 1, INT8_MIN, INT8_MAX},
    {"smallint", Type::int16, 6, INT16_MIN, INT16_MAX},
    {"mediumint", Type::int24, 9, -0x800000, 0x7fffff},
    {"int", Type::int32, 11, INT32_MIN, INT32_MAX},
    {"integer", Type::int32, 11, INT32_MIN, INT32_MAX},
    {"bigint", Type::int64, 20, INT64_MIN, INT64_MAX},
};

struct LongText {
    std::string_view name;
    bool binary;
    std::uint64_t bytes;
};
constexpr LongText long_texts[] = {
    {"tinytext", false, 0xff},       {"text", false, 0xffff},
    {"mediumtext", false, 0xffffff}, {"longtext", false, 0xffffffff},
    {"tinyblob", true, 0xff},        {"blob", true, 0xffff},
    {"mediumblob", true, 0xffffff},  {"longblob", true, 0xffffffff},
};

FieldType number_type(Type type, std::uint32_t length) {
    return {.type = type,
            .collation = binary_collation(),
            .coercibility = Coercibility::numeric,
            .nullable = true,
            .length = length};
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

const collation::Collation* collation_of(const sql::CastType& type,
                                         const Environment& environment) {
    if (type.charset.empty()) return connection_collation(environment);
    const collation::Charset* charset = collation::find_charset(type.charset);
    if (charset == nullptr)
        raise(er::unknown_character_set, "Unknown character set: '" + type.charset + "'");
    if (type.binary) {
        const std::string name = std::string(charset->name) + "_bin";
        if (const auto* found = collation::find_collation(name)) return found;
    }
    return collation::find_collation(charset->default_collation);
}

void set_text(JsonColumn& column, const collation::Collation* collation, std::uint64_t room) {
    column.type = text_type({collation, Coercibility::implicit, Repertoire::unicode}, room, true);
    column.room = room;
    column.type.decimals = 0;
    column.counts_bytes = collation->id == collation::binary;
}

bool set_numeric(JsonColumn& column, const std::string& name, const sql::CastType& type) {
    for (const IntegerKind& kind : integers) {
        if (kind.name != name) continue;
        column.type = number_type(kind.type, kind.length);
        column.lowest = kind.lowest;
        column.highest = kind.highest;
        return true;
    }
    const int scale = static_cast<int>(type.scale.value_or(0));
    if (is_one_of(name, {"decimal", "dec", "numeric", "fixed"})) {
        const std::uint32_t precision = type.length.value_or(10);
        if (precision > Decimal::max_digits) {
            raise(1426, "Too-big precision " + std::to_string(precision) + " specified for '" +
                            column.name + "'. Maximum is 65.");
        }
        column.type = decimal_type(static_cast<int>(precision), scale, true);
        return true;
    }
    if (is_one_of(name, {"float", "double", "real"})) {
        const bool single = name == "float" && (type.scale || type.length.value_or(0) <= 24);
        column.type = number_type(single ? Type::float32 : Type::float64, single ? 12 : 22);
        column.type.decimals = not_fixed;
        if (type.scale) {
            column.type.length = *type.length;
            column.type.decimals = static_cast<std::uint8_t>(std::min(scale, Decimal::max_scale));
        }
        return true;
    }
    if (name == "bit") {
        const std::uint32_t bits = type.length.value_or(1);
        if (bits < 1 || bits > 64) refuse("BIT of more than 64 bits");
        column.type = number_type(Type::bit, bits);
        column.type.is_unsigned = true;
        column.type.is_bits = true;
        column.highest = UINT64_MAX >> (64 - bits);
        return true;
    }
    return false;
}

bool set_temporal(JsonColumn& column, const std::string& name, const sql::CastType& type) {
    const int digits = static_cast<int>(type.length.value_or(0));
    if (name == "year") {
        column.type = number_type(Type::year, 4);
        column.type.is_unsigned = true;
        return true;
    }
    Type kind = Type::null_type;
    if (name == "date") kind = Type::date;
    if (name == "time") kind = Type::time;
    if (name == "datetime") kind = Type::datetime;
    if (name == "timestamp") kind = Type::timestamp;
    if (kind == Type::null_type) return false;
    if (digits > 6) {
        raise(1426, "Too-big precision " + std::to_string(digits) + " specified for '" +
                        column.name + "'. Maximum is 6.");
    }
    column.type = temporal_type(kind, digits, true);
    return true;
}

bool set_textual(JsonColumn& column, const std::string& name, const sql::CastType& type,
                 const Environment& environment) {
    for (const LongText& kind : long_texts) {
        if (kind.name != name) continue;
        set_text(column, kind.binary ? binary_collation() : collation_of(type, environment),
                 kind.bytes);
        column.type.type = kind.binary ? Type::blob : Type::text;
        column.type.length = static_cast<std::uint32_t>(kind.bytes);
        column.counts_bytes = true;
        return true;
    }
    const std::uint32_t length = type.length.value_or(1);
    if (is_one_of(name, {"char", "character", "nchar", "varchar", "nvarchar"})) {
        const bool varies = name.ends_with("varchar");
        if (varies && !type.length) raise(er::parse, "VARCHAR without its length");
        const auto* collation = name.starts_with('n') ? collation::default_collation("utf8mb3")
                                                      : collation_of(type, environment);
        set_text(column, collation, length);
        column.type.type = varies ? Type::varchar : Type::char_;
        return true;
    }
    if (is_one_of(name, {"binary", "varbinary"})) {
        set_text(column, binary_collation(), length);
        column.type.type = name == "binary" ? Type::binary : Type::varbinary;
        return true;
    }
    return false;
}

// ---- values

struct Wide {
    std::uint64_t bits = 0;
    bool negative = false;
};
Wide wide(std::int64_t number) {
    return {static_cast<std::uint64_t>(number), number < 0};
}

// nullopt: beyond 64 bits.
std::optional<Wide> wide(double number) {
    if (number < 0) {
        const auto whole = to_int64(number);
        return whole.out_of_range ? std::nullopt : std::optional(wide(whole.value));
    }
    const auto whole = to_uint64(number);
    return whole.out_of_range ? std::nullopt : std::optional(Wide{whole.value});
}
std::optional<Wide> wide(const Decimal& number) {
    const Decimal whole = number.rounded(0);
    if (const auto fits = whole.to_int64()) return wide(*fits);
    if (const auto fits = whole.to_uint64()) return Wide{*fits};
    return std::nullopt;
}

std::expected<Wide, Misfit> integer_of(const JsonColumn& column, const Json& value) {
    std::optional<Wide> number;
    if (const auto* truth = value.get_if<bool>()) {
        number = Wide{*truth ? 1U : 0U};
    } else if (const auto* integer = value.get_if<std::int64_t>()) {
        number = wide(*integer);
    } else if (const auto* natural = value.get_if<std::uint64_t>()) {
        number = Wide{*natural};
    } else if (const auto* real = value.get_if<double>()) {
        number = wide(*real);
    } else if (const auto* decimal = value.get_if<Box<Decimal>>()) {
        number = wide(**decimal);
    } else if (const auto* text = value.get_if<std::string>()) {
        const IntegerReading reading = read_integer(*text);
        if (reading.used == 0 || reading.used != text->size()) return no_cast(column, "INTEGER");
        if (!reading.out_of_range) number = Wide{reading.bits, reading.negative};
    } else {
        return no_cast(column, "INTEGER");
    }
    if (!number) return out_of_range(column);
    return *number;
}

Stored as_integer(const JsonColumn& column, const Json& value) {
    const auto number = integer_of(column, value);
    if (!number) return std::unexpected(number.error());
    const auto as_signed = static_cast<std::int64_t>(number->bits);
    if (number->negative ? as_signed < column.lowest : number->bits > column.highest)
        return out_of_range(column);
    if (column.type.type != Type::bit) return as_signed;
    const std::size_t size = (column.type.length + 7) / 8;
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        bytes[size - 1 - i] = static_cast<char>(number->bits >> (8 * i) & 255);
    return Bits{std::move(bytes), true};
}

bool is_number_like(const Json& value) {
    return value.get_if<bool>() != nullptr || value.get_if<std::int64_t>() != nullptr ||
           value.get_if<std::uint64_t>() != nullptr || value.get_if<double>() != nullptr ||
           value.get_if<Box<Decimal>>() != nullptr;
}

Stored as_real(const JsonColumn& column, const Json& value, Environment& environment) {
    double number = 0;
    if (const auto* text = value.get_if<std::string>()) {
        const DoubleReading reading = read_double(*text);
        if (reading.used != text->size()) return no_cast(column, "DOUBLE");
        if (reading.out_of_range) return out_of_range(column);
        number = reading.value;
    } else if (is_number_like(value)) {
        number = to_real(Datum(value), environment);
    } else {
        return no_cast(column, "DOUBLE");
    }
    const FieldType& type = column.type;
    if (type.decimals < not_fixed) {
        number = rounded(number, type.decimals, false);
        const double bound = std::pow(10.0, static_cast<double>(type.length) - type.decimals);
        if (std::abs(number) >= bound) return out_of_range(column);
    }
    if (type.type == Type::float32) {
        if (std::abs(number) > double{FLT_MAX}) return out_of_range(column);
        number = static_cast<double>(static_cast<float>(number));
    }
    return number;
}

Stored as_decimal(const JsonColumn& column, const Json& value, Environment& environment) {
    std::optional<Decimal> number;
    if (const auto* text = value.get_if<std::string>()) {
        std::string_view inner = *text;
        while (inner.starts_with(' ')) inner.remove_prefix(1);
        while (inner.ends_with(' ')) inner.remove_suffix(1);
        number = Decimal::parse(inner);
        if (!number) return no_cast(column, "DECIMAL");
    } else if (const auto* real = value.get_if<double>()) {
        number = Decimal::of(*real);
        if (!number) return out_of_range(column);
    } else if (is_number_like(value)) {
        number = to_decimal(Datum(value), environment);
    } else {
        return no_cast(column, "DECIMAL");
    }
    const int scale = column.type.decimals;
    const Decimal fitted = number->with_scale(scale);
    const Decimal largest =
        Decimal::largest(precision_of(column.type), scale, fitted.is_negative());
    if (fitted.is_negative() ? fitted < largest : fitted > largest) return out_of_range(column);
    return fitted;
}

// A scalar as text: a string without its quotes, the bytes of what JSON has no word for.
std::string text_of(const Json& value) {
    const auto* opaque = value.get_if<JsonOpaque>();
    return opaque != nullptr ? opaque->bytes : json_unquoted(value);
}

Stored as_bytes(const JsonColumn& column, std::string text) {
    if (text.size() > column.room) return out_of_range(column);
    if (column.type.type == Type::binary) text.resize(column.room, '\0');
    return text;
}

Stored as_text(const JsonColumn& column, const Json& value, Environment& environment) {
    std::string text = text_of(value);
    const collation::Charset& to = *column.type.collation->charset;
    if (to.encoding == collation::Encoding::bytes) return as_bytes(column, std::move(text));
    const collation::Charset& from = *collation::find_charset("utf8mb4");
    if (!collation::valid(from, text)) return out_of_range(column);
    if (&from != &to) {
        collation::Converted converted = collation::convert(from, to, text);
        if (converted.replaced > 0) return out_of_range(column);
        text = std::move(converted.text);
    }
    std::size_t fits = column.room;
    if (!column.counts_bytes) fits = collation::bytes_of(to, text, column.room);
    if (text.size() > fits) {
        // Spaces that do not fit are dropped.
        if (collation::characters(to, text.substr(fits)) !=
            static_cast<std::size_t>(std::ranges::count(text.substr(fits), ' ')))
            return out_of_range(column);
        text.resize(fits);
        if (column.type.type != Type::char_)
            environment.warnings.add(1265,
                                     "Data truncated for column '" + column.name + "' at row 1");
    }
    if (column.type.type == Type::char_) text.resize(text.find_last_not_of(' ') + 1);
    return text;
}

void note_lost_part(const JsonColumn& column, std::string_view kind, const std::string& text,
                    Environment& environment) {
    environment.warnings.add(er::truncated_wrong_value, "Incorrect " + std::string(kind) +
                                                            " value: '" + text + "' for column '" +
                                                            column.name + "' at row 1");
}

Stored as_temporal(const JsonColumn& column, const Json& value, Environment& environment) {
    const std::string text = text_of(value);
    const int digits = column.type.decimals;
    const bool truncate = environment.sql_mode.truncate_fractions;
    const DateRules rules = date_rules(environment, DateUse::strict);
    const auto moment = read_datetime(text, 6, rules);
    if (column.type.type == Type::time) {
        const auto reading = read_time(text, 6, truncate);
        if (!reading.value || (reading.warned && reading.value->hours >= largest_time.hours))
            return out_of_range(column);
        if (reading.kind == TemporalKind::datetime)
            note_lost_part(column, "time", text, environment);
        return rounded(*reading.value, digits, truncate);
    }
    if (!moment.value) return out_of_range(column);
    if (column.type.type != Type::date) {
        const auto fitted = rounded(*moment.value, digits, truncate);
        return fitted ? Stored(*fitted) : Stored(out_of_range(column));
    }
    const DateTime midnight{.date = moment.value->date};
    if (*moment.value != midnight) note_lost_part(column, "date", text, environment);
    return moment.value->date;
}

Stored as_year(const JsonColumn& column, const Json& value) {
    const auto number = integer_of(column, value);
    if (!number) return std::unexpected(number.error());
    const auto year = number->negative || number->bits > INT64_MAX
                          ? std::nullopt
                          : year_of(static_cast<std::int64_t>(number->bits));
    if (!year) return out_of_range(column);
    return std::uint64_t{*year};
}

}  // namespace

JsonColumn json_column(std::string name, const sql::CastType& type,
                       const Environment& environment) {
    JsonColumn column{.name = std::move(name)};
    const std::string word = sql::lower_case(type.name);
    if (word == "json") {
        column.type = json_type(true);
        column.type.decimals = 0;
        return column;
    }
    if (type.array || !(set_numeric(column, word, type) || set_temporal(column, word, type) ||
                        set_textual(column, word, type, environment))) {
        refuse("the type " + word + " in JSON_TABLE");
    }
    return column;
}

Stored stored_json(const JsonColumn& column, const Json& value, Environment& environment) {
    if (value.is_null()) return Datum();
    if (column.type.type == Type::json) return Datum(value);
    if (!value.is_scalar()) {
        return std::unexpected(
            Misfit{3666, "Can't store an array or an object in the scalar JSON_TABLE column '" +
                             column.name + "'"});
    }
    switch (column.type.type) {
        case Type::year:
            return as_year(column, value);
        case Type::decimal:
            return as_decimal(column, value, environment);
        case Type::float32:
        case Type::float64:
            return as_real(column, value, environment);
        default:
            break;
    }
    if (is_temporal(column.type.type)) return as_temporal(column, value, environment);
    if (is_integral(column.type.type) || column.type.type == Type::bit)
        return as_integer(column, value);
    return as_text(column, value, environment);
}

}  // namespace sluice::eval
