// Both login machines: against each other on every path, and step by step against scripted peers.
#include <map>

#include <gtest/gtest.h>

#include "wire/client_handshake.h"
#include "wire/detail/test_bytes.h"
#include "wire/server_handshake.h"

namespace sluice::wire {
namespace {

Salt salt_of(char first) {
    Salt salt{};
    for (std::size_t i = 0; i < salt.size(); ++i)
        salt[i] = static_cast<std::uint8_t>(first + static_cast<char>(i));
    return salt;
}

struct Users : UserTable {
    std::map<std::string, UserRecord, std::less<>> records;

    UserRecord find(std::string_view user) const override {
        const auto at = records.find(user);
        return at == records.end() ? UserRecord{} : at->second;
    }
};

const RsaKey& shared_key() {
    static const RsaKey key = *RsaKey::generate();
    return key;
}

Users known_users() {
    Users users;
    users.records["clear"] = {.entries = {{.password = "secret"}}};
    users.records["native"] = {.entries = {{.native = native_hash("secret")}}};
    users.records["sha2"] = {.entries = {{.sha2 = sha2_hash("secret")}}};
    users.records["empty"] = {.entries = {{.password = ""}}};
    users.records["two"] = {.entries = {{.password = "one"}, {.native = native_hash("secret")}}};
    users.records["any"] = {.anything = true};
    users.records["ldap"] = {.ask_clear = plugin::clear};
    return users;
}

// What a whole conversation came to.
struct Outcome {
    std::string server, client;  // "in", "ask PASSWORD" or the error's number
    int messages = 0;  // packets in both directions, without the greeting and the last OK or ERR
    bool operator==(const Outcome&) const = default;
};

std::string to_text(const ServerHandshake::Step& step) {
    if (const auto* asked = std::get_if<ServerHandshake::AskCaller>(&step))
        return "ask " + asked->password;
    if (const auto* refused = std::get_if<ServerHandshake::Refused>(&step))
        return std::to_string(refused->error.number);
    if (const auto* in = std::get_if<ServerHandshake::LoggedIn>(&step))
        return "in " + std::to_string(in->entry);
    return std::holds_alternative<ServerHandshake::StartTls>(step) ? "tls" : "";
}

class Conversation {
 public:
    Conversation(ServerHandshake::Settings server, ClientHandshake::Settings client)
        : client_(std::move(client)) {
        server.server_version = "8.0.40-sluice";
        server.connection_id = 7;
        server.salt = salt_of('A');
        server.switch_salt = salt_of('a');
        server_.emplace(server, &users_);
    }

    Outcome run() {
        PacketWriter out(&to_client_);
        server_->greet(out);
        for (int round = 0; round < 10; ++round) {
            if (!client_turn() || !server_turn()) break;
        }
        return outcome_;
    }
    ServerHandshake& server() { return *server_; }
    ClientHandshake& client() { return client_; }

 private:
    bool client_turn() {
        Bytes received = std::exchange(to_client_, Bytes());
        ByteView rest = received.view();
        while (!rest.empty()) {
            const Frame frame = std::get<Frame>(next_frame(rest));
            rest = rest.subspan(frame.size());
            EXPECT_EQ(frame.sequence, sequence_++);
            PacketWriter out(&to_server_, sequence_);
            const auto step = client_.receive(frame.payload, out);
            if (std::holds_alternative<ClientHandshake::StartTls>(step)) {
                const Frame request = std::get<Frame>(next_frame(to_server_.view()));
                PacketWriter unused(&to_client_);
                EXPECT_EQ(to_text(server_->receive(request.payload, unused)), "tls");
                server_->tls_started();
                to_server_.clear();
                ++sequence_;
                client_.tls_started(out);
            }
            if (const auto* refused = std::get_if<ClientHandshake::Refused>(&step)) {
                outcome_.client = std::to_string(refused->error.number);
                return false;
            }
            if (std::holds_alternative<ClientHandshake::LoggedIn>(step)) {
                outcome_.client = "in";
                return false;
            }
        }
        return true;
    }

    bool server_turn() {
        Bytes received = std::exchange(to_server_, Bytes());
        if (received.empty()) return false;
        const Frame frame = std::get<Frame>(next_frame(received.view()));
        EXPECT_EQ(frame.sequence, sequence_++);
        EXPECT_EQ(frame.size(), received.size());
        PacketWriter out(&to_client_, sequence_);
        ++outcome_.messages;
        const auto step = server_->receive(frame.payload, out);
        if (std::holds_alternative<ServerHandshake::LoggedIn>(step))
            write_ok(out, {}, server_->capabilities());
        outcome_.server = to_text(step);
        if (outcome_.server.starts_with("ask")) write_ok(out, {}, server_->capabilities());
        return true;
    }

