#pragma once
// One schema, read once: what it asks of a value. Schemas within it are nodes of their own.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eval/detail/byte_pattern.h"
#include "eval/detail/json_schema.h"
#include "values/json.h"

namespace sluice::eval {

// Bits of SchemaNode::types.
namespace schema_type {
inline constexpr unsigned null = 1, boolean = 2, object = 4, array = 8, string = 16, number = 32,
                          integer = 64;
}

struct SchemaNode {
    using Bound = std::optional<std::uint64_t>;

    std::string place;  // "#/properties/a"
    std::optional<unsigned> types;
    std::vector<Json> values;  // enum; none: any
    std::vector<const SchemaNode*> all_of, any_of, one_of;
    const SchemaNode* negated = nullptr;

    std::optional<Json> minimum, maximum, multiple_of;
    bool exclusive_minimum = false, exclusive_maximum = false;

    Bound min_length, max_length;  // in characters
    std::optional<BytePattern> pattern;

    const SchemaNode* each_item = nullptr;
    std::optional<std::vector<const SchemaNode*>> items;  // one for each place
    const SchemaNode* further_items = nullptr;
    bool allows_further_items = true;
    Bound min_items, max_items;
    bool unique_items = false;

    std::map<std::string, const SchemaNode*, std::less<>> properties;
    std::vector<std::pair<BytePattern, const SchemaNode*>> patterns;
    const SchemaNode* further_properties = nullptr;
    bool allows_further_properties = true;
    std::vector<std::string> required;
    Bound min_properties, max_properties;
    // What must be there as well, and what the whole must be, if a property is.
    std::vector<std::pair<std::string, std::vector<std::string>>> needs;
    std::vector<std::pair<std::string, const SchemaNode*>> needs_schema;
};

// All nodes of a schema.
struct JsonSchema::Nodes {
    std::deque<SchemaNode> all;
    const SchemaNode* root = nullptr;
};

// What is left of a value when it is written as text and read again: dates, times and bytes are
// strings, decimals are doubles.
Json as_plain_json(const Json& value);

}  // namespace sluice::eval
