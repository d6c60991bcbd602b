#pragma once
// The last definitions that a plan's shard sent, beside the form in which the client got them: a
// repeat costs one memcmp instead of cutting and renaming each (design.md section 10, "Packets").
// One per plan, connection-independent.
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "wire/column.h"
#include "wire/packet.h"
#include "wire/response.h"

namespace sluice::wire {

class ColumnCache {
 public:
    // Definitions longer than `limit` bytes are forwarded but not kept.
    explicit ColumnCache(std::size_t limit = 16 * 1024) : limit_(limit) {}

    // Forwards the definitions that follow a Header of `count` columns: `input` starts with the
    // first of them. Returns the bytes consumed, or nullopt if they are not complete yet: read
    // more, or take them one by one with ResponseReader::next and write_renamed_column. `renamings`
    // must be the same at each call on one cache.
    Result<std::optional<std::size_t>> forward(ByteView input, std::uint64_t count,
                                               ResponseReader& reader,
                                               const ColumnRenamings& renamings, PacketWriter& out);

    // Repeats and first times, for /debug/vars.
    std::uint64_t hits() const { return hits_; }
    std::uint64_t misses() const { return misses_; }

 private:
    void replay(PacketWriter& out) const;

    std::size_t limit_;
    std::uint64_t count_ = 0, hits_ = 0, misses_ = 0;
    Bytes received_;   // as the server sent them, headers included
    Bytes forwarded_;  // as written to the client, headers included
    std::uint8_t first_sequence_ = 0;
};

}  // namespace sluice::wire
