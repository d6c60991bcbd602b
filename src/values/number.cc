// Step 6 of a request whose texts the gate computes with, and steps 6 and 10 of one whose doubles
// it prints. Exact numbers: values/decimal.h.
#include "values/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace sluice {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

std::size_t skip_spaces(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::find_if_not(text, is_space) - text.begin());
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at])) ++at;
    return at;
}

bool only_spaces(std::string_view text) {
    return std::ranges::all_of(text, is_space);
}

// Of the unsigned number [first, last) that from_chars finds too large or too small.
bool is_too_large(std::string_view number) {
    const std::size_t e = number.find_first_of("eE");
    const std::string_view digits = number.substr(0, e);
    constexpr long far = 1'000'000'000;
    long exponent = 0;
    if (e != std::string_view::npos) {
        exponent = std::clamp(std::strtol(number.data() + e + 1, nullptr, 10), -far, far);
    }
    const auto point = static_cast<long>(std::min(digits.find('.'), digits.size()));
    const auto first = static_cast<long>(digits.find_first_of("123456789"));
    return point - first + exponent > 0;
}

// As MySQL places the point of `digits`, which has `point` of them before it (below 1: zeros behind
// it).
void append_digits(std::string& out, std::string_view digits, int point) {
    constexpr int widest = 15;  // places printed without an exponent
    const int count = static_cast<int>(digits.size());
    if (point < 1 - widest || (point > widest && count <= point)) {
        out += digits[0];
        if (count > 1) out.append(".").append(digits.substr(1));
        out.append("e").append(std::to_string(point - 1));
    } else if (point <= 0) {
        out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
    } else if (count <= point) {
        out.append(digits).append(static_cast<std::size_t>(point - count), '0');
    } else {
        const auto whole = static_cast<std::size_t>(point);
        out.append(digits.substr(0, whole)).append(".").append(digits.substr(whole));
    }
}

constexpr int shortest = -1;

template <class Real>
void append_real(std::string& out, Real number, int precision) {
    if (std::signbit(number)) out += '-';
    if (number == 0) {
        out += '0';
        return;
    }
    std::array<char, 40> text{};
    char* const begin = text.data();
    char* const limit = begin + text.size();
    const Real size = std::abs(number);
    const auto end =
        precision == shortest
            ? std::to_chars(begin, limit, size, std::chars_format::scientific)
            : std::to_chars(begin, limit, size, std::chars_format::scientific, precision - 1);
    const std::string_view form(begin, static_cast<std::size_t>(end.ptr - begin));
    const std::size_t e = form.find('e');
    if (e == std::string_view::npos) {  // inf, nan
        out += form;
        return;
    }
    std::string digits(form.substr(0, 1));
    if (e > 2) digits += form.substr(2, e - 2);
    while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
    append_digits(out, digits, std::atoi(begin + e + 1) + 1);
}

}  // namespace

std::int64_t IntegerReading::to_int64() const {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!negative && bits > most) return std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(bits);
}

std::uint64_t IntegerReading::to_uint64() const {
    return negative ? 0 : bits;
}

IntegerReading read_integer(std::string_view text) {
    constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    constexpr std::uint64_t lowest = std::uint64_t{1} << 63;
    std::size_t at = std::min(text.find_first_not_of(" \t"), text.size());
    const bool sign = at < text.size() && (text[at] == '-' || text[at] == '+');
    const bool negative = sign && text[at] == '-';
    const std::size_t first = at + (sign ? 1 : 0);
    at = skip_digits(text, first);
    if (at == first) return {.cut = true};
    IntegerReading made{.cut = !only_spaces(text.substr(at)), .used = at};
    const auto read = std::from_chars(text.data() + first, text.data() + at, made.bits);
    made.out_of_range = read.ec != std::errc{} || (negative && made.bits > lowest);
    if (made.out_of_range) made.bits = negative ? lowest : largest;
    made.negative = negative && made.bits != 0;
    if (negative) made.bits = 0 - made.bits;
    return made;
}

DoubleReading read_double(std::string_view text) {
    std::size_t at = skip_spaces(text);
    const bool sign = at < text.size() && (text[at] == '-' || text[at] == '+');
    const bool negative = sign && text[at] == '-';
    const std::size_t first = at + (sign ? 1 : 0);
    at = skip_digits(text, first);
    std::size_t digits = at - first;
    if (at < text.size() && text[at] == '.') {
        const std::size_t behind = skip_digits(text, at + 1);
        digits += behind - at - 1;
        at = behind;
    }
    if (digits == 0) return {.cut = !only_spaces(text)};
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        std::size_t exponent = at + 1;
        if (exponent < text.size() && (text[exponent] == '-' || text[exponent] == '+')) ++exponent;
        const std::size_t end = skip_digits(text, exponent);
        if (end > exponent) at = end;
    }
    DoubleReading made{.cut = !only_spaces(text.substr(at)), .used = at};
    const char* const begin = text.data() + first;
    const auto read = std::from_chars(begin, text.data() + at, made.value);
    if (read.ec == std::errc::result_out_of_range) {
        made.out_of_range = is_too_large(std::string(begin, text.data() + at));
        made.value = made.out_of_range ? std::numeric_limits<double>::max() : 0;
    }
    if (negative) made.value = -made.value;
    return made;
}

