#pragma once
// Flags that only have to parse: a table of names and v21's defaults, with the reason.
#include <deque>
#include <string_view>
#include <vector>

#include "servenv/vttablet_flags.h"

namespace sluice::servenv::detail {

struct InertFlag {
    std::string_view name;
    InertValue initial;
};

// Their values go to `into`, which outlives `flags`.
void add_inert(FlagSet& flags, std::deque<InertValue>& into, std::string_view why,
               std::vector<InertFlag> added);

}  // namespace sluice::servenv::detail
