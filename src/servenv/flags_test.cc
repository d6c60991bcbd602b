#include "servenv/flags.h"

#include <gtest/gtest.h>

namespace sluice::servenv {
namespace {

struct Values {
    bool verbose = false;
    std::int64_t count = 3;
    std::uint64_t size = 0;
    double rate = 0.5;
    std::string name = "x";
    Duration wait = std::chrono::seconds(30);
    std::vector<std::string> list = {"default"};
    log::Severity level = log::Severity::warning;
};

FlagSet flags_of(Values* values) {
    FlagSet flags({.name = "vtgate", .summary = "A gate."});
    flags.add(std::vector<Flag>{{"verbose", &values->verbose, "say more"},
                                {"max_count", &values->count, "at most"},
                                {"max-size", &values->size, "bytes"},
                                {"rate", &values->rate, "how often"},
                                {"name", &values->name, "who"},
                                {"wait_time", &values->wait, "how long"},
                                {"list", &values->list, "which"},
                                {"level", &values->level, "how bad"}});
    return flags;
}

std::string show(const Values& values) {
    return std::string(values.verbose ? "true" : "false") + " " + std::to_string(values.count) +
           " " + std::to_string(values.size) + " " + std::to_string(values.rate).substr(0, 4) +
           " " + values.name + " " + to_text(values.wait) + " " +
           flag_text(FlagTarget(const_cast<std::vector<std::string>*>(&values.list))) + " " +
           std::to_string(static_cast<int>(values.level));
}

TEST(Flags, ParsesAsV21) {
    struct Case {
        std::vector<std::string> arguments;
        std::string want;
    };
    for (const Case& one : std::vector<Case>{
             {{}, "false 3 0 0.50 x 30s [default] 1"},
             {{"--verbose", "--max_count=7", "--name", "a b"}, "true 7 0 0.50 a b 30s [default] 1"},
             {{"--max-count", "-7", "--max_size=0x10"}, "false -7 16 0.50 x 30s [default] 1"},
             {{"--verbose=F", "--wait-time=1h2m0.5s"}, "false 3 0 0.50 x 1h2m0.5s [default] 1"},
             {{"--list=a,b", "--list", "c", "--level=ERROR"}, "false 3 0 0.50 x 30s [a,b,c] 2"},
             {{"--name=", "--rate=1e-1", "--"}, "false 3 0 0.10  30s [default] 1"},
             {{"--name=--max_count=1"}, "false 3 0 0.50 --max_count=1 30s [default] 1"},
         }) {
        Values values;
        FlagSet flags = flags_of(&values);
        const auto parsed = flags.parse(one.arguments);
        EXPECT_TRUE(parsed && *parsed == FlagSet::Request::run) << parsed.error().text;
        EXPECT_EQ(show(values), one.want);
    }
}

TEST(Flags, RefusesWithV21sWords) {
    struct Case {
        std::vector<std::string> arguments;
        std::string want;
    };
    for (const Case& one : std::vector<Case>{
             {{"--nope"}, "unknown flag: --nope"},
             {{"--nope=1"}, "unknown flag: --nope"},
             {{"-port", "1"}, "unknown shorthand flag: 'p' in -port"},
             {{"--name"}, "flag needs an argument: --name"},
             {{"--=x"}, "bad flag syntax: --=x"},
             {{"---name"}, "bad flag syntax: ---name"},
             {{"extra"}, "unknown command \"extra\" for \"vtgate\""},
             {{"--verbose", "false"}, "unknown command \"false\" for \"vtgate\""},
             {{"--", "--name"}, "unknown command \"--name\" for \"vtgate\""},
             {{"--max_count=x"},
              "invalid argument \"x\" for \"--max_count\" flag: strconv.ParseInt: parsing \"x\": "
              "invalid syntax"},
             {{"--max_count=9223372036854775808"},
              "invalid argument \"9223372036854775808\" for \"--max_count\" flag: "
              "strconv.ParseInt: parsing \"9223372036854775808\": value out of range"},
             {{"--max-size=-1"},
              "invalid argument \"-1\" for \"--max-size\" flag: strconv.ParseUint: parsing \"-1\": "
              "invalid syntax"},
             {{"--verbose=yes"},
              "invalid argument \"yes\" for \"--verbose\" flag: strconv.ParseBool: parsing "
              "\"yes\": "
              "invalid syntax"},
             {{"--wait_time=10"},
              "invalid argument \"10\" for \"--wait_time\" flag: time: missing unit in duration "
              "\"10\""},
         }) {
        Values values;
        FlagSet flags = flags_of(&values);
        const auto parsed = flags.parse(one.arguments);
        EXPECT_EQ(parsed ? "parsed" : parsed.error().text, one.want);
    }
}

TEST(Flags, HelpVersionAndRequired) {
    Values values;
    FlagSet flags = flags_of(&values);
    flags.require("max_count");
    flags.require("list");
    EXPECT_EQ(flags.parse(std::vector<std::string>{"--help"}).value(), FlagSet::Request::help);
    EXPECT_EQ(flags.parse(std::vector<std::string>{"-h"}).value(), FlagSet::Request::help);
    EXPECT_EQ(flags.parse(std::vector<std::string>{"-v"}).value(), FlagSet::Request::version);
    EXPECT_EQ(flags.parse(std::vector<std::string>{"--version"}).value(),
              FlagSet::Request::version);
    const auto missing = flags.parse(std::vector<std::string>{"--name=a"});
    EXPECT_EQ(missing.error().text, "required flag(s) \"list\", \"max_count\" not set");
    EXPECT_TRUE(flags.is_set("name"));
    EXPECT_FALSE(flags.is_set("max-count"));
    EXPECT_TRUE(
        flags.usage_failure(missing.error()).starts_with("Error: required flag(s) \"list\""));
}

TEST(Flags, WordsAreTakenWhereTheyAreWanted) {
    Values values;
    FlagSet flags = flags_of(&values);
    std::vector<std::string> words;
    flags.take_words(&words);
    EXPECT_TRUE(
        flags.parse(std::vector<std::string>{"load", "--name", "n", "-", "--", "--verbose"}));
    EXPECT_EQ(words, (std::vector<std::string>{"load", "-", "--verbose"}));
    EXPECT_EQ(values.name, "n");
    EXPECT_FALSE(values.verbose);
}

TEST(Flags, HelpShowsTypesAndDefaults) {
    Values values;
    const std::string help = flags_of(&values).help();
    for (const std::string_view line : {
             "Usage:\n  vtgate [flags]\n\nFlags:\n",
             "      --level severityFlag   how bad (default 1)\n",
             "      --list strings         which (default [default])\n",
             "      --max-size uint        bytes\n",
             "      --max_count int        at most (default 3)\n",
             "      --name string          who (default \"x\")\n",
             "      --verbose              say more\n",
             "      --wait_time duration   how long (default 30s)\n",
             "  -h, --help                 help for vtgate\n",
         }) {
        EXPECT_NE(help.find(line), help.npos) << line << "\n" << help;
    }
}

TEST(Durations, AreGos) {
    struct Case {
        std::string text;
        std::int64_t nanoseconds;
        std::string printed;
    };
    for (const Case& one : std::vector<Case>{
             {"0", 0, "0s"},
             {"1ns", 1, "1ns"},
             {"1.5us", 1'500, "1.5\xc2\xb5s"},
             {"2\xc2\xb5s", 2'000, "2\xc2\xb5s"},
             {"100ms", 100'000'000, "100ms"},
             {"1.25s", 1'250'000'000, "1.25s"},
             {".5s", 500'000'000, "500ms"},
             {"90s", 90'000'000'000, "1m30s"},
             {"1h", 3'600'000'000'000, "1h0m0s"},
             {"-1h15m30.918273645s", -4'530'918'273'645, "-1h15m30.918273645s"},
             {"2562047h47m16.854775807s", 9'223'372'036'854'775'807, "2562047h47m16.854775807s"},
         }) {
        EXPECT_EQ(parse_duration(one.text).value(), Duration(one.nanoseconds)) << one.text;
        EXPECT_EQ(to_text(Duration(one.nanoseconds)), one.printed);
    }
    for (const auto& [text, want] : std::map<std::string, std::string>{
             {"", "time: invalid duration \"\""},
             {"x", "time: invalid duration \"x\""},
             {"-", "time: invalid duration \"-\""},
             {".s", "time: invalid duration \".s\""},
             {"3", "time: missing unit in duration \"3\""},
             {"3days", "time: unknown unit \"days\" in duration \"3days\""},
             {"9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""},
             {"99999999999999999999h", "time: invalid duration \"99999999999999999999h\""}}) {
        const auto parsed = parse_duration(text);
        EXPECT_EQ(parsed ? "parsed" : parsed.error().text, want);
    }
    EXPECT_EQ(to_text(Duration::min()), "-2562047h47m16.854775808s");
}

}  // namespace
}  // namespace sluice::servenv
