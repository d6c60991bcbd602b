#include "rpc/metadata.h"

#include <gtest/gtest.h>

namespace sluice::rpc {
namespace {

TEST(RpcMetadata, Base64) {
    struct Case {
        std::string bytes, text;
    };
    for (const auto& [bytes, text] :
         {Case{"", ""}, Case{"f", "Zg"}, Case{"fo", "Zm8"}, Case{"foo", "Zm9v"},
          Case{"foob", "Zm9vYg"}, Case{std::string("\0\xff\x10", 3), "AP8Q"}}) {
        EXPECT_EQ(base64_encoded(bytes), text);
        EXPECT_EQ(base64_decoded(text), bytes);
    }
    EXPECT_EQ(base64_decoded("Zg=="), "f");
    EXPECT_EQ(base64_decoded("Zm8="), "fo");
    for (const char* bad : {"Z", "Zm9vY", "Zm 8", "Zg===", "Z=g", "Zm-v"}) {
        EXPECT_EQ(base64_decoded(bad), std::nullopt) << bad;
    }
}

TEST(RpcMetadata, WhatMayTravel) {
    Metadata metadata;
    for (const char* name : {"a", "user_name", "x-1.y", "trace-bin"}) {
        EXPECT_TRUE(metadata.add(name, "v").has_value()) << name;
    }
    for (const char* name : {"", "Upper", "a b", ":path", "grpc-timeout", "content-type", "te",
                             "connection", "user-agent", "\xc3\xa4"}) {
        EXPECT_FALSE(metadata.add(name, "v").has_value()) << name;
    }
    EXPECT_FALSE(metadata.add("text", "line\nbreak").has_value());
    EXPECT_FALSE(metadata.add("text", "\xc3\xa4").has_value());
    EXPECT_TRUE(metadata.add("raw-bin", "\n\xc3\xa4").has_value());
    EXPECT_EQ(metadata.size(), 5U);
    EXPECT_EQ(metadata.find("raw-bin"), "\n\xc3\xa4");
    EXPECT_EQ(metadata.find("nothing"), std::nullopt);
    EXPECT_EQ(metadata.at(1).name, "user_name");
    metadata.clear();
    EXPECT_TRUE(metadata.empty());
}

TEST(RpcMetadata, Received) {
    Metadata metadata;
    EXPECT_TRUE(metadata.add_received("raw-bin", "Zg==,Zm8"));
    EXPECT_TRUE(metadata.add_received("text", "a,b"));
    ASSERT_EQ(metadata.size(), 3U);
    EXPECT_EQ(metadata.at(0).value, "f");
    EXPECT_EQ(metadata.at(1).value, "fo");
    EXPECT_EQ(metadata.at(2).value, "a,b");
    EXPECT_FALSE(metadata.add_received("raw-bin", "?"));
}

}  // namespace
}  // namespace sluice::rpc
