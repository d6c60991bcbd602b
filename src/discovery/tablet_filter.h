#pragma once
// Which tablets of the watched cells are followed (vtgate-contract 7.1). Pure.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "topo/records.h"

namespace sluice::discovery {

class TabletFilter {
 public:
    // `filters`: "keyspace|shard-or-range" each (--tablet_filters); `keyspaces`:
    // --keyspaces_to_watch; `tags`: "key:value,key:value" (--tablet-filter-tags), all must match.
    // Empty ones let everything through. Errors have v21's words.
    static Result<TabletFilter> make(const std::vector<std::string>& filters,
                                     std::vector<std::string> keyspaces, std::string_view tags);
    TabletFilter() = default;

    bool lets_in(const topo::Tablet& tablet) const;
    bool watches(std::string_view keyspace) const;

 private:
    struct Piece {
        std::string shard;
        std::optional<vindex::KeyRange> range;
    };
    std::map<std::string, std::vector<Piece>, std::less<>> pieces_;
    std::vector<std::string> keyspaces_;
    std::map<std::string, std::string> tags_;
};

}  // namespace sluice::discovery
