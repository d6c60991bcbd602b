#pragma once
// Upper and lower case.
#include <string>
#include <string_view>

#include "collation/collation.h"

namespace sluice::collation {

// As MySQL's UPPER and LOWER: character by character by the collation's tables. In utf8 MySQL
// writes the result over the text, so that where a character becomes longer the result ends early
// unless others became shorter before (a defect that clients of MySQL see). Broken text becomes the
// replacement character, U+FFFD.
std::string upper(const Collation& collation, std::string_view text);
std::string lower(const Collation& collation, std::string_view text);

}  // namespace sluice::collation
