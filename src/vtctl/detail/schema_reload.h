#pragma once
// Tablets read their tables again.
#include "tabletmanagerdata.pb.h"
#include "vtctl/detail/events.h"
#include "vtctl/detail/records.h"

namespace sluice::vtctl::detail {

struct ReloadOptions {
    std::string wait_position;  // replicas have come so far first; empty: at once
    bool include_primary = false;
    int concurrency = 0;  // tablets at a time; 0: all
    Duration timeout{0};  // of one tablet; zero: the usual
};
// As far as it can; failures are told in `events`.
Task<void> reload_shard(Control* control, std::string keyspace, std::string shard,
                        ReloadOptions options, Events* events, Stop* stop);

// A tablet's tables, as GetSchema asks for them.
Task<Result<tabletmanagerdata::SchemaDefinition>> schema_of(
    Control* control, topodata::TabletAlias alias, tabletmanagerdata::GetSchemaRequest request,
    Stop* stop);

}  // namespace sluice::vtctl::detail
