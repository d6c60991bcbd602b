#pragma once
// ShardSessions: the shards' side of one client session: open shard transactions, reserved
// connections and savepoints. Everything that a session sends to shards goes through it. It belongs
// to the session's loop; one statement runs at a time, over several shards at once. Source:
// vtgate-contract 13.1, 13.2, 13.5.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/gateway.h"
#include "gateway/scatter.h"

namespace sluice::transaction {

using async::Stop;
using async::Task;
using gateway::Outcome;
using gateway::RowSink;
using gateway::ScatterOutcome;
using gateway::ShardRequest;

enum class Mode : std::uint8_t { single, multi };
// SINGLE or MULTI in any case; TWOPC is VT12001, other words invalid_argument.
Result<Mode> mode_of_name(std::string_view name);

// How a transaction is begun on each shard.
struct Begin {
    std::string isolation;  // "read committed"; empty: the session's
    bool read_only = false;
    bool read_write = false;  // START TRANSACTION READ WRITE
    bool consistent_snapshot = false;
    bool operator==(const Begin&) const = default;
};

// How a transaction or statement ended, with what SHOW WARNINGS shall tell.
struct Ended {
    Result<void> end;
    std::vector<tablet::Warning> warnings;
};

// The shards' side of a session between two calls of a client that keeps it itself (vtgateservice).
struct CarriedShard {
    std::string keyspace;
    std::string shard;
    vindex::TabletType type = vindex::TabletType::primary;
    vindex::TabletAlias alias;
    tablet::HeldNumbers numbers;
    bool operator==(const CarriedShard&) const = default;
};
struct Carried {
    bool in_transaction = false;
    bool pinned = false;
    Begin how;
    std::vector<std::string> savepoints;  // names, oldest first
    std::vector<CarriedShard> shards;     // in the order of their opening
    bool operator==(const Carried&) const = default;
};

class ShardSessions : public gateway::ShardRunner {
 public:
    explicit ShardSessions(gateway::Gateway* gateway);
    ~ShardSessions() override;  // after release(), or with nothing open

    gateway::Gateway& gateway() { return *gateway_; }

    // A transaction is open in the session, if only lazily: no shard knows of it before its first
    // statement there.
    bool in_transaction() const { return in_transaction_; }
    // How the open transaction was begun.
    const Begin& how() const { return how_; }
    // How often a shard was sent something, since the session began.
    std::uint64_t calls() const { return calls_; }
    // Shards with an open transaction. Tells OK packets' status and SHOW.
    std::size_t open_shards() const;
    void set_mode(Mode mode) { mode_ = mode; }
    // The session's settings (null: defaults), for the statements that this class sends by itself;
    // valid until replaced. Requests bring their own.
    void set_settings(const tablet::Settings* settings) { settings_ = settings; }
    // Who asks, for the same; outlives this object.
    void set_caller(const tablet::Caller* caller) { caller_ = caller; }

    // Opens a transaction; no shard is asked. Call commit() first if one is open.
    void begin(Begin how);
    // No-ops without a transaction. In every case the session is out of the transaction afterwards.
    Task<Ended> commit(Stop* stop);
    Task<Ended> rollback(Stop* stop);
    // Gives up everything, transactions and reserved connections: disconnect, COM_RESET_CONNECTION.
    // Never fails.
    Task<void> release();

    // Goes on where carry() has left, here or in another gate; the settings are those that the
    // connections have. An error: a tablet is gone; release() is all that can follow.
    Result<void> resume(Carried carried);
    // Lets go of everything without ending it: the session is empty afterwards.
    Carried carry();
    // Brings what is held to the session's settings now, instead of with its next statement.
    Task<Result<void>> match_settings(Stop* stop);

    // SAVEPOINT, ROLLBACK TO, RELEASE. `name` without quotes. Unknown names: 1305.
    Task<Result<void>> savepoint(std::string name, Stop* stop);
    Task<Result<void>> rollback_to(std::string name, Stop* stop);
    Task<Result<void>> release_savepoint(std::string name, Stop* stop);

    // From now on each shard that the session uses gives it a connection of its own, kept beyond
    // transactions: for statements that leave state behind. Ends with release() or unpin().
    void pin() { pinned_ = true; }
    bool pinned() const { return pinned_; }
    Task<void> unpin();

    // One request to one shard, as the session's state demands: outside a transaction straight
    // through the gateway, else on the shard's held connection, opened with this statement if need
    // be. Reads, and writes to one shard. A statement that ends the transaction (deadlock, lost
    // connection, ...) has rolled back the other shards when this returns.
    Task<Outcome> execute(const ShardRequest* request, RowSink* sink);
    // Reads from several shards, one sink (gateway/scatter.h).
    Task<ScatterOutcome> read(std::vector<ShardRequest>* requests, RowSink* sink, Stop* stop);
    // A write to any number of shards. Several shards under autocommit are one transaction,
    // committed here. In a transaction a write that fails on some shards only is taken back on the
    // others, or the transaction is rolled back. Rows (RETURNING) go to the sink.
    Task<ScatterOutcome> write(std::vector<ShardRequest>* requests, RowSink* sink, Stop* stop);

    // For gateway::scatter and gateway::ShardStreams. After a fan-out that was run with them, await
    // settle(): it ends the transaction if an error of a shard demands that.
    Task<Outcome> run(const ShardRequest* request, RowSink* sink) override;
    bool holds_connections() const override { return in_transaction_ || pinned_; }
    Task<void> settle();

 private:
    struct OpenShard;
    enum class How : std::uint8_t { commit, roll_back, release };

    Task<Outcome> execute_held(const ShardRequest* request, RowSink* sink);
    Task<Outcome> run_held(const ShardRequest* request, RowSink* sink);
    Task<ScatterOutcome> write_implicit(std::vector<ShardRequest>* requests, RowSink* sink,
                                        Stop* stop);
    Task<ScatterOutcome> write_guarded(std::vector<ShardRequest>* requests, RowSink* sink,
                                       Stop* stop);
    Task<Result<void>> revert(const std::vector<ShardRequest>* requests,
                              const ScatterOutcome* outcome, Stop* stop);
    Task<Result<void>> send(std::vector<OpenShard*> shards, std::string text, Stop* stop);
    Task<std::vector<Result<void>>> end_all(How how);
    Task<void> abandon();
    static Task<Result<void>> send_one(OpenShard* shard, const tablet::Call* call);
    static Task<Result<void>> end_one(OpenShard* shard, How how, Stop* stop);

    Result<void> admit(const ShardRequest& request);
    OpenShard* find(const gateway::ShardTarget& target);
    OpenShard* find_or_open(const gateway::ShardTarget& target);
    std::vector<OpenShard*> in_transaction_shards();
    std::vector<std::string> before_texts(const OpenShard& shard) const;
    void record(OpenShard* shard, const gateway::Answer& answer);
    void forget(OpenShard* shard);
    void forget_transaction();

    gateway::Gateway* gateway_;
    std::uint64_t calls_ = 0;
    const tablet::Settings* settings_ = nullptr;
    const tablet::Caller* caller_ = nullptr;
    Mode mode_ = Mode::multi;
    bool in_transaction_ = false;
    bool pinned_ = false;
    bool must_roll_back_ = false;
    bool statement_savepoint_ = false;  // the running write sets one on each of its shards
    Begin how_;
    std::vector<std::string> savepoints_;           // the user's, oldest first
    std::vector<std::unique_ptr<OpenShard>> open_;  // in the order of their opening
};

}  // namespace sluice::transaction
