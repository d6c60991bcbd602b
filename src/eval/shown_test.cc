// What a text stands for where a number is wanted, as MySQL 9.7 computes with it.
#include <gtest/gtest.h>

#include "eval/detail/test_expressions.h"

namespace sluice::eval {
namespace {

struct Case {
    std::string_view text, value;
};
void expect_all(std::initializer_list<Case> cases) {
    for (const auto& [text, value] : cases) EXPECT_EQ(testing::see(text).text, value) << text;
}

TEST(StandsFor, NumbersOfWhatWasChosen) {
    expect_all({{"if(1, date'2024-02-29', '') + 0", "20240229"},
                {"if(1, 0x41, 'a') + 0", "65"},
                {"if(0, 'a', b'101') + 0", "5"},
                {"if(1, -1.50, '') | 0", "18446744073709551614"},
                {"case when 1 then time'10:11:12.5' else 'a' end + 0", "101112.5"},
                {"case 1 when 1 then date'2024-02-29' else 1.5e3 end = 20240229", "1"},
                {"elt(1, date'2024-02-29', 'a') * 1", "20240229"},
                {"elt(2, 'a', x'616263') + 0", "6382179"},
                {"floor(if(1, if(1, date'2024-02-29', ''), 'a'))", "20240229"},
                {"if(1, date'2024-02-29', timestamp'2024-02-29 10:11:12') + 0", "20240229"},
                {"if(1, time'10:11:12', date'2024-02-29') | 0", "101112"},
                {"not if(1, 0x00, '')", "1"},
                {"left('abcdef', if(1, 2.5, ''))", "abc"},
                {"cast(if(1, date'2024-02-29', '') as decimal(10))", "20240229"},
                {"if(1, '5x', 5) + 0", "5"},
                {"if(1, 5.5, _latin1'abc') | 0", "6"},
                {"if(1, 5.5, convert('a' using utf16)) | 0", "5"},
                {"if(1, cast('{}' as json), 1) is true", "0"},
                {"concat(if(1, date'2024-02-29', ''))", "2024-02-29"},
                {"concat(if(1, date'2024-02-29', '')) + 0", "2024"},
                // The text is what COALESCE and IFNULL read, and CAST to an integer.
                {"coalesce(date'2024-02-29', '') + 0", "2024"},
                {"ifnull(null, if(1, date'2024-02-29', '')) + 0", "2024"},
                {"cast(if(1, date'2024-02-29', '') as signed)", "2024"},
                {"cast(addtime('10:11:12', '1') as signed)", "10"},
                {"addtime('10:11:12', '1') + 0", "101113"}});
    EXPECT_EQ(testing::see("if(1, date'2024-02-29', '') + 0").warnings, "");
    EXPECT_EQ(testing::see("if(1, cast(1e30 as double), '') | 0").warnings,
              "BIGINT value is out of range in 'cast(1e30 as double)'");
}

TEST(StandsFor, NumbersAreComparedWithWhatWasChosen) {
    expect_all({{"if(1, date'2024-02-29', '') in (20240229, 3)", "1"},
                {"if(1, date'2024-02-29', '') between 20240229 and 20240230", "1"},
                {"if(1, date'2024-02-29', '') <=> 20240229", "1"},
                {"if(1, date'2024-02-29', '') > 20240228.5", "1"},
                {"nullif(if(1, date'2024-02-29', ''), 20240229)", "NULL"},
                {"field(if(1, date'2024-02-29', ''), 20240229, 1)", "1"},
                {"case if(1, date'2024-02-29', '') when 20240229 then 5 else 6 end", "5"},
                {"case 20240229 when if(1, date'2024-02-29', '') then 5 else 6 end", "5"},
                {"(if(1, date'2024-02-29', ''), 1) = (20240229, 1)", "1"},
                {"if(1, date'2024-02-29', '') = '2024-02-29'", "1"}});
}

TEST(StandsFor, NumbersOfTheGreatestDate) {
    expect_all({{"greatest(date'2024-02-29', '2024-03-01') + 0", "20240301"},
                {"cast(greatest(date'2024-02-29', '2024-03-01') as signed)", "20240301"},
                {"greatest(date'2024-02-29', 'a') + 0", "163831531"},
                {"least(timestamp'2024-02-29 10:11:12.5', '2024-03-29') + 0", "20240229101112.5"},
                {"least(timestamp'2024-02-29 10:11:12', 'abc') + 0", "0"},
                {"least(timestamp'2024-02-29 10:11:12', 'abc')", "2024-02-29 10:11:12"},
                {"greatest(time'10:11:12', 5)", "5"},
                {"greatest(time'10:11:12', 5) + 0", "101112"},
                {"least(time'10:11:12', 5.5) + 0", "5.5"},
                {"greatest(time'-01:02:03.5', 0x41) + 0", "65"},
                {"greatest('12', 'x', 5) + 0", "0"}});
    EXPECT_EQ(testing::see("greatest(date'2024-02-29', 'a') + 0").warnings, "1292 ");
}

TEST(StandsFor, WhatIsLaterThanAllDatesIsNone) {
    constexpr std::string_view latest = "greatest(date'2024-02-29', 'abc')";
    for (const std::string_view before :
         {"date_add(@, interval 1 day)", "date_sub(if(1, @, 'x'), interval 9000 year)",
          "dayofyear(coalesce(if(1, @, 'x')))", "cast(@ as datetime)", "cast(@ as date)",
          "cast(elt(1, @) as time)", "to_days(@)", "extract(week from @)"}) {
        std::string text(before);
        text.replace(text.find('@'), 1, latest);
        EXPECT_EQ(testing::see(text).text, "NULL") << text;
        EXPECT_EQ(testing::see(text).warnings, "1292 1292 ") << text;
    }
}

TEST(StandsFor, NumbersOfSilentTexts) {
    for (const std::string_view text :
         {"coalesce('12x', 'a') + 0", "ifnull('12x', 'a') | 0",
          "greatest('12x', '1a') between 1 and 5", "coalesce('12x', 'a') in (5, 7)",
          "not coalesce('12x', 'a')", "cast(coalesce('12x', 'a') as double)"})
        EXPECT_EQ(testing::see(text).warnings, "") << text;
    EXPECT_EQ(testing::see("cast(coalesce('12x', 'a') as signed)").warnings, "1292 ");
    EXPECT_EQ(testing::see("if(1, '12x', 'a') + 0").warnings, "1292 ");
}

TEST(StandsFor, SumsOfTimesHaveSixDigitsAsTexts) {
    expect_all({{"concat(date_add(time'-01:02:03.5', interval 3 minute))", "-00:59:03.500000"},
                {"date_add(time'-01:02:03.5', interval 3 minute)", "-00:59:03.5"},
                {"length(subtime(time'-01:02:03.5', 0))", "16"},
                {"cast(addtime(time'-01:02:03.5', 0) as char)", "-01:02:03.500000"},
                {"concat(date_add(time'-01:02:03', interval 3 minute))", "-00:59:03"},
                {"concat(addtime(timestamp'2024-02-29 10:11:12.5', 0))", "2024-02-29 10:11:12.5"},
                {"concat(timediff(time'-01:02:03.5', '00:00:00'))", "-01:02:03.5"}});
}

}  // namespace
}  // namespace sluice::eval
