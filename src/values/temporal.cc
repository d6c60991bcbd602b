// Step 6 of a request whose dates and times the gate prints, orders or counts with.
// Before: values/temporal_read.cc. After: values/value.cc.
#include "values/temporal.h"

#include <array>
#include <cstdlib>

namespace sluice {

namespace {

constexpr std::int64_t seconds_per_day = 86'400;
// Day number of 1970-01-01.
constexpr std::int64_t unix_day = 719'528;
constexpr std::int64_t largest_time_micros = 3'020'399 * micros_per_second;

std::int64_t power_of_ten(int exponent) {
    constexpr std::array<std::int64_t, 7> powers{1, 10, 100, 1000, 10'000, 100'000, 1'000'000};
    return powers[static_cast<std::size_t>(exponent)];
}

void append_digits(std::string& out, std::uint32_t value, int width) {
    char digits[10];
    int count = 0;
    for (; value != 0 || count < width; value /= 10) {
        digits[count++] = static_cast<char>('0' + value % 10);
    }
    while (count > 0) out.push_back(digits[--count]);
}

void append_clock(std::string& out, std::uint32_t hours, std::uint32_t minutes,
                  std::uint32_t seconds) {
    append_digits(out, hours, 2);
    out.push_back(':');
    append_digits(out, minutes, 2);
    out.push_back(':');
    append_digits(out, seconds, 2);
}

void append_fraction(std::string& out, std::uint32_t micros, int precision) {
    if (precision <= 0) return;
    out.push_back('.');
    const auto unit = static_cast<std::uint32_t>(power_of_ten(max_fraction_digits - precision));
    append_digits(out, micros / unit, precision);
}

std::int64_t clock_seconds(std::int64_t hours, std::int64_t minutes, std::int64_t seconds) {
    return (hours * 60 + minutes) * 60 + seconds;
}

std::int64_t packed_clock(std::int64_t hours, std::int64_t minutes, std::int64_t seconds,
                          std::int64_t micros) {
    return (hours << 12 | minutes << 6 | seconds) << 24 | micros;
}

// A number with the microseconds' first `precision` digits behind the point.
Decimal with_fraction(std::int64_t whole, std::uint32_t micros, bool negative, int precision) {
    std::string digits = negative ? "-" : "";
    digits += std::to_string(std::abs(whole));
    append_fraction(digits, micros, precision);
    return Decimal::read(digits).value;
}

// The nearest multiple of a unit, halves upwards; or the one below.
std::int64_t in_units(std::int64_t micros, int precision, bool truncate) {
    const std::int64_t unit = power_of_ten(max_fraction_digits - precision);
    return (micros + (truncate ? 0 : unit / 2)) / unit * unit;
}

}  // namespace

std::strong_ordering Time::operator<=>(const Time& other) const {
    return packed(*this) <=> packed(other);
}

std::string text(const Date& date) {
    std::string out;
    append_digits(out, date.year, 4);
    out.push_back('-');
    append_digits(out, date.month, 2);
    out.push_back('-');
    append_digits(out, date.day, 2);
    return out;
}

std::string text(const Time& time, int precision) {
    std::string out;
    if (time.negative) out.push_back('-');
    append_clock(out, time.hours, time.minutes, time.seconds);
    append_fraction(out, time.micros, precision);
    return out;
}

std::string text(const DateTime& moment, int precision) {
    std::string out = text(moment.date);
    out.push_back(' ');
    append_clock(out, moment.hours, moment.minutes, moment.seconds);
    append_fraction(out, moment.micros, precision);
    return out;
}

std::string year_text(std::uint16_t year) {
    std::string out;
    append_digits(out, year, 4);
    return out;
}

std::int64_t number_of(const Date& date) {
    return std::int64_t{date.year} * 10'000 + date.month * 100 + date.day;
}

std::int64_t number_of(const Time& time) {
    const std::int64_t number =
        std::int64_t{time.hours} * 10'000 + time.minutes * 100 + time.seconds;
    return time.negative ? -number : number;
}

std::int64_t number_of(const DateTime& moment) {
    return number_of(moment.date) * 1'000'000 + std::int64_t{moment.hours} * 10'000 +
           moment.minutes * 100 + moment.seconds;
}

Decimal decimal_of(const Time& time, int precision) {
    return with_fraction(number_of(time), time.micros, time.negative, precision);
}

Decimal decimal_of(const DateTime& moment, int precision) {
    return with_fraction(number_of(moment), moment.micros, false, precision);
}

// From the highest bit: year * 13 + month, day (5 bits), hours (5), minutes (6), seconds (6),
// microseconds (24). Source: MySQL's description of its temporal column formats.
std::int64_t packed(const DateTime& moment) {
    return packed(moment.date) |
           packed_clock(moment.hours, moment.minutes, moment.seconds, moment.micros);
}

std::int64_t packed(const Date& date) {
    const std::int64_t months = std::int64_t{date.year} * 13 + date.month;
    return (months << 5 | date.day) << 41;
}

std::int64_t packed(const Time& time) {
    const std::int64_t size = packed_clock(time.hours, time.minutes, time.seconds, time.micros);
    return time.negative ? -size : size;
}

Time unpacked_time(std::int64_t packed) {
    const std::int64_t size = std::abs(packed);
    return {.negative = packed < 0,
            .hours = static_cast<std::uint16_t>(size >> 36 & 0x3ff),
            .minutes = static_cast<std::uint8_t>(size >> 30 & 0x3f),
            .seconds = static_cast<std::uint8_t>(size >> 24 & 0x3f),
            .micros = static_cast<std::uint32_t>(size & 0xffffff)};
}

DateTime unpacked_datetime(std::int64_t packed) {
    const std::int64_t months = packed >> 46;
    return {.date = {.year = static_cast<std::uint16_t>(months / 13),
                     .month = static_cast<std::uint8_t>(months % 13),
                     .day = static_cast<std::uint8_t>(packed >> 41 & 0x1f)},
            .hours = static_cast<std::uint8_t>(packed >> 36 & 0x1f),
            .minutes = static_cast<std::uint8_t>(packed >> 30 & 0x3f),
            .seconds = static_cast<std::uint8_t>(packed >> 24 & 0x3f),
            .micros = static_cast<std::uint32_t>(packed & 0xffffff)};
}

std::optional<DateTime> rounded(const DateTime& moment, int precision, bool truncate) {
    DateTime made = moment;
    const std::int64_t micros = in_units(moment.micros, precision, truncate);
    made.micros = static_cast<std::uint32_t>(micros % micros_per_second);
    if (micros < micros_per_second) return made;
    const std::int64_t seconds = clock_seconds(moment.hours, moment.minutes, moment.seconds) + 1;
    made.hours = static_cast<std::uint8_t>(seconds / 3600 % 24);
    made.minutes = static_cast<std::uint8_t>(seconds / 60 % 60);
    made.seconds = static_cast<std::uint8_t>(seconds % 60);
    if (seconds < seconds_per_day) return made;
    // No day follows one without a month.
    if (moment.date.month == 0 || moment.date.day == 0) return std::nullopt;
    const std::optional<Date> next = date_of(std::int64_t{day_number(moment.date)} + 1);
    if (!next) return std::nullopt;
    made.date = *next;
    return made;
}

Time rounded(const Time& time, int precision, bool truncate) {
    const std::int64_t size = std::abs(micros_of(time));
    Time made = time_of_micros(in_units(size, precision, truncate));
    // There is no negative zero.
    made.negative = time.negative && made != Time{};
    return made;
}

std::int64_t micros_of(const Time& time) {
    const std::int64_t size =
        clock_seconds(time.hours, time.minutes, time.seconds) * micros_per_second + time.micros;
    return time.negative ? -size : size;
}

std::int64_t micros_of(const DateTime& moment) {
    const std::int64_t clock = clock_seconds(moment.hours, moment.minutes, moment.seconds);
    return (day_number(moment.date) * seconds_per_day + clock) * micros_per_second + moment.micros;
}

Time time_of_micros(std::int64_t micros) {
    const bool negative = micros < 0;
    Time made = largest_time;
    if (micros >= -largest_time_micros && micros <= largest_time_micros) {
        const std::int64_t size = std::abs(micros);
        const std::int64_t seconds = size / micros_per_second;
        made = {.hours = static_cast<std::uint16_t>(seconds / 3600),
                .minutes = static_cast<std::uint8_t>(seconds / 60 % 60),
                .seconds = static_cast<std::uint8_t>(seconds % 60),
                .micros = static_cast<std::uint32_t>(size % micros_per_second)};
    }
    made.negative = negative;
    return made;
}

std::optional<DateTime> datetime_of_micros(std::int64_t micros) {
    if (micros < 0) return std::nullopt;
    const std::optional<Date> date = date_of(micros / micros_per_day);
    if (!date) return std::nullopt;
    const Time time = time_of_micros(micros % micros_per_day);
    return DateTime{.date = *date,
                    .hours = static_cast<std::uint8_t>(time.hours),
                    .minutes = time.minutes,
                    .seconds = time.seconds,
                    .micros = time.micros};
}

std::int64_t unix_seconds(const DateTime& utc) {
    return (day_number(utc.date) - unix_day) * seconds_per_day +
           clock_seconds(utc.hours, utc.minutes, utc.seconds);
}

std::optional<DateTime> datetime_of_unix(std::int64_t seconds, std::uint32_t micros) {
    constexpr std::int64_t far = 4'000'000 * seconds_per_day;
    if (seconds < -far || seconds > far) return std::nullopt;
    return datetime_of_micros((seconds + unix_day * seconds_per_day) * micros_per_second + micros);
}

std::optional<DateTime> on_day(const Date& today, const Time& time) {
    return datetime_of_micros(day_number(today) * micros_per_day + micros_of(time));
}

Time time_of_day(const DateTime& moment) {
    return {.hours = moment.hours,
            .minutes = moment.minutes,
            .seconds = moment.seconds,
            .micros = moment.micros};
}

}  // namespace sluice
