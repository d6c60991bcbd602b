#pragma once
// The guard: shards that answer with different column counts, types, character sets or signedness
// end in an error, never in mixed rows. Names, lengths, decimals and key flags may differ; bytes
// may be VARBINARY here and BLOB there, and a column of NULLs alone goes with any.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tablet/tablet.h"

namespace sluice::gateway {

class ColumnGuard {
 public:
    // `told`: the first shard's definitions are passed on at once. Else those of first() may get
    // better, where the first shard had only NULLs.
    explicit ColumnGuard(bool told) : told_(told) {}

    // The first call keeps a copy; each further one compares.
    Result<void> check(const tablet::ColumnPackets& columns);
    bool seen() const { return seen_; }
    // The first shard's definitions; views into this guard, until the next check().
    tablet::ColumnPackets first() const;

 private:
    Result<void> check_each(std::span<const std::uint8_t> right);

    bool told_;
    bool seen_ = false;
    std::uint32_t count_ = 0;
    bool binary_ = false;
    std::vector<std::uint8_t> packets_;
    std::string database_;
    std::string keyspace_;
};

}  // namespace sluice::gateway
