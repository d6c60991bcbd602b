#pragma once
// The loose collation key that unicode_loose_md5 and unicode_loose_xxhash hash
// (vtgate-contract 8.2).
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::vindex {

// Replaces `key` (so that its capacity can be used again) by the key of `text`: primary weights
// only, trailing spaces ignored. Fails on invalid UTF-8.
Result<void> make_unicode_key(std::string_view text, std::string& key);

}  // namespace sluice::vindex
