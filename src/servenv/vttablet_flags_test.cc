#include "servenv/vttablet_flags.h"

#include <gtest/gtest.h>

#include "servenv/golden_flags.h"

namespace sluice::servenv {
namespace {

struct Tablet {
    Tablet() : set({.name = "vttablet", .summary = "A tablet."}) { add_flags(set, values); }
    VttabletFlags values;
    FlagSet set;
};

TEST(VttabletFlags, AreV21sByNameTypeAndDefault) {
    expect_v21s(Tablet().set, "vttablet_flags.txt", 380);
}

TEST(VttabletFlags, ATransactionLimitMustLimitSomebody) {
    for (const auto& [flags, want] : {
             std::pair{std::vector<std::string>{"--transaction_limit_per_user=1"},
                       "--transaction_limit_per_user should be a fraction within range (0, 1) "
                       "(specified value: 1)"},
             {{"--transaction_limit_per_user=0.01"},
              "effective transaction limit per user is 0 due to rounding, increase "
              "--transaction_limit_per_user"},
             {{"--enable_transaction_limit_dry_run"},
              "only one of two flags allowed: --enable_transaction_limit or "
              "--enable_transaction_limit_dry_run"},
             {{"--transaction_limit_by_username=false", "--transaction_limit_by_principal=false"},
              "no user discriminating fields selected for transaction limiter, everyone would "
              "share single chunk of transaction pool. Override with at least one of "
              "--transaction_limit_by flags set to true"},
         }) {
        Tablet tablet;
        std::vector<std::string> words = {"--tablet-path=zone1-100", "--init_keyspace=ks",
                                          "--init_shard=0", "--enable_transaction_limit"};
        words.insert(words.end(), flags.begin(), flags.end());
        ASSERT_TRUE(tablet.set.parse(words));
        const std::optional<Invalid> invalid = validate(tablet.values);
        EXPECT_EQ(invalid ? invalid->text : "", std::string("invalid config: ") + want);
    }
}

TEST(VttabletFlags, RefusesWhatWouldBeLessThanAskedFor) {
    const std::vector<std::string> enough = {"--tablet-path=zone1-100", "--init_keyspace=ks",
                                             "--init_shard=0", "--db_host=localhost"};
    for (const auto& [flag, want] : {
             std::pair{"--port=0", ""},
             {"--twopc_enable", "--twopc_enable: two-phase commit is not supported yet"},
             {"--enable_tx_throttler",
              "--enable_tx_throttler: the transaction throttler is not supported yet"},
             {"--filecustomrules=x", ""},
             {"--db-credentials-server=vault",
              "--db-credentials-server=vault: users and passwords come from a file only"},
             {"--enforce-tableacl-config",
              "table acl config has to be specified with table-acl-config flag because "
              "enforce-tableacl-config is set."},
             {"--enable_transaction_limit", ""},
             {"--transaction_limit_per_user=2", ""},
             {"--hot_row_protection_max_queue_size=0",
              "invalid config: --hot_row_protection_max_queue_size must be > 0 (specified value: "
              "0)"},
             {"--unmanaged", "invalid config: database app user password not specified"},
         }) {
        Tablet tablet;
        std::vector<std::string> words = enough;
        words.emplace_back(flag);
        ASSERT_TRUE(tablet.set.parse(words)) << flag;
        const std::optional<Invalid> invalid = validate(tablet.values);
        EXPECT_EQ(invalid ? invalid->text : "", want) << flag;
    }
    Tablet managed;
    ASSERT_TRUE(managed.set.parse(std::vector<std::string>{
        "--tablet-path=zone1-100", "--init_keyspace=ks", "--init_shard=0"}));
    EXPECT_FALSE(validate(managed.values));
    EXPECT_FALSE(Tablet().set.parse(std::vector<std::string>{"--init_keyspace=ks"}));
}

}  // namespace
}  // namespace sluice::servenv
