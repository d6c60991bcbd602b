// Step 9 of a request: one call to one shard's MySQL server. Before: gateway. After: mysql/pool.cc
// for a connection, mysql/run.cc for the statement.
#include "tablet/mysql_tablet.h"

#include "async/deadline.h"
#include "mysql/error_code.h"
#include "mysql/pool.h"
#include "mysql/run.h"
#include "tablet/detail/held.h"
#include "tablet/detail/names.h"
#include "tablet/detail/warnings.h"

namespace sluice::tablet {
namespace {

using async::Clock;

// The tablet's sink as the connection sees it.
class Forward : public mysql::ResultSink {
 public:
    Forward(RowSink* to, std::string_view database, std::string_view keyspace)
        : to_(to), database_(database), keyspace_(keyspace) {}

    Result<void> columns(const mysql::Columns& columns) override {
        Result<void> taken = to_->columns({.packets = columns.packets,
                                           .count = columns.count,
                                           .binary = columns.binary,
                                           .database = database_,
                                           .keyspace = keyspace_});
        sequence = to_->sequence;
        return taken;
    }
    Result<bool> rows(const mysql::Rows& rows) override {
        to_->sequence = sequence;
        const RowSink::Take take = TRY(to_->rows({.packets = rows.packets,
                                                  .starts = rows.starts,
                                                  .begins_inside = rows.begins_inside,
                                                  .ends_inside = rows.ends_inside}));
        sequence = to_->sequence;
        return take == RowSink::Take::full;
    }
    Task<Result<void>> drain(Stop* stop) override {
        Result<void> drained = co_await to_->drain(stop);
        sequence = to_->sequence;
        co_return drained;
    }

 private:
    RowSink* to_;
    std::string_view database_, keyspace_;
};

// --queryserver-config-query-timeout, inside what the caller allows.
class QueryLimit : async::Timer {
 public:
    QueryLimit(Stop* outer, Clock::duration limit)
        : Timer(&QueryLimit::fire), linked_(outer), limited_(limit.count() > 0) {
        if (limited_) async::Loop::current().set_timer(this, limit);
    }
    Stop* stop() { return linked_.get(); }

 private:
    static void fire(Timer* timer) {
        static_cast<QueryLimit*>(timer)->linked_.get()->request(make_error(
            Code::canceled, er::query_timeout,
            "Query execution was interrupted, maximum statement execution time exceeded"));
    }
    async::LinkedStop linked_;
    bool limited_;
};

struct TellTaken : mysql::GrantNode {
    explicit TellTaken(TakenNode* of) : node(of) {
        on_grant = [](GrantNode* self) { static_cast<TellTaken*>(self)->tell(); };
    }
    void tell() {
        if (TakenNode* const told = std::exchange(node, nullptr)) told->on_taken(told);
    }
    TakenNode* node;
};

enum class Kind : std::uint8_t { execute, prepare };

// A call in the words of mysql/run.h. Views into the call, which outlives it.
struct Attempt {
    Attempt(const MysqlTabletOptions& options, const mysql::Pool* pool,
            const mysql::Connection& connection, const Call& call, RowSink* sink)
        : forward(sink, options.server.database, options.keyspace) {
        forward.sequence = sink->sequence;
        request.text = call.text;
        request.before = call.before;
        if (call.execution != nullptr) {
            execution = {.statement = call.execution->statement,
                         .key = call.execution->statement_key,
                         .parameters = call.execution->parameters,
                         .null_bitmap = call.execution->null_bitmap,
                         .types = call.execution->types,
                         .values = call.execution->values};
            request.execution = &execution;
        }
        if (const Settings* settings = call.settings) {
            request.settings = {.key = settings->key,
                                .set_statement = settings->set_statement,
                                .reset_statement = settings->reset_statement,
                                .collation = settings->collation};
        }
        if (call.keep_settings) {
            request.settings = {.key = connection.settings_key,
                                .set_statement = {},
                                .reset_statement = {},
                                .collation = connection.asked_collation};
        }
        request.settings_proven = pool->proven(request.settings.key);
    }
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    Task<mysql::Ran> run(mysql::Connection* connection, Kind kind, Stop* stop) {
        if (kind == Kind::prepare) return mysql::prepare(connection, &request, &forward, stop);
        return mysql::run(connection, &request, &forward, stop);
    }
    // After run(): the next one may send these settings together with its statement.
    void prove(mysql::Pool* pool, const mysql::Connection& connection) const {
        const std::uint64_t key = request.settings.key;
        if (!request.settings_proven && connection.in_order() && connection.settings_key == key)
            pool->prove(key);
    }

