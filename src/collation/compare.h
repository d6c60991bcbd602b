#pragma once
// Comparing texts by a collation, and what must agree with that: sort keys, hashes, searching.
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "collation/collation.h"

namespace sluice::collation {

// Whether the functions below know the collation: all of MySQL's, none of MariaDB's own. The others
// may not be called with one that is unknown.
bool implemented(const Collation& collation);

// Whether it is PAD SPACE: spaces at the end of a text do not count.
bool pads(const Collation& collation);

// Both texts are in the collation's character set. Broken text has a place in the order, too.
std::weak_ordering compare(const Collation& collation, std::string_view left,
                           std::string_view right);
bool equal(const Collation& collation, std::string_view left, std::string_view right);

// Equal texts hash equal.
std::uint64_t hash(const Collation& collation, std::string_view text, std::uint64_t seed);

// Whether the text begins with what compares equal to `prefix`, without padding.
bool begins_with(const Collation& collation, std::string_view text, std::string_view prefix);

// MySQL's WEIGHT_STRING: bytes whose order as memcmp sees it is the order of the texts.
struct Weights {
    // Collations that pad: as many spaces as are missing from so many characters (AS CHAR(n)).
    std::size_t characters = 0;
    // Fill up to so many bytes: with spaces' weights, or zeros where spaces count.
    std::size_t bytes = 0;
};
void append_weights(std::string& out, const Collation& collation, std::string_view text,
                    Weights how = {});

// The byte at which `needle` begins in the text, at or after the byte `from`, as LOCATE and INSTR
// find it; npos: nowhere.
std::size_t find(const Collation& collation, std::string_view text, std::string_view needle,
                 std::size_t from = 0);

}  // namespace sluice::collation
