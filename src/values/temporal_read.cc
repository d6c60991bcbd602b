// Step 6 of a request that compares or computes with dates and times: texts become temporal values.
// Numbers: values/temporal_number.cc. After: values/temporal.cc.
#include <algorithm>
#include <array>

#include "values/detail/temporal_reading.h"
#include "values/temporal.h"

namespace sluice {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_punctuation(char c) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

bool only_spaces(std::string_view text) {
    return std::ranges::all_of(text, is_space);
}

// What stands in a text of a moment, before anybody asks whether it exists.
class MomentText {
 public:
    enum Part : std::size_t { year, month, day, hour, minute, second, fraction, parts };
    static constexpr std::uint32_t largest_part = 999'999;

    // `base`: where the text begins in a longer one.
    explicit MomentText(std::string_view text, std::size_t base = 0) : text_(text), base_(base) {}

    // False: it is no moment.
    bool scan();

    std::uint32_t value(Part part) const { return values_[part]; }
    int digits(Part part) const { return lengths_[part]; }
    int count() const { return count_; }
    bool is_zero() const {
        return std::ranges::all_of(values_, [](auto v) { return v == 0; });
    }
    // Delimiters were seen, but no space: a time that only looks like a moment.
    bool is_unspaced() const { return delimited_ && !spaced_; }
    std::uint32_t nanos() const { return nanos_; }
    const std::optional<std::int32_t>& offset() const { return offset_; }
    const std::optional<DelimiterComplaint>& complaint() const { return complaint_; }
    // Something but spaces is left.
    bool has_rest() const { return !only_spaces(text_.substr(at_)); }
    int year_digits() const { return year_digits_; }

 private:
    bool at_end() const { return at_ == text_.size(); }
    char next() const { return text_[at_]; }
    bool take_number(std::size_t part, int width);
    bool take_delimiters(std::size_t part);
    bool take_offset();
    bool behind_seconds(std::size_t* part);
    void complain(std::size_t part, bool superfluous);
    void complain_superfluous() {
        if (complaint_) return;
        complaint_ =
            DelimiterComplaint{.delimiter = next(), .position = base_ + at_, .superfluous = true};
    }
    void find_format();

