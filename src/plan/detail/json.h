#pragma once
// JSON for people: members in the order in which they were added, indented by one `indent` for each
// depth.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::plan {

struct Json;
struct JsonMember;
using JsonMembers = std::vector<JsonMember>;
using JsonItems = std::vector<Json>;

struct Json {
    std::variant<std::string, std::int64_t, bool, JsonMembers, JsonItems> node;
};
struct JsonMember {
    std::string name;
    Json value;
};

void write(std::string& out, const Json& json, int depth = 0, char indent = '\t');

}  // namespace sluice::plan
