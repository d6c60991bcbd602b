// EXTRACTVALUE and UPDATEXML; the answers are MySQL 9.7's.
#include <gtest/gtest.h>

#include "eval/detail/test_expressions.h"

namespace sluice::eval {
namespace {

using testing::see;

std::string extracted(const std::string& xml, const std::string& path) {
    return see("extractvalue('" + xml + "', '" + path + "')").text;
}

struct Case {
    std::string path, value;
};

TEST(Xml, PathsOfNodes) {
    const std::string xml = "<a k=\"1\">t<b j=\"2\">x</b>u<c><b>z</b></c></a>";
    for (const Case& each : {
             Case{"/a", "t u"},
             Case{"/a/b", "x"},
             Case{"//b", "x z"},
             Case{"//text()", "t x u z"},
             Case{"count(//text())", "5"},
             Case{"//b[1]", "x z"},
             Case{"//b[2]", ""},
             Case{"//b[last()]", ""},
             Case{"/a/descendant::b[2]", "z"},
             Case{"/a/@k", "1"},
             Case{"//@*", "1 2"},
             Case{"/a/b/parent::a", "t u"},
             Case{"/a/b/..", "t u"},
             Case{"count(/a/b/ancestor::*)", "1"},
             Case{"count(/a/b/ancestor-or-self::*)", "2"},
             Case{"count(/a/b/following::*)", "0"},
             Case{"count(//..)", "3"},
             Case{"count(/..)", "0"},
             Case{"count(/a/namespace::c)", "1"},
             Case{"/a/b|//c/b", "x z"},
             Case{"/a/*[self::c]/b", "z"},
             Case{"/a[b]", "t u"},
             Case{"/a[@k=1 and b=\"x\"]/b", "x"},
             Case{"/a/b[contains(., \"X\")]", "x"},
             Case{"/A", ""},
             Case{" / a / b ", "x"},
             Case{"(/a)/b", "x"},
             Case{"div", ""},
         }) {
        EXPECT_EQ(extracted(xml, each.path), each.value) << each.path;
    }
    // A set of two is not true.
    EXPECT_EQ(extracted("<a>t<b/><b/></a>", "/a[b]"), "");
    EXPECT_EQ(extracted("<a>t<b/><b/></a>", "boolean(/a/b)"), "0");
}

TEST(Xml, PathsOfValues) {
    for (const Case& each : {
             Case{"1 + 2 * 3 - 1", "6"},
             Case{"1.5 * 1.5", "2.2"},
             Case{"1.25 * 2", "2.50"},
             Case{"7 div 2", "3"},
             Case{"7.5 mod 2", "1.5"},
             Case{"- - 2", "2"},
             Case{"1 = \"1.0\"", "1"},
             Case{"\"x\" = \"X\"", "1"},
             Case{"1 < 2 < 3", "1"},
             Case{"2 and 0 or 3", "1"},
             Case{"concat(\"a\", 1)", "a1"},
             Case{"concat(\"a\", \"b\", \"c\")", "ab"},
             Case{"substring(\"abcd\", 2)", "bcd"},
             Case{"substring(\"abcd\", -2)", "cd"},
             Case{"substring(\"abcd\", 2, 2)", "bc"},
             Case{"string-length(\"é\")", "1"},
             Case{"round(-2.5)", "-2"},
             Case{"ceiling(1.5)", "2"},
             Case{"floor(\"2.7\")", "2"},
             Case{"not(0)", "1"},
             Case{"sum(/a/b)", "3.5"},
             Case{"/a/b > 2", "1"},
             Case{"3 < /a/b", "0"},
             Case{"/a/b != 1", "1"},
             Case{"number(/a/c)", "4"},
             Case{"1 div 0", "NULL"},
             Case{"TRUE()", "1"},
             Case{"a-b", ""},
             Case{"10000000000000000000000", "-1"},
             Case{"$@nothing", "NULL"},
         }) {
        EXPECT_EQ(extracted("<a><b>1</b><b>2.5</b><c>4</c></a>", each.path), each.value)
            << each.path;
    }
}

TEST(Xml, PathsThatAreNone) {
    const auto error = [](const std::string& path) {
        return see("extractvalue('<a/>', '" + path + "')").warnings;
    };
    for (const Case& each : {
             Case{"", "XPATH syntax error: ''"},
             Case{"/a/", "XPATH syntax error: ''"},
             Case{"///a", "XPATH syntax error: '/a'"},
             Case{"/a/[b]", "XPATH syntax error: '[b]'"},
             Case{"a b", "XPATH syntax error: 'b'"},
             Case{"foo(1)", "XPATH syntax error: '(1)'"},
             Case{"true ()", "XPATH syntax error: '()'"},
             Case{"true(1)", "XPATH syntax error: '1)'"},
             Case{"count(1)", "XPATH syntax error: ''"},
             Case{"count()", "XPATH syntax error: ')'"},
             Case{"concat(\"x\")", "XPATH syntax error: ')'"},
             Case{"last()", "XPATH syntax error: ''"},
             Case{"position() = 1", "XPATH syntax error: '= 1'"},
             Case{"1|2", "XPATH syntax error: '2'"},
             Case{".5", "XPATH syntax error: '5'"},
             Case{"(/a)[1]", "XPATH syntax error: '[1]'"},
             Case{"foo::b", "XPATH syntax error: ':b'"},
             Case{"\"abc", "XPATH syntax error: '\"abc'"},
             Case{"1 ! 2", "XPATH syntax error: '! 2'"},
             Case{"$x", "Unknown XPATH variable at: '$x'"},
             Case{"/a = /b", "XPATH error: comparison of two nodesets is not supported: '= /b'"},
         }) {
        EXPECT_EQ(error(each.path), each.value) << each.path;
    }
    EXPECT_EQ(see("extractvalue('<a/>', repeat('(', 600))").text, "error 1105");
    EXPECT_EQ(see("extractvalue('<a/>', repeat('/a', 5000))").text, "error 1235");
}

TEST(Xml, Documents) {
    for (const auto& [xml, path, value] :
         std::initializer_list<std::tuple<const char*, const char*, const char*>>{
             {"<a>x<!-- c -->y</a>", "/a", "x y"},
             {"<a>x<![CDATA[ <y> ]]></a>", "/a", "x  <y> "},
             {"<?xml version=\"1.0\"?><a>x</a>", "//@*", "1.0"},
             {"<!DOCTYPE a SYSTEM \"x\"><a>x</a>", "count(//*)", "2"},
             {"<a  b = \"x y\" c=w d/>", "/a/@*", "x y w"},
             {"<a><b>1</c></a>", "/a/b", "1"},
             {"abc", "/", "abc"},
             {"<a>&lt;</a>", "/a", "&lt;"},
             {"< a>x</ a >", "/a", "x"}}) {
        EXPECT_EQ(extracted(xml, path), value) << xml;
    }
    for (const Case& each : {
             Case{"<a><b>1</b>", "1525 "},
             Case{"<a><b>1</bb></a>", "1525 "},
             Case{"</a>", "1525 "},
             Case{"<a", "1525 "},
             Case{"<1>x</1>", "1525 "},
             Case{"<a b=>x</a>", "1525 "},
             Case{"<?pi><a/>", "1525 "},
             Case{"<a>x<!-- c", "1525 "},
         }) {
        EXPECT_EQ(see("extractvalue('" + each.path + "', '/a')").warnings, each.value) << each.path;
    }
    EXPECT_EQ(see("extractvalue(null, '/a')").text, "NULL");
    EXPECT_EQ(see("extractvalue('<a/>', null)").text, "NULL");
}

TEST(Xml, WhatIsWrongIsSaidWithItsPlace) {
    Environment environment = testing::fixed_environment();
    const auto warned = [&](const std::string& xml) {
        environment.warnings.clear();
        const auto bound =
            bind(*sql::parse_expression("extractvalue('" + xml + "', '/a')"), {}, environment);
        EXPECT_TRUE(evaluate(*bound, {}, environment));
        return environment.warnings.kept().at(0).text;
    };
    EXPECT_EQ(warned("<a>\n\n<b"),
              "Incorrect XML value: 'parse error at line 3 pos 4: END-OF-INPUT unexpected "
              "('>' wanted)'");
    EXPECT_EQ(warned("<a><b>1</bb></a>"),
              "Incorrect XML value: 'parse error at line 1 pos 12: '</bb>' unexpected ('</b>' "
              "wanted)'");
}

TEST(Xml, Updates) {
    const auto updated = [](const std::string& xml, const std::string& path,
                            const std::string& with) {
        return see("updatexml('" + xml + "', '" + path + "', '" + with + "')").text;
    };
    EXPECT_EQ(updated("<a><b>x</b><c/></a>", "/a/b", "<e>f</e>"), "<a><e>f</e><c/></a>");
    EXPECT_EQ(updated("<a><b/>t</a>", "/a/b", "q"), "<a>qt</a>");
    EXPECT_EQ(updated("<a><b>x</b><b>y</b></a>", "/a/b", "q"), "<a><b>x</b><b>y</b></a>");
    EXPECT_EQ(updated("<a/>", "/b", "q"), "<a/>");
    EXPECT_EQ(updated("<a/>", "/", "q"), "q");
    EXPECT_EQ(updated("<a  b = \"c\"  d=\"e\">t</a>", "/a/@b", "q"), "<a  q  d=\"e\">t</a>");
    EXPECT_EQ(updated("<a b>t</a>", "/a/@b", "q"), "<a b>t</a>");
    EXPECT_EQ(updated("<a><b>x</b></a>", "/a/b/text()", "q"), "<a>q</a>");
    EXPECT_EQ(updated("<a>1</a >z", "/a", "q"), "q>z");
    EXPECT_EQ(updated("<a/>", "count(/a)", "q"), "NULL");
    EXPECT_EQ(updated("<a>", "/a", "q"), "NULL");
    EXPECT_EQ(updated("<a/>", "/a[", "q"), "error 1105");
}

TEST(Server, RolesAndIcu) {
    EXPECT_EQ(see("current_role()").text, "NONE");
    EXPECT_EQ(see("icu_version() regexp '^[0-9]+'").text, "1");
}

}  // namespace
}  // namespace sluice::eval