void append_double(std::string& out, double number) {
    append_real(out, number, shortest);
}

std::string double_text(double number) {
    std::string out;
    append_double(out, number);
    return out;
}

void append_float(std::string& out, float number) {
    append_real(out, static_cast<double>(number), std::numeric_limits<float>::digits10);
}

std::string float_text(float number) {
    std::string out;
    append_float(out, number);
    return out;
}

void append_shortest(std::string& out, float number) {
    append_real(out, number, shortest);
}

std::string fixed_text(double number, int decimals) {
    std::array<char, 400> text{};  // 309 places and 30 decimals
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number,
                                   std::chars_format::fixed, decimals);
    return {text.data(), end.ptr};
}

namespace {

// The double nearest to 10^exponent; pow may miss it.
double double_power_of_ten(std::uint64_t exponent) {
    constexpr std::size_t count = 309;
    static const auto powers = [] {
        std::array<double, count> made{};
        for (std::size_t i = 0; i < count; ++i) {
            const std::string power = "1e" + std::to_string(i);
            std::from_chars(power.data(), power.data() + power.size(), made[i]);
        }
        return made;
    }();
    return exponent < count ? powers[exponent] : std::numeric_limits<double>::infinity();
}

}  // namespace

double rounded(double number, std::int64_t digits, bool truncate) {
    const auto places = static_cast<std::uint64_t>(digits);
    const double unit = double_power_of_ten(digits < 0 ? 0 - places : places);
    const auto whole = [truncate](double scaled) {
        return truncate ? std::trunc(scaled) : std::rint(scaled);
    };
    if (digits < 0) return std::isfinite(unit) ? whole(number / unit) * unit : 0;
    const double scaled = number * unit;
    return std::isfinite(scaled) ? whole(scaled) / unit : number;
}

namespace {

// 10^exponent; 0 from 10^20 on, which is more than every integer.
std::uint64_t unit_of(std::int64_t digits) {
    constexpr std::int64_t most = 19;
    if (digits < -most) return 0;
    std::uint64_t unit = 1;
    for (; digits < 0; ++digits) unit *= 10;
    return unit;
}

}  // namespace

std::optional<std::uint64_t> rounded(std::uint64_t number, std::int64_t digits, bool truncate) {
    const std::uint64_t unit = unit_of(digits);
    if (unit == 0) return 0;
    const std::uint64_t rest = number % unit;
    const std::uint64_t kept = number - rest;
    if (truncate || unit == 1 || rest < unit / 2) return kept;
    if (kept > std::numeric_limits<std::uint64_t>::max() - unit) return std::nullopt;
    return kept + unit;
}

std::optional<std::int64_t> rounded(std::int64_t number, std::int64_t digits, bool truncate) {
    const bool negative = number < 0;
    const auto bits = static_cast<std::uint64_t>(number);
    // MySQL divides by 10^19 as a signed number, which it is not.
    if (const std::uint64_t unit = unit_of(digits); truncate && unit >> 63 != 0) {
        return number / static_cast<std::int64_t>(unit) * static_cast<std::int64_t>(unit);
    }
    const std::optional<std::uint64_t> size = rounded(negative ? 0 - bits : bits, digits, truncate);
    constexpr std::uint64_t lowest = std::uint64_t{1} << 63;
    if (!size || *size > lowest || (!negative && *size == lowest)) return std::nullopt;
    return static_cast<std::int64_t>(negative ? 0 - *size : *size);
}

Converted<std::int64_t> to_int64(double number) {
    constexpr double bound = 9'223'372'036'854'775'808.0;
    const double whole = std::rint(number);
    if (whole >= bound) return {std::numeric_limits<std::int64_t>::max(), true};
    if (whole < -bound) return {std::numeric_limits<std::int64_t>::min(), true};
    return {static_cast<std::int64_t>(whole), false};
}

Converted<std::uint64_t> to_uint64(double number) {
    constexpr double bound = 18'446'744'073'709'551'616.0;
    const double whole = std::rint(number);
    if (whole >= bound) return {std::numeric_limits<std::uint64_t>::max(), true};
    if (whole < 0) return {0, true};
    return {static_cast<std::uint64_t>(whole), false};
}

}  // namespace sluice
