#pragma once
// From flags to the settings of vtctld's gRPC server.
#include "rpc/server.h"
#include "servenv/rpc_flags.h"

namespace sluice::vtctl {

Result<rpc::ServerOptions> server_options(const servenv::RpcServerFlags& flags);

}  // namespace sluice::vtctl
