// Step 6 of a request with DATE_FORMAT or its kind: moments become texts by a pattern. The way
// back: values/temporal_pattern.cc.
#include "values/temporal_format.h"

#include <algorithm>
#include <utility>

namespace sluice {

const TimeNames english_names{
    .months = {"January", "February", "March", "April", "May", "June", "July", "August",
               "September", "October", "November", "December"},
    .short_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                     "Dec"},
    .days = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
    .short_days = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
};

namespace {

// Of week_of: how the letters of a pattern count weeks.
constexpr unsigned sunday_weeks = 4, monday_weeks = 1, sunday_years = 6, monday_years = 3;

// A moment or a time on its way through a pattern.
class Formatter {
 public:
    Formatter(const DateTime& moment, const TimeNames& names, bool as_time = false)
        : is_time_(as_time),
          date_(moment.date),
          hours_(moment.hours),
          minutes_(moment.minutes),
          seconds_(moment.seconds),
          micros_(moment.micros),
          names_(names) {}
    Formatter(const Time& time, const TimeNames& names)
        : is_time_(true),
          hours_(time.hours),
          minutes_(time.minutes),
          seconds_(time.seconds),
          micros_(time.micros),
          names_(names) {
        if (time.negative) out_ = "-";
    }

    std::optional<std::string> format(std::string_view pattern);

 private:
    bool put(char letter);
    bool put_date_part(char letter);
    bool put_week_part(char letter);
    bool put_clock_part(char letter);
    bool put_name(char letter);
    void number(std::int64_t value, std::size_t width);
    void clock(std::uint32_t hours);
    // A day of the week needs a year or a month.
    bool has_weekday() const { return !is_time_ && (date_.month != 0 || date_.year != 0); }
    // From 0, which is Monday.
    int day_of_week() const { return weekday(day_number(date_)); }
    std::uint32_t half_day_hours() const { return (hours_ % 24 + 11) % 12 + 1; }
    std::string_view half() const { return hours_ % 24 < 12 ? "AM" : "PM"; }

