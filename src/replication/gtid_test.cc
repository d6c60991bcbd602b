#include <gtest/gtest.h>

#include "replication/position.h"

namespace sluice::replication {
namespace {

const std::string a = "00000000-0000-0000-0000-00000000000a";
const std::string b = "00000000-0000-0000-0000-00000000000b";

std::string mysql(std::string_view text) {
    const auto set = MysqlGtids::parse(text);
    return set ? set->text() : "refused";
}

TEST(MysqlGtids, AreWrittenAsTheServerDoes) {
    for (const auto& [text, want] : {
             std::pair<std::string, std::string>{"", ""},
             {a + ":1", a + ":1"},
             {a + ":1-5:7", a + ":1-5:7"},
             {" " + a + ":1-5,\n" + b + ":3 ", a + ":1-5," + b + ":3"},
             {b + ":3," + a + ":1", a + ":1," + b + ":3"},
             {a + ":7:1-5", a + ":1-5:7"},
             {a + ":1-5:6:8-9:9-12", a + ":1-6:8-12"},
             {a + ":1," + a + ":2", a + ":1-2"},
             {a + ":5-3", ""},
             {a + ":blue:1-3", a + ":blue:1-3"},
             {a + ":1-2:Blue:1-3:red:4", a + ":1-2:blue:1-3:red:4"},
             {"00000000-0000-0000-0000-00000000000A:1", a + ":1"},
             {a + ":9223372036854775807:1-9223372036854775806", a + ":1-9223372036854775807"},
             {a, "refused"},
             {a + ":", "refused"},
             {a + ":0", "refused"},
             {a + ":1-", "refused"},
             {a + ":1--2", "refused"},
             {a + ":9223372036854775808", "refused"},
             {a + ":-1", "refused"},
             {a + ":1x", "refused"},
             {"x" + a + ":1", "refused"},
             {"00000000-0000-0000-0000-0000000000zz:1", "refused"},
         }) {
        EXPECT_EQ(mysql(text), want) << text;
    }
}

TEST(MysqlGtids, AreSets) {
    struct Case {
        std::string left, right, united, without;
        bool contains;
    };
    for (const Case& each : std::vector<Case>{
             {a + ":1-10", a + ":3-5", a + ":1-10", a + ":1-2:6-10", true},
             {a + ":1-5", a + ":6-9", a + ":1-9", a + ":1-5", false},
             {a + ":1-5", b + ":1", a + ":1-5," + b + ":1", a + ":1-5", false},
             {a + ":1-5:10-20", a + ":4-12", a + ":1-20", a + ":1-3:13-20", false},
             {a + ":1-5", "", a + ":1-5", a + ":1-5", true},
             {"", a + ":1-5", a + ":1-5", "", false},
             {a + ":1-3:5-7:9-11", a + ":2-10", a + ":1-11", a + ":1:11", false},
             {a + ":1-9", a + ":1-9", a + ":1-9", "", true},
             {a + ":blue:1-9", a + ":1-9", a + ":1-9:blue:1-9", a + ":blue:1-9", false},
         }) {
        const auto left = MysqlGtids::parse(each.left), right = MysqlGtids::parse(each.right);
        ASSERT_TRUE(left && right);
        EXPECT_EQ(left->united(*right).text(), each.united) << each.left << " " << each.right;
        EXPECT_EQ(left->without(*right).text(), each.without) << each.left << " " << each.right;
        EXPECT_EQ(left->contains(*right), each.contains) << each.left << " " << each.right;
    }
    EXPECT_EQ(MysqlGtids::parse(a + ":1-5:7," + b + ":2-3")->count(), 8);
    EXPECT_EQ(MysqlGtids::parse(a + ":1-9223372036854775807," + b + ":1")->count(), INT64_MAX);
}

TEST(MariadbGtids, KeepTheLastOfEachDomain) {
    for (const auto& [text, want] : {
             std::pair<std::string, std::string>{"0-1-270", "0-1-270"},
             {"1-2-5,0-1-270", "0-1-270,1-2-5"},
             {"0-1-5,0-2-4", "0-1-5"},
             {"", ""},
             {"0-1", "refused"},
             {"0-1-2-3", "refused"},
             {"0-1-x", "refused"},
             {"4294967296-1-1", "refused"},
         }) {
        const auto list = MariadbGtids::parse(text);
        EXPECT_EQ(list ? list->text() : "refused", want) << text;
    }
    struct Case {
        std::string left, right, united, without;
        bool contains;
    };
    for (const Case& each : std::vector<Case>{
             {"0-1-10", "0-2-5", "0-1-10", "0-1-10", true},
             {"0-1-10", "0-2-15", "0-2-15", "", false},
             {"0-1-10,1-1-1", "0-2-15", "0-2-15,1-1-1", "1-1-1", false},
             {"0-1-10", "0-1-10", "0-1-10", "", true},
             {"", "0-1-10", "0-1-10", "", false},
         }) {
        const auto left = MariadbGtids::parse(each.left), right = MariadbGtids::parse(each.right);
        ASSERT_TRUE(left && right);
        EXPECT_EQ(left->united(*right).text(), each.united);
        EXPECT_EQ(left->without(*right).text(), each.without);
        EXPECT_EQ(left->contains(*right), each.contains);
    }
}

TEST(Position, HasItsFlavorInFront) {
    for (const auto& [text, want] : {
             std::pair<std::string, std::string>{"", ""},
             {"MySQL56/" + a + ":1-3:2-5", "MySQL56/" + a + ":1-5"},
             {"MySQL56/", "MySQL56/"},
             {"MariaDB/0-1-2", "MariaDB/0-1-2"},
             {"MySQL56", "refused"},
             {"FilePos/bin.000001:4", "refused"},
             {"Oracle/1", "refused"},
             {a + ":1", "refused"},
         }) {
        const auto position = Position::parse(text);
        EXPECT_EQ(position ? position->text() : "refused", want) << text;
    }
    const Position nowhere;
    const auto mysql_place = Position::parse("MySQL56/" + a + ":1-3");
    const auto mariadb_place = Position::parse("MariaDB/0-1-2");
    EXPECT_TRUE(nowhere.empty() && mysql_place->contains(nowhere));
    EXPECT_TRUE(nowhere.contains(*Position::parse("MySQL56/")));
    EXPECT_FALSE(nowhere.contains(*mysql_place));
    EXPECT_FALSE(mysql_place->contains(*mariadb_place));
    EXPECT_FALSE(mysql_place->united(*mariadb_place));
    EXPECT_FALSE(mariadb_place->without(*mysql_place));
    EXPECT_EQ(nowhere.united(*mariadb_place)->text(), "MariaDB/0-1-2");
    EXPECT_EQ(mariadb_place->set_text(), "0-1-2");
}

}  // namespace
}  // namespace sluice::replication
