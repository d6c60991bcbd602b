// Step 6 of a request with STR_TO_DATE: a text becomes a moment by a pattern. The way back:
// values/temporal_format.cc.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "values/number.h"
#include "values/temporal_format.h"

namespace sluice {

namespace {

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_punctuation(char c) {
    return c > ' ' && c < '\x7f' && !is_digit(c) && !is_letter(c);
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The number, from 1, of the name that `word` begins, if it is the only one; else 0.
std::int64_t find_name(std::span<const std::string_view> names, std::string_view word) {
    std::int64_t found = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string_view name = names[i];
        if (word.size() > name.size()) continue;
        if (!std::ranges::equal(word, name.substr(0, word.size()), {}, lower, lower)) continue;
        if (word.size() == name.size()) return static_cast<std::int64_t>(i) + 1;
        if (found != 0) return 0;
        found = static_cast<std::int64_t>(i) + 1;
    }
    return found;
}

class PatternReader {
 public:
    explicit PatternReader(std::string_view text) : text_(text) {}

    PatternReading read(std::string_view pattern, const DateRules& rules);

 private:
    static constexpr std::int64_t none = -1;

    bool take(std::string_view pattern);
    bool take_part(char letter);
    bool take_date_part(char letter);
    bool take_week_part(char letter);
    bool take_clock_part(char letter);
    bool take_half();
    bool whole_hours();
    bool take_fraction();
    // A number of at most `most` characters.
    bool take_number(std::size_t most, std::int64_t& number);
    bool take_year(std::size_t most);
    bool take_name(std::span<const std::string_view> names, std::int64_t& number);
    template <class Is>
    bool skip(Is is) {
        while (!text_.empty() && is(text_.front())) text_.remove_prefix(1);
        return true;
    }
    bool by_day_of_year();
    bool by_week();
    bool set_date(std::int64_t day);