    Forward forward;
    mysql::Execution execution;
    mysql::Request request;
};

ResultEnd end_of(mysql::Reply&& reply) {
    return {.affected_rows = reply.affected_rows,
            .insert_id = reply.insert_id,
            .status = reply.status,
            .warnings = reply.warnings,
            .columns = reply.columns,
            .rows = reply.rows,
            .text = std::move(reply.text)};
}

mysql::PoolOptions pool_options(const MysqlTabletOptions& options, bool transactions) {
    return {.name = options.keyspace + "/" + options.shard + " (" + options.type + ")",
            .wait_timeout = transactions ? options.transaction_wait : options.pool_wait,
            .wait_error = transactions ? "transaction pool connection limit exceeded"
                                       : "connection pool limit exceeded",
            .idle_timeout = options.idle_timeout,
            .max_lifetime = options.max_lifetime,
            .handles_per_connection = options.handles_per_connection};
}

}  // namespace

struct MysqlTablet::Self {
    MysqlTabletOptions options;
    mysql::Pool plain;
    mysql::Pool transactions;
    HeldTable held;
    async::Scope scope;
    // A server that refused a write is not asked again by each of the next ones.
    Clock::time_point refuses_writes_until{};
    MysqlTabletFigures counts;

    Self(MysqlTabletOptions given, const std::shared_ptr<mysql::ServerLimits>& limits)
        : options(std::move(given)),
          plain(options.server, pool_options(options, false), limits->pooled),
          transactions(options.server, pool_options(options, true), limits->transactions),
          held(
              {.idle = options.transaction_timeout, .age = options.transaction_age},
              [](void* owner, HeldConnection* late) { static_cast<Self*>(owner)->expire(late); },
              this) {}

    std::string_view keyspace() const { return options.keyspace; }
    Error client_error(Error error, mysql::Connection* connection);
    bool may_resend(const Call& call, const Outcome& outcome) const;

