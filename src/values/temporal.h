#pragma once
// Times and moments as MySQL holds, reads, orders and prints them: TIME from -838:59:59 to
// 838:59:59, DATETIME and TIMESTAMP from the year 0 to 9999, both with microseconds. Dates and
// their calendar are in calendar.h, patterns in temporal_format.h. No function knows a clock or a
// named time zone.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "values/calendar.h"
#include "values/decimal.h"

namespace sluice {

inline constexpr int max_fraction_digits = 6;
inline constexpr std::int64_t micros_per_second = 1'000'000;
inline constexpr std::int64_t micros_per_day = 86'400 * micros_per_second;

struct Time {
    bool negative = false;
    std::uint16_t hours = 0;  // to 838
    std::uint8_t minutes = 0;
    std::uint8_t seconds = 0;
    std::uint32_t micros = 0;

    std::strong_ordering operator<=>(const Time& other) const;
    bool operator==(const Time& other) const = default;
};

// As with Date, month and day may be 0.
struct DateTime {
    Date date;
    std::uint8_t hours = 0;
    std::uint8_t minutes = 0;
    std::uint8_t seconds = 0;
    std::uint32_t micros = 0;

    auto operator<=>(const DateTime&) const = default;
};

inline constexpr Time largest_time{.hours = 838, .minutes = 59, .seconds = 59};

// ---- reading

// What of dates is taken; from sql_mode and the place where the value is used.
struct DateRules {
    bool zero_date = true;           // "0000-00-00": not NO_ZERO_DATE
    bool zero_in_date = true;        // "2024-00-10": not NO_ZERO_IN_DATE
    bool invalid_dates = false;      // "2024-02-31": ALLOW_INVALID_DATES
    bool truncate_fraction = false;  // TIME_TRUNCATE_FRACTIONAL: digits are dropped, not rounded
};

enum class TemporalKind : std::uint8_t { date, time, datetime };

// What is read but deprecated: a delimiter that is not the usual one (warning 4095), or one too
// many (4096).
struct DelimiterComplaint {
    char delimiter = 0;
    std::size_t position = 0;  // in the text, from 0
    bool superfluous = false;
    bool operator==(const DelimiterComplaint&) const = default;
};

template <class T>
struct TemporalReading {
    std::optional<T> value;  // absent: SQL's answer is NULL
    // Warning 1292. "Incorrect datetime value: '...'" if there is no value, else "Truncated
    // incorrect datetime value: '...'": something behind it was not read, or it was brought into
    // its range.
    bool warned = false;
    TemporalKind kind = TemporalKind::datetime;  // what was written: a date only, or with a time
    std::uint8_t fraction_digits = 0;            // written ones, at most 6
    // Seconds east of UTC of a text that ends so ("+02:00"); `value` is as written, not shifted.
    std::optional<std::int32_t> offset;
    // The month or the day is zero: with an offset that is no moment, but error 1292.
    bool lacks_day = false;
    std::optional<DelimiterComplaint> complaint;
};

// A text as MySQL makes a DATETIME of it: "2024-02-29 10:11:12.5", "20240229101112", "24-2-9",
// "2024^02^29T10", with or without an offset; rounded to `precision` (0 to 6) digits. Digits behind
// the sixth count for the sixth only.
TemporalReading<DateTime> read_datetime(std::string_view text, int precision,
                                        const DateRules& rules);
// The same of a number: 20240229101112, 240229, 101112 is no date. Of a Decimal or double the
// fraction counts.
TemporalReading<DateTime> read_datetime(std::int64_t number, int precision, const DateRules& rules);
TemporalReading<DateTime> read_datetime(const Decimal& number, int precision,
                                        const DateRules& rules);
TemporalReading<DateTime> read_datetime(double number, int precision, const DateRules& rules);
// A DATETIME without its time of day, which may have been rounded up to the next day.
TemporalReading<Date> read_date(std::string_view text, const DateRules& rules);
TemporalReading<Date> read_date(std::int64_t number, const DateRules& rules);
TemporalReading<Date> read_date(const Decimal& number, const DateRules& rules);
TemporalReading<Date> read_date(double number, const DateRules& rules);
// A text as MySQL makes a TIME of it: "10:11:12.5", "-1 10:11", "101112", "10:11", or the time of
// day of a whole DATETIME ("2024-02-29 10:11:12"). Too large a time becomes `largest_time`, with
// a warning.
TemporalReading<Time> read_time(std::string_view text, int precision, bool truncate_fraction);
TemporalReading<Time> read_time(std::int64_t number, int precision, bool truncate_fraction);
TemporalReading<Time> read_time(const Decimal& number, int precision, bool truncate_fraction);
TemporalReading<Time> read_time(double number, int precision, bool truncate_fraction);

// Does a date obey the rules? (Its month is at most 12 and its day at most 31.)
bool allowed(const Date& date, const DateRules& rules);

// "+02:00", "-13:59" to "+14:00", as seconds east of UTC; nullopt for anything else.
std::optional<std::int32_t> read_offset(std::string_view text);

// A YEAR of a number: 1 to 69 is 2001 to 2069, 70 to 99 is 1970 to 1999, 0 is 0, else 1901 to 2155;
// nullopt: out of range. Of a text likewise, but "0", "00" and "000" are 2000 and "0000" is 0.
std::optional<std::uint16_t> year_of(std::int64_t number);
std::optional<std::uint16_t> year_of(std::string_view digits);

// ---- printing

// With exactly `precision` digits behind the point, 0 to 6; further ones are not printed.
std::string text(const Date& date);
std::string text(const Time& time, int precision);
std::string text(const DateTime& moment, int precision);
// Four digits.
std::string year_text(std::uint16_t year);

// 20240229, 101112 (negative for a negative time), 20240229101112.
std::int64_t number_of(const Date& date);
std::int64_t number_of(const Time& time);
std::int64_t number_of(const DateTime& moment);
// The same with `precision` digits behind the point.
Decimal decimal_of(const Time& time, int precision);
Decimal decimal_of(const DateTime& moment, int precision);

// ---- order and arithmetic

// MySQL's packed form, by which values of one kind are ordered; also that of JSON's binary form.
std::int64_t packed(const Date& date);
std::int64_t packed(const Time& time);
std::int64_t packed(const DateTime& moment);
Time unpacked_time(std::int64_t packed);
DateTime unpacked_datetime(std::int64_t packed);

// To `precision` digits behind the point. nullopt: it would be later than 9999-12-31 23:59:59.
std::optional<DateTime> rounded(const DateTime& moment, int precision, bool truncate);
Time rounded(const Time& time, int precision, bool truncate);

// Counts of microseconds: of a time, and of a moment since the day 0.
std::int64_t micros_of(const Time& time);
std::int64_t micros_of(const DateTime& moment);
// Beyond `largest_time` it is that.
Time time_of_micros(std::int64_t micros);
// nullopt outside 0000-01-01 to 9999-12-31.
std::optional<DateTime> datetime_of_micros(std::int64_t micros);

// Seconds since 1970 of a moment at UTC; the inverse, nullopt as above. For a zone of fixed offset,
// subtract or add the offset.
std::int64_t unix_seconds(const DateTime& utc);
std::optional<DateTime> datetime_of_unix(std::int64_t seconds, std::uint32_t micros);

// A TIME as a moment on the day `today`: MySQL's TIME to DATETIME. nullopt: no such day.
std::optional<DateTime> on_day(const Date& today, const Time& time);
Time time_of_day(const DateTime& moment);

// Units of INTERVAL, EXTRACT, TIMESTAMPADD; composed ones hold more than one part.
enum class IntervalUnit : std::uint8_t {
    year,
    quarter,
    month,
    week,
    day,
    hour,
    minute,
    second,
    microsecond,
    year_month,
    day_hour,
    day_minute,
    day_second,
    hour_minute,
    hour_second,
    minute_second,
    day_microsecond,
    hour_microsecond,
    minute_microsecond,
    second_microsecond,
};
// "day", "minute_second", in any case, also "sql_tsi_day".
std::optional<IntervalUnit> interval_unit(std::string_view name);
bool has_date_part(IntervalUnit unit);
bool has_time_part(IntervalUnit unit);

// INTERVAL <amount> <unit>.
struct Interval {
    bool negative = false;
    std::uint64_t year = 0;
    std::uint64_t month = 0;
    std::uint64_t day = 0;
    std::uint64_t hour = 0;
    std::uint64_t minute = 0;
    std::uint64_t second = 0;
    std::uint64_t micros = 0;

