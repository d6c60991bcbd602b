#pragma once
// A set of MySQL's global transaction ids, "uuid:1-5:7,uuid:tag:1-3": what @@gtid_executed says.
#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sluice::replication {

// Numbers from `first` to `last`, both included; 1 <= first <= last.
struct Interval {
    std::int64_t first = 0;
    std::int64_t last = 0;
    bool operator==(const Interval&) const = default;
};

// Who has numbered the transactions: a server and, from MySQL 8.3 on, perhaps a tag of it.
struct Numberer {
    std::array<std::uint8_t, 16> server{};
    std::string tag;  // lower case; empty: none
    auto operator<=>(const Numberer&) const = default;
};

class MysqlGtids {
 public:
    // set = [ numbers { "," numbers } ]; spaces and line ends between parts do not count, an empty
    // text is an empty set, and intervals that end before they begin are dropped (as the server
    // does). INVALID_ARGUMENT for everything else that the server would not write.
    static Result<MysqlGtids> parse(std::string_view text);

    // As the server writes it: servers in order, intervals joined, no line ends.
    std::string text() const;
    bool empty() const { return sets_.empty(); }

    bool contains(const MysqlGtids& other) const;
    MysqlGtids united(const MysqlGtids& other) const;
    // What is in this one and not in `other`.
    MysqlGtids without(const MysqlGtids& other) const;
    // How many transactions it holds, at most INT64_MAX.
    std::int64_t count() const;

    bool operator==(const MysqlGtids&) const = default;

 private:
    // Per numberer in order, apart and never touching each other; none is empty.
    std::map<Numberer, std::vector<Interval>> sets_;
};

// "b8e1...-...": 36 characters.
std::string uuid_text(const std::array<std::uint8_t, 16>& uuid);
Result<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text);

}  // namespace sluice::replication