    std::string_view text_;
    std::size_t base_;
    std::size_t at_ = 0;
    std::array<std::uint32_t, parts> values_{};
    std::array<int, parts> lengths_{};
    int count_ = 0;
    int year_digits_ = 0;
    bool packed_ = false;  // digits only: each part has its width
    bool delimited_ = false;
    bool spaced_ = false;
    int fraction_width_ = 2;
    std::uint32_t nanos_ = 0;
    std::optional<std::int32_t> offset_;
    std::optional<DelimiterComplaint> complaint_;
};

void MomentText::find_format() {
    std::size_t end = at_;
    while (end < text_.size() && (is_digit(text_[end]) || text_[end] == 'T')) ++end;
    const std::size_t run = end - at_;
    packed_ = end == text_.size() || text_[end] == '.';
    if (packed_) year_digits_ = run == 4 || run == 8 || run >= 14 ? 4 : 2;
}

bool MomentText::take_number(std::size_t part, int width) {
    const bool limited = packed_ || part == fraction;
    const std::size_t start = at_;
    std::uint32_t number = 0;
    while (!at_end() && is_digit(next()) &&
           (!limited || at_ - start < static_cast<std::size_t>(width))) {
        number = number * 10 + static_cast<std::uint32_t>(next() - '0');
        ++at_;
        if (number > largest_part) return false;
    }
    values_[part] = number;
    lengths_[part] = static_cast<int>(at_ - start);
    return true;
}

// Prefers what stands first.
void MomentText::complain(std::size_t part, bool superfluous) {
    if (complaint_) return;
    const char delimiter = next();
    const char usual = part <= month ? '-' : part == day ? ' ' : part <= minute ? ':' : '.';
    // Behind a day without delimiters a point is as good as a space.
    const bool point = packed_ && part == day && delimiter == '.';
    // Of "1.12.28" nothing is said, but of what follows its day.
    const bool short_year = packed_ && lengths_[year] < year_digits_ && part != day;
    const bool other =
        delimiter != usual && !(part == day && delimiter == 'T') && !point && !short_year;
    if (!superfluous && !other) return;
    complaint_ = DelimiterComplaint{
        .delimiter = delimiter, .position = base_ + at_, .superfluous = superfluous};
}

// Punctuation and, behind the day and the fraction, spaces.
bool MomentText::take_delimiters(std::size_t part) {
    const bool spaces = part == day || part == fraction;
    bool seen = false;
    while (!at_end() && (is_punctuation(next()) || is_space(next()))) {
        if (is_space(next())) {
            if (!spaces) return false;
            spaced_ = true;
        }
        complain(part, seen);
        seen = true;
        delimited_ = true;
        ++at_;
        // Nothing follows the usual space.
        if (at_end() && is_space(text_[at_ - 1]) && !complaint_) {
            --at_;
            complain_superfluous();
            ++at_;
        }
    }
    return true;
}

// Where an offset may stand. False: a sign, but no offset.
bool MomentText::take_offset() {
    if (at_end() || (next() != '+' && next() != '-')) return true;
    offset_ = read_offset(text_.substr(at_));
    if (offset_) at_ = text_.size();
    return offset_.has_value();
}

bool MomentText::behind_seconds(std::size_t* part) {
    ++*part;
    if (next() != '.') return take_offset();
    ++at_;
    fraction_width_ = max_fraction_digits;
    return true;
}

// moment = year delimiters month delimiters day [ ( "T" | delimiters ) hour [ delimiters minute
//          [ delimiters second [ "." fraction ] ] ] ] [ offset ]
//        | the same digits without delimiters.
bool MomentText::scan() {
    if (!at_end() && is_space(next())) complain_superfluous();
    while (!at_end() && is_space(next())) ++at_;
    if (at_end() || !is_digit(next())) return false;
    find_format();
    int width = packed_ ? year_digits_ : 4;
    std::size_t part = 0;
    // Where reading ends if nothing follows: a "T" and a fraction's point need more.
    std::size_t taken = at_;
    while (part < parts && !at_end() && is_digit(next())) {
        if (part == fraction) width = fraction_width_;
        if (!take_number(part, width)) return false;
        width = 2;
        taken = at_;
        if (at_end()) {
            ++part;
            break;
        }
        if (part == day && next() == 'T') {
            ++at_;
            ++part;
            continue;
        }
        if (part == second) {
            const bool more = is_digit(next());
            if (!behind_seconds(&part)) return false;
            // An offset may follow the point of a fraction without digits.
            if (part == fraction && !take_offset()) return false;
            taken = at_;
            if (more) break;
            continue;
        }
        if (part == fraction && !take_offset()) return false;
        if (!take_delimiters(part)) return false;
        taken = at_;
        ++part;
    }
    at_ = taken;
    count_ = static_cast<int>(part);
    if (!packed_) year_digits_ = lengths_[year];
    for (int i = lengths_[fraction]; i > 0 && i < max_fraction_digits; ++i) values_[fraction] *= 10;
    // Of the digits behind the sixth the first one decides.
    if (lengths_[fraction] == max_fraction_digits && !at_end() && is_digit(next())) {
        nanos_ = static_cast<std::uint32_t>(next() - '0') * 100;
        while (!at_end() && is_digit(next())) ++at_;
        if (!take_offset()) return false;
    }
    if (!at_end() && is_space(next())) complain_superfluous();
    return true;
}

TemporalReading<DateTime> refused() {
    return {.value = std::nullopt, .warned = true};
}

// The moment that was written, if there is one.
TemporalReading<DateTime> moment_of(const MomentText& scanned, const DateRules& rules,
                                    std::uint32_t* nanos) {
    std::uint32_t year = scanned.value(MomentText::year);
    const bool zero = scanned.is_zero();
    if (scanned.year_digits() == 2 && !zero) year += year < 70 ? 2000 : 1900;
    const bool exists =
        scanned.count() >= 3 && year <= 9999 && scanned.value(MomentText::month) <= 12 &&
        scanned.value(MomentText::day) <= 31 && scanned.value(MomentText::hour) <= 23 &&
        scanned.value(MomentText::minute) <= 59 && scanned.value(MomentText::second) <= 59;
    if (!exists) return refused();
    const DateTime moment{
        .date = {.year = static_cast<std::uint16_t>(year),
                 .month = static_cast<std::uint8_t>(scanned.value(MomentText::month)),
                 .day = static_cast<std::uint8_t>(scanned.value(MomentText::day))},
        .hours = static_cast<std::uint8_t>(scanned.value(MomentText::hour)),
        .minutes = static_cast<std::uint8_t>(scanned.value(MomentText::minute)),
        .seconds = static_cast<std::uint8_t>(scanned.value(MomentText::second)),
        .micros = scanned.value(MomentText::fraction)};
    if (zero ? !rules.zero_date : !detail::exists(moment.date, rules)) return refused();
    *nanos = scanned.nanos();
    return {.value = moment,
            .warned = scanned.has_rest(),
            .kind = scanned.count() <= 3 ? TemporalKind::date : TemporalKind::datetime,
            .fraction_digits = static_cast<std::uint8_t>(scanned.digits(MomentText::fraction)),
            .offset = scanned.offset(),
            .lacks_day = moment.date.month == 0 || moment.date.day == 0,
            .complaint = scanned.complaint()};
}

}  // namespace

