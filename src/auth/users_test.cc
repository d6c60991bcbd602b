#include "auth/users.h"

#include <gtest/gtest.h>

namespace sluice::auth {
namespace {

TEST(StaticUsers, EntriesByHost) {
    const auto users = parse_static_users(R"({
        "app": [{"Password": "secret", "UserData": "app_data", "Groups": ["writers"]},
                {"Password": "local", "SourceHost": "localhost"}],
        "old": {"MysqlNativePassword": "*23AE809DDACAF96AF0FD78ED04B6A265E05AA257"}})",
                                          "users.json");
    ASSERT_TRUE(users.has_value()) << users.error().text;
    EXPECT_EQ((*users)->find("app", false).entries.size(), 1U);
    EXPECT_EQ((*users)->find("app", true).entries.size(), 2U);
    EXPECT_EQ((*users)->find("nobody", true).entries.size(), 0U);
    EXPECT_EQ((*users)->identity("app", false, 0),
              (Identity{.user_data = "app_data", .groups = {"writers"}}));
    EXPECT_EQ((*users)->identity("app", true, 1), Identity{});
    const wire::UserRecord old = (*users)->find("old", false);
    ASSERT_EQ(old.entries.size(), 1U);
    EXPECT_FALSE(old.entries[0].password.has_value());
    EXPECT_EQ(old.entries[0].native, wire::native_hash("123"));
}

TEST(StaticUsers, BadFilesAreRefused) {
    for (const char* text :
         {"", "[]", "{}", R"({"a": [{"Pasword": "x"}]})", R"({"a": [1]})",
          R"({"a": [{"Password": 1}]})", R"({"a": [{"SourceHost": "example"}]})",
          R"({"a": [{"MysqlNativePassword": "*12"}]})", R"({"a": [{"Groups": "x"}]})"}) {
        const auto users = parse_static_users(text, "users.json");
        ASSERT_FALSE(users.has_value()) << text;
        EXPECT_TRUE(users.error().text.starts_with("cannot load users from users.json: ")) << text;
    }
}

TEST(Everybody, AnythingPasses) {
    EXPECT_TRUE(everybody()->find("x", false).anything);
    EXPECT_EQ(everybody()->identity("x", false, 0).user_data, "userData1");
}

}  // namespace
}  // namespace sluice::auth
