#include "tabletserver/durability.h"

#include <gtest/gtest.h>

namespace sluice::tabletserver {
namespace {

using topo::TabletAlias;
using topo::TabletType;

TEST(Durability, SaysWhoAcknowledges) {
    const TabletAlias primary{"zone1", 100}, near{"zone1", 101}, far{"zone2", 102};
    struct Case {
        std::string_view policy;
        TabletAlias replica;
        TabletType type;
        bool waits, acknowledges;
    };
    for (const Case& each : std::vector<Case>{
             {"none", near, TabletType::replica, false, false},
             {"", near, TabletType::replica, false, false},
             {"of_another_kind", near, TabletType::replica, false, false},
             {"semi_sync", near, TabletType::replica, true, true},
             {"semi_sync", far, TabletType::primary, true, true},
             {"semi_sync", near, TabletType::rdonly, true, false},
             {"semi_sync", near, TabletType::spare, true, false},
             {"semi_sync_with_rdonly_ack", near, TabletType::rdonly, true, true},
             {"cross_cell", near, TabletType::replica, true, false},
             {"cross_cell", far, TabletType::replica, true, true},
             {"cross_cell", far, TabletType::rdonly, true, false},
             {"cross_cell_with_rdonly_ack", far, TabletType::rdonly, true, true},
             {"cross_cell_with_rdonly_ack", near, TabletType::rdonly, true, false},
         }) {
        EXPECT_EQ(commits_wait(each.policy), each.waits) << each.policy;
        EXPECT_EQ(acknowledges(each.policy, primary, each.replica, each.type), each.acknowledges)
            << each.policy;
    }
}

}  // namespace
}  // namespace sluice::tabletserver
