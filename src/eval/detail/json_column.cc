// JSON values in typed columns. Before: json_table.cc.
#include "eval/detail/json_column.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "collation/charset.h"
#include "collation/compare.h"
#include "eval/detail/convert.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

using Stored = std::expected<Datum, Misfit>;

std::unexpected<Misfit> out_of_range(const JsonColumn& column) {
    return std::unexpected(Misfit{
        value_out_of_range, "Value is out of range for JSON_TABLE's column '" + column.name + "'"});
}
std::unexpected<Misfit> no_cast(const JsonColumn& column, std::string_view kind) {
    return std::unexpected(Misfit{3156, "Invalid JSON value for CAST to " + std::string(kind) +
                                            " from column " + column.name + " at row 1"});
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
    if (column.type.type != Type::bit)
        return column.type.is_unsigned ? Stored(number->bits) : Stored(as_signed);
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
    if (type.is_unsigned && number < 0) return out_of_range(column);
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
    if (column.type.is_unsigned && fitted.is_negative()) return out_of_range(column);
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

// In the column's character set; nullopt: it lacks a character, or the bytes are no text.
std::optional<std::string> in_charset(const JsonColumn& column, std::string text) {
    const collation::Charset& to = *column.type.collation->charset;
    const collation::Charset& from = *collation::find_charset("utf8mb4");
    if (to.encoding == collation::Encoding::bytes) return text;
    if (!collation::valid(from, text)) return std::nullopt;
    if (&from == &to) return text;
    collation::Converted converted = collation::convert(from, to, text);
    if (converted.replaced > 0) return std::nullopt;
    return std::move(converted.text);
}

Stored as_text(const JsonColumn& column, const Json& value, Environment& environment) {
    const collation::Charset& to = *column.type.collation->charset;
    if (to.encoding == collation::Encoding::bytes) return as_bytes(column, text_of(value));
    auto converted = in_charset(column, text_of(value));
    if (!converted) return out_of_range(column);
    std::string text = std::move(*converted);
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

// ---- ENUM and SET

std::string_view without_end_spaces(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

// From 1; 0: there is none.
std::uint64_t member_number(const JsonColumn& column, std::string_view text) {
    for (std::size_t i = 0; i < column.members.size(); ++i) {
        if (collation::equal(*column.type.collation, column.members[i], without_end_spaces(text)))
            return i + 1;
    }
    return 0;
}

// A text of digits only; they may stand for a member, or for a mask of members.
std::optional<std::uint64_t> digits_of(std::string_view text) {
    const IntegerReading reading = read_integer(text);
    const bool whole = reading.used > 0 && reading.used == text.size();
    if (!whole || reading.out_of_range || reading.negative) return std::nullopt;
    return reading.bits;
}

Stored as_enum(const JsonColumn& column, const Json& value) {
    const auto text = in_charset(column, text_of(value));
    if (!text) return out_of_range(column);
    std::uint64_t number = member_number(column, *text);
    if (number == 0) {
        const auto digits = digits_of(*text);
        if (!digits || *digits > column.members.size()) return out_of_range(column);
        number = *digits;
    }
    if (number == 0) return Member{};
    return Member{column.members[number - 1], number};
}

Member set_of(const JsonColumn& column, std::uint64_t mask) {
    Member member{{}, mask};
    for (std::size_t i = 0; i < column.members.size(); ++i) {
        if ((mask >> i & 1) == 0) continue;
        if (!member.text.empty()) member.text += ',';
        member.text += column.members[i];
    }
    return member;
}

Stored as_set(const JsonColumn& column, const Json& value) {
    const auto text = in_charset(column, text_of(value));
    if (!text) return out_of_range(column);
    // What is no member is left out as long as one of the list is.
    std::uint64_t mask = 0;
    for (std::size_t start = 0; start <= text->size();) {
        const std::size_t comma = std::min(text->find(',', start), text->size());
        const auto part = std::string_view(*text).substr(start, comma - start);
        if (const auto number = member_number(column, part))
            mask |= std::uint64_t{1} << (number - 1);
        start = comma + 1;
    }
    constexpr std::size_t longest_number = 21;  // MySQL does not look for digits in longer texts
    if (mask == 0 && !text->empty() && text->size() <= longest_number) {
        const auto digits = digits_of(*text);
        const std::uint64_t all = UINT64_MAX >> (64 - column.members.size());
        if (!digits || *digits > all) return out_of_range(column);
        mask = *digits;
    }
    return set_of(column, mask);
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
    if (column.type.type == Type::enum_) return as_enum(column, value);
    if (column.type.type == Type::set) return as_set(column, value);
    return as_text(column, value, environment);
}

}  // namespace sluice::eval
