#pragma once
// The durability policies of keyspaces: who has to acknowledge a commit (vttablet-contract 4.3).
// Pure.
#include <string_view>

#include "topo/records.h"

namespace sluice::tabletserver {

// Whether a primary's commits wait for a replica. Policies that are not known ask for nothing.
bool commits_wait(std::string_view policy);

// Whether `replica` acknowledges to `primary`; with the type that it has, or will have.
bool acknowledges(std::string_view policy, const topo::TabletAlias& primary,
                  const topo::TabletAlias& replica, topo::TabletType type);

}  // namespace sluice::tabletserver
