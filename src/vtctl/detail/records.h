#pragma once
// Records of the topology as protobuf messages: the control plane answers with them as they are.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "topo/paths.h"
#include "topo/protojson.h"
#include "topodata.pb.h"
#include "vtctl/control.h"

namespace sluice::vtctl::detail {

namespace path = topo::path;

template <class M>
struct Stored {
    M record;
    topo::Revision version = 0;
};

inline constexpr const char* global = "global";

// "before: text", with the error's code.
std::unexpected<Error> wrap(Error error, std::string_view before);

Task<Result<std::shared_ptr<topo::Store>>> store_of(Control* control, std::string where,
                                                    Stop* stop);
// The names in a directory; an absent directory has none.
Task<Result<std::vector<std::string>>> names_in(Control* control, std::string where,
                                                std::string directory, Stop* stop);
Task<Result<void>> remove(Control* control, std::string where, std::string path, Stop* stop);
// The same; a record that is not there is fine.
Task<Result<void>> remove_if_there(Control* control, std::string where, std::string path,
                                   Stop* stop);

template <class M>
Task<Result<Stored<M>>> read(Control* control, std::string where, std::string path, Stop* stop) {
    const auto store = CO_TRY(co_await store_of(control, std::move(where), stop));
    const topo::Record found = CO_TRY(co_await store->get(path, stop));
    Stored<M> stored;
    stored.version = found.version;
    if (!stored.record.ParseFromString(found.contents))
        co_return fail(Code::data_loss, "the record at " + path + " is damaged");
    co_return stored;
}

// An empty message if there is no record.
template <class M>
Task<Result<M>> read_or_empty(Control* control, std::string where, std::string path, Stop* stop) {
    auto found = co_await read<M>(control, std::move(where), std::move(path), stop);
    if (found) co_return std::move(found->record);
    if (found.error().code == topo::no_node) co_return M();
    co_return std::unexpected(found.error());
}

// Version 0 writes whatever was there before.
template <class M>
Task<Result<void>> write(Control* control, std::string where, std::string path, M record,
                         topo::Revision version, Stop* stop) {
    const auto store = CO_TRY(co_await store_of(control, std::move(where), stop));
    CO_TRY(co_await store->update(std::move(path), topo::to_bytes(record), version, stop));
    co_return Result<void>{};
}

template <class M>
Task<Result<void>> create(Control* control, std::string where, std::string path, M record,
                          Stop* stop) {
    const auto store = CO_TRY(co_await store_of(control, std::move(where), stop));
    CO_TRY(co_await store->create(std::move(path), topo::to_bytes(record), stop));
    co_return Result<void>{};
}

// Reads the record of the global cell, lets `change` (false: leave it) work on it, and writes it;
// again if somebody else was faster. The result is the record as it is then. An absent record is
// no_node unless it may be made.
enum class Absent : std::uint8_t { refuse, make };
template <class M>
Task<Result<M>> change(Control* control, std::string path, Absent absent,
                       std::function<Result<bool>(M*)> change, Stop* stop) {
    while (true) {
        Stored<M> stored;
        auto found = co_await read<M>(control, global, path, stop);
        const bool is_new = !found && found.error().code == topo::no_node && absent == Absent::make;
        if (!found && !is_new) co_return std::unexpected(found.error());
        if (found) stored = std::move(*found);
        if (!CO_TRY(change(&stored.record))) co_return std::move(stored.record);
        const auto written =
            is_new ? co_await create(control, global, path, stored.record, stop)
                   : co_await write(control, global, path, stored.record, stored.version, stop);
        if (written) co_return std::move(stored.record);
        const Code code = written.error().code;
        if (code != topo::bad_version && code != topo::node_exists)
            co_return std::unexpected(written.error());
    }
}

std::string alias_text(const topodata::TabletAlias& alias);  // "zone1-0000000100"
bool same(const topodata::TabletAlias& left, const topodata::TabletAlias& right);
std::string shard_text(std::string_view keyspace, std::string_view shard);  // "commerce/0"
const std::string& type_text(topodata::TabletType type);                    // "PRIMARY"

Task<Result<topodata::Tablet>> read_tablet(Control* control, topodata::TabletAlias alias,
                                           Stop* stop);
// The names of a keyspace's shards; an error if there is no such keyspace.
Task<Result<std::vector<std::string>>> shards_of(Control* control, std::string keyspace,
                                                 Stop* stop);
Task<Result<topodata::Shard>> read_shard(Control* control, std::string keyspace, std::string shard,
                                         Stop* stop);
// The tablets of one shard in all cells (of one cell: of that cell), in the order of their aliases.
Task<Result<std::vector<topodata::Tablet>>> tablets_of_cell(Control* control, std::string cell,
                                                            Stop* stop);
Task<Result<std::vector<topodata::Tablet>>> tablets_of_shard(Control* control, std::string keyspace,
                                                             std::string shard, Stop* stop);
// When the tablet became the primary, in nanoseconds since the epoch; 0: never.
std::int64_t term_of(const topodata::Tablet& tablet);

}  // namespace sluice::vtctl::detail
