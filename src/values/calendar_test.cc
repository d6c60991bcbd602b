#include "values/calendar.h"

#include <array>
#include <utility>

#include <gtest/gtest.h>

namespace sluice {
namespace {

Date date(int year, int month, int day) {
    return {.year = static_cast<std::uint16_t>(year),
            .month = static_cast<std::uint8_t>(month),
            .day = static_cast<std::uint8_t>(day)};
}

// Numbers are MySQL's TO_DAYS.
TEST(Calendar, NumbersDays) {
    EXPECT_EQ(day_number(date(0, 0, 0)), 0);
    EXPECT_EQ(day_number(date(0, 1, 1)), 1);
    EXPECT_EQ(day_number(date(0, 3, 1)), 60);
    EXPECT_EQ(day_number(date(1, 1, 1)), 366);
    EXPECT_EQ(day_number(date(1970, 1, 1)), 719528);
    EXPECT_EQ(day_number(date(2024, 2, 29)), 739310);
    EXPECT_EQ(day_number(date(9999, 12, 31)), 3652424);
    EXPECT_EQ(day_number(date(2024, 0, 0)), day_number(date(2023, 12, 1)) - 1);
}

TEST(Calendar, FindsDates) {
    EXPECT_EQ(date_of(0), std::nullopt);
    EXPECT_EQ(date_of(1), date(0, 1, 1));
    EXPECT_EQ(date_of(365), date(0, 12, 31));
    EXPECT_EQ(date_of(366), date(1, 1, 1));
    EXPECT_EQ(date_of(739310), date(2024, 2, 29));
    EXPECT_EQ(date_of(3652424), date(9999, 12, 31));
    EXPECT_EQ(date_of(3652425), std::nullopt);
    EXPECT_EQ(date_of(-1), std::nullopt);
    for (std::int32_t day = 1; day <= 3652424; day += 1) {
        const auto found = date_of(day);
        ASSERT_TRUE(found.has_value()) << day;
        ASSERT_EQ(day_number(*found), day);
    }
}

TEST(Calendar, KnowsMonths) {
    EXPECT_EQ(days_in_month(2024, 2), 29);
    EXPECT_EQ(days_in_month(1900, 2), 28);
    EXPECT_EQ(days_in_month(2000, 2), 29);
    EXPECT_EQ(days_in_month(2023, 4), 30);
    EXPECT_EQ(days_in_month(2023, 12), 31);
    EXPECT_EQ(day_of_year(date(2024, 12, 31)), 366);
    EXPECT_EQ(weekday(day_number(date(2026, 11, 26))), 3);
}

TEST(Calendar, NumbersWeeks) {
    const auto week = [](const Date& of, unsigned sql_mode) {
        return week_of(of, week_mode(sql_mode)).number;
    };
    for (const auto& [of, want] :
         {std::pair{date(2008, 2, 20), std::array{7, 8, 7, 8, 8, 7, 8, 7}},
          std::pair{date(2008, 12, 31), std::array{52, 53, 52, 1, 53, 52, 53, 52}},
          std::pair{date(2000, 1, 1), std::array{0, 0, 52, 52, 0, 0, 52, 52}},
          std::pair{date(1998, 1, 4), std::array{1, 1, 1, 1, 1, 0, 1, 52}}}) {
        for (unsigned mode = 0; mode < 8; ++mode)
            EXPECT_EQ(week(of, mode), want[mode]) << int{of.year} << " mode " << mode;
    }
    EXPECT_EQ(week_of(date(1987, 1, 1), week_mode(2)), (Week{.year = 1986, .number = 52}));
    EXPECT_EQ(week_of(date(2024, 12, 30), week_mode(3)), (Week{.year = 2025, .number = 1}));
}

}  // namespace
}  // namespace sluice
