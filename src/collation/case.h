#pragma once
// Upper and lower case.
#include <string>
#include <string_view>

#include "collation/collation.h"

namespace sluice::collation {

// As MySQL's UPPER and LOWER: character by character by the collation's tables. In utf8 the result
// has at most as many bytes as the text: it ends where a character would not fit (a defect that
// clients of MySQL see). Broken text becomes the replacement character, U+FFFD.
std::string upper(const Collation& collation, std::string_view text);
std::string lower(const Collation& collation, std::string_view text);

}  // namespace sluice::collation
