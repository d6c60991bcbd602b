#pragma once
// What a process that dies leaves behind: one fatal line in glog's format and the stack, on stderr
// and in the open log files (vtgate-contract 1.0). Frames are "program(+offset) [address]";
// llvm-addr2line -Cfie PROGRAM OFFSET gives names.
#include <string>

namespace sluice::servenv {

// From now on fatal signals (SEGV, BUS, ILL, FPE, ABRT) and uncaught exceptions are reported before
// they end the process as they always do. Once per process, after start_logging(). Under a
// sanitizer only ABRT: its own reports of the others say more.
void report_crashes();
// On each thread that is not the first: room for the report of an overflown stack.
void prepare_thread_for_crash();
// The caller's stack, one frame a line.
std::string stack_text();

}  // namespace sluice::servenv
