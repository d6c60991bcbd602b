#pragma once
// VSchema definitions from and to protobuf's JSON: names in snake_case or camelCase, unknown fields
// refused, as v21 reads them; written in the field names of the .proto files, fields with default
// values left out.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "vschema/definition.h"
#include "vschema/schema.h"

namespace sluice::vschema {

enum class FieldNames : std::uint8_t { snake_case, camel_case };
struct JsonStyle {
    FieldNames names = FieldNames::snake_case;
    int indent = 0;  // spaces per level; 0: one line without spaces
};

// Input over this is refused before it is parsed: etcd's default limit for a value is 1.5 MiB.
inline constexpr std::size_t max_json_size = 16 * 1024 * 1024;

Result<KeyspaceDefinition> parse_keyspace_json(std::string_view text);
Result<SrvVSchema> parse_srv_vschema_json(std::string_view text);
std::string to_json(const KeyspaceDefinition& keyspace, JsonStyle style = {});
std::string to_json(const SrvVSchema& vschema, JsonStyle style = {});
// The resolved form, as /debug/vschema shows it (contract 11.1).
std::string debug_json(const Schema& schema);

}  // namespace sluice::vschema
