// Step 1 of a request to a tablet: is it for us, and may it run now? Before: query_service.cc.
#include "tabletserver/condition.h"

#include <algorithm>

#include "vindex/target.h"

namespace sluice::tabletserver {
namespace {

std::string mismatch(std::string_view what, std::string_view given, std::string_view ours) {
    std::string text = "invalid ";
    text.append(what).append(" ").append(given).append(" does not match expected ").append(ours);
    return text;
}

}  // namespace

Result<void> check(const Condition& condition, std::string_view keyspace, std::string_view shard,
                   const WantedTarget& wanted, bool finishing) {
    if (!condition.serving)
        return fail(Code::cluster_event, "operation not allowed in state NOT_SERVING");
    if (condition.shutting_down && !finishing)
        return fail(Code::cluster_event, "operation not allowed in state SHUTTING_DOWN");
    if (!wanted.named) return fail(Code::invalid_argument, "No target");
    if (wanted.keyspace != keyspace)
        return fail(Code::invalid_argument, mismatch("keyspace", wanted.keyspace, keyspace));
    if (wanted.shard != shard)
        return fail(Code::invalid_argument, mismatch("shard", wanted.shard, shard));
    if (wanted.type == condition.type) return {};
    if (std::ranges::find(condition.also_allowed, wanted.type) != condition.also_allowed.end())
        return {};
    std::string text = "wrong tablet type: ";
    text.append(vindex::tablet_type_name(wanted.type));
    text.append(", want: ").append(vindex::tablet_type_name(condition.type)).append(" or [");
    for (const topo::TabletType type : condition.also_allowed) {
        if (!text.ends_with('[')) text.push_back(' ');
        text.append(vindex::tablet_type_name(type));
    }
    return fail(Code::failed_precondition, text + "]");
}

}  // namespace sluice::tabletserver
