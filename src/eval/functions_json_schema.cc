// JSON_SCHEMA_VALID, JSON_SCHEMA_VALIDATION_REPORT.
#include "eval/detail/json_arguments.h"
#include "eval/detail/json_schema.h"

namespace sluice::eval {
namespace {

struct PreparedSchema : Prepared {
    explicit PreparedSchema(JsonSchema read) : schema(std::move(read)) {}
    JsonSchema schema;
};

// Here bytes are as good as text.
std::optional<Json> document_of_bytes_at(const Node& node, Run& run, std::size_t at) {
    Operand operand(node.arguments[at], run);
    if (operand.is_null()) return std::nullopt;
    const Datum& datum = operand.datum();
    const FieldType& type = operand.json_type();
    const bool bytes = datum.as<Bits>() != nullptr || (datum.as<std::string>() != nullptr &&
                                                       type.collation->id == collation::binary);
    if (!bytes) return to_document(type, datum, static_cast<int>(at) + 1, node.name);
    auto parsed = parse_json(operand.text());
    if (!parsed) raise(json_text_error(parsed.error(), static_cast<int>(at) + 1, node.name));
    return std::move(*parsed);
}

std::optional<JsonSchema> schema_at(const Node& node, Run& run) {
    const auto json = document_of_bytes_at(node, run, 0);
    if (!json) return std::nullopt;
    if (!json->is_object()) {
        raise(3853, "Invalid JSON type in argument 1 to function " + node.name +
                        "; an object is required.");
    }
    return JsonSchema(*json);
}

struct Verdict {
    bool is_null = false;
    std::optional<SchemaFailure> failure;
};
Verdict verdict(const Node& node, Run& run) {
    const auto* prepared = static_cast<const PreparedSchema*>(node.prepared.get());
    std::optional<JsonSchema> own;
    if (prepared == nullptr) own = schema_at(node, run);
    if (prepared == nullptr && !own) return {.is_null = true, .failure = {}};
    const auto document = document_of_bytes_at(node, run, 1);
    if (!document) return {.is_null = true, .failure = {}};
    const JsonSchema& schema = prepared != nullptr ? prepared->schema : *own;
    return {.is_null = false, .failure = schema.failure(*document, run.environment)};
}

Datum schema_valid(const Node& node, Run& run) {
    const Verdict found = verdict(node, run);
    if (found.is_null) return {};
    return std::int64_t{found.failure ? 0 : 1};
}

Datum schema_report(const Node& node, Run& run) {
    const Verdict found = verdict(node, run);
    if (found.is_null) return {};
    JsonObject report;
    report.set("valid", Json(!found.failure.has_value()));
    if (found.failure) {
        const SchemaFailure& failure = *found.failure;
        report.set("reason", Json("The JSON document location '" + failure.document +
                                  "' failed requirement '" + std::string(failure.keyword) +
                                  "' at JSON Schema location '" + failure.schema + "'"));
        report.set("schema-location", Json(failure.schema));
        report.set("document-location", Json(failure.document));
        report.set("schema-failed-keyword", Json(std::string(failure.keyword)));
    }
    return Json(std::move(report));
}

// A constant schema is read once.
void prepare(Node& node) {
    if (!node.arguments[0].is_constant) return;
    Environment quiet;
    Run run{{}, quiet};
    if (auto schema = schema_at(node, run))
        node.prepared = std::make_shared<PreparedSchema>(std::move(*schema));
}

void give_schema_valid(Node& node, const Environment& environment) {
    give_boolean(node, environment);
    prepare(node);
}
void give_schema_report(Node& node, const Environment& environment) {
    give_json(node, environment);
    prepare(node);
}

}  // namespace

std::span<const Function> json_schema_functions() {
    static constexpr Function functions[] = {
        {"json_schema_valid", 2, 2, give_schema_valid, schema_valid},
        {"json_schema_validation_report", 2, 2, give_schema_report, schema_report},
    };
    return functions;
}

}  // namespace sluice::eval
