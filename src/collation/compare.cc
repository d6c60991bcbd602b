// Step 10 of a request: merging, joining and grouping rows by their collation.
// Before: eval. After: detail/order.cc for the tables.
#include "collation/compare.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/ascii.h"
#include "base/assert.h"
#include "collation/charset.h"
#include "collation/detail/order.h"

namespace sluice::collation {
namespace {

using detail::Kind;
using detail::LevelWeights;
using detail::Order;
using detail::order_of;

std::uint8_t byte_at(std::string_view text, std::size_t place) {
    return static_cast<std::uint8_t>(text[place]);
}

std::weak_ordering by_bytes(std::string_view left, std::string_view right) {
    return left.compare(right) <=> 0;
}

// The order of a rest against nothing: against spaces where those do not count.
template <class WeightOf>
std::weak_ordering rest_against_spaces(std::string_view rest, std::uint32_t space,
                                       WeightOf weight) {
    for (const char c : rest) {
        const std::uint32_t found = weight(static_cast<std::uint8_t>(c));
        if (found != space) return found <=> space;
    }
    return std::weak_ordering::equivalent;
}

template <class WeightOf>
std::weak_ordering compare_bytes(std::string_view left, std::string_view right, bool pads,
                                 WeightOf weight) {
    const std::size_t common = std::min(left.size(), right.size());
    for (std::size_t i = 0; i < common; ++i) {
        const std::uint32_t a = weight(byte_at(left, i)), b = weight(byte_at(right, i));
        if (a != b) return a <=> b;
    }
    if (!pads || left.size() == right.size()) return left.size() <=> right.size();
    const std::uint32_t space = weight(' ');
    if (left.size() > common) return rest_against_spaces(left.substr(common), space, weight);
    return 0 <=> rest_against_spaces(right.substr(common), space, weight);
}

constexpr auto itself = [](std::uint8_t byte) -> std::uint32_t { return byte; };

std::weak_ordering compare_plain(std::string_view left, std::string_view right, bool pads) {
    const std::size_t common = std::min(left.size(), right.size());
    const int first = common == 0 ? 0 : std::memcmp(left.data(), right.data(), common);
    if (first != 0) return first <=> 0;
    return compare_bytes(left.substr(common), right.substr(common), pads, itself);
}

// The weights of German's expansions, one by one.
struct Expanded {
    const detail::SingleByteOrder& order;
    std::string_view rest;
    std::uint8_t second = 0;

    int next() {
        if (second != 0) return std::exchange(second, std::uint8_t{0});
        if (rest.empty()) return -1;
        const std::uint8_t byte = byte_at(rest, 0);
        rest.remove_prefix(1);
        second = order.second[byte];
        return order.weight[byte];
    }
};

// Two streams of weights; `space` < 0: the shorter is less.
template <class Source>
std::weak_ordering compare_streams(Source left, Source right, int space) {
    int a, b;
    do {
        a = left.next();
        b = right.next();
    } while (a == b && a >= 0);
    if (a >= 0 && b >= 0) return a <=> b;
    if (space < 0 || a == b) return a <=> b;
    for (; a >= 0; a = left.next()) {
        if (a != space) return a <=> space;
    }
    for (; b >= 0; b = right.next()) {
        if (b != space) return space <=> b;
    }
    return std::weak_ordering::equivalent;
}

std::weak_ordering compare_single(const Order& order, std::string_view left,
                                  std::string_view right) {
    if (order.single->expands) {
        return compare_streams(Expanded{*order.single, left}, Expanded{*order.single, right},
                               order.single->weight[' ']);
    }
    const auto& weights = order.single->weight;
    return compare_bytes(left, right, true,
                         [&weights](std::uint8_t byte) -> std::uint32_t { return weights[byte]; });
}

detail::KeyWeight multibyte_weight(const Order& order, std::string_view character) {
    return detail::weight_of(*order.multibyte, detail::key_of_bytes(character),
                             static_cast<std::uint8_t>(character.size()));
}

// The bytes of the weights, one by one; broken text weighs its bytes.
struct MultibyteWeights {
    const Order& order;
    const Charset& charset;
    std::string_view rest;
    std::uint32_t weight = 0;
    unsigned left = 0;

