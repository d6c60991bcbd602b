// Parts of dates and times, and what they are made of.
#include <algorithm>
#include <cmath>

#include "eval/detail/dates.h"
#include "eval/detail/special.h"
#include "values/temporal_format.h"

namespace sluice::eval {
namespace {

// ---- parts of a date

template <class Work>
Datum of_date(const Node& node, Run& run, DateUse use, Work work) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const auto moment = operand.dated(use);
    if (!moment) return {};
    return work(*moment);
}
template <DateUse use, int (*part)(const Date&)>
Datum date_part(const Node& node, Run& run) {
    return of_date(node, run, use,
                   [](const DateTime& moment) { return std::int64_t{part(moment.date)}; });
}
int month_of(const Date& date) {
    return date.month;
}
int day_of(const Date& date) {
    return date.day;
}
int quarter_of(const Date& date) {
    return (date.month + 2) / 3;
}
int day_of_year_of(const Date& date) {
    return day_of_year(date);
}
int weekday_of(const Date& date) {
    return weekday(day_number(date));
}
int day_of_week_of(const Date& date) {
    return (weekday(day_number(date)) + 1) % 7 + 1;
}
int week_of_year_of(const Date& date) {
    return week_of(date, week_mode(3)).number;
}
int day_number_of(const Date& date) {
    return day_number(date);
}
Datum year(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const auto moment = operand.dated(DateUse::fuzzy);
    if (!moment) return {};
    return std::uint64_t{moment->date.year};
}
template <int length>
void give_small(Node& node, const Environment&) {
    node.type = integer_type(true, length);
}
void give_year(Node& node, const Environment&) {
    node.type = integer_type(true, 4, true);
    node.type.type = Type::year;
}

Datum week_with(const Node& node, Run& run, bool with_year) {
    unsigned mode = with_year ? 0 : static_cast<unsigned>(run.environment.default_week_format) & 7;
    bool unknown = false;
    bool negative = false;
    if (node.arguments.size() > 1) {
        Operand given(node.arguments[1], run);
        unknown = given.is_null();
        const Integer wanted = unknown ? Integer{} : given.integer();
        mode = wanted.is_negative() ? 0 : static_cast<unsigned>(wanted.bits & 7);
        negative = wanted.is_negative();
    }
    return of_date(node, run, DateUse::whole, [&](const DateTime& moment) {
        if (unknown) return std::int64_t{0};
        // Under a negative mode the week 0 is no week of the year before.
        const unsigned of_year = with_year && !negative ? 2 : 0;
        const Week found = week_of(moment.date, week_mode(mode) | of_year);
        return std::int64_t{with_year ? found.year * 100 + found.number : found.number};
    });
}
Datum week(const Node& node, Run& run) {
    return week_with(node, run, false);
}
Datum year_week(const Node& node, Run& run) {
    return week_with(node, run, true);
}

Datum to_seconds(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const bool has_day_time = is_temporal(operand.type().type) || is_number(operand.type().type);
    const auto moment =
        has_day_time ? operand.datetime(DateUse::whole) : operand.dated(DateUse::whole);
    if (!moment) return {};
    return std::int64_t{day_number(moment->date)} * 86400 + moment->hours * 3600 +
           moment->minutes * 60 + moment->seconds;
}
Datum last_day(const Node& node, Run& run) {
    return of_date(node, run, DateUse::whole, [](const DateTime& moment) {
        Date date = moment.date;
        date.day = static_cast<std::uint8_t>(days_in_month(date.year, date.month));
        return Datum(date);
    });
}
template <Type type>
void give_temporal(Node& node, const Environment&) {
    node.type = temporal_type(type, 0, true);
}

Datum day_name(const Node& node, Run& run) {
    return of_date(node, run, DateUse::whole, [](const DateTime& moment) {
        return Datum(std::string(
            english_names.days[static_cast<std::size_t>(weekday(day_number(moment.date)))]));
    });
}
Datum month_name(const Node& node, Run& run) {
    return of_date(node, run, DateUse::fuzzy, [](const DateTime& moment) {
        return moment.date.month == 0
                   ? Datum()
                   : Datum(std::string(english_names.months[moment.date.month - 1U]));
    });
}
void give_name(Node& node, const Environment& environment) {
    node.type = ascii_type(environment, 9, true);
}

// ---- parts of a time

template <class Work>
Datum of_time(const Node& node, Run& run, Work work) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null() && !hides_null(node.arguments[0])) return {};
    const auto time = operand.is_null() ? Time{} : operand.time();
    if (!time) return {};
    return work(*time);
}
Datum hour(const Node& node, Run& run) {
    return of_time(node, run, [](const Time& time) { return std::int64_t{time.hours}; });
}
Datum minute(const Node& node, Run& run) {
    return of_time(node, run, [](const Time& time) { return std::int64_t{time.minutes}; });
}
Datum second(const Node& node, Run& run) {
    return of_time(node, run, [](const Time& time) { return std::int64_t{time.seconds}; });
}
Datum microsecond(const Node& node, Run& run) {
    return of_time(node, run, [](const Time& time) { return std::int64_t{time.micros}; });
}
Datum time_to_seconds(const Node& node, Run& run) {
    return of_time(node, run, [](const Time& time) {
        const std::int64_t seconds = time.hours * 3600 + time.minutes * 60 + time.seconds;
        return time.negative ? -seconds : seconds;
    });
}

