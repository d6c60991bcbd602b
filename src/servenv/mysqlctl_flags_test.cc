#include "servenv/mysqlctl_flags.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

namespace sluice::servenv {
namespace {

std::string canonical(std::string name) {
    std::ranges::replace(name, '_', '-');
    return name;
}

// golden/*.txt: name, type and default, with tabs; "-" is none.
void expect_v21s(const FlagSet& set, const std::string& golden) {
    std::map<std::string, const FlagSet::Entry*> known;
    for (const FlagSet::Entry* entry : set.entries()) known[canonical(entry->name)] = entry;
    std::ifstream file("src/servenv/golden/" + golden);
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
        // --help shows the folder's name instead of a default.
        if (name != "config-path") EXPECT_EQ(none ? "-" : text, shown) << name;
        known.erase(found);
    }
    EXPECT_GT(count, 70U);
    for (const auto& [name, entry] : known) ADD_FAILURE() << "--" << name << " is not v21's";
}

TEST(MysqlctlFlags, AreV21sByNameTypeAndDefault) {
    MysqlctlFlags command;
    FlagSet commands({.name = "mysqlctl", .summary = "A command."});
    add_flags(commands, command);
    expect_v21s(commands, "mysqlctl_flags.txt");
    MysqlctldFlags server;
    FlagSet servers({.name = "mysqlctld", .summary = "A server."});
    add_flags(servers, server);
    expect_v21s(servers, "mysqlctld_flags.txt");
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
