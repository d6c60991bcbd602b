// JSON_SCHEMA_VALID and JSON_SCHEMA_VALIDATION_REPORT, with MySQL 9.7's answers.
#include "eval/detail/json_schema.h"

#include <gtest/gtest.h>

#include "eval/detail/byte_pattern.h"
#include "eval/detail/test_expressions.h"

namespace sluice::eval {
namespace {

using testing::see;
using testing::Seen;

struct Case {
    std::string_view query;
    // "valid", or where in the document, which keyword, where in the schema; of JSON_SCHEMA_VALID 1
    // or 0; "error NUMBER".
    std::string_view answer;
};

// What a report says, in short.
std::string brief(const std::string& report) {
    const auto json = parse_json(report);
    const JsonObject* object = json ? json->get_if<JsonObject>() : nullptr;
    if (object == nullptr) return report;
    if (object->size() == 1) return "valid";
    std::string out;
    for (const std::string_view key :
         {"document-location", "schema-failed-keyword", "schema-location"}) {
        if (!out.empty()) out += ' ';
        out += json_unquoted(*object->find(key));
    }
    return out;
}

constexpr Case cases[] = {
    {R"q(json_schema_valid('{"type":"object"}', '{}'))q", "1"},
    {R"q(json_schema_valid('{"type":"object"}', '[]'))q", "0"},
    {R"q(json_schema_valid('[]', '[]'))q", "error 3853"},
    {R"q(json_schema_valid('{', '[]'))q", "error 3141"},
    {R"q(json_schema_valid('{}', '['))q", "error 3141"},
    {R"q(json_schema_valid('{}', 5))q", "error 3146"},
    {R"q(json_schema_valid(5, '1'))q", "error 3146"},
    {R"q(json_schema_valid(null, '1'))q", "NULL"},
    {R"q(json_schema_valid('{"$ref":"http://x/y"}', '1'))q", "error 1235"},
    {R"q(json_schema_valid('{"$ref":"#/definitions/a","definitions":{"a":{"type":"string"}}}', '1'))q",
     "0"},
    {R"q(json_schema_valid('{"properties":{"x":{"$ref":"#/definitions/a"}},"definitions":{"a":{"type":"string"}}}', '{"x":1}'))q",
     "0"},
    {R"q(json_schema_validation_report('{"properties":{"x":{"$ref":"#/definitions/a"}},"definitions":{"a":{"type":"string"}}}', '{"x":1}'))q",
     "#/x type #/definitions/a"},
    {R"q(json_schema_validation_report('{"type":"object","required":["latitude"]}', '{}'))q",
     "# required #"},
    {R"q(json_schema_validation_report('{"type":"object","properties":{"a b/c~é":{"type":"array","items":{"minimum":3}}}}', '{"a b/c~é":[5,1]}'))q",
     "#/a%20b~1c~0%C3%A9/1 minimum #/properties/a%20b~1c~0%C3%A9/items"},
    {R"q(json_schema_validation_report('{"type":"integer"}', '1.0'))q", "# type #"},
    {R"q(json_schema_validation_report('{"type":"integer"}', cast(1.0 as json)))q", "# type #"},
    {R"q(json_schema_validation_report('{"type":"string"}', cast(date'2024-01-01' as json)))q",
     "valid"},
    {R"q(json_schema_validation_report('{"pattern":"^\\\\d+$"}', '"12"'))q", "valid"},
    {R"q(json_schema_validation_report('{"pattern":"^\\\\d+$"}', '"1x2"'))q", "# pattern #"},
    {R"q(json_schema_validation_report('{"pattern":"("}', '"1x2"'))q", "valid"},
    {R"q(json_schema_validation_report('{"pattern":"^\\\\p{L}$"}', '"1x2"'))q", "valid"},
    {R"q(json_schema_validation_report('{"pattern":"^(?:a|b)(?=c)"}', '"ac"'))q", "valid"},
    {R"q(json_schema_validation_report('{"pattern":"^.$"}', '"é"'))q", "# pattern #"},
    {R"q(json_schema_validation_report('{"enum":[1,"a",{"b":[1,2]}]}', '{"b":[1.0,2]}'))q",
     "valid"},
    {R"q(json_schema_validation_report('{"enum":[1,"a"]}', '2'))q", "# enum #"},
    {R"q(json_schema_validation_report('{"uniqueItems":true}', '[1,2,1.0]'))q",
     "#/2 uniqueItems #"},
    {R"q(json_schema_validation_report('{"allOf":[{"type":"integer"},{"minimum":5}]}', '3'))q",
     "# allOf #"},
    {R"q(json_schema_validation_report('{"anyOf":[{"type":"string"},{"minimum":5}]}', '3'))q",
     "# anyOf #"},
    {R"q(json_schema_validation_report('{"oneOf":[{"type":"integer"},{"minimum":2}]}', '3'))q",
     "# oneOf #"},
    {R"q(json_schema_validation_report('{"not":{"type":"integer"}}', '3'))q", "# not #"},
    {R"q(json_schema_validation_report('{"multipleOf":0.1}', '0.3'))q", "valid"},
    {R"q(json_schema_validation_report('{"multipleOf":3}', '7'))q", "# multipleOf #"},
    {R"q(json_schema_validation_report('{"multipleOf":0}', '7'))q", "valid"},
    {R"q(json_schema_validation_report('{"maximum":3,"exclusiveMaximum":true}', '3'))q",
     "# maximum #"},
    {R"q(json_schema_validation_report('{"maximum":3,"exclusiveMaximum":true}', '4'))q",
     "# maximum #"},
    {R"q(json_schema_validation_report('{"minimum":3,"exclusiveMinimum":true}', '3'))q",
     "# minimum #"},
    {R"q(json_schema_validation_report('{"minLength":2}', '"é"'))q", "# minLength #"},
    {R"q(json_schema_validation_report('{"additionalProperties":false,"properties":{"a":{}},"patternProperties":{"^b":{"type":"string"}}}', '{"a":1,"bb":2}'))q",
     "#/bb patternProperties #"},
    {R"q(json_schema_validation_report('{"additionalProperties":false,"properties":{"a":{}},"patternProperties":{"^b":{"type":"string"}}}', '{"a":1,"c":2}'))q",
     "#/c additionalProperties #"},
    {R"q(json_schema_validation_report('{"properties":{"b":{"type":"integer"}},"patternProperties":{"^b":{"minimum":5}}}', '{"b":2}'))q",
     "#/b patternProperties #"},
    {R"q(json_schema_validation_report('{"additionalProperties":{"type":"string"},"patternProperties":{"^b":{"minimum":5}}}', '{"b":2}'))q",
     "#/b patternProperties #"},
    {R"q(json_schema_validation_report('{"items":[{"type":"string"}],"additionalItems":false}', '["a",1]'))q",
     "#/1 additionalItems #"},
    {R"q(json_schema_validation_report('{"items":[{"type":"string"}],"additionalItems":{"type":"string"}}', '["a",1]'))q",
     "#/1 type #/additionalItems"},
    {R"q(json_schema_validation_report('{"dependencies":{"a":["b"]}}', '{"a":1}'))q",
     "# dependencies #"},
    {R"q(json_schema_validation_report('{"dependencies":{"a":{"required":["b"]}}}', '{"a":1}'))q",
     "# dependencies #"},
    {R"q(json_schema_validation_report('{"minProperties":1,"maxProperties":1}', '{"a":1,"b":2}'))q",
     "# maxProperties #"},
    {R"q(json_schema_validation_report('{"minItems":2}', '[1]'))q", "# minItems #"},
    {R"q(json_schema_validation_report('{"type":["integer","null"]}', '"x"'))q", "# type #"},
    {R"q(json_schema_validation_report('{"type":"foo"}', '"x"'))q", "# type #"},
    {R"q(json_schema_validation_report('{"required":["a"],"properties":{"a":{"default":"x"}}}', '{}'))q",
     "valid"},
    {R"q(json_schema_validation_report('{"format":"date"}', '"x"'))q", "valid"},
    {R"q(json_schema_validation_report('{"allOf":[{"$ref":"#"}]}', '3'))q", "error 3157"},
    {R"q(json_schema_validation_report('{"$ref":"#"}', '3'))q", "error 3157"},
    {R"q(json_schema_validation_report('{"$ref":"#/nowhere"}', '3'))q", "valid"},
    {R"q(json_schema_validation_report('{"properties":{"c":{"$ref":"#"}},"required":["v"]}', '{"v":1,"c":{"v":1,"c":{}}}'))q",
     "error 3157"},
    {R"q(json_schema_validation_report(null, '3'))q", "NULL"},
    {R"q(json_schema_valid('{"type":"object"}', x'7b7d'))q", "1"},
    {R"q(json_schema_valid('{"type":"object"}', null))q", "NULL"},
    {R"q(json_schema_valid('{"type":"object"}'))q", "error 1582"},
    {R"q(json_schema_validation_report('{"definitions":{"a":{"$ref":"#/definitions/a"}}}', '3'))q",
     "error 3157"},
    {R"q(json_schema_validation_report('{"definitions":{"a":{"properties":{"b":{"$ref":"#/definitions/a"}}}}}', '3'))q",
     "error 3157"},
    {R"q(json_schema_validation_report('{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"type":"string"}}}', '3'))q",
     "# type #/definitions/b"},
    {R"q(json_schema_validation_report('{"$ref":"#definitions"}', '3'))q", "valid"},
    {R"q(json_schema_validation_report('{"$ref":""}', '3'))q", "valid"},
    {R"q(json_schema_validation_report('{"$ref":5}', '3'))q", "valid"},
    {R"q(json_schema_validation_report('{"$ref":"x#/definitions/a","definitions":{"a":{"type":"string"}}}', '3'))q",
     "error 1235"},
    {R"q(json_schema_validation_report('{"properties":{"x":{"$ref":"y"}}}', '3'))q", "error 1235"},
    {R"q(json_schema_validation_report('{"foo":{"$ref":"y"}}', '3'))q", "error 1235"},
    {R"q(json_schema_validation_report('{"enum":[{"$ref":"y"}]}', '3'))q", "error 1235"},
    {R"q(json_schema_validation_report('{"properties":{"$ref":"y"}}', '3'))q", "error 1235"},
    {R"q(json_schema_validation_report('{"properties":{"$ref":{"type":"string"}}}', '{"$ref":3}'))q",
     "#/%24ref type #/properties/%24ref"},
    {R"q(json_schema_validation_report('{"uniqueItems":true,"items":{"type":"string"}}', '["a",2,"a"]'))q",
     "#/1 type #/items"},
    {R"q(json_schema_validation_report('{"uniqueItems":true}', '["1",1,null,false,0,[],{}]'))q",
     "valid"},
    {R"q(json_schema_validation_report('{"allOf":[{"properties":{"a":{"type":"string"}}}],"properties":{"a":{"type":"integer"}}}', '{"a":1.5}'))q",
     "#/a type #/properties/a"},
    {R"q(json_schema_validation_report('{"allOf":[{"properties":{"a":{"type":"string"}}}],"properties":{"a":{"type":"integer"}}}', '{"a":1}'))q",
     "# allOf #"},
    {R"q(json_schema_validation_report('{"allOf":[{"type":"string"}],"anyOf":[{"type":"string"}]}', '{"a":1}'))q",
     "# allOf #"},
    {R"q(json_schema_validation_report('{"anyOf":[{"type":"string"}],"enum":[5]}', '{"a":1}'))q",
     "# enum #"},
    {R"q(json_schema_validation_report('{"type":"string","enum":[5]}', '4'))q", "# type #"},
    {R"q(json_schema_validation_report('{"type":"number"}', '4'))q", "valid"},
    {R"q(json_schema_validation_report('{"minimum":1.5}', '1'))q", "# minimum #"},
    {R"q(json_schema_validation_report('{"minimum":-1}', '18446744073709551615'))q", "valid"},
    {R"q(json_schema_validation_report('{"minimum":18446744073709551615}', '-1'))q", "# minimum #"},
    {R"q(json_schema_validation_report('{"maximum":18446744073709551614}', '18446744073709551615'))q",
     "# maximum #"},
    {R"q(json_schema_validation_report('{"maximum":"x"}', '5'))q", "valid"},
    {R"q(json_schema_validation_report('{"multipleOf":0.01}', '1.1'))q", "valid"},
    {R"q(json_schema_validation_report('{"multipleOf":2.5}', '5'))q", "valid"},
    {R"q(json_schema_validation_report('{"multipleOf":-2}', '3'))q", "valid"},
    {R"q(json_schema_validation_report('{"required":["b","a"]}', '{}'))q", "# required #"},
    {R"q(json_schema_validation_report('{"required":"a"}', '{}'))q", "valid"},
    {R"q(json_schema_validation_report('{"minItems":2,"items":{"type":"string"}}', '[1]'))q",
     "#/0 type #/items"},
    {R"q(json_schema_validation_report('{"minItems":2.0}', '[1]'))q", "valid"},
    {R"q(json_schema_validation_report('{"minItems":-2}', '[1]'))q", "valid"},
    {R"q(json_schema_validation_report('{"items":[{"type":"string"},{"type":"null"}]}', '["a",1]'))q",
     "#/1 type #/items/1"},
    {R"q(json_schema_validation_report('{"items":[5]}', '["a",1]'))q", "valid"},
    {R"q(json_schema_validation_report('{"items":5}', '["a",1]'))q", "valid"},
    {R"q(json_schema_validation_report('{"properties":{"a":5}}', '{"a":1}'))q", "valid"},
    {R"q(json_schema_validation_report('{"additionalProperties":5}', '{"a":1}'))q", "valid"},
    {R"q(json_schema_validation_report('{"enum":[]}', '3'))q", "valid"},
    {R"q(json_schema_validation_report('{"enum":["x"]}', '"x"'))q", "valid"},
    {R"q(json_schema_validation_report('{"allOf":[]}', '3'))q", "valid"},
    {R"q(json_schema_validation_report('{"not":5}', '3'))q", "# not #"},
    {R"q(json_schema_validation_report('{"pattern":"[[:alpha:]]"}', '"3"'))q", "# pattern #"},
    {R"q(json_schema_validation_report('{"pattern":"[[:alpha:]]"}', '"b"'))q", "valid"},
    {R"q(json_schema_validation_report('{"pattern":"(?i)A"}', '"a"'))q", "valid"},
    {R"q(json_schema_validation_report('{"pattern":"(a)\\\\1"}', '"xaa"'))q", "valid"},
    {R"q(json_schema_validation_report('{"pattern":"(?<!a)b"}', '"ab"'))q", "valid"},
    {R"q(json_schema_validation_report('{"pattern":"^a.c$"}', '"a\\nc"'))q", "# pattern #"},
    {R"q(json_schema_validation_report('{"pattern":"^a$"}', '"b\\na"'))q", "# pattern #"},
    {R"q(json_schema_validation_report('{"pattern":"\\\\bfoo\\\\b"}', '"a foo b"'))q", "valid"},
    {R"q(json_schema_validation_report('{"pattern":"a{2}"}', '"xaa"'))q", "valid"},
    {R"q(json_schema_validation_report('{"dependencies":{"a":["b"],"c":{"required":["d"]}}}', '{"c":1,"a":2}'))q",
     "# dependencies #"},
    {R"q(json_schema_validation_report('{"properties":{"a":{"required":["x"]}}}', '{"a":{"y":1}}'))q",
     "#/a required #/properties/a"},
    {R"q(json_schema_validation_report('{"patternProperties":{"a":{"type":"string"},"b":{"type":"integer"}}}', '{"ab":"x"}'))q",
     "#/ab patternProperties #"},
    {R"q(json_schema_validation_report('{"patternProperties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}}', '{"a":"x"}'))q",
     "valid"},
    {R"q(json_schema_validation_report('{"patternProperties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}}', '{"a":5}'))q",
     "valid"},
    {R"q(json_schema_validation_report('{"patternProperties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}}', '{"a":null}'))q",
     "#/a patternProperties #"},
    {R"q(json_schema_validation_report('{"patternProperties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}}', '{"b":null}'))q",
     "#/b type #/additionalProperties"},
    {R"q(json_schema_validation_report('{"properties":{"a":{"properties":{"b":{"enum":[1]}}}}}', '{"a":{"b":2}}'))q",
     "#/a/b enum #/properties/a/properties/b"},
    {R"q(json_schema_validation_report('{"oneOf":[{"type":"integer"},{"minimum":2}]}', '"x"'))q",
     "valid"},
    {R"q(json_schema_validation_report('{"oneOf":[{"type":"integer"},{"type":"boolean"}]}', '"x"'))q",
     "# oneOf #"},
    {R"q(json_schema_validation_report('{"type":"object","properties":{"a":{"type":"object","additionalProperties":false}}}', '{"a":{"q":1}}'))q",
     "#/a/q additionalProperties #/properties/a"},
    {R"q(json_schema_valid('{}', concat('{"a":"',repeat('x',10),'"}')))q", "1"},
    {R"q(json_schema_valid(cast('{}' as json), cast(1.5 as decimal(5,2))))q", "error 3146"},
    {R"q(json_schema_valid('{}', date'2024-01-01'))q", "error 3146"},
};

