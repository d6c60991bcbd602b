#pragma once
// Durability policies: who acknowledges a primary's transactions, and who may become a primary
// (vttablet-contract 4.3).
#include <optional>
#include <string_view>
#include <vector>

#include "topodata.pb.h"
#include "vtctl/control.h"

namespace sluice::vtctl::detail {

// From the best to none.
enum class Promotion : std::uint8_t { neutral, must_not };

class Durability {
 public:
    // none, semi_sync, semi_sync_with_rdonly_ack, cross_cell, cross_cell_with_rdonly_ack.
    static std::optional<Durability> named(std::string_view name);

    Promotion promotion(const topodata::Tablet& tablet) const;
    // How many others must have a transaction before its client hears of it.
    std::size_t ackers() const { return acks_ ? 1 : 0; }
    // Whether the replica acknowledges what the primary sends.
    bool acknowledges(const topodata::Tablet& primary, const topodata::Tablet& replica) const;

    // As a primary the tablet has enough ackers among those reached; it is one of them itself.
    bool can_establish(const topodata::Tablet& tablet,
                       const std::vector<const topodata::Tablet*>& reached) const;
    // No tablet that was not reached can still take writes: each either was reached or lacks the
    // acknowledgements.
    bool is_revoked(const std::vector<const topodata::Tablet*>& reached,
                    const std::vector<const topodata::Tablet*>& all) const;

 private:
    std::size_t ackers_among(const topodata::Tablet& primary,
                             const std::vector<const topodata::Tablet*>& tablets) const;

    bool acks_ = false;
    bool other_cells_only_ = false;
    bool rdonly_acks_ = false;
};

// The policy of a keyspace; its record may name none.
Task<Result<Durability>> durability_of(Control* control, std::string keyspace, Stop* stop);

}  // namespace sluice::vtctl::detail
