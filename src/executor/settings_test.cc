#include "executor/settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "executor/local_rows.h"
#include "executor/variables.h"

namespace sluice::executor {
namespace {

TEST(Settings, OneStatementForAllVariables) {
    struct Case {
        SystemVariables variables;
        std::uint16_t collation;
        bool found_rows;
        const char* set;
        const char* reset;
    };
    for (const Case& c : {
             Case{{{"sql_mode", "'ANSI'"}},
                  45,
                  false,
                  "set @@session.sql_mode = 'ANSI'",
                  "set @@session.sql_mode = default"},
             Case{{{"time_zone", "'UTC'"}, {"sql_mode", "''"}},
                  255,
                  false,
                  "set @@session.sql_mode = '', @@session.time_zone = 'UTC'",
                  "set @@session.sql_mode = default, @@session.time_zone = default"},
             Case{{}, 45, true, "", ""},
             Case{{}, 8, false, "", ""},
         }) {
        const auto settings = make_settings(c.variables, c.collation, c.found_rows);
        ASSERT_NE(settings, nullptr);
        EXPECT_EQ(settings->set_statement, c.set);
        EXPECT_EQ(settings->reset_statement, c.reset);
        EXPECT_EQ(settings->found_rows, c.found_rows);
        EXPECT_EQ(settings->collation, c.collation == 8 ? 8 : 0);
        EXPECT_NE(settings->key, 0u);
    }
    EXPECT_EQ(make_settings({}, 45, false), nullptr);
    EXPECT_EQ(make_settings({}, 255, false), nullptr);
    EXPECT_EQ(make_settings({}, 9999, false), nullptr);
}

TEST(Settings, LiteralsMeanTheSameUnderEveryMode) {
    for (const auto& [value, want] : {
             std::pair{Value{Type::varchar, "it's"}, "'it''s'"},
             std::pair{Value{Type::varchar, "x\\' or"}, "_utf8mb4 x'785c27206f72'"},
             std::pair{Value{Type::varbinary, "\\"}, "_binary x'5c'"},
             std::pair{Value{Type::int64, "5"}, "5"},
             std::pair{Value{}, "null"},
         }) {
        EXPECT_EQ(setting_literal({value.type, value.bytes}), want);
    }
}

TEST(Settings, KeysTellThemApart) {
    const std::vector<std::shared_ptr<const tablet::Settings>> all{
        make_settings({{"sql_mode", "'ANSI'"}}, 45, false),
        make_settings({{"sql_mode", "'ANSI'"}}, 45, true),
        make_settings({{"sql_mode", "'ANSI'"}}, 8, false),
        make_settings({{"sql_mode", "''"}}, 45, false),
        make_settings({}, 8, false),
        make_settings({}, 45, true)};
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) EXPECT_NE(all[i]->key, all[j]->key) << i << " " << j;
    }
    EXPECT_EQ(*all[0], *make_settings({{"sql_mode", "'ANSI'"}}, 45, false));
}

TEST(Settings, CharsetNames) {
    for (const auto& [id, name] :
         {std::pair{45, "utf8mb4"}, std::pair{255, "utf8mb4"}, std::pair{8, "latin1"},
          std::pair{63, "binary"}, std::pair{9999, "utf8mb4"}}) {
        EXPECT_EQ(charset_name(static_cast<std::uint16_t>(id)), name) << id;
    }
}

TEST(Like, Patterns) {
    struct Case {
        const char* text;
        const char* pattern;
        bool want;
    };
    for (const auto& [text, pattern, want] : {
             Case{"", "", true},          Case{"a", "", false},
             Case{"", "%", true},         Case{"", "_", false},
             Case{"abc", "abc", true},    Case{"ABC", "abc", true},
             Case{"abc", "a%", true},     Case{"abc", "%c", true},
             Case{"abc", "%b%", true},    Case{"abc", "%d%", false},
             Case{"abc", "a_c", true},    Case{"abc", "__", false},
             Case{"abc", "___", true},    Case{"abab", "%ab", true},
             Case{"aab", "%ab", true},    Case{"a%c", "a\\%c", true},
             Case{"abc", "a\\%c", false}, Case{"a_c", "a\\_c", true},
             Case{"abc", "a\\_c", false}, Case{"a\\", "a\\", true},
             Case{"abc", "%%%", true},    Case{"mississippi", "%iss%ip%", true},
             Case{"abc", "abc%_", false},
         }) {
        EXPECT_EQ(like(text, pattern), want) << text << " like " << pattern;
    }
}

// A client writes the pattern: it must neither overflow the stack nor take for ever.
TEST(Like, HostilePatterns) {
    std::string stars;
    for (int i = 0; i < 40; ++i) stars += "%a";
    EXPECT_FALSE(like(std::string(64, 'a'), stars + "b"));
    EXPECT_TRUE(like("a", std::string(1'000'000, '%')));
    EXPECT_FALSE(like("a", std::string(1'000'000, '%') + "b"));
}

TEST(Variables, Classes) {
    using enum VariableClass;
    for (const auto& [name, want] : {
             std::pair{"autocommit", aware},
             std::pair{"version", read_only},
             std::pair{"wait_timeout", ignored},
             std::pair{"sql_log_off", refused},
             std::pair{"sql_mode", setting},
             std::pair{"max_execution_time", tolerated},
             std::pair{"transaction_read_only", aware},
             std::pair{"no_such", unknown},
             std::pair{"", unknown},
             std::pair{"AUTOCOMMIT", unknown},
         }) {
        EXPECT_EQ(variable_class(name), want) << name;
    }
}

std::optional<VariableClass> class_of_name(std::string_view name) {
    using enum VariableClass;
    constexpr std::pair<std::string_view, VariableClass> classes[] = {
        {"vitess_aware", aware},
        {"read_only", read_only},
        {"ignored", ignored},
        {"not_supported", refused},
        {"reserved_connection", setting},
        {"check_and_ignore", tolerated}};
    for (const auto& [known, value] : classes) {
        if (known == name) return value;
    }
    return std::nullopt;
}

TEST(Variables, Corpus) {
    const std::string name = "sysvars/system_variables";
    const char* const folder = std::getenv("SLUICE_CORPORA");
    const auto path = std::filesystem::path(folder ? folder : "") / (name + ".jsonl");
    if (folder == nullptr || !std::filesystem::exists(path)) {
        std::cout << "corpus " << name << ": absent" << std::endl;
        GTEST_SKIP();
    }
    int passed = 0;
    int total = 0;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.empty()) continue;
        ++total;
        const auto variable = boost::json::parse(line).as_object();
        const std::string_view variable_name(variable.at("name").as_string());
        const auto want = class_of_name(std::string_view(variable.at("class").as_string()));
        if (want == variable_class(variable_name)) {
            ++passed;
        } else {
            std::cout << "  " << line << "\n";
        }
    }
    std::cout << "corpus " << name << ": " << passed << " of " << total << std::endl;
    EXPECT_GE(100.0 * passed, 95.0 * total);
}

}  // namespace
}  // namespace sluice::executor
