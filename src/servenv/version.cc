// Start of a process: --version, and what pages and variables say of the build.
#include "servenv/version.h"

namespace sluice::servenv {

std::string_view build_revision() {
    return SLUICE_REVISION;
}
std::string_view build_time() {
    return SLUICE_COMMIT_TIME;
}

std::string version_text() {
    return "Version: " + std::string(version_number) + " (Git revision " + SLUICE_REVISION +
           " branch 'main') built on " + SLUICE_COMMIT_TIME + " by sluice@build using clang " +
           std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__) + " linux/amd64";
}

}  // namespace sluice::servenv
