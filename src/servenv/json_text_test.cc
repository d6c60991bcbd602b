#include "servenv/json_text.h"

#include <gtest/gtest.h>

namespace sluice::servenv {
namespace {

TEST(JsonText, IsIndentedAsGoDoes) {
    EXPECT_EQ(json_indented(R"({"a":[1,2],"b":{},"c":[],"d":"x,{\"]"})", " "),
              "{\n \"a\": [\n  1,\n  2\n ],\n \"b\": {},\n \"c\": [],\n \"d\": \"x,{\\\"]\"\n}");
    EXPECT_EQ(json_indented("[]", "  "), "[]");
    EXPECT_EQ(json_indented("", " "), "");
}

}  // namespace
}  // namespace sluice::servenv
