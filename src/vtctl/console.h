#pragma once
// vtctlservice.Vtctl: command lines of vtctlclient that the control plane reads and runs itself,
// and whose output it sends as it comes (vttablet-contract 5).
#include <string>
#include <vector>

#include "rpc/services.h"
#include "vtctl/service.h"

namespace sluice::vtctl {

// Runs one command line: a command of vtctldclient by its name or by that of vtctlclient, in any
// case. `listener` hears its output, what it tells, and the usage text if the line is wrong; the
// error says in a line what failed. `control` outlives the task.
Task<Result<void>> run_command_line(const Control* control, std::vector<std::string> words,
                                    Listener listener, Stop* stop);

// Calls must come in on the control plane's loop. `control` outlives what is registered.
void add_console(rpc::Services* services, const Control* control);

}  // namespace sluice::vtctl
