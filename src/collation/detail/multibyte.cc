// Steps 6 and 10 of a request: the tables of gbk and its like, and how their broken text is cut.
#include "collation/detail/multibyte.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "base/assert.h"
#include "collation/detail/packed.h"

namespace sluice::collation::detail {
namespace {

constexpr Packed packed =
#include "collation/detail/multibyte_tables.inc"
    ;

// As the tool writes them.
constexpr std::string_view names[] = {"big5", "cp932", "eucjpms", "euckr",  "gb2312",
                                      "gbk",  "sjis",  "ujis",    "gb18030"};
constexpr std::size_t count = std::size(names);

// The streams of all sets and collations, unpacked together and read one by one.
struct Parts {
    std::string bytes = unpacked(packed);
    std::string_view sets[count];
    std::vector<std::pair<std::string_view, std::string_view>> orders;

    Parts() {
        Stream in(bytes);
        for (std::size_t i = 0; i < count; ++i) {
            VT_ASSERT(in.text() == names[i]);
            sets[i] = in.text();
        }
        for (std::uint32_t left = in.number(); left > 0; --left) {
            const std::string_view name = in.text();
            orders.emplace_back(name, in.text());
        }
        VT_ASSERT(in.empty());
    }
};

const Parts& parts() {
    static const Parts all;
    return all;
}

void read_characters(Stream& in, MultibyteSet& set) {
    std::uint32_t key = 0, code = 0;
    for (std::uint32_t left = in.number(); left > 0; --left) {
        key += in.number();
        const std::uint32_t read = in.near(code);
        const bool named = read != no_code;
        if (named) code = read;
        const auto kept =
            named && code != 0 ? static_cast<std::uint16_t>(code) : MultibyteSet::nameless;
        if (key < 0x100) {
            set.one[key] = kept;
        } else if (key < 0x10000) {
            set.two[key] = kept;
        } else {
            if (set.three.empty()) set.three.resize(0x10000);
            set.three[key & 0xFFFF] = kept;
        }
        if (named && (set.keys[code] == 0)) set.keys[code] = key;
    }
    set.one[0] = MultibyteSet::absent;  // NUL is told apart by its byte
}

MultibyteSet read_set(std::string_view bytes) {
    Stream in(bytes);
    MultibyteSet set;
    set.two.resize(0x10000);
    set.keys.resize(0x10000);
    read_characters(in, set);
    for (std::uint32_t left = in.number(); left > 0; --left) {
        const std::uint32_t code = in.number();
        set.keys[code] = in.number();
    }
    for (std::uint32_t left = in.number(); left > 0; --left) {
        FourByteRun run{.place = in.number(), .count = in.number(), .code = in.number()};
        set.runs.push_back(run);
    }
    std::uint32_t key = 0;
    for (std::uint32_t left = in.number(); left > 0; --left) {
        key = in.near(key);
        const std::uint32_t upper = in.near(key);
        set.cases.push_back({.key = key, .upper = upper, .lower = in.near(key)});
    }
    VT_ASSERT(in.empty());
    return set;
}

MultibyteOrder read_order(std::string_view bytes) {
    Stream in(bytes);
    MultibyteOrder order;
    for (unsigned b = 0; b < 128; ++b) order.one[b] = static_cast<std::uint8_t>(b + in.byte());
    order.four_byte_places = in.byte() != 0;
    std::uint32_t key = 0, weight = 0;
    for (std::uint32_t left = in.number(); left > 0; --left) {
        key = in.near(key);
        const std::uint8_t size = in.byte();
        weight = in.near(weight);
        order.others.push_back({.key = key, .size = size, .weight = weight});
    }
    VT_ASSERT(in.empty());
    return order;
}

// Each set is read when it is first used: a static of its own, so that threads may meet here.
template <std::size_t number>
const MultibyteSet& set_number() {
    static const MultibyteSet set = read_set(parts().sets[number]);
    return set;
}

template <std::size_t... numbers>
const MultibyteSet& set_at(std::size_t wanted, std::index_sequence<numbers...>) {
    const MultibyteSet* found = nullptr;
    ((wanted == numbers ? static_cast<void>(found = &set_number<numbers>()) : void()), ...);
    VT_ASSERT(found != nullptr);
    return *found;
}

std::uint32_t place_of(std::uint32_t key) {
    const std::uint32_t upper = ((key >> 24) - 0x81) * 10 + (key >> 16 & 0xFF) - 0x30;
    return upper * 1260 + ((key >> 8 & 0xFF) - 0x81) * 10 + (key & 0xFF) - 0x30;
}

std::uint32_t key_at(std::uint32_t place) {
    const std::uint32_t upper = place / 1260, lower = place % 1260;
    return (upper / 10 + 0x81) << 24 | (upper % 10 + 0x30) << 16 | (lower / 10 + 0x81) << 8 |
           (lower % 10 + 0x30);
}

bool within(std::uint8_t value, unsigned first, unsigned last) {
    return value >= first && value <= last;
}

// The key of gb18030's first four bytes, 0 if they are no character of four bytes.
std::uint32_t four_byte_key(std::string_view text) {
    if (text.size() < 4) return 0;
    const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    if (!within(at(0), 0x81, 0xFE) || !within(at(1), 0x30, 0x39) || !within(at(2), 0x81, 0xFE) ||
        !within(at(3), 0x30, 0x39)) {
        return 0;
    }
    return key_of_bytes(text.substr(0, 4));
}

Char of_four(const MultibyteSet& set, std::uint32_t key) {
    const std::uint32_t place = place_of(key);
    const auto next = std::ranges::upper_bound(set.runs, place, {}, &FourByteRun::place);
    Char c{.code = no_code, .bytes = 4, .valid = true};
    if (next == set.runs.begin()) return c;
    const FourByteRun& run = *std::prev(next);
    if (place - run.place < run.count) c.code = run.code + (place - run.place);
    return c;
}

// How much of a broken text MySQL's and v21's readers skip at once.
std::uint8_t broken_bytes(std::string_view charset, std::string_view text) {
    const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    if (text.size() < 2) return 1;
    if (charset == "sjis" || charset == "cp932" || charset == "gb2312") return 2;
    if (charset == "euckr") return within(at(0), 0x81, 0xFE) && at(1) >= 0x80 ? 2 : 1;
    if (charset == "ujis" || charset == "eucjpms") {
        if (at(0) == 0x8E) return within(at(1), 0xE0, 0xFE) ? 2 : 1;
        if (at(0) == 0x8F) return within(at(1), 0xA1, text.size() == 2 ? 0xFD : 0xFE) ? 2 : 1;
    }
    return 1;
}

Char of_table(std::uint16_t kept, std::uint8_t bytes) {
    return {.code = kept == MultibyteSet::nameless ? no_code : kept, .bytes = bytes, .valid = true};
}

}  // namespace

const MultibyteSet& multibyte_set(const Charset& charset) {
    const auto at = std::ranges::find(names, charset.name) - std::begin(names);
    return set_at(static_cast<std::size_t>(at), std::make_index_sequence<count>());
}

Char next_multibyte(const Charset& charset, std::string_view text) {
    const auto first = static_cast<std::uint8_t>(text[0]);
    if (first < 0x80) return {.code = first, .bytes = 1, .valid = true};
    const MultibyteSet& set = multibyte_set(charset);
    if (set.one[first] != MultibyteSet::absent) return of_table(set.one[first], 1);
    if (text.size() >= 2) {
        const std::uint16_t kept = set.two[key_of_bytes(text.substr(0, 2))];
        if (kept != MultibyteSet::absent) return of_table(kept, 2);
    }
    if (text.size() >= 3 && first == 0x8F && !set.three.empty()) {
        const std::uint16_t kept = set.three[key_of_bytes(text.substr(1, 2))];
        if (kept != MultibyteSet::absent) return of_table(kept, 3);
    }
    if (!set.runs.empty()) {
        if (const std::uint32_t key = four_byte_key(text); key != 0) return of_four(set, key);
    }
    return {.code = no_code, .bytes = broken_bytes(charset.name, text), .valid = false};
}

std::optional<std::uint32_t> MultibyteSet::key_of(char32_t code) const {
    if (code == 0) return 0;
    if (code < keys.size() && keys[code] != 0) return keys[code];
    for (const FourByteRun& run : runs) {
        if (code >= run.code && code - run.code < run.count) {
            return key_at(run.place + (code - run.code));
        }
    }
    return std::nullopt;
}

const CasePair* MultibyteSet::cased(std::uint32_t key) const {
    const auto at = std::ranges::lower_bound(cases, key, {}, &CasePair::key);
    return at == cases.end() || at->key != key ? nullptr : &*at;
}

std::uint32_t key_of_bytes(std::string_view character) {
    std::uint32_t key = 0;
    for (const char c : character) key = key << 8 | static_cast<std::uint8_t>(c);
    return key;
}

void append_key(std::string& out, std::uint32_t key) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (shift == 0 || key >> shift != 0) out.push_back(static_cast<char>(key >> shift & 0xFF));
    }
}

const MultibyteOrder* multibyte_order(const Collation& collation) {
    static const auto orders = [] {
        std::vector<std::pair<std::string_view, MultibyteOrder>> all;
        for (const auto& [name, bytes] : parts().orders) all.emplace_back(name, read_order(bytes));
        return all;
    }();
    for (const auto& [name, order] : orders) {
        if (name == collation.name) return &order;
    }
    return nullptr;
}

KeyWeight weight_of(const MultibyteOrder& order, std::uint32_t key, std::uint8_t size) {
    if (key < 0x80 && size == 1) return {.key = key, .size = 1, .weight = order.one[key]};
    const auto at = std::ranges::lower_bound(order.others, key, {}, &KeyWeight::key);
    if (at != order.others.end() && at->key == key) return *at;
    if (order.four_byte_places && size == 4) {
        return {.key = key, .size = 4, .weight = 0xFF000000 + place_of(key)};
    }
    return {.key = key, .size = size, .weight = key};
}

}  // namespace sluice::collation::detail