// ---- DATE, TIME, TIMESTAMP

Datum date(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const auto found = operand.date(DateUse::strict);
    return found ? Datum(*found) : Datum();
}
Datum time(const Node& node, Run& run) {
    return of_time(node, run, [](const Time& found) { return Datum(found); });
}
void give_time(Node& node, const Environment& environment) {
    node.type = temporal_type(Type::time, time_precision(node.arguments[0], environment), true);
}
Datum timestamp(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const auto moment =
        operand.datetime(node.arguments.size() > 1 ? DateUse::whole : DateUse::strict);
    if (!moment) return {};
    if (node.arguments.size() == 1) return *moment;
    Operand added(node.arguments[1], run);
    if (added.is_null()) return {};
    const auto span = added.time();
    if (!span) return {};
    const auto sum = datetime_of_micros(micros_of(*moment) + micros_of(*span));
    if (!sum && !span->negative) warn_out_of_range(node, "DATETIME", run);
    return sum ? Datum(*sum) : Datum();
}
void give_timestamp(Node& node, const Environment& environment) {
    int decimals = datetime_precision(node.arguments[0], environment);
    if (node.arguments.size() > 1)
        decimals = std::max(decimals, time_precision(node.arguments[1], environment));
    node.type = temporal_type(Type::datetime, decimals, true);
}

// ---- MAKEDATE, MAKETIME, FROM_DAYS, SEC_TO_TIME, PERIOD_ADD

Datum make_date(const Node& node, Run& run) {
    Operand year_operand(node.arguments[0], run);
    Operand day(node.arguments[1], run);
    if (year_operand.is_null() || day.is_null()) return {};
    std::int64_t chosen = year_operand.integer().clipped();
    const std::int64_t days = day.integer().clipped();
    if (chosen < 0 || chosen > 9999 || days <= 0 || days > 4'000'000) return {};
    if (chosen < 70) chosen += 2000;
    if (chosen < 100) chosen += 1900;
    const Date first{.year = static_cast<std::uint16_t>(chosen), .month = 1, .day = 1};
    const auto found = date_of(std::int64_t{day_number(first)} + days - 1);
    return found ? Datum(*found) : Datum();
}

