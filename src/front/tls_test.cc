// TLS of the MySQL server over real sockets, with certificates that openssl makes for the run.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "front/front_test.h"
#include "front/mysql_listener.h"

namespace sluice::front {
namespace {

// A CA; certificates of the server, of a client, and of a client whose certificate is revoked; a
// client's of another CA.
class Certificates {
 public:
    Certificates() {
        char name[] = "/tmp/sluice-front-tls-XXXXXX";
        folder_ = ::mkdtemp(name);
        std::ofstream(path("ca.cnf"))
            << "[ca]\ndefault_ca=c\n[c]\ndatabase=" << path("index")
            << "\ncrlnumber=" << path("number") << "\ndefault_md=sha256\ndefault_crl_days=1\n";
        std::ofstream(path("index")).flush();
        std::ofstream(path("number")) << "01\n";
        made_ = authority("ca") && authority("other") && signed_by("ca", "server", "db.test") &&
                signed_by("ca", "client", "ann") && signed_by("ca", "revoked", "bob") &&
                signed_by("other", "stranger", "eve") && revoke("revoked");
    }
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;
    ~Certificates() { std::filesystem::remove_all(folder_); }

    bool made() const { return made_; }
    std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
    static constexpr const char* new_key =
        "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";

    bool run(const std::string& command) const {
        return std::system(("openssl " + command + " 2>/dev/null >/dev/null").c_str()) == 0;
    }
    bool authority(const std::string& name) const {
        return run(std::string("req -x509 ") + new_key + "-days 1 -subj /CN=" + name + " -keyout " +
                   path(name + ".key") + " -out " + path(name + ".pem"));
    }
    bool signed_by(const std::string& ca, const std::string& name,
                   const std::string& subject) const {
        return run(std::string("req ") + new_key + "-subj /CN=" + subject + " -keyout " +
                   path(name + ".key") + " -out " + path(name + ".csr")) &&
               run("x509 -req -days 1 -CAcreateserial -in " + path(name + ".csr") + " -CA " +
                   path(ca + ".pem") + " -CAkey " + path(ca + ".key") + " -out " +
                   path(name + ".pem"));
    }
    bool revoke(const std::string& name) const {
        const std::string ca = "ca -config " + path("ca.cnf") + " -cert " + path("ca.pem") +
                               " -keyfile " + path("ca.key");
        return run(ca + " -revoke " + path(name + ".pem")) &&
               run(ca + " -gencrl -out " + path("crl.pem"));
    }

    std::string folder_;
    bool made_ = false;
};

std::shared_ptr<const async::TlsContext> client_with(const Certificates& files,
                                                     const std::string& name) {
    async::TlsContext::ClientFiles wanted{.ca = files.path("ca.pem"),
                                          .verify = async::TlsContext::Verify::ca};
    if (!name.empty()) {
        wanted.certificate = files.path(name + ".pem");
        wanted.key = files.path(name + ".key");
    }
    return async::TlsContext::client(wanted).value();
}

struct Login {
    std::string certificate;  // "-": no TLS
    std::string want;
};

Task<void> check_logins(Front* front, std::shared_ptr<const async::TlsContext> server,
                        const Certificates* files, std::vector<Login> logins) {
    front->options.tls = std::move(server);
    auto listener =
        MysqlListener::open({.host = "127.0.0.1"}, {{&async::Loop::current(), &front->core}});
    EXPECT_TRUE(listener.has_value());
    for (const Login& login : logins) {
        async::Address address;
        address.host = "127.0.0.1";
        address.port = (*listener)->port();
        Result<async::Socket> socket = co_await async::connect(address, nullptr);
        EXPECT_TRUE(socket.has_value());
        Client client(std::move(*socket));
        std::shared_ptr<const async::TlsContext> tls;
        if (login.certificate != "-") tls = client_with(*files, login.certificate);
        const std::string got = co_await client.login("ann", "x", "ks", tls.get());
        EXPECT_EQ(got == "no TLS" ? "closed" : got, login.want) << login.certificate;
        if (got == "ok") EXPECT_EQ(co_await client.command(Command::ping, ""), "ok 0");
        client.close();
    }
    co_await (*listener)->close();
    co_await front->core.sessions.join();
}

Task<void> check_client_certificates(Front* front) {
    const Certificates files;
    EXPECT_TRUE(files.made());
    if (!files.made()) co_return;
    const async::TlsContext::ServerFiles own{.certificate = files.path("server.pem"),
                                             .key = files.path("server.key")};
    co_await check_logins(front, async::TlsContext::server(own).value(), &files,
                          {{"-", "ok"}, {"", "ok"}, {"stranger", "ok"}});
    EXPECT_EQ(front->core.counters.tls.load(), 2u);

    front->options.require_secure_transport = true;
    co_await check_logins(front, front->options.tls, &files, {{"-", "3159"}, {"", "ok"}});

    async::TlsContext::ServerFiles checked = own;
    checked.client_ca = files.path("ca.pem");
    co_await check_logins(front, async::TlsContext::server(checked).value(), &files,
                          {{"client", "ok"},
                           {"revoked", "ok"},
                           {"", "closed"},
                           {"stranger", "closed"},
                           {"-", "3159"}});

    checked.crl = files.path("crl.pem");
    co_await check_logins(front, async::TlsContext::server(checked).value(), &files,
                          {{"client", "ok"}, {"revoked", "closed"}, {"client", "ok"}});
}

TEST(ListenerTls, ClientCertificatesAndRevocations) {
    with_front(&check_client_certificates);
}

}  // namespace
}  // namespace sluice::front
