#pragma once
// /debug/config shows where settings come from; /debug/env shows and changes those that may change
// while the process runs (vtgate-contract 11.1).
#include "servenv/admin_server.h"
#include "servenv/config.h"

namespace sluice::servenv {

// `config` outlives the server; both belong to one loop.
void add_config_pages(AdminServer& server, Config* config);

}  // namespace sluice::servenv
