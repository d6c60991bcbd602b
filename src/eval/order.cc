// Rows as keys. A key's parts are made of bytes that compare as the values do: a mark for NULL,
// then numbers with their sign turned, texts by their weights.
#include "eval/order.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "collation/charset.h"
#include "collation/compare.h"
#include "eval/detail/convert.h"

namespace sluice::eval {
namespace {

enum class Form : std::uint8_t { integer, real, decimal, text, bytes, time, date, datetime, json };

Form form_of(const FieldType& type) {
    if (type.is_bits) return type.type == Type::bit ? Form::integer : Form::bytes;
    switch (type.type) {
        case Type::date:
            return Form::date;
        case Type::time:
            return Form::time;
        case Type::datetime:
        case Type::timestamp:
            return Form::datetime;
        case Type::json:
            return Form::json;
        case Type::enum_:
        case Type::set:
            return Form::integer;
        default:
            break;
    }
    switch (class_of(type)) {
        case Class::integer:
            return Form::integer;
        case Class::decimal:
            return Form::decimal;
        case Class::real:
            return Form::real;
        default:
            break;
    }
    const bool binary = type.collation == nullptr || type.collation->id == collation::binary;
    return binary ? Form::bytes : Form::text;
}

std::string_view bytes_in(const Datum& value) {
    if (const auto* text = value.as<std::string>()) return *text;
    if (const auto* bits = value.as<Bits>()) return bits->bytes;
    if (const auto* member = value.as<Member>()) return member->text;
    return {};
}

void append_number(std::string& out, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 255);
}

// Integers of both signs in one order: negative ones, then those below 2^63, then the rest.
void append_integer(std::string& out, const Integer& integer) {
    out += integer.is_negative() ? '\0' : '\1';
    append_number(out, integer.bits);
}
void append_real(std::string& out, double number) {
    if (number == 0) number = 0;  // -0 is 0
    const auto bits = std::bit_cast<std::uint64_t>(number);
    append_number(out, (bits >> 63) != 0 ? ~bits : bits | std::uint64_t{1} << 63);
}

// The sign, then the count of digits before the point, then the digits; of negative ones all is
// turned around.
void append_decimal(std::string& out, const Decimal& number) {
    std::string digits = number.text();
    const bool negative = number.is_negative();
    if (negative) digits.erase(0, 1);
    std::string key;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    std::string whole = digits.substr(0, point);
    whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
    std::string part = point < digits.size() ? digits.substr(point + 1) : "";
    part.erase(part.find_last_not_of('0') + 1);
    key += static_cast<char>(whole.size());
    key += whole + part;
    key += '\0';
    out += negative ? '\0' : '\1';
    for (const char byte : key) out += negative ? static_cast<char>(~byte) : byte;
}

// With an end that is lower than anything that follows: a zero byte is two.
void append_ended(std::string& out, std::string_view bytes) {
    for (const char byte : bytes) {
        out += byte;
        if (byte == '\0') out += '\1';
    }
    out += '\0';
    out += '\0';
}

void append_value(std::string& out, const FieldType& type, const Datum& value) {
    switch (form_of(type)) {
        case Form::integer:
            append_integer(out, to_integer(value, nowhere()));
            return;
        case Form::real:
            append_real(out, to_real(value, nowhere()));
            return;
        case Form::decimal:
            append_decimal(out, to_decimal(value, nowhere()));
            return;
        case Form::date:
            if (const auto* date = value.as<Date>())
                append_number(out, static_cast<std::uint64_t>(packed(*date)));
            return;
        case Form::datetime:
            if (const auto* moment = value.as<DateTime>())
                append_number(out, static_cast<std::uint64_t>(packed(*moment)));
            return;
        case Form::time:
            if (const auto* time = value.as<Time>())
                append_number(
                    out, static_cast<std::uint64_t>(micros_of(*time)) ^ std::uint64_t{1} << 63);
            return;
        case Form::json: {
            // Tells values apart; their order is compare_values'.
            if (const auto* json = value.as<Json>()) {
                append_number(out, sluice::hash(*json, 1));
                append_number(out, sluice::hash(*json, 2));
            }
            return;
        }
        case Form::bytes:
            append_ended(out, bytes_in(value));
            return;
        case Form::text:
            break;
    }
    std::string_view text = bytes_in(value);
    if (collation::pads(*type.collation)) {
        std::string blank;
        collation::append_char(blank, *type.collation->charset, U' ');
        while (text.ends_with(blank)) text.remove_suffix(blank.size());
    }
    std::string weights;
    collation::append_weights(weights, *type.collation, text);
    append_ended(out, weights);
}

}  // namespace

