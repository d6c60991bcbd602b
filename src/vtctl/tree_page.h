#pragma once
// The web page of vtctld: the cluster's tree.
#include "servenv/admin_server.h"
#include "vtctl/control.h"

namespace sluice::vtctl {

// "/" and "/app": cells, keyspaces with their VSchemas, shards, tablets and how they are.
// `control` gives null while the topology is not open yet.
void add_tree_pages(servenv::AdminServer& server, std::function<Control*()> control);

}  // namespace sluice::vtctl
