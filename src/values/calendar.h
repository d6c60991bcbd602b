#pragma once
// The calendar as MySQL counts it: the Gregorian one, back to the year 0, which is no leap year.
#include <cstdint>
#include <optional>

namespace sluice {

// Month and day may be 0 ("2024-00-00"); nothing says that the day exists.
struct Date {
    std::uint16_t year = 0;
    std::uint8_t month = 0;
    std::uint8_t day = 0;

    auto operator<=>(const Date&) const = default;
};

bool is_leap_year(int year);
// Of a month from 1 to 12.
int days_in_month(int year, int month);

// TO_DAYS: 1 is the first of January of the year 0, and 0 is "0000-00-00". A month 0 begins 31 days
// before January, and a day beyond its month is counted on.
std::int32_t day_number(const Date& date);
// The other way, as MySQL 9 does it; nullopt before 0000-01-01 and after the year 9999.
std::optional<Date> date_of(std::int64_t day_number);
// From 1 on.
int day_of_year(const Date& date);
// 0 is Monday.
int weekday(std::int32_t day_number);

// A week's number and the year that it belongs to.
struct Week {
    int year = 0;
    int number = 0;

    bool operator==(const Week&) const = default;
};

// WEEK and YEARWEEK. Bits of `mode`: 1 weeks begin on Monday, else on Sunday; 2 weeks are numbered
// from 1 to 53, and days before a year's first week are in the last one of the year before, else
// from 0 on; 4 the first week is the one with the year's first such weekday, else with more than
// three days of the year. (In SQL's own modes this bit is turned around if the first one is not
// set: see `week_mode`.)
Week week_of(const Date& date, unsigned mode);
// SQL's WEEK(date, mode), 0 to 7, as the bits above.
unsigned week_mode(unsigned sql_mode);

}  // namespace sluice