    int next() {
        if (left == 0) {
            if (rest.empty()) return -1;
            const Char c = next_char(charset, rest);
            if (c.valid && !(order.codes_compared && c.bytes > 1)) {
                const auto found = multibyte_weight(order, rest.substr(0, c.bytes));
                weight = found.weight;
                left = found.size;
                rest.remove_prefix(c.bytes);
            } else {
                weight = byte_at(rest, 0);
                left = 1;
                rest.remove_prefix(1);
            }
        }
        --left;
        return static_cast<int>(weight >> left * 8 & 0xFF);
    }
};

std::weak_ordering points_against_spaces(const Order& order, const Charset& charset,
                                         std::string_view rest) {
    while (!rest.empty()) {
        const Char c = next_char(charset, rest);
        if (!c.valid) return std::weak_ordering::greater;
        const std::uint32_t weight = order.weight(c.code), space = order.weight(' ');
        if (weight != space) return weight <=> space;
        rest.remove_prefix(c.bytes);
    }
    return std::weak_ordering::equivalent;
}

std::weak_ordering compare_points(const Order& order, const Charset& charset, std::string_view left,
                                  std::string_view right) {
    if (order.by_bytes) return compare_plain(left, right, true);
    while (!left.empty() && !right.empty()) {
        const Char a = next_char(charset, left), b = next_char(charset, right);
        if (!a.valid || !b.valid) return by_bytes(left, right);
        const std::uint32_t first = order.weight(a.code), second = order.weight(b.code);
        if (first != second) return first <=> second;
        left.remove_prefix(a.bytes);
        right.remove_prefix(b.bytes);
    }
    if (!left.empty()) return points_against_spaces(order, charset, left);
    return 0 <=> points_against_spaces(order, charset, right);
}

// How far two texts are plain ASCII and weigh the same; `difference` is set where two plain weights
// end that.
struct AsciiPrefix {
    std::size_t size = 0;
    int difference = 0;
};

constexpr std::uint64_t each = 0x0101010101010101;  // times a byte: that byte eight times

std::uint64_t eight_at(const char* text) {
    std::uint64_t eight;
    std::memcpy(&eight, text, sizeof eight);
    return eight;
}

// The capitals of eight bytes of ASCII as small letters.
std::uint64_t small_letters(std::uint64_t eight) {
    const std::uint64_t low = eight & ~not_ascii;
    const std::uint64_t capitals =
        (low + each * (0x80 - 'A')) & ~(low + each * (0x7F - 'Z')) & not_ascii;
    return eight | capitals >> 2;
}

// Not zero: the place of the lowest bit says the first byte that differs or is no ASCII. `folds`:
// capitals and small letters are the same.
std::uint64_t apart(std::uint64_t a, std::uint64_t b, bool folds) {
    std::uint64_t differing = a ^ b;
    if (differing != 0 && folds) differing = small_letters(a) ^ small_letters(b);
    return differing | ((a | b) & not_ascii);
}

// Bytes in front that are ASCII and weigh the same whatever they are; perhaps there are more.
std::size_t same_in_front(const char* left, const char* right, std::size_t size, bool folds) {
    static_assert(std::endian::native == std::endian::little);
    constexpr std::size_t eight = sizeof(std::uint64_t);
    const auto first_of = [](std::uint64_t differing) {
        return static_cast<std::size_t>(std::countr_zero(differing)) / 8;
    };
    std::size_t i = 0;
    for (; i + eight <= size; i += eight) {
        const std::uint64_t differing = apart(eight_at(left + i), eight_at(right + i), folds);
        if (differing != 0) return i + first_of(differing);
    }
    if (i == size || size < eight) return i;
    i = size - eight;
    const std::uint64_t differing = apart(eight_at(left + i), eight_at(right + i), folds);
    return differing == 0 ? size : i + first_of(differing);
}

AsciiPrefix ascii_prefix(const detail::Uca& uca, unsigned level, std::string_view left,
                         std::string_view right) {
    const std::size_t common = std::min(left.size(), right.size());
    const std::uint16_t* const weights = uca.ascii[level].data();
    const bool folds = level == 0 && uca.ascii_folds;
    std::size_t i = uca.ascii_heads ? 0 : same_in_front(left.data(), right.data(), common, folds);
    for (; i < common; ++i) {
        const int first = weights[byte_at(left, i)], second = weights[byte_at(right, i)];
        if (first == second && first != 0) continue;
        const bool plain = first != 0 && second != 0;
        return {.size = i, .difference = plain ? first - second : 0};
    }
    return {.size = common};
}

std::weak_ordering compare_uca(const Order& order, const Charset& charset, std::string_view left,
                               std::string_view right) {
    const detail::Uca& uca = *order.uca;
    for (unsigned level = 0; level < uca.levels; ++level) {
        AsciiPrefix prefix;
        if (uca.ascii_apart(level, charset)) prefix = ascii_prefix(uca, level, left, right);
        if (prefix.difference != 0) return prefix.difference <=> 0;
        if (prefix.size == left.size() && prefix.size == right.size()) continue;
        const std::weak_ordering found =
            compare_streams(LevelWeights(uca, charset, left.substr(prefix.size), level),
                            LevelWeights(uca, charset, right.substr(prefix.size), level),
                            order.pads ? static_cast<int>(uca.space) : -1);
        if (found != 0) return found;
    }
    return std::weak_ordering::equivalent;
}

template <class Source>
bool stream_begins(Source text, Source prefix) {
    for (;;) {
        const int wanted = prefix.next();
        if (wanted < 0) return true;
        if (text.next() != wanted) return false;
    }
}

bool points_begin(const Order& order, const Charset& charset, std::string_view text,
                  std::string_view prefix) {
    while (!prefix.empty()) {
        if (text.empty()) return false;
        const Char a = next_char(charset, text), b = next_char(charset, prefix);
        if (!a.valid || !b.valid) return text.starts_with(prefix);
        if (order.weight(a.code) != order.weight(b.code)) return false;
        text.remove_prefix(a.bytes);
        prefix.remove_prefix(b.bytes);
    }
    return true;
}

class Hasher {
 public:
    explicit Hasher(std::uint64_t seed) : state_(seed ^ 0x9E3779B97F4A7C15) {}

