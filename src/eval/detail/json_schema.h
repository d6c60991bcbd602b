#pragma once
// JSON schemas of draft 4 as MySQL takes them: what JSON_SCHEMA_VALID and
// JSON_SCHEMA_VALIDATION_REPORT say of a document.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eval/environment.h"
#include "values/json.h"

namespace sluice::eval {

// What fails first. Places are JSON pointers as URI fragments: "#/properties/a%20b".
struct SchemaFailure {
    std::string document;
    std::string schema;
    std::string_view keyword;
};

struct SchemaNode;

class JsonSchema {
 public:
    // The schema must be an object. Raises 1235 for references to other documents, 3157 for
    // references in a circle or more than 100 levels deep.
    explicit JsonSchema(const Json& schema);
    JsonSchema(JsonSchema&&) noexcept;
    JsonSchema& operator=(JsonSchema&&) noexcept;
    ~JsonSchema();

    // nullopt: the document is valid. VT12001 for documents that take too many steps.
    std::optional<SchemaFailure> failure(const Json& document,
                                         const Environment& environment) const;

 private:
    struct Nodes;
    std::unique_ptr<const Nodes> nodes_;
};

// A pointer's tokens: "#/a~1b/0" has "a/b" and "0". nullopt for what is no pointer.
std::optional<std::vector<std::string>> pointer_tokens(std::string_view fragment);
// Appends "/token".
void append_token(std::string& fragment, std::string_view token);

}  // namespace sluice::eval
