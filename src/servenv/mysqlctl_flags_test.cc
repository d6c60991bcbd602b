#include "servenv/mysqlctl_flags.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "servenv/golden_flags.h"

namespace sluice::servenv {
namespace {

TEST(MysqlctlFlags, AreV21sByNameTypeAndDefault) {
    MysqlctlFlags command;
    FlagSet commands({.name = "mysqlctl", .summary = "A command."});
    add_flags(commands, command);
    expect_v21s(commands, "mysqlctl_flags.txt", 70);
    MysqlctldFlags server;
    FlagSet servers({.name = "mysqlctld", .summary = "A server."});
    add_flags(servers, server);
    expect_v21s(servers, "mysqlctld_flags.txt", 70);
}

TEST(MysqlctlFlags, CommandsHaveTheirOwn) {
    using enum MysqlctlCommand;
    const struct {
        MysqlctlCommand command;
        std::vector<std::string> known;
    } cases[] = {{init, {"--wait_time=1m", "--init_db_sql_file=x"}},
                 {init_config, {}},
                 {start, {"--wait_time=1m", "--mysqld_args=--a,--b"}},
                 {shutdown, {"--wait_time=1m"}},
                 {teardown, {"--wait_time=1m", "-f"}},
                 {reinit_config, {}},
                 {position, {}}};
    for (const std::string flag :
         {"--wait_time=1m", "--init_db_sql_file=x", "--mysqld_args=--a,--b", "-f"}) {
        for (const auto& one : cases) {
            MysqlctlFlags values;
            FlagSet set({.name = "mysqlctl", .summary = "A command."});
            add_flags(set, values);
            add_command_flags(set, values.own, one.command);
            EXPECT_EQ(set.parse(std::vector{flag}).has_value(),
                      std::ranges::count(one.known, flag) == 1)
                << flag << " of command " << static_cast<int>(one.command);
        }
    }
}

TEST(MysqlctlFlags, RefusesWhatWouldBeLessThanAskedFor) {
    for (const char* flag : {"--db-credentials-server=vault", "--db_ssl_ca_path=x",
                             "--mysqlctl_client_protocol=x", "--mysql_port=70000"}) {
        MysqlctlFlags values;
        FlagSet set({.name = "mysqlctl", .summary = "A command."});
        add_flags(set, values);
        ASSERT_TRUE(set.parse(std::vector<std::string>{flag})) << flag;
        EXPECT_TRUE(validate(values).has_value()) << flag;
        EXPECT_FALSE(set.parse(std::vector<std::string>{"--tablet_uid=4294967296"}));
    }
    EXPECT_FALSE(validate(MysqlctlFlags()).has_value());
}

}  // namespace
}  // namespace sluice::servenv
