#pragma once
// What stands between main() and a program's own work, the same for every program: the answers
// that need no process, logs, crash reports, environment and configuration file, validation.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "servenv/config.h"

namespace sluice::servenv {

struct Front {
    FlagSet* flags = nullptr;  // with all flags added; outlives the call, as all pointers here
    const LogFlags* log = nullptr;
    const ConfigFlags* config = nullptr;
    std::vector<ConfigKey> keys = common_config_keys();
    std::function<void()> parsed = nullptr;  // after the command line was read; may be null
    std::function<std::optional<Invalid>()> validate;
    std::function<int(Config&)> serve;  // the program's own work; returns the exit status
};

// `arguments` without the program's name. Returns the exit status, or ends the process with a
// fatal log line.
int run_front(const Front& front, const std::vector<std::string>& arguments);

}  // namespace sluice::servenv
