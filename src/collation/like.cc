// Step 10 of a request: LIKE in what the gate filters itself.
#include "collation/like.h"

#include <algorithm>

#include "base/assert.h"
#include "collation/charset.h"
#include "collation/detail/order.h"

namespace sluice::collation {
namespace {

using detail::Kind;
using detail::Order;
using detail::Uca;
using detail::Unit;

struct Letter {
    Char c;
    std::string_view bytes;
};

// In single-byte sets '%', '_' and the escape are bytes, whatever characters those are (swe7).
Letter first_letter(const Charset& charset, std::string_view text) {
    Char c{.code = static_cast<std::uint8_t>(text[0]), .bytes = 1, .valid = true};
    if (charset.encoding != Encoding::single_byte) c = next_char(charset, text);
    return {.c = c, .bytes = text.substr(0, c.bytes)};
}

bool same_unit(const Uca& uca, char32_t left, char32_t right) {
    if (left == right) return true;
    if (uca.basic && std::max(left, right) > 0xFFFF) return false;
    const Unit &a = uca.unit(left), &b = uca.unit(right);
    if (a.implicit || b.implicit) return false;
    std::size_t total = 0;
    for (unsigned level = 0; level < uca.levels; ++level) {
        if (a.count[level] != b.count[level]) return false;
        total += a.count[level];
    }
    const std::uint16_t* const weights = uca.pages->weights.data();
    return std::equal(weights + a.at, weights + a.at + total, weights + b.at);
}

bool same(const Order& order, const Letter& left, const Letter& right) {
    if (left.bytes == right.bytes) return true;
    switch (order.kind) {
        case Kind::passes:
            if (order.passes->rule != detail::PassOrder::Rule::thai) return false;
            [[fallthrough]];
        case Kind::single:
            return order.single->weight[static_cast<std::uint8_t>(left.bytes[0])] ==
                   order.single->weight[static_cast<std::uint8_t>(right.bytes[0])];
        case Kind::multibyte:
            return left.c.bytes == 1 && right.c.bytes == 1 && left.c.code < 0x80 &&
                   right.c.code < 0x80 &&
                   order.multibyte->one[left.c.code] == order.multibyte->one[right.c.code];
        case Kind::points:
            return order.weight(left.c.code) == order.weight(right.c.code);
        case Kind::uca:
            return left.c.code != no_code && right.c.code != no_code &&
                   same_unit(*order.uca, left.c.code, right.c.code);
        case Kind::bytes:
        case Kind::refused:
            return false;
    }
    return false;
}

enum class Part : std::uint8_t { letter, one, many };

struct Step {
    Part part = Part::letter;
    Letter letter;
    std::size_t bytes = 0;  // of the pattern
};

// The first step of a pattern that is not empty.
Step first_step(const Charset& charset, std::string_view pattern, char32_t escape) {
    const Letter letter = first_letter(charset, pattern);
    if (escape != 0 && letter.c.code == escape && pattern.size() > letter.bytes.size()) {
        const Letter next = first_letter(charset, pattern.substr(letter.bytes.size()));
        return {
            .part = Part::letter, .letter = next, .bytes = letter.bytes.size() + next.bytes.size()};
    }
    Step step{.part = Part::letter, .letter = letter, .bytes = letter.bytes.size()};
    if (letter.c.code == '%') step.part = Part::many;
    if (letter.c.code == '_') step.part = Part::one;
    return step;
}

// Where to go on after a mismatch: behind the last '%', one character further in the text.
struct Retry {
    bool possible = false;
    std::string_view pattern, text;
};

}  // namespace

bool like(const Collation& collation, std::string_view text, std::string_view pattern,
          char32_t escape) {
    const Order& order = detail::order_of(collation);
    const Charset& charset = *collation.charset;
    VT_ASSERT(order.kind != Kind::refused);
    if (!valid(charset, pattern)) return false;
    Retry retry;
    while (!text.empty()) {
        const Letter letter = first_letter(charset, text);
        if (!pattern.empty()) {
            const Step step = first_step(charset, pattern, escape);
            if (step.part == Part::many) {
                pattern.remove_prefix(step.bytes);
                if (pattern.empty()) return true;
                retry = {.possible = true, .pattern = pattern, .text = text};
                continue;
            }
            if (!letter.c.valid) return false;
            if (step.part == Part::one || same(order, letter, step.letter)) {
                pattern.remove_prefix(step.bytes);
                text.remove_prefix(letter.bytes.size());
                continue;
            }
        }
        if (!retry.possible) return false;
        retry.text.remove_prefix(first_letter(charset, retry.text).bytes.size());
        text = retry.text;
        pattern = retry.pattern;
    }
    while (!pattern.empty()) {
        const Step step = first_step(charset, pattern, escape);
        if (step.part != Part::many) return false;
        pattern.remove_prefix(step.bytes);
    }
    return true;
}

}  // namespace sluice::collation
