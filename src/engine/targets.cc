// Step 6 of a request: vindex values become shards. Before: engine/run.cc. After:
// gateway/gateway.cc.
#include "engine/targets.h"

#include <algorithm>
#include <map>
#include <set>

namespace sluice::engine {
namespace {

using plan::Opcode;

Result<gateway::Serving> serving_of(const Context& context, const plan::Routing& routing) {
    return gateway::serving(*context.cluster, routing.keyspace, context.tablet_type);
}

// A vindex that maps one column, or the first of several.
Result<std::optional<vindex::KeyspaceId>> map_one(const plan::Routing& routing, ValueView value) {
    // No comparison with NULL is true, whatever the vindex says of it.
    if (value.is_null()) return std::optional<vindex::KeyspaceId>();
    return routing.vindex->map(value);
}

Result<vindex::Destination> map_columns(const plan::Routing& routing,
                                        std::span<const ValueView> row) {
    for (const ValueView& value : row) {
        if (value.is_null()) return vindex::Destination(vindex::to::None{});
    }
    return routing.vindex->map_row(row);
}

Result<std::vector<RoutedShard>> from_destination(const Context& context,
                                                  const plan::Routing& routing,
                                                  const vindex::Destination& destination) {
    const gateway::Serving serving = TRY(serving_of(context, routing));
    const std::uint64_t chance = context.shards->gateway().turn();
    std::vector<RoutedShard> shards;
    for (gateway::ShardTarget& target : TRY(gateway::resolve(serving, destination, chance))) {
        shards.push_back({.target = target, .values = {}});
    }
    return shards;
}

std::vector<RoutedShard> in_order(const gateway::Serving& serving,
                                  std::map<std::size_t, std::vector<ValueView>> found) {
    std::vector<RoutedShard> shards;
    for (auto& [index, values] : found)
        shards.push_back({.target = serving.at(index), .values = std::move(values)});
    return shards;
}

// Each shard gets the values that may be there.
Result<std::vector<RoutedShard>> in_targets(const Context& context, const plan::Routing& routing,
                                            Bindings& bindings) {
    const gateway::Serving serving = TRY(serving_of(context, routing));
    std::map<std::size_t, std::vector<ValueView>> found;
    for (const ValueView& value : TRY(bindings.list(routing.values.back()))) {
        const std::optional<vindex::KeyspaceId> id = TRY(map_one(routing, value));
        if (id) found[TRY(serving.map->shard_of(id->view()))].push_back(value);
    }
    return in_order(serving, std::move(found));
}

// Columns of a vindex, lists of equal length row by row; every shard gets the whole query.
Result<std::vector<RoutedShard>> multi_equal_targets(const Context& context,
                                                     const plan::Routing& routing,
                                                     Bindings& bindings) {
    const gateway::Serving serving = TRY(serving_of(context, routing));
    std::vector<std::vector<ValueView>> columns;
    std::size_t rows = 1;
    for (const plan::ValueRef& ref : routing.values) {
        if (bindings.is_list(ref)) {
            columns.push_back(TRY(bindings.list(ref)));
            rows = columns.back().size();
        } else {
            columns.push_back({TRY(bindings.value(ref))});
        }
    }
    std::set<std::string_view> names;
    for (std::size_t row = 0; row < rows; ++row) {
        std::vector<ValueView> values;
        // A column that is no list has one value for every row.
        for (const std::vector<ValueView>& column : columns)
            values.push_back(column[column.size() == 1 ? 0 : row]);
        const vindex::Destination destination = TRY(map_columns(routing, values));
        for (const gateway::ShardTarget& target : TRY(gateway::resolve(serving, destination, 0))) {
            names.insert(target.shard);
        }
    }
    std::map<std::size_t, std::vector<ValueView>> found;
    for (const std::string_view name : names) {
        if (const auto index = serving.map->shard_named(name)) found[*index];
    }
    return in_order(serving, std::move(found));
}

Result<std::vector<RoutedShard>> column_targets(const Context& context,
                                                const plan::Routing& routing, Bindings& bindings) {
    std::vector<ValueView> values;
    for (const plan::ValueRef& ref : routing.values) values.push_back(TRY(bindings.value(ref)));
    return from_destination(context, routing, TRY(map_columns(routing, values)));
}

}  // namespace

bool is_single(Opcode opcode) {
    return opcode == Opcode::unsharded || opcode == Opcode::equal_unique ||
           opcode == Opcode::reference || opcode == Opcode::dba || opcode == Opcode::next;
}

Result<gateway::ShardTarget> single_target(const Context& context, const plan::Routing& routing,
                                           Bindings& bindings) {
    const gateway::Serving serving = TRY(serving_of(context, routing));
    if (routing.opcode != Opcode::equal_unique) {
        if (serving.map->size() == 0) {
            return fail(Code::unavailable, "keyspace " + routing.keyspace + " has no shards");
        }
        return serving.at(context.shards->gateway().turn() % serving.map->size());
    }
    if (routing.values.size() != 1) {
        std::vector<RoutedShard> found = TRY(column_targets(context, routing, bindings));
        return found.empty() ? gateway::ShardTarget{} : found.front().target;
    }
    const ValueView value = TRY(bindings.value(routing.values.front()));
    const std::optional<vindex::KeyspaceId> id = TRY(map_one(routing, value));
    if (!id) return gateway::ShardTarget{};
    return gateway::shard_of(serving, id->view());
}

Result<std::vector<RoutedShard>> targets(const Context& context, const plan::Routing& routing,
                                         Bindings& bindings) {
    switch (routing.opcode) {
        case Opcode::none:
            return std::vector<RoutedShard>();
        case Opcode::in:
            return in_targets(context, routing, bindings);
        case Opcode::multi_equal:
            return multi_equal_targets(context, routing, bindings);
        case Opcode::sub_shard:
            return column_targets(context, routing, bindings);
        case Opcode::scatter:
            return from_destination(context, routing, vindex::to::AllShards{});
        case Opcode::by_destination:
            return from_destination(context, routing, routing.destination);
        case Opcode::unsharded:
        case Opcode::equal_unique:
        case Opcode::reference:
        case Opcode::dba:
        case Opcode::next:
            break;
    }
    const gateway::ShardTarget target = TRY(single_target(context, routing, bindings));
    if (target.shard.empty()) return std::vector<RoutedShard>();
    return std::vector<RoutedShard>{{.target = target, .values = {}}};
}

Result<gateway::ShardTarget> first_shard(const Context& context, const plan::Routing& routing) {
    const gateway::Serving serving = TRY(serving_of(context, routing));
    if (serving.map->size() == 0) {
        return fail(Code::unavailable, "keyspace " + routing.keyspace + " has no shards");
    }
    return serving.at(0);
}

}  // namespace sluice::engine
