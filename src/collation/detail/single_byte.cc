// Steps 6 and 10 of a request: the tables of latin1 and its like.
#include "collation/detail/single_byte.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/assert.h"
#include "collation/detail/packed.h"
#include "collation/detail/passes.h"

namespace sluice::collation::detail {
namespace {

constexpr Packed packed =
#include "collation/detail/single_byte_tables.inc"
    ;

struct Tables {
    std::map<std::string, SingleByteSet, std::less<>> sets;
    std::map<std::string, SingleByteOrder, std::less<>> orders;
    std::map<std::string, PassOrder, std::less<>> passes;

    Tables() {
        const std::string bytes = unpacked(packed);
        Stream in(bytes);
        for (std::uint32_t left = in.number(); left > 0; --left) read_set(in);
        for (std::uint32_t left = in.number(); left > 0; --left) read_order(in);
        for (std::uint32_t left = in.number(); left > 0; --left) read_passes(in);
        VT_ASSERT(in.empty());
    }

    void read_set(Stream& in) {
        SingleByteSet& set = sets[std::string(in.text())];
        for (unsigned b = 0; b < 256; ++b) {
            set.code[b] = in.near(b);
            if (set.code[b] != unmapped) {
                set.bytes.emplace_back(set.code[b], static_cast<std::uint8_t>(b));
            }
        }
        for (std::uint32_t left = in.number(); left > 0; --left) {
            const char32_t code = in.number();
            const std::uint8_t chosen = in.byte();
            std::erase_if(set.bytes, [code, chosen](const auto& pair) {
                return pair.first == code && pair.second != chosen;
            });
        }
        std::ranges::sort(set.bytes);
    }

    void read_order(Stream& in) {
        SingleByteOrder& order = orders[std::string(in.text())];
        const auto read = [&in](std::array<std::uint8_t, 256>& table) {
            for (unsigned b = 0; b < 256; ++b) {
                table[b] = static_cast<std::uint8_t>(b + in.byte());
            }
        };
        read(order.weight);
        for (std::uint8_t& weight : order.second) {
            weight = in.byte();
            order.expands = order.expands || weight != 0;
        }
        read(order.upper);
        read(order.lower);
    }

    void read_passes(Stream& in) {
        PassOrder& order = passes[std::string(in.text())];
        order.rule = static_cast<PassOrder::Rule>(in.byte());
        order.tables.resize(in.byte());
        for (auto& table : order.tables) {
            for (std::uint8_t& weight : table) weight = in.byte();
        }
        order.contractions.resize(in.byte());
        for (PassContraction& pair : order.contractions) {
            for (std::uint8_t& byte : pair.bytes) byte = in.byte();
            for (std::size_t pass = 0; pass < order.tables.size(); ++pass)
                pair.weights.push_back(in.byte());
        }
    }
};

const Tables& tables() {
    static const Tables all;
    return all;
}

}  // namespace

std::optional<std::uint8_t> SingleByteSet::byte_of(char32_t wanted) const {
    if (wanted < 256 && code[wanted] == wanted) return static_cast<std::uint8_t>(wanted);
    const auto at =
        std::ranges::lower_bound(bytes, wanted, {}, &decltype(bytes)::value_type::first);
    if (at == bytes.end() || at->first != wanted) return std::nullopt;
    return at->second;
}

const SingleByteSet& single_byte_set(const Charset& charset) {
    const auto at = tables().sets.find(charset.name);
    VT_ASSERT(at != tables().sets.end());
    return at->second;
}

const PassOrder* pass_order(const Collation& collation) {
    const auto at = tables().passes.find(collation.name);
    return at == tables().passes.end() ? nullptr : &at->second;
}

const SingleByteOrder* single_byte_order(const Collation& collation) {
    const auto at = tables().orders.find(collation.name);
    return at == tables().orders.end() ? nullptr : &at->second;
}

}  // namespace sluice::collation::detail