    Interval negated() const;
    bool operator==(const Interval&) const = default;
};
// Of a unit with one part; weeks and quarters become days and months. nullopt: too large.
std::optional<Interval> interval_of(IntervalUnit unit, std::int64_t amount);
// For `second` with a fraction (rounded to microseconds).
std::optional<Interval> interval_of(IntervalUnit unit, const Decimal& amount);
// A text's groups of digits fill the parts of a composed unit from its end: "1:10" of day_second is
// one minute and ten seconds. nullopt: an overflow, or more groups than parts (SQL: NULL and
// warning 6527 in MySQL 9).
std::optional<Interval> read_interval(IntervalUnit unit, std::string_view text);

// nullopt: before the year 0 or after 9999 (SQL: NULL and warning 1441). A day beyond its month
// becomes the month's last one if only years and months are added.
std::optional<DateTime> add(const DateTime& moment, IntervalUnit unit, const Interval& interval);
// TIME + INTERVAL of a unit without a date's part; nullopt beyond largest_time.
std::optional<Time> add(const Time& time, IntervalUnit unit, const Interval& interval);

// TIMESTAMPDIFF(unit, from, to): whole units; negative if `to` is earlier. `unit` has one part.
std::int64_t difference(IntervalUnit unit, const DateTime& from, const DateTime& to);

// EXTRACT(unit FROM moment), also for composed units: 20240229 has the day_hour 2900.
std::int64_t extract(IntervalUnit unit, const DateTime& moment, unsigned week_mode);
// Of a time its sign counts; `day` is that of hours / 24 as MySQL says it.
std::int64_t extract(IntervalUnit unit, const Time& time);

}  // namespace sluice