    Task<Result<std::unique_ptr<mysql::Connection>>> checkout(mysql::Pool* pool, mysql::Want want,
                                                              Stop* stop);
    Task<Outcome> on_pooled(const Call* call, RowSink* sink, Kind kind);
    Task<Outcome> on_held(const Call* call, RowSink* sink, Kind kind);
    Task<void> add_warnings(const Call* call, mysql::Connection* connection, Outcome* outcome,
                            Stop* stop);
    void settle(std::unique_ptr<mysql::Connection> connection, mysql::Pool* pool, const Call& call,
                bool opened, Outcome* outcome);
    Task<Result<void>> finish(HeldId id, bool keep, bool commit, Stop* stop);
    void expire(HeldConnection* late);
    Task<void> roll_back(std::unique_ptr<mysql::Connection> connection);
    void lose(HeldConnection* lost, std::string_view reason);
};

// The server's error as the client shall see it.
Error MysqlTablet::Self::client_error(Error error, mysql::Connection* connection) {
    error.text =
        with_client_names(std::move(error.text), error.number, options.server.database, keyspace());
    if (error.number == er::option_prevents_statement) connection->read_only = true;
    return error;
}

// Only if nothing of it was written, or it is a read of which nothing has been delivered; a
// transaction that would be opened by it has not been seen by anybody.
bool MysqlTablet::Self::may_resend(const Call& call, const Outcome& outcome) const {
    return !outcome.sent || (!call.is_write && !outcome.delivered);
}

Task<Result<std::unique_ptr<mysql::Connection>>> MysqlTablet::Self::checkout(mysql::Pool* pool,
                                                                             mysql::Want want,
                                                                             Stop* stop) {
    const bool refused_lately = want.writable && refuses_writes_until > Clock::now();
    if (!refused_lately) {
        std::unique_ptr<mysql::Connection> taken = pool->take_now(want);
        if (!taken) taken = CO_TRY(co_await pool->take(want, stop));
        if (!want.writable || !taken->read_only) co_return std::move(taken);
        pool->give(std::move(taken));
        constexpr std::chrono::milliseconds pause{100};
        refuses_writes_until = Clock::now() + pause;
    }
    co_return fail(Code::cluster_event, er::option_prevents_statement,
                   "The MySQL server is running with the --read-only option so it cannot execute "
                   "this statement");
}

Task<void> MysqlTablet::Self::add_warnings(const Call* call, mysql::Connection* connection,
                                           Outcome* outcome, Stop* stop) {
    if (!call->want_warnings || !outcome->end || outcome->end->warnings == 0) co_return;
    outcome->warnings = co_await fetch_warnings(connection, stop);
    for (Warning& warning : outcome->warnings) {
        warning.message =
            with_client_names(std::move(warning.message), static_cast<std::uint16_t>(warning.code),
                              options.server.database, keyspace());
    }
}

Task<Outcome> MysqlTablet::Self::on_pooled(const Call* call, RowSink* sink, Kind kind) {
    Outcome outcome;
    QueryLimit limit(call->stop, options.query_timeout);
    TellTaken taken(call->taken);
    const bool session = call->hold || !call->before.empty();
    mysql::Pool* const pool = session ? &transactions : &plain;
    mysql::Want want{.settings_key = call->settings == nullptr ? 0 : call->settings->key,
                     .found_rows = call->settings != nullptr && call->settings->found_rows,
                     .writable = options.primary && (call->is_write || session),
                     .granted = &taken};
    for (bool again = false;; again = true) {
        std::unique_ptr<mysql::Connection> connection;
        if (!want.fresh && !want.writable) connection = pool->take_now(want);
        if (!connection) {
            Result<std::unique_ptr<mysql::Connection>> found =
                co_await checkout(pool, want, limit.stop());
            if (!found) {
                outcome.end = std::unexpected(std::move(found).error());
                co_return outcome;
            }
            connection = std::move(*found);
        }
        Attempt attempt(options, pool, *connection, *call, sink);
        mysql::Ran ran = co_await attempt.run(connection.get(), kind, limit.stop());
        attempt.prove(pool, *connection);
        outcome.sent = outcome.sent || ran.sent;
        outcome.delivered = outcome.delivered || ran.delivered;
        if (ran.reply) {
            outcome.end = end_of(std::move(*ran.reply));
            co_await add_warnings(call, connection.get(), &outcome, limit.stop());
        } else {
            const bool resend = connection->broken() && !again && !limit.stop()->requested() &&
                                ran.reply.error().number == er::cr_server_lost &&
                                may_resend(*call, outcome);
            if (resend) {
                ++counts.resent;
                outcome.sent = false;
                want.fresh = true;
                pool->give(std::move(connection));
                continue;
            }
            // A server that answers has been reached: what it says of settings or of a statement
            // to prepare is told as it is.
            outcome.sent = outcome.sent || !connection->broken();
            outcome.end =
                std::unexpected(client_error(std::move(ran.reply).error(), connection.get()));
        }
        settle(std::move(connection), pool, *call, ran.opened, &outcome);
        co_return outcome;
    }
}

// What becomes of a connection after its statement.
void MysqlTablet::Self::settle(std::unique_ptr<mysql::Connection> connection, mysql::Pool* pool,
                               const Call& call, bool opened, Outcome* outcome) {
    if (connection->broken()) {
        ++counts.lost;
        // Nothing was done and nobody has seen anything of it: somebody else may answer.
        if (!outcome->end && outcome->end.error().number == er::cr_server_lost &&
            may_resend(call, *outcome)) {
            outcome->end.error().code = Code::unavailable;
        }
        pool->give(std::move(connection));
        return;
    }
    if (connection->due() > 0) {
        ++counts.interrupted;
        pool->cancel(std::move(connection));
        return;
    }
    if (!call.hold || !opened) {
        pool->give(std::move(connection));
        return;
    }
    HeldConnection* const added = held.add(std::move(connection), call.idle_limit);
    added->reserved = call.reserve || call.before.empty();
    added->lease = call.lease;
    outcome->held = added->id;
}

Task<Outcome> MysqlTablet::Self::on_held(const Call* call, RowSink* sink, Kind kind) {
    Outcome outcome;
    Result<HeldConnection*> used = held.use(call->held);
    if (!used) {
        outcome.end = std::unexpected(std::move(used).error());
        outcome.lost = held.find(call->held) == nullptr;
        co_return outcome;
    }
    HeldConnection* const holding = *used;
    mysql::Connection* const connection = holding->connection.get();
    if (call->taken != nullptr) call->taken->on_taken(call->taken);
    if (call->lease) holding->lease = call->lease;
    QueryLimit limit(call->stop, options.query_timeout);
    Attempt attempt(options, &transactions, *connection, *call, sink);
    mysql::Ran ran = co_await attempt.run(connection, kind, limit.stop());
    attempt.prove(&transactions, *connection);
    outcome.sent = ran.sent;
    outcome.delivered = ran.delivered;
    if (ran.reply) {
        outcome.end = end_of(std::move(*ran.reply));
        co_await add_warnings(call, connection, &outcome, limit.stop());
    } else {
        outcome.end = std::unexpected(client_error(std::move(ran.reply).error(), connection));
    }
    if (!connection->in_order() && !connection->broken()) {
        ++counts.interrupted;
        static_cast<void>(
            co_await mysql::interrupt(&options.server, connection, options.interrupt_patience));
    }
    if (connection->broken()) {
        ++counts.lost;
        outcome.lost = true;
        if (!outcome.end && outcome.end.error().number == er::cr_server_lost)
            outcome.end.error().code = Code::aborted;
        lose(holding, "unlocked closed connection");
        co_return outcome;
    }
    if (holding->abandoned) {
        lose(holding, "release connection");
        outcome.lost = true;
        co_return outcome;
    }
    held.unuse(holding);
    outcome.held = call->held;
    co_return outcome;
}

void MysqlTablet::Self::lose(HeldConnection* lost, std::string_view reason) {
    std::unique_ptr<mysql::Connection> connection = held.end(lost, reason);
    connection->close();
    transactions.give(std::move(connection));
}

Task<Result<void>> MysqlTablet::Self::finish(HeldId id, bool keep, bool commit, Stop* stop) {
    HeldConnection* const holding = CO_TRY(held.use(id));
    mysql::Connection* const connection = holding->connection.get();
    Result<mysql::Reply> reply =
        co_await connection->query(commit ? "commit" : "rollback", nullptr, stop);
    holding->reserved = holding->reserved || keep;
    if (!reply && (commit || keep || connection->in_order())) {
        // Whatever the server thinks of the transaction now, it ends with its connection.
        Error error = client_error(std::move(reply).error(), connection);
        if (keep && connection->in_order()) {
            held.unuse(holding);
        } else {
            lose(holding, "unlocked closed connection");
        }
        co_return std::unexpected(std::move(error));
    }
    if (!reply) {
        lose(holding, "transaction rolled back");
        co_return Result<void>{};
    }
    if (holding->abandoned) {
        lose(holding, "release connection");
    } else if (keep) {
        holding->lease.reset();
        holding->began = Clock::now();
        held.unuse(holding);
    } else {
        const bool reserved = holding->reserved;
        std::unique_ptr<mysql::Connection> given =
            held.end(holding, commit ? "transaction committed" : "transaction rolled back");
        if (reserved) given->close();
        transactions.give(std::move(given));
    }
    co_return Result<void>{};
}

// A transaction that was idle or open for too long: rolled back, and its session told at its next
// use.
void MysqlTablet::Self::expire(HeldConnection* late) {
    ++counts.timed_out;
    const bool reserved = late->reserved;
    std::unique_ptr<mysql::Connection> connection =
        held.end(late, HeldTable::timeout_reason(*late));
    if (reserved) connection->close();
    scope.spawn("expire", roll_back(std::move(connection)));
}

Task<void> MysqlTablet::Self::roll_back(std::unique_ptr<mysql::Connection> connection) {
    constexpr std::chrono::seconds patience{2};
    if (!connection->broken()) {
        Stop stop;
        const async::Deadline deadline(&stop, patience,
                                       make_error(Code::deadline_exceeded, "rollback"));
        const Result<mysql::Reply> reply = co_await connection->query("rollback", nullptr, &stop);
        if (!reply) connection->close();
    }
    transactions.give(std::move(connection));
}

MysqlTablet::MysqlTablet(MysqlTabletOptions options, std::shared_ptr<mysql::ServerLimits> limits)
    : self_(std::make_unique<Self>(std::move(options), limits)) {}

MysqlTablet::~MysqlTablet() = default;

Task<Outcome> MysqlTablet::execute(const Call* call, RowSink* sink) {
    if (call->held != not_held) return self_->on_held(call, sink, Kind::execute);
    return self_->on_pooled(call, sink, Kind::execute);
}

Task<Outcome> MysqlTablet::prepare(const Call* call, RowSink* sink) {
    if (call->held != not_held) return self_->on_held(call, sink, Kind::prepare);
    return self_->on_pooled(call, sink, Kind::prepare);
}

Task<Result<void>> MysqlTablet::commit(HeldId held, bool keep, Stop* stop) {
    return self_->finish(held, keep, true, stop);
}

Task<Result<void>> MysqlTablet::rollback(HeldId held, bool keep, Stop* stop) {
    return self_->finish(held, keep, false, stop);
}

Task<void> MysqlTablet::release(HeldId id) {
    HeldConnection* const holding = self_->held.find(id);
    if (holding == nullptr) co_return;
    if (holding->in_use) {
        holding->abandoned = true;  // whoever uses it closes it
        co_return;
    }
    const bool reserved = holding->reserved;
    std::unique_ptr<mysql::Connection> connection = self_->held.end(holding, "release connection");
    if (reserved) connection->close();
    co_await self_->roll_back(std::move(connection));
}

Result<bool> MysqlTablet::is_reserved(HeldId id) {
    HeldConnection* const holding = TRY(self_->held.use(id));
    self_->held.unuse(holding);
    return holding->reserved;
}

Result<void> MysqlTablet::reserve(HeldId id) {
    HeldConnection* const holding = TRY(self_->held.use(id));
    holding->reserved = true;
    self_->held.unuse(holding);
    return {};
}

Result<HeldId> MysqlTablet::renumber(HeldId id, std::string_view reason) {
    HeldConnection* const holding = TRY(self_->held.use(id));
    self_->held.renumber(holding, reason);
    self_->held.unuse(holding);
    return holding->id;
}

void MysqlTablet::end_held(std::string_view reason, bool idle_only) {
    self_->held.for_each([&](HeldConnection* each) {
        if (idle_only && each->connection->in_transaction()) return;
        if (each->in_use) {
            each->abandoned = true;  // whoever uses it closes it
            return;
        }
        const bool reserved = each->reserved;
        std::unique_ptr<mysql::Connection> connection = self_->held.end(each, reason);
        if (reserved) connection->close();
        self_->scope.spawn("end", self_->roll_back(std::move(connection)));
    });
}

Task<void> MysqlTablet::close() {
    while (HeldConnection* const holding = self_->held.any()) {
        VT_ASSERT(!holding->in_use);
        self_->expire(holding);
    }
    co_await self_->scope.join();
    co_await self_->plain.close();
    co_await self_->transactions.close();
}

const MysqlTabletOptions& MysqlTablet::options() const {
    return self_->options;
}

MysqlTabletFigures MysqlTablet::figures() const {
    MysqlTabletFigures figures = self_->counts;
    figures.pooled = self_->plain.open();
    figures.idle = self_->plain.idle();
    figures.waiting = self_->plain.waiting();
    figures.transactions = self_->transactions.open();
    figures.transactions_waiting = self_->transactions.waiting();
    figures.held = self_->held.size();
    return figures;
}

}  // namespace sluice::tablet
