// Beside requests: a vttablet's health and schema. Before: discovery, one reader per tablet. After:
// rpc/channel.cc.
#include "tablet/health_stream.h"

#include <limits>

#include "query.pb.h"
#include "rpc/messages.h"
#include "tablet/detail/rpc_error.h"

namespace sluice::tablet {
namespace {

// A keyspace's CREATE statements may be many; a tablet that sends more than this is not believed.
constexpr std::size_t most_schema_bytes = std::size_t{256} << 20U;

vindex::TabletType type_of(::topodata::TabletType type) {
    const int number = static_cast<int>(type);
    return number >= 0 && number <= 8 ? static_cast<vindex::TabletType>(number)
                                      : vindex::TabletType::unknown;
}

HealthTarget target_of(const ::query::Target& target) {
    return {target.keyspace(), target.shard(), type_of(target.tablet_type()), target.cell()};
}

HealthStats stats_of(const ::query::RealtimeStats& message) {
    HealthStats stats;
    stats.health_error = message.health_error();
    stats.replication_lag_seconds = message.replication_lag_seconds();
    stats.binlog_players_count = message.binlog_players_count();
    stats.filtered_replication_lag_seconds = message.filtered_replication_lag_seconds();
    stats.cpu_usage = message.cpu_usage();
    stats.qps = message.qps();
    stats.table_schema_changed.assign(message.table_schema_changed().begin(),
                                      message.table_schema_changed().end());
    stats.view_schema_changed.assign(message.view_schema_changed().begin(),
                                     message.view_schema_changed().end());
    stats.udfs_changed = message.udfs_changed();
    stats.tx_unresolved = message.tx_unresolved();
    return stats;
}

HealthMessage message_of(const ::query::StreamHealthResponse& response) {
    HealthMessage message;
    if (response.has_target()) message.target = target_of(response.target());
    message.serving = response.serving();
    message.primary_term_start = response.primary_term_start_timestamp();
    if (response.has_realtime_stats()) message.stats = stats_of(response.realtime_stats());
    if (response.has_tablet_alias()) {
        message.alias =
            vindex::TabletAlias{response.tablet_alias().cell(), response.tablet_alias().uid()};
    }
    return message;
}

void set_target(const HealthTarget& target, ::query::Target* message) {
    message->set_keyspace(target.keyspace);
    message->set_shard(target.shard);
    message->set_tablet_type(static_cast<::topodata::TabletType>(target.type));
}

::query::GetSchemaRequest request_of(const HealthTarget& target, SchemaKind kind,
                                     const std::vector<std::string>& names) {
    ::query::GetSchemaRequest request;
    set_target(target, request.mutable_target());
    request.set_table_type(static_cast<::query::SchemaTableType>(kind));
    for (const std::string& name : names) request.add_table_names(name);
    return request;
}

Task<Result<SchemaParts>> read_schema(rpc::Channel* channel,
                                      const ::query::GetSchemaRequest* request, Stop* stop) {
    rpc::ClientCall call;
    CO_TRY(co_await channel->start(&call, "/queryservice.Query/GetSchema", {}, stop));
    if (const Result<void> sent = co_await rpc::send(&call, request, stop); !sent && !call.ended())
        co_return fail(sent.error());
    call.finish_sending();
    SchemaParts parts;
    std::size_t bytes = 0;
    while (true) {
        ::query::GetSchemaResponse response;
        const bool more = CO_TRY(co_await rpc::receive(&call, &response, stop));
        if (!more) co_return parts;
        bytes += response.ByteSizeLong();
        if (bytes > most_schema_bytes)
            co_return fail(Code::resource_exhausted, "a tablet sends more than 256 MiB of schema");
        for (const auto& [name, text] : response.table_definition()) parts.definitions[name] = text;
        for (const auto& udf : response.udfs()) {
            parts.udfs.push_back(
                {udf.name(), udf.aggregating(), static_cast<Type>(udf.return_type())});
        }
    }
}

DistributedTransaction transaction_of(const ::query::TransactionMetadata& message) {
    DistributedTransaction transaction;
    transaction.id = message.dtid();
    const int state = message.state();
    if (state >= 0 && state <= 3) transaction.state = static_cast<TransactionState>(state);
    transaction.created = std::chrono::nanoseconds(message.time_created());
    for (const ::query::Target& each : message.participants())
        transaction.participants.push_back(target_of(each));
    return transaction;
}

Task<Result<std::vector<DistributedTransaction>>> read_transactions(rpc::Channel* channel,
                                                                    const HealthTarget* target,
                                                                    const std::string* id,
                                                                    Stop* stop) {
    std::vector<DistributedTransaction> found;
    if (!id->empty()) {
        ::query::ReadTransactionRequest request;
        set_target(*target, request.mutable_target());
        request.set_dtid(*id);
        const auto answer = CO_TRY(co_await rpc::unary<::query::ReadTransactionResponse>(
            channel, "/queryservice.Query/ReadTransaction", &request, {}, stop));
        if (!answer.metadata().dtid().empty()) found.push_back(transaction_of(answer.metadata()));
        co_return found;
    }
    ::query::UnresolvedTransactionsRequest request;
    set_target(*target, request.mutable_target());
    const auto answer = CO_TRY(co_await rpc::unary<::query::UnresolvedTransactionsResponse>(
        channel, "/queryservice.Query/UnresolvedTransactions", &request, {}, stop));
    for (const auto& each : answer.transactions()) found.push_back(transaction_of(each));
    co_return found;
}

}  // namespace

Task<Result<std::vector<DistributedTransaction>>> HealthSource::transactions(HealthTarget,
                                                                             std::string, Stop*) {
    co_return fail(Code::unimplemented, er::not_supported_yet,
                   "VT12001: unsupported: distributed transactions without tablets");
}

RpcHealth::RpcHealth(rpc::ChannelOptions options) : options_(std::move(options)) {}

RpcHealth::~RpcHealth() {
    VT_ASSERT(!channel_);
}

Task<void> RpcHealth::end_call() {
    call_.reset();
    // Who reads a schema over it closes it behind itself.
    const std::shared_ptr<rpc::Channel> last = std::exchange(channel_, nullptr);
    if (last) co_await last->close();
}

Task<Result<void>> RpcHealth::open(Stop* stop) {
    co_await end_call();
    channel_ = std::make_shared<rpc::Channel>(options_);
    call_ = std::make_unique<rpc::ClientCall>();
    CO_TRY(co_await channel_->start(call_.get(), "/queryservice.Query/StreamHealth", {}, stop));
    const ::query::StreamHealthRequest request;
    if (const Result<void> sent = co_await rpc::send(call_.get(), &request, stop);
        !sent && !call_->ended()) {
        co_return fail(sent.error());
    }
    call_->finish_sending();
    co_return Result<void>{};
}

Task<Result<HealthMessage>> RpcHealth::next(Stop* stop) {
    if (!call_) co_return bug("a health stream is read before it is opened");
    ::query::StreamHealthResponse response;
    const bool more = CO_TRY(co_await rpc::receive(call_.get(), &response, stop));
    if (!more) co_return fail(Code::unavailable, "the tablet has ended its health stream");
    co_return message_of(response);
}

Task<Result<SchemaParts>> RpcHealth::schema(HealthTarget target, SchemaKind kind,
                                            std::vector<std::string> names, Stop* stop) {
    // Ours too, if the stream is opened again meanwhile: closing it ends this call with CANCELED.
    const std::shared_ptr<rpc::Channel> channel = channel_;
    if (!channel) co_return fail(Code::unavailable, "the tablet is not connected");
    const ::query::GetSchemaRequest request = request_of(target, kind, names);
    co_return co_await read_schema(channel.get(), &request, stop);
}

Task<Result<std::vector<DistributedTransaction>>> RpcHealth::transactions(HealthTarget target,
                                                                          std::string id,
                                                                          Stop* stop) {
    const std::shared_ptr<rpc::Channel> channel = channel_;
    if (!channel) co_return fail(Code::unavailable, "the tablet is not connected");
    auto found = co_await read_transactions(channel.get(), &target, &id, stop);
    if (!found && !stop->requested()) {
        const std::string where = "target: " + target.keyspace + "." + target.shard + ".primary: ";
        co_return fail(rpc_error(std::move(found).error(), where));
    }
    co_return found;
}

Task<void> RpcHealth::close() {
    co_await end_call();
}

}  // namespace sluice::tablet
