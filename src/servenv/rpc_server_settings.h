#pragma once
// From flags to the settings of a program's gRPC server (vtgate-contract 12.3); all programs have
// the same flags for it.
#include <string_view>

#include "rpc/server.h"
#include "servenv/rpc_flags.h"

namespace sluice::servenv {

// Reads certificates and passwords. Errors (INVALID_ARGUMENT and those of files): half of a pair of
// certificate and key, an unknown way to authenticate.
Result<rpc::ServerOptions> rpc_server_options(const RpcServerFlags& flags);

// Whether --service_map names the service; the last word counts ("-grpc-vtctld" takes it back).
bool offers(const RpcServerFlags& flags, std::string_view service);

}  // namespace sluice::servenv
