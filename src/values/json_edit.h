#pragma once
// JSON_SET and its kind: values with a part changed. Paths name one value at most (the caller
// answers 3149 otherwise, json_path_names_many_error).
#include "values/json.h"
#include "values/json_path.h"

namespace sluice {

// Replaces what the path names, adds what it does not name yet (a member of an existing object, a
// cell behind an array's end), or both: JSON_REPLACE, JSON_INSERT, JSON_SET.
enum class JsonWrite : std::uint8_t { insert, replace, set };
void json_write(Json& json, const JsonPath& path, Json value, JsonWrite how);

// JSON_ARRAY_APPEND: what is no array becomes one first.
void json_array_append(Json& json, const JsonPath& path, Json value);
// JSON_ARRAY_INSERT. 3165: the path's last leg is no cell.
Result<void> json_array_insert(Json& json, const JsonPath& path, Json value);
// JSON_REMOVE. 3153: the path is "$".
Result<void> json_remove(Json& json, const JsonPath& path);

}  // namespace sluice
