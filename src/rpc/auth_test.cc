#include "rpc/auth.h"

#include "rpc/detail/world.h"

namespace sluice::rpc {
namespace {

constexpr std::string_view two_users =
    R"([{"Username": "app", "Password": "secret"}, {"username": "other", "PASSWORD": "x"}])";

TEST(RpcAuth, StaticUsers) {
    const auto users = static_authenticator(two_users, "test");
    ASSERT_TRUE(users.has_value());
    struct Case {
        std::string user, password, want;
    };
    for (const auto& [user, password, want] :
         {Case{"app", "secret", "app"}, Case{"other", "x", "other"},
          Case{"app", "x", "auth failure: caller \"app\" provided invalid credentials"},
          Case{"who", "secret", "auth failure: caller \"who\" provided invalid credentials"}}) {
        Metadata metadata;
        ASSERT_TRUE(metadata.add("username", user).has_value());
        ASSERT_TRUE(metadata.add("password", password).has_value());
        const auto found = (*users)->check(metadata, Peer{});
        EXPECT_EQ(found ? *found : found.error().text, want);
        if (!found) EXPECT_EQ(found.error().code, Code::permission_denied);
    }
    const auto nobody = (*users)->check(Metadata{}, Peer{});
    EXPECT_EQ(nobody.error().code, Code::unauthenticated);
    EXPECT_EQ(nobody.error().text, "username and password must be provided");
}

TEST(RpcAuth, BrokenFiles) {
    for (const char* bad : {"", "{", "{}", "[1]", R"([{"Username": 1}])"}) {
        EXPECT_FALSE(static_authenticator(bad, "test").has_value()) << bad;
    }
    for (const char* bad : {"", "[]", R"({"Username": "line\nbreak"})"}) {
        EXPECT_FALSE(static_credentials(bad, "test").has_value()) << bad;
    }
}

TEST(RpcAuth, CertificateSubjects) {
    const auto check = [](std::string_view allowed, const char* subject) {
        Peer peer{.tls = true};
        if (subject != nullptr) {
            peer.certificate = std::make_unique<async::TlsPeer>();
            peer.certificate->subject = subject;
        }
        const auto found = mtls_authenticator(allowed)->check(Metadata{}, peer);
        return found ? std::string("in") : found.error().text;
    };
    EXPECT_EQ(check("CN=gate", "CN=gate,O=Sluice"), "in");
    EXPECT_EQ(check("x:O=Sluice", "CN=gate,O=Sluice"), "in");
    EXPECT_EQ(check("CN=other", "CN=gate"), "client certificate not authorized");
    EXPECT_EQ(check("CN=gate", nullptr), "client certificate not authorized");
    EXPECT_EQ(check("", "CN=gate"), "client certificate not authorized");
    EXPECT_EQ(check("::", "CN=gate"), "client certificate not authorized");
    EXPECT_EQ(mtls_authenticator("x")->check(Metadata{}, Peer{}).error().text,
              "not connected via TLS");
}

Task<Result<void>> with_password(detail::World* world) {
    EXPECT_EQ(CO_TRY(co_await detail::ask(world->channel.get(), "Unary", "x", {})), "x");
    ChannelOptions options = world->channel_options;
    options.credentials.clear();
    Channel stranger(options);
    const auto refused = co_await detail::ask(&stranger, "Unary", "x", {});
    EXPECT_EQ(refused.error().code, Code::unauthenticated);
    co_await stranger.close();
    co_return Result<void>{};
}

TEST(RpcAuth, EveryCallIsChecked) {
    detail::World world;
    world.server_options.authenticator = *static_authenticator(two_users, "test");
    world.channel_options.credentials =
        *static_credentials(R"({"Username": "app", "Password": "secret"})", "test");
    run_world(&world, with_password);
}

}  // namespace
}  // namespace sluice::rpc
