#pragma once
// A time zone as its changes: from which second on which offset holds. Read from the bytes of a
// zone file (RFC 8536), whose closing rule is applied up to the year 2099; or a fixed offset.
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sluice::eval {

struct TimeZone {
    struct Change {
        std::int64_t at = 0;      // seconds since 1970, UTC
        std::int32_t offset = 0;  // seconds east of Greenwich, from then on
    };
    std::int32_t first_offset = 0;  // before the first change
    std::vector<Change> changes;    // ascending

    std::int32_t offset_at(std::int64_t utc) const;
    // Of a local time, in seconds as if it were UTC. In a gap it is the second at which the gap
    // ends, of two that are meant the first, as MySQL does.
    std::int64_t utc_of(std::int64_t local) const;
};

// "+hh:mm" or "-hh:mm", from -13:59 to +14:00; nullopt for anything else.
std::optional<TimeZone> fixed_zone(std::string_view text);
// nullopt: not a zone file.
std::optional<TimeZone> read_zone_file(std::string_view bytes);

}  // namespace sluice::eval
