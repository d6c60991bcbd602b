#pragma once
// One shard's connection that a session holds.
#include <string>

#include "transaction/shard_sessions.h"

namespace sluice::transaction {

struct ShardSessions::OpenShard {
    std::string keyspace;
    std::string shard;
    vindex::TabletType type = vindex::TabletType::primary;
    vindex::TabletAlias alias;
    discovery::TabletPointer tablet;
    tablet::HeldId held = tablet::not_held;  // not yet, while the first statement runs
    bool transaction = false;                // open on it
    bool reserved = false;                   // kept beyond the transaction
    bool running = false;
};

// "`name`", with backticks in it doubled.
std::string quoted_name(std::string_view name);

}  // namespace sluice::transaction
