// Answers are MySQL 9.7's; tests/values asks it about many more.
#include "values/json.h"

#include <gtest/gtest.h>

#include "values/json_edit.h"
#include "values/json_path.h"

namespace sluice {
namespace {

Json json(std::string_view text) {
    auto parsed = parse_json(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? *parsed : Json();
}

std::string again(std::string_view text) {
    return json_text(json(text));
}

TEST(Json, ParsesAndPrints) {
    EXPECT_EQ(again(R"( {"bb":1, "a":[1.0,2e0,true,null], "a":"last"} )"),
              R"({"a": "last", "bb": 1})");
    EXPECT_EQ(again("[1.0, 1e100, -0, -0.0, 18446744073709551616]"),
              "[1.0, 1e100, 0, -0.0, 1.8446744073709552e19]");
    EXPECT_EQ(again(R"("\u0041\ud83d\ude00\n\u0001\/")"), "\"A\U0001f600\\n\\u0001/\"");
    EXPECT_EQ(json_pretty(json(R"({"a":[1,{}],"b":[]})")),
              "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
    EXPECT_EQ(json_text(Json{JsonOpaque{15, "abc"}}), R"("base64:type15:YWJj")");
    EXPECT_EQ(json_text(Json{Time{.negative = true, .hours = 10}}), R"("-10:00:00.000000")");
    EXPECT_EQ(json_text(Json{Box<Decimal>(*Decimal::parse("1.50"))}), "1.50");
}

TEST(Json, RefusesAsMysql) {
    struct Case {
        std::string_view text, message;
        std::size_t position;
    };
    for (const auto& [text, message, position] : {
             Case{"", "The document is empty.", 0},
             Case{"nulx", "Invalid value.", 3},
             Case{"1.", "Miss fraction part in number.", 2},
             Case{"1e", "Miss exponent in number.", 2},
             Case{"[1, 1e400]", "Number too big to be stored in double.", 4},
             Case{"01", "The document root must not be followed by other values.", 1},
             Case{"\"abc", "Missing a closing quotation mark in string.", 4},
             Case{"\"a\\x\"", "Invalid escape character in string.", 2},
             Case{"\"a\\u12g4\"", "Incorrect hex digit after \\u escape in string.", 2},
             Case{"\"\\ud800\"", "The surrogate pair in string is invalid.", 1},
             Case{"\"a\tb\"", "Invalid encoding in string.", 2},
             Case{"{a:1}", "Missing a name for object member.", 1},
             Case{"{\"a\" 1}", "Missing a colon after a name of object member.", 5},
             Case{"{\"a\":1 \"b\"}", "Missing a comma or '}' after an object member.", 7},
             Case{"[1 2]", "Missing a comma or ']' after an array element.", 3},
         }) {
        const auto parsed = parse_json(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().message, message) << text;
        EXPECT_EQ(parsed.error().position, position) << text;
    }
    EXPECT_TRUE(parse_json(std::string(100, '[') + std::string(100, ']')));
    EXPECT_TRUE(parse_json(std::string(101, '[')).error().too_deep);
    EXPECT_EQ(json_text_error({.message = "Invalid value.", .position = 3}, 1, "json_type").text,
              "Invalid JSON text in argument 1 to function json_type: \"Invalid value.\" at "
              "position 3.");
}

TEST(Json, Orders) {
    // Each is less than the next one.
    const std::vector<Json> values{json("null"),
                                   json("-1"),
                                   json("0.5"),
                                   json("1"),
                                   json("18446744073709551615"),
                                   json("\"a\""),
                                   json("{}"),
                                   json("{\"a\":1}"),
                                   json("[]"),
                                   json("[1]"),
                                   json("false"),
                                   json("true"),
                                   Json{Date{2024, 1, 1}},
                                   Json{Time{}},
                                   Json{DateTime{}},
                                   Json{JsonOpaque{16, ""}}};
    for (std::size_t i = 0; i < values.size(); ++i) {
        for (std::size_t k = 0; k < values.size(); ++k) {
            EXPECT_TRUE(compare(values[i], values[k]) == (i <=> k)) << i << " " << k;
        }
    }
    EXPECT_TRUE(compare(json("1"), json("1.0")) == 0);
    EXPECT_EQ(hash(json("[1, 2]"), 7), hash(json("[1.0, 2e0]"), 7));
    EXPECT_TRUE(compare(json("1"), Json{Box<Decimal>(*Decimal::parse("1.00"))}) == 0);
    EXPECT_TRUE(compare(json("9007199254740993"), json("9007199254740992.0")) > 0);
    EXPECT_TRUE(sort_order(json("[1]"), json("[2]")) == 0);
}

TEST(Json, Measures) {
    EXPECT_EQ(json_type_name(json("4294967296")), "UNSIGNED INTEGER");
    EXPECT_EQ(json_type_name(json("4294967295")), "INTEGER");
    EXPECT_EQ(json_depth(json("[[1]]")), 3);
    EXPECT_EQ(json_length(json("{\"a\":[1,2]}")), 1U);
    EXPECT_EQ(json_storage_size(json("{\"a\":1}")), 13U);
    EXPECT_EQ(json_storage_size(json("[1,70000,\"abc\",1.5,null]")), 36U);
    EXPECT_EQ(json_text(*json_keys(json("{\"bb\":1,\"a\":2}"))), R"(["a", "bb"])");
    EXPECT_EQ(json_unquoted("\"a\\u0041\"").value(), "aA");
    EXPECT_EQ(json_unquoted("abc\"").value(), "abc\"");
    EXPECT_FALSE(json_unquoted("\"a\"b\""));
}

TEST(Json, MergesAndContains) {
    EXPECT_TRUE(json_contains(json("[1,[2,3]]"), json("[3]")));
    EXPECT_TRUE(json_contains(json("{\"a\":[1,2]}"), json("{\"a\":1}")));
    EXPECT_FALSE(json_contains(json("1"), json("[1]")));
    EXPECT_TRUE(json_overlaps(json("{\"a\":1}"), json("[{\"a\":1}]")));
    EXPECT_FALSE(json_overlaps(json("[[1]]"), json("[1]")));
    EXPECT_TRUE(json_member_of(json("2.0"), json("[1,2]")));
    EXPECT_EQ(json_text(merge_patch(json(R"({"a":1,"b":{"c":1}})"),
                                    json(R"({"a":null,"b":{"d":null,"e":1}})"))),
              R"({"b": {"c": 1, "e": 1}})");
    EXPECT_EQ(
        json_text(merge_preserve(json(R"({"a":1,"b":{"c":1}})"), json(R"({"a":2,"b":{"c":2}})"))),
        R"({"a": [1, 2], "b": {"c": [1, 2]}})");
}

std::string extract(std::string_view document, std::string_view path) {
    const std::vector<JsonPath> paths{*parse_json_path(path)};
    const auto found = json_extract(json(document), paths);
    return found ? json_text(*found) : "NULL";
}

TEST(JsonPath, Follows) {
    EXPECT_EQ(extract("[1,2,3]", "$[last]"), "3");
    EXPECT_EQ(extract("[1,2,3,4]", "$[last-9 to 1]"), "[1, 2]");
    EXPECT_EQ(extract("1", "$[0]"), "1");
    EXPECT_EQ(extract("{\"a\":1}", "$[0 to 3].a"), "[1]");
    EXPECT_EQ(extract("[1,[2,[3]]]", "$**[0]"), "[1, 2, 3]");
    EXPECT_EQ(extract("1", "$[*]"), "NULL");
    EXPECT_EQ(extract("{\"a b\":{\"c\":2}}", " $ . \"a b\" . * "), "[2]");
    EXPECT_EQ(json_path_text(*parse_json_path("$ . a [1] . \"b c\"[last-1 to last]**.*[*]")),
              "$.a[1].\"b c\"[last-1 to last]**.*[*]");
    EXPECT_EQ(json_path_text(*parse_json_path("$** **.a")), "$** **.a");
    EXPECT_EQ(json_path_text(*parse_json_path("$.* **.a")), "$.***.a");
}

TEST(JsonPath, RefusesAtPositions) {
    for (const auto& [path, position] : std::map<std::string_view, std::size_t>{{"", 0},
                                                                                {"x", 1},
                                                                                {"$.", 2},
                                                                                {"$[", 2},
                                                                                {"$**", 3},
                                                                                {"$.1a", 4},
                                                                                {"$.\"a", 4},
                                                                                {"$[2 to 1]", 8},
                                                                                {"$[1to 2]", 4},
                                                                                {"$.a b", 4},
                                                                                {"$.*a", 3},
                                                                                {"$[last+1]", 7}}) {
        const auto parsed = parse_json_path(path);
        ASSERT_FALSE(parsed) << path;
        EXPECT_EQ(parsed.error(), position) << path;
    }
}

TEST(JsonPath, Searches) {
    const auto is_abc = [](std::string_view text) { return text == "abc"; };
    const Json document = json(R"(["a b",{"a b":"abc","x\"y":"abc"}])");
    EXPECT_EQ(json_text(*json_search(document, false, is_abc, {})),
              R"(["$[1].\"a b\"", "$[1].\"x\\\"y\""])");
    EXPECT_EQ(json_text(*json_search(document, true, is_abc, {})), R"("$[1].\"a b\"")");
    const JsonPath cells[] = {*parse_json_path("$[0 to last]")};
    EXPECT_FALSE(json_search(Json(std::string("abc")), true, is_abc, cells));
}

TEST(JsonEdit, Writes) {
    const auto set = [](std::string_view document, std::string_view path) {
        Json made = json(document);
        json_write(made, *parse_json_path(path), json("9"), JsonWrite::set);
        return json_text(made);
    };
    EXPECT_EQ(set("1", "$[1]"), "[1, 9]");
    EXPECT_EQ(set("1", "$[last-1]"), "[9, 1]");
    EXPECT_EQ(set("{\"a\":1}", "$.b.c"), "{\"a\": 1}");
    EXPECT_EQ(set("{\"a\":1}", "$.b"), "{\"a\": 1, \"b\": 9}");

    const auto remove = [](std::string_view document, std::string_view path) {
        Json made = json(document);
        EXPECT_TRUE(json_remove(made, *parse_json_path(path)));
        return json_text(made);
    };
    EXPECT_EQ(remove("{\"a\":1}", "$.a[0]"), "{}");
    EXPECT_EQ(remove("[1,[2]]", "$[last]"), "[1]");
    Json one = json("[1]");
    EXPECT_EQ(json_remove(one, *parse_json_path("$")).error().number, 3153);
    EXPECT_EQ(json_array_insert(one, *parse_json_path("$"), Json()).error().number, 3165);
    EXPECT_TRUE(json_array_insert(one, *parse_json_path("$[last-4]"), json("3")));
    json_array_append(one, *parse_json_path("$[0]"), json("4"));
    EXPECT_EQ(json_text(one), "[[3, 4], 1]");
}

}  // namespace
}  // namespace sluice
