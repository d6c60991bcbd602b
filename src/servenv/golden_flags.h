#pragma once
// For tests: the flags of a program against the list of v21's.
#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "servenv/flags.h"

namespace sluice::servenv {

struct GoldenFlag {
    std::string name, type, shown_default;
};

// src/servenv/golden/FILE: name, type and default of each flag, with tabs; "-" is none.
inline std::vector<GoldenFlag> golden_flags(const std::string& file) {
    std::ifstream lines("src/servenv/golden/" + file);
    std::vector<GoldenFlag> flags;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("#")) continue;
        std::istringstream fields(line);
        GoldenFlag& flag = flags.emplace_back();
        std::getline(fields, flag.name, '\t');
        std::getline(fields, flag.type, '\t');
        std::getline(fields, flag.shown_default, '\t');
    }
    return flags;
}

inline std::string hyphenated(std::string name) {
    std::ranges::replace(name, '_', '-');
    return name;
}

inline bool is_shown_as_none(const std::string& value) {
    return value.empty() || value == "\"\"" || value == "0" || value == "false" || value == "0s" ||
           value == "[]";
}

// Each of v21's flags is there with its type and default, and no other but those of a group of our
// own and old names. At least `least` flags are in the file.
inline void expect_v21s(const FlagSet& set, const std::string& file, std::size_t least) {
    // --help shows these in another way than they are.
    const std::set<std::string> shown_otherwise = {"config-path", "sql-max-length-errors",
                                                   "tx-throttler-tablet-types"};
    // Some of v21's are there in both spellings, of which the second has the default.
    std::map<std::string, GoldenFlag> wanted;
    for (GoldenFlag& flag : golden_flags(file)) wanted[hyphenated(flag.name)] = std::move(flag);
    EXPECT_GT(wanted.size(), least);
    std::map<std::string, const FlagSet::Entry*> known;
    for (const FlagSet::Entry* entry : set.entries()) known[hyphenated(entry->name)] = entry;
    for (const char* name : {"help", "version"}) known.erase(name);
    for (const auto& [name, want] : wanted) {
        if (name == "help" || name == "version") continue;
        const auto found = known.find(name);
        if (found == known.end()) {
            ADD_FAILURE() << "--" << name << " is missing";
            continue;
        }
        EXPECT_EQ(found->second->type, want.type == "-" ? "" : want.type) << name;
        const std::string& text = found->second->default_text;
        if (!shown_otherwise.contains(name))
            EXPECT_EQ(is_shown_as_none(text) ? "-" : text, want.shown_default) << name;
        known.erase(found);
    }
    for (const auto& [name, entry] : known) {
        const bool is_ours = !entry->group.empty() || !entry->deprecated.empty();
        EXPECT_TRUE(is_ours) << "--" << name << " is not v21's";
    }
}

}  // namespace sluice::servenv
