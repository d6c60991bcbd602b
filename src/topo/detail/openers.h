#pragma once
// Which implementations of a store there are.
#include <memory>

#include "topo/topology.h"

namespace sluice::topo::detail {

// nullptr if the implementation is not known.
std::unique_ptr<StoreOpener> make_opener(const TopologyOptions& options);

}  // namespace sluice::topo::detail
