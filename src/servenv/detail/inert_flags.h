#pragma once
// Flags that are accepted and change nothing: --help and a log line say why. What several programs
// have in common stands in inert_flags.cc, the rest in each program's list.
#include <deque>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "servenv/vttablet_flags.h"

namespace sluice::servenv::detail {

// Flags that only have to parse, with v21's types and defaults.
struct InertFlag {
    std::string_view name;
    InertValue initial;
};
struct InertGroup {
    std::string_view why;
    std::vector<InertFlag> flags;
};
// Their values go to `into`, which outlives `flags`.
void add_inert(FlagSet& flags, std::deque<InertValue>& into, std::string_view why,
               std::vector<InertFlag> added);
inline void add_inert(FlagSet& flags, std::deque<InertValue>& into, InertGroup group) {
    add_inert(flags, into, group.why, std::move(group.flags));
}

// Flags of families that a program shares with others.
struct InertNames {
    std::string_view why;
    std::initializer_list<std::string_view> names;
};
void mark_inert(FlagSet& flags, std::span<const InertNames> groups);
// Those that change nothing in any program; a program that lacks some of them has removed them
// before.
void mark_common_inert(FlagSet& flags);

// Where and how backups are stored: of the programs that read or make them.
InertGroup inert_backup_stores(std::string_view why);

}  // namespace sluice::servenv::detail
