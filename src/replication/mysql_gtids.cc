// MySQL's sets of transaction ids. Before: position.cc.
#include "replication/mysql_gtids.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace sluice::replication {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t longest_tag = 32;  // MySQL's limit

std::unexpected<Error> malformed(std::string_view what, std::string_view text) {
    std::string words = "invalid MySQL GTID set: ";
    words.append(what).append(" \"").append(text.substr(0, 80)).append("\"");
    return fail(Code::invalid_argument, std::move(words));
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

// The part before `separator`, which is taken off `rest` with it.
std::string_view take_until(std::string_view* rest, char separator) {
    const std::size_t at = rest->find(separator);
    const std::string_view part = trimmed(rest->substr(0, at));
    *rest = at == rest->npos ? std::string_view() : rest->substr(at + 1);
    return part;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_dash(std::size_t at) {
    return at == 8 || at == 13 || at == 18 || at == 23;
}

Result<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1)
        return malformed("not a transaction's number", text);
    return value;
}

// interval = number [ "-" number ]
Result<Interval> parse_interval(std::string_view text) {
    const std::size_t dash = text.find('-');
    const std::int64_t first = TRY(number_of(trimmed(text.substr(0, dash))));
    if (dash == text.npos) return Interval{first, first};
    return Interval{first, TRY(number_of(trimmed(text.substr(dash + 1))))};
}

// tag = letter { letter | digit }, where a letter may be "_"
Result<std::string> parse_tag(std::string_view text) {
    if (text.size() > longest_tag) return malformed("the tag is too long", text);
    std::string tag;
    for (const char c : text) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool letter = (lower >= 'a' && lower <= 'z') || lower == '_';
        const bool digit = lower >= '0' && lower <= '9';
        if (!letter && !(digit && !tag.empty())) return malformed("not a tag", text);
        tag.push_back(lower);
    }
    return tag;
}

bool touches(const Interval& before, const Interval& after) {
    return before.last == largest || after.first <= before.last + 1;
}

void join(std::vector<Interval>* intervals) {
    std::ranges::sort(*intervals, {}, &Interval::first);
    std::vector<Interval> joined;
    for (const Interval& next : *intervals) {
        if (!joined.empty() && touches(joined.back(), next)) {
            joined.back().last = std::max(joined.back().last, next.last);
        } else {
            joined.push_back(next);
        }
    }
    *intervals = std::move(joined);
}

std::vector<Interval> subtract(const std::vector<Interval>& from,
                               const std::vector<Interval>& what) {
    std::vector<Interval> left;
    auto hole = what.begin();
    for (Interval rest : from) {
        while (hole != what.end() && hole->last < rest.first) ++hole;
        bool over = false;
        for (auto next = hole; next != what.end() && next->first <= rest.last; ++next) {
            if (next->first > rest.first) left.push_back({rest.first, next->first - 1});
            over = next->last >= rest.last;
            if (over) break;
            rest.first = next->last + 1;
        }
        if (!over) left.push_back(rest);
    }
    return left;
}

}  // namespace

std::string uuid_text(const std::array<std::uint8_t, 16>& uuid) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : uuid) {
        if (is_dash(text.size())) text.push_back('-');
        text.push_back(digits[byte >> 4U]);
        text.push_back(digits[byte & 15U]);
    }
    return text;
}

Result<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text) {
    constexpr std::size_t length = 36;
    if (text.size() != length) return malformed("not a server's UUID", text);
    std::array<std::uint8_t, 16> uuid{};
    std::size_t digits = 0;
    for (std::size_t i = 0; i < length; ++i) {
        if (is_dash(i)) {
            if (text[i] != '-') return malformed("not a server's UUID", text);
            continue;
        }
        const int value = hex_digit(text[i]);
        if (value < 0) return malformed("not a server's UUID", text);
        uuid[digits / 2] = static_cast<std::uint8_t>(uuid[digits / 2] << 4U | value);
        ++digits;
    }
    return uuid;
}

// numbers = uuid { ":" ( tag | interval ) }
Result<MysqlGtids> MysqlGtids::parse(std::string_view text) {
    MysqlGtids made;
    while (!trimmed(text).empty()) {
        std::string_view numbers = take_until(&text, ',');
        if (numbers.empty()) continue;
        Numberer by{.server = TRY(parse_uuid(take_until(&numbers, ':'))), .tag = {}};
        if (numbers.empty()) return malformed("no numbers", uuid_text(by.server));
        while (!numbers.empty()) {
            const std::string_view part = take_until(&numbers, ':');
            if (part.empty()) return malformed("an empty interval of", uuid_text(by.server));
            if (part.front() < '0' || part.front() > '9') {
                by.tag = TRY(parse_tag(part));
                continue;
            }
            const Interval interval = TRY(parse_interval(part));
            if (interval.first <= interval.last) made.sets_[by].push_back(interval);
        }
    }
    for (auto& [by, intervals] : made.sets_) join(&intervals);
    return made;
}

std::string MysqlGtids::text() const {
    std::string text;
    const Numberer* before = nullptr;
    for (const auto& [by, intervals] : sets_) {
        if (before == nullptr || before->server != by.server) {
            if (before != nullptr) text.push_back(',');
            text.append(uuid_text(by.server));
        }
        if (!by.tag.empty()) text.append(":").append(by.tag);
        for (const Interval& each : intervals) {
            text.append(":").append(std::to_string(each.first));
            if (each.last != each.first) text.append("-").append(std::to_string(each.last));
        }
        before = &by;
    }
    return text;
}

bool MysqlGtids::contains(const MysqlGtids& other) const {
    return other.without(*this).empty();
}

MysqlGtids MysqlGtids::united(const MysqlGtids& other) const {
    MysqlGtids both = *this;
    for (const auto& [by, intervals] : other.sets_) {
        std::vector<Interval>& into = both.sets_[by];
        into.insert(into.end(), intervals.begin(), intervals.end());
        join(&into);
    }
    return both;
}

MysqlGtids MysqlGtids::without(const MysqlGtids& other) const {
    MysqlGtids rest;
    for (const auto& [by, intervals] : sets_) {
        const auto theirs = other.sets_.find(by);
        std::vector<Interval> left =
            theirs == other.sets_.end() ? intervals : subtract(intervals, theirs->second);
        if (!left.empty()) rest.sets_.emplace(by, std::move(left));
    }
    return rest;
}

std::int64_t MysqlGtids::count() const {
    std::int64_t sum = 0;
    for (const auto& [by, intervals] : sets_) {
        for (const Interval& each : intervals) {
            const std::int64_t size = each.last - each.first;  // one less than it holds
            if (sum >= largest - size) return largest;
            sum += size + 1;
        }
    }
    return sum;
}

}  // namespace sluice::replication