    Users users_ = known_users();
    std::optional<ServerHandshake> server_;
    ClientHandshake client_;
    Bytes to_client_, to_server_;
    std::uint8_t sequence_ = 0;
    Outcome outcome_;
};

enum class Way { tcp, tls, unix_socket };

Outcome log_in(Way way, std::string user, std::string password, const RsaKey* key = nullptr,
               std::vector<std::pair<std::string, std::string>> attributes = {}) {
    Conversation talk(
        {.tls_offered = way == Way::tls, .unix_socket = way == Way::unix_socket, .key = key},
        {.user = std::move(user),
         .password = std::move(password),
         .tls = way == Way::tls ? Tls::required : Tls::preferred,
         .unix_socket = way == Way::unix_socket,
         .attributes = std::move(attributes)});
    return talk.run();
}

TEST(Login, EveryKindOfUserOnEveryTransport) {
    for (const Way way : {Way::tcp, Way::tls, Way::unix_socket}) {
        SCOPED_TRACE(static_cast<int>(way));
        EXPECT_EQ(log_in(way, "clear", "secret"), (Outcome{"in 0", "in", 1}));
        EXPECT_EQ(log_in(way, "sha2", "secret"), (Outcome{"in 0", "in", 1}));
        EXPECT_EQ(log_in(way, "native", "secret"),
                  (Outcome{"in 0", "in", 2}));  // one switch, or the full exchange
        EXPECT_EQ(log_in(way, "two", "one"), (Outcome{"in 0", "in", 1}));
        EXPECT_EQ(log_in(way, "two", "secret"), (Outcome{"in 1", "in", 2}));
        EXPECT_EQ(log_in(way, "empty", ""), (Outcome{"in 0", "in", 1}));
        EXPECT_EQ(log_in(way, "any", "whatever"), (Outcome{"in 0", "in", 1}));
        EXPECT_EQ(log_in(way, "any", ""), (Outcome{"in 0", "in", 1}));
        for (const char* user : {"clear", "native", "sha2", "two", "empty", "nobody"}) {
            const Outcome got = log_in(way, user, "wrong");
            EXPECT_EQ(got.server, "1045") << user;
            EXPECT_EQ(got.client, "1045") << user;
        }
        for (const char* user : {"clear", "native", "sha2", "two", "nobody"}) {
            EXPECT_EQ(log_in(way, user, "").client, "1045") << user;
        }
    }
}

TEST(Login, RsaForClientsWithoutTheOldPlugin) {
    const std::vector<std::pair<std::string, std::string>> mysql9 = {{"_client_name", "libmysql"},
                                                                     {"_client_version", "9.7.4"}};
    EXPECT_EQ(log_in(Way::tcp, "native", "secret", &shared_key(), mysql9),
              (Outcome{"in 0", "in", 3}));
    EXPECT_EQ(log_in(Way::tcp, "native", "wrong", &shared_key(), mysql9),
              (Outcome{"1045", "1045", 3}));
    EXPECT_EQ(log_in(Way::tcp, "native", "secret", nullptr, mysql9),
              (Outcome{"in 0", "in", 2}));  // switched
    EXPECT_EQ(log_in(Way::tcp, "native", "secret", &shared_key(),
                     {{"_client_name", "libmysql"}, {"_client_version", "8.0.1"}}),
              (Outcome{"in 0", "in", 2}));
    Conversation careful({.key = &shared_key()}, {.user = "native",
                                                  .password = "secret",
                                                  .public_key_allowed = false,
                                                  .attributes = mysql9});
    EXPECT_EQ(careful.run().client, "2061");
}

TEST(Login, WhatBothSidesKnowAfterwards) {
    Conversation talk({.tls_offered = true}, {.user = "clear",
                                              .password = "secret",
                                              .database = "commerce",
                                              .tls = Tls::preferred,
                                              .found_rows = true,
                                              .collation = 2304,
                                              .attributes = {{"program_name", "t"}}});
    EXPECT_EQ(talk.run().client, "in");
    EXPECT_EQ(talk.server().user(), "clear");
    EXPECT_EQ(talk.server().database(), "commerce");
    EXPECT_EQ(talk.server().charset(), 45);
    EXPECT_TRUE(talk.server().tls());
    EXPECT_TRUE(talk.client().tls());
    EXPECT_EQ(talk.server().attributes(),
              (std::vector<std::pair<std::string, std::string>>{{"program_name", "t"}}));
    EXPECT_EQ(talk.client().connection_id(), 7U);
    EXPECT_EQ(talk.client().server_version(), "8.0.40-sluice");
    EXPECT_EQ(talk.server().capabilities(), talk.client().capabilities());
    const Capabilities both = talk.client().capabilities();
    EXPECT_NE(both & capability::found_rows, 0U);
    EXPECT_NE(both & capability::deprecate_eof, 0U);
    EXPECT_EQ(
        both & (capability::multi_statements | capability::local_files | capability::compress), 0U);
}

TEST(Login, TlsDemandedAndMissing) {
    Conversation no_offer({}, {.user = "clear", .password = "secret", .tls = Tls::required});
    EXPECT_EQ(no_offer.run(), (Outcome{"", "2026", 0}));
    Conversation refused({.tls_offered = true, .tls_required = true},
                         {.user = "clear", .password = "secret"});
    EXPECT_EQ(refused.run(), (Outcome{"3159", "3159", 1}));
}

// One message to the server after its greeting; then more.
struct Script {
    std::string_view plugin;
    std::string answer;
    std::vector<std::string> more;  // raw payloads
};
std::string play(const std::string& user, const Script& script,
                 ServerHandshake::Settings settings) {
    const Users users = known_users();
    settings.salt = salt_of('A');
    settings.switch_salt = salt_of('a');
    ServerHandshake server(settings, &users);
    const auto response = testing::payload_of([&](PacketWriter& out) {
        write_login_response(out, {.capabilities = capability::gate,
                                   .user = user,
                                   .answer = script.answer,
                                   .plugin = script.plugin});
    });
    Bytes out;
    PacketWriter writer(&out);
    std::string got = to_text(server.receive(response, writer));
    for (const std::string& payload : script.more) {
        if (!got.empty()) return got + " early";
        got = to_text(server.receive(bytes_of(payload), writer));
    }
    if (got.empty()) {
        const Frame last = std::get<Frame>(next_frame(out.view()));
        got = last.payload[0] == 0xfe
                  ? "switch " + std::string(parse_auth_switch(last.payload)->plugin)
                  : "more";
    }
    return got;
}

template <class Scramble>
std::string text(const Scramble& scramble) {
    return std::string(text_of(scramble));
}

TEST(ServerLogin, OtherPlugins) {
    const std::string native = text(native_scramble("secret", salt_of('A')));
    const std::string native_switched = text(native_scramble("secret", salt_of('a')));
    const std::string sha2_switched = text(sha2_scramble("secret", salt_of('a')));
    const std::string clear = std::string("secret") + '\0';
    struct Case {
        const char* user;
        Script script;
        const char* want;
    };
    for (const Case& c : {
             Case{"clear", {plugin::native, native, {}}, "in 0"},
             Case{"native", {plugin::native, native, {}}, "in 0"},
             Case{"native", {"", native, {}}, "in 0"},
             Case{"sha2", {plugin::native, native, {}}, "switch caching_sha2_password"},
             Case{"sha2", {plugin::native, native, {sha2_switched}}, "in 0"},
             Case{"sha2", {plugin::native, native, {native_switched}}, "1045"},
             Case{"clear", {plugin::native, "", {}}, "switch mysql_native_password"},
             Case{"clear", {plugin::native, "", {native_switched}}, "in 0"},
             Case{"clear", {plugin::native, "", {native}}, "1045"},
             Case{"clear", {plugin::native, "", {""}}, "1045"},
             Case{"clear", {"sha256_password", "\x01", {}}, "switch caching_sha2_password"},
             Case{"clear", {"sha256_password", "\x01", {sha2_switched}}, "in 0"},
             Case{"native", {"sha256_password", "\x01", {}}, "switch mysql_native_password"},
             Case{"native",
                  {plugin::caching_sha2, std::string(32, 'x'), {}},
                  "switch mysql_native_password"},
             Case{
                 "native", {plugin::caching_sha2, std::string(32, 'x'), {native_switched}}, "in 0"},
             Case{"native", {plugin::caching_sha2, std::string(32, 'x'), {"short"}}, "1045"},
             Case{"empty", {plugin::caching_sha2, std::string(1, '\0'), {}}, "in 0"},
             Case{"empty", {plugin::native, "", {}}, "in 0"},
             Case{"clear", {plugin::clear, clear, {}}, "2012"},
             Case{"nobody", {plugin::native, "", {}}, "switch mysql_native_password"},
             Case{"nobody", {plugin::native, "", {native_switched}}, "1045"},
             Case{"any", {plugin::native, "junk", {}}, "in 0"},
             Case{"any", {plugin::clear, "junk", {}}, "in 0"},
             Case{"any", {"", "", {}}, "in 0"},
             Case{"any", {"sha256_password", "\x01", {}}, "switch caching_sha2_password"},
             Case{"any", {"sha256_password", "\x01", {"junk"}}, "in 0"},
             Case{"ldap", {plugin::native, native, {}}, "2012"},
             Case{"ldap", {plugin::clear, clear, {}}, "2012"},
         }) {
        EXPECT_EQ(play(c.user, c.script, {}), c.want) << c.user << ' ' << c.script.plugin;
    }
    for (const auto& settings : {ServerHandshake::Settings{.unix_socket = true},
                                 ServerHandshake::Settings{.clear_text_allowed = true}}) {
        EXPECT_EQ(play("clear", {plugin::clear, clear, {}}, settings), "in 0");
        EXPECT_EQ(play("native", {plugin::clear, clear, {}}, settings), "in 0");
        EXPECT_EQ(play("sha2", {plugin::clear, "wrong", {}}, settings), "1045");
        EXPECT_EQ(play("ldap", {plugin::clear, clear, {}}, settings), "ask secret");
        EXPECT_EQ(play("ldap", {plugin::native, native, {}}, settings),
                  "switch mysql_clear_password");
        EXPECT_EQ(play("ldap", {plugin::native, native, {clear}}, settings), "ask secret");
    }
    const ServerHandshake::Settings unix_socket{.unix_socket = true, .key = &shared_key()};
    const std::string scramble(32, 'x');
    EXPECT_EQ(play("native", {plugin::caching_sha2, scramble, {}}, unix_socket), "more");
    EXPECT_EQ(play("native", {plugin::caching_sha2, scramble, {clear}}, unix_socket), "in 0");
    EXPECT_EQ(play("native", {plugin::caching_sha2, scramble, {"\x02", "junk"}}, unix_socket),
              "1045");
    const std::string block = *encrypt_password("secret", salt_of('A'), shared_key().public_pem());
    EXPECT_EQ(play("native", {plugin::caching_sha2, scramble, {"\x02", block}}, unix_socket),
              "in 0");
    EXPECT_EQ(play("native", {plugin::caching_sha2, scramble, {"\x02"}}, {.unix_socket = true}),
              "1045");
}

TEST(ServerLogin, GreetingIsThatOfV21ButForPluginAndStatus) {
    const Users users;
    ServerHandshake server({.server_version = "8.0.40", .connection_id = 1, .salt = salt_of('A')},
                           &users);
    const auto payload = testing::payload_of([&](PacketWriter& out) { server.greet(out); });
    const auto greeting = parse_greeting(payload);
    ASSERT_TRUE(greeting);
    EXPECT_EQ(greeting->capabilities, 0x013ba20fU);
    EXPECT_EQ(greeting->status, status::autocommit);
    EXPECT_EQ(greeting->charset, 255);
    EXPECT_EQ(greeting->plugin, "caching_sha2_password");
}

TEST(ServerLogin, ClientsWithoutPluginsAreNotSwitched) {
    const Users users = known_users();
    const std::string scramble = text(native_scramble("secret", Salt{}));
    struct Case {
        std::string_view user, answer, want;
    };
    for (const Case& c :
         {Case{"clear", scramble, "in 0"}, Case{"clear", "", "1045"},
          Case{"sha2", scramble, "1045"}, Case{"empty", "", "in 0"}, Case{"any", "", "in 0"}}) {
        ServerHandshake server({}, &users);
        const auto response = testing::payload_of([&](PacketWriter& out) {
            write_login_response(
                out, {.capabilities = capability::protocol_41 | capability::secure_connection,
                      .user = c.user,
                      .answer = c.answer});
        });
        Bytes out;
        PacketWriter writer(&out);
        EXPECT_EQ(to_text(server.receive(response, writer)), c.want) << c.user;
    }
}

TEST(ServerLogin, BadMessages) {
    const Users users = known_users();
    const auto good = testing::payload_of([&](PacketWriter& out) {
        write_login_response(out,
                             {.capabilities = capability::protocol_41 | capability::plugin_auth |
                                              capability::plugin_auth_lenenc,
                              .user = "any"});
    });
    for (std::size_t cut = 0; cut < 37; ++cut) {
        ServerHandshake server({}, &users);
        Bytes out;
        PacketWriter writer(&out);
        EXPECT_EQ(to_text(server.receive(ByteView(good).first(cut), writer)), "1043") << cut;
        EXPECT_EQ(out[header_size], err_header);
    }
    ServerHandshake server({.tls_offered = false}, &users);
    Bytes out;
    PacketWriter writer(&out);
    const auto ssl = testing::payload_of([](PacketWriter& w) {
        write_ssl_request(w, {.capabilities = capability::ssl | capability::protocol_41});
    });
    EXPECT_EQ(to_text(server.receive(ssl, writer)), "1043");
    EXPECT_EQ(to_text(server.receive(good, writer)), "1043") << "after the end";
}

std::string client_text(const ClientHandshake::Step& step) {
    if (const auto* refused = std::get_if<ClientHandshake::Refused>(&step))
        return std::to_string(refused->error.number);
    if (std::holds_alternative<ClientHandshake::LoggedIn>(step)) return "in";
    return std::holds_alternative<ClientHandshake::StartTls>(step) ? "tls" : "";
}

std::string greet(std::string_view version, std::string_view plugin, Capabilities capabilities) {
    const auto bytes = testing::payload_of([&](PacketWriter& out) {
        write_greeting(out, {.server_version = version,
                             .salt = salt_of('A'),
                             .capabilities = capabilities,
                             .plugin = plugin});
    });
    return std::string(text_of(bytes));
}

TEST(ClientLogin, ScriptedServers) {
    const std::string hello = greet("8.0.40", plugin::caching_sha2, capability::gate);
    const std::string ok("\0\0\0\2\0\0\0", 7), err = "\xff\x15\x04#28000Access denied",
                                               more = "\x01";
    const auto change = [](std::string_view plugin, std::size_t size) {
        return "\xfe" + std::string(plugin) + std::string(1, '\0') + std::string(size, 's') +
               std::string(1, '\0');
    };
    struct Case {
        std::vector<std::string> messages;
        const char* want;
    };
    for (const Case& c : {
             Case{{hello, ok}, "in"},
             Case{{hello, more + "\x03", ok}, "in"},
             Case{{hello, more + "\x04", more + "not a key"}, "1815"},
             Case{{hello, more + "\x09"}, "2027"},
             Case{{hello, more}, "2027"},
             Case{{hello, change(plugin::native, 20), ok}, "in"},
             Case{{hello, change(plugin::native, 20), more + "\x03"}, "2027"},
             Case{{hello, change(plugin::native, 20), change(plugin::native, 20)}, "2027"},
             Case{{hello, change(plugin::native, 19)}, "2027"},
             Case{{hello, change("authentication_ldap_sasl", 20)}, "2059"},
             Case{{hello, "\xfe"}, "2027"},
             Case{{hello, err}, "1045"},
             Case{{hello, ""}, "2027"},
             Case{{hello, "\x05"}, "2027"},
             Case{{"\xff\x10\x04Too many connections"}, "1040"},
             Case{{"\x09old"}, "2027"},
             Case{{hello, ok, ok}, "2014"},
             Case{{greet("5.5.5-10.11.6-MariaDB", plugin::native,
                         capability::gate & ~capability::long_password),
                   ok},
                  "in"},
             Case{{greet("8.0", "auth_socket", capability::gate), change(plugin::caching_sha2, 20),
                   ok},
                  "in"},
         }) {
        ClientHandshake client({.user = "u", .password = "p"});
        std::string got;
        for (const std::string& message : c.messages) {
            Bytes out;
            PacketWriter writer(&out);
            got = client_text(client.receive(bytes_of(message), writer));
        }
        EXPECT_EQ(got, c.want);
        if (c.messages[0].starts_with("\n5.5.5")) {
            EXPECT_TRUE(client.is_mariadb());
            EXPECT_EQ(client.server_version(), "10.11.6-MariaDB");
        }
    }
}

TEST(ClientLogin, CutGreetings) {
    const std::string hello = greet("8.0.40", plugin::caching_sha2, capability::gate);
    for (std::size_t cut = 0; cut < hello.size() - 23; ++cut) {
        ClientHandshake client({.user = "u", .password = "p"});
        Bytes out;
        PacketWriter writer(&out);
        EXPECT_EQ(
            client_text(client.receive(bytes_of(std::string_view(hello).substr(0, cut)), writer)),
            "2027")
            << cut;
    }
}

}  // namespace
}  // namespace sluice::wire
