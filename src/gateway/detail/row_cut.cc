// Under scatter.cc and shard_streams.cc: steps over packet headers in runs of rows.
#include "gateway/detail/row_cut.h"

#include <algorithm>

#include "base/limits.h"
#include "wire/packet.h"

namespace sluice::gateway {

Result<std::uint8_t> PacketStamper::stamp(std::span<std::uint8_t> run, std::uint8_t sequence) {
    std::size_t at = std::min(left_, run.size());
    left_ -= at;
    while (at < run.size()) {
        if (run.size() - at < wire::header_size) return bug("a run of rows ends within a header");
        const std::size_t payload = static_cast<std::size_t>(run[at]) |
                                    static_cast<std::size_t>(run[at + 1]) << 8 |
                                    static_cast<std::size_t>(run[at + 2]) << 16;
        run[at + 3] = sequence++;
        continues_ = payload == limits::max_packet_payload;
        at += wire::header_size;
        const std::size_t here = std::min(payload, run.size() - at);
        at += here;
        left_ = payload - here;
    }
    return sequence;
}

}  // namespace sluice::gateway
