#include "servenv/vtctld_flags.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

namespace sluice::servenv {
namespace {

struct Vtctld {
    Vtctld() : set({.name = "vtctld", .summary = "A control plane."}) { add_flags(set, values); }
    VtctldFlags values;
    FlagSet set;
};

std::string canonical(std::string name) {
    std::ranges::replace(name, '_', '-');
    return name;
}

TEST(VtctldFlags, AreV21sByNameTypeAndDefault) {
    const Vtctld vtctld;
    std::map<std::string, const FlagSet::Entry*> known;
    for (const FlagSet::Entry* entry : vtctld.set.entries()) known[canonical(entry->name)] = entry;
    std::ifstream file("src/servenv/golden/vtctld_flags.txt");
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#")) continue;
        std::istringstream fields(line);
        std::string name, type, shown;
        std::getline(fields, name, '\t');
        std::getline(fields, type, '\t');
        std::getline(fields, shown, '\t');
        if (name == "help" || name == "version") continue;
        ++count;
        const auto found = known.find(canonical(name));
        if (found == known.end()) {
            ADD_FAILURE() << "--" << name << " is missing";
            continue;
        }
        EXPECT_EQ(found->second->type, type == "-" ? "" : type) << name;
        const std::string text = found->second->default_text;
        const bool none = text.empty() || text == "\"\"" || text == "0" || text == "false" ||
                          text == "0s" || text == "[]";
        // These --help shows in another way than they are.
        const bool own_way = name == "config-path" || name == "sql-max-length-errors";
        if (!own_way) EXPECT_EQ(none ? "-" : text, shown) << name;
        known.erase(found);
    }
    EXPECT_GT(count, 150U);
    for (const auto& [name, entry] : known) {
        const bool ours = !entry->group.empty() || !entry->deprecated.empty();
        EXPECT_TRUE(ours) << "--" << name << " is not v21's";
    }
}

TEST(VtctldFlags, RefusesWhatWouldBeLessThanAskedFor) {
    for (const char* flag : {"--disable_active_reparents", "--tablet_manager_protocol=x"}) {
        Vtctld vtctld;
        ASSERT_TRUE(vtctld.set.parse(std::vector<std::string>{flag})) << flag;
        EXPECT_TRUE(validate(vtctld.values).has_value()) << flag;
    }
    EXPECT_FALSE(validate(Vtctld().values).has_value());
}

}  // namespace
}  // namespace sluice::servenv
