#pragma once
// The contract of one shard's query service. MysqlTablet talks to a MySQL server, RpcTablet to a
// vttablet. Nothing above this header knows which one it has. A Tablet belongs to one
// loop.
//
// A query crosses the contract as views: the text that MySQL shall run, and (for tablets that want
// it) the plan's normalised text with its bind variables. Rows cross it as MySQL row packets, never
// cut.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/stop.h"
#include "async/task.h"
#include "base/error.h"
#include "values/value.h"

namespace sluice::tablet {

using async::Stop;
using async::Task;

// How a result ended: the server's OK or EOF. `columns` is 0 for statements without a result set.
struct ResultEnd {
    std::uint64_t affected_rows = 0;
    std::uint64_t insert_id = 0;
    std::uint16_t status = 0;    // server status flags, as the server sent them
    std::uint16_t warnings = 0;  // number of warnings on the server
    std::uint32_t columns = 0;
    std::uint64_t rows = 0;
    std::string text;  // "Rows matched: 1  Changed: 1  Warnings: 0", "Records: 2 ..."
};

struct Warning {
    std::string level;  // Note, Warning, Error
    std::uint32_t code = 0;
    std::string message;
};

// Column definitions as the server sent them: whole packets, one after another, headers included.
struct ColumnPackets {
    std::span<const std::uint8_t> packets;
    std::uint32_t count = 0;
    bool binary = false;  // rows will be binary rows
    // The server's name of the database and what clients call it; the sink renames. Both empty:
    // nothing to rename.
    std::string_view database;
    std::string_view keyspace;
};

// Row packets, headers included, sequence numbers stamped from the sink's `sequence` on. A row
// larger than the receive buffer comes in several runs: `starts` counts the rows that begin in this
// one.
struct RowRun {
    std::span<std::uint8_t> packets;
    std::uint64_t starts = 0;
    bool begins_inside = false;  // the first bytes continue a packet of the run before
    bool ends_inside = false;    // the last packet goes on in the next run
};

// Where a result goes. Called on the tablet's loop, in order: columns, rows*, and then the call
// returns.
class RowSink {
 public:
    RowSink() = default;
    RowSink(const RowSink&) = delete;
    RowSink& operator=(const RowSink&) = delete;
    virtual ~RowSink() = default;

    virtual Result<void> columns(const ColumnPackets& columns) = 0;

    enum class Take : std::uint8_t {
        more,  // taken (copied, or not needed)
        full,  // drain() must be awaited before the run's bytes are given up
    };
    virtual Result<Take> rows(const RowRun& run) = 0;
    virtual Task<Result<void>> drain(Stop* stop) = 0;

