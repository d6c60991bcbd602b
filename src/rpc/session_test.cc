// HTTP/2 without sockets: what a session says to frames of all kinds, and sessions that talk to
// each other through bytes in pieces.
#include "rpc/detail/session.h"

#include <random>

#include <gtest/gtest.h>

#include "async/loop.h"
#include "rpc/status.h"

namespace sluice::rpc::detail {
namespace {

using frame::Head;
using frame::Type;

Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const std::vector<Header> request_headers = {{.name = ":method", .value = "POST"},
                                             {.name = ":scheme", .value = "http"},
                                             {.name = ":path", .value = "/a.B/C"},
                                             {.name = ":authority", .value = "here"},
                                             {.name = "te", .value = "trailers"}};
const std::vector<Header> answer_headers = {{.name = ":status", .value = "200"}};
const std::vector<Header> answer_trailers = {{.name = "grpc-status", .value = "0"}};

// Takes what comes; a server's sends each message back, and ends when the client has.
struct Call : Exchange {
    Session** session = nullptr;
    bool server = false;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string received;
    bool over = false;
    bool idle = false;  // takes nothing
    std::uint32_t code = 0;

    Call(Session** of, bool on_server) : session(of), server(on_server) {
        prepare({});
        awaits_first_ = true;
    }
    void send(std::string text, bool last) {
        kept.push_back(std::make_unique<std::string>(std::move(text)));
        pieces.push_back(std::make_unique<Bytes>(bytes_of(*kept.back())));
        EXPECT_TRUE(post_message({pieces.back().get(), 1}).has_value());
        if (last) finish();
    }
    void on_header(std::string_view name, std::string_view value) override {
        headers.emplace_back(name, value);
    }
    void on_headers_end(bool) override {
        awaits_first_ = !idle;
        if (server) (*session)->respond(this, answer_headers, false);
    }
    void on_message() override {
        while (!idle && message_waits()) {
            received += text_of(take_message()->view());
            awaits_first_ = true;
        }
        if (input_over() && server) send(received, true);
    }
    void on_last_byte() override { (*session)->trailers(this, answer_trailers); }
    void on_closed(std::uint32_t http2_code, const Error*) override {
        over = true;
        code = http2_code;
    }

    std::vector<std::unique_ptr<std::string>> kept;
    std::vector<std::unique_ptr<Bytes>> pieces;
};

struct End : SessionEvents {
    Session* session = nullptr;
    std::unique_ptr<Session> made;
    std::vector<std::unique_ptr<Call>> calls;
    bool idle = false;  // its calls are
    int settings = 0, pings = 0, goaways = 0;

