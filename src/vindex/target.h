#pragma once
// What a client may name after USE, and names of tablets and shards in text. Source:
// vtgate-contract 5.1, 6.2.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "vindex/destination.h"

namespace sluice::vindex {

// topodata.TabletType, by number. master is another word for primary, batch for rdonly.
enum class TabletType : std::uint8_t {
    unknown = 0,
    primary = 1,
    replica = 2,
    rdonly = 3,
    spare = 4,
    experimental = 5,
    backup = 6,
    restore = 7,
    drained = 8,
};
std::string_view tablet_type_name(TabletType type);  // "PRIMARY"
std::string_view tablet_type_lower_name(
    TabletType type);  // "primary", as in error texts and targets
// Any case; unknown words give TabletType::unknown.
TabletType tablet_type_of_name(std::string_view name);

struct Target {
    std::string keyspace;  // empty: none named
    TabletType tablet_type = TabletType::primary;
    std::optional<Destination> destination;  // a shard or range to which the session is bound
    bool operator==(const Target&) const = default;
};

// target = [ keyspace ] [ "[" ( range / hex ) "]" / ( ":" / "/" ) shard ] [ "@" tablet-type ]
Result<Target> parse_target(std::string_view text, TabletType default_type);

struct TabletAlias {
    std::string cell;
    std::uint32_t uid = 0;
    bool operator==(const TabletAlias&) const = default;
};
// alias = cell "-" 1*DIGIT
Result<TabletAlias> parse_tablet_alias(std::string_view text);
std::string to_text(const TabletAlias& alias);  // "zone1-0000000100"

struct KeyspaceShard {
    std::string keyspace;
    std::string shard;
};
// path = keyspace "/" shard
Result<KeyspaceShard> parse_keyspace_shard(std::string_view text);

}  // namespace sluice::vindex
