// Step 6 of a request that compares or computes with dates and times: numbers become temporal
// values. Texts: values/temporal_read.cc.
#include <cmath>
#include <limits>

#include "values/detail/temporal_reading.h"
#include "values/temporal.h"

namespace sluice {

namespace {

// A number's whole part, and the rest of it in nanoseconds; both have its sign.
struct Split {
    std::int64_t whole = 0;
    std::int64_t nanos = 0;
};

constexpr std::int64_t nanos_per_second = 1'000'000'000;

Split split(const Decimal& number) {
    const Decimal whole = number.rounded(0, Decimal::Rounding::truncate);
    const std::optional<std::int64_t> fits = whole.to_int64();
    if (!fits) {
        return {number.is_negative() ? std::numeric_limits<std::int64_t>::min()
                                     : std::numeric_limits<std::int64_t>::max(),
                0};
    }
    const Decimal rest = Decimal::subtract(number, whole).value_or(Decimal());
    const Decimal nanos = Decimal::multiply(rest, Decimal(nanos_per_second)).value_or(Decimal());
    return {*fits, nanos.rounded(0, Decimal::Rounding::truncate).to_int64().value_or(0)};
}

Split split(double number) {
    constexpr double largest = 9'223'372'036'854'775'807.0;
    if (std::isnan(number)) return {};
    if (number >= largest) return {std::numeric_limits<std::int64_t>::max(), 0};
    if (number <= -largest) return {std::numeric_limits<std::int64_t>::min(), 0};
    const double whole = std::trunc(number);
    return {static_cast<std::int64_t>(whole),
            static_cast<std::int64_t>(std::rint((number - whole) * 1e9))};
}

// YYMMDD, YYYYMMDD, YYMMDDhhmmss or YYYYMMDDhhmmss as the last, with the kind that was written;
// negative: none of them.
struct Written {
    std::int64_t number = -1;
    TemporalKind kind = TemporalKind::date;
};

Written written(std::int64_t number) {
    constexpr std::int64_t clock = 1'000'000;
    constexpr std::int64_t turn = 70;  // years below are of the 21st century
    if (number == 0 || number >= 10'000'101'000'000) return {number, TemporalKind::datetime};
    if (number < 101) return {};
    if (number <= (turn - 1) * 10'000 + 1231) return {(number + 20'000'000) * clock};
    if (number < turn * 10'000 + 101) return {};
    if (number <= 991'231) return {(number + 19'000'000) * clock};
    if (number <= 99'991'231) return {number * clock};
    if (number < 101'000'000) return {};
    if (number <= (turn - 1) * 10'000'000'000 + 1'231'235'959) {
        return {number + 20'000'000'000'000, TemporalKind::datetime};
    }
    if (number < turn * 10'000'000'000 + 101'000'000) return {};
    if (number <= 991'231'235'959) {
        return {number + 19'000'000'000'000, TemporalKind::datetime};
    }
    return {number, TemporalKind::datetime};
}

// The date of a number, of which a clock is not looked at; 0 to 100 are days of
// the year 2000.
TemporalReading<Date> only_date_of(const Split& split, const DateRules& rules) {
    const TemporalReading<Date> refused{.value = std::nullopt, .warned = true};
    const std::int64_t number = split.whole;
    if (split.nanos < 0) return refused;
    const bool days = number >= 0 && number < 101;
    const Written found = days ? Written{(number + 20'000'000) * 1'000'000} : written(number);
    if (found.number < 0 || found.number > 99'999'999'999'999) return refused;
    const std::int64_t digits = found.number / 1'000'000;
    const Date date{.year = static_cast<std::uint16_t>(digits / 10'000),
                    .month = static_cast<std::uint8_t>(digits / 100 % 100),
                    .day = static_cast<std::uint8_t>(digits % 100)};
    if (date.month > 12 || date.day > 31) return refused;
    if (!detail::exists(date, rules)) return refused;
    return {.value = date, .kind = TemporalKind::date};
}

TemporalReading<DateTime> moment_of(std::int64_t number, const DateRules& rules) {
    const TemporalReading<DateTime> refused{.value = std::nullopt, .warned = true};
    const Written found = written(number);
    if (found.number < 0 || found.number > 99'991'231'235'959) return refused;
    const std::int64_t date = found.number / 1'000'000;
    const std::int64_t clock = found.number % 1'000'000;
    const DateTime moment{.date = {.year = static_cast<std::uint16_t>(date / 10'000),
                                   .month = static_cast<std::uint8_t>(date / 100 % 100),
                                   .day = static_cast<std::uint8_t>(date % 100)},
                          .hours = static_cast<std::uint8_t>(clock / 10'000),
                          .minutes = static_cast<std::uint8_t>(clock / 100 % 100),
                          .seconds = static_cast<std::uint8_t>(clock % 100)};
    const bool parts = moment.date.month <= 12 && moment.date.day <= 31 && moment.hours <= 23 &&
                       moment.minutes <= 59 && moment.seconds <= 59;
    if (!parts) return refused;
    if (number == 0 ? !rules.zero_date : !detail::exists(moment.date, rules)) return refused;
    return {.value = moment, .kind = found.kind};
}

TemporalReading<DateTime> moment_of(const Split& split, int precision, const DateRules& rules) {
    if (split.nanos < 0) return {.value = std::nullopt, .warned = true};
    TemporalReading<DateTime> reading = moment_of(split.whole, rules);
    // A date has no fraction.
    if (!reading.value || reading.kind == TemporalKind::date) return reading;
    reading.value->micros = static_cast<std::uint32_t>(split.nanos / 1000);
    return detail::finished_moment(reading, static_cast<std::uint32_t>(split.nanos % 1000),
                                   precision, rules.truncate_fraction);
}

TemporalReading<Time> time_of(const Split& split, int precision, bool truncate) {
    constexpr std::int64_t largest = 8'385'959;
    constexpr std::int64_t least_moment = 10'000'000'000;
    const std::int64_t number = split.whole;
    TemporalReading<Time> made{.value = std::nullopt, .warned = true, .kind = TemporalKind::time};
    const std::int64_t nanos = std::abs(split.nanos);
    const auto below = static_cast<std::uint32_t>(nanos % 1000);
    const auto micros = static_cast<std::uint32_t>(nanos / 1000);
    if (number > largest || number < -largest) {
        if (number < least_moment) return made;
        const TemporalReading<DateTime> moment = moment_of(number, {.zero_in_date = false});
        if (!moment.value) return made;
        made.value = time_of_day(*moment.value);
        made.kind = TemporalKind::datetime;
    } else {
        const std::int64_t size = std::abs(number);
        if (size % 100 > 59 || size / 100 % 100 > 59) return made;
        made.value = Time{.negative = number < 0 || split.nanos < 0,
                          .hours = static_cast<std::uint16_t>(size / 10'000),
                          .minutes = static_cast<std::uint8_t>(size / 100 % 100),
                          .seconds = static_cast<std::uint8_t>(size % 100)};
    }
    made.value->micros = micros;
    made.warned = false;
    return detail::finished(made, below, precision, truncate);
}

}  // namespace

TemporalReading<DateTime> read_datetime(std::int64_t number, int precision,
                                        const DateRules& rules) {
    return moment_of(Split{number, 0}, precision, rules);
}
TemporalReading<DateTime> read_datetime(const Decimal& number, int precision,
                                        const DateRules& rules) {
    return moment_of(split(number), precision, rules);
}
TemporalReading<DateTime> read_datetime(double number, int precision, const DateRules& rules) {
    return moment_of(split(number), precision, rules);
}

TemporalReading<Date> read_date(std::int64_t number, const DateRules& rules) {
    return only_date_of(Split{number, 0}, rules);
}
TemporalReading<Date> read_date(const Decimal& number, const DateRules& rules) {
    return only_date_of(split(number), rules);
}
TemporalReading<Date> read_date(double number, const DateRules& rules) {
    return only_date_of(split(number), rules);
}

TemporalReading<Time> read_time(std::int64_t number, int precision, bool truncate_fraction) {
    return time_of(Split{number, 0}, precision, truncate_fraction);
}
TemporalReading<Time> read_time(const Decimal& number, int precision, bool truncate_fraction) {
    return time_of(split(number), precision, truncate_fraction);
}
TemporalReading<Time> read_time(double number, int precision, bool truncate_fraction) {
    return time_of(split(number), precision, truncate_fraction);
}

std::optional<std::uint16_t> year_of(std::int64_t number) {
    if (number == 0) return 0;
    if (number >= 1 && number < 70) return static_cast<std::uint16_t>(2000 + number);
    if (number >= 70 && number < 100) return static_cast<std::uint16_t>(1900 + number);
    if (number >= 1901 && number <= 2155) return static_cast<std::uint16_t>(number);
    return std::nullopt;
}

std::optional<std::uint16_t> year_of(std::string_view digits) {
    if (digits.empty() || digits.size() > 4) return std::nullopt;
    std::int64_t number = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + (digit - '0');
    }
    if (number == 0 && digits.size() < 4) return 2000;
    return year_of(number);
}

}  // namespace sluice