std::optional<std::int32_t> read_offset(std::string_view text) {
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    for (const std::size_t i : {1U, 2U, 4U, 5U}) {
        if (!is_digit(text[i])) return std::nullopt;
    }
    const auto two = [&](std::size_t i) { return (text[i] - '0') * 10 + (text[i + 1] - '0'); };
    const int hours = two(1);
    const int minutes = two(4);
    const bool negative = text[0] == '-';
    constexpr int hour_seconds = 3600;
    const int seconds = hours * hour_seconds + minutes * 60;
    if (minutes > 59 || (negative && seconds == 0)) return std::nullopt;
    if (seconds > (negative ? 14 * hour_seconds - 60 : 14 * hour_seconds)) return std::nullopt;
    return negative ? -seconds : seconds;
}

bool allowed(const Date& date, const DateRules& rules) {
    if (date == Date{}) return rules.zero_date;
    return detail::exists(date, rules);
}

namespace detail {

bool exists(const Date& date, const DateRules& rules) {
    if (date.month == 0 || date.day == 0) return rules.zero_in_date;
    return rules.invalid_dates || date.day <= days_in_month(date.year, date.month);
}

TemporalReading<DateTime> finished(TemporalReading<DateTime> reading, std::uint32_t nanos,
                                   int precision, bool truncate) {
    if (!reading.value) return reading;
    if (nanos >= 500 && !truncate) {
        // Half a microsecond: one more, which may carry over.
        DateTime next = *reading.value;
        std::optional<DateTime> carried = next;
        if (++next.micros == micros_per_second) {
            next.micros = static_cast<std::uint32_t>(micros_per_second) - 1;
            carried = rounded(next, 0, false);
        } else {
            carried = next;
        }
        reading.value = carried;
    }
    if (reading.value) reading.value = rounded(*reading.value, precision, truncate);
    if (!reading.value) reading.warned = true;
    return reading;
}

TemporalReading<DateTime> finished_moment(const TemporalReading<DateTime>& reading,
                                          std::uint32_t nanos, int precision, bool truncate) {
    TemporalReading<DateTime> made = finished(reading, nanos, precision, truncate);
    const bool next_second = made.value && made.value->seconds != reading.value->seconds;
    if (next_second && (reading.value->date.month == 0 || reading.value->date.day == 0))
        made.value = std::nullopt;
    return made;
}

TemporalReading<Time> finished(TemporalReading<Time> reading, std::uint32_t nanos, int precision,
                               bool truncate) {
    if (!reading.value) return reading;
    Time time = *reading.value;
    if (nanos >= 500 && !truncate) {
        const bool negative = time.negative;
        time.negative = false;
        time = time_of_micros(micros_of(time) + 1);
        time.negative = negative;
    }
    reading.value = rounded(time, precision, truncate);
    return reading;
}

TemporalReading<Date> date_only(const TemporalReading<DateTime>& reading) {
    return {.value = reading.value ? std::optional(reading.value->date) : std::nullopt,
            .warned = reading.warned,
            .kind = reading.kind,
            .fraction_digits = reading.fraction_digits,
            .offset = reading.offset,
            .lacks_day = reading.lacks_day,
            .complaint = reading.complaint};
}

}  // namespace detail

