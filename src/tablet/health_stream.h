#pragma once
// What a tablet says of its own health and schema, and how it is asked (vtgate-contract 7.2,
// vttablet-contract 2.1, 2.2). RpcHealth asks a vttablet; discovery asks a MySQL server in its
// place where there is no tablet.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rpc/channel.h"
#include "values/value.h"
#include "vindex/target.h"

namespace sluice::tablet {

using async::Stop;
using async::Task;

// Whom a tablet serves now; may differ from its record.
struct HealthTarget {
    std::string keyspace;
    std::string shard;
    vindex::TabletType type = vindex::TabletType::unknown;
    std::string cell;
    bool operator==(const HealthTarget&) const = default;
};

struct HealthStats {
    std::string health_error;  // not empty: the tablet is not healthy, and why
    std::uint32_t replication_lag_seconds = 0;
    std::int32_t binlog_players_count = 0;
    std::int64_t filtered_replication_lag_seconds = 0;
    double cpu_usage = 0;
    double qps = 0;
    std::vector<std::string> table_schema_changed;  // since the last message that named any
    std::vector<std::string> view_schema_changed;
    bool udfs_changed = false;
    bool tx_unresolved = false;  // an unfinished distributed transaction is too old
    bool operator==(const HealthStats&) const = default;
};

struct HealthMessage {
    std::optional<HealthTarget> target;  // a message without it or `stats` is not valid
    bool serving = false;
    std::int64_t primary_term_start = 0;  // seconds since 1970; 0 unless it is the primary
    std::optional<HealthStats> stats;
    std::optional<vindex::TabletAlias> alias;  // who answers
    std::string server_version{};  // of a MySQL server that was asked directly; else empty
};

enum class SchemaKind : std::uint8_t { views = 0, tables = 1, all = 2, udfs = 3 };

struct Udf {
    std::string name;
    bool aggregating = false;
    Type return_type = Type::null_type;
    bool operator==(const Udf&) const = default;
};

struct SchemaParts {
    std::map<std::string, std::string> definitions;  // by name: CREATE statements
    std::vector<Udf> udfs;
};

enum class TransactionState : std::uint8_t { unknown = 0, prepare = 1, rollback = 2, commit = 3 };

// A distributed transaction that the tablet decides about (vtgate-contract 13.3).
struct DistributedTransaction {
    std::string id;  // "keyspace:shard:number"
    TransactionState state = TransactionState::unknown;
    std::chrono::nanoseconds created{0};  // since 1970
    std::vector<HealthTarget> participants;
    bool operator==(const DistributedTransaction&) const = default;
};

// One tablet's health, followed by one reader on one loop.
class HealthSource {
 public:
    HealthSource() = default;
    HealthSource(const HealthSource&) = delete;
    HealthSource& operator=(const HealthSource&) = delete;
    virtual ~HealthSource() = default;

    // Begins anew, whatever was before. The first message is the state of now.
    virtual Task<Result<void>> open(Stop* stop) = 0;
    // The next message. Any error (but the stop's) ends the stream: open it again.
    virtual Task<Result<HealthMessage>> next(Stop* stop) = 0;
    // Somebody could not reach the tablet: look now instead of at the next occasion.
    virtual void look_now() {}

    // CREATE statements of the named tables or views (none named: all), or the functions.
    virtual Task<Result<SchemaParts>> schema(HealthTarget target, SchemaKind kind,
                                             std::vector<std::string> names, Stop* stop) = 0;

    // The distributed transaction of this id, or (empty) all that have been unfinished for too
    // long. Without a tablet there are none: an error.
    virtual Task<Result<std::vector<DistributedTransaction>>> transactions(HealthTarget target,
                                                                           std::string id,
                                                                           Stop* stop);

    // Once, before it is destroyed; nothing else may run.
    virtual Task<void> close() = 0;
};

// queryservice.Query/StreamHealth and GetSchema over a connection of its own, so that a stalled
// result never delays the news that a primary has changed.
class RpcHealth : public HealthSource {
 public:
    // Made, used and destroyed on one loop.
    explicit RpcHealth(rpc::ChannelOptions options);
    ~RpcHealth() override;

    Task<Result<void>> open(Stop* stop) override;
    Task<Result<HealthMessage>> next(Stop* stop) override;
    Task<Result<SchemaParts>> schema(HealthTarget target, SchemaKind kind,
                                     std::vector<std::string> names, Stop* stop) override;
    Task<Result<std::vector<DistributedTransaction>>> transactions(HealthTarget target,
                                                                   std::string id,
                                                                   Stop* stop) override;
    Task<void> close() override;

 private:
    Task<void> end_call();

    rpc::ChannelOptions options_;
    // A connection is never retried by the channel's own pauses: each open() connects anew.
    std::shared_ptr<rpc::Channel> channel_;
    std::unique_ptr<rpc::ClientCall> call_;
};

}  // namespace sluice::tablet
