#pragma once
// What is deleted from the topology together.
#include "vtctl/detail/records.h"

namespace sluice::vtctl::detail {

struct DeleteShardOptions {
    bool recursive = false;  // its tablets too
    bool even_if_serving = false;
    bool force = false;  // also without the lock
};
Task<Result<void>> delete_shard(Control* control, std::string keyspace, std::string shard,
                                DeleteShardOptions options, Stop* stop);

// The tablet's record and its place in the shard's replication graph.
Task<Result<void>> delete_tablet_records(Control* control, topodata::Tablet tablet, Stop* stop);
// The same of a tablet that may be its shard's primary.
Task<Result<void>> delete_tablet(Control* control, topodata::TabletAlias alias, bool allow_primary,
                                 Stop* stop);

// The shard is no longer served in the cell.
Task<Result<void>> remove_shard_cell(Control* control, std::string keyspace, std::string shard,
                                     std::string cell, bool recursive, bool force, Stop* stop);

}  // namespace sluice::vtctl::detail
