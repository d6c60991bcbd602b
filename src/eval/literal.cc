// Literals and the values of bind variables.
#include <algorithm>

#include "collation/charset.h"
#include "eval/bind.h"
#include "eval/detail/special.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The digits of 0x1F, x'1F' or 1F.
std::string_view bare_digits(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X") || text.starts_with("0b") ||
        text.starts_with("0B"))
        return text.substr(2);
    if (text.size() >= 3 && text[1] == '\'') return text.substr(2, text.size() - 3);
    return text;
}

std::string bytes_of_hex(std::string_view digits) {
    std::string out;
    unsigned pending = 0;
    bool half = digits.size() % 2 != 0;
    for (const char c : digits) {
        const int digit = digit_of(c);
        if (digit < 0) raise(er::unknown_error, "Invalid hexadecimal digits");
        pending = pending * 16 + static_cast<unsigned>(digit);
        if (half) out += static_cast<char>(pending & 255);
        half = !half;
    }
    return out;
}

std::string bytes_of_bits(std::string_view digits) {
    std::string out((digits.size() + 7) / 8, '\0');
    std::size_t place = 0;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, ++place) {
        if (*digit == '1') out[out.size() - 1 - place / 8] |= static_cast<char>(1 << (place % 8));
    }
    return out;
}

Repertoire repertoire_of(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<std::uint8_t>(c) < 128; })
               ? Repertoire::ascii
               : Repertoire::unicode;
}

Node bits_node(std::string bytes, bool is_unsigned, std::string_view text) {
    FieldType type = text_type({binary_collation(), Coercibility::coercible, Repertoire::unicode},
                               bytes.size(), false);
    type.is_bits = true;
    type.is_unsigned = is_unsigned;
    type.decimals = 0;
    return literal_node(type, Bits{std::move(bytes), is_unsigned}, std::string(text));
}

[[noreturn]] void raise_incorrect(std::string_view kind, std::string_view text) {
    raise(1525, "Incorrect " + std::string(kind) + " value: '" + std::string(text) + "'");
}

Node temporal_node(ValueView value, const Environment& environment) {
    const DateRules rules = date_rules(environment, DateUse::strict);
    const std::string text(value.bytes);
    if (value.type == Type::date) {
        const auto reading = read_date(text, rules);
        const bool is_date = reading.value && reading.kind == TemporalKind::date;
        if (!is_date || reading.warned) raise_incorrect("DATE", text);
        return literal_node(temporal_type(Type::date, 0, false), *reading.value,
                            "DATE'" + text + "'");
    }
    if (value.type == Type::time) {
        const auto reading = read_time(text, 6, false);
        const bool is_time = reading.value && reading.kind == TemporalKind::time;
        if (!is_time || reading.warned) raise_incorrect("TIME", text);
        return literal_node(temporal_type(Type::time, reading.fraction_digits, false),
                            *reading.value, "TIME'" + text + "'");
    }
    auto reading = read_datetime(text, 6, rules);
    const bool is_moment = reading.value && reading.kind == TemporalKind::datetime;
    if (!is_moment || reading.warned) raise_incorrect("DATETIME", text);
    if (reading.offset) {
        const std::int64_t utc = unix_seconds(*reading.value) - *reading.offset;
        reading.value =
            datetime_of_unix(utc + environment.time_zone.offset_at(utc), reading.value->micros);
    }
    return literal_node(temporal_type(Type::datetime, reading.fraction_digits, false),
                        *reading.value, "TIMESTAMP'" + text + "'");
}

Node number_node(ValueView value) {
    const std::string text(value.bytes);
    if (is_integral(value.type) && value.type != Type::year) {
        const IntegerReading reading = read_integer(text);
        const auto digits = static_cast<std::uint32_t>(text.size());
        const bool is_unsigned =
            sluice::is_unsigned(value.type) || (!reading.negative && reading.bits > INT64_MAX);
        FieldType type = integer_type(
            false, digits + (is_unsigned || text.starts_with('-') ? 0U : 1U), is_unsigned);
        if (is_unsigned) return literal_node(type, reading.bits, text);
        return literal_node(type, static_cast<std::int64_t>(reading.bits), text);
    }
    if (value.type == Type::decimal) {
        const Decimal::Reading reading = Decimal::read(text);
        const int scale = reading.value.scale();
        const int whole = std::max(1, reading.value.digits() - scale);
        return literal_node(decimal_type(whole + scale, scale, false), reading.value, text);
    }
    const DoubleReading reading = read_double(text);
    if (reading.out_of_range)
        raise(1367, "Illegal double '" + text + "' value found during parsing");
    FieldType type = real_type(false);
    type.length = static_cast<std::uint32_t>(text.size());
    return literal_node(type, reading.value, text);
}

}  // namespace

Node literal_node(FieldType type, Datum value, std::string text) {
    Node node;
    node.type = type;
    node.constant = std::move(value);
    node.compute = compute_literal;
    if (node.constant.as<std::int64_t>() != nullptr) node.whole = whole_literal;
    node.is_constant = true;
    node.print = Print::literal;
    node.name = std::move(text);
    return node;
}

