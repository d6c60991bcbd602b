// Dates and times of other values, and SQL values as JSON.
#include <algorithm>
#include <cmath>

#include "base/overload.h"
#include "eval/detail/convert.h"
#include "eval/detail/failure.h"
#include "values/number.h"

namespace sluice::eval {
namespace {

template <class T>
std::optional<T> told(const TemporalReading<T>& reading, std::string_view kind,
                      std::string_view text, Environment& environment) {
    if (reading.warned || !reading.value) {
        environment.warnings.add(
            er::truncated_wrong_value,
            std::string(reading.value ? "Truncated incorrect " : "Incorrect ") + std::string(kind) +
                " value: '" + std::string(text) + "'");
    }
    warn_deprecated(environment, reading.complaint, text);
    return reading.value;
}

// 1292 for an offset from UTC behind a date that is no day.
template <class T>
void refuse_offset(const TemporalReading<T>& reading, std::string_view text) {
    if (!reading.value || !reading.offset || !reading.lacks_day) return;
    raise(er::truncated_wrong_value,
          "Truncated incorrect temporal value: '" + std::string(text) + "'");
}

std::int64_t whole_part(std::int64_t number) {
    return number;
}
std::int64_t whole_part(double number) {
    return to_int64(std::trunc(number)).value;
}
std::int64_t whole_part(const Decimal& number) {
    return number.rounded(0, Decimal::Rounding::truncate).to_int64().value_or(INT64_MAX);
}

// As a date only the digits of a number's date count: 1 is 2000-00-01, 123456789 is 2000-01-23
// with a time of day that is not looked at.
std::optional<Date> date_of_digits(std::int64_t number, const DateRules& rules) {
    constexpr std::int64_t last_date = 99991231;
    constexpr std::int64_t last_of_2069 = 691231;
    constexpr std::int64_t first_of_1970 = 700101;
    constexpr std::int64_t last_of_1999 = 991231;
    constexpr std::int64_t first_long = 10000101;
    if (number > last_date) number /= 1'000'000;
    if (number < 0 || number > last_date) return std::nullopt;
    if (number <= last_of_2069) {
        number += 20'000'000;
    } else if (number >= first_of_1970 && number <= last_of_1999) {
        number += 19'000'000;
    } else if (number < first_long) {
        return std::nullopt;
    }
    const Date date{.year = static_cast<std::uint16_t>(number / 10000),
                    .month = static_cast<std::uint8_t>(number / 100 % 100),
                    .day = static_cast<std::uint8_t>(number % 100)};
    if (date.month > 12 || date.day > 31 || !allowed(date, rules)) return std::nullopt;
    return date;
}

bool is_below_one(std::int64_t number) {
    return number == 0;
}
bool is_below_one(double number) {
    return number >= 0 && number < 1;
}
bool is_below_one(const Decimal& number) {
    return !number.is_negative() && number < Decimal(std::int64_t{1});
}
std::uint32_t micros_below_one(std::int64_t) {
    return 0;
}
std::uint32_t micros_below_one(double number) {
    return static_cast<std::uint32_t>(std::min(std::round(number * 1e6), 999'999.0));
}
std::uint32_t micros_below_one(const Decimal& number) {
    return micros_below_one(number.to_double());
}

struct ToDateTime {
    const FieldType& type;
    Environment& environment;
    DateRules rules;
    int precision;
    bool as_date = false;     // warnings speak of a date
    bool as_written = false;  // an offset behind a text is not looked at

    // A column's YEAR is its first day; one that was computed is a number.
    bool is_year_column() const { return type.type == Type::year && type.is_zerofill; }
    void warn_incorrect(std::string_view shown) const {
        environment.warnings.add(
            er::truncated_wrong_value,
            std::string(as_date ? "Truncated incorrect date" : "Incorrect datetime") + " value: '" +
                std::string(shown) + "'");
    }
    std::optional<DateTime> result(const TemporalReading<DateTime>& reading,
                                   std::string_view shown) const {
        if (!reading.value && reading.warned) {
            warn_incorrect(shown);
        } else if (reading.warned) {
            warn_truncated(environment, as_date ? "date" : "datetime", shown);
        }
        warn_deprecated(environment, reading.complaint, shown);
        return reading.value;
    }
    // Of what is a date already nothing is said, and a zero passes where zeros in dates do.
    std::optional<DateTime> checked(const DateTime& moment) const {
        const bool is_zero = moment.date == Date{};
        if (allowed(moment.date, rules) || (is_zero && rules.zero_in_date)) return moment;
        return std::nullopt;
    }
    template <class Number>
    std::optional<DateTime> of_number(const Number& number) const {
        // A zero passes where zeros in dates do, with its fraction as microseconds.
        if (!as_date && rules.zero_in_date && is_below_one(number))
            return DateTime{.micros = micros_below_one(number)};
        if (!as_date)
            return result(read_datetime(number, precision, rules), to_text(type, Datum(number)));
        const auto date = date_of_digits(whole_part(number), rules);
        if (date) return DateTime{.date = *date};
        warn_incorrect(to_text(type, Datum(number)));
        return std::nullopt;
    }
    std::optional<DateTime> operator()(const std::string& source) const {
        const std::string utf8 = to_utf8(type, source);
        DateRules of_text = rules;
        if (as_written) of_text.zero_in_date = !environment.sql_mode.no_zero_in_date;
        auto reading = read_datetime(utf8, precision, of_text);
        if (!as_written) refuse_offset(reading, utf8);
        if (reading.value && reading.offset && !as_written) {
            const std::int64_t utc = unix_seconds(*reading.value) - *reading.offset;
            const std::int64_t local = utc + environment.time_zone.offset_at(utc);
            reading.value = datetime_of_unix(local, reading.value->micros);
        }
        return result(reading, utf8);
    }
    std::optional<DateTime> operator()(std::int64_t number) const { return of_number(number); }
    std::optional<DateTime> operator()(std::uint64_t number) const {
        if (is_year_column())
            return DateTime{
                .date = {.year = static_cast<std::uint16_t>(number), .month = 1, .day = 1}};
        return of_number(number > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(number));
    }
    std::optional<DateTime> operator()(double number) const { return of_number(number); }
    std::optional<DateTime> operator()(const Decimal& number) const { return of_number(number); }
    std::optional<DateTime> operator()(const Date& date) const { return checked({.date = date}); }
    std::optional<DateTime> operator()(const Time& time) const {
        const Date today = statement_time(environment).date;
        // As a date one that leaves the day counts from the time of day that it is now.
        const bool leaves_day = time.negative || time.hours >= 24;
        if (!as_date || !leaves_day) return on_day(today, time);
        return datetime_of_micros(micros_of(statement_time(environment)) + micros_of(time));
    }
    std::optional<DateTime> operator()(const DateTime& moment) const { return checked(moment); }
    std::optional<DateTime> operator()(const Bits& bits) const { return (*this)(bits.bytes); }
    std::optional<DateTime> operator()(const Member& member) const { return (*this)(member.text); }
    std::optional<DateTime> operator()(const Json& json) const {
        if (const auto* moment = json.get_if<DateTime>()) return checked(*moment);
        if (const auto* date = json.get_if<Date>()) return checked({.date = *date});
        if (const auto* source = json.get_if<std::string>()) {
            const auto reading = read_datetime(*source, precision, rules);
            warn_deprecated(environment, reading.complaint, *source);
            // Of a day that there is not nothing is said.
            const auto lax = read_datetime(*source, precision, {.invalid_dates = true});
            if (lax.value && !lax.warned) return reading.value;
        }
        environment.warnings.add(
            3156, "Invalid JSON value for CAST to DATETIME from column cast_as_json at row 1");
        return std::nullopt;
    }
    std::optional<DateTime> operator()(const auto&) const { return std::nullopt; }
};

struct ToTime {
    const FieldType& type;
    Environment& environment;
    int precision;

    template <class Number>
    std::optional<Time> of_number(const Number& number) const {
        return told(read_time(number, precision, environment.sql_mode.truncate_fractions), "time",
                    to_text(type, Datum(number)), environment);
    }
    std::optional<Time> operator()(const std::string& source) const {
        const std::string utf8 = to_utf8(type, source);
        const auto reading = read_time(utf8, precision, environment.sql_mode.truncate_fractions);
        refuse_offset(reading, utf8);
        return told(reading, "time", utf8, environment);
    }
    // The time of day of a number with a date in front, in which there may be zeros.
    std::optional<Time> of_moment(std::int64_t number) const {
        constexpr std::int64_t first_moment = 10'000'000'000;
        if (number < first_moment) return std::nullopt;
        const auto moment = read_datetime(number, precision, DateRules{});
        return moment.value && !moment.warned ? std::optional(time_of_day(*moment.value))
                                              : std::nullopt;
    }
    std::optional<Time> operator()(std::int64_t number) const {
        const auto time = of_moment(number);
        return time ? time : of_number(number);
    }
    std::optional<Time> operator()(std::uint64_t number) const {
        // A column's YEAR has no time of day.
        if (type.type == Type::year && type.is_zerofill) return Time{};
        return (*this)(static_cast<std::int64_t>(number));
    }
    std::optional<Time> operator()(double number) const {
        const auto time = number == std::floor(number) && std::abs(number) < 1e15
                              ? of_moment(static_cast<std::int64_t>(number))
                              : std::nullopt;
        return time ? time : of_number(number);
    }
    std::optional<Time> operator()(const Decimal& number) const { return of_number(number); }
    std::optional<Time> operator()(const Date&) const { return Time{}; }
    std::optional<Time> operator()(const Time& time) const { return time; }
    std::optional<Time> operator()(const DateTime& moment) const { return time_of_day(moment); }
    std::optional<Time> operator()(const Bits& bits) const { return (*this)(bits.bytes); }
    std::optional<Time> operator()(const Member& member) const { return (*this)(member.text); }
    std::optional<Time> operator()(const Json& json) const {
        if (const auto* time = json.get_if<Time>()) return *time;
        if (const auto* source = json.get_if<std::string>()) {
            const auto read =
                read_time(*source, precision, environment.sql_mode.truncate_fractions);
            if (read.value && !read.warned) return read.value;
        }
        environment.warnings.add(
            3156, "Invalid JSON value for CAST to TIME from column cast_as_json at row 1");
        return std::nullopt;
    }
    std::optional<Time> operator()(const auto&) const { return std::nullopt; }
};

std::uint8_t protocol_type(Type type) {
    switch (type) {
        case Type::bit:
            return 16;
        case Type::binary:
            return 254;
        case Type::varbinary:
            return 15;
        case Type::geometry:
            return 255;
        default:
            return 252;
    }
}

}  // namespace

void warn_deprecated(Environment& environment, const std::optional<DelimiterComplaint>& complaint,
                     std::string_view text) {
    if (!complaint) return;
    const std::string place = std::string("Delimiter '") + complaint->delimiter + "' in position " +
                              std::to_string(complaint->position) + " in datetime value '" +
                              std::string(text) + "' at row 1 is ";
    if (complaint->superfluous) {
        environment.warnings.add(4096, place + "superfluous and is deprecated. Please remove.");
        return;
    }
    const bool in_date = complaint->position < 10 && complaint->delimiter != '-';
    environment.warnings.add(
        4095, place + "deprecated. Prefer the standard '" + (in_date ? '-' : ':') + "'.");
}

DateRules date_rules(const Environment& environment, DateUse use) {
    const SqlMode& mode = environment.sql_mode;
    if (use == DateUse::fuzzy || use == DateUse::written) {
        return {.zero_date = !mode.no_zero_date,
                .zero_in_date = true,
                .invalid_dates = mode.allow_invalid_dates,
                .truncate_fraction = mode.truncate_fractions};
    }
    if (use == DateUse::whole || use == DateUse::lax) {
        return {.zero_date = false,
                .zero_in_date = false,
                .invalid_dates = mode.allow_invalid_dates || use == DateUse::lax,
                .truncate_fraction = mode.truncate_fractions};
    }
    return {.zero_date = !mode.no_zero_date,
            .zero_in_date = !mode.no_zero_in_date,
            .invalid_dates = mode.allow_invalid_dates,
            .truncate_fraction = mode.truncate_fractions};
}

DateTime statement_time(const Environment& environment) {
    const std::int64_t local =
        environment.now_seconds + environment.time_zone.offset_at(environment.now_seconds);
    return datetime_of_unix(local, environment.now_micros).value_or(DateTime{});
}

std::optional<DateTime> to_datetime(const FieldType& type, const Datum& datum,
                                    Environment& environment, DateUse use, int precision,
                                    bool as_date) {
    return std::visit(ToDateTime{type, environment, date_rules(environment, use), precision,
                                 as_date, use == DateUse::written},
                      datum.held);
}

std::optional<Date> to_date(const FieldType& type, const Datum& datum, Environment& environment,
                            DateUse use) {
    const auto moment = to_datetime(type, datum, environment, use, 6, true);
    if (!moment) return std::nullopt;
    return moment->date;
}

std::optional<Time> to_time(const FieldType& type, const Datum& datum, Environment& environment,
                            int precision) {
    return std::visit(ToTime{type, environment, precision}, datum.held);
}

Datum moment_of(std::string_view text) {
    constexpr std::size_t year_digits = 4;
    if (text.size() <= year_digits || text[year_digits] != '-') {
        const auto time = read_time(text, 6, false).value;
        return time ? Datum(*time) : Datum();
    }
    const auto reading = read_datetime(text, 6, DateRules{});
    if (!reading.value) return {};
    return reading.kind == TemporalKind::date ? Datum(reading.value->date) : Datum(*reading.value);
}

Json to_json_scalar(const FieldType& type, const Datum& datum, Environment&) {
    const bool binary_text = type.collation != nullptr && type.collation->id == collation::binary;
    return std::visit(
        Overload{
            [&](std::int64_t number) { return type.is_boolean ? Json(number != 0) : Json(number); },
            [](std::uint64_t number) { return Json(number); },
            [](double number) { return Json(number); },
            [](const Decimal& number) { return Json(Box<Decimal>(number)); },
            [&](const std::string& text) {
                if (binary_text) return Json(JsonOpaque{protocol_type(type.type), text});
                return Json(to_utf8(type, text));
            },
            [](const Date& date) { return Json(date); },
            [](const Time& time) { return Json(time); },
            [](const DateTime& moment) { return Json(moment); },
            [](const Json& json) { return json; },
            [&](const Bits& bits) {
                return Json(JsonOpaque{type.type == Type::bit ? std::uint8_t{16} : std::uint8_t{15},
                                       bits.bytes});
            },
            [&](const Member& member) { return Json(to_utf8(type, member.text)); },
            [](const auto&) { return Json(); }},
        datum.held);
}

Json to_document(const FieldType& type, const Datum& datum, int argument,
                 std::string_view function) {
    if (const auto* json = datum.as<Json>()) return *json;
    const auto* source = datum.as<std::string>();
    const auto* member = datum.as<Member>();
    if (source == nullptr && member == nullptr) {
        raise(3146, "Invalid data type for JSON data in argument " + std::to_string(argument) +
                        " to function " + std::string(function) +
                        "; a JSON string or JSON type is required.");
    }
    if (type.collation != nullptr && type.collation->id == collation::binary) {
        raise(3144, "Cannot create a JSON value from a string with CHARACTER SET 'binary'.");
    }
    auto parsed = parse_json(to_utf8(type, source != nullptr ? *source : member->text));
    if (!parsed) raise(json_text_error(parsed.error(), argument, function));
    return std::move(*parsed);
}

}  // namespace sluice::eval
