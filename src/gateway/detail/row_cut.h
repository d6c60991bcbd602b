#pragma once
// Follows the packets of one shard's runs: stamps their sequence numbers for the client, and knows
// whether a row is open at the end of a run.
#include <cstdint>
#include <span>

#include "base/error.h"

namespace sluice::gateway {

class PacketStamper {
 public:
    // Stamps every header in `run` from `sequence` on; the result is the next number. Fails if the
    // bytes end within a header.
    Result<std::uint8_t> stamp(std::span<std::uint8_t> run, std::uint8_t sequence);
    // The last row goes on in the next run: no other shard's rows may come between.
    bool row_is_open() const { return left_ != 0 || continues_; }

 private:
    std::size_t left_ = 0;    // of the packet that the run before ended in
    bool continues_ = false;  // that packet is full, so that the row goes on in the next one
};

}  // namespace sluice::gateway
