// Dates and times of other values, and SQL values as JSON.
#include <algorithm>

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
    return reading.value;
}

struct ToDateTime {
    const FieldType& type;
    Environment& environment;
    DateRules rules;
    int precision;
    bool as_date = false;  // warnings speak of a date

    void warn_incorrect(std::string_view shown) const {
        environment.warnings.add(
            er::truncated_wrong_value,
            std::string(as_date ? "Truncated incorrect date" : "Incorrect datetime") + " value: '" +
                std::string(shown) + "'");
    }
    std::optional<DateTime> result(const TemporalReading<DateTime>& reading,
                                   std::string_view shown) const {
        if (!reading.value) {
            warn_incorrect(shown);
        } else if (reading.warned) {
            warn_truncated(environment, as_date ? "date" : "datetime", shown);
        }
        return reading.value;
    }
    std::optional<DateTime> checked(const DateTime& moment) const {
        if (allowed(moment.date, rules)) return moment;
        warn_incorrect(type.type == Type::date ? text(moment.date)
                                               : text(moment, std::min<int>(type.decimals, 6)));
        return std::nullopt;
    }
    template <class Number>
    std::optional<DateTime> of_number(const Number& number) const {
        return result(read_datetime(number, precision, rules), to_text(type, Datum(number)));
    }
    std::optional<DateTime> operator()(const std::string& source) const {
        const std::string utf8 = to_utf8(type, source);
        auto reading = read_datetime(utf8, precision, rules);
        if (reading.value && reading.offset) {
            const std::int64_t utc = unix_seconds(*reading.value) - *reading.offset;
            const std::int64_t local = utc + environment.time_zone.offset_at(utc);
            reading.value = datetime_of_unix(local, reading.value->micros);
        }
        return result(reading, utf8);
    }
    std::optional<DateTime> operator()(std::int64_t number) const {
        // A zero passes where zeros in dates do.
        if (number == 0 && rules.zero_in_date) return DateTime{};
        return of_number(number);
    }
    std::optional<DateTime> operator()(std::uint64_t number) const {
        return of_number(number > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(number));
    }
    std::optional<DateTime> operator()(double number) const { return of_number(number); }
    std::optional<DateTime> operator()(const Decimal& number) const { return of_number(number); }
    std::optional<DateTime> operator()(const Date& date) const { return checked({.date = date}); }
    std::optional<DateTime> operator()(const Time& time) const {
        const Date today = statement_time(environment).date;
        if (!as_date || !time.negative) return on_day(today, time);
        // As a date only whole days of a negative time count.
        return on_day(today, Time{.negative = true,
                                  .hours = static_cast<std::uint16_t>(time.hours / 24 * 24)});
    }
    std::optional<DateTime> operator()(const DateTime& moment) const { return checked(moment); }
    std::optional<DateTime> operator()(const Bits& bits) const { return (*this)(bits.bytes); }
    std::optional<DateTime> operator()(const Member& member) const { return (*this)(member.text); }
    std::optional<DateTime> operator()(const Json& json) const {
        if (const auto* moment = json.get_if<DateTime>()) return checked(*moment);
        if (const auto* date = json.get_if<Date>()) return checked({.date = *date});
        if (const auto* source = json.get_if<std::string>()) {
            return read_datetime(*source, precision, rules).value;
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
        return told(read_time(utf8, precision, environment.sql_mode.truncate_fractions), "time",
                    utf8, environment);
    }
    std::optional<Time> operator()(std::int64_t number) const { return of_number(number); }
    std::optional<Time> operator()(std::uint64_t number) const {
        return of_number(number > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(number));
    }
    std::optional<Time> operator()(double number) const { return of_number(number); }
    std::optional<Time> operator()(const Decimal& number) const { return of_number(number); }
    std::optional<Time> operator()(const Date&) const { return Time{}; }
    std::optional<Time> operator()(const Time& time) const { return time; }
    std::optional<Time> operator()(const DateTime& moment) const { return time_of_day(moment); }
    std::optional<Time> operator()(const Bits& bits) const { return (*this)(bits.bytes); }
    std::optional<Time> operator()(const Member& member) const { return (*this)(member.text); }
    std::optional<Time> operator()(const Json& json) const {
        if (const auto* time = json.get_if<Time>()) return *time;
        if (const auto* source = json.get_if<std::string>()) {
            return read_time(*source, precision, environment.sql_mode.truncate_fractions).value;
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

DateRules date_rules(const Environment& environment, DateUse use) {
    const SqlMode& mode = environment.sql_mode;
    if (use == DateUse::fuzzy) {
        return {.zero_date = !mode.no_zero_date,
                .zero_in_date = true,
                .invalid_dates = mode.allow_invalid_dates,
                .truncate_fraction = mode.truncate_fractions};
    }
    if (use == DateUse::whole) {
        return {.zero_date = false,
                .zero_in_date = false,
                .invalid_dates = mode.allow_invalid_dates,
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
    return std::visit(
        ToDateTime{type, environment, date_rules(environment, use), precision, as_date},
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