TEST(JsonSchema, SaysWhatMySqlSays) {
    for (const Case& each : cases)
        EXPECT_EQ(brief(see(each.query).text), each.answer) << each.query;
}

TEST(JsonSchema, TheReportIsAnObject) {
    const Seen seen = see(R"(json_schema_validation_report('{"minimum": 3}', '2'))");
    EXPECT_EQ(seen.text,
              R"({"valid": false, "reason": "The JSON document location '#' failed requirement )"
              R"('minimum' at JSON Schema location '#'", "schema-location": "#", )"
              R"("document-location": "#", "schema-failed-keyword": "minimum"})");
    EXPECT_EQ(seen.type, "JSON");
}

TEST(JsonSchema, WhatMultipliesItselfIsRefused) {
    std::string schema = R"({"$ref":"#/definitions/a0","definitions":{)";
    for (int i = 0; i < 26; ++i) {
        const std::string next = R"({"$ref":"#/definitions/a)" + std::to_string(i + 1) + R"("})";
        schema += "\"a" + std::to_string(i) + R"(":{"allOf":[)" + next + "," + next + "]},";
    }
    schema += R"("a26":{}}})";
    EXPECT_EQ(see("json_schema_valid('" + schema + "', '1')").text, "error 1235");
}

TEST(BytePattern, TranslatesToIcu) {
    struct Pattern {
        std::string_view pattern, translated;
    };
    for (const Pattern& each : {
             Pattern{"^a.c$", "\\Aa[^\\n\\r]c\\z"},
             Pattern{"\\d+", "[0-9]+"},
             Pattern{"[\\w-]", "[0-9A-Za-z_\\-]"},
             Pattern{"[[:alpha:]_]", "[A-Za-z_]"},
             Pattern{"[a[b]", "[a\\[b]"},
             Pattern{"[^]", "[\\x00-\\xFF]"},
             Pattern{"[]", "(?!)"},
             Pattern{"\\p", "p"},
             Pattern{"(?:a|b)(?=c)", "(?:a|b)(?=c)"},
         }) {
        EXPECT_EQ(icu_pattern(each.pattern), each.translated) << each.pattern;
    }
    for (const std::string_view pattern :
         {"(?i)a", "(?<!a)b", "a{", "a{x}", "\\", "[a", "[[:nothing:]]", "\\x1", "[\\1]"}) {
        EXPECT_EQ(icu_pattern(pattern), std::nullopt) << pattern;
    }
}

TEST(BytePattern, IsLimited) {
    Environment environment;
    const auto pattern = BytePattern::of("(a*)*b");
    ASSERT_TRUE(pattern);
    EXPECT_TRUE(pattern->found_in("xxaab", environment));
    const std::string seen =
        see(R"(json_schema_valid('{"pattern": "^(a*)*b$"}', concat('"', repeat('a', 5000), '"')))")
            .text;
    EXPECT_TRUE(seen == "error 3699" || seen == "error 3698") << seen;
}

}  // namespace
}  // namespace sluice::eval