TemporalReading<DateTime> read_datetime(std::string_view text, int precision,
                                        const DateRules& rules) {
    MomentText scanned(text);
    if (!scanned.scan()) return refused();
    std::uint32_t nanos = 0;
    const TemporalReading<DateTime> reading = moment_of(scanned, rules, &nanos);
    return detail::finished_moment(reading, nanos, precision, rules.truncate_fraction);
}

TemporalReading<Date> read_date(std::string_view text, const DateRules& rules) {
    return detail::date_only(read_datetime(text, max_fraction_digits, rules));
}

namespace {

// [ days " " ] hours [ ":" minutes [ ":" seconds ] ] | hours ":" ... | digits, then a fraction.
class TimeText {
 public:
    explicit TimeText(std::string_view text) : text_(text) {}

    TemporalReading<Time> read(std::uint32_t* nanos);

 private:
    bool at_end() const { return at_ == text_.size(); }
    std::size_t left() const { return text_.size() - at_; }
    bool follows(char c) const { return !at_end() && text_[at_] == c; }
    bool digit_at(std::size_t i) const { return i < text_.size() && is_digit(text_[i]); }
    std::uint64_t number();
    void parts();
    void clock(std::size_t first);
    void fraction();
    bool has_exponent() const;
    // A space too many; the first one counts.
    void complain(std::size_t position) {
        if (complaint_) return;
        complaint_ = DelimiterComplaint{
            .delimiter = text_[position], .position = position, .superfluous = true};
    }

    // Beyond every value that a part may have, and far from an overflow.
    static constexpr std::uint64_t largest = std::uint64_t{1} << 32;

