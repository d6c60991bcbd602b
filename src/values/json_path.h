#pragma once
// Paths into JSON: $.name."a b"[3][last-1][2 to last].*[*]**.x
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "values/json.h"

namespace sluice {

struct JsonIndex {
    std::uint32_t number = 0;
    bool from_last = false;  // 0 is the last one, 1 the one before it
    bool operator==(const JsonIndex&) const = default;
};

struct JsonPathLeg {
    enum class Kind : std::uint8_t { member, cell, range, any_member, any_cell, ellipsis };
    Kind kind = Kind::member;
    std::string name;  // member
    JsonIndex from;    // cell, range
    JsonIndex to;      // range; belongs to it
    bool operator==(const JsonPathLeg&) const = default;
};

struct JsonPath {
    std::vector<JsonPathLeg> legs;

    // Whether it can name more than one value: it has a `*`, `**` or range.
    bool names_many() const;
    bool operator==(const JsonPath&) const = default;
};

// Where the error is, in characters from 0 (error 3143 says it).
std::expected<JsonPath, std::size_t> parse_json_path(std::string_view text);
// 3143, 3149 (no `*`, `**` or range here).
Error json_path_error(std::size_t position);
Error json_path_names_many_error();
// As MySQL writes it: $.a[0]."b c".
std::string json_path_text(const JsonPath& path);

// The values that the path names, each once, in the order of the document. A scalar or object
// counts as an array of one for [0] and [last].
std::vector<const Json*> find_all(const Json& json, const JsonPath& path);
// The first of them, or nullptr.
const Json* find_first(const Json& json, const JsonPath& path);

// JSON_EXTRACT: nullopt if no path names anything. With one path that names one value at most it is
// that value, else an array of all.
std::optional<Json> json_extract(const Json& json, std::span<const JsonPath> paths);

// JSON_SEARCH: paths of the strings that `matches`, under `paths` (none: everywhere), where only
// arrays have cells. nullopt: none; a string, or an array of strings if there are more than one.
std::optional<Json> json_search(const Json& json, bool only_one,
                                const std::function<bool(std::string_view)>& matches,
                                std::span<const JsonPath> paths);

}  // namespace sluice
