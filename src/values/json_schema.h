#pragma once
// JSON_SCHEMA_VALID and JSON_SCHEMA_VALIDATION_REPORT: JSON Schema draft 4 as MySQL checks it.
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "values/json.h"

namespace sluice {

// Whether a text has a place that a regular expression matches; nullopt: it is no expression, and
// is ignored. The caller has the engine.
using SchemaPattern =
    std::function<std::optional<bool>(std::string_view pattern, std::string_view text)>;

// The first rule that the document breaks.
struct SchemaFailure {
    std::string document_location;  // "#/a/0", a JSON pointer
    std::string schema_location;    // "#/properties/a"
    std::string keyword;            // "minimum"

    // "The JSON document location '#/a' failed requirement 'minimum' at JSON Schema location ..."
    std::string reason() const;
    // JSON_SCHEMA_VALIDATION_REPORT's object.
    Json report() const;
};

// nullopt: it is valid. Errors: `schema` is no object (3853), has a reference to another document
// (1235).
Result<std::optional<SchemaFailure>> check_schema(const Json& schema, const Json& document,
                                                  std::string_view function,
                                                  const SchemaPattern& matches);

}  // namespace sluice
