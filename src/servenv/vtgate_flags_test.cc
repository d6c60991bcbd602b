#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "servenv/golden_flags.h"
#include "servenv/program_flags.h"

namespace sluice::servenv {
namespace {

// A gateway's flags with the values that they fill.
struct Gateway {
    Gateway() : set({.name = "vtgate", .summary = "A gate."}) { add_flags(set, values); }
    VtgateFlags values;
    FlagSet set;
};

// The lines of one group of --help, in their order.
std::vector<std::string> lines_of(const std::string& help, const std::string& group) {
    std::vector<std::string> lines;
    std::istringstream text(help.substr(help.find("\n" + group + ":\n") + group.size() + 3));
    for (std::string line; std::getline(text, line) && !line.empty();) lines.push_back(line);
    return lines;
}

// "      --name type   help (default X)" and "  -h, --name   help".
GoldenFlag row_of(const std::string& line) {
    GoldenFlag row{.name = {}, .type = "-", .shown_default = "-"};
    std::istringstream words(line.substr(line.find("--") + 2));
    words >> row.name;
    const std::size_t after = line.find("--") + 2 + row.name.size();
    if (line.compare(after, 2, "  ") != 0) words >> row.type;
    const std::size_t shown = line.rfind(" (default ");
    if (shown != line.npos && row.name != "sql-max-length-errors") {
        row.shown_default = line.substr(shown + 10, line.size() - shown - 11);
    }
    if (row.name == "config-path") row.shown_default = "[WORKDIR]";
    return row;
}

TEST(VtgateFlags, AreV21sByNameTypeAndDefault) {
    const std::vector<GoldenFlag> wanted = golden_flags("vtgate_flags.txt");
    ASSERT_EQ(wanted.size(), 223U);
    std::vector<GoldenFlag> shown;
    for (const std::string& line : lines_of(Gateway().set.help(), "Flags")) {
        shown.push_back(row_of(line));
    }
    ASSERT_EQ(shown.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_EQ(shown[i].name, wanted[i].name);
        EXPECT_EQ(shown[i].type, wanted[i].type) << wanted[i].name;
        EXPECT_EQ(shown[i].shown_default, wanted[i].shown_default) << wanted[i].name;
    }
    EXPECT_EQ(Gateway().values.config.paths,
              std::vector<std::string>{std::filesystem::current_path().string()});
}

TEST(VtgateFlags, OwnFlagsStandApart) {
    const std::string help = Gateway().set.help();
    const auto names = [&](std::string_view group) {
        std::set<std::string> found;
        for (const std::string& line : lines_of(help, std::string(group))) {
            found.insert(row_of(line).name);
        }
        return found;
    };
    EXPECT_EQ(
        names(own_group),
        (std::set<std::string>{"buffer_memory", "loops", "memory_limit", "statement_memory_limit",
                               "connection_memory_limit", "mysql_pool_idle_timeout"}));
    EXPECT_TRUE(names(straight_group).contains("db_app_user"));
    EXPECT_EQ(help.find("healthcheck-dial-concurrency"), help.npos);
}

TEST(VtgateFlags, EveryFlagTakesBothSpellingsAndItsOwnDefault) {
    const Gateway reference;
    for (const FlagSet::Entry* entry : reference.set.entries()) {
        if (entry->required) continue;
        std::string other = entry->name;
        for (char& c : other) c = c == '_' ? '-' : c == '-' ? '_' : c;
        std::string value = flag_text(entry->target);
        if (value.starts_with('"') || value.starts_with('[')) {
            value = value.substr(1, value.size() - 2);
        }
        if (entry->type == "Level" && value.empty()) value = "0";
        for (const std::string& name : {entry->name, other}) {
            Gateway gateway;
            const auto parsed = gateway.set.parse(std::vector<std::string>{
                "--" + name + "=" + value, "--tablet_types_to_wait=PRIMARY"});
            EXPECT_TRUE(parsed.has_value()) << parsed.error().text;
            EXPECT_TRUE(gateway.set.is_set(entry->name)) << name;
        }
    }
}

TEST(VtgateFlags, RequiresTheTypesToWaitFor) {
    EXPECT_EQ(Gateway().set.parse({}).error().text,
              "required flag(s) \"tablet_types_to_wait\" not set");
}

TEST(VtgateFlags, TellsWhatIsDeprecatedAndWhatHasNoEffect) {
    Gateway gateway;
    ASSERT_TRUE(gateway.set.parse(std::vector<std::string>{
        "--tablet_types_to_wait=PRIMARY", "--healthcheck_dial_concurrency=7", "--tracer=noop"}));
    EXPECT_EQ(gateway.values.rpc_client.dial_concurrency_limit, 7);
    EXPECT_EQ(gateway.set.deprecation_notices(),
              std::vector<std::string>{"Flag --healthcheck-dial-concurrency has been deprecated, "
                                       "use --grpc-dial-concurrency-limit instead."});
    EXPECT_EQ(gateway.set.inert_notices().back(), "--tracer has no effect: nothing is traced");
    EXPECT_NE(gateway.set.help().find("[no effect: nothing is traced]"), std::string::npos);
}

TEST(VtgateFlags, TypedWords) {
    struct Case {
        std::string argument;
        std::string want;
    };
    for (const Case& one : std::vector<Case>{
             {"--default_tablet_type=batch", ""},
             {"--default_tablet_type=x",
              "invalid argument \"x\" for \"--default_tablet_type\" flag: unknown TabletType x"},
             {"--allowed_tablet_types=primary,y",
              "invalid argument \"primary,y\" for \"--allowed_tablet_types\" flag: unknown "
              "TabletType y"},
             {"--config-file-not-found-handling=WARN", ""},
             {"--config-file-not-found-handling=shout",
              "invalid argument \"shout\" for \"--config-file-not-found-handling\" flag: unknown "
              "handling name shout"},
             {"--tablet-filter-tags=a:b,c:d", ""},
             {"--tablet-filter-tags=a",
              "invalid argument \"a\" for \"--tablet-filter-tags\" flag: not a list of key:value "
              "pairs with commas"},
             {"--v=2", ""},
             {"--v=x",
              "invalid argument \"x\" for \"--v\" flag: strconv.ParseInt: parsing \"x\": invalid "
              "syntax"},
             {"--vmodule=a=1,b=2", ""},
             {"--vmodule=a",
              "invalid argument \"a\" for \"--vmodule\" flag: not a list of pattern=N with commas"},
             {"--log_backtrace_at=a.go:12", ""},
             {"--log_backtrace_at=a.go",
              "invalid argument \"a.go\" for \"--log_backtrace_at\" flag: not a list of file:N "
              "with commas"},
             {"--keyspaces_to_watch=\"a,b\",c", ""},
             {"--keyspaces_to_watch=\"a",
              "invalid argument \"\\\"a\" for \"--keyspaces_to_watch\" flag: a quoted value has no "
              "closing quote"},
         }) {
        Gateway gateway;
        const auto parsed = gateway.set.parse(
            std::vector<std::string>{one.argument, "--tablet_types_to_wait=PRIMARY"});
        EXPECT_EQ(parsed ? "" : parsed.error().text, one.want);
    }
    Gateway gateway;
    ASSERT_TRUE(gateway.set.parse(std::vector<std::string>{"--default_tablet_type=batch",
                                                           "--tablet_types_to_wait=master,rdonly",
                                                           "--keyspaces_to_watch=\"a,\"\"b\",c"}));
    EXPECT_EQ(gateway.values.discovery.default_tablet_type, "RDONLY");
    EXPECT_EQ(gateway.values.discovery.tablet_types_to_wait,
              (std::vector<std::string>{"PRIMARY", "RDONLY"}));
    EXPECT_EQ(gateway.values.discovery.keyspaces_to_watch,
              (std::vector<std::string>{"a,\"b", "c"}));
}

// A command line, what start refuses it with, and the exit status.
struct Refusal {
    std::vector<std::string> arguments;
    std::string want;
    int status = 1;
};
const std::string types = "--tablet_types_to_wait=PRIMARY";

void check_refusals(const std::vector<Refusal>& cases) {
    for (const Refusal& one : cases) {
        Gateway gateway;
        ASSERT_TRUE(gateway.set.parse(one.arguments).has_value());
        const std::optional<Invalid> invalid = validate(gateway.values);
        EXPECT_EQ(invalid ? invalid->text : "", one.want);
        if (invalid) EXPECT_EQ(invalid->status, one.status) << one.want;
    }
}

TEST(VtgateFlags, ValidatesDiscoveryAsV21) {
    check_refusals({
        {{"--tablet_types_to_wait=master,spare"}, "", 0},
        {{"--tablet_types_to_wait=SPARE"},
         "tablet_types_to_wait must contain at least one serving tablet type"},
        {{types, "--transaction_mode=both"},
         "Invalid option: both\nUsage: -transaction_mode {SINGLE | MULTI | TWOPC}"},
        {{types, "--transaction_mode=twopc"}, "", 0},
        {{types, "--srv_topo_cache_refresh=2s"},
         "srv_topo_cache_refresh must be less than or equal to srv_topo_cache_ttl",
         2},
        {{types, "--keyspaces_to_watch=a", "--tablet_filters=b|0"},
         "only one of --keyspaces_to_watch and --tablet_filters may be specified at a time"},
        {{types, "--enable-balancer"}, "balancer-vtgate-cells is required for balanced mode"},
    });
}

TEST(VtgateFlags, ValidatesBufferingAsV21) {
    check_refusals({
        {{types, "--buffer_window=1ms"},
         "Invalid buffer configuration: --buffer_window must be >= 1s (specified value: 1ms)",
         2},
        {{types, "--buffer_window=21s"},
         "Invalid buffer configuration: --buffer_window must be <= "
         "--buffer_max_failover_duration: 21s vs. 20s",
         2},
        {{types, "--buffer_size=0"},
         "Invalid buffer configuration: --buffer_size must be >= 1 (specified value: 0)",
         2},
        {{types, "--buffer_min_time_between_failovers=0"},
         "Invalid buffer configuration: --buffer_min_time_between_failovers must be >= 1s "
         "(specified value: 0s)",
         2},
        {{types, "--buffer_drain_concurrency=0"},
         "Invalid buffer configuration: --buffer_drain_concurrency must be >= 1 (specified "
         "value: 0)",
         2},
        {{types, "--buffer_keyspace_shards=a"},
         "Invalid buffer configuration: --buffer_keyspace_shards=a also requires that "
         "--enable_buffer is set",
         2},
        {{types, "--enable_buffer", "--buffer_keyspace_shards=a/0,b,a"},
         "Invalid buffer configuration: --buffer_keyspace_shards has overlapping entries "
         "(keyspace only vs. "
         "keyspace/shard): a vs. a/0 Please remove one or the other",
         2},
        {{types, "--enable_buffer", "--buffer_keyspace_shards=a/0,b,a/1"}, "", 0},
    });
}

TEST(VtgateFlags, ValidatesSessionsAsV21) {
    check_refusals({
        {{types, "--foreign_key_mode=maybe"},
         "--foreign_key_mode must be allow or disallow, not maybe"},
        {{types, "--ddl_strategy=later --fast"},
         "Invalid value for -ddl_strategy: Unknown online DDL strategy: 'later'",
         2},
        {{types, "--ddl_strategy=vitess --postpone-completion"}, "", 0},
        {{types, "--mysql_default_workload=x"},
         "-mysql_default_workload must be one of [OLTP, OLAP, DBA, UNSPECIFIED]"},
        {{types, "--mysql_tcp_version=udp"}, "-mysql_tcp_version must be one of [tcp, tcp4, tcp6]"},
    });
}

TEST(VtgateFlags, ValidatesUsersAsV21) {
    const std::string port = "--mysql_server_port=1";
    check_refusals({
        {{types, port}, "no AuthServer name static registered"},
        {{types, "--mysql_server_socket_path=/s"}, "no AuthServer name static registered"},
        {{types, port, "--mysql_auth_server_impl=none"}, "", 0},
        {{types, port, "--mysql_auth_server_static_string={}"}, "", 0},
        {{types, port, "--mysql_auth_server_static_string={}", "--mysql_auth_server_static_file=f"},
         "Both mysql_auth_server_static_file and mysql_auth_server_static_string specified, "
         "can only use one."},
        {{types, port, "--mysql_auth_server_impl=ldap"},
         "--mysql_auth_server_impl=ldap is not supported; use static or none"},
        {{types, port, "--mysql_auth_server_impl=magic"}, "no AuthServer name magic registered"},
        {{types, "--mysql_server_ssl_cert=c"},
         "--mysql_server_ssl_cert and --mysql_server_ssl_key are of use only together"},
    });
}

}  // namespace
}  // namespace sluice::servenv
