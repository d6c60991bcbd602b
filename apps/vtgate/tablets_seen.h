#pragma once
// The tablets as the gate sees them now: the one place from which pages about them are made.
#include <string>
#include <vector>

#include "topo/records.h"

namespace sluice::vtgate {

class Gate;

struct SeenTablet {
    topo::Tablet record;
    bool serving = false;
    std::int64_t primary_term_start = 0;  // seconds since 1970
    std::uint32_t lag_seconds = 0;
    std::string last_error;  // empty: none
};

// Sorted by cell, keyspace, shard, type, alias. On the main loop.
std::vector<SeenTablet> tablets_seen(const Gate& gate);

}  // namespace sluice::vtgate