    explicit End(const SessionOptions& options) : made(std::make_unique<Session>(options, this)) {
        session = made.get();
    }
    ~End() { session->lose(canceled_error()); }
    Call* add(bool server) {
        Call* const call = calls.emplace_back(std::make_unique<Call>(&session, server)).get();
        call->idle = idle;
        return call;
    }
    Exchange* on_request(std::int32_t) override { return add(true); }
    void on_settings() override { ++settings; }
    void on_ping(bool, std::uint64_t) override { ++pings; }
    void on_goaway(std::uint32_t, std::string_view) override { ++goaways; }
    void on_progress() override {}
    void on_exchange_over() override {}
    void on_output() override {}
    std::string pull() const {
        std::string all;
        for (;;) {
            Output out;
            EXPECT_TRUE(session->pull(&out).has_value());
            if (out.view().empty()) return all;
            all += text_of(out.view());
        }
    }
};

// Everything that both have to say, in pieces of `size` bytes.
void talk(const End& left, const End& right, std::size_t size) {
    for (bool more = true; more;) {
        more = false;
        for (const auto& [from, to] : {std::pair(&left, &right), std::pair(&right, &left)}) {
            const std::string said = from->pull();
            more = more || !said.empty();
            for (std::size_t at = 0; at < said.size(); at += size)
                ASSERT_TRUE(to->session->feed(bytes_of(said.substr(at, size))).has_value());
        }
    }
}

// Waiting coroutines are resumed by a loop; a session needs one only to wake them.
template <class Test>
void on_loop(Test test) {
    async::Loop loop;
    const auto run = [](Test* of) -> async::Task<void> {
        (*of)();
        co_return;
    };
    async::run_until_done(loop, run(&test));
}

TEST(Session, CallsInPiecesOfAnySize) {
    on_loop([] {
        for (const std::size_t size : {1U, 2U, 7U, 10U, 1000U, 1U << 20U}) {
            End client({.side = Side::client});
            End server({.side = Side::server});
            for (const std::size_t length : {0U, 1U, 100U, 20'000U, 200'000U}) {
                Call* call = client.add(false);
                ASSERT_TRUE(client.session->request(call, request_headers).has_value());
                call->send(std::string(length, 'x'), true);
                talk(client, server, size);
                EXPECT_TRUE(call->over);
                EXPECT_EQ(call->code, 0U);
                EXPECT_EQ(call->received.size(), length);
                ASSERT_EQ(call->headers.size(), 2U);
                EXPECT_EQ(call->headers[0].second, "200");
                EXPECT_EQ(call->headers[1].first, "grpc-status");
                EXPECT_EQ(server.calls.back()->headers.size(), request_headers.size());
            }
            EXPECT_EQ(client.session->exchanges() + server.session->exchanges(), 0U);
        }
    });
}

TEST(Session, SmallWindowsOnlySlowDown) {
    on_loop([] {
        const SessionOptions small{.stream_window = 1000, .connection_window = 65535};
        SessionOptions server_options = small;
        server_options.side = Side::server;
        End client(small);
        End server(server_options);
        std::vector<Call*> calls;
        for (int i = 0; i < 5; ++i) {
            calls.push_back(client.add(false));
            ASSERT_TRUE(client.session->request(calls.back(), request_headers).has_value());
            calls.back()->send(std::string(300'000, static_cast<char>('a' + i)), true);
        }
        talk(client, server, 1 << 16);
        for (const Call* call : calls) {
            EXPECT_TRUE(call->over);
            EXPECT_EQ(call->received, *call->kept[0]);
        }
    });
}

TEST(Session, RequestsWaitUntilThePeerTakesThem) {
    on_loop([] {
        End client({.side = Side::client});
        End server({.side = Side::server, .max_streams = 2});
        talk(client, server, 1000);
        std::vector<Call*> calls;
        for (int i = 0; i < 10; ++i) {
            calls.push_back(client.add(false));
            ASSERT_TRUE(client.session->request(calls.back(), request_headers).has_value());
            calls.back()->send("x", i % 2 == 0);  // the others go on
        }
        talk(client, server, 1000);
        EXPECT_EQ(server.session->exchanges(), 2U);
        client.session->detach(calls[9]);  // waits, and never will be
        for (const int i : {1, 3, 5, 7}) {
            calls[static_cast<std::size_t>(i)]->send("y", true);
            talk(client, server, 1000);
        }
        for (std::size_t i = 0; i < 9; ++i) {
            EXPECT_TRUE(calls[i]->over) << i;
            EXPECT_EQ(calls[i]->received, i % 2 == 0 ? "x" : "xy");
        }
        EXPECT_EQ(server.calls.size(), 9U);
    });
}

TEST(Session, GoawayRefusesWhatCameLater) {
    on_loop([] {
        End client({.side = Side::client});
        End server({.side = Side::server});
        Call* first = client.add(false);
        ASSERT_TRUE(client.session->request(first, request_headers).has_value());
        first->send("x", false);
        talk(client, server, 1000);
        server.session->refuse_new_streams(0, "enough");
        Call* second = client.add(false);
        ASSERT_TRUE(client.session->request(second, request_headers).has_value());
        talk(client, server, 1000);
        EXPECT_TRUE(second->over);
        EXPECT_EQ(second->code, frame::refused_stream);
        EXPECT_EQ(server.calls.size(), 1U);
        EXPECT_FALSE(client.session->peer_allows_streams());
        EXPECT_TRUE(client.session->alive());
        first->send("y", true);
        talk(client, server, 1000);
        EXPECT_EQ(first->received, "xy");
        EXPECT_FALSE(client.session->alive());
        EXPECT_FALSE(server.session->alive());
    });
}

// ---- Frames by hand.

std::string framed(Type type, std::uint8_t flags, std::int32_t stream, std::string_view payload) {
    ByteBuffer out;
    std::ranges::copy(bytes_of(payload),
                      frame::append(&out, {.length = static_cast<std::uint32_t>(payload.size()),
                                           .type = type,
                                           .flags = flags,
                                           .stream = stream}));
    return text_of(out.view());
}
std::string number(std::uint32_t value) {
    std::uint8_t bytes[4];
    frame::put32(bytes, value);
    return text_of(bytes);
}
std::string block_of(const std::vector<Header>& headers) {
    HeaderEncoder encoder;
    return text_of(encoder.encode(headers));
}
std::string request_frame(std::int32_t stream, bool end = false) {
    return framed(Type::headers,
                  static_cast<std::uint8_t>(frame::end_headers | (end ? frame::end_stream : 0)),
                  stream, block_of(request_headers));
}
std::string repeated(const std::string& text, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
}

// The first error that a server names: "goaway CODE", "reset CODE", or "".
std::string answer_to(const std::string& frames, SessionOptions options = {}, bool idle = false) {
    options.side = Side::server;
    End server(options);
    server.idle = idle;
    std::string input = std::string(frame::client_preface) + framed(Type::settings, 0, 0, "");
    if (frames.starts_with("raw")) {
        input = std::string(frame::client_preface) + frames.substr(3);
    } else {
        input += frames;
    }
    EXPECT_TRUE(server.session->feed(bytes_of(input)).has_value());
    const std::string said = server.pull();
    for (std::size_t at = 0; at < said.size();) {
        const Head head = frame::read_head(bytes_of(said).data() + at);
        const std::uint8_t* const payload = bytes_of(said).data() + at + frame::head_size;
        if (head.type == Type::goaway)
            return "goaway " + std::to_string(frame::number32(payload + 4));
        if (head.type == Type::rst_stream && frame::number32(payload) != 0)
            return "reset " + std::to_string(frame::number32(payload));
        at += frame::head_size + head.length;
    }
    return "";
}

TEST(Session, AnswersErrorsAsHttp2Demands) {
    on_loop([] {
        const std::string window("\x7f\xff\xff\xff", 4);
        const std::string request = request_frame(1);
        const std::string message = framed(Type::data, frame::end_stream, 1, "");
        const std::string part = block_of(request_headers).substr(0, 3);
        struct Case {
            const char* name;
            std::string frames, want;
        };
        const Case cases[] = {
            {"a whole call", request + message, ""},
            {"an unknown frame", framed(static_cast<Type>(77), 3, 5, "abc") + request, ""},
            {"padding", request + framed(Type::data, frame::padded, 1, std::string("\x02xyz", 4)),
             ""},
            {"no SETTINGS first", "raw" + request, "goaway 1"},
            {"a large frame", std::string("\x00\x40\x01\x00\x00\x00\x00\x00\x01", 9), "goaway 6"},
            {"too much padding", request + framed(Type::data, frame::padded, 1, "\x09xyz"),
             "goaway 1"},
            {"DATA of no stream", framed(Type::data, 0, 0, "x"), "goaway 1"},
            {"DATA of an idle stream", framed(Type::data, 0, 3, "x"), "goaway 1"},
            {"DATA behind the end", request + message + framed(Type::data, 0, 1, "x"), "reset 5"},
            {"HEADERS of stream 0", request_frame(0), "goaway 1"},
            {"HEADERS of an even stream", request_frame(2), "goaway 1"},
            {"broken HPACK", framed(Type::headers, frame::end_headers, 1, "\xff\xff\xff\xff\xff"),
             "goaway 9"},
            {"CONTINUATION of nothing", framed(Type::continuation, 0, 1, ""), "goaway 1"},
            {"a frame within a block",
             framed(Type::headers, 0, 1, part) + framed(Type::ping, 0, 0, "12345678"), "goaway 1"},
            {"CONTINUATION without end",
             framed(Type::headers, 0, 1, part) + repeated(framed(Type::continuation, 0, 1, ""), 9),
             "goaway 11"},
            {"PUSH_PROMISE", framed(Type::push_promise, 0, 1, "1234"), "goaway 1"},
            {"a short RST_STREAM", request + framed(Type::rst_stream, 0, 1, "1"), "goaway 6"},
            {"RST_STREAM of an idle stream", framed(Type::rst_stream, 0, 1, number(8)), "goaway 1"},
            {"a short PING", framed(Type::ping, 0, 0, "1"), "goaway 6"},
            {"many PINGs", repeated(framed(Type::ping, 0, 0, "12345678"), 1001), "goaway 11"},
            {"many SETTINGS", repeated(framed(Type::settings, 0, 0, ""), 1001), "goaway 11"},
            {"short SETTINGS", framed(Type::settings, 0, 0, "12345"), "goaway 6"},
            {"SETTINGS of a stream", framed(Type::settings, 0, 1, ""), "goaway 1"},
            {"WINDOW_UPDATE of nothing", framed(Type::window_update, 0, 0, number(0)), "goaway 1"},
            {"the connection's window overflows", framed(Type::window_update, 0, 0, window),
             "goaway 3"},
            {"a stream's window overflows", request + framed(Type::window_update, 0, 1, window),
             "reset 3"},
            {"a stream's window of nothing", request + framed(Type::window_update, 0, 1, number(0)),
             "reset 1"},
        };
        for (const Case& each : cases) EXPECT_EQ(answer_to(each.frames), each.want) << each.name;
        const std::string first_window = std::string("\0\x04", 2) + number(0x80000000U);
        EXPECT_EQ(answer_to(framed(Type::settings, 0, 0, first_window)), "goaway 3");
        EXPECT_EQ(answer_to(request_frame(1) + request_frame(3), {.max_streams = 1}), "reset 7");
        const std::string data = framed(Type::data, 0, 1, std::string(16'000, '\0'));
        for (const auto& [count, want] : {std::pair(4U, ""), std::pair(5U, "reset 3")})
            EXPECT_EQ(answer_to(request + repeated(data, count), {.stream_window = 1}, true), want);
        EXPECT_EQ(answer_to(request + repeated(data, 5), {.stream_window = 65535}), "");
    });
}

TEST(Session, CallsThatAreBegunAndResetEndTheConnection) {
    on_loop([] {
        std::string frames;
        for (std::int32_t i = 0; i <= 1000; ++i)
            frames += request_frame(2 * i + 1) + framed(Type::rst_stream, 0, 2 * i + 1, number(8));
        EXPECT_EQ(answer_to(frames), "goaway 11");
    });
}

TEST(Session, RefusesMalformedHeaders) {
    on_loop([] {
        using Fields = std::vector<Header>;
        const Header method{.name = ":method", .value = "POST"};
        const Header scheme{.name = ":scheme", .value = "http"};
        const Header path{.name = ":path", .value = "/a"};
        for (const Fields& fields :
             {Fields{scheme, path}, Fields{method, path}, Fields{method, scheme},
              Fields{method, method, scheme, path},
              Fields{{.name = "a", .value = "b"}, method, scheme, path},
              Fields{method, scheme, path, {.name = ":status", .value = "200"}},
              Fields{method, scheme, path, {.name = "Upper", .value = "x"}},
              Fields{method, scheme, path, {.name = "a b", .value = "x"}},
              Fields{method, scheme, path, {.name = "a", .value = "x\ny"}},
              Fields{method, scheme, path, {.name = "connection", .value = "close"}},
              Fields{method, scheme, path, {.name = "te", .value = "gzip"}},
              Fields{method, scheme, path, {.name = "content-length", .value = "x"}}}) {
            EXPECT_EQ(answer_to(framed(Type::headers, frame::end_headers, 1, block_of(fields))),
                      "reset 1");
        }
        const Fields with_length{method, scheme, path, {.name = "content-length", .value = "4"}};
        const std::string head =
            framed(Type::headers, frame::end_headers, 1, block_of(with_length));
        EXPECT_EQ(answer_to(head + framed(Type::data, frame::end_stream, 1, "abcde")), "reset 1");
        const Fields large{method, scheme, path, {.name = "a", .value = std::string_view()}};
        std::vector<Header> many = large;
        for (int i = 0; i < 58; ++i)
            many.push_back({.name = "name", .value = request_headers[2].value});
        EXPECT_EQ(answer_to(framed(Type::headers, frame::end_headers, 1, block_of(many))), "");
    });
}

TEST(HeaderCodec, KnownBlocksMeanTheSameWhateverHappensToTheTable) {
    HeaderEncoder encoder;
    HeaderDecoder decoder;
    std::mt19937 chance(11);
    std::vector<std::vector<std::pair<std::string, std::string>>> lists;
    for (int i = 0; i < 12; ++i) {
        auto& list = lists.emplace_back();
        list = {{":method", "POST"}, {":scheme", "http"}, {":path", "/p" + std::to_string(i % 7)}};
        for (int k = 0; k < i % 5; ++k) list.emplace_back("name" + std::to_string(k), "value");
    }
    for (int round = 0; round < 5000; ++round) {
        const auto& list = lists[chance() % lists.size()];
        std::vector<Header> headers;
        for (const auto& [name, value] : list)
            headers.push_back({.name = name, .value = value, .copied = chance() % 2 == 0});
        const std::string unique(1 + chance() % 300, static_cast<char>('a' + chance() % 26));
        if (chance() % 20 == 0)
            headers.push_back({.name = "more", .value = unique, .varies = chance() % 2 == 0});
        if (chance() % 500 == 0)
            encoder.set_table_size(static_cast<std::uint32_t>(chance() % 4096));
        const Bytes block = encoder.encode(headers);
        const HeaderDecoder::Block told =
            decoder.decode(HeaderDecoder::Kind::request, block, 1 << 16);
        ASSERT_EQ(told.outcome, HeaderDecoder::Outcome::good);
        ASSERT_EQ(told.fields.size(), headers.size());
        for (std::size_t i = 0; i < headers.size(); ++i) {
            ASSERT_EQ(told.fields[i].name, headers[i].name);
            ASSERT_EQ(told.fields[i].value, headers[i].value);
        }
    }
}

}  // namespace
}  // namespace sluice::rpc::detail
