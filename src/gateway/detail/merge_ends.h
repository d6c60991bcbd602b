#pragma once
// The ends of several shards' results as one.
#include <string>
#include <string_view>

#include "tablet/tablet.h"

namespace sluice::gateway {

// "Rows matched: 1  Changed: 1  Warnings: 0" twice is "Rows matched: 2  Changed: 2  Warnings: 0";
// empty if the texts differ in more than numbers.
std::string sum_texts(std::string_view left, std::string_view right);

// Adds a shard's end to the sum; the insert id is the first that is not 0.
void add_end(tablet::ResultEnd& sum, const tablet::ResultEnd& end, bool first);

}  // namespace sluice::gateway
