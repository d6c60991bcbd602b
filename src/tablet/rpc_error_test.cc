// Errors of tablets, as v21 shows them: corpora/errors, and cases of our own.
#include "tablet/detail/rpc_error.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tablet/proto_fields.h"

namespace sluice::tablet {
namespace {

namespace json = boost::json;

Code code_of_name(std::string_view name) {
    for (int code = 0; code <= static_cast<int>(Code::read_only); ++code) {
        if (code_name(static_cast<Code>(code)) == name) return static_cast<Code>(code);
    }
    return Code::unknown;
}

// Empty if the line holds, else what differs.
std::string check(const json::object& line) {
    const std::string kind(line.at("kind").as_string());
    if (kind == "to_grpc") {
        Error status = make_error(code_of_name(line.at("code").as_string().c_str()), "x");
        const Error made = rpc_error(std::move(status), "");
        const std::string want =
            "vttablet: rpc error: code = " + std::string(line.at("out_code").as_string()) +
            " desc = x";
        return made.text == want ? "" : made.text;
    }
    const auto* code = line.if_contains("code");
    const std::string text(line.at("text").as_string());
    const Error made =
        numbered(code == nullptr ? Code::unknown : code_of_name(code->as_string().c_str()), text);
    if (made.number != line.at("errno").to_number<int>() ||
        made.sqlstate() != line.at("sqlstate").as_string() ||
        made.text != line.at("client_message").as_string())
        return std::to_string(made.number) + " " + std::string(made.sqlstate());
    return "";
}

TEST(RpcError, Corpus) {
    const char* corpora = std::getenv("SLUICE_CORPORA");
    if (corpora == nullptr) {
        std::cout << "corpus errors/mapping: absent\n";
        GTEST_SKIP();
    }
    std::ifstream in(std::string(corpora) + "/errors/mapping.jsonl");
    std::size_t passed = 0, asked = 0;
    for (std::string text; std::getline(in, text);) {
        const json::object line = json::parse(text).as_object();
        const std::string_view kind = line.at("kind").as_string();
        if (kind != "text" && kind != "code" && kind != "plain_error" && kind != "to_grpc")
            continue;
        ++asked;
        const std::string fault = check(line);
        passed += fault.empty();
        EXPECT_EQ(fault, "") << text;
    }
    std::cout << "corpus errors/mapping: " << passed << " of " << asked << "\n";
    EXPECT_GE(passed, 54U);
}

TEST(RpcError, NumbersInTexts) {
    struct Case {
        Code code;
        const char* text;
        std::uint16_t number;
        const char* state;
    };
    for (const auto& [code, text, number, state] : {
             Case{Code::unknown, "a (errno 1064) (sqlstate 42000)", 1064, "42000"},
             Case{Code::unknown, "(errno x) (errno 1213) (sqlstate 40001) tail", 1213, "40001"},
             Case{Code::unknown, "(errno ) (sqlstate 42000)", 1105, "HY000"},
             Case{Code::unknown, "(errno 1064) (sqlstate 42000", 1105, "HY000"},
             Case{Code::unknown, "(errno 1064) (sqlstate 42-00)", 1105, "HY000"},
             Case{Code::internal, "(errno 70000) (sqlstate 42000)", 1815, "HY000"},
             Case{Code::resource_exhausted, "grpc: received message larger than max (5 vs. 4)",
                  1153, "42000"},
             Case{Code::internal, "grpc: received message larger than max (5 vs. 4)", 1815,
                  "HY000"},
         }) {
        const Error made = numbered(code, text);
        EXPECT_EQ(made.number, number) << text;
        EXPECT_EQ(made.sqlstate(), state) << text;
        EXPECT_EQ(made.code, code) << text;
    }
}

TEST(RpcError, GoneAndElsewhere) {
    EXPECT_TRUE(says_gone(make_error(Code::aborted, "transaction 5: ended at 2024 (kill)")));
    EXPECT_TRUE(says_gone(make_error(Code::aborted, "transaction 5: not found")));
    EXPECT_TRUE(says_gone(make_error(Code::canceled, 2013, "lost")));
    EXPECT_FALSE(says_gone(make_error(Code::aborted, "transaction 5: in use: for query")));
    EXPECT_FALSE(says_gone(make_error(Code::not_found, "transaction 5: not found")));
    EXPECT_TRUE(says_elsewhere(make_error(Code::cluster_event, "")));
    EXPECT_TRUE(says_elsewhere(make_error(Code::failed_precondition, "wrong tablet type: X")));
    EXPECT_FALSE(says_elsewhere(make_error(Code::failed_precondition, "no such index")));
}

TEST(ProtoFields, WalksAndRefuses) {
    const std::array<std::uint8_t, 12> message = {0x08, 0x96, 0x01,           // 1: 150
                                                  0x12, 0x02, 'h',  'i',      // 2: "hi"
                                                  0x1d, 1,    2,    3,   4};  // 3: four bytes
    ProtoFields fields(message);
    ProtoField field;
    ASSERT_TRUE(fields.next(&field));
    EXPECT_EQ(field.number, 1U);
    EXPECT_EQ(field.value, 150U);
    ASSERT_TRUE(fields.next(&field));
    EXPECT_EQ(field.number, 2U);
    EXPECT_EQ(field.bytes.size(), 2U);
    ASSERT_TRUE(fields.next(&field));
    EXPECT_EQ(field.bytes.size(), 4U);
    EXPECT_FALSE(fields.next(&field));
    EXPECT_EQ(fields.broken(), nullptr);
    for (std::size_t cut : {1U, 2U, 4U, 5U, 6U, 8U, 11U}) {
        ProtoFields part(std::span(message).first(cut));
        while (part.next(&field)) {
        }
        EXPECT_NE(part.broken(), nullptr) << cut;
    }
    for (const std::array<std::uint8_t, 2> bad :
         {std::array<std::uint8_t, 2>{0x00, 0x00}, std::array<std::uint8_t, 2>{0x0b, 0x00}}) {
        ProtoFields broken(bad);
        EXPECT_FALSE(broken.next(&field));
        EXPECT_NE(broken.broken(), nullptr);
    }
    EXPECT_EQ(from_zigzag(0), 0);
    EXPECT_EQ(from_zigzag(1), -1);
    EXPECT_EQ(from_zigzag(2), 1);
    EXPECT_EQ(from_zigzag(~std::uint64_t{0}), INT64_MIN);
}

}  // namespace
}  // namespace sluice::tablet