    bool is_time_ = false;
    Date date_;
    std::uint32_t hours_;
    std::uint32_t minutes_;
    std::uint32_t seconds_;
    std::uint32_t micros_;
    const TimeNames& names_;
    std::string out_;
};

void Formatter::number(std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    if (digits.size() < width) out_.append(width - digits.size(), '0');
    out_ += digits;
}

void Formatter::clock(std::uint32_t hours) {
    number(hours, 2);
    out_ += ':';
    number(minutes_, 2);
    out_ += ':';
    number(seconds_, 2);
}

bool Formatter::put_name(char letter) {
    const bool month = letter == 'M' || letter == 'b';
    if (month ? date_.month == 0 : !has_weekday()) return false;
    const auto index = static_cast<std::size_t>(month ? date_.month - 1 : day_of_week());
    switch (letter) {
        case 'M':
            out_ += names_.months[index];
            return true;
        case 'b':
            out_ += names_.short_months[index];
            return true;
        case 'W':
            out_ += names_.days[index];
            return true;
        default:
            out_ += names_.short_days[index];
            return true;
    }
}

bool Formatter::put_date_part(char letter) {
    switch (letter) {
        case 'Y':
            number(date_.year, 4);
            return true;
        case 'y':
            number(date_.year % 100U, 2);
            return true;
        case 'm':
            number(date_.month, 2);
            return true;
        case 'c':
            number(date_.month, 1);
            return true;
        case 'd':
            number(date_.day, 2);
            return true;
        case 'e':
            number(date_.day, 1);
            return true;
        case 'D': {
            if (is_time_) return false;
            number(date_.day, 1);
            const unsigned last = date_.day % 10U;
            const bool teen = date_.day >= 10 && date_.day <= 19;
            out_ += teen || last == 0 || last > 3 ? "th"
                    : last == 1                   ? "st"
                    : last == 2                   ? "nd"
                                                  : "rd";
            return true;
        }
        default: {  // j
            if (is_time_) return false;
            const Date first{.year = date_.year, .month = 1, .day = 1};
            number(day_number(date_) - day_number(first) + 1, 3);
            return true;
        }
    }
}

bool Formatter::put_week_part(char letter) {
    if (letter == 'w') {
        if (!has_weekday()) return false;
        number((day_of_week() + 1) % 7, 1);
        return true;
    }
    if (is_time_) return false;
    const bool sunday = letter == 'U' || letter == 'V' || letter == 'X';
    const bool plain = letter == 'U' || letter == 'u';
    const Week week = week_of(date_, plain    ? (sunday ? sunday_weeks : monday_weeks)
                                     : sunday ? sunday_years
                                              : monday_years);
    const bool year = letter == 'X' || letter == 'x';
    // A year before 0 is a large number, as MySQL's.
    const std::int64_t week_year = static_cast<std::uint32_t>(week.year);
    number(year ? week_year : week.number, year ? 4 : 2);
    return true;
}

bool Formatter::put_clock_part(char letter) {
    switch (letter) {
        case 'H':
            number(hours_, 2);
            return true;
        case 'k':
            number(hours_, 1);
            return true;
        case 'h':
        case 'I':
            number(half_day_hours(), 2);
            return true;
        case 'l':
            number(half_day_hours(), 1);
            return true;
        case 'i':
            number(minutes_, 2);
            return true;
        case 'S':
        case 's':
            number(seconds_, 2);
            return true;
        case 'f':
            number(micros_, 6);
            return true;
        case 'p':
            out_ += half();
            return true;
        case 'r':
            clock(half_day_hours());
            out_.append(" ").append(half());
            return true;
        default:  // T
            clock(hours_);
            return true;
    }
}

bool Formatter::put(char letter) {
    constexpr std::string_view names = "MbWa", dates = "YymcdeDj", weeks = "UuVvXxw",
                               clocks = "HkhIliSsfprT";
    if (names.contains(letter)) return put_name(letter);
    if (dates.contains(letter)) return put_date_part(letter);
    if (weeks.contains(letter)) return put_week_part(letter);
    if (clocks.contains(letter)) return put_clock_part(letter);
    out_ += letter;
    return true;
}

std::optional<std::string> Formatter::format(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%' || i + 1 == pattern.size()) {
            out_ += pattern[i];
        } else if (!put(pattern[++i])) {
            return std::nullopt;
        }
    }
    return std::move(out_);
}

}  // namespace

std::optional<std::string> format_datetime(const DateTime& moment, std::string_view pattern,
                                           const TimeNames& names) {
    return Formatter(moment, names).format(pattern);
}

std::optional<std::string> format_time_of(const DateTime& moment, std::string_view pattern,
                                          const TimeNames& names) {
    return Formatter(moment, names, true).format(pattern);
}

std::optional<std::string> format_time(const Time& time, std::string_view pattern,
                                       const TimeNames& names) {
    return Formatter(time, names).format(pattern);
}

std::string_view standard_pattern(TemporalKind kind, std::string_view name) {
    struct Standard {
        std::string_view name, date, time, datetime;
    };
    constexpr Standard standards[] = {
        {"USA", "%m.%d.%Y", "%h:%i:%s %p", "%Y-%m-%d %H.%i.%s"},
        {"JIS", "%Y-%m-%d", "%H:%i:%s", "%Y-%m-%d %H:%i:%s"},
        {"ISO", "%Y-%m-%d", "%H:%i:%s", "%Y-%m-%d %H:%i:%s"},
        {"EUR", "%d.%m.%Y", "%H.%i.%s", "%Y-%m-%d %H.%i.%s"},
        {"INTERNAL", "%Y%m%d", "%H%i%s", "%Y%m%d%H%i%s"},
    };
    const auto upper = [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    };
    for (const Standard& standard : standards) {
        if (!std::ranges::equal(name, standard.name, {}, upper)) continue;
        return kind == TemporalKind::date   ? standard.date
               : kind == TemporalKind::time ? standard.time
                                            : standard.datetime;
    }
    return {};
}

}  // namespace sluice
