#include "servenv/rpc_settings.h"

#include <gtest/gtest.h>

namespace sluice::servenv {
namespace {

using namespace std::chrono_literals;

TEST(RpcServerSettings, TakesWhatFlagsSay) {
    RpcServerFlags flags;
    flags.max_message_size = 1000;
    flags.max_connection_age = 5s;
    flags.initial_window_size = std::int64_t{1} << 40;
    const rpc::ServerOptions made = rpc_server_options(flags).value();
    EXPECT_EQ(made.tls, nullptr);
    EXPECT_EQ(made.authenticator, nullptr);
    EXPECT_EQ(made.limits.receive, 1000U);
    EXPECT_EQ(made.max_connection_age, 5s);
    EXPECT_EQ(made.max_connection_age_grace, 0s);  // for ever
    EXPECT_EQ(made.keepalive.time, 10s);
    EXPECT_EQ(made.windows.stream, 0x7fffffffU);
    EXPECT_EQ(made.windows.connection, rpc::ServerOptions().windows.connection);
}

TEST(RpcServerSettings, RefusesTlsThatWouldNotBe) {
    for (std::string RpcServerFlags::* flag :
         {&RpcServerFlags::cert, &RpcServerFlags::key, &RpcServerFlags::ca}) {
        RpcServerFlags flags;
        flags.*flag = "/file.pem";
        EXPECT_EQ(rpc_server_options(flags).error().text,
                  "TLS on the gRPC port needs both --grpc_cert and --grpc_key");
    }
    RpcServerFlags both;
    both.cert = both.key = "/nowhere/file.pem";
    EXPECT_FALSE(rpc_server_options(both).has_value());
    RpcServerFlags unknown;
    unknown.auth_mode = "magic";
    EXPECT_EQ(rpc_server_options(unknown).error().text,
              "no AuthServer name magic registered (static, mtls)");
    RpcServerFlags passwords;
    passwords.auth_mode = "static";
    passwords.auth_static_password_file = "/nowhere/users.json";
    EXPECT_EQ(rpc_server_options(passwords).error().code, Code::not_found);
}

TEST(RpcChannelSettings, TakesWhatFlagsSay) {
    RpcClientFlags flags;
    flags.server_name = "tablet.test";
    flags.initial_window_size = 70'000;  // below what a large result needs
    flags.initial_conn_window_size = 1 << 24;
    flags.compression = "snappy";
    flags.keepalive_timeout = 3s;
    const rpc::ChannelOptions made = rpc_channel_options(flags, 1000).value();
    EXPECT_EQ(made.tls, nullptr);
    EXPECT_EQ(made.server_name, "tablet.test");
    EXPECT_EQ(made.windows.stream, 1U << 20);
    EXPECT_EQ(made.windows.connection, 1U << 24);
    EXPECT_EQ(made.compression, rpc::Compression::snappy);
    EXPECT_EQ(made.keepalive.timeout, 3s);
    EXPECT_EQ(made.limits.receive, 1000U);
    EXPECT_EQ(made.limits.send, 1000U);
    EXPECT_TRUE(made.credentials.empty());
}

TEST(RpcChannelSettings, RefusesWhatItCannotDo) {
    RpcClientFlags unknown;
    unknown.compression = "brotli";
    EXPECT_EQ(rpc_channel_options(unknown, 1000).error().text,
              "unknown --grpc_compression: brotli");
    RpcClientFlags no_authority;
    no_authority.ca = "/nowhere/ca.pem";
    EXPECT_FALSE(rpc_channel_options(no_authority, 1000).has_value());
    RpcClientFlags no_password;
    no_password.auth_static_client_creds = "/nowhere/creds.json";
    EXPECT_EQ(rpc_channel_options(no_password, 1000).error().code, Code::not_found);
}

TEST(RpcServerSettings, TheLastWordAboutAServiceCounts) {
    for (const auto& [map, want] : {
             std::pair{std::vector<std::string>{}, false},
             {{"grpc-vtctld"}, true},
             {{"grpc-vtctld", "-grpc-vtctld"}, false},
             {{"-grpc-vtctld", "grpc-vtctld"}, true},
             {{"grpc-vtctl"}, false},
         }) {
        RpcServerFlags flags;
        flags.service_map = map;
        EXPECT_EQ(offers(flags, "grpc-vtctld"), want);
    }
}

}  // namespace
}  // namespace sluice::servenv
