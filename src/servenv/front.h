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

// main() of a program that has one set of flags: `Flags` has add_flags(), validate() and members
// `log` and `config`.
template <class Flags>
int run_program(Program program, std::vector<ConfigKey> keys, int (*serve)(const Flags&, Config&),
                int count, char** words) {
    Flags flags;
    FlagSet set(std::move(program));
    add_flags(set, flags);
    return run_front({.flags = &set,
                      .log = &flags.log,
                      .config = &flags.config,
                      .keys = std::move(keys),
                      .validate = [&] { return validate(flags); },
                      .serve = [&](Config& config) { return serve(flags, config); }},
                     std::vector<std::string>(words + 1, words + count));
}

}  // namespace sluice::servenv
