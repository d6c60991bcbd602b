// How the gate knows its tablets' health, and whether it holds requests while a primary is missing.
#include <algorithm>

#include "async/wait_queue.h"
#include "discovery/asked_health.h"
#include "gate.h"

namespace sluice::vtgate {
namespace {

std::chrono::milliseconds milliseconds(servenv::Duration duration) {
    return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

discovery::LagRules lag_rules(const servenv::DiscoveryFlags& flags) {
    return {.low = milliseconds(flags.low_replication_lag),
            .high = milliseconds(flags.high_replication_lag_minimum_serving),
            .least = static_cast<std::size_t>(
                std::max<std::int64_t>(flags.min_number_serving_vttablets, 0)),
            .legacy = flags.legacy_replication_lag_algorithm};
}

std::vector<vindex::TabletType> types_of(const std::vector<std::string>& names) {
    std::vector<vindex::TabletType> types;
    for (const std::string& name : names) types.push_back(vindex::tablet_type_of_name(name));
    return types;
}

}  // namespace

Result<discovery::DiscoveryOptions> Gate::discovery_options() const {
    const servenv::DiscoveryFlags& flags = flags_->discovery;
    discovery::DiscoveryOptions options;
    options.cell = flags.cell;
    options.filter = TRY(discovery::TabletFilter::make(
        flags.tablet_filters, flags.keyspaces_to_watch, flags.tablet_filter_tags));
    options.tablet_types_to_wait = types_of(flags.tablet_types_to_wait);
    options.wait_for_consistency = flags_->buffer.enable;
    options.tablet_refresh_interval = milliseconds(flags.tablet_refresh_interval);
    options.refresh_known_tablets = flags.tablet_refresh_known_tablets;
    options.initial_tablet_timeout = milliseconds(flags.gateway_initial_tablet_timeout);
    options.healthcheck_timeout = milliseconds(flags.healthcheck_timeout);
    options.retry_delay = milliseconds(flags.healthcheck_retry_delay);
    // Nobody tells a straight gate that a server is back.
    constexpr std::chrono::milliseconds ask_again{500};
    options.longest_retry_delay =
        straight() ? std::min(ask_again, options.healthcheck_timeout) : options.healthcheck_timeout;
    options.tablets_decide = !straight();
    options.lag = lag_rules(flags);
    if (flags.enable_balancer) {
        options.balancer = {.gate_cells = flags.balancer_vtgate_cells,
                            .keyspaces = flags.balancer_keyspaces};
    }
    options.track_schema = flags_->executor.schema_change_signal;
    options.track_views = flags_->executor.enable_views;
    options.track_udfs = flags_->executor.track_udfs;
    options.foreign_keys_disallowed = flags_->executor.foreign_key_mode != "allow";
    return options;
}

Result<discovery::HealthFactory> Gate::health_factory() {
    if (straight()) {
        // A factory of its own: questions do not wait for the connections that statements have.
        return [tablets = TRY(straight_factory())](const topo::Tablet& record) {
            return discovery::ask_server(tablets(record), record, {});
        };
    }
    return [channel = TRY(tablet_channels())](const topo::Tablet& record) {
        return std::make_unique<tablet::RpcHealth>(channel(record));
    };
}

Result<void> Gate::make_buffer() {
    const servenv::BufferFlags& flags = flags_->buffer;
    if (!flags.enable) return {};
    buffering::BufferOptions options;
    options.enabled = true;
    options.dry_run = flags.enable_dry_run;
    options.size = static_cast<std::size_t>(flags.size);
    options.bytes = static_cast<std::size_t>(std::max<std::int64_t>(flags.memory, 1));
    options.window = flags.window;
    options.max_failover = flags.max_failover_duration;
    options.min_between = flags.min_time_between_failovers;
    options.drain_concurrency = static_cast<std::size_t>(flags.drain_concurrency);
    TRY(options.set_keyspace_shards(flags.keyspace_shards));
    options_.newer_schema_wait = milliseconds(flags.max_failover_duration) / 2;
    buffer_ = std::make_unique<buffering::Buffer>(
        std::move(options), cores_.front()->loop.get(),
        [this](const std::string& keyspace, const std::string& shard, bool reparent) {
            return discovery_->mark_not_serving(keyspace, shard, reparent);
        });
    discovery_->on_keyspace_event(
        [this](const discovery::KeyspaceEvent& event) { buffer_->on_keyspace_event(event); });
    return {};
}

// The configuration file may change them while the gate runs.
Task<void> Gate::follow_lag_rules() {
    discovery::LagRules known = lag_rules(flags_->discovery);
    while (!ending_.requested()) {
        std::ignore = co_await async::pause(std::chrono::seconds(1), &ending_);
        const discovery::LagRules now = lag_rules(flags_->discovery);
        if (now == known) continue;
        known = now;
        discovery_->set_lag_rules(now);
    }
}

}  // namespace sluice::vtgate
