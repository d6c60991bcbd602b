// A reparent: durability. Before: planned.cc, emergency.cc.
#include "vtctl/detail/durability.h"

#include <algorithm>

#include "vtctl/detail/records.h"

namespace sluice::vtctl::detail {

std::optional<Durability> Durability::named(std::string_view name) {
    Durability made;
    if (name == "none") return made;
    constexpr std::string_view rdonly = "_with_rdonly_ack";
    made.rdonly_acks_ = name.ends_with(rdonly);
    if (made.rdonly_acks_) name.remove_suffix(rdonly.size());
    made.acks_ = name == "semi_sync" || name == "cross_cell";
    made.other_cells_only_ = name == "cross_cell";
    return made.acks_ ? std::optional(made) : std::nullopt;
}

Promotion Durability::promotion(const topodata::Tablet& tablet) const {
    const bool may = tablet.type() == topodata::PRIMARY || tablet.type() == topodata::REPLICA;
    return may ? Promotion::neutral : Promotion::must_not;
}

bool Durability::acknowledges(const topodata::Tablet& primary,
                              const topodata::Tablet& replica) const {
    if (!acks_) return false;
    if (other_cells_only_ && primary.alias().cell() == replica.alias().cell()) return false;
    if (replica.type() == topodata::RDONLY) return rdonly_acks_;
    return promotion(replica) != Promotion::must_not;
}

std::size_t Durability::ackers_among(const topodata::Tablet& primary,
                                     const std::vector<const topodata::Tablet*>& tablets) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(tablets, [&](const topodata::Tablet* tablet) {
            return !same(tablet->alias(), primary.alias()) && acknowledges(primary, *tablet);
        }));
}

namespace {

bool is_among(const topodata::Tablet& tablet, const std::vector<const topodata::Tablet*>& tablets) {
    return std::ranges::any_of(
        tablets, [&](const topodata::Tablet* one) { return same(one->alias(), tablet.alias()); });
}

}  // namespace

bool Durability::can_establish(const topodata::Tablet& tablet,
                               const std::vector<const topodata::Tablet*>& reached) const {
    return is_among(tablet, reached) && ackers_among(tablet, reached) >= ackers();
}

bool Durability::is_revoked(const std::vector<const topodata::Tablet*>& reached,
                            const std::vector<const topodata::Tablet*>& all) const {
    return std::ranges::all_of(all, [&](const topodata::Tablet* tablet) {
        if (promotion(*tablet) == Promotion::must_not || is_among(*tablet, reached)) return true;
        return ackers_among(*tablet, all) - ackers_among(*tablet, reached) < ackers();
    });
}

Task<Result<Durability>> durability_of(Control* control, std::string keyspace, Stop* stop) {
    const auto record =
        CO_TRY(co_await read<topodata::Keyspace>(control, global, path::keyspace(keyspace), stop));
    const std::string& name = record.record.durability_policy();
    const auto policy = Durability::named(name.empty() ? "none" : name);
    if (!policy) co_return fail(Code::unknown, "durability policy " + name + " not found");
    co_return *policy;
}

}  // namespace sluice::vtctl::detail