    // The sequence number that the next row packet will carry at the client. The tablet stamps rows
    // with it and counts on.
    std::uint8_t sequence = 0;
};

// Session state that a connection must have before a statement runs on it, made once per change of
// the session and shared by its statements. Equal keys mean equal settings.
struct Settings {
    std::uint64_t key = 0;      // 0: the defaults of a fresh connection
    std::string set_statement;  // "set sql_mode = '...', time_zone = '...'"; empty for the defaults
    std::string reset_statement;  // brings a connection with these settings back to the defaults
    bool found_rows = false;      // CLIENT_FOUND_ROWS: affected rows count matched rows
    std::uint16_t collation =
        0;  // of the connection (character_set_client and _results); 0: utf8mb4 default
    bool operator==(const Settings&) const = default;
};

// A prepared statement's execution in the binary protocol. Views are valid during the call.
struct Execution {
    std::string_view statement;       // the text that the shard prepares, with ? for parameters
    std::uint64_t statement_key = 0;  // hash of `statement`: handles are found by it, then compared
    std::uint16_t parameters = 0;
    std::span<const std::uint8_t> null_bitmap;
    std::span<const std::uint8_t> types;   // two bytes each, as in COM_STMT_EXECUTE
    std::span<const std::uint8_t> values;  // as they stand in COM_STMT_EXECUTE
};

// Identifies a connection that this tablet holds for a session: an open transaction or a reserved
// one.
using HeldId = std::uint64_t;
inline constexpr HeldId not_held = 0;

// A held connection as a client carries it that keeps its session itself (vtgateservice): what the
// tablet calls its transaction and its reservation. 0: none.
struct HeldNumbers {
    std::int64_t transaction_id = 0;
    std::int64_t reserved_id = 0;
    bool operator==(const HeldNumbers&) const = default;
};

// Told once, when a statement has its connection or the right to open one, and before it is sent: a
// fan-out takes its connections in shard order, so that two of them never wait for each other.
struct TakenNode {
    void (*on_taken)(TakenNode* self) = nullptr;
};

// Who asks, for tablets that ask: the user that the gate has let in, and whom the application says
// it calls for.
struct Caller {
    std::string user;
    std::vector<std::string> groups;
    std::string principal, component, subcomponent;
    std::vector<std::string> principal_groups;
};

// What a tablet may be told about how to run a statement; MysqlTablet needs none of it.
struct QueryOptions {
    enum class Workload : std::uint8_t { unspecified, oltp, olap, dba };
    Workload workload = Workload::unspecified;
    enum class Consolidator : std::uint8_t { unspecified, disabled, enabled, enabled_replicas };
    Consolidator consolidator = Consolidator::unspecified;
    bool skip_query_plan_cache = false;
    bool has_created_temp_tables = false;
    std::string workload_name;  // a label of metrics
    std::string priority;       // "0" to "100", for the transaction throttler
    // After which the tablet gives up, instead of after its own limit; zero: never.
    std::optional<std::chrono::milliseconds> timeout;
};

struct Call {
    std::string_view text;  // what MySQL runs (text protocol), unless `execution` is set
    const Execution* execution = nullptr;  // binary protocol
    // For tablets that take it, instead of both: the plan's text with bind variables. `binary`: the
    // sink takes binary rows.
    std::string_view normalized;
    const BindVars* variables = nullptr;
    bool binary = false;
    const Settings* settings = nullptr;  // null: defaults
    HeldId held = not_held;              // run on this held connection
    // Opens a transaction on the connection first, in one write with the statement: "begin", "start
    // transaction read only" ...; statements joined by the tablet, each with its own answer. Empty:
    // none.
    std::span<const std::string> before;
    bool hold = false;     // keep the connection for the session (transaction or reservation)
    bool reserve = false;  // with hold: beyond the transaction, as the statement may leave state
    // With hold: how long the connection may be held unused; nothing: the tablet's own limit, zero:
    // for ever.
    std::optional<std::chrono::milliseconds> idle_limit;
    // With hold: kept until the transaction has ended.
    std::shared_ptr<const void> lease;
    // On a held connection: whatever settings are in force stay so.
    bool keep_settings = false;
    bool is_write = false;  // never sent again once a byte of it was written
    bool stream = false;    // rows may be many: in parts, without the tablet's limit of rows
    bool want_warnings =
        false;  // fetch the warnings before the connection is given back, if there are any
    Stop* stop = nullptr;
    TakenNode* taken = nullptr;
    const Caller* caller = nullptr;         // null: nobody
    const QueryOptions* options = nullptr;  // null: none
};

// An outcome names a held connection even if the statement failed: it must be recorded, or it
// leaks.
struct Outcome {
    Result<ResultEnd> end;
    HeldId held = not_held;
    std::vector<Warning> warnings;
    bool sent = false;       // something of the statement may have reached the server
    bool delivered = false;  // columns or rows have gone to the sink
    bool lost = false;       // the held connection is gone, and its transaction with it
};

class Tablet {
 public:
    Tablet() = default;
    Tablet(const Tablet&) = delete;
    Tablet& operator=(const Tablet&) = delete;
    virtual ~Tablet() = default;

    // `call` and `sink` outlive the task.
    virtual Task<Outcome> execute(const Call* call, RowSink* sink) = 0;

    // Asks the server what a statement with `?` parameters returns (COM_STMT_PREPARE): the columns
    // go to the sink, no rows follow; ResultEnd.columns is their number. The handle is kept for
    // executions of the same text. Uses call->text, settings, held and stop. An RpcTablet needs the
    // plan's field query in call->normalized (with variables) instead, and asks that.
    virtual Task<Outcome> prepare(const Call* call, RowSink* sink) = 0;

    // Ends a held transaction. Commit and rollback give the connection back unless `keep` (a
    // reserved one).
    virtual Task<Result<void>> commit(HeldId held, bool keep, Stop* stop) = 0;
    virtual Task<Result<void>> rollback(HeldId held, bool keep, Stop* stop) = 0;
    // Gives up a held connection whatever its state; its transaction is rolled back. Never fails.
    virtual Task<void> release(HeldId held) = 0;
    // Between two calls of a client that keeps its session itself, nobody here has its connections:
    // hand_out() makes a held one's numbers, and forgets whose it was; take_over() makes it a held
    // one again, with the settings that it has by now. These two are for tablets whose connections
    // live here, under one number; numbers that nobody holds are found out by their next use.
    virtual HeldNumbers hand_out(HeldId held, bool transaction, bool reserved) {
        const auto number = static_cast<std::int64_t>(held);
        return {.transaction_id = transaction ? number : 0, .reserved_id = reserved ? number : 0};
    }
    virtual HeldId take_over(HeldNumbers numbers, const Settings* settings) {
        static_cast<void>(settings);
        return static_cast<HeldId>(numbers.transaction_id != 0 ? numbers.transaction_id
                                                               : numbers.reserved_id);
    }
    // Rolls back and closes everything; awaited once before the tablet is destroyed, and nothing
    // may be started after it.
    virtual Task<void> close() { co_return; }
};

// A sink for statements whose rows nobody wants; a row is ignored.
class NoRows : public RowSink {
 public:
    Result<void> columns(const ColumnPackets&) override { return {}; }
    Result<Take> rows(const RowRun&) override { return Take::more; }
    Task<Result<void>> drain(Stop*) override { co_return Result<void>{}; }
};

}  // namespace sluice::tablet
