#pragma once
// The guard: shards that answer with different column counts, types, character sets or signedness
// end in an error, never in mixed rows. Names, lengths, decimals and key flags may differ.
#include <cstdint>
#include <vector>

#include "tablet/tablet.h"

namespace sluice::gateway {

class ColumnGuard {
 public:
    // The first call keeps a copy; each further one compares.
    Result<void> check(const tablet::ColumnPackets& columns);
    bool seen() const { return seen_; }
    // The first shard's definitions; views into this guard.
    tablet::ColumnPackets first() const;

 private:
    bool seen_ = false;
    std::uint32_t count_ = 0;
    bool binary_ = false;
    std::vector<std::uint8_t> packets_;
    std::string database_;
    std::string keyspace_;
};

}  // namespace sluice::gateway
