#pragma once
// Makers of the built-in types, each in the file of its name; create.cc has the table of them.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vindex/create.h"

namespace sluice::vindex {

using VindexPointer = Result<std::shared_ptr<const Vindex>>;

// What a maker gets.
struct Request {
    std::string type;
    std::string name;
    const Parameters& parameters;
    const Creation& creation;

    std::string_view parameter(std::string_view key) const {  // "" if absent
        const auto found = parameters.find(key);
        return found == parameters.end() ? std::string_view() : std::string_view(found->second);
    }
    bool has(std::string_view key) const { return parameters.contains(key); }
};

VindexPointer make_function(const Request& request);    // functional.cc: hash, numeric, xxhash, ...
VindexPointer make_static_map(const Request& request);  // static_map.cc
VindexPointer make_cfc(const Request& request);
VindexPointer make_region_experimental(const Request& request);  // region.cc
VindexPointer make_region_json(const Request& request);
VindexPointer make_multicol(const Request& request);
VindexPointer make_lookup(const Request& request);

// The bytes of a value: hex and bit literals decoded, anything else as it is. `storage` holds
// decoded ones.
Result<std::string_view> bytes_of(ValueView value, std::string& storage);

// The key range of all keyspace ids that start with `prefix`.
KeyRange range_of_prefix(std::string_view prefix);

// {"1": 2, ...}: a JSON object of unsigned numbers, errors in the words of encoding/json.
Result<std::vector<std::pair<std::string, std::uint64_t>>> parse_number_map(std::string_view json);
Result<std::string> read_file(const Creation& creation, std::string_view path);

}  // namespace sluice::vindex
