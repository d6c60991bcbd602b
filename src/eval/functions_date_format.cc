// Now, time zones, differences of dates, patterns.
#include <algorithm>

#include "eval/detail/dates.h"
#include "eval/detail/special.h"
#include "values/temporal_format.h"

namespace sluice::eval {
namespace {

// ---- now

int precision_argument(const Node& node, const Environment& environment) {
    if (node.arguments.empty()) return 0;
    const auto wanted = constant_integer(node.arguments[0], environment).value_or(0);
    if (wanted < 0 || wanted > 6) {
        raise(1426, "Too-big precision " + std::to_string(wanted) + " specified for '" + node.name +
                        "'. Maximum is 6.");
    }
    return static_cast<int>(wanted);
}
DateTime moment_now(Run& run, int precision, bool utc) {
    const Environment& environment = run.environment;
    const DateTime moment =
        utc ? datetime_of_unix(environment.now_seconds, environment.now_micros).value_or(DateTime{})
            : statement_time(environment);
    return rounded(moment, precision, true).value_or(moment);
}
template <bool utc>
Datum now(const Node& node, Run& run) {
    return moment_now(run, node.type.decimals, utc);
}
template <bool utc>
Datum current_date(const Node&, Run& run) {
    return moment_now(run, 0, utc).date;
}
template <bool utc>
Datum current_time(const Node& node, Run& run) {
    return time_of_day(moment_now(run, node.type.decimals, utc));
}
template <Type type>
void give_now(Node& node, const Environment& environment) {
    node.type = temporal_type(type, precision_argument(node, environment), false);
    if (type == Type::time) node.type.length -= 2;  // neither a sign nor a third digit of hours
}

// ---- UNIX_TIMESTAMP, FROM_UNIXTIME, CONVERT_TZ

// The last second that MySQL converts: 3001-01-18 23:59:59.
constexpr std::int64_t last_second = 32536771199;

Datum unix_timestamp(const Node& node, Run& run) {
    if (node.arguments.empty()) return run.environment.now_seconds;
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const bool exact = node.type.type == Type::decimal;
    const auto moment = operand.datetime(DateUse::fuzzy);
    std::int64_t seconds = 0;
    std::uint32_t micros = 0;
    if (moment && moment->date.month != 0 && moment->date.day != 0) {
        DateTime whole = *moment;
        micros = whole.micros;
        whole.micros = 0;
        seconds = run.environment.time_zone.utc_of(unix_seconds(whole));
        if (seconds < 0 || seconds > last_second) seconds = micros = 0;
    } else if (!moment) {
        if (!exact) return std::int64_t{0};
    }
    if (!exact) return seconds;
    const auto scaled = Decimal::multiply(Decimal(seconds), Decimal(micros_per_second));
    const auto all = Decimal::add(scaled.value_or(Decimal()), Decimal(std::int64_t{micros}));
    const auto million = *Decimal::parse("0.000001");
    return Decimal::multiply(*all, million)
        ->with_scale(6)
        .rounded(node.type.decimals, Decimal::Rounding::truncate)
        .with_scale(node.type.decimals);
}
void give_unix_timestamp(Node& node, const Environment& environment) {
    const int decimals =
        node.arguments.empty() ? 0 : datetime_precision(node.arguments[0], environment);
    const bool nullable = any_nullable(node.arguments);
    node.type =
        decimals == 0 ? integer_type(nullable) : decimal_type(11 + decimals, decimals, nullable);
    node.is_cut = decimals > 0;
}

Datum from_unix_time(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const int decimals = node.arguments.size() > 1 ? 6 : node.type.decimals;
    const Decimal exact = operand.decimal().rounded(decimals);
    const Decimal whole = exact.rounded(0, Decimal::Rounding::truncate);
    const auto seconds = whole.to_int64();
    if (!seconds || *seconds < 0 || *seconds > last_second ||
        (exact.is_negative() && !exact.is_zero()))
        return {};
    const auto part =
        Decimal::multiply(*Decimal::subtract(exact, whole), Decimal(micros_per_second));
    const auto micros = static_cast<std::uint32_t>(part->to_int64().value_or(0));
    const DateTime moment =
        datetime_of_unix(*seconds + run.environment.time_zone.offset_at(*seconds), micros)
            .value_or(DateTime{});
    if (node.arguments.size() == 1) return moment;
    Operand pattern(node.arguments[1], run);
    if (pattern.is_null()) return {};
    auto out = format_datetime(moment, pattern.text());
    if (!out || pattern.text().empty()) return {};
    return std::move(*out);
}
// Characters that one letter of a pattern may become.
unsigned letter_width(char letter) {
    switch (letter) {
        case 'M':
        case 'W':
            return 64;
        case 'a':
        case 'b':
            return 32;
        case 'r':
            return 11;
        case 'T':
            return 8;
        case 'H':
        case 'k':
            return 7;
        case 'f':
            return 6;
        case 'D':
        case 'Y':
        case 'x':
        case 'X':
            return 4;
        case 'j':
            return 3;
        default:
            return std::string_view("UuVvymdhiIlpSsce").contains(letter) ? 2 : 1;
    }
}
std::uint64_t pattern_length(const Node& pattern, const Environment& environment) {
    const auto constant = constant_text(pattern, environment);
    if (!constant) return std::min<std::uint64_t>(text_length(pattern.type) * 10, 4096);
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < constant->size(); ++i) {
        const bool is_letter = (*constant)[i] == '%' && i + 1 < constant->size();
        length += is_letter ? letter_width((*constant)[++i]) : 1;
    }
    return length;
}
void give_from_unix_time(Node& node, const Environment& environment) {
    if (node.arguments.size() > 1) {
        node.type = ascii_type(environment, pattern_length(node.arguments[1], environment), true);
        return;
    }
    const FieldType& type = node.arguments[0].type;
    node.type = temporal_type(
        Type::datetime, std::min<int>(type.type == Type::null_type ? 0 : type.decimals, 6), true);
}

std::optional<TimeZone> zone_of(std::string_view name, const Environment& environment) {
    if (auto fixed = fixed_zone(name)) return fixed;
    std::string upper(name);
    std::ranges::transform(upper, upper.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    if (upper == "SYSTEM") return TimeZone{};
    if (!environment.find_zone) return std::nullopt;
    const TimeZone* found = environment.find_zone(name);
    return found == nullptr ? std::nullopt : std::optional(*found);
}
Datum convert_zone(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    Operand from(node.arguments[1], run);
    Operand to(node.arguments[2], run);
    if (operand.is_null() || from.is_null() || to.is_null()) return {};
    const auto source = zone_of(from.text(), run.environment);
    const auto target = zone_of(to.text(), run.environment);
    if (!source || !target) return {};
    const auto moment = operand.datetime(DateUse::whole);
    if (!moment) return {};
    DateTime whole = *moment;
    whole.micros = 0;
    const std::int64_t utc = source->utc_of(unix_seconds(whole));
    // Outside what a TIMESTAMP holds nothing is converted.
    if (utc < 1 || utc > last_second) return *moment;
    const auto converted = datetime_of_unix(utc + target->offset_at(utc), moment->micros);
    return converted ? Datum(*converted) : Datum();
}
void give_convert_zone(Node& node, const Environment& environment) {
    node.type =
        temporal_type(Type::datetime, datetime_precision(node.arguments[0], environment), true);
}

// ---- differences

Datum date_difference(const Node& node, Run& run) {
    Operand left(node.arguments[0], run);
    Operand right(node.arguments[1], run);
    const auto to = left.is_null() ? std::nullopt : left.date(DateUse::whole);
    const auto from = right.is_null() ? std::nullopt : right.date(DateUse::whole);
    if (!to || !from) return {};
    return std::int64_t{day_number(*to)} - day_number(*from);
}
void give_date_difference(Node& node, const Environment&) {
    node.type = integer_type(true, 9);
}

// A time or a moment, as it is written; its microseconds.
struct Span {
    bool is_moment = false;
    std::int64_t micros = 0;
};
std::optional<Span> span_of(Operand& operand, DateUse use) {
    const auto* source = operand.datum().as<std::string>();
    bool moment = has_date(operand.type().type) || (source != nullptr && is_moment_text(*source));
    // A number of eight digits or more is a date.
    constexpr std::size_t date_digits = 8;
    if (is_number(operand.type().type) || source != nullptr) {
        const std::string_view digits = operand.text();
        moment |=
            digits.size() >= date_digits &&
            digits.substr(0, date_digits).find_first_not_of("0123456789") == std::string_view::npos;
    }
    if (moment) {
        const auto found = operand.datetime(use);
        if (!found) return std::nullopt;
        return Span{true, micros_of(*found)};
    }
    const auto found = operand.time();
    if (!found) return std::nullopt;
    return Span{false, micros_of(*found)};
}
Datum clipped_time(std::int64_t micros, Run& run) {
    const std::int64_t limit = micros_of(largest_time);
    const Time time = time_of_micros(micros);
    if (micros > limit || micros < -limit) {
        Time shown = time;
        (void)shown;
        const std::int64_t size = micros < 0 ? -micros : micros;
        const std::int64_t seconds = size / micros_per_second;
        const auto two = [](std::int64_t number) {
            return (number < 10 ? "0" : "") + std::to_string(number);
        };
        std::string text = (micros < 0 ? "-" : "") + two(seconds / 3600) + ":" +
                           two(seconds / 60 % 60) + ":" + two(seconds % 60);
        if (size % micros_per_second != 0) {
            const std::string part = std::to_string(size % micros_per_second);
            text += "." + std::string(6 - part.size(), '0') + part;
        }
        warn_truncated(run.environment, "time", text);
    }
    return time;
}
Datum time_difference(const Node& node, Run& run) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    const auto to = span_of(left, DateUse::lax);
    if (!to) return {};
    Operand right(node.arguments[1], run);
    if (right.is_null()) return {};
    const auto from = span_of(right, DateUse::lax);
    if (!from || to->is_moment != from->is_moment) return {};
    return clipped_time(to->micros - from->micros, run);
}
void give_time_difference(Node& node, const Environment& environment) {
    node.type = temporal_type(Type::time,
                              std::max(time_precision(node.arguments[0], environment),
                                       time_precision(node.arguments[1], environment)),
                              true);
}

Datum time_sum(const Node& node, Run& run, bool subtract) {
    Operand left(node.arguments[0], run);
    if (left.is_null()) return {};
    const auto start = span_of(left, DateUse::whole);
    if (!start) return {};
    Operand right(node.arguments[1], run);
    if (right.is_null()) return {};
    // Of a moment its time of day is added.
    const auto added = right.time();
    if (!added) return {};
    const std::int64_t more = micros_of(*added);
    const std::int64_t micros = start->micros + (subtract ? -more : more);
    if (start->is_moment || node.type.type == Type::datetime) {
        const auto moment = datetime_of_micros(micros);
        if (!moment && (more > 0) != subtract) warn_out_of_range(node, "DATETIME", run);
        if (!moment) return {};
        if (node.type.type == Type::datetime) return *moment;
        return moment_text(*moment, false);
    }
    const std::int64_t limit = micros_of(largest_time);
    const bool beyond = micros > limit || micros < -limit;
    if (beyond) warn_out_of_range(node, "TIME", run);
    const Time found = time_of_micros(std::clamp(micros, -limit, limit));
    if (node.type.type == Type::time) return beyond ? Datum() : Datum(found);
    return text(found, found.micros != 0 ? 6 : 0);
}
Datum add_time(const Node& node, Run& run) {
    return time_sum(node, run, false);
}
Datum subtract_time(const Node& node, Run& run) {
    return time_sum(node, run, true);
}
void give_time_sum(Node& node, const Environment& environment) {
    const FieldType& type = node.arguments[0].type;
    const int decimals = std::max(time_precision(node.arguments[0], environment),
                                  time_precision(node.arguments[1], environment));
    node.is_hybrid = true;
    if (type.type == Type::time) {
        node.type = temporal_type(Type::time, decimals, true);
    } else if (has_date(type.type)) {
        node.type = temporal_type(Type::datetime, decimals, true);
    } else {
        node.type = moment_text_type(environment);
        node.shown = show_moment;
    }
}

// ---- patterns

Datum date_format(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const auto moment = operand.datetime();
    if (!moment) return {};
    Operand pattern(node.arguments[1], run);
    if (pattern.is_null() || pattern.text().empty()) return {};
    auto out = format_datetime(*moment, pattern.text());
    if (!out) return {};
    return std::move(*out);
}
// What TIME_FORMAT shows with its date: a moment, a text that has one, a number too large for a
// time. Days pass that their month does not have.
std::optional<DateTime> moment_to_format(Operand& operand, bool& is_moment) {
    const FieldType& type = operand.type();
    is_moment = has_date(type.type);
    if (is_moment) return operand.datetime();
    const DateRules rules{.invalid_dates = true};
    if (is_number(type.type)) {
        constexpr double first_date = 1e7;
        constexpr double largest = 9.2e18;  // beyond it is negative
        const double number = operand.real();
        is_moment = number >= first_date && number < largest;
        if (!is_moment) return std::nullopt;
        return read_datetime(operand.decimal(), 6, rules).value;
    }
    const auto* source = operand.datum().as<std::string>();
    if (source == nullptr || !is_moment_text(*source)) return std::nullopt;
    const auto moment = read_datetime(*source, 6, rules).value;
    is_moment = moment.has_value();
    return moment;
}
Datum time_format(const Node& node, Run& run) {
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    bool is_moment = false;
    const auto moment = moment_to_format(operand, is_moment);
    if (is_moment && !moment && !has_date(operand.type().type))
        run.environment.warnings.add(er::truncated_wrong_value,
                                     "Incorrect time value: '" + std::string(operand.text()) + "'");
    const auto time = is_moment ? std::nullopt : operand.time();
    if (!time && !moment) return {};
    Operand pattern(node.arguments[1], run);
    if (pattern.is_null() || pattern.text().empty()) return {};
    auto out =
        moment ? format_time_of(*moment, pattern.text()) : format_time(*time, pattern.text());
    if (!out) return {};
    return std::move(*out);
}
void give_format(Node& node, const Environment& environment) {
    const collation::Operand pattern = text_operand(node.arguments[1], environment);
    const Coercibility coercibility = pattern.coercibility == Coercibility::ignorable
                                          ? Coercibility::coercible
                                          : pattern.coercibility;
    node.type = text_type({connection_collation(environment), coercibility, pattern.repertoire},
                          pattern_length(node.arguments[1], environment), true);
}

Datum string_to_date(const Node& node, Run& run) {
    Operand source(node.arguments[0], run);
    Operand pattern(node.arguments[1], run);
    if (source.is_null() || pattern.is_null()) return {};
    const PatternReading reading = read_by_pattern(source.text(), pattern.text(),
                                                   date_rules(run.environment, DateUse::strict));
    if (!reading.moment && !reading.time) {
        run.environment.warnings.add(1411, "Incorrect datetime value: '" +
                                               std::string(source.text()) +
                                               "' for function str_to_date");
        return {};
    }
    if (reading.left_over)
        warn_truncated(run.environment,
                       node.type.type == Type::date   ? "date"
                       : node.type.type == Type::time ? "time"
                                                      : "datetime",
                       source.text());
    if (reading.time) {
        if (node.type.type == Type::time) return *reading.time;
        const auto moment = on_day(statement_time(run.environment).date, *reading.time);
        if (!moment) return {};
        return node.type.type == Type::date ? Datum(moment->date) : Datum(*moment);
    }
    if (node.type.type == Type::date) return reading.moment->date;
    if (node.type.type == Type::time) return time_of_day(*reading.moment);
    return *reading.moment;
}
void give_string_to_date(Node& node, const Environment&) {
    const auto* pattern = node.arguments[1].constant.as<std::string>();
    PatternShape shape{.kind = TemporalKind::datetime, .fraction = true};
    if (pattern != nullptr && node.arguments[1].is_constant) shape = shape_of_pattern(*pattern);
    const Type type = shape.kind == TemporalKind::date   ? Type::date
                      : shape.kind == TemporalKind::time ? Type::time
                                                         : Type::datetime;
    node.type = temporal_type(type, shape.fraction && type != Type::date ? 6 : 0, true);
    node.is_hybrid = true;
}

}  // namespace