Datum make_time(const Node& node, Run& run) {
    Operand hours(node.arguments[0], run);
    Operand minutes(node.arguments[1], run);
    Operand seconds(node.arguments[2], run);
    if (hours.is_null() || minutes.is_null() || seconds.is_null()) return {};
    const Integer hour_count = hours.integer();
    const std::int64_t minute_count = minutes.integer().clipped();
    const Decimal exact = seconds.decimal().rounded(node.type.decimals);
    const bool out = minute_count < 0 || minute_count > 59 ||
                     (exact.is_negative() && !exact.is_zero()) ||
                     exact >= Decimal(std::int64_t{60});
    if (out) return {};
    const bool negative = hour_count.is_negative();
    const std::uint64_t size = negative ? 0 - hour_count.bits : hour_count.bits;
    const std::int64_t whole = exact.rounded(0, Decimal::Rounding::truncate).to_int64().value_or(0);
    if (size > 838) {
        Time largest = largest_time;
        largest.negative = negative;
        std::string shown = (negative ? "-" : "") + std::to_string(size) +
                            (minute_count < 10 ? ":0" : ":") + std::to_string(minute_count) +
                            (whole < 10 ? ":0" : ":") + std::to_string(whole);
        warn_truncated(run.environment, "time", shown);
        return largest;
    }
    const auto part = Decimal::subtract(exact, Decimal(whole));
    const auto micros = Decimal::multiply(part.value_or(Decimal()), Decimal(micros_per_second));
    return Time{
        .negative = negative,
        .hours = static_cast<std::uint16_t>(size),
        .minutes = static_cast<std::uint8_t>(minute_count),
        .seconds = static_cast<std::uint8_t>(whole),
        .micros = static_cast<std::uint32_t>(micros.value_or(Decimal()).to_int64().value_or(0))};
}
void give_make_time(Node& node, const Environment&) {
    node.type = temporal_type(Type::time, std::min<int>(node.arguments[2].type.decimals, 6), true);
}

Datum from_days(const Node& node, Run& run) {
    Operand days(node.arguments[0], run);
    if (days.is_null()) return {};
    const auto found = date_of(days.integer().clipped());
    if (found) return *found;
    run.environment.warnings.add(6527, "DATE value is out of range in '" + printed(node) + "'");
    return {};
}

Datum seconds_to_time(const Node& node, Run& run) {
    Operand seconds(node.arguments[0], run);
    if (seconds.is_null()) return {};
    const auto micros = Decimal::multiply(seconds.decimal(), Decimal(micros_per_second));
    const auto fits = micros ? micros->rounded(0).to_int64() : std::nullopt;
    const std::int64_t limit = micros_of(largest_time);
    if (fits && *fits < limit + micros_per_second && *fits > -limit - micros_per_second) {
        return rounded(time_of_micros(*fits), node.type.decimals,
                       run.environment.sql_mode.truncate_fractions);
    }
    warn_truncated(run.environment, "time", seconds.text());
    Time largest = largest_time;
    largest.negative = micros ? micros->is_negative() : seconds.real() < 0;
    return largest;
}
void give_seconds_to_time(Node& node, const Environment&) {
    node.type = temporal_type(Type::time, std::min<int>(node.arguments[0].type.decimals, 6), true);
}

bool is_period(std::int64_t period) {
    return period > 0 && period % 100 != 0 && period % 100 <= 12;
}
std::uint64_t months_of(std::uint64_t period) {
    std::uint64_t years = period / 100;
    if (years < 70) {
        years += 2000;
    } else if (years < 100) {
        years += 1900;
    }
    return years * 12 + period % 100 - 1;
}
Datum period_add(const Node& node, Run& run) {
    Operand period(node.arguments[0], run);
    Operand added(node.arguments[1], run);
    if (period.is_null() || added.is_null()) return {};
    const std::int64_t start = period.integer().as_signed();
    if (!is_period(start)) raise(er::wrong_arguments, "Incorrect arguments to period_add");
    std::uint64_t months = months_of(static_cast<std::uint64_t>(start)) + added.integer().bits;
    if (months == 0) return std::int64_t{0};
    std::uint64_t years = months / 12;
    if (years < 100) years += years < 70 ? 2000 : 1900;
    return static_cast<std::int64_t>(years * 100 + months % 12 + 1);
}
Datum period_difference(const Node& node, Run& run) {
    Operand left(node.arguments[0], run);
    Operand right(node.arguments[1], run);
    if (left.is_null() || right.is_null()) return {};
    const std::int64_t first = left.integer().as_signed();
    const std::int64_t second_period = right.integer().as_signed();
    if (!is_period(first) || !is_period(second_period))
        raise(er::wrong_arguments, "Incorrect arguments to period_diff");
    return static_cast<std::int64_t>(months_of(static_cast<std::uint64_t>(first)) -
                                     months_of(static_cast<std::uint64_t>(second_period)));
}

}  // namespace

