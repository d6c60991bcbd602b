// Under TLS: certificates on both sides, revocation, TLS and clear text on one port.
#include "async/tls.h"

#include <cstdlib>
#include <filesystem>

#include "rpc/detail/world.h"

namespace sluice::rpc {
namespace {

using detail::ask;
using detail::run_world;
using detail::World;

// A CA with a server's certificate for 127.0.0.1, two clients', and a list that revokes the second.
class Certificates {
 public:
    Certificates() {
        char name[] = "/tmp/sluice-rpc-XXXXXX";
        folder_ = ::mkdtemp(name);
        const std::string script = "cd " + folder_ + R"( && exec >/dev/null 2>&1
            key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
            openssl req -x509 $key -days 2 -subj '/CN=test CA' -keyout ca.key -out ca.pem &&
            echo 'subjectAltName=DNS:gate.test,IP:127.0.0.1' >names &&
            for name in server client revoked; do
                openssl req -new $key -subj "/C=DE/O=Sluice/OU=b/OU=a/CN=$name" -keyout $name.key -out $name.csr &&
                openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out $name.pem ||
                exit 1
            done
            touch index && echo 01 >crlnumber &&
            printf '[ca]\ndefault_ca=x\n[x]\ndatabase=index\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=2\n' >ca.conf &&
            openssl ca -config ca.conf -cert ca.pem -keyfile ca.key -revoke revoked.pem &&
            openssl ca -config ca.conf -cert ca.pem -keyfile ca.key -gencrl -out crl.pem)";
        made_ = std::system(script.c_str()) == 0;
    }
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;
    ~Certificates() { std::filesystem::remove_all(folder_); }

    bool made() const { return made_; }
    std::string file(const std::string& name) const { return folder_ + "/" + name; }

    std::shared_ptr<const async::TlsContext> server(bool mutual, bool with_crl) const {
        auto made = async::TlsContext::server({.certificate = file("server.pem"),
                                               .key = file("server.key"),
                                               .client_ca = mutual ? file("ca.pem") : "",
                                               .crl = with_crl ? file("crl.pem") : "",
                                               .alpn = "h2"});
        EXPECT_TRUE(made.has_value());
        return *made;
    }
    std::shared_ptr<const async::TlsContext> client(const std::string& name) const {
        auto made =
            async::TlsContext::client({.ca = file("ca.pem"),
                                       .certificate = name.empty() ? "" : file(name + ".pem"),
                                       .key = name.empty() ? "" : file(name + ".key"),
                                       .verify = async::TlsContext::Verify::identity,
                                       .crl = file("crl.pem"),
                                       .alpn = "h2"});
        EXPECT_TRUE(made.has_value());
        return *made;
    }

 private:
    std::string folder_;
    bool made_ = false;
};

Certificates* certificates() {
    static Certificates all;
    return &all;
}

Task<Result<void>> works(World* world) {
    const std::string large(2'000'000, 't');
    EXPECT_EQ(CO_TRY(co_await ask(world->channel.get(), "Unary", large, {})), large);
    co_return Result<void>{};
}

Task<Result<void>> unavailable(World* world) {
    const auto answer = co_await ask(world->channel.get(), "Unary", "x", {});
    EXPECT_FALSE(answer.has_value());
    if (!answer) EXPECT_EQ(answer.error().code, Code::unavailable);
    // The server may hear of it a little later.
    while (world->server->counters().tls_failures == 0) {
        CO_TRY(co_await async::pause(std::chrono::milliseconds(1), nullptr));
    }
    co_return Result<void>{};
}

TEST(RpcTls, ServersCertificate) {
    ASSERT_TRUE(certificates()->made());
    World world;
    world.server_options.tls = certificates()->server(false, false);
    world.channel_options.tls = certificates()->client("");
    run_world(&world, works);
}

TEST(RpcTls, WrongServerName) {
    World world;
    world.server_options.tls = certificates()->server(false, false);
    world.channel_options.tls = certificates()->client("");
    world.channel_options.server_name = "other.test";
    run_world(&world, unavailable);
}

TEST(RpcTls, ClientsCertificateAndSubject) {
    World world;
    world.server_options.tls = certificates()->server(true, true);
    // As Go prints a subject: the parts in its order, equal ones joined.
    world.server_options.authenticator =
        mtls_authenticator("nobody:CN=client,OU=b+OU=a,O=Sluice,C=DE");
    world.channel_options.tls = certificates()->client("client");
    world.channel_options.server_name = "gate.test";
    run_world(&world, works);
}

TEST(RpcTls, ClientWithoutCertificate) {
    World world;
    world.server_options.tls = certificates()->server(true, false);
    world.channel_options.tls = certificates()->client("");
    run_world(&world, unavailable);
}

TEST(RpcTls, RevokedClient) {
    World allowed;
    allowed.server_options.tls = certificates()->server(true, false);
    allowed.channel_options.tls = certificates()->client("revoked");
    run_world(&allowed, works);
    World world;
    world.server_options.tls = certificates()->server(true, true);
    world.channel_options.tls = certificates()->client("revoked");
    run_world(&world, unavailable);
}

TEST(RpcTls, ClearTextToATlsPort) {
    World world;
    world.server_options.tls = certificates()->server(false, false);
    run_world(&world, unavailable);
}

Task<Result<void>> both_kinds(World* world) {
    CO_TRY(co_await works(world));  // under TLS
    ChannelOptions options = world->channel_options;
    options.tls = nullptr;
    Channel clear(options);
    EXPECT_EQ(CO_TRY(co_await ask(&clear, "Unary", "x", {})), "x");
    co_await clear.close();
    co_return Result<void>{};
}

TEST(RpcTls, OptionalTls) {
    World world;
    world.server_options.tls = certificates()->server(false, false);
    world.server_options.tls_optional = true;
    world.channel_options.tls = certificates()->client("");
    run_world(&world, both_kinds);
}

}  // namespace
}  // namespace sluice::rpc
