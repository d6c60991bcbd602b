// TLS both ways over a socket pair, with a certificate that openssl makes for the run.
#include "async/tls.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "async/deadline.h"
#include "async/loop.h"
#include "async/scope.h"
#include "async/stream.h"
#include "async/wait_queue.h"

namespace sluice::async {
namespace {

using namespace std::chrono_literals;

// A certificate for "db.test" signed by itself, in a folder of its own.
class Certificate {
 public:
    Certificate() {
        char name[] = "/tmp/sluice-tls-XXXXXX";
        folder_ = ::mkdtemp(name);
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 "
            "-subj /CN=db.test -addext subjectAltName=DNS:db.test,IP:127.0.0.1 -keyout " +
            key() + " -out " + file() + " 2>/dev/null";
        made_ = std::system(command.c_str()) == 0;
    }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;
    ~Certificate() { std::filesystem::remove_all(folder_); }

    bool made() const { return made_; }
    std::string file() const { return folder_ + "/certificate.pem"; }
    std::string key() const { return folder_ + "/key.pem"; }

 private:
    std::string folder_;
    bool made_ = false;
};

struct Pair {
    Pair() {
        int both[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both), 0);
        client = Stream{Socket(both[0])};
        server = Stream{Socket(both[1])};
    }
    Stream client, server;
};

struct Contexts {
    std::shared_ptr<const TlsContext> server, client;
};

Contexts contexts(const Certificate& certificate, TlsContext::Verify verify, bool trusted,
                  const char* version = "") {
    const auto server = TlsContext::server({.certificate = certificate.file(),
                                            .key = certificate.key(),
                                            .client_ca = "",
                                            .crl = "",
                                            .server_ca = "",
                                            .min_version = ""});
    const auto client = TlsContext::client({.ca = trusted ? certificate.file() : "",
                                            .certificate = "",
                                            .key = "",
                                            .verify = verify,
                                            .min_version = version});
    EXPECT_TRUE(server.has_value());
    EXPECT_TRUE(client.has_value());
    return {*server, *client};
}

Task<void> accept(Stream* stream, const TlsContext* context, Result<void>* done) {
    *done = co_await stream->accept_tls(context, nullptr);
    if (!*done) stream->close();
}

Task<Result<void>> shake(Pair* pair, const Contexts* both, std::string name) {
    Result<void> accepted;
    Scope scope;
    scope.spawn("accept", accept(&pair->server, both->server.get(), &accepted));
    const Result<void> connected =
        co_await pair->client.connect_tls(both->client.get(), name, nullptr);
    if (!connected) pair->client.close();
    co_await scope.join();
    if (connected) EXPECT_TRUE(accepted.has_value());
    co_return connected;
}

Task<void> send(Stream* stream, const std::string* text) {
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text->data()), text->size());
    const std::size_t head = std::min<std::size_t>(3, bytes.size());
    EXPECT_TRUE(
        (co_await stream->write(bytes.first(head), bytes.subspan(head), nullptr)).has_value());
}

Task<void> receive(Stream* stream, const std::string* want, std::size_t at_once) {
    std::size_t seen = 0;
    while (seen < want->size()) {
        const Result<void> filled = co_await stream->fill(nullptr, at_once);
        EXPECT_TRUE(filled.has_value()) << (filled ? "" : filled.error().text);
        if (!filled) co_return;
        const auto got = stream->received();
        EXPECT_EQ(std::memcmp(got.data(), want->data() + seen, got.size()), 0);
        seen += got.size();
        stream->consume(got.size());
    }
}

std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 % 251);
    return text;
}

