// A call of the control plane: records. Before: the families of methods. After: topo/topology.cc.
#include "vtctl/detail/records.h"

#include <algorithm>

#include "base/log.h"

namespace sluice::vtctl::detail {

std::unexpected<Error> wrap(Error error, std::string_view before) {
    error.text = std::string(before) + ": " + error.text;
    return std::unexpected(std::move(error));
}

Task<Result<std::shared_ptr<topo::Store>>> store_of(Control* control, std::string where,
                                                    Stop* stop) {
    if (where == global)
        co_return std::shared_ptr<topo::Store>(control->topology, &control->topology->global());
    co_return co_await control->topology->cell(std::move(where), stop);
}

Task<Result<std::vector<std::string>>> names_in(Control* control, std::string where,
                                                std::string directory, Stop* stop) {
    const auto store = CO_TRY(co_await store_of(control, std::move(where), stop));
    auto names = co_await store->list_dir(std::move(directory), stop);
    if (!names && names.error().code == topo::no_node) co_return std::vector<std::string>();
    co_return names;
}

Task<Result<void>> remove(Control* control, std::string where, std::string path, Stop* stop) {
    const auto store = CO_TRY(co_await store_of(control, std::move(where), stop));
    co_return co_await store->remove(std::move(path), 0, stop);
}

Task<Result<void>> remove_if_there(Control* control, std::string where, std::string path,
                                   Stop* stop) {
    auto removed = co_await remove(control, std::move(where), std::move(path), stop);
    if (!removed && removed.error().code != topo::no_node) co_return removed;
    co_return Result<void>{};
}

std::string alias_text(const topodata::TabletAlias& alias) {
    return vindex::to_text(vindex::TabletAlias{alias.cell(), alias.uid()});
}

bool same(const topodata::TabletAlias& left, const topodata::TabletAlias& right) {
    return left.cell() == right.cell() && left.uid() == right.uid();
}

std::string shard_text(std::string_view keyspace, std::string_view shard) {
    return std::string(keyspace) + "/" + std::string(shard);
}

const std::string& type_text(topodata::TabletType type) {
    return topodata::TabletType_descriptor()->FindValueByNumber(type)->name();
}

Task<Result<topodata::Tablet>> read_tablet(Control* control, topodata::TabletAlias alias,
                                           Stop* stop) {
    const std::string where = path::tablet({alias.cell(), alias.uid()});
    co_return CO_TRY(co_await read<topodata::Tablet>(control, alias.cell(), where, stop)).record;
}

Task<Result<std::vector<std::string>>> shards_of(Control* control, std::string keyspace,
                                                 Stop* stop) {
    auto shards = CO_TRY(co_await control->topology->shard_names(keyspace, stop));
    if (shards.empty()) {
        const std::string where = path::keyspace(keyspace);
        CO_TRY(co_await read<topodata::Keyspace>(control, global, where, stop));
    }
    co_return shards;
}

Task<Result<topodata::Shard>> read_shard(Control* control, std::string keyspace, std::string shard,
                                         Stop* stop) {
    const std::string where = path::shard(keyspace, shard);
    co_return CO_TRY(co_await read<topodata::Shard>(control, global, where, stop)).record;
}

Task<Result<std::vector<topodata::Tablet>>> tablets_of_cell(Control* control, std::string cell,
                                                            Stop* stop) {
    const auto store = CO_TRY(co_await store_of(control, cell, stop));
    const auto records = co_await store->list(path::tablets() + "/", stop);
    std::vector<topodata::Tablet> tablets;
    if (!records && records.error().code == topo::no_node) co_return tablets;
    if (!records) co_return std::unexpected(records.error());
    for (const topo::ListedRecord& record : *records) {
        if (!record.path.ends_with("/Tablet")) continue;
        topodata::Tablet tablet;
        if (tablet.ParseFromString(record.contents)) {
            tablets.push_back(std::move(tablet));
        } else {
            log::error("the record at " + record.path + " of cell " + cell + " is damaged");
        }
    }
    co_return tablets;
}

Task<Result<std::vector<topodata::Tablet>>> tablets_of_shard(Control* control, std::string keyspace,
                                                             std::string shard, Stop* stop) {
    std::vector<topodata::Tablet> found;
    for (const std::string& cell : CO_TRY(co_await control->topology->cell_names(stop))) {
        for (auto& tablet : CO_TRY(co_await tablets_of_cell(control, cell, stop))) {
            if (tablet.keyspace() == keyspace && tablet.shard() == shard)
                found.push_back(std::move(tablet));
        }
    }
    std::ranges::sort(found, {},
                      [](const topodata::Tablet& one) { return alias_text(one.alias()); });
    co_return found;
}

std::int64_t term_of(const topodata::Tablet& tablet) {
    const auto& start = tablet.primary_term_start_time();
    return start.seconds() * 1'000'000'000 + start.nanoseconds();
}

}  // namespace sluice::vtctl::detail
