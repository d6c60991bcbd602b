#include "servenv/vtctld_flags.h"

#include <gtest/gtest.h>

#include "servenv/golden_flags.h"

namespace sluice::servenv {
namespace {

struct Vtctld {
    Vtctld() : set({.name = "vtctld", .summary = "A control plane."}) { add_flags(set, values); }
    VtctldFlags values;
    FlagSet set;
};

TEST(VtctldFlags, AreV21sByNameTypeAndDefault) {
    expect_v21s(Vtctld().set, "vtctld_flags.txt", 150);
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
