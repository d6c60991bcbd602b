// Start of a process: --version, and what pages and variables say of the build.
#include "servenv/version.h"

#include <ctime>

namespace sluice::servenv {

std::string_view build_revision() {
    return SLUICE_REVISION;
}
std::string_view build_time() {
    return SLUICE_COMMIT_TIME;
}

double build_seconds() {
    std::tm parts{};
    const char* const rest = strptime(SLUICE_COMMIT_TIME, "%Y-%m-%dT%H:%M:%S%z", &parts);
    if (rest == nullptr) return 0;
    const long offset = parts.tm_gmtoff;
    return static_cast<double>(timegm(&parts) - offset);
}

std::string version_text() {
    return "Version: " + std::string(version_number) + " (Git revision " + SLUICE_REVISION +
           " branch 'main') built on " + SLUICE_COMMIT_TIME + " by sluice@build using clang " +
           std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__) + " linux/amd64";
}

}  // namespace sluice::servenv
