#pragma once
// MariaDB's global transaction ids, "0-1-270,1-2-5": the last one of each domain stands for all
// before it.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::replication {

class MariadbGtids {
 public:
    // list = [ id { "," id } ], id = domain "-" server "-" sequence; of two ids of one domain the
    // later counts. INVALID_ARGUMENT for everything else.
    static Result<MariadbGtids> parse(std::string_view text);

    // Domains in order.
    std::string text() const;
    bool empty() const { return domains_.empty(); }

    // In no domain does `other` know of a later transaction.
    bool contains(const MariadbGtids& other) const;
    MariadbGtids united(const MariadbGtids& other) const;
    // The domains in which this one is later than `other`.
    MariadbGtids without(const MariadbGtids& other) const;

    bool operator==(const MariadbGtids&) const = default;

 private:
    struct Last {
        std::uint32_t server = 0;
        std::uint64_t sequence = 0;
        bool operator==(const Last&) const = default;
    };
    std::map<std::uint32_t, Last> domains_;
};

}  // namespace sluice::replication
