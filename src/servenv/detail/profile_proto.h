#pragma once
// The bytes of a profile. Source: google/pprof, proto/profile.proto (message and field numbers).
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace sluice::servenv::detail {

// One piece of a file that is mapped to be run.
struct ProfileMapping {
    std::uint64_t start = 0;
    std::uint64_t limit = 0;
    std::uint64_t offset = 0;
    std::string file;
};

// Stacks, the innermost frame first, as return addresses; each with its values.
struct ProfileTable {
    std::vector<std::pair<std::string, std::string>> types;  // of the values: {"cpu","nanoseconds"}
    std::pair<std::string, std::string> period_type;
    std::int64_t period = 0;
    std::int64_t begun = 0;     // nanoseconds since 1970
    std::int64_t duration = 0;  // nanoseconds
    std::vector<ProfileMapping> mappings;
    std::map<std::vector<std::uint64_t>, std::vector<std::int64_t>> stacks;
};

// profile.proto's Profile, not compressed.
std::string profile_bytes(const ProfileTable& table);
// Of the current process, from /proc/self/maps.
std::vector<ProfileMapping> mappings_now();
Result<std::string> gzipped(const std::string& bytes);

}  // namespace sluice::servenv::detail
