// corpora/decimal and corpora/datetime.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "values/calendar.h"
#include "values/decimal.h"

namespace sluice {
namespace {

namespace json = boost::json;

// Counts what `holds` of the file's array; prints the corpus' line. Where there are no corpora the
// test is skipped.
template <class Holds>
void every_case(const std::string& name, Holds holds) {
    const char* folder = std::getenv("SLUICE_CORPORA");
    if (folder == nullptr) {
        std::cout << "corpus " << name << ": absent\n";
        GTEST_SKIP();
    }
    std::ifstream in(std::string(folder) + "/" + name + ".json");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const json::value file = json::parse(text);
    const json::array& cases = file.as_array();
    std::size_t passed = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) passed += holds(i, cases[i]) ? 1 : 0;
    std::cout << "corpus " << name << ": " << passed << " of " << cases.size() << "\n";
    EXPECT_FALSE(cases.empty());
    EXPECT_EQ(passed, cases.size());
}

TEST(Corpus, LargePiDecimals) {
    every_case("decimal/large_pi_decimals", [](std::size_t, const json::value& line) {
        return Decimal::read(line.at(0).as_string()).value.text() == line.at(1).as_string();
    });
}

TEST(Corpus, FirstDaysOfYears) {
    every_case("datetime/year_to_daynr", [](std::size_t year, const json::value& day) {
        const Date first{.year = static_cast<std::uint16_t>(year), .month = 1, .day = 1};
        return day_number(first) == day.to_number<int>();
    });
}

TEST(Corpus, DatesOfDays) {
    every_case("datetime/daynr_to_date", [](std::size_t, const json::value& line) {
        const Date want{.year = line.at(1).to_number<std::uint16_t>(),
                        .month = line.at(2).to_number<std::uint8_t>(),
                        .day = line.at(3).to_number<std::uint8_t>()};
        const auto number = line.at(0).to_number<int>();
        return date_of(number) == want && day_number(want) == number;
    });
}

}  // namespace
}  // namespace sluice
