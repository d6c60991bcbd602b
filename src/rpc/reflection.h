#pragma once
// grpc.reflection v1 and v1alpha: what grpcurl and the like ask a server about its services. The
// descriptors are those of the messages that are linked into the program.
#include "rpc/services.h"

namespace sluice::rpc {

// Adds both versions. `services` outlive their calls; services that are added later are listed too.
void add_reflection(Services* services);

}  // namespace sluice::rpc