std::weak_ordering compare_values(const FieldType& type, const Datum& left, const Datum& right) {
    if (left.is_null() || right.is_null()) return right.is_null() <=> left.is_null();
    switch (form_of(type)) {
        case Form::integer: {
            const Integer a = to_integer(left, nowhere());
            const Integer b = to_integer(right, nowhere());
            if (a.is_negative() != b.is_negative()) return b.is_negative() <=> a.is_negative();
            return a.is_negative() ? std::weak_ordering(a.as_signed() <=> b.as_signed())
                                   : a.bits <=> b.bits;
        }
        case Form::real: {
            const double a = to_real(left, nowhere());
            const double b = to_real(right, nowhere());
            return a < b   ? std::weak_ordering::less
                   : a > b ? std::weak_ordering::greater
                           : std::weak_ordering::equivalent;
        }
        case Form::decimal:
            return to_decimal(left, nowhere()) <=> to_decimal(right, nowhere());
        case Form::date:
            return *left.as<Date>() <=> *right.as<Date>();
        case Form::datetime:
            return *left.as<DateTime>() <=> *right.as<DateTime>();
        case Form::time:
            return *left.as<Time>() <=> *right.as<Time>();
        case Form::json:
            return sluice::sort_order(*left.as<Json>(), *right.as<Json>());
        case Form::bytes:
            return bytes_in(left) <=> bytes_in(right);
        case Form::text:
            break;
    }
    return collation::compare(*type.collation, bytes_in(left), bytes_in(right));
}

std::weak_ordering compare_rows(std::span<const KeyPart> parts, Row left, Row right) {
    for (const KeyPart& part : parts) {
        const auto order = compare_values(part.type, left[part.column], right[part.column]);
        if (order != 0) return part.descending ? 0 <=> order : order;
    }
    return std::weak_ordering::equivalent;
}

bool equal_rows(std::span<const KeyPart> parts, Row left, Row right) {
    return compare_rows(parts, left, right) == 0;
}

std::uint64_t hash_value(const FieldType& type, const Datum& value, std::uint64_t seed) {
    if (value.is_null()) return seed * 0x9e3779b97f4a7c15 + 1;
    const Form form = form_of(type);
    if (form == Form::text) return collation::hash(*type.collation, bytes_in(value), seed);
    if (form == Form::json) return sluice::hash(*value.as<Json>(), seed);
    std::string key;
    append_value(key, type, value);
    return collation::hash(*collation::find_collation(collation::binary), key, seed);
}

std::uint64_t hash_row(std::span<const KeyPart> parts, Row row, std::uint64_t seed) {
    for (const KeyPart& part : parts) seed = hash_value(part.type, row[part.column], seed);
    return seed;
}

void append_sort_key(std::string& out, const KeyPart& part, const Datum& value) {
    const std::size_t start = out.size();
    out += value.is_null() ? '\0' : '\1';
    if (!value.is_null()) append_value(out, part.type, value);
    if (!part.descending) return;
    for (std::size_t i = start; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
}

namespace {

// Under PAD SPACE keys tell texts apart, but do not order what is lower than a space.
bool ordered_by_keys(const KeyPart& part) {
    const Form form = form_of(part.type);
    if (form == Form::json) return false;
    return form != Form::text || !collation::pads(*part.type.collation);
}

}  // namespace

std::vector<std::uint32_t> sorted(std::span<const KeyPart> parts, std::span<const Row> rows) {
    if (!std::ranges::all_of(parts, ordered_by_keys)) {
        std::vector<std::uint32_t> places(rows.size());
        std::iota(places.begin(), places.end(), 0U);
        std::ranges::sort(places, [&](std::uint32_t a, std::uint32_t b) {
            const auto order = compare_rows(parts, rows[a], rows[b]);
            return order != 0 ? order < 0 : a < b;
        });
        return places;
    }
    struct Entry {
        std::uint64_t prefix = 0;  // the key's first eight bytes
        std::uint64_t offset = 0;
        std::uint32_t length = 0;
        std::uint32_t row = 0;
    };
    std::string keys;
    std::vector<Entry> entries(rows.size());
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        Entry& entry = entries[i];
        entry.offset = keys.size();
        entry.row = i;
        for (const KeyPart& part : parts) append_sort_key(keys, part, rows[i][part.column]);
        entry.length = static_cast<std::uint32_t>(keys.size() - entry.offset);
        for (std::size_t byte = 0; byte < 8; ++byte) {
            entry.prefix =
                entry.prefix << 8 |
                (byte < entry.length ? static_cast<std::uint8_t>(keys[entry.offset + byte]) : 0U);
        }
    }
    std::ranges::sort(entries, [&](const Entry& a, const Entry& b) {
        if (a.prefix != b.prefix) return a.prefix < b.prefix;
        const int order = std::memcmp(keys.data() + a.offset, keys.data() + b.offset,
                                      std::min(a.length, b.length));
        if (order != 0) return order < 0;
        return a.length != b.length ? a.length < b.length : a.row < b.row;
    });
    std::vector<std::uint32_t> places;
    places.reserve(entries.size());
    for (const Entry& entry : entries) places.push_back(entry.row);
    return places;
}

}  // namespace sluice::eval
