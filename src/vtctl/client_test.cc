#include "vtctl/client.h"

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "query.pb.h"
#include "vtctl/detail/command.h"
#include "vtctl/detail/result_text.h"

namespace sluice::vtctl::detail {
namespace {

std::string help_of(const std::vector<std::string>& words) {
    Invocation invocation;
    const auto answer = invocation.parse(words);
    return answer ? answer->out : "no answer";
}

// golden/vtctldclient_flags.txt: command, flag, letter, type and default, with tabs.
TEST(Client, HasV21sFlagsOfEachCommand) {
    std::ifstream file("src/vtctl/golden/vtctldclient_flags.txt");
    std::size_t count = 0;
    std::map<std::string, std::set<std::string>> known;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#")) continue;
        std::istringstream fields(line);
        std::string command, flag, letter, type, shown;
        std::getline(fields, command, '\t');
        std::getline(fields, flag, '\t');
        std::getline(fields, letter, '\t');
        std::getline(fields, type, '\t');
        std::getline(fields, shown, '\t');
        ++count;
        known[command].insert(flag);
        const std::string help = help_of({command, "--help"});
        const std::string left = (letter == "-" ? "      --" : "  -" + letter + ", --") + flag +
                                 (type == "-" ? "" : " " + type) + "  ";
        const std::size_t at = help.find(left);
        ASSERT_NE(at, help.npos) << command << " " << left << "\n" << help;
        const std::string rest = help.substr(at, help.find('\n', at) - at);
        const bool has_default = rest.contains("(default ");
        EXPECT_EQ(has_default, shown != "-") << rest;
        if (has_default) EXPECT_TRUE(rest.ends_with("(default " + shown + ")")) << rest << shown;
    }
    EXPECT_GT(count, 90U);
    for (const Command* command : all_commands()) {
        if (command->hidden) continue;
        for (const CommandFlag& flag : command->flags)
            EXPECT_TRUE(known[std::string(command->name)].contains(std::string(flag.name)))
                << command->name << " --" << flag.name;
    }
}

TEST(Client, LaysHelpOutAsCobraDoes) {
    const std::string root = help_of({"--help"});
    EXPECT_TRUE(
        root.contains("\n\nUsage:\n  vtctldclient [flags]\n  vtctldclient [command]\n\n"
                      "Available Commands:\n  AddCellInfo                 "));
    EXPECT_TRUE(root.contains("\n\nFlags:\n      --action_timeout duration   "));
    EXPECT_TRUE(root.contains("  -v, --v Level  "));
    EXPECT_TRUE(root.ends_with(
        "\n\nUse \"vtctldclient [command] --help\" for more information about a command.\n"));
    const std::string command = help_of({"help", "GetVersion"});
    EXPECT_TRUE(
        command.contains("\n\nUsage:\n  vtctldclient GetTabletVersion <alias>\n\nAliases:\n"
                         "  GetTabletVersion, GetVersion\n\nFlags:\n  -h, --help   help "
                         "for GetTabletVersion\n\nGlobal Flags:\n"));
}

TEST(Client, TakesGlobalFlagsBeforeAndBehindTheCommand) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"--server", "a:1", "--compact", "GetKeyspaces"},
          {"GetKeyspaces", "--server=a:1", "--compact"},
          {"--server", "a:1", "GetKeyspaces", "--compact=true"}}) {
        Invocation invocation;
        ASSERT_FALSE(invocation.parse(words));
        EXPECT_EQ(invocation.flags().server, "a:1");
        EXPECT_TRUE(invocation.flags().compact);
        EXPECT_TRUE(invocation.needs_server());
    }
    Invocation without;
    const auto answer = without.parse({"GetKeyspaces"});
    ASSERT_TRUE(answer);
    ASSERT_TRUE(answer->error);
    EXPECT_TRUE(answer->error->text.contains("please specify --server <vtctld_host:vtctld_port>"));
}

query::QueryResult result() {
    query::QueryResult made;
    auto* id = made.add_fields();
    id->set_name("id");
    id->set_type(query::INT64);
    auto* name = made.add_fields();
    name->set_name("name");
    name->set_type(query::VARCHAR);
    auto* first = made.add_rows();
    first->set_values("1alice");
    first->add_lengths(1);
    first->add_lengths(5);
    auto* second = made.add_rows();
    second->set_values("20");
    second->add_lengths(2);
    second->add_lengths(-1);
    return made;
}

TEST(Client, PrintsResultsAsATable) {
    EXPECT_EQ(result_table(result()),
              "+----+-------+\n"
              "| id | name  |\n"
              "+----+-------+\n"
              "|  1 | alice |\n"
              "| 20 |       |\n"
              "+----+-------+\n");
    EXPECT_EQ(result_table({}), "");
}

TEST(Client, PrintsResultsAsJson) {
    EXPECT_TRUE(result_json(result()).contains("\"rows\":[[1,\"alice\"],[20,null]]"))
        << result_json(result());
    EXPECT_TRUE(result_json({}).starts_with("{\"fields\":null,\"rows_affected\":0"));
}

}  // namespace
}  // namespace sluice::vtctl::detail
