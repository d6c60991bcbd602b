// Start of a process: durations in flags.
#include "servenv/duration.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>

namespace sluice::servenv {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
};
constexpr std::array units = {
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"\xc2\xb5s", 1'000},
    Unit{"\xce\xbcs", 1'000},
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
};

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

// "1.5" with up to `digits` decimals of a whole number, without trailing zeros.
std::string with_fraction(std::uint64_t value, std::uint64_t unit) {
    std::string text = std::to_string(value / unit);
    std::string rest = std::to_string(unit + value % unit).substr(1);
    while (!rest.empty() && rest.back() == '0') rest.pop_back();
    return rest.empty() ? text : text + "." + rest;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// One number of a duration as a whole part and a fraction of `scale`.
struct Number {
    std::uint64_t whole = 0;
    std::uint64_t fraction = 0;
    double scale = 1;
};

// number = 1*DIGIT [ "." *DIGIT ] / "." 1*DIGIT ; nullopt: no digits or too large
std::optional<Number> parse_number(std::string_view* rest) {
    constexpr std::uint64_t limit = std::uint64_t{1} << 63;
    Number number;
    bool any = false;
    const auto take_digit = [&] {
        const auto digit = static_cast<std::uint64_t>(rest->front() - '0');
        rest->remove_prefix(1);
        any = true;
        return digit;
    };
    while (!rest->empty() && is_digit(rest->front())) {
        const std::uint64_t digit = take_digit();
        if (number.whole > (limit - digit) / 10) return std::nullopt;
        number.whole = number.whole * 10 + digit;
    }
    if (rest->starts_with('.')) {
        rest->remove_prefix(1);
        while (!rest->empty() && is_digit(rest->front())) {
            const std::uint64_t digit = take_digit();
            if (number.fraction > (limit - digit) / 10) continue;  // beyond what counts
            number.fraction = number.fraction * 10 + digit;
            number.scale *= 10;
        }
    }
    if (!any) return std::nullopt;
    return number;
}

}  // namespace

std::string to_text(Duration duration) {
    const std::int64_t count = duration.count();
    if (count == 0) return "0s";
    const std::uint64_t size =
        count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
    const std::string sign = count < 0 ? "-" : "";
    if (size < 1'000) return sign + std::to_string(size) + "ns";
    if (size < 1'000'000) return sign + with_fraction(size, 1'000) + "\xc2\xb5s";
    if (size < 1'000'000'000) return sign + with_fraction(size, 1'000'000) + "ms";
    constexpr std::uint64_t minute = 60'000'000'000;
    const std::string seconds = with_fraction(size % minute, 1'000'000'000) + "s";
    const std::uint64_t minutes = size / minute;
    if (minutes == 0) return sign + seconds;
    if (minutes < 60) return sign + std::to_string(minutes) + "m" + seconds;
    return sign + std::to_string(minutes / 60) + "h" + std::to_string(minutes % 60) + "m" + seconds;
}

Result<Duration> parse_duration(std::string_view text) {
    const auto invalid = [&] {
        return fail(Code::invalid_argument, "time: invalid duration " + quoted(text));
    };
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    if (rest == "0") return Duration{0};
    if (rest.empty()) return invalid();
    std::uint64_t total = 0;
    while (!rest.empty()) {
        const auto number = parse_number(&rest);
        if (!number) return invalid();
        std::size_t length = 0;
        while (length < rest.size() && rest[length] != '.' && !is_digit(rest[length])) ++length;
        const std::string_view name = rest.substr(0, length);
        if (name.empty()) {
            return fail(Code::invalid_argument, "time: missing unit in duration " + quoted(text));
        }
        const Unit* unit = nullptr;
        for (const Unit& one : units) {
            if (one.name == name) unit = &one;
        }
        if (unit == nullptr) {
            return fail(Code::invalid_argument,
                        "time: unknown unit " + quoted(name) + " in duration " + quoted(text));
        }
        rest.remove_prefix(length);
        const auto width = static_cast<std::uint64_t>(unit->nanoseconds);
        constexpr std::uint64_t limit = std::uint64_t{1} << 63;
        if (number->whole > limit / width) return invalid();
        total += number->whole * width;
        total += static_cast<std::uint64_t>(static_cast<double>(number->fraction) *
                                            (static_cast<double>(width) / number->scale));
        if (total > limit) return invalid();
    }
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (negative) return Duration{static_cast<std::int64_t>(0 - total)};
    if (total > largest) return invalid();
    return Duration{static_cast<std::int64_t>(total)};
}

}  // namespace sluice::servenv
