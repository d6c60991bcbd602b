// Step 10 of a request: values between the binary protocol and the text in which the gate computes.
// Before: row.cc or statement.cc.
#include "wire/detail/binary_value.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "values/number.h"
#include "wire/detail/temporal.h"

namespace sluice::wire::detail {
namespace {

bool append_real_text(std::string& out, const Printing& printing, ByteView raw) {
    const bool narrow = raw.size() == sizeof(float);
    const double value =
        narrow ? static_cast<double>(std::bit_cast<float>(load<std::uint32_t>(raw.data())))
               : std::bit_cast<double>(load<std::uint64_t>(raw.data()));
    if (!std::isfinite(value)) return false;
    if (printing.decimals < not_fixed_decimals) {
        out += fixed_text(value, printing.decimals);
    } else if (narrow && !printing.widen) {
        append_shortest(out, static_cast<float>(value));
    } else {
        append_double(out, value);
    }
    return true;
}

void append_integer_text(std::string& out, const Printing& printing, ByteView raw) {
    std::uint64_t bits = load<std::uint64_t>(raw.data(), raw.size());
    if (printing.field == field_type::year) {
        std::string year = std::to_string(bits);
        out.append(year.size() < 4 ? 4 - year.size() : 0, '0').append(year);
    } else if (printing.is_unsigned) {
        // An INT24 travels in four bytes of which the highest may be a stretched sign.
        if (printing.field == field_type::int24) bits &= 0xffffff;
        out += std::to_string(bits);
    } else {
        const unsigned unused = static_cast<unsigned>(64 - 8 * raw.size());
        out += std::to_string(static_cast<std::int64_t>(bits << unused) >> unused);
    }
}

template <class Integer>
bool parse_all(std::string_view text, Integer& value) {
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    return result.ec == std::errc{} && result.ptr == end && !text.empty();
}

// Places of each field in bits: an INT24 holds 24 of its 32.
unsigned bits_of(std::uint8_t field, std::uint8_t width) {
    return field == field_type::int24 ? 24U : 8U * width;
}

bool put_integer(Bytes& out, std::uint8_t field, std::uint8_t width, bool is_unsigned,
                 std::string_view text) {
    const unsigned unused = 64 - bits_of(field, width);
    if (is_unsigned) {
        std::uint64_t value = 0;
        if (!parse_all(text, value) || value > std::numeric_limits<std::uint64_t>::max() >> unused)
            return false;
        put_uint(out, value, width);
        return true;
    }
    std::int64_t value = 0;
    if (!parse_all(text, value)) return false;
    const std::int64_t most = std::numeric_limits<std::int64_t>::max() >> unused;
    if (value > most || value < -most - 1) return false;
    put_uint(out, static_cast<std::uint64_t>(value), width);
    return true;
}

bool put_real(Bytes& out, std::uint8_t width, std::string_view text) {
    double value = 0;
    if (!parse_all(text, value) || !std::isfinite(value)) return false;
    if (width == sizeof(double)) {
        put_uint(out, std::bit_cast<std::uint64_t>(value), width);
        return true;
    }
    float narrow = 0;
    if (!parse_all(text, narrow) || !std::isfinite(narrow)) return false;
    put_uint(out, std::bit_cast<std::uint32_t>(narrow), width);
    return true;
}

}  // namespace

Layout layout_of(std::uint8_t field) {
    switch (field) {
        case field_type::null:
            return {Shape::none};
        case field_type::tiny:
        case field_type::boolean:
            return {Shape::integer, 1};
        case field_type::short_:
        case field_type::year:
            return {Shape::integer, 2};
        case field_type::long_:
        case field_type::int24:
            return {Shape::integer, 4};
        case field_type::longlong:
            return {Shape::integer, 8};
        case field_type::float_:
            return {Shape::real, 4};
        case field_type::double_:
            return {Shape::real, 8};
        case field_type::date:
        case field_type::newdate:
        case field_type::datetime:
        case field_type::datetime2:
        case field_type::timestamp:
        case field_type::timestamp2:
            return {Shape::date};
        case field_type::time:
        case field_type::time2:
            return {Shape::time};
        default:
            return {Shape::string};
    }
}

ByteView read_raw(FieldReader& reader, std::uint8_t field) {
    const Layout layout = layout_of(field);
    std::string_view raw;
    if (layout.shape == Shape::string) {
        reader.text(raw);
    } else if (layout.shape == Shape::integer || layout.shape == Shape::real) {
        reader.raw(raw, layout.width);
    } else if (layout.shape != Shape::none) {
        std::uint8_t size = 0;
        reader.u8(size);
        reader.raw(raw, size);
    }
    return bytes_of(raw);
}

bool append_value_text(std::string& out, const Printing& printing, ByteView raw) {
    const Layout layout = layout_of(printing.field);
    switch (layout.shape) {
        case Shape::none:
            return false;
        case Shape::integer:
            if (raw.size() != layout.width) return false;
            append_integer_text(out, printing, raw);
            return true;
        case Shape::real:
            return raw.size() == layout.width && append_real_text(out, printing, raw);
        case Shape::date: {
            const bool only_date =
                printing.field == field_type::date || printing.field == field_type::newdate;
            return append_date_text(out, only_date, printing.decimals, raw);
        }
        case Shape::time:
            return append_time_text(out, printing.decimals, raw);
        case Shape::string:
            out += text_of(raw);
            return true;
    }
    return false;
}

bool put_value(Bytes& out, std::uint8_t field, bool is_unsigned, std::string_view text) {
    const Layout layout = layout_of(field);
    switch (layout.shape) {
        case Shape::none:
            return false;
        case Shape::integer:
            return put_integer(out, field, layout.width, is_unsigned, text);
        case Shape::real:
            return put_real(out, layout.width, text);
        case Shape::date:
            return put_date(out, text);
        case Shape::time:
            return put_time(out, text);
        case Shape::string:
            put_text(out, text);
            return true;
    }
    return false;
}

}  // namespace sluice::wire::detail
