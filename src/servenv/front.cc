// Start of a process. Before: apps/*/main.cc. After: the program's own work.
#include "servenv/front.h"

#include "base/log.h"
#include "servenv/command_line.h"
#include "servenv/crash.h"
#include "servenv/glog.h"

namespace sluice::servenv {

int run_front(const Front& front, const std::vector<std::string>& arguments) {
    FlagSet& flags = *front.flags;
    if (const auto status = answer_at_once(flags, flags.parse(arguments))) return *status;
    if (front.parsed) front.parsed();
    start_logging(*front.log, flags.program());
    report_crashes();
    for (const std::string& line : flags.inert_notices()) log::warning(line);
    Config config(&flags, front.config, front.keys);
    std::optional<Invalid> invalid = config.load();
    if (!invalid) invalid = front.validate();
    if (invalid) exit_with(invalid->status, invalid->text);
    return front.serve(config);
}

}  // namespace sluice::servenv