Node literal_node(ValueView value, const Environment& environment) {
    switch (value.type) {
        case Type::null_type:
            return literal_node({.type = Type::null_type, .collation = binary_collation()}, {},
                                "NULL");
        case Type::hexnum:
        case Type::hexval:
            return bits_node(bytes_of_hex(bare_digits(value.bytes)), true, value.bytes);
        case Type::bitnum:
            return bits_node(bytes_of_bits(bare_digits(value.bytes)), false, value.bytes);
        case Type::date:
        case Type::time:
        case Type::datetime:
        case Type::timestamp:
            return temporal_node(value, environment);
        case Type::json: {
            auto parsed = parse_json(value.bytes);
            if (!parsed) raise(json_text_error(parsed.error(), 1, "cast_as_json"));
            return literal_node(json_type(false), std::move(*parsed), std::string(value.bytes));
        }
        default:
            break;
    }
    if (value.type == Type::year) {
        FieldType type = integer_type(false, 4, true);
        type.type = Type::year;
        return literal_node(type, read_integer(value.bytes).to_uint64(), std::string(value.bytes));
    }
    if (is_number(value.type)) return number_node(value);
    const std::string quoted = "'" + std::string(value.bytes) + "'";
    if (is_binary(value.type) || value.type == Type::bit || value.type == Type::geometry ||
        value.type == Type::vector) {
        return literal_node(
            text_type({binary_collation(), Coercibility::coercible, Repertoire::unicode},
                      value.bytes.size(), false),
            std::string(value.bytes), quoted);
    }
    const collation::Collation* collation = connection_collation(environment);
    const std::size_t characters = collation::characters(*collation->charset, value.bytes);
    return literal_node(text_type({collation, Coercibility::coercible, repertoire_of(value.bytes)},
                                  characters, false),
                        std::string(value.bytes), quoted);
}

Node introduced(Node operand, std::string_view charset) {
    if (charset.starts_with('_')) charset.remove_prefix(1);
    const auto* found = collation::find_charset(charset);
    if (found == nullptr)
        raise(er::unknown_character_set, "Unknown character set: '" + std::string(charset) + "'");
    const auto* text = operand.constant.as<std::string>();
    const auto* bits = operand.constant.as<Bits>();
    if (text == nullptr && bits == nullptr) {
        if (operand.constant.is_null()) return operand;
        refuse("an introducer in front of what is no text");
    }
    const std::string bytes = text != nullptr ? *text : bits->bytes;
    if (!collation::valid(*found, bytes)) {
        static constexpr char digits[] = "0123456789ABCDEF";
        std::string shown;
        for (const char byte : bytes.substr(collation::valid_prefix(*found, bytes), 6)) {
            shown += digits[static_cast<std::uint8_t>(byte) >> 4];
            shown += digits[byte & 15];
        }
        raise(1300, "Invalid " + std::string(found->name) + " character string: '" + shown + "'");
    }
    const auto* collation = collation::find_collation(found->default_collation);
    return literal_node(text_type({collation, Coercibility::coercible, repertoire_of(bytes)},
                                  collation::characters(*found, bytes), false),
                        bytes, "_" + std::string(found->name) + "'" + bytes + "'");
}

FieldType column_type(Type type, const collation::Collation& collation, std::uint32_t length,
                      std::uint8_t decimals, std::uint16_t flags) {
    constexpr std::uint16_t not_null_flag = 1;
    constexpr std::uint16_t unsigned_flag = 32;
    constexpr std::uint16_t zerofill_flag = 64;
    const bool number = is_number(type) || type == Type::bit || is_temporal(type);
    FieldType made{.type = type,
                   .collation = number ? binary_collation() : &collation,
                   .coercibility =
                       number && type != Type::bit ? Coercibility::numeric : Coercibility::implicit,
                   .repertoire = number ? Repertoire::ascii : Repertoire::unicode,
                   .nullable = (flags & not_null_flag) == 0,
                   .is_unsigned = (flags & unsigned_flag) != 0 || is_unsigned(type),
                   .is_bits = type == Type::bit,
                   .is_zerofill = (flags & zerofill_flag) != 0 || type == Type::year,
                   .length = length,
                   .decimals = decimals};
    if (type == Type::json) return json_type(made.nullable);
    if (number) return made;
    // A TEXT counts its bytes as characters.
    const bool counts_bytes = type == Type::text || type == Type::blob;
    made.length =
        counts_bytes ? length : length / std::max<std::uint32_t>(1, collation.charset->max_bytes);
    made.decimals = not_fixed;
    return made;
}

FieldType literal_type(ValueView value, const Environment& environment) {
    auto node = caught([&] { return literal_node(value, environment); });
    return node ? node->type : FieldType{};
}

Result<VariableField> variable(std::string name, const BindValue& value,
                               const Environment& environment) {
    return caught([&] {
        VariableField field{.name = std::move(name)};
        if (value.is_list()) {
            field.type.type = Type::tuple;
            for (const Value& item : value.list) {
                Node node = literal_node(ValueView{item.type, item.bytes}, environment);
                field.list_types.push_back(node.type);
                field.list.push_back(std::move(node.constant));
            }
            return field;
        }
        Node node = literal_node(ValueView{value.value.type, value.value.bytes}, environment);
        field.type = node.type;
        field.value = std::move(node.constant);
        return field;
    });
}

}  // namespace sluice::eval
