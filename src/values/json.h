#pragma once
// JSON as a value, as MySQL holds it: numbers keep their kind (signed, unsigned, double, decimal),
// dates, times and opaque bytes come from SQL, an object's keys are in MySQL's order and unique.
// Strings are UTF-8. A document is at most 100 levels deep.
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/box.h"
#include "base/error.h"
#include "values/decimal.h"
#include "values/temporal.h"

namespace sluice {

struct Json;
struct JsonMember;

using JsonArray = std::vector<Json>;

// Keys in MySQL's order: shorter ones first, then by bytes.
class JsonObject {
 public:
    JsonObject();
    JsonObject(const JsonObject& other);
    JsonObject(JsonObject&& other) noexcept;
    JsonObject& operator=(const JsonObject& other);
    JsonObject& operator=(JsonObject&& other) noexcept;
    ~JsonObject();

    const Json* find(std::string_view key) const;
    Json* find(std::string_view key);
    // Adds a member, or gives it another value.
    void set(std::string_view key, Json value);
    // Adds a member unless there is one of that name.
    void add(std::string_view key, Json value);
    bool erase(std::string_view key);
    // For members that come in any order: appended as they are, then put in order at once; of equal
    // keys the last one counts.
    void append(std::string key, Json value);
    void put_in_order();

    std::size_t size() const;
    bool empty() const { return size() == 0; }
    const JsonMember* begin() const;
    const JsonMember* end() const;
    JsonMember* begin();
    JsonMember* end();

 private:
    std::vector<JsonMember> members_;
};

// Bytes of an SQL type that JSON has no word for.
struct JsonOpaque {
    std::uint8_t type = 0;  // a field type of the protocol: 16 BIT, 252 BLOB, 255 GEOMETRY, ...
    std::string bytes;
    bool operator==(const JsonOpaque&) const = default;
};

struct Json {
    using Node =
        std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, Box<Decimal>,
                     std::string, JsonArray, JsonObject, Date, Time, DateTime, JsonOpaque>;
    Node node = nullptr;

    Json() = default;
    Json(Node value) : node(std::move(value)) {}  // NOLINT(google-explicit-constructor)

    template <class T>
    const T* get_if() const {
        return std::get_if<T>(&node);
    }
    template <class T>
    T* get_if() {
        return std::get_if<T>(&node);
    }
    bool is_null() const { return node.index() == 0; }
    bool is_array() const { return get_if<JsonArray>() != nullptr; }
    bool is_object() const { return get_if<JsonObject>() != nullptr; }
    bool is_scalar() const { return !is_array() && !is_object(); }
};

struct JsonMember {
    std::string key;
    Json value;
};

// What needs to know a member.
inline JsonObject::JsonObject() = default;
inline JsonObject::JsonObject(const JsonObject& other) = default;
inline JsonObject::JsonObject(JsonObject&& other) noexcept = default;
inline JsonObject& JsonObject::operator=(const JsonObject& other) = default;
inline JsonObject& JsonObject::operator=(JsonObject&& other) noexcept = default;
inline JsonObject::~JsonObject() = default;
inline std::size_t JsonObject::size() const {
    return members_.size();
}
inline const JsonMember* JsonObject::begin() const {
    return members_.data();
}
inline const JsonMember* JsonObject::end() const {
    return members_.data() + members_.size();
}
inline JsonMember* JsonObject::begin() {
    return members_.data();
}
inline JsonMember* JsonObject::end() {
    return members_.data() + members_.size();
}

inline constexpr int max_json_depth = 100;

// ---- text

struct JsonSyntax {
    std::string message;       // "Invalid value.", as MySQL's parser says it
    std::size_t position = 0;  // in bytes, from 0
    bool too_deep = false;     // error 3157 instead
};
std::expected<Json, JsonSyntax> parse_json(std::string_view text);
// Error 3140 or 3141, or 3157: of JSON text in an argument (from 1) of a function as MySQL names it
// ("json_extract", "cast_as_json").
Error json_text_error(const JsonSyntax& syntax, int argument, std::string_view function);
// 3157.
Error json_depth_error();

// As MySQL prints a JSON value: {"a": 1, "b": [1.0, "x"]}.
std::string json_text(const Json& json);
void append_json(std::string& out, const Json& json);
// JSON_PRETTY.
std::string json_pretty(const Json& json);
// In double quotes, with escapes.
std::string json_quoted(std::string_view text);
void append_json_quoted(std::string& out, std::string_view text);
// JSON_UNQUOTE of a JSON value: a string without its quotes, anything else as it is printed.
std::string json_unquoted(const Json& json);
// JSON_UNQUOTE of a text: if it is in double quotes, the string that it says.
std::expected<std::string, JsonSyntax> json_unquoted(std::string_view text);

// ---- what a value is

// JSON_TYPE: "INTEGER", "UNSIGNED INTEGER", "OBJECT", "BLOB", ...
std::string_view json_type_name(const Json& json);
// 1 for scalars and empty arrays and objects.
int json_depth(const Json& json);
// Elements or members; 1 for a scalar.
std::size_t json_length(const Json& json);
// JSON_STORAGE_SIZE: bytes of the value in a JSON column.
std::size_t json_storage_size(const Json& json);
// 100 levels are not too deep.
bool too_deep(const Json& json);

// ---- order

// MySQL's order: first by kind (BLOB and BIT, OPAQUE, DATETIME, TIME, DATE, BOOLEAN, ARRAY, OBJECT,
// STRING, numbers, NULL), then by value. Objects that differ are ordered in some way.
std::strong_ordering compare(const Json& left, const Json& right);
// Equal values have equal hashes, numbers of different kinds too.
std::uint64_t hash(const Json& json, std::uint64_t seed);
// ORDER BY's: as `compare`, but two arrays or two objects are ordered by their length only.
std::weak_ordering sort_order(const Json& left, const Json& right);

// ---- functions of whole values (those with paths: json_path.h, json_edit.h)

// JSON_CONTAINS without a path.
bool json_contains(const Json& target, const Json& candidate);
// JSON_OVERLAPS; also MEMBER OF, with the element in an array.
bool json_overlaps(const Json& left, const Json& right);
bool json_member_of(const Json& element, const Json& array);
// RFC 7396.
Json merge_patch(Json target, const Json& patch);
// Arrays are joined, objects merged member by member, scalars become arrays.
Json merge_preserve(Json left, Json right);
// JSON_KEYS; nullopt if it is no object.
std::optional<Json> json_keys(const Json& json);

}  // namespace sluice
