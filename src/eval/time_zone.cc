// Zones by their changes. Read from zone files, as RFC 8536 says; the rule at a file's end is that
// of POSIX's TZ.
#include "eval/time_zone.h"

#include <algorithm>
#include <string>

#include "values/temporal.h"

namespace sluice::eval {
namespace {

constexpr std::int64_t day_seconds = 86'400;

// std offset [dst [offset] [, start [/time] , end [/time]]]
class RuleReader {
 public:
    explicit RuleReader(std::string_view text) : text_(text) {}

    struct Turn {
        int month = 0;
        int week = 0;
        int day = 0;  // of the week, 0 is Sunday
        std::int64_t seconds = 7200;
    };
    struct Rule {
        std::int32_t standard = 0;
        bool has_summer = false;
        std::int32_t summer = 0;
        Turn start;
        Turn end;
    };

    std::optional<Rule> read() {
        Rule rule;
        if (!skip_name()) return std::nullopt;
        const auto standard = read_time();
        if (!standard) return std::nullopt;
        rule.standard = static_cast<std::int32_t>(-*standard);
        if (text_.empty()) return rule;
        if (!skip_name()) return std::nullopt;
        rule.has_summer = true;
        rule.summer = rule.standard + 3600;
        if (!text_.starts_with(',')) {
            const auto summer = read_time();
            if (!summer) return std::nullopt;
            rule.summer = static_cast<std::int32_t>(-*summer);
        }
        const auto start = read_turn();
        const auto end = read_turn();
        if (!start || !end || !text_.empty()) return std::nullopt;
        rule.start = *start;
        rule.end = *end;
        return rule;
    }

 private:
    bool skip_name() {
        const bool quoted = text_.starts_with('<');
        const auto is_part = [&](char c) {
            return quoted ? c != '>' : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        };
        std::size_t end = quoted ? 1 : 0;
        while (end < text_.size() && is_part(text_[end])) ++end;
        if (quoted && end < text_.size()) ++end;
        text_.remove_prefix(end);
        return end > 0;
    }
    std::optional<int> read_number() {
        int number = 0;
        std::size_t end = 0;
        while (end < text_.size() && end < 3 && text_[end] >= '0' && text_[end] <= '9')
            number = number * 10 + (text_[end++] - '0');
        if (end == 0) return std::nullopt;
        text_.remove_prefix(end);
        return number;
    }
    bool take(char c) {
        if (!text_.starts_with(c)) return false;
        text_.remove_prefix(1);
        return true;
    }
    std::optional<std::int64_t> read_time() {
        const bool negative = take('-');
        if (!negative) take('+');
        std::int64_t total = 0;
        std::int64_t unit = 3600;
        do {
            const auto number = read_number();
            if (!number) return std::nullopt;
            total += *number * unit;
            unit /= 60;
        } while (unit > 0 && take(':'));
        return negative ? -total : total;
    }
    std::optional<Turn> read_turn() {
        if (!take(',') || !take('M')) return std::nullopt;
        Turn turn;
        for (int* part : {&turn.month, &turn.week, &turn.day}) {
            if (part != &turn.month && !take('.')) return std::nullopt;
            const auto number = read_number();
            if (!number) return std::nullopt;
            *part = *number;
        }
        if (turn.month < 1 || turn.month > 12 || turn.week < 1 || turn.week > 5 || turn.day > 6)
            return std::nullopt;
        if (take('/')) {
            const auto time = read_time();
            if (!time) return std::nullopt;
            turn.seconds = *time;
        }
        return turn;
    }

