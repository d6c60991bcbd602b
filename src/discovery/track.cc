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

using vschema::DiscoveredKeyspace;
using Tables = std::vector<vschema::DiscoveredTable>;
using Views = std::vector<vschema::DiscoveredView>;

// Statements of views stand among those of tables if the tablet does not track views apart.
Tables parse_all(const std::map<std::string, std::string>& definitions) {
    Tables tables;
    for (const auto& [name, text] : definitions) {
        auto table = parse_create_table(name, text);
        if (table) tables.push_back(std::move(*table));
    }
    return tables;
}

Views parse_views(const std::string& keyspace,
                  const std::map<std::string, std::string>& definitions) {
    Views views;
    for (const auto& [name, text] : definitions) {
        views.push_back(read_view({.keyspace = keyspace,
                                   .name = name,
                                   .statement = text,
                                   .database = "vt_" + keyspace,
                                   .columns = {}}));
    }
    return views;
}

// `list` is in the order of names.
template <class T>
void replace_named(std::vector<T>* list, const std::set<std::string>& names, std::vector<T> with) {
    std::erase_if(*list, [&](const T& each) { return names.contains(each.name); });
    std::ranges::move(with, std::back_inserter(*list));
    std::ranges::sort(*list, {}, &T::name);
}

std::vector<std::string> aggregates_of(const std::vector<tablet::Udf>& udfs) {
    std::vector<std::string> names;
    for (const tablet::Udf& udf : udfs) {
        if (udf.aggregating) names.push_back(udf.name);
    }
    return names;
}

void complain_of_views(const std::string& keyspace, const Views& before, const Views& now) {
    for (const vschema::DiscoveredView& view : now) {
        if (view.view->unreadable.empty() || std::ranges::find(before, view) != before.end())
            continue;
        log::warning("view " + keyspace + "." + view.name +
                     " cannot be planned over: " + view.view->unreadable);
    }
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

// What one of its servers says itself.
Task<Result<DiscoveredKeyspace>> Discovery::State::ask_server_for_all(std::string keyspace,
                                                                      std::string alias,
                                                                      Stop* until) {
    const TabletEntryPointer entry = *list.entry(alias);
    const TabletPointer tablet = home().tablet(*entry);
    DiscoveredKeyspace all;
    all.tables = CO_TRY(co_await read_tables(tablet.get(), until));
    if (options.track_views) {
        all.views = CO_TRY(co_await read_views(tablet.get(), keyspace, &all.tables, until));
    }
    if (options.track_udfs) {
        auto aggregates = co_await read_aggregates(tablet.get(), until);
        if (!aggregates && !until->requested() && function_complaint != aggregates.error().text) {
            function_complaint = aggregates.error().text;
            log::warning("functions of keyspace " + keyspace + ": " + function_complaint);
        }
        if (aggregates) all.aggregates = std::move(*aggregates);
    }
    co_return all;
}

// All tables of a keyspace, of one of its shards.
Task<Result<DiscoveredKeyspace>> Discovery::State::read_all(std::string keyspace, Stop* until) {
    const StreamPointer from = primary_stream(keyspace);
    if (!from) co_return fail(Code::unavailable, "no primary serves");
    if (!options.tablets_decide) {
        co_return co_await ask_server_for_all(std::move(keyspace), from->alias, until);
    }
    const HealthTarget target = list.find(from->alias)->target;
    const auto kind = tablet::SchemaKind::tables;
    const auto tables = CO_TRY(co_await from->source->schema(target, kind, {}, until));
    DiscoveredKeyspace all;
    all.tables = parse_all(tables.definitions);
    if (options.track_views) {
        const auto views =
            CO_TRY(co_await from->source->schema(target, tablet::SchemaKind::views, {}, until));
        all.views = parse_views(keyspace, views.definitions);
    }
    if (options.track_udfs) {
        const auto udfs =
            CO_TRY(co_await from->source->schema(target, tablet::SchemaKind::udfs, {}, until));
        all.aggregates = aggregates_of(udfs.udfs);
    }
    co_return all;
}

Task<void> Discovery::State::track_one(std::string keyspace, bool* changed) {
    const std::uint64_t read = ++track_reads;
    async::LinkedStop until(&stop);
    const async::Deadline deadline(until.get(), options.schema_timeout,
                                   make_error(Code::deadline_exceeded, "no answer in time"));
    auto all = co_await read_all(keyspace, until.get());
    if (!all) {
        if (!stop.requested()) {
            log::warning("schema of keyspace " + keyspace + ": " + all.error().text);
        }
        co_return;
    }
    // A read that began earlier may end later.
    if (tracked_reads[keyspace] > read) co_return;
    tracked_reads[keyspace] = read;
    tracking[keyspace].loaded = true;
    DiscoveredKeyspace& known = discovered[keyspace];
    if (known == *all) co_return;
    complain_of_views(keyspace, known.views, all->views);
    known = std::move(*all);
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
                replace_named(&discovered[keyspace].tables, changes.tables, {});
                replace_named(&discovered[keyspace].views, changes.views, {});
                state.loaded = false;
            }
            changed = !changes.tables.empty() || !changes.views.empty() || changes.udfs;
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
            replace_named(&discovered[keyspace].tables, changes->tables,
                          parse_all(parts.definitions));
        }
    }
    // A tablet that does not track views apart names them among the tables.
    if (options.track_views) changes->views.insert(changes->tables.begin(), changes->tables.end());
    if (!changes->views.empty() && options.track_views) {
        const std::vector<std::string> names(changes->views.begin(), changes->views.end());
        const auto parts = CO_TRY(
            co_await from->source->schema(target, tablet::SchemaKind::views, names, until.get()));
        Views views = parse_views(keyspace, parts.definitions);
        complain_of_views(keyspace, discovered[keyspace].views, views);
        replace_named(&discovered[keyspace].views, changes->views, std::move(views));
    }
    if (options.track_udfs && changes->udfs) {
        const auto parts = CO_TRY(
            co_await from->source->schema(target, tablet::SchemaKind::udfs, {}, until.get()));
        discovered[keyspace].aggregates = aggregates_of(parts.udfs);
    }
    co_return Result<void>{};
}

}  // namespace sluice::discovery
