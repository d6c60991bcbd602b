// How the gate reaches its tablets: a factory that each loop makes its own tablets with.
#include <random>

#include "async/file_version.h"
#include "gate.h"
#include "rpc/auth.h"
#include "rpc/compression.h"
#include "tablet/rpc_tablet.h"

namespace sluice::vtgate {
namespace {

// Larger than HTTP/2's 64 KiB, with which a large result would wait for every 64 KiB.
constexpr std::uint32_t least_window = 1 << 20;

std::uint32_t window(std::int64_t flag, std::uint32_t standard) {
    constexpr std::int64_t most = 0x7fffffff;  // of HTTP/2
    if (flag <= 0) return standard;
    return std::max(static_cast<std::uint32_t>(std::min(flag, most)), least_window);
}

double chance() {
    thread_local std::minstd_rand generator(std::random_device{}());
    return std::uniform_real_distribution<double>(0, 1)(generator);
}

Result<std::shared_ptr<const async::TlsContext>> tls_of(const servenv::RpcClientFlags& flags) {
    const bool own = !flags.cert.empty() && !flags.key.empty();
    if (!own && flags.ca.empty()) return std::shared_ptr<const async::TlsContext>();
    return async::TlsContext::client({.ca = flags.ca,
                                      .certificate = own ? flags.cert : "",
                                      .key = own ? flags.key : "",
                                      .verify = async::TlsContext::Verify::identity,
                                      .min_version = {},
                                      .crl = flags.crl,
                                      .alpn = "h2"});
}

// What the channels of all tablets have in common.
Result<rpc::ChannelOptions> channel_options(const servenv::RpcClientFlags& flags,
                                            std::int64_t max_message_size) {
    rpc::ChannelOptions made;
    made.tls = TRY(tls_of(flags));
    made.server_name = flags.server_name;
    made.keepalive = {
        .time = flags.keepalive_time, .timeout = flags.keepalive_timeout, .without_calls = true};
    made.windows.stream = window(flags.initial_window_size, made.windows.stream);
    made.windows.connection = window(flags.initial_conn_window_size, made.windows.connection);
    made.limits.receive = made.limits.send =
        static_cast<std::size_t>(std::max<std::int64_t>(max_message_size, 0));
    const auto compression =
        flags.compression.empty() ? rpc::Compression::none : rpc::compression_of(flags.compression);
    if (!compression)
        return fail(Code::invalid_argument, "unknown --grpc_compression: " + flags.compression);
    made.compression = *compression;
    made.chance = &chance;
    if (!flags.auth_static_client_creds.empty()) {
        const std::string& file = flags.auth_static_client_creds;
        made.credentials = TRY(rpc::static_credentials(TRY(async::read_file(file, 1 << 20)), file));
    }
    return made;
}

}  // namespace

Result<std::function<rpc::ChannelOptions(const topo::Tablet&)>> Gate::tablet_channels() const {
    auto common = std::make_shared<const rpc::ChannelOptions>(
        TRY(channel_options(flags_->rpc_client, flags_->rpc_server.max_message_size)));
    std::vector<Budget*> budgets;
    for (const auto& core : cores_) budgets.push_back(core->budget.get());
    return [common, budgets](const topo::Tablet& record) {
        rpc::ChannelOptions channel = *common;
        channel.address.host = record.hostname;
        const auto port = record.port_map.find("grpc");
        if (port != record.port_map.end())
            channel.address.port = static_cast<std::uint16_t>(port->second);
        channel.limits.budget = budgets[async::Loop::current().index()];
        return channel;
    };
}

Result<discovery::TabletFactory> Gate::tablet_factory() {
    const std::string& protocol = flags_->discovery.tablet_protocol;
    if (protocol == "mysql") return straight_factory();
    if (protocol != "grpc")
        return unsupported("--tablet_protocol=" + protocol + " (use grpc or mysql)");
    return [channel = TRY(tablet_channels())](const topo::Tablet& record) {
        tablet::RpcTabletOptions options;
        options.channel = channel(record);
        options.keyspace = record.keyspace;
        options.shard = record.shard;
        options.type = vindex::tablet_type_lower_name(record.type);
        options.database =
            record.db_name_override.empty() ? "vt_" + record.keyspace : record.db_name_override;
        return std::make_unique<tablet::RpcTablet>(std::move(options));
    };
}

}  // namespace sluice::vtgate