    std::string_view text_;
};

// Seconds since 1970 of the turn's local time.
std::int64_t local_second(const RuleReader::Turn& turn, int year) {
    const Date first{.year = static_cast<std::uint16_t>(year),
                     .month = static_cast<std::uint8_t>(turn.month),
                     .day = 1};
    const int first_weekday = (weekday(day_number(first)) + 1) % 7;
    int day = 1 + (turn.day - first_weekday + 7) % 7 + (turn.week - 1) * 7;
    while (day > days_in_month(year, turn.month)) day -= 7;
    Date date = first;
    date.day = static_cast<std::uint8_t>(day);
    return unix_seconds({.date = date}) + turn.seconds;
}

void append_rule(TimeZone& zone, const RuleReader::Rule& rule) {
    const std::int64_t last = zone.changes.empty() ? 0 : zone.changes.back().at;
    const int first_year =
        std::max(1970, int{datetime_of_unix(last, 0).value_or(DateTime{}).date.year});
    if (!rule.has_summer) {
        if (zone.changes.empty()) zone.first_offset = rule.standard;
        return;
    }
    for (int year = first_year; year < 2100; ++year) {
        const std::int64_t start = local_second(rule.start, year) - rule.standard;
        const std::int64_t end = local_second(rule.end, year) - rule.summer;
        TimeZone::Change turns[] = {{start, rule.summer}, {end, rule.standard}};
        if (end < start) std::swap(turns[0], turns[1]);
        for (const auto& turn : turns) {
            if (turn.at > last) zone.changes.push_back(turn);
        }
    }
}

std::int64_t big_endian(std::string_view bytes) {
    std::uint64_t number = (static_cast<std::uint8_t>(bytes[0]) & 128U) != 0 ? UINT64_MAX : 0;
    for (const char byte : bytes) number = number << 8 | static_cast<std::uint8_t>(byte);
    return static_cast<std::int64_t>(number);
}

struct Header {
    std::size_t utc_flags, standard_flags, leaps, changes, types, letters;
    std::size_t size(std::size_t time_width) const {
        return changes * time_width + changes + types * 6 + letters + leaps * (time_width + 4) +
               standard_flags + utc_flags;
    }
};
constexpr std::size_t header_size = 44;

std::optional<Header> read_header(std::string_view bytes) {
    if (bytes.size() < header_size || !bytes.starts_with("TZif")) return std::nullopt;
    const auto count = [&](std::size_t i) {
        return static_cast<std::size_t>(big_endian(bytes.substr(20 + i * 4, 4)) & 0xfffff);
    };
    return Header{count(0), count(1), count(2), count(3), count(4), count(5)};
}

}  // namespace

std::int32_t TimeZone::offset_at(std::int64_t utc) const {
    const auto after = std::ranges::upper_bound(changes, utc, {}, &Change::at);
    return after == changes.begin() ? first_offset : std::prev(after)->offset;
}

std::int64_t TimeZone::utc_of(std::int64_t local) const {
    // The first stretch that reaches this local time.
    std::int32_t offset = first_offset;
    auto next = std::ranges::upper_bound(changes, local - 2 * day_seconds, {}, &Change::at);
    if (next != changes.begin()) offset = std::prev(next)->offset;
    for (; next != changes.end(); ++next) {
        if (local - offset < next->at) break;
        // In the gap that this change makes: the second at which it ends.
        if (local - next->offset < next->at) return next->at;
        offset = next->offset;
    }
    return local - offset;
}

std::optional<TimeZone> fixed_zone(std::string_view text) {
    if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const std::string padded =
        text.size() == 5 ? std::string(text.substr(0, 1)) + "0" + std::string(text.substr(1))
                         : std::string(text);
    const auto seconds = read_offset(padded == "-00:00" ? "+00:00" : padded);
    if (!seconds) return std::nullopt;
    return TimeZone{.first_offset = *seconds, .changes = {}};
}

std::optional<TimeZone> read_zone_file(std::string_view bytes) {
    const auto old = read_header(bytes);
    if (!old) return std::nullopt;
    // Version 1 has times of 32 bits; later files repeat all with 64 bits behind it.
    const bool modern = bytes[4] >= '2';
    if (modern) {
        if (bytes.size() < header_size + old->size(4)) return std::nullopt;
        bytes.remove_prefix(header_size + old->size(4));
    }
    const auto header = read_header(bytes);
    const std::size_t width = modern ? 8 : 4;
    if (!header || header->types == 0 || bytes.size() < header_size + header->size(width))
        return std::nullopt;
    const std::string_view times = bytes.substr(header_size);
    const std::string_view kinds = times.substr(header->changes * width);
    const std::string_view types = kinds.substr(header->changes);
    const auto offset_of = [&](std::size_t kind) {
        return static_cast<std::int32_t>(
            big_endian(types.substr(std::min(kind, header->types - 1) * 6, 4)));
    };
    TimeZone zone{.first_offset = offset_of(0), .changes = {}};
    for (std::size_t i = 0; i < header->changes; ++i) {
        zone.changes.push_back({big_endian(times.substr(i * width, width)),
                                offset_of(static_cast<std::uint8_t>(kinds[i]))});
    }
    std::string_view footer = bytes.substr(header_size + header->size(width));
    if (footer.starts_with('\n')) {
        footer.remove_prefix(1);
        if (const auto rule = RuleReader(footer.substr(0, footer.find('\n'))).read())
            append_rule(zone, *rule);
    }
    return zone;
}

}  // namespace sluice::eval
