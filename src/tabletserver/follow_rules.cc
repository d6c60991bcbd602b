// Beside requests to a tablet: its query rules change. Before: apps/vttablet. After: server.cc.
#include "tabletserver/follow_rules.h"

#include "async/cross.h"
#include "base/log.h"

namespace sluice::tabletserver {
namespace {

constexpr std::size_t largest_file = 16 << 20;  // as large as a table ACL may be
constexpr milliseconds look_interval{1000};
constexpr milliseconds record_retry{30'000};  // v21's

Task<Result<std::unique_ptr<topo::Watch>>> open_watch(topo::Topology* topology,
                                                      const RulesRecord* record, Stop* stop) {
    if (record->cell == "global") co_return co_await topology->global().watch(record->path, stop);
    const auto store = CO_TRY(co_await topology->cell(record->cell, stop));
    co_return co_await store->watch(record->path, stop);
}

// Ends with the watch's error, or the one of rules that are wrong.
Task<Result<void>> watch_record(Server* server, topo::Topology* topology, const RulesRecord* record,
                                Stop* stop) {
    const auto watch = CO_TRY(co_await open_watch(topology, record, stop));
    for (;;) {
        const topo::Record now = CO_TRY(co_await watch->next(stop));
        QueryRules rules = CO_TRY(QueryRules::parse(now.contents));
        const std::size_t count = rules.rules().size();
        co_await server->set_rules(topology_source, std::move(rules));
        log::info(std::to_string(count) + " query rules come from " + record->path +
                  " of the topology");
    }
}

}  // namespace

Task<Result<async::FileVersion>> load_rules(Server* server, std::string path) {
    const async::FileVersion version =
        co_await async::blocking([&path] { return async::file_version(path); });
    const std::string text =
        CO_TRY(co_await async::blocking([&path] { return async::read_file(path, largest_file); }));
    Result<QueryRules> rules = QueryRules::parse(text);
    if (!rules) co_return fail(rules.error().code, path + ": " + rules.error().text);
    const std::size_t count = rules->rules().size();
    co_await server->set_rules(file_source, std::move(*rules));
    log::info(std::to_string(count) + " query rules come from " + path);
    co_return version;
}

Task<void> follow_rules_file(Server* server, std::string path, async::FileVersion loaded,
                             Stop* stop) {
    while (!stop->requested()) {
        static_cast<void>(co_await async::pause(look_interval, stop));
        if (stop->requested()) break;
        const async::FileVersion now =
            co_await async::blocking([&path] { return async::file_version(path); });
        if (now == loaded) continue;
        loaded = now;
        if (const auto again = co_await load_rules(server, path); again) {
            loaded = *again;
        } else {
            log::error("the query rules stay as they were: " + again.error().text);
        }
    }
}

Task<void> follow_rules_record(Server* server, std::shared_ptr<topo::Topology> topology,
                               RulesRecord record, Stop* stop) {
    while (!stop->requested()) {
        const Result<void> ended = co_await watch_record(server, topology.get(), &record, stop);
        if (stop->requested()) break;
        log::warning("the query rules of the topology stay as they were: " + ended.error().text);
        static_cast<void>(co_await async::pause(record_retry, stop));
    }
}

}  // namespace sluice::tabletserver
