#pragma once
// A piece of a statement's text. Positions are not part of what a tree means, so any two spans are
// equal.
#include <cstdint>

namespace sluice::sql {

struct Span {
    static constexpr std::uint32_t nowhere = 0xffffffff;

    std::uint32_t offset = nowhere;  // bytes from the start of the parsed text; nowhere: made by us
    std::uint32_t length = 0;

    bool known() const { return offset != nowhere; }
    std::uint32_t end() const { return offset + length; }
    constexpr bool operator==(const Span&) const { return true; }
};

}  // namespace sluice::sql
