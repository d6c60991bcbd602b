// Web pages of the gate (vtgate-contract 11.1).
#include <algorithm>

#include "gate.h"
#include "vschema/json.h"

namespace sluice::vtgate {
namespace {

// Why clients should not be sent here now; empty: they should. On the main loop.
std::string unready(const servenv::Process& process, const Gate& gate) {
    if (process.ending()) return "draining: the process ends";
    const executor::Core& core = gate.loops().front()->executor;
    if (core.snapshots == nullptr) return "starting: the topology is being read";
    bool any = false;
    bool primary = false;
    for (const auto& [name, keyspace] : core.snapshots->cluster()->keyspaces) {
        for (const auto& shard : keyspace->shards) {
            for (const discovery::TabletType type : discovery::served_types) {
                const bool healthy = std::ranges::any_of(shard->tablets[discovery::slot(type)],
                                                         &discovery::KnownTablet::healthy);
                any |= healthy;
                primary |= healthy && type == discovery::TabletType::primary;
            }
        }
    }
    if (!any) return "starting: no tablet answers yet";
    return primary ? "" : "no primary answers";
}

}  // namespace

void add_pages(servenv::Process& process, const Gate* gate) {
    servenv::AdminServer& admin = process.admin();
    admin.page(
        "/debug/ready",
        [&process, gate](const servenv::HttpRequest&) {
            const std::string why = unready(process, *gate);
            if (why.empty()) return servenv::HttpResponse{.body = "ok"};
            return servenv::HttpResponse{.status = 503, .body = why + "\n"};
        },
        servenv::Role::monitoring);
    admin.page(
        "/debug/vschema",
        [gate](const servenv::HttpRequest&) {
            const executor::Core& core = gate->loops().front()->executor;
            servenv::HttpResponse response;
            response.content_type = "application/json; charset=utf-8";
            response.body =
                core.snapshots == nullptr ? "{}" : vschema::debug_json(*core.snapshots->schema());
            return response;
        },
        servenv::Role::debugging);
}

}  // namespace sluice::vtgate
