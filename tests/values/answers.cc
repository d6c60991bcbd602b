// Reads questions, one a line: a name and hexadecimal arguments, apart by tabs. Writes an answer a
// line: V and the value's bytes in hexadecimal, N for NULL, or E, an error's number and its text in
// hexadecimal; then the numbers of warnings.
#include "answers.h"

#include <charconv>
#include <iostream>

#include "base/hex.h"
#include "values/number.h"
#include "values/temporal_format.h"

namespace sluice {
namespace {

int number_in(const std::string& text) {
    return static_cast<int>(read_integer(text).to_int64());
}

// "strict": sql_mode as MySQL has it; "": none.
DateRules rules_of(const std::string& mode) {
    const bool strict = mode == "strict";
    return {.zero_date = !strict, .zero_in_date = !strict};
}

template <class T, class Print>
Answer answer_of(const TemporalReading<T>& reading, Print print) {
    Answer answer;
    if (reading.warned) answer.warnings.push_back(1292);
    if (reading.complaint) {
        answer.warnings.push_back(reading.complaint->superfluous ? 4096 : 4095);
    }
    if (reading.value) answer.value = print(*reading.value);
    return answer;
}

// The session's zone is UTC.
TemporalReading<DateTime> at_utc(TemporalReading<DateTime> reading) {
    if (reading.value && reading.offset) {
        reading.value =
            datetime_of_micros(micros_of(*reading.value) - *reading.offset * micros_per_second);
    }
    return reading;
}

Answer no_moment() {
    return {.error = make_error(Code::invalid_argument, er::truncated_wrong_value, "")};
}

Answer from_text(const Arguments& arguments, TemporalKind kind) {
    const std::string& input = arguments[0];
    const DateRules rules = rules_of(arguments[1]);
    if (kind == TemporalKind::date) {
        const auto read = read_datetime(input, max_fraction_digits, rules);
        if (read.value && read.offset && read.lacks_day) return no_moment();
        const TemporalReading<DateTime> whole = at_utc(read);
        return answer_of(whole, [](const DateTime& moment) { return text(moment.date); });
    }
    const int precision = number_in(arguments[2]);
    const auto print = [precision](const auto& value) { return text(value, precision); };
    if (kind == TemporalKind::time) {
        TemporalReading<Time> reading = read_time(input, precision, false);
        if (reading.value && reading.offset && reading.lacks_day) return no_moment();
        if (reading.value && reading.offset) {
            const std::int64_t micros =
                micros_of(*reading.value) - *reading.offset * micros_per_second + micros_per_day;
            reading.value = time_of_micros(micros % micros_per_day);
        }
        return answer_of(reading, print);
    }
    const auto read = read_datetime(input, precision, rules);
    if (read.value && read.offset && read.lacks_day) return no_moment();
    return answer_of(at_utc(read), print);
}

// Integers as such, numbers with a point exactly, those with an exponent as doubles.
template <class Read, class Print>
Answer from_number(const std::string& input, Read read, Print print) {
    if (input.contains('e')) return answer_of(read(read_double(input).value), print);
    if (input.contains('.')) return answer_of(read(Decimal::read(input).value), print);
    return answer_of(read(read_integer(input).to_int64()), print);
}

Answer from_number(const Arguments& arguments, TemporalKind kind) {
    const std::string& input = arguments[0];
    const DateRules rules = rules_of(arguments[1]);
    const int precision = kind == TemporalKind::date ? 0 : number_in(arguments[2]);
    const auto print = [precision](const auto& value) { return text(value, precision); };
    switch (kind) {
        case TemporalKind::date:
            return from_number(
                input, [&](const auto& number) { return read_date(number, rules); },
                [](const Date& date) { return text(date); });
        case TemporalKind::time:
            return from_number(
                input, [&](const auto& number) { return read_time(number, precision, false); },
                print);
        case TemporalKind::datetime:
            return from_number(
                input, [&](const auto& number) { return read_datetime(number, precision, rules); },
                print);
    }
    return {};
}

DateTime moment_in(const std::string& text) {
    return read_datetime(text, max_fraction_digits, {}).value.value_or(DateTime{});
}

Answer formatted(const Arguments& arguments) {
    return {.value = format_datetime(moment_in(arguments[0]), arguments[1])};
}

Answer formatted_time(const Arguments& arguments) {
    const Time time = read_time(arguments[0], max_fraction_digits, false).value.value_or(Time{});
    return {.value = format_time(time, arguments[1])};
}

Answer by_pattern(const Arguments& arguments) {
    const PatternReading reading =
        read_by_pattern(arguments[0], arguments[1], rules_of(arguments[2]));
    const PatternShape shape = shape_of_pattern(arguments[1]);
    const int precision = shape.fraction ? max_fraction_digits : 0;
    Answer answer;
    if (reading.moment) {
        answer.value = shape.kind == TemporalKind::date ? text(reading.moment->date)
                                                        : text(*reading.moment, precision);
    } else if (reading.time) {
        answer.value = text(*reading.time, precision);
    }
    if (reading.left_over) answer.warnings.push_back(1292);
    if (!answer.value) answer.warnings.push_back(1411);
    return answer;
}

// DATE_ADD(moment, INTERVAL text unit), printed with six digits.
Answer added(const Arguments& arguments) {
    const std::optional<IntervalUnit> unit = interval_unit(arguments[1]);
    const std::string& amount = arguments[2];
    std::optional<Interval> interval = read_interval(*unit, amount);
    const bool single = !arguments[1].contains('_');
    if (*unit == IntervalUnit::second) {
        interval = interval_of(*unit, Decimal::read(amount).value);
    } else if (single) {
        interval = interval_of(*unit, read_integer(amount).to_int64());
    }
    if (!interval) return {.warnings = {6527}};
    const std::optional<DateTime> sum = add(moment_in(arguments[0]), *unit, *interval);
    if (!sum) return {.warnings = {1441}};
    return {.value = text(*sum, max_fraction_digits)};
}

Answer counted(const Arguments& arguments) {
    const std::int64_t count =
        difference(*interval_unit(arguments[0]), moment_in(arguments[1]), moment_in(arguments[2]));
    return {.value = std::to_string(count)};
}

Answer extracted(const Arguments& arguments) {
    const IntervalUnit unit = *interval_unit(arguments[0]);
    return {.value = std::to_string(extract(unit, moment_in(arguments[1]), 0))};
}

Answer extracted_from_time(const Arguments& arguments) {
    const Time time = read_time(arguments[1], max_fraction_digits, false).value.value_or(Time{});
    return {.value = std::to_string(extract(*interval_unit(arguments[0]), time))};
}

Answer as_signed(const Arguments& arguments) {
    const IntegerReading reading = read_integer(arguments[0]);
    Answer answer{.value = std::to_string(static_cast<std::int64_t>(reading.bits))};
    if (reading.cut || reading.out_of_range) answer.warnings.push_back(1292);
    if (!reading.out_of_range && !reading.negative && reading.bits >> 63 != 0) {
        answer.warnings.push_back(1105);
    }
    return answer;
}

Answer as_double(const Arguments& arguments) {
    const DoubleReading reading = read_double(arguments[0]);
    Answer answer{.value = double_text(reading.value)};
    if (reading.cut || reading.out_of_range) answer.warnings.push_back(1292);
    return answer;
}

Answer as_float(const Arguments& arguments) {
    return {.value = float_text(static_cast<float>(read_double(arguments[0]).value))};
}

Answer rounded_double(const Arguments& arguments) {
    const double number = read_double(arguments[0]).value;
    return {.value =
                double_text(rounded(number, number_in(arguments[1]), arguments[2] == "truncate"))};
}

Answer rounded_integer(const Arguments& arguments) {
    const std::int64_t number = read_integer(arguments[0]).to_int64();
    const std::optional<std::int64_t> made =
        rounded(number, std::int64_t{number_in(arguments[1])}, arguments[2] == "truncate");
    if (!made) return {.error = make_error(Code::invalid_argument, er::data_out_of_range, "")};
    return {.value = std::to_string(*made)};
}

Answerers answerers() {
    Answerers known{
        {"date", [](const Arguments& a) { return from_text(a, TemporalKind::date); }},
        {"time", [](const Arguments& a) { return from_text(a, TemporalKind::time); }},
        {"datetime", [](const Arguments& a) { return from_text(a, TemporalKind::datetime); }},
        {"date_number", [](const Arguments& a) { return from_number(a, TemporalKind::date); }},
        {"time_number", [](const Arguments& a) { return from_number(a, TemporalKind::time); }},
        {"datetime_number",
         [](const Arguments& a) { return from_number(a, TemporalKind::datetime); }},
        {"date_format", formatted},
        {"time_format", formatted_time},
        {"str_to_date", by_pattern},
        {"date_add", added},
        {"timestampdiff", counted},
        {"extract", extracted},
        {"extract_time", extracted_from_time},
        {"signed", as_signed},
        {"double", as_double},
        {"float", as_float},
        {"round", rounded_double},
        {"round_integer", rounded_integer},
    };
    add_json_answerers(known);
    return known;
}

std::string from_hex(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        std::uint8_t byte = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
        out.push_back(static_cast<char>(byte));
    }
    return out;
}

Arguments split(std::string_view line) {
    Arguments parts;
    for (;;) {
        const std::size_t tab = line.find('\t');
        parts.emplace_back(line.substr(0, tab));
        if (tab == std::string_view::npos) return parts;
        line.remove_prefix(tab + 1);
    }
}

int run() {
    const Answerers known = answerers();
    std::string line;
    while (std::getline(std::cin, line)) {
        Arguments parts = split(line);
        const auto found = known.find(parts.front());
        if (found == known.end()) {
            std::cerr << "unknown question: " << parts.front() << "\n";
            return 1;
        }
        Arguments arguments;
        for (std::size_t i = 1; i < parts.size(); ++i) arguments.push_back(from_hex(parts[i]));
        const Answer answer = found->second(arguments);
        if (answer.error) {
            std::cout << 'E' << answer.error->number << ' ' << lower_hex(answer.error->text);
        } else if (answer.value) {
            std::cout << 'V' << lower_hex(*answer.value);
        } else {
            std::cout << 'N';
        }
        for (const int warning : answer.warnings) std::cout << ' ' << warning;
        std::cout << '\n';
    }
    return 0;
}

}  // namespace
}  // namespace sluice

int main() {
    return sluice::run();
}