int datetime_precision(const Node& node, const Environment& environment) {
    const FieldType& type = node.type;
    if (is_temporal(type.type)) return type.decimals;
    if (class_of(type) == Class::integer) return 0;
    if (class_of(type) != Class::text) return std::min<int>(type.decimals, 6);
    if (type.is_bits || type.type == Type::null_type) return 0;
    if (const auto text = constant_text(node, environment)) {
        const auto reading = read_datetime(*text, 6, {.invalid_dates = true});
        return reading.value ? reading.fraction_digits : 6;
    }
    return 6;
}

int time_precision(const Node& node, const Environment& environment) {
    if (is_plain_text(node.type) || node.type.type == Type::json) {
        if (const auto text = constant_text(node, environment)) {
            const auto reading = read_time(*text, 6, false);
            return reading.value ? reading.fraction_digits : 6;
        }
    }
    return datetime_precision(node, environment);
}

FieldType moment_text_type(const Environment& environment) {
    FieldType type = ascii_type(environment, 29, true);
    type.type = Type::char_;
    return type;
}

std::string moment_text(const DateTime& moment, bool date_only) {
    return date_only ? text(moment.date) : text(moment, moment.micros != 0 ? 6 : 0);
}

std::span<const Function> date_functions() {
    static constexpr Function functions[] = {
        {"date", 1, 1, give_temporal<Type::date>, date},
        {"day", 1, 1, give_small<3>, date_part<DateUse::fuzzy, day_of>, "dayofmonth"},
        {"dayname", 1, 1, give_name, day_name},
        {"dayofmonth", 1, 1, give_small<3>, date_part<DateUse::fuzzy, day_of>},
        {"dayofweek", 1, 1, give_small<2>, date_part<DateUse::whole, day_of_week_of>},
        {"dayofyear", 1, 1, give_small<4>, date_part<DateUse::whole, day_of_year_of>},
        {"from_days", 1, 1, give_temporal<Type::date>, from_days},
        {"hour", 1, 1, give_small<4>, hour},
        {"last_day", 1, 1, give_temporal<Type::date>, last_day},
        {"makedate", 2, 2, give_temporal<Type::date>, make_date},
        {"maketime", 3, 3, give_make_time, make_time},
        {"microsecond", 1, 1, give_nullable_integer, microsecond},
        {"minute", 1, 1, give_small<3>, minute},
        {"month", 1, 1, give_small<3>, date_part<DateUse::fuzzy, month_of>},
        {"monthname", 1, 1, give_name, month_name},
        {"period_add", 2, 2, give_integer, period_add},
        {"period_diff", 2, 2, give_integer, period_difference},
        {"quarter", 1, 1, give_small<2>, date_part<DateUse::fuzzy, quarter_of>},
        {"sec_to_time", 1, 1, give_seconds_to_time, seconds_to_time},
        {"second", 1, 1, give_small<3>, second},
        {"time", 1, 1, give_time, time},
        {"time_to_sec", 1, 1, give_small<10>, time_to_seconds},
        {"timestamp", 1, 2, give_timestamp, timestamp},
        {"to_days", 1, 1, give_small<8>, date_part<DateUse::whole, day_number_of>},
        {"to_seconds", 1, 1, give_nullable_integer, to_seconds},
        {"week", 1, 2, give_small<3>, week},
        {"weekday", 1, 1, give_small<2>, date_part<DateUse::whole, weekday_of>},
        {"weekofyear", 1, 1, give_small<3>, date_part<DateUse::whole, week_of_year_of>},
        {"year", 1, 1, give_year, year},
        {"yearweek", 1, 2, give_small<7>, year_week},
    };
    return functions;
}

}  // namespace sluice::eval
