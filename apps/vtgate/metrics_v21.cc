// What every v21 gate exports and of which nothing happens here: dashboards find the names, with
// zeros or without labels. A room that begins to count takes its names out of this list.
#include "metrics.h"

namespace sluice::vtgate {
namespace {

using servenv::Metrics;
using Kind = Metrics::Kind;

struct Number {
    Kind kind;
    const char* name;
};
const Number zeros[] = {
    {Kind::counter, "PartialSuccessScatterQueries"},
    {Kind::counter, "GatewayStatsChanFullCount"},
    {Kind::counter, "VStreamEventsDelayedBySkewAlignment"},
    {Kind::counter, "CompressedTransactionPayloadsInMemory"},
    {Kind::counter, "CompressedTransactionPayloadsViaStream"},
    {Kind::counter, "SidecarDBDDLQueryCount"},
    {Kind::counter, "SidecarDBDDLErrorCount"},
    {Kind::counter, "ThrottlerCheckAnyTotal"},
    {Kind::counter, "ThrottlerCheckAnyError"},
    {Kind::counter, "ThrottlerHeartbeatRequests"},
    {Kind::counter, "ThrottlerProbeRecentlyChecked"},
    {Kind::gauge, "VindexUnknownParameters"},
    {Kind::gauge, "backup_duration_seconds"},
    {Kind::gauge, "restore_duration_seconds"},
};

// Each key stands in the family with zero from the start.
struct Family {
    Kind kind;
    const char* name;
    std::vector<std::string> labels;
    std::vector<std::string> keys = {};
};
const std::vector<std::string> target = {"keyspace", "shard_name", "tablet_type"};
const Family families[] = {
    {Kind::counter, "TopologyConnErrors", {"operation", "cell"}},
    {Kind::counter, "ResilientSrvTopoServer", {"type"}, {"cached", "error", "query"}},
    {Kind::counter, "ReplicaWarmingReadsMirrored", {"keyspace"}},
    {Kind::counter, "VStreamsCreated", target},
    {Kind::gauge, "VStreamsLag", target},
    {Kind::counter, "SidecarDBDDLErrors", {"error"}},
    {Kind::counter, "TabletPickerNoTabletFoundErrorCount", {"cells", "keyspace", "shard", "types"}},
};

constexpr const char* nothing = "of v21; nothing of it happens in this gate";

}  // namespace

void add_v21_leftovers(Metrics& metrics) {
    for (const Number& each : zeros)
        metrics.read(each.kind, {each.name, nothing}, [] { return 0.0; });
    metrics.read_timings({"TopologyConnOperations", nothing, {"operation", "cell"}},
                         [] { return std::map<servenv::LabelKey, servenv::Distribution>(); });
    for (const Family& each : families) {
        metrics.read_labelled(each.kind, {each.name, nothing, each.labels}, [&each] {
            std::map<servenv::LabelKey, double> zero;
            for (const std::string& key : each.keys) zero[key] = 0;
            return zero;
        });
    }
}

}  // namespace sluice::vtgate
