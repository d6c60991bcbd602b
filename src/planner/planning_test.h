#pragma once
// For this room's tests: from a query's text to its plan, as the executor goes.
#include <memory>
#include <string>
#include <string_view>

#include "plan/describe.h"
#include "planner/planner.h"
#include "sql/fingerprint.h"
#include "sql/normalize.h"
#include "sql/parse.h"
#include "vindex/test_types.h"
#include "vschema/json.h"
#include "vschema/schema.h"

namespace sluice::planner {

inline std::shared_ptr<const vschema::Schema> schema_of(
    std::string_view json, const vschema::Discovered& discovered = {}) {
    auto definition = vschema::parse_srv_vschema_json(json);
    if (!definition) return nullptr;
    vschema::BuildOptions options;
    options.creation.more_types = vindex::test_types();
    return vschema::Schema::build(*definition, discovered, options);
}

// A view as schema tracking has read it: tables in `query` are named with their keyspace.
inline vschema::DiscoveredView view_of(std::string name, std::string query,
                                       std::vector<std::string> columns = {}) {
    const auto statement = sql::parse(query);
    vschema::View view{.query = {}, .columns = std::move(columns), .unreadable = {}};
    if (statement && statement->as<sql::Query>() != nullptr) {
        view.query = *statement->as<sql::Query>();
    } else {
        view.unreadable = "no query";
    }
    return {.name = std::move(name),
            .text = std::move(query),
            .view = std::make_shared<const vschema::View>(std::move(view))};
}

inline Result<plan::Plan> plan_text(std::string_view text, PlanContext context, bool with_slots) {
    sql::Fingerprint slots;
    sql::fingerprint(text, context.mode, {}, slots);
    auto statement = TRY(sql::parse(text, context.mode));
    sql::NormalizeOptions options;
    options.parameterise = sql::can_normalize(statement);
    if (with_slots) options.slots = &slots;
    options.text = text;
    options.mode = context.mode;
    auto normalized = TRY(sql::normalize(std::move(statement), options));
    context.text = text;
    context.slots = with_slots ? &slots : nullptr;
    return plan(std::move(normalized), context);
}

}  // namespace sluice::planner
