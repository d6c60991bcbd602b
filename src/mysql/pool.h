#pragma once
// Connections of one loop to one server, as one user, to one database. Bounded by permits that all
// loops share; waiting is first come, first served, with a deadline.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "async/scope.h"
#include "mysql/connection.h"
#include "mysql/permits.h"
#include "mysql/server.h"

namespace sluice::mysql {

struct PoolOptions {
    std::string name{};  // for people: "customer/-80"
    std::chrono::milliseconds wait_timeout = limits::pool_wait;
    std::string wait_error{};  // begins the text of 1203; empty: "connection pool limit exceeded"
    std::chrono::milliseconds idle_timeout = std::chrono::minutes(30);  // 0: never
    std::chrono::milliseconds max_lifetime{0};                          // 0: for ever
    std::size_t handles_per_connection = 64;                            // prepared statements
};

// Told once, when a caller of take() has its connection or the right to open one.
struct GrantNode {
    void (*on_grant)(GrantNode* self) = nullptr;
};

struct Want {
    std::uint64_t settings_key = 0;
    bool found_rows = false;
    bool fresh = false;     // a new connection, not an idle one
    bool writable = false;  // an idle one that was read-only when it was made will not do
    GrantNode* granted = nullptr;
};

class Pool : public PermitMember::Owner, public Connection::IdleWatcher {
 public:
    // Made, used and destroyed on one loop.
    Pool(Server server, PoolOptions options, std::shared_ptr<Permits> permits);
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    // close() was awaited, or nothing runs.
    ~Pool() override;

    // An idle connection, without waiting; null if there is none or others wait.
    std::unique_ptr<Connection> take_now(const Want& want);
    // Errors: 1203 (resource_exhausted) when the wait is over, the stop's, those of a new
    // connection.
    Task<Result<std::unique_ptr<Connection>>> take(Want want, Stop* stop);
    // Connections that are not in order, in a transaction or too old are closed. A connection may
    // also just be destroyed.
    void give(std::unique_ptr<Connection> connection);
    // Interrupts what runs on it in the background; then it is given back.
    void cancel(std::unique_ptr<Connection> connection);

    // Ends all waits and background work and closes what is idle.
    Task<void> close();

    const Server& server() const { return server_; }
    const PoolOptions& options() const { return options_; }
    std::size_t idle() const { return idle_.size(); }
    std::size_t open() const { return member_->held; }
    std::size_t waiting() const { return waiting_; }
    // Connections made so far.
    std::uint64_t made() const { return made_; }

    // Settings statements that the server has accepted: from then on they travel with the query.
    bool proven(std::uint64_t settings_key) const {
        return settings_key == 0 || proven_.contains(settings_key);
    }
    void prove(std::uint64_t settings_key);

    void permit_free() override;
    void permit_wanted() override;
    void gone(Connection* connection) override;

 private:
    class Waiter;
    struct Trim : async::Timer {
        explicit Trim(Pool* of) : Timer(&Trim::fire), pool(of) {}
        static void fire(Timer* timer);
        Pool* pool;
    };

    std::unique_ptr<Connection> take_idle(const Want& want);
    bool spare_idle(Permit* permit);
    bool grant(Waiter* waiter);
    void serve();
    void remove(Waiter* waiter);
    Task<Result<std::unique_ptr<Connection>>> make(Permit permit, Want want, Stop* stop);
    Task<Result<void>> inspect(Connection* connection, Stop* stop);
    Task<void> cancel_then_give(std::unique_ptr<Connection> connection);
    void trim();
    void arm_trim();
    Error wait_over() const;

    Server server_;
    PoolOptions options_;
    std::shared_ptr<ServerHandles> handles_;
    std::shared_ptr<Permits> permits_;
    std::shared_ptr<PermitMember> member_;
    std::vector<std::unique_ptr<Connection>> idle_;    // the last one was used last
    std::vector<std::unique_ptr<Connection>> fallen_;  // hung up while idle, to be destroyed soon
    std::unordered_set<std::uint64_t> proven_;
    Waiter* first_ = nullptr;
    Waiter* last_ = nullptr;
    std::size_t waiting_ = 0;
    std::uint64_t made_ = 0;
    bool closing_ = false;
    Trim trim_{this};
    async::Scope scope_;
};

}  // namespace sluice::mysql
