#pragma once
// What gateways of a cell read: which shards serve. And which tablets a cell has of a shard.
#include "vtctl/detail/records.h"

namespace sluice::vtctl::detail {

// The cells whose SrvKeyspace names the shard.
Task<Result<std::vector<std::string>>> serving_cells(Control* control, std::string keyspace,
                                                     std::string shard, Stop* stop);
// The cell's SrvKeyspace names the shard no longer. The caller holds the keyspace's lock.
Task<Result<void>> stop_serving_in(Control* control, std::string keyspace, std::string shard,
                                   std::string cell, Stop* stop);

// Whether queries of a type are refused on a shard, in the SrvKeyspace of the cells (none: all).
// The caller holds the keyspace's lock.
struct QueryServiceChange {
    std::string keyspace;
    std::string shard;
    topodata::TabletType type = topodata::UNKNOWN;
    std::vector<std::string> cells;
    bool disabled = false;
};
Task<Result<void>> change_query_service(Control* control, QueryServiceChange change, Stop* stop);

// SrvKeyspace of the cells (none: all), made of the shards' records. Under the keyspace's lock,
// which it takes.
Task<Result<void>> rebuild_serving(Control* control, std::string keyspace,
                                   std::vector<std::string> cells, bool allow_partial, Stop* stop);

// The tablet is, or is not, in the replication graph of its shard in the cell.
Task<Result<void>> change_replication(Control* control, std::string cell, std::string keyspace,
                                      std::string shard, topodata::TabletAlias alias, bool present,
                                      Stop* stop);

}  // namespace sluice::vtctl::detail
