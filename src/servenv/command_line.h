#pragma once
// What a program answers to its command line without starting: help, its version, a complaint
// (vtgate-contract 1.0).
#include <optional>

#include "servenv/flags.h"

namespace sluice::servenv {

// The exit status if `request` (of flags.parse()) is not to run: help and version go to stdout, a
// wrong command line to stderr with the usage and a last line in glog's format. Otherwise notices
// about deprecated flags go to stderr, and the program goes on.
std::optional<int> answer_at_once(const FlagSet& flags, const Result<FlagSet::Request>& request);

}  // namespace sluice::servenv
