// Days, weeks and dates as MySQL counts them.
#include "values/calendar.h"

#include <array>

namespace sluice {

namespace {

// The last day of the year 9999.
constexpr std::int64_t last_day = 3'652'424;
constexpr std::int64_t days_in_400_years = 146'097;

// Of January the first of a year, less one.
std::int32_t days_before(int year) {
    if (year == 0) return 0;
    const int full = year - 1;
    return 365 * year + full / 4 - full / 100 + full / 400;
}

int days_before_month(int year, int month) {
    constexpr std::array<int, 13> sums{-31, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    return sums[static_cast<std::size_t>(month)] + (month > 2 && is_leap_year(year) ? 1 : 0);
}

}  // namespace

bool is_leap_year(int year) {
    return year % 4 == 0 && (year % 100 != 0 || (year % 400 == 0 && year != 0));
}

int days_in_month(int year, int month) {
    if (month == 2) return is_leap_year(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::int32_t day_number(const Date& date) {
    if (date.year == 0 && date.month == 0) return 0;
    return days_before(date.year) + day_of_year(date);
}

int day_of_year(const Date& date) {
    return days_before_month(date.year, date.month) + date.day;
}

std::optional<Date> date_of(std::int64_t day_number) {
    if (day_number <= 0 || day_number > last_day) return std::nullopt;
    // A year too late at most, as years are shorter than in the mean by less than that.
    int year = static_cast<int>(day_number * 400 / days_in_400_years) + 1;
    while (days_before(year) >= day_number) --year;
    int rest = static_cast<int>(day_number) - days_before(year);
    int month = 12;
    while (days_before_month(year, month) >= rest) --month;
    rest -= days_before_month(year, month);
    return Date{.year = static_cast<std::uint16_t>(year),
                .month = static_cast<std::uint8_t>(month),
                .day = static_cast<std::uint8_t>(rest)};
}

int weekday(std::int32_t day_number) {
    return (day_number + 5) % 7;
}

unsigned week_mode(unsigned sql_mode) {
    const unsigned mode = sql_mode & 7U;
    return (mode & 1U) != 0 ? mode : mode ^ 4U;
}

Week week_of(const Date& date, unsigned mode) {
    const bool monday = (mode & 1U) != 0;
    const bool from_one = (mode & 2U) != 0;
    const bool whole = (mode & 4U) != 0;
    // The number of days from the week's first weekday to the first of January.
    const auto lead = [&](int year) {
        const std::int32_t first = days_before(year) + 1;
        return monday ? weekday(first) : (weekday(first) + 1) % 7;
    };
    // Does the week with the first of January belong to the year?
    const auto begins = [&](int year) { return whole ? lead(year) == 0 : lead(year) < 4; };
    // Days from the start of the year's first week to January the first: positive if it began
    // before.
    const auto offset = [&](int year) { return begins(year) ? lead(year) : lead(year) - 7; };

    int year = date.year;
    // Days of a month 0 are before the year, and MySQL's count of weeks turns over there.
    if (date.month == 0) {
        const auto turned =
            static_cast<std::uint32_t>(day_number(date) - days_before(year) - 1 + offset(year));
        if (!from_one || turned < 52U * 7)
            return {.year = year, .number = static_cast<int>(turned / 7 + 1)};
        const int first = (lead(year) + (is_leap_year(year) ? 366 : 365)) % 7;
        if (whole ? first == 0 : first < 4) return {.year = year + 1, .number = 1};
        return {.year = year, .number = static_cast<int>(turned / 7 + 1)};
    }
    int days = day_of_year(date) - 1 + offset(year);
    if (days < 0) {
        if (!from_one) return {.year = year, .number = 0};
        --year;
        days += days_before(year + 1) - days_before(year) - offset(year + 1) + offset(year);
        return {.year = year, .number = days / 7 + 1};
    }
    const int in_year = is_leap_year(year) ? 366 : 365;
    if (from_one && begins(year + 1) && day_of_year(date) > in_year - lead(year + 1)) {
        return {.year = year + 1, .number = 1};
    }
    return {.year = year, .number = days / 7 + 1};
}

}  // namespace sluice
