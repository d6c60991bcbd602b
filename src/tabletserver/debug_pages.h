#pragma once
// Web pages and metrics of a tablet, under v21's names (vttablet-contract 3.8).
#include "servenv/admin_server.h"
#include "servenv/metrics.h"
#include "tabletserver/server.h"

namespace sluice::tabletserver {

// Gives the server once it is there; null before.
using ServerOf = std::function<const Server*()>;

// `by_workload`: plans' figures have that label too (Options::workload_metrics).
void add_metrics(servenv::Metrics& metrics, ServerOf server, bool by_workload);
void add_pages(servenv::AdminServer& admin, ServerOf server);

}  // namespace sluice::tabletserver
