// The flags of the MySQL server over real sockets.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "front/front_test.h"
#include "front/mysql_listener.h"

namespace sluice::front {
namespace {

using namespace std::chrono_literals;

// A front behind a TCP listener of 127.0.0.1.
struct Server {
    explicit Server(Front* over) : front(over) {
        auto opened =
            MysqlListener::open({.host = "127.0.0.1"}, {{&async::Loop::current(), &front->core}});
        EXPECT_TRUE(opened.has_value()) << opened.error().text;
        listener = std::move(*opened);
    }
    Task<std::unique_ptr<Client>> connect() {
        async::Address address;
        address.host = "127.0.0.1";
        address.port = listener->port();
        Result<async::Socket> socket = co_await async::connect(address, nullptr);
        EXPECT_TRUE(socket.has_value());
        co_return std::make_unique<Client>(std::move(*socket));
    }
    // The one session's idea of who is there.
    std::string peer() const { return front->gate.core.sessions.all().begin()->second->peer; }

    Front* front;
    std::unique_ptr<MysqlListener> listener;
};

wire::Bytes bytes_of(std::string_view text) {
    wire::Bytes bytes;
    bytes.append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    return bytes;
}

Task<void> end(Server* server) {
    co_await server->listener->close();
    co_await server->front->core.sessions.join();
}

Task<void> check_proxy_headers(Front* front) {
    front->options.proxy_protocol = true;
    Server server(front);
    struct Case {
        std::vector<std::string> pieces;
        std::string peer;  // empty: the client's own
    };
    const std::string second(
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\x01\x02\x03\x0a\0\0\x01\x13\x88\x0c\xea", 28);
    for (const Case& one : std::vector<Case>{
             {{"PROXY TCP4 10.9.8.7 10.0.0.1 5000 3306\r\n"}, "10.9.8.7:5000"},
             {{"PROXY TCP6 2001:", "db8::7 ::1 50", "00 3306\r", "\n"}, "[2001:db8::7]:5000"},
             {{"PROXY UNKNOWN\r\n"}, ""},
             {{second}, "10.1.2.3:5000"},
             {{second.substr(0, 9), second.substr(9)}, "10.1.2.3:5000"},
         }) {
        const auto client = co_await server.connect();
        for (const std::string& piece : one.pieces) {
            EXPECT_TRUE(co_await client->send(bytes_of(piece)));
            co_await async::pause(1ms, nullptr);
        }
        EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok") << one.peer;
        EXPECT_EQ(server.peer(), one.peer.empty() ? client->address() : one.peer);
        client->close();
        co_await front->core.sessions.join();
    }
    // What is no header gets no greeting.
    const auto stranger = co_await server.connect();
    EXPECT_TRUE(co_await stranger->send(bytes_of("GET / HTTP/1.1\r\n\r\n")));
    EXPECT_TRUE(co_await stranger->closed());
    co_await end(&server);
}

TEST(Listener, ProxyHeadersNameTheClient) {
    with_front(&check_proxy_headers);
}

Task<void> check_missing_header(Front* front) {
    front->options.proxy_protocol = true;
    front->options.proxy_header_wait = 20ms;
    Server server(front);
    const auto client = co_await server.connect();
    EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok");
    EXPECT_EQ(server.peer(), client->address());
    client->close();
    // Half a header is not silence.
    const auto other = co_await server.connect();
    EXPECT_TRUE(co_await other->send(bytes_of("PROXY TCP4 10.9")));
    EXPECT_TRUE(co_await other->closed());
    co_await end(&server);
}

TEST(Listener, WhoSendsNoHeaderIsServedAfterAWhile) {
    with_front(&check_missing_header);
}

// Seconds to the keepalive of the server's end of the client's connection, from the kernel's table;
// -1 if none is armed. Columns: number, local, remote, state, queues, timer:jiffies ...
double keepalive_left(std::uint16_t server_port, const std::string& client) {
    const auto client_port = static_cast<unsigned>(std::stoul(client.substr(client.find(':') + 1)));
    for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
        std::ifstream file(table);
        for (std::string line; std::getline(file, line);) {
            std::istringstream words(line);
            std::string number, local, remote, state, queues, timer;
            words >> number >> local >> remote >> state >> queues >> timer;
            const auto port = [](const std::string& address) {
                return std::stoul(address.substr(address.find(':') + 1), nullptr, 16);
            };
            if (local.find(':') == local.npos || remote.find(':') == remote.npos) continue;
            if (local == "local_address" || port(local) != server_port ||
                port(remote) != client_port) {
                continue;
            }
            if (!timer.starts_with("02:")) return -1;
            return static_cast<double>(std::stoul(timer.substr(3), nullptr, 16)) /
                   static_cast<double>(sysconf(_SC_CLK_TCK));
        }
    }
    return -1;
}

Task<void> check_keepalive(Front* front) {
    front->options.keepalive = 100s;
    Server server(front);
    const auto client = co_await server.connect();
    EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok");
    // Until the client's kernel has acknowledged the login, the retransmission timer runs in place.
    double left = -1;
    for (int i = 0; i < 5'000 && left < 0; ++i) {
        left = keepalive_left(server.listener->port(), client->address());
        if (left < 0) co_await async::pause(1ms, nullptr);
    }
    EXPECT_GT(left, 60);
    EXPECT_LE(left, 101);
    client->close();
    co_await end(&server);
}

TEST(Listener, ConnectionsAreKeptAlive) {
    with_front(&check_keepalive);
}

Task<void> check_read_timeout(Front* front) {
    front->options.read_timeout = 30ms;
    Server server(front);
    const auto idle = co_await server.connect();
    EXPECT_EQ(co_await idle->login("ann", "", "ks"), "ok");
    EXPECT_TRUE(co_await idle->closed());
    const auto stuck = co_await server.connect();
    EXPECT_EQ(co_await stuck->login("ann", "", "ks"), "ok");
    EXPECT_TRUE(co_await stuck->send(bytes_of(std::string("\x20\0\0\0\x03sel", 8))));
    EXPECT_TRUE(co_await stuck->closed());
    EXPECT_EQ(front->core.counters.aborted.load(), 2u);
    co_await end(&server);
}

TEST(Listener, SilentClientsAreCutAfterTheReadTimeout) {
    with_front(&check_read_timeout);
}

Task<void> check_query_timeout(Front* front) {
    front->options.query_timeout = 30ms;
    gateway::ScriptedAnswer late;
    late.waits = true;
    front->gate.answer_everywhere(late);
    Server server(front);
    const auto client = co_await server.connect();
    EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok");
    const std::string text = "select n from t where k = 'A'";
    EXPECT_TRUE((co_await client->query(text)).starts_with("3024 "));
    EXPECT_EQ(co_await client->prepare(text), "3024");
    // The session goes on, and quick statements are not affected.
    front->gate.answer_everywhere(gateway::ScriptedAnswer::written(2));
    EXPECT_EQ(co_await client->query("update t set n = 1 where k = 'A'"), "ok 2");
    client->close();
    co_await end(&server);
}

TEST(Listener, StatementsEndAfterTheQueryTimeout) {
    with_front(&check_query_timeout);
}

Task<void> check_slow_connect(Front* front) {
    front->options.slow_connect = 1h;
    Server server(front);
    const auto quick = co_await server.connect();
    EXPECT_EQ(co_await quick->login("ann", "", "ks"), "ok");
    EXPECT_EQ(front->core.counters.slow.load(), 0u);
    front->options.slow_connect = 20ms;
    const auto slow = co_await server.connect();
    EXPECT_TRUE((co_await slow->stream().fill(nullptr)).has_value());  // the greeting is here
    co_await async::pause(40ms, nullptr);
    EXPECT_EQ(co_await slow->login("ann", "", "ks"), "ok");
    EXPECT_EQ(front->core.counters.slow.load(), 1u);
    quick->close();
    slow->close();
    co_await end(&server);
}

TEST(Listener, SlowLoginsAreCounted) {
    with_front(&check_slow_connect);
}

// Rows of one shard reach the client while another shard keeps it waiting.
Task<void> check_flush_delay(Front* front) {
    front->options.flush_delay = 20ms;
    gateway::ScriptedAnswer late;
    late.waits = true;
    late.columns = gateway::scripted_columns({{.name = "n"}});
    late.column_count = 1;
    late.runs.push_back(gateway::scripted_rows({"8"}));
    late.end.columns = 1;
    auto& slow = front->gate.cluster.tablet("60-");
    slow.script = [late](const tablet::Call&) { return late; };
    Server server(front);
    const auto client = co_await server.connect();
    EXPECT_EQ(co_await client->login("ann", "", "ks"), "ok");
    wire::Bytes out;
    wire::PacketWriter writer(&out);
    wire::write_command(writer, Command::query, "select n from t");
    EXPECT_TRUE(co_await client->send(std::move(out)));
    // Definitions and the rows of two shards are here before the third has answered.
    EXPECT_TRUE((co_await client->stream().fill(nullptr)).has_value());
    EXPECT_TRUE(slow.has_waiters());
    slow.go_on();
    EXPECT_EQ(co_await client->ask({}, wire::RowFormat::text), "(7) (7) (8) ok");
    client->close();
    co_await end(&server);
}

TEST(Listener, RowsDoNotWaitForASlowShard) {
    with_front(&check_flush_delay);
}

Task<void> check_unix_socket(Front* front) {
    char folder[] = "/tmp/sluice_front_XXXXXX";
    EXPECT_NE(mkdtemp(folder), nullptr);
    const std::string path = std::string(folder) + "/mysql.sock";
    auto opened =
        MysqlListener::open({.unix_path = path}, {{&async::Loop::current(), &front->core}});
    EXPECT_TRUE(opened.has_value());
    front->options.proxy_protocol = true;  // is for TCP only
    front->core.users = *auth::parse_static_users(
        R"({"ann": [{"Password": "x", "SourceHost": "localhost"}]})", "test");
    async::Address address;
    address.unix_path = path;
    Result<async::Socket> socket = co_await async::connect(address, nullptr);
    EXPECT_TRUE(socket.has_value());
    Client client(std::move(*socket));
    EXPECT_EQ(co_await client.login("ann", "x", "ks"), "ok");
    client.close();
    co_await (*opened)->close();
    co_await front->core.sessions.join();
    std::filesystem::remove_all(folder);
}

TEST(Listener, UnixSocketsAreLocalhost) {
    with_front(&check_unix_socket);
}

}  // namespace
}  // namespace sluice::front
