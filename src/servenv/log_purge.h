#pragma once
// Old log files of this program are removed: --keep_logs by the time in their names,
// --keep_logs_by_mtime by when they were last written (vtgate-contract 1.1).
#include <chrono>
#include <string>
#include <vector>

#include "async/stop.h"
#include "async/task.h"
#include "servenv/program_flags.h"

namespace sluice::servenv {

// Names, sorted, of the files in flags.log_dir that are too old. Not those that a symlink
// PROGRAM.SEVERITY points at, nor any file that is not a log of `program`.
std::vector<std::string> old_logs(const LogFlags& flags, const std::string& program,
                                  std::chrono::system_clock::time_point now);

// Removes them now and every purge_logs_interval, until `stop`; returns at once if all are kept.
async::Task<void> purge_logs(const LogFlags* flags, std::string program, async::Stop* stop);

}  // namespace sluice::servenv
