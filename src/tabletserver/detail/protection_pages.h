#pragma once
// Pages and figures of what protects a tablet's server: rules, hot rows, limits of transactions.
#include "tabletserver/debug_pages.h"

namespace sluice::tabletserver {

void add_protection_metrics(servenv::Metrics& metrics, ServerOf server);
void add_protection_pages(servenv::AdminServer& admin, ServerOf server);

}  // namespace sluice::tabletserver
