// Beside requests: the door and the worker that makes snapshots. Before: the topology's records.
// After: every core's Core, from which requests read.
#include "discovery/discovery.h"

#include <algorithm>

#include "async/cross.h"
#include "base/log.h"
#include "discovery/asked_health.h"
#include "discovery/detail/remote.h"
#include "discovery/detail/state.h"

namespace sluice::discovery {

using State = Discovery::State;

namespace {

// Each probe has the server to itself: not a connection of those that statements wait for.
HealthFactory asking(TabletFactory factory) {
    return [factory = std::move(factory)](const topo::Tablet& record) {
        return ask_server(factory(record), record, {});
    };
}

}  // namespace

Discovery::State::State(std::shared_ptr<topo::Topology> with, DiscoveryOptions how,
                        std::vector<async::Loop*> on, const TabletFactory& factory,
                        HealthFactory given)
    : topology(std::move(with)),
      options(std::move(how)),
      loops(std::move(on)),
      core_scopes(loops.size()),
      health_factory(given ? std::move(given) : asking(factory)),
      list(options.cell, options.lag, options.tablets_decide) {
    VT_ASSERT(!loops.empty());
    for (std::size_t i = 0; i < loops.size(); ++i) {
        cores.push_back(std::make_unique<Core>(factory));
        cores.back()->when_unreached(
            [this](const std::string& alias) { owner()->post([this, alias] { look_at(alias); }); });
    }
    if (options.cells_to_watch.empty()) options.cells_to_watch.push_back(options.cell);
    records.cell = options.cell;
    records.balancer = options.balancer;
    records.only_healthy = options.tablets_decide;
}

Discovery::Discovery(std::shared_ptr<topo::Topology> topology, DiscoveryOptions options,
                     std::vector<async::Loop*> loops, TabletFactory factory, HealthFactory health)
    : state_(std::make_unique<State>(std::move(topology), std::move(options), std::move(loops),
                                     factory, std::move(health))) {}

Discovery::~Discovery() = default;

const std::string& Discovery::server_version() const {
    return state_->server_version;
}

Core& Discovery::core(std::size_t loop_index) {
    return *state_->cores[loop_index];
}

Task<Result<void>> Discovery::start(Stop* stop) {
    State* state = state_.get();
    CO_TRY(co_await state->serve({.cluster = true, .vschema = true}));
    CO_TRY(co_await state->wait_for_tablets(stop));
    if (state->options.track_schema) co_await state->track(state->keyspace_names());
    co_await state->publish_cluster();
    CO_TRY(co_await state->serve({.schema_changed = true}));
    state->scope.spawn("discovery worker", state->work());
    state->scope.spawn("snapshots", state->publish_always());
    state->scope.spawn("vschema watch", state->follow_vschema());
    state->scope.spawn("tablet poll", state->poll());
    if (!state->options.tablets_decide) state->scope.spawn("hurry", state->hurry());
    if (state->options.track_schema && state->options.schema_refresh_interval.count() > 0) {
        state->scope.spawn("schema tracking", state->track_always());
    }
    state->watch_keyspaces();
    co_return Result<void>{};
}

namespace {

Task<bool> close_core(Core* core) {
    co_await core->close();
    co_return true;
}

}  // namespace

Task<void> Discovery::close() {
    State* state = state_.get();
    state->stop.request(make_error(Code::canceled, "the gate is shutting down"));
    for (const auto& [alias, stream] : state->streams) stream->stop.request(state->stop.error());
    co_await state->scope.join();
    state->streams.clear();
    for (std::size_t i = 0; i < state->loops.size(); ++i) {
        async::Loop* loop = state->loops[i];
        co_await RemoteTask<bool>(loop, &state->core_scopes[i], close_core(state->cores[i].get()));
        co_await async::on_loop(loop, [] { return true; });  // behind the task's own last step
    }
}

Task<Result<std::uint64_t>> Discovery::refresh_vschema() {
    co_return co_await RemoteTask<Result<std::uint64_t>>(state_->owner(), &state_->scope,
                                                         state_->request({.vschema = true}));
}

Task<Result<std::uint64_t>> Discovery::refresh_tables(std::string keyspace) {
    co_return co_await RemoteTask<Result<std::uint64_t>>(
        state_->owner(), &state_->scope, state_->refresh_tables(std::move(keyspace)));
}

Task<Result<std::uint64_t>> Discovery::refresh_cluster() {
    co_return co_await RemoteTask<Result<std::uint64_t>>(state_->owner(), &state_->scope,
                                                         state_->request({.cluster = true}));
}

namespace {

Task<std::vector<TabletHealth>> list_of(const State* state) {
    co_return state->list.all();
}

}  // namespace

Task<std::vector<TabletHealth>> Discovery::health() {
    co_return co_await RemoteTask<std::vector<TabletHealth>>(state_->owner(), &state_->scope,
                                                             list_of(state_.get()));
}

std::vector<TabletHealth> Discovery::health_now() const {
    return state_->list.all();
}

const HealthCounters& Discovery::counters() {
    HealthCounters& counters = state_->counters;
    counters.checksum = state_->list.checksum();
    counters.topology_age = async::Clock::now() - state_->tablets_read;
    counters.connections.clear();
    for (const TabletHealth& each : state_->list.all()) {
        if (!each.healthy) continue;
        ++counters.connections[{each.target.keyspace, each.target.shard,
                                std::string(vindex::tablet_type_lower_name(each.target.type))}];
    }
    return counters;
}

void Discovery::set_lag_rules(LagRules rules) {
    state_->list.set_rules(rules);
    state_->publish_soon();
}

void Discovery::on_keyspace_event(std::function<void(const KeyspaceEvent&)> listener) {
    state_->listener = std::move(listener);
}

bool Discovery::mark_not_serving(const std::string& keyspace, const std::string& shard,
                                 bool reparent) {
    const auto watch = state_->records.watches.find(keyspace);
    if (watch == state_->records.watches.end()) return false;
    // A server that is asked tells the state of now, which may be good again.
    const bool later_term = reparent && state_->options.tablets_decide;
    if (!watch->second.mark_not_serving(shard, later_term)) return false;
    for (const auto& [alias, stream] : state_->streams) {
        const TabletHealth* health = state_->list.find(alias);
        if (health->target.keyspace == keyspace && health->target.shard == shard &&
            health->target.type == TabletType::primary) {
            state_->look_at(alias);
        }
    }
    state_->publish_soon();
    return true;
}

void Discovery::State::want(Wanted what) {
    wanted.cluster = wanted.cluster || what.cluster;
    wanted.vschema = wanted.vschema || what.vschema;
    wanted.schema_changed = wanted.schema_changed || what.schema_changed;
    ++asked;
    work_waiting.wake_all();
}

Task<Result<std::uint64_t>> Discovery::State::request(Wanted what) {
    want(what);
    const std::uint64_t mine = asked;
    while (done < mine) CO_TRY(co_await round_waiting.wait(&stop));
    if (!last_round) co_return fail(last_round.error());
    co_return schema_epoch;
}

// Requests that come while a round runs share the next one.
Task<void> Discovery::State::work() {
    while (!stop.requested()) {
        if (asked == done) {
            std::ignore = co_await work_waiting.wait(&stop);
            continue;
        }
        const std::uint64_t serving = asked;
        last_round = co_await serve(std::exchange(wanted, {}));
        const std::string complaint = last_round ? std::string() : last_round.error().text;
        if (!complaint.empty() && complaint != last_complaint)
            log::warning("topology: " + complaint);
        last_complaint = complaint;
        done = serving;
        round_waiting.wake_all();
    }
}

Task<Result<void>> Discovery::State::serve(Wanted what) {
    if (what.cluster || what.vschema) CO_TRY(co_await check_topology());
    if (what.vschema) {
        const bool had = what.schema_changed;
        bool changed = false;
        CO_TRY(co_await load_vschema(&changed));
        what.schema_changed = had || changed;
        what.cluster = what.cluster || changed;  // it may name new keyspaces
    }
    if (what.cluster) CO_TRY(co_await load_cluster());
    // Who waited for an event plans anew with what led to it: it is told last.
    const std::vector<KeyspaceEvent> told = std::exchange(events, {});
    if (what.cluster) co_await publish_cluster();
    if (what.schema_changed) co_await publish_schema();
    deliver(told);
    co_return Result<void>{};
}

void Discovery::State::publish_soon() {
    cluster_changed = true;
    publish_waiting.wake_all();
}

// Health does not wait for the topology: a round of the worker may hang on it.
Task<void> Discovery::State::publish_always() {
    while (!stop.requested()) {
        if (!cluster_changed) {
            std::ignore = co_await publish_waiting.wait(&stop);
            continue;
        }
        const std::vector<KeyspaceEvent> told = std::exchange(events, {});
        co_await publish_cluster();
        deliver(told);
    }
}

void Discovery::State::deliver(const std::vector<KeyspaceEvent>& told) {
    if (!listener) return;
    for (const KeyspaceEvent& event : told) listener(event);
}

namespace {

// A pointer with a count of its own: cores that copy theirs do not touch each other's memory.
template <class T>
std::shared_ptr<const T> for_one_core(const std::shared_ptr<const T>& whole) {
    return {whole.get(), [keep = whole](const T*) {}};
}

// Gives every core its pointer and waits until all have it.
template <class T>
Task<void> give_to_cores(State* state, std::shared_ptr<const T> whole) {
    for (std::size_t i = 0; i < state->loops.size(); ++i) {
        Core* core = state->cores[i].get();
        co_await async::on_loop(state->loops[i], [core, own = for_one_core(whole)]() mutable {
            core->install(std::move(own));
            return true;
        });
    }
}

}  // namespace

Task<void> Discovery::State::publish_cluster() {
    cluster_changed = false;
    records.tablets = list.known();
    std::shared_ptr<const Cluster> cluster = build_cluster(records, ++cluster_epoch);
    co_await give_to_cores<Cluster>(this, std::move(cluster));
}

Task<void> Discovery::State::publish_schema() {
    vschema::BuildOptions build;
    build.epoch = ++schema_epoch;
    build.creation = options.vindexes;
    build.foreign_keys_disallowed = options.foreign_keys_disallowed;
    // Vindexes may read files, and large schemas take a while: not on the loop.
    std::shared_ptr<const vschema::Schema> schema =
        co_await async::blocking([build, tables = definition, found = discovered] {
            return vschema::Schema::build(tables, found, build);
        });
    co_await give_to_cores<vschema::Schema>(this, std::move(schema));
}

}  // namespace sluice::discovery
