// Durability policies. Before: reparent.cc.
#include "tabletserver/durability.h"

namespace sluice::tabletserver {

using topo::TabletType;

bool commits_wait(std::string_view policy) {
    return policy == "semi_sync" || policy == "semi_sync_with_rdonly_ack" ||
           policy == "cross_cell" || policy == "cross_cell_with_rdonly_ack";
}

bool acknowledges(std::string_view policy, const topo::TabletAlias& primary,
                  const topo::TabletAlias& replica, TabletType type) {
    if (!commits_wait(policy)) return false;
    const bool rdonly_too = policy.ends_with("_with_rdonly_ack");
    const bool may = type == TabletType::primary || type == TabletType::replica ||
                     (rdonly_too && type == TabletType::rdonly);
    const bool across = policy.starts_with("cross_cell");
    return may && (!across || primary.cell != replica.cell);
}

}  // namespace sluice::tabletserver