    std::string_view text_;
    std::int64_t year_ = 0, month_ = 0, day_ = 0, hour_ = 0, minute_ = 0, second_ = 0, micros_ = 0;
    std::int64_t day_of_year_ = none, week_ = none, weekday_ = 0, week_year_ = none;
    bool sunday_week_ = false, strict_week_ = false, sunday_year_ = false;
    bool half_day_ = false;  // hours from 1 to 12
    std::int64_t afternoon_ = 0;
};

bool PatternReader::take_number(std::size_t most, std::int64_t& number) {
    const IntegerReading reading = read_integer(text_.substr(0, most));
    const bool minus = text_.starts_with('-');
    if (reading.used == 0 || minus) return false;
    number = reading.to_int64();
    text_.remove_prefix(reading.used);
    return true;
}

bool PatternReader::take_year(std::size_t most) {
    const std::size_t before = text_.size();
    if (!take_number(most, year_)) return false;
    constexpr std::int64_t turn = 70;
    if (before - text_.size() <= 2) year_ += year_ < turn ? 2000 : 1900;
    return true;
}

bool PatternReader::take_name(std::span<const std::string_view> names, std::int64_t& number) {
    const auto end = std::ranges::find_if_not(text_, is_letter);
    const auto length = static_cast<std::size_t>(end - text_.begin());
    number = find_name(names, text_.substr(0, length));
    text_.remove_prefix(length);
    return number != 0;
}

bool PatternReader::take_date_part(char letter) {
    switch (letter) {
        case 'Y':
            return take_year(4);
        case 'y':
            return take_year(2);
        case 'm':
        case 'c':
            return take_number(2, month_);
        case 'M':
            return take_name(english_names.months, month_);
        case 'b':
            return take_name(english_names.short_months, month_);
        case 'd':
        case 'e':
            return take_number(2, day_);
        default:  // D
            if (!take_number(2, day_)) return false;
            text_.remove_prefix(std::min<std::size_t>(text_.size(), 2));
            return true;
    }
}

bool PatternReader::take_week_part(char letter) {
    switch (letter) {
        case 'W':
            return take_name(english_names.days, weekday_);
        case 'a':
            return take_name(english_names.short_days, weekday_);
        case 'w':
            if (!take_number(1, weekday_) || weekday_ >= 7) return false;
            if (weekday_ == 0) weekday_ = 7;
            return true;
        case 'j':
            return take_number(3, day_of_year_);
        case 'X':
        case 'x':
            sunday_year_ = letter == 'X';
            return take_number(4, week_year_);
        default:  // U, u, V, v
            sunday_week_ = letter == 'U' || letter == 'V';
            strict_week_ = letter == 'V' || letter == 'v';
            return take_number(2, week_) && week_ <= 53 && !(strict_week_ && week_ == 0);
    }
}

bool PatternReader::take_half() {
    if (text_.size() < 2 || !half_day_ || lower(text_[1]) != 'm') return false;
    const char first = lower(text_.front());
    if (first != 'a' && first != 'p') return false;
    if (first == 'p') afternoon_ = 12;
    text_.remove_prefix(2);
    return true;
}

bool PatternReader::whole_hours() {
    if (!half_day_) return true;
    if (hour_ > 12 || hour_ < 1) return false;
    hour_ = hour_ % 12 + afternoon_;
    return true;
}

bool PatternReader::take_fraction() {
    const std::size_t before = text_.size();
    if (!take_number(max_fraction_digits, micros_)) return false;
    for (std::size_t digits = before - text_.size(); digits < max_fraction_digits; ++digits) {
        micros_ *= 10;
    }
    return true;
}

bool PatternReader::take_clock_part(char letter) {
    switch (letter) {
        case 'h':
        case 'I':
        case 'l':
            half_day_ = true;
            return take_number(2, hour_);
        case 'k':
        case 'H':
            return take_number(2, hour_);
        case 'i':
            return take_number(2, minute_);
        case 's':
        case 'S':
            return take_number(2, second_);
        case 'f':
            return take_fraction();
        default:  // p
            return take_half();
    }
}

bool PatternReader::take_part(char letter) {
    constexpr std::string_view dates = "YymcMbdeD", weeks = "WawjXxUuVv", clocks = "hIlkHisSfp";
    if (dates.contains(letter)) return take_date_part(letter);
    if (weeks.contains(letter)) return take_week_part(letter);
    if (clocks.contains(letter)) return take_clock_part(letter);
    switch (letter) {
        case 'r': {
            // Its hours are made whole at once, whatever stands around it.
            const bool half_day = std::exchange(half_day_, false);
            const std::int64_t afternoon = std::exchange(afternoon_, 0);
            const bool fits = take("%I:%i:%S %p") && whole_hours();
            half_day_ = half_day;
            afternoon_ = afternoon;
            return fits;
        }
        case 'T':
            return take("%H:%i:%S");
        case '.':
            return skip(is_punctuation);
        case '@':
            return skip(is_letter);
        case '#':
            return skip(is_digit);
        default:
            return false;
    }
}

bool PatternReader::take(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size() && !text_.empty(); ++i) {
        skip(is_space);
        if (text_.empty()) break;
        if (pattern[i] == '%' && i + 1 < pattern.size()) {
            if (!take_part(pattern[++i])) return false;
        } else if (!is_space(pattern[i])) {
            if (text_.front() != pattern[i]) return false;
            text_.remove_prefix(1);
        }
    }
    return true;
}

bool PatternReader::set_date(std::int64_t day) {
    const std::optional<Date> date = date_of(day);
    if (!date) return false;
    year_ = date->year;
    month_ = date->month;
    day_ = date->day;
    return true;
}

bool PatternReader::by_day_of_year() {
    if (day_of_year_ <= 0) return true;
    const Date first{.year = static_cast<std::uint16_t>(year_), .month = 1, .day = 1};
    return set_date(day_number(first) + day_of_year_ - 1);
}

bool PatternReader::by_week() {
    if (week_ < 0 || weekday_ == 0) return true;
    // %V goes with %X, %v with %x, %U and %u with %Y.
    const bool fits =
        strict_week_ ? week_year_ >= 0 && sunday_year_ == sunday_week_ : week_year_ < 0;
    if (!fits) return false;
    const Date first{.year = static_cast<std::uint16_t>(strict_week_ ? week_year_ : year_),
                     .month = 1,
                     .day = 1};
    const std::int32_t start = day_number(first);
    std::int64_t day = start + (week_ - 1) * 7;
    if (sunday_week_) {
        const int lead = (weekday(start) + 1) % 7;
        day += (lead == 0 ? 0 : 7) - lead + weekday_ % 7;
    } else {
        const int lead = weekday(start);
        day += (lead <= 3 ? 0 : 7) - lead + weekday_ - 1;
    }
    return set_date(day);
}

PatternReading PatternReader::read(std::string_view pattern, const DateRules& rules) {
    PatternReading refused;
    if (!take(pattern)) return refused;
    if (!whole_hours()) return refused;
    if (!by_day_of_year() || !by_week()) return refused;
    if (month_ > 12 || day_ > 31 || hour_ > 23 || minute_ > 59 || second_ > 59) return refused;
    PatternReading made;
    made.left_over = !std::ranges::all_of(text_, is_space);
    const Date date{.year = static_cast<std::uint16_t>(year_),
                    .month = static_cast<std::uint8_t>(month_),
                    .day = static_cast<std::uint8_t>(day_)};
    if (shape_of_pattern(pattern).kind == TemporalKind::time) {
        if (day_ != 0 && !rules.zero_in_date) return refused;
        made.time = Time{.hours = static_cast<std::uint16_t>(day_ * 24 + hour_),
                         .minutes = static_cast<std::uint8_t>(minute_),
                         .seconds = static_cast<std::uint8_t>(second_),
                         .micros = static_cast<std::uint32_t>(micros_)};
        return made;
    }
    if (!allowed(date, rules)) return refused;
    refused.left_over = made.left_over;
    if (year_ == 0 && !rules.zero_in_date) return refused;
    made.moment = DateTime{.date = date,
                           .hours = static_cast<std::uint8_t>(hour_),
                           .minutes = static_cast<std::uint8_t>(minute_),
                           .seconds = static_cast<std::uint8_t>(second_),
                           .micros = static_cast<std::uint32_t>(micros_)};
    return made;
}

}  // namespace

PatternShape shape_of_pattern(std::string_view pattern) {
    constexpr std::string_view clocks = "HISThiklrs", dates = "MVUXYWabcjmvuxyw";
    bool date = false;
    bool clock = false;
    PatternShape shape;
    for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
        if (pattern[i] != '%') continue;
        const char letter = pattern[++i];
        if (letter == 'f') shape.fraction = true;
        clock = clock || letter == 'f' || clocks.contains(letter);
        date = date || dates.contains(letter);
    }
    shape.kind = !clock ? TemporalKind::date : date ? TemporalKind::datetime : TemporalKind::time;
    return shape;
}

PatternReading read_by_pattern(std::string_view text, std::string_view pattern,
                               const DateRules& rules) {
    return PatternReader(text).read(pattern, rules);
}

}  // namespace sluice
