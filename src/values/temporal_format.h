#pragma once
// DATE_FORMAT, TIME_FORMAT, STR_TO_DATE and GET_FORMAT.
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "values/temporal.h"

namespace sluice {

// Names of months and days in UTF-8, January and Monday first, as @@lc_time_names chooses.
struct TimeNames {
    std::array<std::string_view, 12> months;
    std::array<std::string_view, 12> short_months;
    std::array<std::string_view, 7> days;
    std::array<std::string_view, 7> short_days;
};
extern const TimeNames english_names;  // en_US, MySQL's default

// By a pattern of "%Y", "%m" and their like. nullopt: a part that the pattern asks for does not
// exist, as the name of month 0 (SQL: NULL).
std::optional<std::string> format_datetime(const DateTime& moment, std::string_view pattern,
                                           const TimeNames& names = english_names);
// TIME_FORMAT of what has a date: its numbers are there, what is counted or named by days is not.
std::optional<std::string> format_time_of(const DateTime& moment, std::string_view pattern,
                                          const TimeNames& names = english_names);
// TIME_FORMAT: parts of a date are nothing or 0, hours may be beyond 23.
std::optional<std::string> format_time(const Time& time, std::string_view pattern,
                                       const TimeNames& names = english_names);

// What STR_TO_DATE gives for a pattern, which must be known before the text is.
struct PatternShape {
    TemporalKind kind = TemporalKind::datetime;
    bool fraction = false;  // "%f": six digits, else none
    bool operator==(const PatternShape&) const = default;
};
PatternShape shape_of_pattern(std::string_view pattern);

// The moment (or, of a pattern without a date, the time) that `text` says in the pattern's words.
// Neither (warning 1411 "Incorrect datetime value: '...' for function str_to_date"): the text does
// not fit, or the rules refuse its date.
struct PatternReading {
    std::optional<DateTime> moment;
    std::optional<Time> time;
    bool left_over = false;  // text is left: warning 1292
};
PatternReading read_by_pattern(std::string_view text, std::string_view pattern,
                               const DateRules& rules);

// GET_FORMAT(kind, 'EUR' | 'USA' | 'JIS' | 'ISO' | 'INTERNAL'), in any case; "" for another name.
std::string_view standard_pattern(TemporalKind kind, std::string_view name);

}  // namespace sluice
