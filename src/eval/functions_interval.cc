// Sums of dates and intervals, EXTRACT, TIMESTAMPADD, TIMESTAMPDIFF.
#include <algorithm>

#include "eval/detail/dates.h"
#include "eval/detail/special.h"

namespace sluice::eval {
namespace {

bool is_composed(IntervalUnit unit) {
    return unit > IntervalUnit::microsecond;
}
bool has_micros(IntervalUnit unit) {
    return unit == IntervalUnit::microsecond || unit >= IntervalUnit::day_microsecond;
}

// nullopt: NULL, or too large.
std::optional<Interval> amount_of(Operand& amount, IntervalUnit unit) {
    if (amount.is_null()) return std::nullopt;
    if (is_composed(unit)) return read_interval(unit, amount.text());
    if (unit == IntervalUnit::second && amount.type().decimals > 0)
        return interval_of(unit, amount.decimal());
    const Integer count = amount.integer();
    return interval_of(unit, count.clipped());
}

// number: the unit, and 256 if the interval is subtracted.
constexpr std::uint32_t subtracts = 256;

Datum sum(const Node& node, Run& run) {
    const auto unit = static_cast<IntervalUnit>(node.number & 255);
    Operand start(node.arguments[0], run);
    if (start.is_null()) return {};
    Operand amount(node.arguments[1], run);
    const bool is_time = node.type.type == Type::time;
    std::optional<Time> time;
    std::optional<DateTime> moment;
    if (is_time) {
        time = start.time();
    } else {
        moment = start.datetime(DateUse::whole);
    }
    if (!time && !moment) return {};
    auto interval = amount_of(amount, unit);
    if (!interval) return {};
    if ((node.number & subtracts) != 0) interval = interval->negated();
    if (is_time) {
        const auto result = add(*time, unit, *interval);
        if (result) return *result;
        warn_out_of_range(node, "TIME", run);
        return {};
    }
    const auto result = add(*moment, unit, *interval);
    if (!result && node.type.type == Type::date) warn_out_of_range(node, "DATE", run);
    if (!result && node.type.type != Type::date)
        run.environment.warnings.add(1441, "Datetime function: datetime field overflow");
    if (!result) return {};
    if (node.type.type == Type::date) return result->date;
    if (node.type.type == Type::datetime) return *result;
    bool date_only = !has_time_part(unit);
    if (date_only) {
        const auto* source = start.datum().as<std::string>();
        date_only = source != nullptr
                        ? read_datetime(*source, 6, {}).kind == TemporalKind::date
                        : *moment == DateTime{.date = moment->date} && is_number(start.type().type);
        if (source == nullptr && is_number(start.type().type)) {
            const auto digits = start.integer().as_signed();
            date_only = digits < 100000000 && start.type().decimals % not_fixed == 0;
        }
    }
    return moment_text(*result, date_only);
}

// ---- EXTRACT

Datum extracted(const Node& node, Run& run) {
    const auto unit = static_cast<IntervalUnit>(node.number);
    Operand operand(node.arguments[0], run);
    if (operand.is_null()) return {};
    const unsigned week_format = static_cast<unsigned>(run.environment.default_week_format) & 7;
    const bool of_date = has_date_part(unit) && !has_time_part(unit);
    if (of_date) {
        const auto moment = operand.datetime();
        if (!moment) return {};
        return extract(unit, *moment, week_format);
    }
    const auto* source = operand.datum().as<std::string>();
    if (source != nullptr && is_moment_text(*source)) {
        const auto moment = operand.datetime();
        if (!moment) return {};
        return extract(unit, *moment, week_format);
    }
    if (source == nullptr && operand.type().type != Type::time) {
        const auto moment = operand.datetime();
        if (!moment) return {};
        return extract(unit, *moment, week_format);
    }
    const auto time = operand.time();
    if (!time) return {};
    return extract(unit, *time);
}
std::uint32_t extract_length(IntervalUnit unit) {
    switch (unit) {
        case IntervalUnit::year:
            return 5;
        case IntervalUnit::year_month:
            return 7;
        case IntervalUnit::quarter:
            return 2;
        case IntervalUnit::hour:
            return 4;
        case IntervalUnit::day_hour:
            return 9;
        case IntervalUnit::day_minute:
            return 11;
        case IntervalUnit::day_second:
            return 13;
        case IntervalUnit::hour_minute:
            return 6;
        case IntervalUnit::hour_second:
            return 8;
        case IntervalUnit::minute_second:
            return 5;
        case IntervalUnit::microsecond:
            return 7;
        case IntervalUnit::day_microsecond:
            return 20;
        case IntervalUnit::hour_microsecond:
            return 14;
        case IntervalUnit::minute_microsecond:
            return 11;
        case IntervalUnit::second_microsecond:
            return 9;
        default:
            return 3;
    }
}

Datum difference_of(const Node& node, Run& run) {
    Operand first(node.arguments[0], run);
    if (first.is_null()) return {};
    const auto from = first.datetime(DateUse::whole);
    if (!from) return {};
    Operand second(node.arguments[1], run);
    if (second.is_null()) return {};
    const auto to = second.datetime(DateUse::whole);
    if (!to) return {};
    return difference(static_cast<IntervalUnit>(node.number), *from, *to);
}

}  // namespace

Node interval_sum(Node date, Node amount, IntervalUnit unit, bool subtract,
                  const Environment& environment) {
    refuse_tuple(date);
    refuse_tuple(amount);
    int more = has_micros(unit) ? 6 : 0;
    if (unit == IntervalUnit::second && amount.type.decimals > 0)
        more = std::min<int>(amount.type.decimals, 6);
    const int decimals = std::max<int>(is_temporal(date.type.type) ? date.type.decimals : 0, more);
    FieldType type = moment_text_type(environment);
    switch (date.type.type) {
        case Type::date:
            type = has_time_part(unit) ? temporal_type(Type::datetime, decimals, true)
                                       : temporal_type(Type::date, 0, true);
            break;
        case Type::time:
            type = temporal_type(has_date_part(unit) ? Type::datetime : Type::time, decimals, true);
            break;
        case Type::datetime:
        case Type::timestamp:
            type = temporal_type(Type::datetime, decimals, true);
            break;
        default:
            break;
    }
    std::vector<Node> arguments;
    arguments.push_back(std::move(date));
    arguments.push_back(std::move(amount));
    Node node = node_of("date_add", Print::call, sum, type, std::move(arguments));
    if (is_text(node.type.type)) node.shown = show_moment;
    node.is_hybrid = true;
    node.number = static_cast<std::uint32_t>(unit) | (subtract ? subtracts : 0);
    return node;
}

Node extract_node(IntervalUnit unit, Node operand, const Environment&) {
    refuse_tuple(operand);
    std::vector<Node> arguments;
    arguments.push_back(std::move(operand));
    Node node = node_of("extract", Print::call, extracted, integer_type(true, extract_length(unit)),
                        std::move(arguments));
    node.number = static_cast<std::uint32_t>(unit);
    return node;
}

Node timestamp_node(bool is_difference, IntervalUnit unit, Node first, Node second,
                    const Environment& environment) {
    if (!is_difference)
        return interval_sum(std::move(second), std::move(first), unit, false, environment);
    refuse_tuple(first);
    refuse_tuple(second);
    std::vector<Node> arguments;
    arguments.push_back(std::move(first));
    arguments.push_back(std::move(second));
    Node node = node_of("timestampdiff", Print::call, difference_of, integer_type(true),
                        std::move(arguments));
    node.number = static_cast<std::uint32_t>(unit);
    return node;
}

}  // namespace sluice::eval
