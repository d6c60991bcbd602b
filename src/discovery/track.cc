// Beside requests: the tables of each keyspace, from its tablets (GetSchema, vttablet-contract 2.2)
// or its servers (information_schema). Before: follow_health.cc hears of changes. After:
// discovery.cc builds the Schema of them.
#include <algorithm>

#include "async/deadline.h"
#include "base/log.h"
#include "discovery/detail/create_table.h"
#include "discovery/detail/state.h"
#include "discovery/detail/table_reader.h"

namespace sluice::discovery {
namespace {

using Tables = std::vector<vschema::DiscoveredTable>;

bool same_tables(const Tables& left, const Tables& right) {
    return std::ranges::equal(left, right, [](const auto& a, const auto& b) {
        return a.name == b.name && a.primary_key == b.primary_key && a.columns == b.columns;
    });
}

// Statements of views stand among those of tables if the tablet does not track views apart.
Tables parse_all(const std::map<std::string, std::string>& definitions) {
    Tables tables;
    for (const auto& [name, text] : definitions) {
        auto table = parse_create_table(name, text);
        if (table) tables.push_back(std::move(*table));
    }
    return tables;
}

void replace_tables(Tables* tables, const std::set<std::string>& names, Tables with) {
    std::erase_if(*tables, [&](const auto& table) { return names.contains(table.name); });
    std::ranges::move(with, std::back_inserter(*tables));
    std::ranges::sort(*tables, {}, &vschema::DiscoveredTable::name);
}

std::vector<std::string> aggregates_of(const std::vector<tablet::Udf>& udfs) {
    std::vector<std::string> names;
    for (const tablet::Udf& udf : udfs) {
        if (udf.aggregating) names.push_back(udf.name);
    }
    return names;
}

}  // namespace

StreamPointer Discovery::State::primary_stream(const std::string& keyspace) const {
    StreamPointer found;
    for (const auto& [alias, stream] : streams) {
        const TabletHealth* health = list.find(alias);
        if (health == nullptr || !stream->source || health->target.keyspace != keyspace) continue;
        if (health->target.type != TabletType::primary) continue;
        if (health->serving) return stream;
        // A server that is read-only still knows its tables.
        if (!options.tablets_decide) found = stream;
    }
    return found;
}

// All tables of a keyspace, of one of its shards.
Task<Result<Tables>> Discovery::State::read_all(std::string keyspace, Stop* until) {
    const StreamPointer from = primary_stream(keyspace);
    if (!from) co_return fail(Code::unavailable, "no primary serves");
    const HealthTarget target = list.find(from->alias)->target;
    if (!options.tablets_decide) {
        const TabletEntryPointer entry = *list.entry(from->alias);
        const TabletPointer tablet = home().tablet(*entry);
        co_return co_await read_tables(tablet.get(), until);
    }
    const auto kind = tablet::SchemaKind::tables;
    auto tables = CO_TRY(co_await from->source->schema(target, kind, {}, until));
    Discovery::Tracked parts;
    if (options.track_views) {
        auto views =
            CO_TRY(co_await from->source->schema(target, tablet::SchemaKind::views, {}, until));
        parts.views = std::move(views.definitions);
    }
    if (options.track_udfs) {
        const auto udfs =
            CO_TRY(co_await from->source->schema(target, tablet::SchemaKind::udfs, {}, until));
        parts.aggregates = aggregates_of(udfs.udfs);
    }
    tracked[keyspace] = std::move(parts);
    co_return parse_all(tables.definitions);
}

Task<void> Discovery::State::track_one(std::string keyspace, bool* changed) {
    const std::uint64_t read = ++track_reads;
    async::LinkedStop until(&stop);
    const async::Deadline deadline(until.get(), options.schema_timeout,
                                   make_error(Code::deadline_exceeded, "no answer in time"));
    auto tables = co_await read_all(keyspace, until.get());
    if (!tables) {
        if (!stop.requested()) {
            log::warning("schema of keyspace " + keyspace + ": " + tables.error().text);
        }
        co_return;
    }
    // A read that began earlier may end later.
    if (tracked_reads[keyspace] > read) co_return;
    tracked_reads[keyspace] = read;
    tracking[keyspace].loaded = true;
    if (same_tables(discovered[keyspace], *tables)) co_return;
    discovered[keyspace] = std::move(*tables);
    *changed = true;
}

Task<bool> Discovery::State::track(std::vector<std::string> keyspaces) {
    bool changed = false;
    async::Scope reads;
    for (std::string& keyspace : keyspaces) {
        reads.spawn("schema", track_one(std::move(keyspace), &changed));
    }
    co_await reads.join();
    co_return changed;
}

// A straight gate asks again and again; tablets speak up, and only what failed is read again.
Task<void> Discovery::State::track_always() {
    while (!stop.requested()) {
        std::ignore = co_await async::pause(options.schema_refresh_interval, &stop);
        if (stop.requested()) co_return;
        std::vector<std::string> names = keyspace_names();
        if (options.tablets_decide) {
            std::erase_if(names, [&](const auto& name) { return tracking[name].loaded; });
        }
        const bool changed = co_await track(std::move(names));
        if (changed) want({.schema_changed = true});
    }
}

Task<Result<std::uint64_t>> Discovery::State::refresh_tables(std::string keyspace) {
    if (!options.track_schema) co_return schema_epoch;
    bool changed = false;
    co_await track_one(std::move(keyspace), &changed);
    // Also if nothing changed here: another read may have seen the change and not be given out yet.
    co_return co_await request({.schema_changed = changed});
}

// A message of a serving primary may name what has changed. It is read at once; what is named
// meanwhile is read after that.
void Discovery::State::note_schema(const StreamPointer& stream, const HealthStats& stats) {
    const TabletHealth& health = *list.find(stream->alias);
    if (!health.serving || health.target.type != TabletType::primary) return;
    if (!records.srv_keyspaces.contains(health.target.keyspace)) return;
    TrackedKeyspace& changes = tracking[health.target.keyspace];
    const bool named = !stats.table_schema_changed.empty() ||
                       (options.track_views && !stats.view_schema_changed.empty()) ||
                       (options.track_udfs && stats.udfs_changed);
    if (!named && (changes.loaded || schema_epoch == 0)) return;
    changes.from = stream;
    changes.all = changes.all || !changes.loaded;
    changes.tables.insert(stats.table_schema_changed.begin(), stats.table_schema_changed.end());
    changes.views.insert(stats.view_schema_changed.begin(), stats.view_schema_changed.end());
    changes.udfs = changes.udfs || stats.udfs_changed;
    if (changes.running) return;
    changes.running = true;
    scope.spawn("schema changes", track_changes(health.target.keyspace));
}

Task<void> Discovery::State::track_changes(std::string keyspace) {
    TrackedKeyspace& state = tracking[keyspace];  // stays where it is, as maps do
    while (!stop.requested() &&
           (state.all || state.udfs || !state.tables.empty() || !state.views.empty())) {
        TrackedKeyspace changes;
        changes.from = state.from;
        changes.all = std::exchange(state.all, false);
        changes.udfs = std::exchange(state.udfs, false);
        changes.tables = std::exchange(state.tables, {});
        changes.views = std::exchange(state.views, {});
        bool changed = false;
        if (changes.all) {
            co_await track_one(keyspace, &changed);
        } else {
            const Result<void> read = co_await read_changes(keyspace, &changes);
            if (!read && !stop.requested()) {
                // Nothing is known of them until all is read again.
                log::warning("error fetching new schema of keyspace " + keyspace + ": " +
                             read.error().text);
                replace_tables(&discovered[keyspace], changes.tables, {});
                state.loaded = false;
            }
            changed = !changes.tables.empty();
        }
        if (changed) std::ignore = co_await request({.schema_changed = true});
    }
    state.running = false;
    state.from.reset();
}

Task<Result<void>> Discovery::State::read_changes(std::string keyspace, TrackedKeyspace* changes) {
    const StreamPointer from = changes->from;
    if (!is_current(from) || !from->source) {
        co_return fail(Code::unavailable, "the tablet has gone");
    }
    const HealthTarget target = list.find(from->alias)->target;
    async::LinkedStop until(&stop);
    const async::Deadline deadline(until.get(), options.schema_timeout,
                                   make_error(Code::deadline_exceeded, "no answer in time"));
    const std::uint64_t read = ++track_reads;
    if (!changes->tables.empty()) {
        const std::vector<std::string> names(changes->tables.begin(), changes->tables.end());
        const auto parts = CO_TRY(
            co_await from->source->schema(target, tablet::SchemaKind::tables, names, until.get()));
        if (tracked_reads[keyspace] <= read) {
            tracked_reads[keyspace] = read;
            replace_tables(&discovered[keyspace], changes->tables, parse_all(parts.definitions));
        }
    }
    if (options.track_views && !changes->views.empty()) {
        const std::vector<std::string> names(changes->views.begin(), changes->views.end());
        auto parts = CO_TRY(
            co_await from->source->schema(target, tablet::SchemaKind::views, names, until.get()));
        for (const std::string& name : names) tracked[keyspace].views.erase(name);
        tracked[keyspace].views.merge(parts.definitions);
    }
    if (options.track_udfs && changes->udfs) {
        const auto parts = CO_TRY(
            co_await from->source->schema(target, tablet::SchemaKind::udfs, {}, until.get()));
        tracked[keyspace].aggregates = aggregates_of(parts.udfs);
    }
    co_return Result<void>{};
}

}  // namespace sluice::discovery
