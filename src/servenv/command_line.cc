// Start of a process: the answers that need no process. Before: servenv/flags.cc. After:
// apps/*/main.cc.
#include "servenv/command_line.h"

#include <cstdio>

#include "servenv/glog.h"
#include "servenv/version.h"

namespace sluice::servenv {

std::optional<int> answer_at_once(const FlagSet& flags, const Result<FlagSet::Request>& request) {
    if (!request) {
        std::fputs(flags.usage_failure(request.error()).c_str(), stderr);
        exit_with(1, request.error().text);
    }
    if (*request == FlagSet::Request::help) {
        std::fputs(flags.help().c_str(), stdout);
        return 0;
    }
    if (*request == FlagSet::Request::version) {
        std::printf("%s version %s\n", flags.program().c_str(), version_text().c_str());
        return 0;
    }
    for (const std::string& line : flags.deprecation_notices()) {
        std::fprintf(stderr, "%s\n", line.c_str());
    }
    return std::nullopt;
}

}  // namespace sluice::servenv
