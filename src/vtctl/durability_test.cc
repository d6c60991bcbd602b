#include "vtctl/detail/durability.h"

#include <gtest/gtest.h>

namespace sluice::vtctl::detail {
namespace {

using topodata::Tablet;

Tablet tablet(const std::string& cell, std::uint32_t uid, topodata::TabletType type) {
    Tablet made;
    made.mutable_alias()->set_cell(cell);
    made.mutable_alias()->set_uid(uid);
    made.set_type(type);
    return made;
}

TEST(Durability, SaysWhoAcknowledges) {
    const Tablet primary = tablet("a", 1, topodata::PRIMARY);
    struct Case {
        const char* policy;
        Tablet replica;
        bool want;
    };
    for (const auto& [policy, replica, want] : std::vector<Case>{
             {"none", tablet("a", 2, topodata::REPLICA), false},
             {"semi_sync", tablet("a", 2, topodata::REPLICA), true},
             {"semi_sync", tablet("a", 2, topodata::RDONLY), false},
             {"semi_sync", tablet("a", 2, topodata::BACKUP), false},
             {"semi_sync_with_rdonly_ack", tablet("a", 2, topodata::RDONLY), true},
             {"cross_cell", tablet("a", 2, topodata::REPLICA), false},
             {"cross_cell", tablet("b", 2, topodata::REPLICA), true},
             {"cross_cell", tablet("b", 2, topodata::RDONLY), false},
             {"cross_cell_with_rdonly_ack", tablet("b", 2, topodata::RDONLY), true},
             {"cross_cell_with_rdonly_ack", tablet("a", 2, topodata::RDONLY), false}}) {
        EXPECT_EQ(Durability::named(policy)->acknowledges(primary, replica), want)
            << policy << " " << replica.ShortDebugString();
    }
}

TEST(Durability, KnowsFivePolicies) {
    EXPECT_FALSE(Durability::named("semi"));
    EXPECT_FALSE(Durability::named(""));
    EXPECT_FALSE(Durability::named("none_with_rdonly_ack"));
    EXPECT_EQ(Durability::named("none")->ackers(), 0U);
    EXPECT_EQ(Durability::named("cross_cell")->ackers(), 1U);
}

TEST(Durability, KnowsWhoCanTakeWritesAndWhoNoLonger) {
    const Tablet one = tablet("a", 1, topodata::PRIMARY);
    const Tablet two = tablet("a", 2, topodata::REPLICA);
    const Tablet three = tablet("b", 3, topodata::REPLICA);
    const Tablet reader = tablet("b", 4, topodata::RDONLY);
    const std::vector<const Tablet*> all{&one, &two, &three, &reader};
    struct Case {
        const char* policy;
        std::vector<const Tablet*> reached;
        bool establishes;  // the second
        bool revoked;
    };
    for (const auto& [policy, reached, establishes, revoked] :
         std::vector<Case>{{"none", {&two, &three}, true, false},
                           {"none", {&one, &two, &three}, true, true},
                           // The first needs one of the other two, and both were reached.
                           {"semi_sync", {&two, &three}, true, true},
                           {"semi_sync", {&two}, false, false},
                           {"semi_sync", {&two, &reader}, false, false},
                           // Who is in one cell needs the other cell's, and that is stopped.
                           {"cross_cell", {&one, &two}, false, true},
                           {"cross_cell", {&two, &three}, true, true},
                           {"cross_cell", {&three}, false, true}}) {
        const Durability durability = *Durability::named(policy);
        EXPECT_EQ(durability.can_establish(two, reached), establishes) << policy << reached.size();
        EXPECT_EQ(durability.is_revoked(reached, all), revoked) << policy << reached.size();
    }
}

}  // namespace
}  // namespace sluice::vtctl::detail
