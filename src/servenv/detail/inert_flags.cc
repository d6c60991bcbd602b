// Start of a process: flags without effect. Before: servenv/vttablet_inert_flags.cc and its like.
#include "servenv/detail/inert_flags.h"

#include <span>

namespace sluice::servenv::detail {

void add_inert(FlagSet& flags, std::deque<InertValue>& into, std::string_view why,
               std::vector<InertFlag> added) {
    for (InertFlag& one : added) {
        InertValue& value = into.emplace_back(std::move(one.initial));
        const FlagTarget target = std::visit([](auto& held) -> FlagTarget { return &held; }, value);
        const Flag flag{.name = one.name, .target = target, .help = "accepted"};
        flags.add(std::span(&flag, 1));
        flags.inert(one.name, why);
    }
}

}  // namespace sluice::servenv::detail
