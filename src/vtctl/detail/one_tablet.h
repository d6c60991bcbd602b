#pragma once
// What several families ask of one tablet.
#include "vtctl/detail/records.h"

namespace sluice::vtctl::detail {

// In all of these `tablet` outlives the task.
Task<Result<void>> ping_tablet(Control* control, const topodata::Tablet* tablet, Stop* stop);
// The primary of the tablet's shard, which must be one by its own record too.
Task<Result<topodata::Tablet>> primary_of_shard(Control* control, const topodata::Tablet* tablet,
                                                Stop* stop);
// What its web server says it is made of, "map[...]" in one line.
Task<Result<std::string>> version_of(Control* control, const topodata::Tablet* tablet, Stop* stop);

}  // namespace sluice::vtctl::detail
