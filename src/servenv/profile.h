#pragma once
// Profiles of the running process in the form that `go tool pprof` reads: gzipped profile.proto.
// Frames are addresses; pprof names them by the program's own file. Nothing is measured, and
// nothing costs anything, while nobody asks.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "async/stop.h"
#include "async/task.h"
#include "servenv/admin_server.h"

namespace sluice::servenv {

// Where all threads spend their CPU time from now on for so long, a hundred samples for each second
// of it. One profile at a time: others are refused.
async::Task<Result<std::string>> cpu_profile(std::chrono::seconds duration, async::Stop* stop);
// Which code allocates memory from now on for so long, by bytes: one sample for about each half
// MiB. Only in programs whose operator new calls note_allocation().
async::Task<Result<std::string>> allocation_profile(std::chrono::seconds duration,
                                                    async::Stop* stop);

// For operator new: one look while nobody asks.
inline std::atomic<bool> allocations_are_sampled{false};
void note_allocation(std::size_t size);

// /debug/pprof/ and what is below it, for --pprof-http.
void add_profile_pages(AdminServer& server);

}  // namespace sluice::servenv
