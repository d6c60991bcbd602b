// The transport under every RPC. All frames that became ready in one turn of the loop go out in one
// write; a connection reads once per wake-up.
#include "rpc/detail/connection.h"

#include <sys/socket.h>

#include "async/wait_queue.h"
#include "rpc/status.h"

namespace sluice::rpc::detail {

using async::Clock;
using async::Loop;

namespace {

// A peer that takes nothing for this long is cut, as TCP's user time-out would do.
constexpr std::chrono::seconds write_patience{20};
// How long a peer has to read our last frames before the socket is closed under it.
constexpr std::chrono::seconds linger_time{1};
constexpr std::uint64_t keepalive_ping = 0x736c756963652e2eU;

}  // namespace

struct Connection::OutputAwaiter {
    Connection* connection;
    bool await_ready() const noexcept { return connection->output_waits_ || connection->over(); }
    void await_suspend(std::coroutine_handle<> frame) const noexcept {
        connection->writer_ = frame;
    }
    void await_resume() const noexcept {}
};

Connection::Connection(async::Stream stream, const SessionOptions& session,
                       KeepaliveOptions keepalive, ConnectionCounters* counters)
    : stream_(std::move(stream)),
      session_(session, this),
      keepalive_(keepalive),
      counters_(counters),
      last_read_(Clock::now()) {
    stream_.set_write_timeout(write_patience);
    output_waits_ = true;  // our settings
}

void Connection::on_output() {
    if (output_waits_) return;
    output_waits_ = true;
    if (writer_) Loop::current().resume_last(std::exchange(writer_, nullptr));
}

Task<void> Connection::run() {
    async::Scope scope;
    if (keepalive_.time > Duration::zero()) arm_keepalive(keepalive_.time);
    scope.spawn("rpc write", write_loop());
    co_await read_loop();
    co_await scope.join();
    keepalive_timer_.clear();
    stream_.close();
    session_.lose(stop_.error());
}

void Connection::end(Error why) {
    stop_.request(std::move(why));
    if (writer_) Loop::current().resume_soon(std::exchange(writer_, nullptr));
}

void Connection::end_after_output(Error why) {
    if (!last_words_) last_words_ = std::move(why);
    on_output();
}

void Connection::end_when_idle() {
    end_when_idle_ = true;
    on_exchange_over();
}

void Connection::on_exchange_over() {
    if (end_when_idle_ && session_.exchanges() == 0 && !over()) {
        end_after_output(unavailable_error("the connection was drained"));
    }
}

Task<void> Connection::read_loop() {
    while (!over()) {
        const Result<void> filled = co_await stream_.fill(&stop_);
        if (!filled) {
            end(last_words_ ? *last_words_
                            : unavailable_error(std::string(read_error_words()) + ": " +
                                                filled.error().text));
            break;
        }
        last_read_ = Clock::now();
        const std::span<std::uint8_t> bytes = stream_.received();
        counters_->bytes_received += bytes.size();
        const Result<void> fed = last_words_ ? Result<void>{} : session_.feed(bytes);
        stream_.consume(bytes.size());
        if (!fed) {
            end_after_output(fed.error());
            continue;
        }
        on_batch();
        if (session_.wants_write() || !session_.alive()) on_output();
    }
}

Task<Result<void>> Connection::write_ready() {
    for (;;) {
        output_.clear();
        CO_TRY(session_.pull(&output_));
        if (output_.view().empty()) co_return Result<void>{};
        counters_->bytes_sent += output_.view().size();
        ++counters_->writes;
        CO_TRY(co_await stream_.write(output_.view(), {}, &stop_));
    }
}

Task<void> Connection::write_loop() {
    while (!over()) {
        co_await OutputAwaiter{this};
        if (over()) break;
        output_waits_ = false;
        const Result<void> written = co_await write_ready();
        if (written && !session_.alive() && !last_words_) {  // GOAWAY is out and no call is left
            last_words_ = unavailable_error("transport is closing");
        }
        if (!written) {
            end(unavailable_error("error writing to the connection: " + written.error().text));
        } else if (last_words_ && !output_waits_) {
            co_await linger();
        }
    }
}

// Closing a socket with unread bytes would throw away what the peer has not read yet.
Task<void> Connection::linger() {
    ::shutdown(stream_.socket().descriptor(), SHUT_WR);
    const Result<void> paused = co_await async::pause(linger_time, &stop_);
    if (paused) end(*last_words_);
}

void Connection::arm_keepalive(Duration delay) {
    Loop::current().set_timer(&keepalive_timer_, delay);
}

void Connection::check_keepalive() {
    if (over()) return;
    const Clock::time_point now = Clock::now();
    if (ping_waits_ && last_read_ >= ping_sent_) ping_waits_ = false;
    if (ping_waits_) {
        end(unavailable_error("keepalive ping failed to receive ACK within timeout"));
        return;
    }
    const Duration silent = now - last_read_;
    if (silent < keepalive_.time) {
        arm_keepalive(keepalive_.time - silent);
    } else if (session_.exchanges() == 0 && !keepalive_.without_calls) {
        arm_keepalive(keepalive_.time);
    } else {
        session_.ping(keepalive_ping);
        ++counters_->pings_sent;
        ping_waits_ = true;
        ping_sent_ = now;
        arm_keepalive(keepalive_.timeout > Duration::zero() ? keepalive_.timeout
                                                            : Duration(linger_time));
    }
}

void Connection::on_ping(bool acknowledged, std::uint64_t) {
    if (!acknowledged) {
        ++counters_->pings_received;
    } else if (ping_waits_) {
        ping_waits_ = false;
        arm_keepalive(keepalive_.time);
    }
}

}  // namespace sluice::rpc::detail