    std::string_view text_;
    std::size_t at_ = 0;
    std::array<std::uint64_t, 4> values_{};  // days, hours, minutes, seconds
    std::uint32_t micros_ = 0;
    std::uint32_t nanos_ = 0;
    std::uint8_t fraction_digits_ = 0;
    bool overflow_ = false;
    std::optional<DelimiterComplaint> complaint_;
};

std::uint64_t TimeText::number() {
    std::uint64_t value = 0;
    while (!at_end() && is_digit(text_[at_])) {
        value = value * 10 + static_cast<std::uint64_t>(text_[at_++] - '0');
        if (value >= largest) {
            overflow_ = true;
            value = largest;
        }
    }
    return value;
}

void TimeText::clock(std::size_t first) {
    for (std::size_t part = first; part < values_.size(); ++part) {
        values_[part] = number();
        if (part + 1 == values_.size() || !follows(':') || !digit_at(at_ + 1)) return;
        ++at_;
    }
}

void TimeText::parts() {
    const std::uint64_t first = number();
    const std::size_t behind = at_;
    while (!at_end() && is_space(text_[at_])) ++at_;
    if (at_ > behind + 1) complain(behind);
    if (at_ != behind && left() > 1 && digit_at(at_)) {
        values_[0] = first;
        clock(1);
    } else if (left() > 1 && follows(':') && digit_at(at_ + 1)) {
        ++at_;
        values_[1] = first;
        clock(2);
    } else {
        if (at_ > behind && at_end()) complain(behind);
        values_ = {0, first / 10'000, first / 100 % 100, first % 100};
    }
}

void TimeText::fraction() {
    if (!follows('.')) return;
    if (!digit_at(at_ + 1)) {
        if (left() == 1) ++at_;
        return;
    }
    ++at_;
    std::uint32_t unit = 100'000;
    for (; digit_at(at_); ++at_) {
        const auto digit = static_cast<std::uint32_t>(text_[at_] - '0');
        if (fraction_digits_ < max_fraction_digits) {
            micros_ += digit * unit;
            unit /= 10;
            ++fraction_digits_;
        } else {
            nanos_ = digit * 100;  // the last digit says whether to round up, in MySQL
        }
    }
}

// A number that was printed with an exponent is no time.
bool TimeText::has_exponent() const {
    if (!follows('e') && !follows('E')) return false;
    const bool sign = at_ + 1 < text_.size() && (text_[at_ + 1] == '-' || text_[at_ + 1] == '+');
    return digit_at(at_ + (sign ? 2 : 1));
}

TemporalReading<Time> TimeText::read(std::uint32_t* nanos) {
    TemporalReading<Time> none{.value = std::nullopt, .warned = true, .kind = TemporalKind::time};
    if (!at_end() && is_space(text_[at_])) complain(at_);
    while (!at_end() && is_space(text_[at_])) ++at_;
    const bool negative = follows('-');
    if (negative) ++at_;
    none.complaint = complaint_;
    if (at_end()) return none;
    const std::size_t start = at_;
    parts();
    fraction();
    none.complaint = complaint_;
    if (overflow_ || has_exponent()) return none;
    if (values_[2] > 59 || values_[3] > 59 || at_ == start) return none;
    const std::uint64_t hours = values_[0] * 24 + values_[1];
    TemporalReading<Time> made{.value = largest_time, .kind = TemporalKind::time};
    if (hours <= largest_time.hours) {
        made.value = Time{.hours = static_cast<std::uint16_t>(hours),
                          .minutes = static_cast<std::uint8_t>(values_[2]),
                          .seconds = static_cast<std::uint8_t>(values_[3]),
                          .micros = micros_};
    }
    made.warned = hours > largest_time.hours;
    // 838:59:59 is the end, without a fraction.
    if (made.value->hours == largest_time.hours && values_[2] == 59 && values_[3] == 59 &&
        micros_ != 0) {
        made.value = largest_time;
        made.warned = true;
    }
    made.value->negative = negative;
    made.fraction_digits = fraction_digits_;
    if (!at_end() && is_space(text_[at_])) complain(at_);
    if (!only_spaces(text_.substr(at_))) made.warned = true;
    made.complaint = complaint_;
    *nanos = nanos_;
    return made;
}

// The complaint about spaces at a text's start.
std::optional<DelimiterComplaint> spaced(std::string_view text) {
    if (text.empty() || !is_space(text.front())) return std::nullopt;
    return DelimiterComplaint{.delimiter = text.front(), .position = 0, .superfluous = true};
}

// Texts this long may be whole moments.
constexpr std::size_t least_moment = 12;

}  // namespace

TemporalReading<Time> read_time(std::string_view text, int precision, bool truncate_fraction) {
    std::string_view inner = text;
    while (!inner.empty() && is_space(inner.front())) inner.remove_prefix(1);
    const bool negative = inner.starts_with('-');
    if (negative) inner.remove_prefix(1);
    if (inner.size() >= least_moment) {
        MomentText scanned(inner, text.size() - inner.size());
        if (scanned.scan() && !scanned.is_unspaced()) {
            std::uint32_t nanos = 0;
            const TemporalReading<DateTime> moment =
                detail::finished(moment_of(scanned, {.invalid_dates = true}, &nanos), nanos,
                                 precision, truncate_fraction);
            if (!moment.value) {
                return {.value = std::nullopt, .warned = true, .kind = moment.kind};
            }
            return {.value = time_of_day(*moment.value),
                    .warned = moment.warned,
                    .kind = moment.kind,
                    .fraction_digits = moment.fraction_digits,
                    .offset = moment.offset,
                    .lacks_day = moment.lacks_day,
                    .complaint = spaced(text) ? spaced(text) : moment.complaint};
        }
    }
    std::uint32_t nanos = 0;
    const TemporalReading<Time> reading = TimeText(text).read(&nanos);
    return detail::finished(reading, nanos, precision, truncate_fraction);
}

}  // namespace sluice
