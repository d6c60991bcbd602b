// Step 6 of a request that adds intervals to moments, counts between them or takes parts of them.
// Before: values/temporal.cc.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "values/temporal.h"

namespace sluice {

namespace {

constexpr std::int64_t last_day = 3'652'424;  // of the year 9999
constexpr std::int64_t seconds_per_day = 86'400;

using Unit = IntervalUnit;

constexpr std::pair<std::string_view, Unit> unit_names[] = {
    {"year", Unit::year},
    {"quarter", Unit::quarter},
    {"month", Unit::month},
    {"week", Unit::week},
    {"day", Unit::day},
    {"hour", Unit::hour},
    {"minute", Unit::minute},
    {"second", Unit::second},
    {"microsecond", Unit::microsecond},
    {"year_month", Unit::year_month},
    {"day_hour", Unit::day_hour},
    {"day_minute", Unit::day_minute},
    {"day_second", Unit::day_second},
    {"hour_minute", Unit::hour_minute},
    {"hour_second", Unit::hour_second},
    {"minute_second", Unit::minute_second},
    {"day_microsecond", Unit::day_microsecond},
    {"hour_microsecond", Unit::hour_microsecond},
    {"minute_microsecond", Unit::minute_microsecond},
    {"second_microsecond", Unit::second_microsecond},
};

// An interval's parts from the largest, and those of a composed unit.
constexpr std::size_t part_count = 7;
struct Parts {
    std::size_t first = 0;
    std::size_t count = 0;
};

Parts parts_of(Unit unit) {
    switch (unit) {
        case Unit::year:
            return {0, 1};
        case Unit::quarter:
        case Unit::month:
            return {1, 1};
        case Unit::week:
        case Unit::day:
            return {2, 1};
        case Unit::hour:
            return {3, 1};
        case Unit::minute:
            return {4, 1};
        case Unit::second:
            return {5, 1};
        case Unit::microsecond:
            return {6, 1};
        case Unit::year_month:
            return {0, 2};
        case Unit::day_hour:
            return {2, 2};
        case Unit::day_minute:
            return {2, 3};
        case Unit::day_second:
            return {2, 4};
        case Unit::hour_minute:
            return {3, 2};
        case Unit::hour_second:
            return {3, 3};
        case Unit::minute_second:
            return {4, 2};
        case Unit::day_microsecond:
            return {2, 5};
        case Unit::hour_microsecond:
            return {3, 4};
        case Unit::minute_microsecond:
            return {4, 3};
        case Unit::second_microsecond:
            return {5, 2};
    }
    return {};
}

Interval interval_of_parts(const std::array<std::uint64_t, part_count>& values, bool negative) {
    return {.negative = negative,
            .year = values[0],
            .month = values[1],
            .day = values[2],
            .hour = values[3],
            .minute = values[4],
            .second = values[5],
            .micros = values[6]};
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::int64_t signed_of(const Interval& interval, std::uint64_t size) {
    const auto number = static_cast<std::int64_t>(size);
    return interval.negative ? -number : number;
}

std::optional<DateTime> add_months(const DateTime& moment, const Interval& interval) {
    constexpr std::uint64_t most = 10'000 * 12;
    if (interval.year > most || interval.month > most) return std::nullopt;
    const std::int64_t months = std::int64_t{moment.date.year} * 12 + moment.date.month - 1 +
                                signed_of(interval, interval.year * 12 + interval.month);
    if (months < 0 || months >= 10'000 * 12) return std::nullopt;
    DateTime made = moment;
    made.date.year = static_cast<std::uint16_t>(months / 12);
    made.date.month = static_cast<std::uint8_t>(months % 12 + 1);
    const int days = days_in_month(made.date.year, made.date.month);
    made.date.day = static_cast<std::uint8_t>(std::min<int>(made.date.day, days));
    return made;
}

std::optional<DateTime> add_years(const DateTime& moment, const Interval& interval) {
    if (interval.year > 10'000) return std::nullopt;
    const std::int64_t year = moment.date.year + signed_of(interval, interval.year);
    if (year < 0 || year >= 10'000) return std::nullopt;
    DateTime made = moment;
    made.date.year = static_cast<std::uint16_t>(year);
    if (made.date.month == 2 && made.date.day == 29 && !is_leap_year(made.date.year)) {
        made.date.day = 28;
    }
    return made;
}

std::optional<DateTime> add_days(const DateTime& moment, const Interval& interval) {
    if (interval.day > static_cast<std::uint64_t>(last_day)) return std::nullopt;
    const std::int64_t day = day_number(moment.date) + signed_of(interval, interval.day);
    const std::optional<Date> date = date_of(day);
    if (!date) return std::nullopt;
    DateTime made = moment;
    made.date = *date;
    return made;
}

// Whether its parts can be summed up in seconds.
bool is_countable(const Interval& interval) {
    constexpr auto days = static_cast<std::uint64_t>(last_day);
    return interval.day <= days && interval.hour <= days * 24 && interval.minute <= days * 1440 &&
           interval.second <= days * 86'400 &&
           interval.micros <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

std::int64_t seconds_of(const Interval& interval) {
    return signed_of(interval, ((interval.day * 24 + interval.hour) * 60 + interval.minute) * 60 +
                                   interval.second);
}

struct Clock {
    std::int64_t seconds = 0;
    std::int64_t micros = 0;  // 0 to 999'999
};

Clock sum(std::int64_t seconds, std::int64_t micros, const Interval& interval) {
    const std::int64_t more = signed_of(interval, interval.micros);
    std::int64_t below = micros + more % micros_per_second;
    std::int64_t above = seconds + seconds_of(interval) + more / micros_per_second;
    if (below < 0) {
        below += micros_per_second;
        --above;
    } else if (below >= micros_per_second) {
        below -= micros_per_second;
        ++above;
    }
    return {above, below};
}

std::optional<DateTime> add_clock(const DateTime& moment, const Interval& interval) {
    if (!is_countable(interval)) return std::nullopt;
    const std::int64_t in_month = (std::int64_t{moment.date.day} - 1) * seconds_per_day +
                                  (moment.hours * 60 + moment.minutes) * 60 + moment.seconds;
    const Clock clock = sum(in_month, moment.micros, interval);
    const std::int64_t days = clock.seconds >= 0
                                  ? clock.seconds / seconds_per_day
                                  : -((-clock.seconds + seconds_per_day - 1) / seconds_per_day);
    const std::int64_t seconds = clock.seconds - days * seconds_per_day;
    const Date first{.year = moment.date.year, .month = moment.date.month, .day = 1};
    const std::optional<Date> date = date_of(day_number(first) + days);
    if (!date) return std::nullopt;
    return DateTime{.date = *date,
                    .hours = static_cast<std::uint8_t>(seconds / 3600),
                    .minutes = static_cast<std::uint8_t>(seconds / 60 % 60),
                    .seconds = static_cast<std::uint8_t>(seconds % 60),
                    .micros = static_cast<std::uint32_t>(clock.micros)};
}

// Whole months from the earlier to the later moment.
std::int64_t months_between(const DateTime& from, const DateTime& to) {
    std::int64_t months =
        (std::int64_t{to.date.year} - from.date.year) * 12 + to.date.month - from.date.month;
    const auto rest = [](const DateTime& moment) {
        return std::pair(moment.date.day, time_of_day(moment));
    };
    if (rest(to) < rest(from)) --months;
    return months;
}

// The number that the parts of a composed unit make, two digits for each but the first and six for
// microseconds.
std::int64_t composed(Parts parts, const std::array<std::int64_t, part_count>& values) {
    std::int64_t number = 0;
    for (std::size_t i = parts.first; i < parts.first + parts.count; ++i) {
        number = number * (i + 1 == part_count ? micros_per_second : 100) + values[i];
    }
    return number;
}

}  // namespace

std::optional<IntervalUnit> interval_unit(std::string_view name) {
    std::string lower;
    for (const char c : name) {
        lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    std::string_view wanted = lower;
    constexpr std::string_view prefix = "sql_tsi_";
    if (wanted.starts_with(prefix)) wanted.remove_prefix(prefix.size());
    for (const auto& [known, unit] : unit_names) {
        if (known == wanted) return unit;
    }
    return std::nullopt;
}

bool has_date_part(IntervalUnit unit) {
    return parts_of(unit).first <= 2;
}

bool has_time_part(IntervalUnit unit) {
    const Parts parts = parts_of(unit);
    return parts.first + parts.count > 3;
}

Interval Interval::negated() const {
    Interval made = *this;
    made.negative = !negative;
    return made;
}

std::optional<Interval> interval_of(IntervalUnit unit, std::int64_t amount) {
    auto size = static_cast<std::uint64_t>(amount);
    if (amount < 0) size = 0 - size;
    const std::uint64_t factor = unit == Unit::week ? 7 : unit == Unit::quarter ? 3 : 1;
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    if (factor != 1 && size > most / factor) return std::nullopt;
    std::array<std::uint64_t, part_count> values{};
    const Parts parts = parts_of(unit);
    // A number is the last part of a composed unit.
    values[parts.first + parts.count - 1] = size * factor;
    return interval_of_parts(values, amount < 0);
}

std::optional<Interval> interval_of(IntervalUnit unit, const Decimal& amount) {
    if (unit != Unit::second) {
        const std::optional<std::int64_t> whole = amount.to_int64();
        return whole ? interval_of(unit, *whole) : std::nullopt;
    }
    const Decimal size = amount.is_negative() ? amount.negated() : amount;
    const Decimal whole = size.rounded(0, Decimal::Rounding::truncate);
    const std::optional<std::int64_t> seconds = whole.to_int64();
    if (!seconds || *seconds == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    const Decimal rest = Decimal::subtract(size, whole).value_or(Decimal());
    const Decimal micros = Decimal::multiply(rest, Decimal(micros_per_second)).value_or(Decimal());
    return Interval{
        .negative = amount.is_negative(),
        .second = static_cast<std::uint64_t>(*seconds),
        .micros = micros.rounded(0, Decimal::Rounding::truncate).to_uint64().value_or(0)};
}

std::optional<Interval> read_interval(IntervalUnit unit, std::string_view text) {
    const Parts parts = parts_of(unit);
    std::size_t at = 0;
    const auto skip = [&] {
        while (at < text.size() && !is_digit(text[at])) ++at;
    };
    while (at < text.size() && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) ++at;
    const bool negative = at < text.size() && text[at] == '-';
    skip();
    std::array<std::uint64_t, part_count> read{};
    std::size_t count = 0;
    std::size_t last_digits = 0;
    while (count < parts.count && at < text.size()) {
        const std::size_t start = at;
        std::uint64_t value = 0;
        constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max() / 10 - 10;
        for (; at < text.size() && is_digit(text[at]); ++at) {
            if (value > most) return std::nullopt;
            value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
        }
        last_digits = at - start;
        read[count++] = value;
        skip();
    }
    // The last digits of a composed unit with microseconds are those behind a point.
    if (count > 0 && parts.count > 1 && parts.first + parts.count == part_count) {
        for (; last_digits < max_fraction_digits; ++last_digits) read[count - 1] *= 10;
    }
    if (at < text.size()) return std::nullopt;
    std::array<std::uint64_t, part_count> values{};
    std::copy_n(read.begin(), count,
                values.begin() + static_cast<std::ptrdiff_t>(parts.first + parts.count - count));
    return interval_of_parts(values, negative);
}

std::optional<DateTime> add(const DateTime& moment, IntervalUnit unit, const Interval& interval) {
    switch (unit) {
        case Unit::year:
            return add_years(moment, interval);
        case Unit::year_month:
        case Unit::quarter:
        case Unit::month:
            return add_months(moment, interval);
        case Unit::week:
        case Unit::day:
            return add_days(moment, interval);
        default:
            return add_clock(moment, interval);
    }
}

std::optional<Time> add(const Time& time, IntervalUnit unit, const Interval& interval) {
    if ((has_date_part(unit) && !has_time_part(unit)) || !is_countable(interval)) {
        return std::nullopt;
    }
    const std::int64_t before = micros_of(time);
    Clock clock = sum(before / micros_per_second, before % micros_per_second, interval);
    constexpr std::int64_t most = 3'020'399;
    if (clock.seconds > most || clock.seconds < -most - 1) return std::nullopt;
    const std::int64_t micros = clock.seconds * micros_per_second + clock.micros;
    constexpr std::int64_t limit = most * micros_per_second;
    if (micros > limit || micros < -limit) return std::nullopt;
    return time_of_micros(micros);
}

std::int64_t difference(IntervalUnit unit, const DateTime& from, const DateTime& to) {
    const std::int64_t micros = micros_of(to) - micros_of(from);
    const bool negative = micros < 0;
    const std::int64_t months = negative ? -months_between(to, from) : months_between(from, to);
    const std::int64_t seconds = micros / micros_per_second;
    switch (unit) {
        case Unit::year:
            return months / 12;
        case Unit::quarter:
            return months / 3;
        case Unit::month:
            return months;
        case Unit::week:
            return seconds / seconds_per_day / 7;
        case Unit::day:
            return seconds / seconds_per_day;
        case Unit::hour:
            return seconds / 3600;
        case Unit::minute:
            return seconds / 60;
        case Unit::second:
            return seconds;
        default:
            return micros;
    }
}

std::int64_t extract(IntervalUnit unit, const DateTime& moment, unsigned week_mode) {
    if (unit == Unit::quarter) return (moment.date.month + 2) / 3;
    if (unit == Unit::week) return week_of(moment.date, sluice::week_mode(week_mode)).number;
    return composed(parts_of(unit), {moment.date.year, moment.date.month, moment.date.day,
                                     moment.hours, moment.minutes, moment.seconds, moment.micros});
}

std::int64_t extract(IntervalUnit unit, const Time& time) {
    if (unit == Unit::quarter || unit == Unit::week) return 0;
    const std::int64_t number =
        composed(parts_of(unit), {0, 0, 0, time.hours, time.minutes, time.seconds, time.micros});
    return time.negative ? -number : number;
}

}  // namespace sluice
