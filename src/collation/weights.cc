// Step 10 of a request: WEIGHT_STRING, and sort keys for ORDER BY over many rows.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/ascii.h"
#include "base/assert.h"
#include "collation/charset.h"
#include "collation/compare.h"
#include "collation/detail/order.h"

namespace sluice::collation {
namespace {

using detail::Kind;
using detail::LevelWeights;
using detail::Order;
using detail::order_of;

void put(std::string& out, std::uint32_t weight, unsigned bytes) {
    for (; bytes > 0; --bytes) out.push_back(static_cast<char>(weight >> (bytes - 1) * 8 & 0xFF));
}

// Each returns how many characters it weighed.

std::size_t put_single(std::string& out, const detail::SingleByteOrder& order,
                       std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        put(out, order.weight[byte], 1);
        if (order.second[byte] != 0) put(out, order.second[byte], 1);
    }
    return text.size();
}

std::size_t put_multibyte(std::string& out, const Order& order, const Charset& charset,
                          std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) {
        const Char c = next_char(charset, text);
        const std::string_view bytes = text.substr(0, c.bytes);
        if (c.valid) {
            const auto weight =
                detail::weight_of(*order.multibyte, detail::key_of_bytes(bytes), c.bytes);
            put(out, weight.weight, weight.size);
        } else {
            out += bytes;
        }
        text.remove_prefix(c.bytes);
    }
    return count;
}

// Four weights as they stand in a key.
std::uint64_t four_weights(const std::uint16_t* weights, const char* text) {
    const auto weight = [&](unsigned at) {
        return std::uint64_t{weights[static_cast<std::uint8_t>(text[at])]} << (3 - at) * 16;
    };
    return weight(0) | weight(1) | weight(2) | weight(3);
}
char* put_four(char* to, std::uint64_t four) {
    static_assert(std::endian::native == std::endian::little);
    const std::uint64_t turned = std::byteswap(four);
    std::memcpy(to, &turned, sizeof turned);
    return to + sizeof turned;
}
char* put_two(char* to, std::uint16_t weight) {
    to[0] = static_cast<char>(weight >> 8);
    to[1] = static_cast<char>(weight & 0xFF);
    return to + 2;
}

// Text of ASCII, each of whose bytes has a weight of two bytes.
void put_ascii_points(std::string& out, const std::uint16_t* weights, std::string_view text) {
    const std::size_t before = out.size();
    out.resize_and_overwrite(before + text.size() * 2, [&](char* all, std::size_t) {
        char* to = all + before;
        std::size_t i = 0;
        for (; i + 4 <= text.size(); i += 4)
            to = put_four(to, four_weights(weights, text.data() + i));
        for (; i < text.size(); ++i) to = put_two(to, weights[static_cast<std::uint8_t>(text[i])]);
        return static_cast<std::size_t>(to - all);
    });
}

std::size_t put_points(std::string& out, const Order& order, const Charset& charset,
                       std::string_view text) {
    const bool plain = order.weights != nullptr && (charset.encoding == Encoding::utf8 ||
                                                    charset.encoding == Encoding::utf8_basic);
    std::size_t count = 0;
    while (!text.empty()) {
        if (const std::size_t ascii = plain ? ascii_in_front(text) : 0; ascii > 0) {
            put_ascii_points(out, order.weights, text.substr(0, ascii));
            text.remove_prefix(ascii);
            count += ascii;
            continue;
        }
        const Char c = next_char(charset, text);
        if (!c.valid) break;
        put(out, order.weight(c.code), order.weight_bytes);
        text.remove_prefix(c.bytes);
        ++count;
    }
    return count;
}

bool all_weigh(std::uint64_t four) {
    return ((four - 0x0001000100010001) & ~four & 0x8000800080008000) == 0;
}

// The plain ASCII in front of a text; its size.
std::size_t put_ascii(std::string& out, const std::array<std::uint16_t, 256>& weights,
                      std::string_view text) {
    const std::size_t before = out.size();
    out.resize_and_overwrite(before + text.size() * 2, [&](char* all, std::size_t) {
        char* to = all + before;
        std::size_t i = 0;
        for (; i + 4 <= text.size(); i += 4) {
            const std::uint64_t four = four_weights(weights.data(), text.data() + i);
            if (!all_weigh(four)) break;
            to = put_four(to, four);
        }
        for (; i < text.size(); ++i) {
            const std::uint16_t weight = weights[static_cast<std::uint8_t>(text[i])];
            if (weight == 0) break;
            to = put_two(to, weight);
        }
        return static_cast<std::size_t>(to - all);
    });
    return (out.size() - before) / 2;
}

std::size_t put_uca(std::string& out, const detail::Uca& uca, const Charset& charset,
                    std::string_view text) {
    std::size_t count = 0;
    for (unsigned level = 0; level < uca.levels; ++level) {
        const std::size_t before = out.size();
        if (level > 0) put(out, 0, 2);
        std::size_t plain = 0;
        if (uca.ascii_apart(level, charset)) plain = put_ascii(out, uca.ascii[level], text);
        LevelWeights weights(uca, charset, text.substr(plain), level);
        for (int weight = weights.next(); weight >= 0; weight = weights.next()) {
            put(out, static_cast<std::uint32_t>(weight), 2);
        }
        // MySQL writes no fourth level where nothing has one.
        if (level == 3 && out.size() == before + 2) out.resize(before);
        if (level == 0) count = plain + weights.characters();
    }
    return count;
}

struct Padding {
    std::uint32_t space;
    unsigned bytes;
};

Padding padding_of(const Order& order) {
    if (order.kind == Kind::uca) return {.space = order.uca->space, .bytes = 2};
    if (order.kind == Kind::points)
        return {.space = order.weight(' '), .bytes = order.weight_bytes};
    return {.space = ' ', .bytes = 1};
}

}  // namespace

void append_weights(std::string& out, const Collation& collation, std::string_view text,
                    Weights how) {
    const Order& order = order_of(collation);
    const Charset& charset = *collation.charset;
    VT_ASSERT(order.kind != Kind::refused);
    const std::size_t end = out.size() + how.bytes;
    std::size_t count = 0;
    if (order.kind == Kind::bytes) {
        out += text;
        count = characters(charset, text);
    } else if (order.kind == Kind::single) {
        count = put_single(out, *order.single, text);
    } else if (order.kind == Kind::passes) {
        detail::append_passes(out, *order.passes, text);
        count = text.size();
    } else if (order.kind == Kind::multibyte) {
        count = put_multibyte(out, order, charset, text);
    } else if (order.kind == Kind::points) {
        count = put_points(out, order, charset, text);
    } else {
        count = put_uca(out, *order.uca, charset, text);
    }
    if (!order.pads) {
        if (out.size() < end) out.resize(end, '\0');
        return;
    }
    const Padding padding = padding_of(order);
    for (; count < how.characters; ++count) put(out, padding.space, padding.bytes);
    if (out.size() >= end) return;
    while (out.size() < end) put(out, padding.space, padding.bytes);
    out.resize(end);
}

}  // namespace sluice::collation
