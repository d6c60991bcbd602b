#pragma once
// From flags to the settings of a program's gRPC server (vtgate-contract 12.3) and of its channels
// to other programs; all programs have the same flags for these.
#include <string_view>

#include "rpc/channel.h"
#include "rpc/server.h"
#include "servenv/rpc_flags.h"

namespace sluice::servenv {

// Reads certificates and passwords. Errors (INVALID_ARGUMENT and those of files): half of a pair of
// certificate and key, an unknown way to authenticate.
Result<rpc::ServerOptions> rpc_server_options(const RpcServerFlags& flags);

// What the channels of one kind have in common; addresses are left to the caller. TLS is spoken if
// a CA, or a certificate with its key, is given; errors as above. `max_message_size` in bytes.
Result<rpc::ChannelOptions> rpc_channel_options(const RpcClientFlags& flags,
                                                std::int64_t max_message_size);

// Whether --service_map names the service; the last word counts ("-grpc-vtctld" takes it back).
bool offers(const RpcServerFlags& flags, std::string_view service);

}  // namespace sluice::servenv
