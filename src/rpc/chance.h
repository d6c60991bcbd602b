#pragma once
// The Chance (options.h) of real programs; tests bring numbers of their own.

namespace sluice::rpc {

// A pseudorandom number in [0, 1), of a generator of the thread's own.
double uniform_chance();

}  // namespace sluice::rpc
