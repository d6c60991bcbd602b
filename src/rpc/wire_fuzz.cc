// What a server, and (by the first byte) a client with a call under way, may receive: HTTP/2 frames
// after the other side's preface. Nothing may crash, leak, or leave a call without its end.
#include <algorithm>

#include "async/loop.h"
#include "rpc/detail/echo.h"
#include "rpc/detail/session.h"
#include "rpc/metadata.h"
#include "rpc/status.h"
#include "rpc/timeout.h"

namespace sluice::rpc {
namespace {

// A call that takes what comes, answers each message, and ends when the other side does.
struct FuzzCall : detail::Exchange {
    detail::Session** session;
    bool server;
    bool over = false;

    FuzzCall(detail::Session** of, bool on_server) : session(of), server(on_server) {
        prepare({.receive = 100'000, .send = 100'000});
    }
    void on_header(std::string_view name, std::string_view value) override {
        if (name == "grpc-encoding") {
            incoming_compression_ = compression_of(value).value_or(Compression::none);
        } else if (name == "grpc-timeout") {
            (void)timeout_of(value);
        } else if (name == "grpc-message") {
            (void)percent_decoded(value);
        } else if (!name.starts_with(':')) {
            Metadata metadata;
            (void)metadata.add_received(name, value);
        }
    }
    void on_headers_end(bool) override {
        if (!server) return;
        const detail::Header headers[] = {{.name = ":status", .value = "200"}};
        (*session)->respond(this, headers, false);
    }
    void on_message() override {
        while (message_waits()) {
            const auto message = take_message();
            if (!message || !server || outgoing() > 0) continue;
            kept.resize(std::min<std::size_t>(message->size(), 30'000));
            const Bytes pieces[] = {kept};
            (void)post_message(pieces);
        }
        if (input_over()) finish();
    }
    void on_last_byte() override {
        const detail::Header trailers[] = {{.name = "grpc-status", .value = "0"}};
        (*session)->trailers(this, trailers);
    }
    void on_closed(std::uint32_t, const Error*) override { over = true; }

    std::vector<std::uint8_t> kept;
};

struct FuzzEvents : detail::SessionEvents {
    detail::Session* session = nullptr;
    std::vector<std::unique_ptr<FuzzCall>> calls;

    detail::Exchange* on_request(std::int32_t) override {
        return calls.emplace_back(std::make_unique<FuzzCall>(&session, true)).get();
    }
    void on_settings() override {}
    void on_ping(bool, std::uint64_t) override {}
    void on_goaway(std::uint32_t, std::string_view) override {}
    void on_progress() override {}
    void on_exchange_over() override {}
    void on_output() override {}
};

Task<void> feed(detail::Side side, Bytes input) {
    FuzzEvents events;
    {
        detail::Session session({.side = side, .max_streams = 100}, &events);
        events.session = &session;
        detail::Output out;
        std::string preface("\0\0\0\4\0\0\0\0\0", 9);
        if (side == detail::Side::server) {
            preface.insert(0, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        } else {
            FuzzCall* call =
                events.calls.emplace_back(std::make_unique<FuzzCall>(&events.session, false)).get();
            const detail::Header headers[] = {{.name = ":method", .value = "POST"},
                                              {.name = ":scheme", .value = "http"},
                                              {.name = ":authority", .value = "a"},
                                              {.name = ":path", .value = "/a/b"}};
            (void)session.request(call, headers);
        }
        bool alive = session.feed(detail::bytes_of(preface)).has_value();
        while (alive && !input.empty()) {
            alive = session.pull(&out).has_value();
            out.clear();
            // In pieces whose size the input itself gives.
            const std::size_t size = std::min<std::size_t>(input.size(), 1 + input[0] * 8U);
            if (alive) alive = session.feed(input.first(size)).has_value();
            input = input.subspan(size);
        }
        if (alive) (void)session.pull(&out);
        session.lose(canceled_error());
    }
    for (const auto& call : events.calls) {
        if (!call->over) std::abort();
    }
    co_return;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static async::Loop loop;
    const auto side = (data[0] & 1U) != 0 ? detail::Side::client : detail::Side::server;
    async::run_until_done(loop, feed(side, Bytes(data + 1, size - 1)));
    return 0;
}

}  // namespace sluice::rpc
