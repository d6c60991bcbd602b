#pragma once
// Pages and figures of a tablet's plans.
#include "tabletserver/debug_pages.h"

namespace sluice::tabletserver {

void add_plan_metrics(servenv::Metrics& metrics, ServerOf server, bool by_workload);
void add_plan_pages(servenv::AdminServer& admin, ServerOf server);

}  // namespace sluice::tabletserver
