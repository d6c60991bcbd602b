// Beside requests: each tablet's health stream, and what follows from its messages. Before:
// follow.cc knows the tablets. After: detail/health_list.cc; discovery.cc makes snapshots of it.
#include <algorithm>
#include <ctime>

#include "async/deadline.h"
#include "base/log.h"
#include "discovery/asked_health.h"
#include "discovery/detail/state.h"

namespace sluice::discovery {
namespace {

Labels labels_of(const HealthTarget& target) {
    return {target.keyspace, target.shard,
            std::string(vindex::tablet_type_lower_name(target.type))};
}

std::string now_text() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    char text[32];
    return {text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &utc)};
}

}  // namespace

void Discovery::State::begin_stream(topo::Tablet record) {
    auto stream = std::make_shared<TabletStream>();
    stream->alias = vindex::to_text(record.alias);
    stream->record = std::move(record);
    list.add(stream->record);
    counters.errors.try_emplace(
        labels_of({stream->record.keyspace, stream->record.shard, stream->record.type, {}}), 0);
    streams[stream->alias] = stream;
    scope.spawn("health stream", follow_tablet(std::move(stream)));
}

void Discovery::State::end_stream(const std::string& alias) {
    const auto found = streams.find(alias);
    if (found == streams.end()) return;
    const StreamPointer stream = found->second;
    streams.erase(found);
    const HealthEffect effect = list.remove(alias);
    if (effect.routing) publish_soon();
    stream->stop.request(make_error(Code::canceled, "the tablet was removed"));
}

bool Discovery::State::is_current(const StreamPointer& stream) const {
    const auto found = streams.find(stream->alias);
    return found != streams.end() && found->second == stream;
}

Task<void> Discovery::State::follow_tablet(StreamPointer stream) {
    stream->source = health_factory(stream->record);
    async::Clock::duration delay = options.retry_delay;
    while (!stream->stop.requested()) {
        const Result<void> ended = co_await read_stream(stream, &delay);
        if (stream->stop.requested() || !is_current(stream)) break;
        note_failure(stream, ended.error());
        if (ended.error().code == Code::failed_precondition) {
            // Another tablet has its address; the next poll may know better.
            log::warning("deleting tablet " + stream->alias +
                         " from healthcheck: " + ended.error().text);
            end_stream(stream->alias);
            break;
        }
        std::ignore = co_await async::pause(delay, &stream->stop);
        delay = std::min<async::Clock::duration>(delay * 2, options.longest_retry_delay);
    }
    co_await stream->source->close();
}

Task<Result<tablet::HealthMessage>> Discovery::State::next_message(StreamPointer stream) {
    async::LinkedStop until(&stream->stop);
    const async::Deadline deadline(
        until.get(), options.healthcheck_timeout,
        make_error(Code::deadline_exceeded, "healthcheck timed out (latest " + now_text() + ")"));
    co_return co_await stream->source->next(until.get());
}

// Always ends in an error.
Task<Result<void>> Discovery::State::read_stream(StreamPointer stream,
                                                 async::Clock::duration* delay) {
    {
        async::LinkedStop until(&stream->stop);
        const async::Deadline deadline(
            until.get(), options.healthcheck_timeout,
            make_error(Code::deadline_exceeded, "healthcheck timed out: no connection"));
        CO_TRY(co_await stream->source->open(until.get()));
    }
    while (true) {
        tablet::HealthMessage message = CO_TRY(co_await next_message(stream));
        *delay = options.retry_delay;
        if (!is_current(stream)) co_return fail(Code::canceled, "the tablet was removed");
        CO_TRY(take_message(stream, std::move(message)));
    }
}

Result<void> Discovery::State::take_message(const StreamPointer& stream,
                                            tablet::HealthMessage message) {
    if (server_version.empty()) server_version = message.server_version;
    const bool served = list.find(stream->alias)->serving;
    const HealthEffect effect = TRY(list.apply(stream->alias, std::move(message)));
    const TabletHealth& health = *list.find(stream->alias);
    if (served != health.serving) {
        log::info("tablet " + stream->alias + " of " + health.target.keyspace + "/" +
                  health.target.shard + " (" +
                  std::string(vindex::tablet_type_lower_name(health.target.type)) + ") is " +
                  (health.serving ? "serving" : "not serving") +
                  (health.last_error.empty() ? "" : ": " + health.last_error));
    }
    note_effect(stream->alias, effect);
    note_unresolved(stream, health.stats.tx_unresolved);
    if (options.track_schema && options.tablets_decide) note_schema(stream, health.stats);
    return {};
}

void Discovery::State::note_failure(const StreamPointer& stream, const Error& error) {
    const TabletHealth& health = *list.find(stream->alias);
    ++counters.errors[labels_of(health.target)];
    if (health.serving || health.last_error != error.text) {
        log::warning("tablet " + stream->alias + " healthcheck stream error: " + error.text);
    }
    note_effect(stream->alias, list.fail(stream->alias, error.text));
}

// What routing, the keyspace's watch and the topology's reader must know.
void Discovery::State::note_effect(const std::string& alias, const HealthEffect& effect) {
    const TabletHealth& health = *list.find(alias);
    if (effect.promoted) {
        ++counters.primary_promoted[{health.target.keyspace, health.target.shard}];
    }
    if (health.target.type == TabletType::primary) {
        const auto watch = records.watches.find(health.target.keyspace);
        if (watch != records.watches.end()) {
            note_event(watch->second.on_primary(health.target.shard, health.tablet.alias,
                                                health.serving, health.primary_term_start));
        }
    }
    if (effect.routing) publish_soon();
    if (effect.reload) want({.cluster = true});
    health_waiting.wake_all();
}

void Discovery::State::note_event(std::optional<KeyspaceEvent> event) {
    if (!event) return;
    log::info("keyspace " + event->keyspace + " is consistent");
    events.push_back(std::move(*event));
    publish_soon();
}

void Discovery::State::look_at(const std::string& alias) {
    const auto found = streams.find(alias);
    if (found != streams.end() && found->second->source) found->second->source->look_now();
}

bool Discovery::State::is_failing_over() const {
    return std::ranges::any_of(records.watches, [&](const auto& each) {
        const topo::KeyspacePartition* partition =
            records.srv_keyspaces.at(each.first).partition(TabletType::primary);
        return partition != nullptr &&
               std::ranges::any_of(partition->shard_references, [&](const auto& shard) {
                   return each.second.failing_over(shard.name);
               });
    });
}

// Without tablets that speak up, a new primary is known by its record: it is looked for often while
// one is missing.
Task<void> Discovery::State::hurry() {
    while (!stop.requested()) {
        std::ignore = co_await async::pause(options.hurried_refresh, &stop);
        if (!stop.requested() && is_failing_over()) want({.cluster = true});
    }
}

}  // namespace sluice::discovery
