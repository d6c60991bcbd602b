#pragma once
// LIKE.
#include <string_view>

#include "collation/collation.h"

namespace sluice::collation {

// '%' stands for any text, '_' for one character; behind `escape` they stand for themselves. An
// escape of 0 is none. Characters are compared one by one, as MySQL does: contractions and
// letters that weigh as two do not count. Broken text matches nothing but '%'.
bool like(const Collation& collation, std::string_view text, std::string_view pattern,
          char32_t escape = '\\');

}  // namespace sluice::collation
