#pragma once
// Protobuf messages as JSON, the two ways that Vitess's tools print them: field names of the .proto
// files, or the compact lowerCamelCase form. Fields without a value are left out, 64-bit integers
// are strings, bytes are base64, map keys are sorted. Source: protobuf's JSON mapping; corpora
// topo/messages.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace google::protobuf {
class Message;
}

namespace sluice::topo {

enum class JsonNames : std::uint8_t { proto, camel };

std::string to_json(const google::protobuf::Message& message, JsonNames names);

// In .proto names, in two further forms: every field, also without a value (messages are null), and
// as Go's own JSON package prints a message's struct: enums and 64-bit integers are numbers, and
// what could be markup is escaped.
enum class JsonForm : std::uint8_t { every_field, go_struct };
std::string to_json(const google::protobuf::Message& message, JsonForm form);
// Accepts both spellings of a field; unknown fields are refused.
Result<void> from_json(std::string_view json, google::protobuf::Message* message);
// The same, but unknown fields are skipped.
Result<void> from_json_leniently(std::string_view json, google::protobuf::Message* message);
// The bytes with map entries sorted.
std::string to_bytes(const google::protobuf::Message& message);

// The record at a path as JSON in .proto names; the raw text for a path without a message type.
Result<std::string> record_json(std::string_view path, std::string_view contents);
// In Go's one-line text form: `durability_policy:"none" key_range:{end:"\x80"}`.
std::string to_text(const google::protobuf::Message& message);
// The record in that form, which v21's tools show.
Result<std::string> record_text(std::string_view path, std::string_view contents);

}  // namespace sluice::topo
