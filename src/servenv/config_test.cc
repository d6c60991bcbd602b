#include "servenv/config.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/loop.h"
#include "async/scope.h"
#include "servenv/config_pages.h"
#include "servenv/detail/config_document.h"

namespace sluice::servenv {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using async::Task;

class Folder {
 public:
    Folder() {
        char name[] = "/tmp/sluice_config_XXXXXX";
        EXPECT_NE(mkdtemp(name), nullptr);
        path_ = name;
    }
    ~Folder() { fs::remove_all(path_); }
    std::string path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
    std::string path_;
};

void write(const std::string& path, const std::string& text) {
    std::ofstream(path + ".other") << text;
    fs::rename(path + ".other", path);
}
std::string contents(const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(ConfigDocument, FormatsGiveTheSameValues) {
    struct Case {
        const char* extension;
        const char* text;
    };
    const detail::ConfigValues want{{"discovery.low_replication_lag", "5s"},
                                    {"discovery.min_number_serving_vttablets", "3"},
                                    {"config.paths", "/a,/b"},
                                    {"trace.enable-logging", "true"}};
    for (const auto& [extension, text] : {
             Case{"yaml",
                  "discovery:\n  low_replication_lag: 5s\n  Min_Number_Serving_Vttablets: 3\n"
                  "config: {paths: [/a, /b]}\ntrace:\n  enable-logging: true\n"},
             Case{"JSON",
                  R"({"discovery": {"low_replication_lag": "5s", "min_number_serving_vttablets": 3},
                      "config": {"paths": ["/a", "/b"]}, "trace": {"enable-logging": true}})"},
             Case{"toml",
                  "[discovery]\nlow_replication_lag = \"5s\"\nmin_number_serving_vttablets = 3\n"
                  "[config]\npaths = [\"/a\", \"/b\"]\n[trace]\nenable-logging = true\n"},
         }) {
        const auto values = detail::parse_config(*detail::config_format(extension), text);
        ASSERT_TRUE(values.has_value()) << values.error().text;
        EXPECT_EQ(*values, want) << extension;
        const auto changed = detail::replace_values(
            *detail::config_format(extension), text,
            {{"discovery.min_number_serving_vttablets", "4"}, {"new.key", "x"}});
        ASSERT_TRUE(changed.has_value()) << changed.error().text;
        auto again = want;
        again["discovery.min_number_serving_vttablets"] = "4";
        again["new.key"] = "x";
        EXPECT_EQ(detail::parse_config(*detail::config_format(extension), *changed).value(), again)
            << *changed;
    }
}

TEST(ConfigDocument, BrokenTextsAreErrors) {
    using enum detail::ConfigFormat;
    for (const auto& [format, text] : std::vector<std::pair<detail::ConfigFormat, std::string>>{
             {yaml, "a: [1"},
             {yaml, "just words"},
             {yaml, std::string(10'000, '[')},
             {json, "{"},
             {json, "3"},
             {json, std::string(10'000, '[')},
             {toml, "a = "},
             {toml, std::string("a = ") + std::string(10'000, '[')}}) {
        const auto values = detail::parse_config(format, text);
        ASSERT_FALSE(values.has_value()) << text.substr(0, 20);
        EXPECT_TRUE(values.error().text.starts_with("While parsing config: "));
    }
    EXPECT_TRUE(detail::parse_config(yaml, "")->empty());
    EXPECT_EQ(detail::config_format("ini").error().text,
              "Unsupported Config Type \"ini\": use yaml, json or toml");
}

// A gateway's flags, its environment and its configuration.
struct Program {
    Program() : flags({.name = "vtgate", .summary = ""}) { add_flags(flags, values); }
    std::optional<Invalid> load(std::vector<std::string> arguments,
                                std::map<std::string, std::string> variables = {}) {
        environment = std::move(variables);
        arguments.push_back("--tablet_types_to_wait=PRIMARY");
        EXPECT_TRUE(flags.parse(arguments).has_value());
        config.emplace(&flags, &values.config, vtgate_config_keys(),
                       [this](const char* name) -> const char* {
                           const auto found = environment.find(name);
                           return found == environment.end() ? nullptr : found->second.c_str();
                       });
        return config->load();
    }
    std::string shown() const {
        return to_text(values.discovery.low_replication_lag) + " " +
               std::to_string(values.discovery.min_number_serving_vttablets) + " " +
               values.tracing.sampling_type;
    }

    VtgateFlags values;
    FlagSet flags;
    std::map<std::string, std::string> environment;
    std::optional<Config> config;
};

TEST(Config, FlagsThenEnvironmentThenFileThenDefaults) {
    const Folder folder;
    write(folder / "vtconfig.yaml",
          "discovery: {low_replication_lag: 5s, min_number_serving_vttablets: 7}\n"
          "trace: {jaeger: {sampling_type: remote}}\nunknown: {key: 1}\n");
    const std::string path = "--config-path=" + folder.path();
    struct Case {
        std::vector<std::string> arguments;
        std::map<std::string, std::string> environment;
        std::string want;
    };
    for (const Case& one : std::vector<Case>{
             {{}, {}, "30s 2 const"},
             {{path}, {}, "5s 7 remote"},
             {{}, {{"VT_CONFIG_PATH", folder.path()}}, "5s 7 remote"},
             {{}, {{"VT_CONFIG_PATH", "/nowhere:" + folder.path()}}, "5s 7 remote"},
             {{}, {{"VT_CONFIG_FILE", folder / "vtconfig.yaml"}}, "5s 7 remote"},
             {{"--config-file=" + (folder / "vtconfig.yaml")}, {}, "5s 7 remote"},
             {{path, "--config-name=other"}, {}, "30s 2 const"},
             {{path}, {{"JAEGER_SAMPLER_TYPE", "probabilistic"}}, "5s 7 probabilistic"},
             {{path, "--tracing-sampling-type=rateLimiting"},
              {{"JAEGER_SAMPLER_TYPE", "probabilistic"}},
              "5s 7 rateLimiting"},
             {{path, "--min_number_serving_vttablets=9"}, {}, "5s 9 remote"},
         }) {
        Program program;
        const auto invalid = program.load(one.arguments, one.environment);
        EXPECT_FALSE(invalid.has_value()) << invalid->text;
        EXPECT_EQ(program.shown(), one.want);
    }
    Program program;
    EXPECT_FALSE(program.load({path, "--min_number_serving_vttablets=9"}).has_value());
    const std::string dump = program.config->dump();
    for (const char* line :
         {"discovery.low_replication_lag = 5s  # --discovery_low_replication_lag, from file, "
          "dynamic\n",
          "discovery.min_number_serving_vttablets = 9  # --min_number_serving_vttablets, from "
          "flag, dynamic\n",
          "trace.service = noop  # --tracer, from default\n"}) {
        EXPECT_NE(dump.find(line), dump.npos) << dump;
    }
}

TEST(Config, WhatIsMissingOrBroken) {
    const Folder folder;
    write(folder / "broken.yaml", "discovery: [");
    write(folder / "wrong.yaml", "discovery: {low_replication_lag: soon}");
    write(folder / "number.json", R"({"discovery": {"low_replication_lag": 1500000000}})");
    write(folder / "old.ini", "[discovery]\n");
    write(folder / "bare", "discovery: {low_replication_lag: 5s}");
    const std::string path = "--config-path=" + folder.path();
    const std::string not_found =
        "Failed to read in config: Config File \"none\" Not Found in \"[" + folder.path() + "]\"";
    struct Case {
        std::vector<std::string> arguments;
        int status;  // 0: starts
        std::string want;
    };
    for (const Case& one : std::vector<Case>{
             {{path, "--config-name=none"}, 0, "30s"},
             {{path, "--config-name=none", "--config-file-not-found-handling=ignore"}, 0, "30s"},
             {{path, "--config-name=none", "--config-file-not-found-handling=error"}, 1, not_found},
             {{path, "--config-name=none", "--config-file-not-found-handling=exit"}, 2, not_found},
             {{"--config-file=" + (folder / "none.yaml")}, 1, "open "},
             {{path, "--config-name=broken"}, 1, folder / "broken.yaml: While parsing config: "},
             {{path, "--config-name=wrong"}, 1, folder / "wrong.yaml: discovery.low_"},
             {{path, "--config-name=number"}, 0, "1.5s"},
             {{path, "--config-name=old"}, 1, folder / "old.ini: Unsupported Config Type \"ini\""},
             {{path, "--config-name=bare", "--config-type=yaml"}, 0, "5s"},
             {{path, "--config-name=bare"}, 0, "30s"},
         }) {
        Program program;
        const auto invalid = program.load(one.arguments);
        EXPECT_EQ(invalid ? invalid->status : 0, one.status);
        const std::string got =
            invalid ? invalid->text : to_text(program.values.discovery.low_replication_lag);
        EXPECT_TRUE(got.starts_with(one.want)) << got << "\nwant " << one.want;
    }
    Program program;
    const auto invalid = program.load({}, {{"VT_CONFIG_PERSISTENCE_MIN_INTERVAL", "often"}});
    EXPECT_EQ(invalid->text,
              "VT_CONFIG_PERSISTENCE_MIN_INTERVAL: invalid argument \"often\" for "
              "\"--config-persistence-min-interval\" flag: time: invalid duration \"often\"");
}

// Until `condition`, which other coroutines of the loop bring about.
template <class Condition>
Task<bool> becomes_true(Condition condition) {
    for (int i = 0; i < 20'000; ++i) {
        if (condition()) co_return true;
        co_await async::pause(1ms, nullptr);
    }
    co_return false;
}

Task<void> dynamic_values() {
    const Folder folder;
    const std::string path = folder / "vtconfig.yaml";
    write(path, "discovery: {low_replication_lag: 5s}\ntrace: {service: a}\n");
    Program program;
    EXPECT_FALSE(program.load({"--config-file=" + path, "--config-persistence-min-interval=1ms"}));
    const auto lag = [&] { return to_text(program.values.discovery.low_replication_lag); };
    int changes = 0;
    program.config->on_change([&] { ++changes; });
    async::Stop stop;
    async::Scope scope;
    scope.spawn("follow", program.config->follow(1ms, &stop));

    // The file changes: dynamic keys follow, others stay.
    write(path, "discovery: {low_replication_lag: 6s}\ntrace: {service: b}\n");
    EXPECT_TRUE(co_await becomes_true([&] { return changes == 1; }));
    EXPECT_EQ(lag(), "6s");
    EXPECT_EQ(program.values.tracing.tracer, "a");

    // A broken file changes nothing; a key that is gone has its default again.
    write(path, "discovery: [");
    write(path, "trace: {service: c}\n");
    EXPECT_TRUE(co_await becomes_true([&] { return lag() == "30s"; }));

    // A change at run time is written back, beside what else the file holds.
    EXPECT_TRUE(program.config->change("discovery_low_replication_lag", "7s").has_value());
    EXPECT_EQ(lag(), "7s");
    EXPECT_TRUE(co_await becomes_true(
        [&] { return contents(path).find("low_replication_lag: 7s") != std::string::npos; }));
    EXPECT_NE(contents(path).find("service: c"), std::string::npos);
    EXPECT_FALSE(fs::exists(path + ".new"));
    EXPECT_FALSE(program.config->change("tracer", "x").has_value());
    EXPECT_FALSE(program.config->change("discovery_low_replication_lag", "soon").has_value());
    EXPECT_EQ(lag(), "7s");
    stop.request(make_error(Code::canceled, "over"));
    co_await scope.join();
}

TEST(Config, DynamicKeysFollowTheFileAndAreWrittenBack) {
    async::Loop loop;
    run_until_done(loop, dynamic_values());
}

}  // namespace
}  // namespace sluice::servenv