std::span<const Function> date_format_functions() {
    static constexpr Function functions[] = {
        {"addtime", 2, 2, give_time_sum, add_time},
        {"convert_tz", 3, 3, give_convert_zone, convert_zone},
        {"curdate", 0, 0, give_now<Type::date>, current_date<false>},
        {"current_date", 0, 0, give_now<Type::date>, current_date<false>, "curdate"},
        {"current_time", 0, 1, give_now<Type::time>, current_time<false>, "curtime"},
        {"current_timestamp", 0, 1, give_now<Type::datetime>, now<false>, "now"},
        {"curtime", 0, 1, give_now<Type::time>, current_time<false>},
        {"date_format", 2, 2, give_format, date_format},
        {"datediff", 2, 2, give_date_difference, date_difference},
        {"from_unixtime", 1, 2, give_from_unix_time, from_unix_time},
        {"localtime", 0, 1, give_now<Type::datetime>, now<false>, "now"},
        {"localtimestamp", 0, 1, give_now<Type::datetime>, now<false>, "now"},
        {"now", 0, 1, give_now<Type::datetime>, now<false>},
        {"str_to_date", 2, 2, give_string_to_date, string_to_date},
        {"subtime", 2, 2, give_time_sum, subtract_time},
        {"sysdate", 0, 1, give_now<Type::datetime>, now<false>},
        {"time_format", 2, 2, give_format, time_format},
        {"timediff", 2, 2, give_time_difference, time_difference},
        {"unix_timestamp", 0, 1, give_unix_timestamp, unix_timestamp},
        {"utc_date", 0, 0, give_now<Type::date>, current_date<true>},
        {"utc_time", 0, 1, give_now<Type::time>, current_time<true>},
        {"utc_timestamp", 0, 1, give_now<Type::datetime>, now<true>},
    };
    return functions;
}

}  // namespace sluice::eval
