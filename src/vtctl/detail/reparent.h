#pragma once
// A shard's primary is changed (vttablet-contract 4.3). The shard's lock is held for the whole
// time; losing it ends the work before its next step.
#include <optional>
#include <set>
#include <string>

#include "topodata.pb.h"
#include "vtctl/detail/events.h"

namespace sluice::vtctl::detail {

struct PlannedOptions {
    std::string keyspace;
    std::string shard;
    std::optional<topodata::TabletAlias> new_primary;
    std::optional<topodata::TabletAlias> avoid_primary;
    std::optional<topodata::TabletAlias> expected_primary;
    Duration wait_replicas{std::chrono::seconds(30)};
    Duration tolerable_lag{0};  // of a candidate; zero: any
    bool allow_cross_cell = false;
};
// All tablets of the shard answer. Nothing if the shard has, or shall keep, the primary that it
// has.
using Promoted = std::optional<topodata::TabletAlias>;
Task<Result<Promoted>> planned_reparent(Control* control, PlannedOptions options, Events* events,
                                        Stop* stop);

struct EmergencyOptions {
    std::string keyspace;
    std::string shard;
    std::optional<topodata::TabletAlias> new_primary;
    std::optional<topodata::TabletAlias> expected_primary;
    std::set<std::string> ignored;  // aliases of tablets that are left alone
    Duration wait_replicas{std::chrono::seconds(30)};
    bool prevent_cross_cell = false;
    bool wait_for_all = false;
};
// The primary need not answer.
Task<Result<topodata::TabletAlias>> emergency_reparent(Control* control, EmergencyOptions options,
                                                       Events* events, Stop* stop);

struct InitOptions {
    std::string keyspace;
    std::string shard;
    topodata::TabletAlias primary;
    bool force = false;
    Duration wait_replicas{std::chrono::seconds(30)};
};
// Replication is reset on every tablet: only for a shard without data.
Task<Result<void>> init_shard_primary(Control* control, InitOptions options, Events* events,
                                      Stop* stop);

}  // namespace sluice::vtctl::detail
