// vtctldclient: command lines that vtctld reads. Before: client.cc. After: console.cc, in vtctld.
#include "vtctl/detail/command.h"

namespace sluice::vtctl::detail {
namespace {

log::Severity severity_of(Told::Level level) {
    if (level == Told::Level::warning) return log::Severity::warning;
    return level == Told::Level::error ? log::Severity::error : log::Severity::info;
}

Task<Result<void>> legacy(Client* client) {
    return client->run_there(client->words());
}

const std::vector<Command> commands{
    {.name = "LegacyVtctlCommand",
     .usage = "-- <command> [flags ...] [args ...]",
     .summary = "Lets vtctld read and run a command line of vtctlclient.",
     .least = 0,
     .most = -1,
     .run = &legacy},
};

}  // namespace

Task<Result<void>> Client::run_there(std::vector<std::string> words) {
    return caller_->run_command(
        std::move(words),
        [output = output_](const Told& told) {
            if (told.level == Told::Level::console) {
                output->print(told.text);
            } else {
                output->log(severity_of(told.level), told.text);
            }
        },
        stop_);
}

const std::vector<Command>& legacy_commands() {
    return commands;
}

}  // namespace sluice::vtctl::detail
