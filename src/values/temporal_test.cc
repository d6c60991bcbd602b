// Answers are MySQL 9.7's; tests/values asks it about many more.
#include "values/temporal.h"

#include <gtest/gtest.h>

#include "values/temporal_format.h"

namespace sluice {
namespace {

const DateRules strict{.zero_date = false, .zero_in_date = false};

std::string datetime(std::string_view input, int precision, const DateRules& rules = {}) {
    const auto reading = read_datetime(input, precision, rules);
    return (reading.value ? text(*reading.value, precision) : "NULL") +
           (reading.warned ? " !" : "");
}

std::string time(std::string_view input, int precision) {
    const auto reading = read_time(input, precision, false);
    return (reading.value ? text(*reading.value, precision) : "NULL") +
           (reading.warned ? " !" : "");
}

TEST(Temporal, ReadsMoments) {
    struct Case {
        std::string_view input;
        int precision;
        std::string_view want;
    };
    for (const auto& [input, precision, want] : {
             Case{"2024-02-29 10:11:12.5", 1, "2024-02-29 10:11:12.5"},
             Case{"20240229101112", 0, "2024-02-29 10:11:12"},
             Case{"24-2-9", 0, "2024-02-09 00:00:00"},
             Case{"70-2-9", 0, "1970-02-09 00:00:00"},
             Case{"2020-12-31 23:59:59.9999999", 0, "2021-01-01 00:00:00"},
             Case{"2020-01-01T10:11:12", 0, "2020-01-01 10:11:12"},
             Case{"20200101.5", 0, "2020-01-01 05:00:00"},
             Case{"2020-01-01x", 0, "2020-01-01 00:00:00 !"},
             Case{"2020-01-01 10:11:12,5", 0, "2020-01-01 10:11:12 !"},
             Case{"2020-02-30", 0, "NULL !"},
             Case{"2020-01-01 10:11:12-", 0, "NULL !"},
             Case{"9999-12-31 23:59:59.9", 0, "NULL !"},
             Case{"", 0, "NULL !"},
         }) {
        EXPECT_EQ(datetime(input, precision), want) << input;
    }
    EXPECT_EQ(datetime("2020-00-01", 0), "2020-00-01 00:00:00");
    EXPECT_EQ(datetime("2020-00-01", 0, strict), "NULL !");
    EXPECT_EQ(datetime("0000-00-00", 0, strict), "NULL !");
    EXPECT_EQ(datetime("2020-02-30", 0, {.invalid_dates = true}), "2020-02-30 00:00:00");
}

TEST(Temporal, SaysOffsetsAndComplaints) {
    EXPECT_EQ(read_datetime("2020-01-01 10:11:12+02:00", 0, {}).offset, 7200);
    EXPECT_EQ(read_offset("-00:00"), std::nullopt);
    EXPECT_EQ(read_offset("+14:00"), 50'400);
    EXPECT_EQ(read_offset("-14:00"), std::nullopt);
    const auto other = read_datetime("2020^01-01", 0, {}).complaint;
    EXPECT_EQ(other, (DelimiterComplaint{.delimiter = '^', .position = 4}));
    EXPECT_TRUE(read_datetime("01.12.28", 0, {}).complaint);
    EXPECT_FALSE(read_datetime("1.12.28", 0, {}).complaint);
    EXPECT_FALSE(read_datetime("1.12.28 1.2.3", 0, {}).complaint);
    EXPECT_TRUE(read_datetime("1.12.28:1", 0, {}).complaint);
    EXPECT_TRUE(read_datetime("1..12.28", 0, {}).complaint->superfluous);
    EXPECT_EQ(read_datetime("2020-01-01 10:11:12.+02:00", 0, {}).offset, 7200);
    EXPECT_FALSE(read_datetime("2020-01-01 10:11:12.-00:00", 0, {}).value);
    EXPECT_TRUE(read_datetime("2020-01-01 10:11:12.", 0, {}).value);
    const auto superfluous = read_datetime("2020-01--01", 0, {}).complaint;
    EXPECT_EQ(superfluous,
              (DelimiterComplaint{.delimiter = '-', .position = 8, .superfluous = true}));
}

TEST(Temporal, ReadsTimes) {
    struct Case {
        std::string_view input;
        std::string_view want;
    };
    for (const auto& [input, want] : {
             Case{"10:11:12", "10:11:12.0"},
             Case{"-1 10:11", "-34:11:00.0"},
             Case{"101112.25", "10:11:12.3"},
             Case{"10:11", "10:11:00.0"},
             Case{"838:59:59.5", "838:59:59.0 !"},
             Case{"839:00:00", "838:59:59.0 !"},
             Case{"10:11:12x", "10:11:12.0 !"},
             Case{"2024-02-29 10:11:12", "10:11:12.0"},
             Case{"10:60:00", "NULL !"},
             Case{"1e5", "NULL !"},
             Case{"-00:00:00", "00:00:00.0"},
             Case{"-x12", "NULL !"},
             Case{"x", "NULL !"},
         }) {
        EXPECT_EQ(time(input, 1), want) << input;
    }
}

TEST(Temporal, ReadsNumbers) {
    EXPECT_EQ(read_date(std::int64_t{240229}, {}).value, (Date{2024, 2, 29}));
    EXPECT_EQ(read_date(std::int64_t{8}, {}).value, (Date{2000, 0, 8}));
    EXPECT_EQ(read_date(std::int64_t{20240229996161}, {}).value, (Date{2024, 2, 29}));
    EXPECT_FALSE(read_datetime(std::int64_t{20240229996161}, 0, {}).value);
    EXPECT_FALSE(read_time(std::int64_t{8390000}, 0, false).value);
    const auto decimal = read_datetime(*Decimal::parse("20240229101112.75"), 1, {});
    EXPECT_EQ(text(*decimal.value, 1), "2024-02-29 10:11:12.8");
    EXPECT_EQ(text(*read_time(-101112.5, 1, false).value, 1), "-10:11:12.5");
    // No second follows one of a date without month or day, but a time of day has no date.
    for (const char* moment : {"2024-00-30 23:00:07.5", "2024-02-00 23:00:59.9999999"}) {
        EXPECT_FALSE(read_datetime(moment, 0, {}).value) << moment;
        EXPECT_FALSE(read_datetime(moment, 0, {}).warned) << moment;
    }
    EXPECT_FALSE(read_datetime(*Decimal::parse("20240030230007.5"), 0, {}).value);
    EXPECT_EQ(text(*read_datetime("2024-00-30 23:00:07.4", 0, {}).value, 0), "2024-00-30 23:00:07");
    EXPECT_EQ(text(*read_time("2024-00-30 23:00:07.5", 0, false).value, 0), "23:00:08");
    EXPECT_TRUE(read_datetime("2024-00-30 10:00:00+02:00", 0, {}).lacks_day);
    EXPECT_FALSE(read_datetime("2024-01-30 10:00:00+02:00", 0, {}).lacks_day);
    // Of digits behind the sixth the last one says whether to round up, as in MySQL.
    EXPECT_EQ(text(*read_time("00:00:00.12345694", 6, false).value, 6), "00:00:00.123456");
    EXPECT_EQ(text(*read_time("00:00:00.123456149", 6, false).value, 6), "00:00:00.123457");
    // One space that leads to no hours is no complaint, but one at the end is.
    EXPECT_FALSE(read_time("1 7", 0, false).complaint);
    EXPECT_TRUE(read_time("1  7", 0, false).complaint);
    EXPECT_TRUE(read_time("101112 ", 0, false).complaint);
    EXPECT_EQ(year_of(std::int64_t{69}), 2069);
    EXPECT_EQ(year_of("00"), 2000);
    EXPECT_EQ(year_of("0000"), 0);
    EXPECT_EQ(year_of(std::int64_t{1900}), std::nullopt);
}

TEST(Temporal, PacksInOrder) {
    const DateTime moment{{2024, 2, 29}, 10, 11, 12, 345'678};
    EXPECT_EQ(unpacked_datetime(packed(moment)), moment);
    const Time negative{.negative = true, .hours = 838, .minutes = 59, .seconds = 59};
    EXPECT_EQ(unpacked_time(packed(negative)), negative);
    EXPECT_LT(negative, Time{});
    EXPECT_EQ(number_of(moment), 20'240'229'101'112);
    EXPECT_EQ(decimal_of(moment, 3).text(), "20240229101112.345");
    EXPECT_EQ(datetime_of_unix(unix_seconds(moment), moment.micros), moment);
}

std::string sum(std::string_view moment, std::string_view unit, std::string_view amount) {
    const IntervalUnit known = *interval_unit(unit);
    const auto interval = read_interval(known, amount);
    if (!interval) return "no interval";
    const auto made = add(*read_datetime(moment, 6, {}).value, known, *interval);
    return made ? text(*made, 0) : "NULL";
}

TEST(Temporal, AddsIntervals) {
    EXPECT_EQ(sum("2024-01-31", "month", "1"), "2024-02-29 00:00:00");
    EXPECT_EQ(sum("2024-02-29", "year", "-1"), "2023-02-28 00:00:00");
    EXPECT_EQ(sum("2024-02-29", "minute_second", "1:10"), "2024-02-29 00:01:10");
    EXPECT_EQ(sum("2024-02-29", "day_microsecond", "-1"), "2024-02-28 23:59:59");
    EXPECT_EQ(sum("2024-02-29", "minute_second", "1:2:3"), "no interval");
    EXPECT_EQ(sum("9999-12-31", "day", "1"), "NULL");
    EXPECT_EQ(sum("0001-01-01", "hour", "-1000"), "0000-11-20 08:00:00");
}

TEST(Temporal, Counts) {
    const DateTime from{.date = {2024, 1, 31}};
    const DateTime to{.date = {2024, 2, 29}, .hours = 1};
    EXPECT_EQ(difference(IntervalUnit::month, from, to), 0);
    EXPECT_EQ(difference(IntervalUnit::day, from, to), 29);
    EXPECT_EQ(difference(IntervalUnit::hour, to, from), -697);
    EXPECT_EQ(extract(IntervalUnit::day_hour, to, 0), 2901);
    EXPECT_EQ(extract(IntervalUnit::hour_second, Time{.negative = true, .hours = 100}), -1'000'000);
}

TEST(TemporalFormat, BothWays) {
    const DateTime moment{{2024, 2, 29}, 0, 5, 6, 123};
    EXPECT_EQ(format_datetime(moment, "%a %b %D %f %j %k %l %p %r %U %u %V %v %w %X %x %y %% %z %"),
              "Thu Feb 29th 000123 060 0 12 AM 12:05:06 AM 08 09 08 09 4 2024 2024 24 % z %");
    EXPECT_EQ(format_datetime({}, "%M"), std::nullopt);
    EXPECT_EQ(format_time({.negative = true, .hours = 100}, "%H %h %Y"), "-100 04 0000");
    EXPECT_EQ(format_time_of(moment, "%d/%m/%Y %M %H"), "29/02/2024 February 00");
    EXPECT_EQ(format_time_of(moment, "%a"), std::nullopt);
    EXPECT_EQ(standard_pattern(TemporalKind::date, "eur"), "%d.%m.%Y");

    EXPECT_EQ(read_by_pattern("29 feb 2024", "%d %b %Y", strict).moment,
              (DateTime{.date = {2024, 2, 29}}));
    EXPECT_EQ(read_by_pattern("29 10", "%d %H", {}).time, (Time{.hours = 706}));
    EXPECT_EQ(read_by_pattern("2024 10 Monday", "%X %V %W", {}).moment,
              (DateTime{.date = {2024, 3, 11}}));
    EXPECT_FALSE(read_by_pattern("2024-02-30", "%Y-%m-%d", {}).moment);
    EXPECT_TRUE(read_by_pattern("2024-02-29x", "%Y-%m-%d", {}).left_over);
    EXPECT_EQ(shape_of_pattern("%Y %f"), (PatternShape{TemporalKind::datetime, true}));
}

}  // namespace
}  // namespace sluice
