#pragma once
// The pages that every program has beside health and status: /debug/vars, /metrics,
// /debug/flushlogs (vtgate-contract 11.1).
#include "servenv/admin_server.h"
#include "servenv/metrics.h"

namespace sluice::servenv {

// `metrics` outlives the server.
void add_standard_pages(AdminServer& server, const Metrics* metrics);

}  // namespace sluice::servenv