Task<void> check_transfer(const Certificate* certificate) {
    const Contexts both = contexts(*certificate, TlsContext::Verify::identity, true);
    Pair pair;
    EXPECT_TRUE((co_await shake(&pair, &both, "db.test")).has_value());
    EXPECT_TRUE(pair.client.is_tls());
    EXPECT_EQ(pair.client.tls_version(), "TLSv1.3");
    for (const std::size_t size : {1U, 16'384U, 16'385U, 70'000U, 5'000'000U}) {
        const std::string text = pattern(size);
        Scope scope;
        scope.spawn("to server", send(&pair.client, &text));
        scope.spawn("to client", send(&pair.server, &text));
        scope.spawn("at server", receive(&pair.server, &text, 0));
        scope.spawn("at client", receive(&pair.client, &text, 100'000));
        co_await scope.join();
    }
    // It waits without a buffer, and is woken by what comes.
    const std::string word = "hello";
    Stop stop;
    const Deadline deadline(&stop, 20ms, make_error(Code::deadline_exceeded, "idle"));
    EXPECT_FALSE((co_await pair.server.fill(&stop)).has_value());
    EXPECT_EQ(pair.server.memory(), 0U);
    Scope scope;
    scope.spawn("send", send(&pair.client, &word));
    co_await receive(&pair.server, &word, 0);
    co_await scope.join();
    // Watched while nobody reads; what comes meanwhile is not lost.
    Stop gone;
    pair.server.watch(&gone);
    co_await send(&pair.client, &word);
    EXPECT_TRUE((co_await pause(20ms, nullptr)).has_value());
    EXPECT_FALSE(gone.requested());
    pair.server.unwatch();
    co_await receive(&pair.server, &word, 0);
    pair.server.watch(&gone);
    pair.client.close();
    EXPECT_FALSE((co_await pause(5s, &gone)).has_value());
    EXPECT_EQ((co_await pair.server.fill(nullptr)).error().number, er::cr_server_lost);
}

TEST(Tls, CarriesBytesBothWays) {
    const Certificate certificate;
    if (!certificate.made()) GTEST_SKIP() << "no openssl program";
    Loop loop;
    run_until_done(loop, check_transfer(&certificate));
}

Task<void> check_verify(const Certificate* certificate) {
    struct Case {
        TlsContext::Verify verify;
        bool trusted;
        const char* name;
        bool works;
    };
    using Verify = TlsContext::Verify;
    for (const Case& c :
         {Case{Verify::none, false, "", true}, Case{Verify::ca, true, "other.test", true},
          Case{Verify::ca, false, "db.test", false}, Case{Verify::identity, true, "db.test", true},
          Case{Verify::identity, true, "other.test", false},
          Case{Verify::identity, true, "127.0.0.1", true},
          Case{Verify::identity, true, "127.0.0.2", false},
          Case{Verify::ca, true, "127.0.0.2", true}, Case{Verify::identity, true, "", false}}) {
        const Contexts both = contexts(*certificate, c.verify, c.trusted);
        Pair pair;
        const Result<void> shaken = co_await shake(&pair, &both, c.name);
        EXPECT_EQ(shaken.has_value(), c.works) << static_cast<int>(c.verify) << c.trusted << c.name;
        if (!shaken) EXPECT_EQ(shaken.error().number, er::handshake);
    }
    const auto missing = TlsContext::client({.ca = "/nowhere.pem",
                                             .certificate = "",
                                             .key = "",
                                             .verify = Verify::ca,
                                             .min_version = ""});
    EXPECT_FALSE(missing.has_value());
    const auto version = TlsContext::client(
        {.ca = "", .certificate = "", .key = "", .verify = Verify::none, .min_version = "TLSv9"});
    EXPECT_EQ(version.error().text, "Invalid TLS version specified: TLSv9");
}

TEST(Tls, VerifiesWhatItIsToldTo) {
    const Certificate certificate;
    if (!certificate.made()) GTEST_SKIP() << "no openssl program";
    Loop loop;
    run_until_done(loop, check_verify(&certificate));
}

Task<void> check_garbage(const Certificate* certificate) {
    const Contexts both = contexts(*certificate, TlsContext::Verify::none, false);
    const std::string garbage = "GET / HTTP/1.0\r\n\r\n";
    {
        Pair pair;
        co_await send(&pair.client, &garbage);
        const Result<void> refused = co_await pair.server.accept_tls(both.server.get(), nullptr);
        EXPECT_EQ(refused.error().number, er::handshake);
    }
    {  // a stop in the middle of a handshake
        Pair pair;
        Stop stop;
        const Deadline deadline(&stop, 20ms, make_error(Code::deadline_exceeded, "too late"));
        const Result<void> late = co_await pair.server.accept_tls(both.server.get(), &stop);
        EXPECT_EQ(late.error().text, "too late");
    }
    {  // clear bytes after the handshake
        Pair pair;
        EXPECT_TRUE((co_await shake(&pair, &both, "")).has_value());
        const Bytes bytes(reinterpret_cast<const std::uint8_t*>(garbage.data()), garbage.size());
        EXPECT_TRUE(pair.client.socket().write_now(bytes, {}).has_value());
        EXPECT_EQ((co_await pair.server.fill(nullptr)).error().number, er::cr_server_lost);
    }
}

TEST(Tls, GarbageIsAnError) {
    const Certificate certificate;
    if (!certificate.made()) GTEST_SKIP() << "no openssl program";
    Loop loop;
    run_until_done(loop, check_garbage(&certificate));
}

}  // namespace
}  // namespace sluice::async
