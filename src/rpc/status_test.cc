#include "rpc/status.h"

#include <gtest/gtest.h>

#include "rpc/timeout.h"

namespace sluice::rpc {
namespace {

using namespace std::chrono_literals;

TEST(RpcStatus, PercentEncoding) {
    struct Case {
        std::string text, wire;
    };
    for (const auto& [text, wire] :
         {Case{"", ""}, Case{"plain text", "plain text"}, Case{"100%", "100%25"},
          Case{"a\nb\x7f", "a%0Ab%7F"}, Case{"\xc3\xa4", "%C3%A4"}}) {
        EXPECT_EQ(percent_encoded(text), wire);
        EXPECT_EQ(percent_decoded(wire), text);
    }
    // What is no escape stands for itself.
    for (const auto& [text, wire] : {Case{"%", "%"}, Case{"%4", "%4"}, Case{"%zz", "%zz"},
                                     Case{"a%", "a%"}, Case{"J%4", "%4a%4"}}) {
        EXPECT_EQ(percent_decoded(wire), text);
    }
}

TEST(RpcStatus, Codes) {
    EXPECT_EQ(code_of(0), Code::ok);
    EXPECT_EQ(code_of(17), Code::cluster_event);
    EXPECT_EQ(code_of(18), Code::read_only);
    EXPECT_EQ(code_of(19), Code::unknown);
    EXPECT_EQ(code_of(4'000'000'000U), Code::unknown);
    EXPECT_EQ(code_of_http(404), Code::unimplemented);
    EXPECT_EQ(code_of_http(503), Code::unavailable);
    EXPECT_EQ(code_of_http(418), Code::unknown);
    EXPECT_EQ(reset_error(0x7).code, Code::unavailable);         // REFUSED_STREAM
    EXPECT_EQ(reset_error(0x8).code, Code::canceled);            // CANCEL
    EXPECT_EQ(reset_error(0xb).code, Code::resource_exhausted);  // ENHANCE_YOUR_CALM
    EXPECT_EQ(reset_error(0x1).code, Code::internal);
    EXPECT_EQ(reset_error(0x12345).code, Code::internal);
}

TEST(RpcTimeout, Text) {
    struct Case {
        Nanoseconds timeout;
        std::string text;
    };
    for (const auto& [timeout, text] :
         {Case{0ns, "0n"}, Case{-5s, "0n"}, Case{1ns, "1n"}, Case{99'999'999ns, "99999999n"},
          Case{100'000'000ns, "100000u"}, Case{100'000'001ns, "100001u"}, Case{30s, "30000000u"},
          Case{100s, "100000m"}, Case{24h * 365, "31536000S"},
          Case{Nanoseconds::max(), "2562048H"}}) {
        EXPECT_EQ(timeout_text(timeout).view(), text);
        const auto back = timeout_of(text);
        ASSERT_TRUE(back.has_value());
        EXPECT_GE(*back, timeout);  // the server never gives up first
    }
}

TEST(RpcTimeout, Parse) {
    EXPECT_EQ(timeout_of("1S"), 1s);
    EXPECT_EQ(timeout_of("2M"), 2min);
    EXPECT_EQ(timeout_of("3m"), 3ms);
    EXPECT_EQ(timeout_of("99999999H"), Nanoseconds::max());
    for (const char* bad : {"", "S", "1", "1s", "-1S", "+1S", " 1S", "1.5S", "123456789S", "1SS"}) {
        EXPECT_EQ(timeout_of(bad), std::nullopt) << bad;
    }
}

}  // namespace
}  // namespace sluice::rpc
