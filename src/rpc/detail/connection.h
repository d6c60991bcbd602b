#pragma once
// Connection: a session on a stream: one coroutine reads, one writes everything that is ready in
// one write, and a timer keeps the connection alive. The client's and the server's are made of it.
#include <coroutine>
#include <optional>

#include "async/scope.h"
#include "async/stream.h"
#include "rpc/detail/session.h"
#include "rpc/options.h"

namespace sluice::rpc::detail {

struct ConnectionCounters {
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t writes = 0;
    std::uint64_t pings_sent = 0;
    std::uint64_t pings_received = 0;
};

class Connection : protected SessionEvents {
 public:
    // `counters` outlive the connection.
    Connection(async::Stream stream, const SessionOptions& session, KeepaliveOptions keepalive,
               ConnectionCounters* counters);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;

    // Reads and writes until the connection is over and every exchange has been told. Once.
    Task<void> run();
    // Closes at once.
    void end(Error why);
    // Closes when everything that is ready has been written and the peer had time to read it.
    void end_after_output(Error why);
    // Closes when the last exchange is over.
    void end_when_idle();
    bool over() const { return stop_.requested(); }
    // Only when over.
    const Error& why_over() const { return stop_.error(); }

    Session& session() { return session_; }
    async::Stream& stream() { return stream_; }

 protected:
    void on_settings() override {}
    void on_ping(bool acknowledged, std::uint64_t opaque) override;
    void on_goaway(std::uint32_t, std::string_view) override {}
    void on_progress() override {}
    void on_exchange_over() override;
    void on_output() final;
    // After what arrived at once has been understood.
    virtual void on_batch() {}
    virtual std::string_view read_error_words() const = 0;

    void set_keepalive_time(Duration time) { keepalive_.time = time; }
    Duration keepalive_time() const { return keepalive_.time; }

 private:
    struct KeepaliveTimer : async::Timer {
        explicit KeepaliveTimer(Connection* of) : Timer(&KeepaliveTimer::ring), connection(of) {}
        static void ring(Timer* timer) {
            static_cast<KeepaliveTimer*>(timer)->connection->check_keepalive();
        }
        Connection* connection;
    };
    struct OutputAwaiter;

    Task<void> read_loop();
    Task<void> write_loop();
    Task<Result<void>> write_ready();
    Task<void> linger();
    void arm_keepalive(Duration delay);
    void check_keepalive();

    async::Stream stream_;
    Session session_;
    KeepaliveOptions keepalive_;
    ConnectionCounters* counters_;
    Stop stop_;                        // ends both loops
    std::optional<Error> last_words_;  // set by end_after_output
    bool end_when_idle_ = false;
    bool output_waits_ = false;
    std::coroutine_handle<> writer_;  // waits for output
    Output output_;
    async::Clock::time_point last_read_;
    async::Clock::time_point ping_sent_;
    bool ping_waits_ = false;
    KeepaliveTimer keepalive_timer_{this};
};

}  // namespace sluice::rpc::detail
