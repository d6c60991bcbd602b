// Step 6 of a request: the values that a plan routes by become keyspace ids. After: destination.cc.
#include "vindex/vindex.h"

#include <utility>

namespace sluice::vindex {

Vindex::Vindex(std::string name, std::string type, Properties properties)
    : name_(std::move(name)), type_(std::move(type)), properties_(std::move(properties)) {}

Result<std::optional<KeyspaceId>> Vindex::map(ValueView) const {
    return bug("vindex " + name_ + " of type " + type_ + " does not map single values");
}

Result<Destination> Vindex::map_row(std::span<const ValueView> row) const {
    if (row.empty()) return bug("vindex " + name_ + " was given no column");
    std::optional<KeyspaceId> id = TRY(map(row[0]));
    if (!id) return to::None{};
    return to::Id{*std::move(id)};
}

Result<KeyspaceId> Vindex::hash(ValueView) const {
    return bug("vindex " + name_ + " of type " + type_ + " has no hash function");
}

Result<bool> Vindex::verify(std::span<const ValueView> row, std::string_view keyspace_id) const {
    const Destination found = TRY(map_row(row));
    const auto* id = std::get_if<to::Id>(&found);
    return id && id->id.view() == keyspace_id;
}

Result<Value> Vindex::reverse(std::string_view) const {
    return bug("vindex " + name_ + " of type " + type_ + " is not reversible");
}

Result<Destination> Vindex::map_prefix(ValueView) const {
    return bug("vindex " + name_ + " of type " + type_ + " does not map prefixes");
}

Result<std::vector<Destination>> Vindex::map_values(std::span<const ValueView> values) const {
    std::vector<Destination> destinations;
    destinations.reserve(values.size());
    for (const ValueView& value : values) destinations.push_back(TRY(map_row({&value, 1})));
    return destinations;
}

Result<std::vector<Destination>> Vindex::map_rows(
    std::span<const std::vector<ValueView>> rows) const {
    std::vector<Destination> destinations;
    destinations.reserve(rows.size());
    for (const std::vector<ValueView>& row : rows) destinations.push_back(TRY(map_row(row)));
    return destinations;
}

}  // namespace sluice::vindex
