// Beside requests: a topology that has lost its records, such as an etcd whose disks are new. What
// it tells is not believed: what is known stays in use until every record that routing rests on is
// there again. Before: the worker's rounds in discovery.cc. After: follow.cc reads.
#include <algorithm>
#include <set>

#include "async/wait_queue.h"
#include "base/log.h"
#include "discovery/detail/state.h"

namespace sluice::discovery {
namespace {

// Between two looks; its return is to be seen within a second.
constexpr std::chrono::milliseconds look_again{250};

bool is_absent(const Error& error) {
    return error.code == topo::no_node;
}

}  // namespace

// A gate starts only if its cell is there: a topology without it has lost more than that.
Task<Result<void>> Discovery::State::check_topology() {
    if (schema_epoch == 0) co_return Result<void>{};
    const auto cells = co_await topology->cell_names(&stop);
    if (!cells && !is_absent(cells.error())) co_return fail(cells.error());
    const bool has_cell = cells && std::ranges::find(*cells, options.cell) != cells->end();
    if (has_cell && !topology_lost) co_return Result<void>{};
    std::string missing = "cell " + options.cell;
    if (has_cell) missing = CO_TRY(co_await missing_record());
    if (missing.empty()) {
        topology_lost = false;
        log::info("the topology has its records again");
        co_return Result<void>{};
    }
    if (!topology_lost) {
        topology_lost = true;
        scope.spawn("lost topology", await_records());
    }
    co_return fail(Code::unavailable, "it has lost records that were there (" + missing +
                                          "): what is known of all stays in use");
}

// The first record that is known here and not there; empty: none.
Task<Result<std::string>> Discovery::State::missing_record() {
    for (const std::string& name : keyspace_names()) {
        const auto record = co_await topology->srv_keyspace(options.cell, name, &stop);
        if (!record && is_absent(record.error())) co_return "SrvKeyspace of " + name;
        if (!record) co_return fail(record.error());
    }
    const auto vschema = co_await topology->srv_vschema(options.cell, &stop);
    if (!vschema && !is_absent(vschema.error())) co_return fail(vschema.error());
    if (!vschema && definition_version != 0) co_return "SrvVSchema";
    std::set<std::string> present;
    for (const std::string& cell : options.cells_to_watch) {
        const auto tablets = co_await topology->tablets(cell, &stop);
        if (!tablets && !is_absent(tablets.error())) co_return fail(tablets.error());
        if (!tablets) continue;
        for (const topo::Tablet& tablet : *tablets) present.insert(vindex::to_text(tablet.alias));
    }
    for (const auto& [alias, stream] : streams) {
        const TabletHealth* health = list.find(alias);
        if (health != nullptr && health->serving && !present.contains(alias))
            co_return "tablet " + alias;
    }
    co_return std::string();
}

Task<void> Discovery::State::await_records() {
    while (!stop.requested() && topology_lost) {
        std::ignore = co_await async::pause(look_again, &stop);
        if (!stop.requested()) want({.cluster = true, .vschema = true});
        // One round at a time: a hanging topology must not be asked more and more.
        while (!stop.requested() && done < asked) std::ignore = co_await round_waiting.wait(&stop);
    }
}

}  // namespace sluice::discovery
