// How the gate reaches its tablets: a factory that each loop makes its own tablets with.
#include "gate.h"
#include "servenv/rpc_settings.h"
#include "tablet/rpc_tablet.h"

namespace sluice::vtgate {
Result<std::function<rpc::ChannelOptions(const topo::Tablet&)>> Gate::tablet_channels() const {
    auto common = std::make_shared<const rpc::ChannelOptions>(
        TRY(servenv::rpc_channel_options(flags_->rpc_client, flags_->rpc_server.max_message_size)));
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