    void add(std::uint64_t value) {
        state_ = (state_ ^ value) * 0xFF51AFD7ED558CCD;
        state_ ^= state_ >> 32;
    }
    std::uint64_t result() const { return (state_ ^ state_ >> 29) * 0xC4CEB9FE1A85EC53; }

 private:
    std::uint64_t state_;
};

// Weights of spaces are kept back until something follows them.
template <class Source>
void add_weights(Hasher& hasher, Source source, int space) {
    std::size_t spaces = 0;
    for (int weight = source.next(); weight >= 0; weight = source.next()) {
        if (weight == space) {
            ++spaces;
            continue;
        }
        for (; spaces > 0; --spaces) hasher.add(static_cast<std::uint64_t>(space));
        hasher.add(static_cast<std::uint64_t>(weight));
    }
}

void add_bytes(Hasher& hasher, std::string_view text) {
    std::uint64_t eight = 0;
    for (; text.size() >= sizeof eight; text.remove_prefix(sizeof eight)) {
        std::memcpy(&eight, text.data(), sizeof eight);
        hasher.add(eight);
    }
    eight = 0;
    std::memcpy(&eight, text.data(), text.size());
    hasher.add(eight);
    hasher.add(text.size());
}

std::string_view without_spaces(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

struct SingleWeights {
    const detail::SingleByteOrder& order;
    std::string_view rest;

    int next() {
        if (rest.empty()) return -1;
        const std::uint8_t weight = order.weight[byte_at(rest, 0)];
        rest.remove_prefix(1);
        return weight;
    }
};

// Once a character is broken all that follows counts by its bytes, as in compare_points.
struct PointWeights {
    const Order& order;
    const Charset& charset;
    std::string_view rest;
    bool broken = false;

    int next() {
        if (rest.empty()) return -1;
        if (!broken) {
            const Char c = next_char(charset, rest);
            if (c.valid) {
                rest.remove_prefix(c.bytes);
                return static_cast<int>(order.weight(c.code));
            }
            broken = true;
        }
        const int byte = byte_at(rest, 0);
        rest.remove_prefix(1);
        return byte | 0x1000000;  // no weight of a character
    }
};

}  // namespace

bool implemented(const Collation& collation) {
    return order_of(collation).kind != Kind::refused;
}

bool pads(const Collation& collation) {
    return order_of(collation).pads;
}

std::weak_ordering compare(const Collation& collation, std::string_view left,
                           std::string_view right) {
    const Order& order = order_of(collation);
    const Charset& charset = *collation.charset;
    switch (order.kind) {
        case Kind::bytes:
            return compare_plain(left, right, order.pads);
        case Kind::single:
            return compare_single(order, left, right);
        case Kind::passes:
            return compare_plain(detail::pass_key(*order.passes, left),
                                 detail::pass_key(*order.passes, right), true);
        case Kind::multibyte:
            return compare_streams(MultibyteWeights{order, charset, left},
                                   MultibyteWeights{order, charset, right}, ' ');
        case Kind::points:
            return compare_points(order, charset, left, right);
        case Kind::uca:
            return compare_uca(order, charset, left, right);
        case Kind::refused:
            break;
    }
    VT_ASSERT(order.kind != Kind::refused);
    return std::weak_ordering::equivalent;
}

bool equal(const Collation& collation, std::string_view left, std::string_view right) {
    return compare(collation, left, right) == 0;
}

bool begins_with(const Collation& collation, std::string_view text, std::string_view prefix) {
    const Order& order = order_of(collation);
    const Charset& charset = *collation.charset;
    switch (order.kind) {
        case Kind::bytes:
            return text.starts_with(prefix);
        case Kind::single:
            if (order.single->expands) {
                return stream_begins(Expanded{*order.single, text},
                                     Expanded{*order.single, prefix});
            }
            return stream_begins(SingleWeights{*order.single, text},
                                 SingleWeights{*order.single, prefix});
        case Kind::passes:
            return stream_begins(SingleWeights{*order.single, text},
                                 SingleWeights{*order.single, prefix});
        case Kind::multibyte:
            return stream_begins(MultibyteWeights{order, charset, text},
                                 MultibyteWeights{order, charset, prefix});
        case Kind::points:
            return points_begin(order, charset, text, prefix);
        case Kind::uca:
            for (unsigned level = 0; level < order.uca->levels; ++level) {
                if (!stream_begins(LevelWeights(*order.uca, charset, text, level),
                                   LevelWeights(*order.uca, charset, prefix, level))) {
                    return false;
                }
            }
            return true;
        case Kind::refused:
            break;
    }
    VT_ASSERT(order.kind != Kind::refused);
    return false;
}

std::uint64_t hash(const Collation& collation, std::string_view text, std::uint64_t seed) {
    const Order& order = order_of(collation);
    const Charset& charset = *collation.charset;
    VT_ASSERT(order.kind != Kind::refused);
    Hasher hasher(seed);
    if (order.kind == Kind::bytes || order.by_bytes) {
        add_bytes(hasher, order.pads ? without_spaces(text) : text);
    } else if (order.kind == Kind::single && order.single->expands) {
        add_weights(hasher, Expanded{*order.single, text}, order.single->weight[' ']);
    } else if (order.kind == Kind::single) {
        add_weights(hasher, SingleWeights{*order.single, text}, order.single->weight[' ']);
    } else if (order.kind == Kind::passes) {
        add_bytes(hasher, without_spaces(detail::pass_key(*order.passes, text)));
    } else if (order.kind == Kind::multibyte) {
        add_weights(hasher, MultibyteWeights{order, charset, text}, ' ');
    } else if (order.kind == Kind::points) {
        add_weights(hasher, PointWeights{order, charset, text},
                    static_cast<int>(order.weight(' ')));
    } else {
        for (unsigned level = 0; level < order.uca->levels; ++level) {
            add_weights(hasher, LevelWeights(*order.uca, charset, text, level),
                        order.pads ? static_cast<int>(order.uca->space) : -1);
            hasher.add(level);
        }
    }
    return hasher.result();
}

std::size_t find(const Collation& collation, std::string_view text, std::string_view needle,
                 std::size_t from) {
    if (order_of(collation).kind == Kind::bytes && collation.charset->max_bytes == 1) {
        return text.find(needle, from);
    }
    if (needle.empty() && from <= text.size()) return from;
    // MySQL looks no further than where the needle's bytes would fit, but in these.
    const bool any_size = order_of(collation).kind == Kind::uca;
    while (from < text.size() && (any_size || text.size() - from >= needle.size())) {
        const std::string_view rest = text.substr(from);
        if (begins_with(collation, rest, needle)) return from;
        from += next_char(*collation.charset, rest).bytes;
    }
    return std::string_view::npos;
}

}  // namespace sluice::collation
