#pragma once
// Log lines in glog's format, to stderr or to files as glog keeps them: one file per severity, each
// with the lines of its severity and above, and a symlink PROGRAM.SEVERITY to the newest
// (vtgate-contract 1.0, 1.1). "W1123 04:54:35.123456   12345 execute.cc:17] text".
#include <array>
#include <string>

#include "base/log.h"
#include "servenv/program_flags.h"

namespace sluice::servenv {

// Directs base/log.h's lines from now on; once per process. What cannot be written to a file goes
// to stderr, so this never fails.
void start_logging(const LogFlags& flags, std::string program);
// --log_dir, or the system's folder for temporary files.
std::string log_folder(const LogFlags& flags);
// What /debug/flushlogs promises.
void flush_logs();
// The open log files, for a process that dies: -1 where there is none. Takes no lock.
std::array<int, 4> log_descriptors();

// The line of one message, with its newline. `seconds` and `microseconds` are local wall-clock
// time.
std::string glog_line(log::Severity severity, std::string_view text, std::string_view file,
                      unsigned line, std::int64_t seconds, long microseconds, long thread);

// The same for now, and here.
std::string glog_line_now(log::Severity severity, std::string_view text,
                          std::source_location where = std::source_location::current());

// Ends the process as v21's log.Exit (1) and log.Fatal (2) do, after logging `text`; 2 with the
// stack. Before start_logging() the line goes to stderr.
[[noreturn]] void exit_with(int status, std::string_view text,
                            std::source_location where = std::source_location::current());

}  // namespace sluice::servenv
