#pragma once
// vtctlservice.Vtctld: the calls of the control plane, for gRPC clients and for a client in the
// same process (vttablet-contract 5).
#include <string>
#include <string_view>

#include "rpc/services.h"
#include "vtctl/control.h"

namespace sluice::vtctl {

class Service {
 public:
    explicit Service(Control control) : control_(std::move(control)) {}

    // All calls must come in on the control plane's loop. Calls that v21 has and this service does
    // not answer are UNIMPLEMENTED by name. The service outlives what is registered.
    void add_to(rpc::Services* services);
    // One call: `method` is a method's name, "AddCellInfo"; request and answer are protobuf.
    Task<Result<std::string>> call(std::string method, std::string request, Stop* stop);

    Control* control() { return &control_; }

 private:
    Control control_;
};

}  // namespace sluice::vtctl
