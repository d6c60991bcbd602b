// GetSchema: what gates ask after they were told of a change. Before: query_service.cc.
#include <algorithm>

#include "rpc/messages.h"
#include "tabletserver/detail/query.h"
#include "tabletserver/query_service.h"
#include "tabletserver/schema.h"

namespace sluice::tabletserver {
namespace {

bool wants(const ::query::GetSchemaRequest& request, const std::string& name) {
    const auto& names = request.table_names();
    return names.empty() || std::ranges::find(names, name) != names.end();
}

bool wants(const ::query::GetSchemaRequest& request, TableKind kind) {
    switch (request.table_type()) {
        case ::query::TABLES:
            return kind != TableKind::view;
        case ::query::VIEWS:
            return kind == TableKind::view;
        case ::query::ALL:
            return true;
        default:
            return false;
    }
}

::query::Type return_type(std::string_view words) {
    if (words == "integer" || words == "int") return ::query::INT64;
    if (words == "double" || words == "real") return ::query::FLOAT64;
    if (words == "decimal") return ::query::DECIMAL;
    return ::query::VARCHAR;
}

}  // namespace

Task<Result<void>> QueryService::run_schema(rpc::ServerCall* call) {
    Core* const core = this->core();
    const auto request = CO_TRY(co_await rpc::only_request<::query::GetSchemaRequest>(call));
    const ::query::Target* const target = request.has_target() ? &request.target() : nullptr;
    CO_TRY(check(*core->condition, core->options->keyspace, core->options->shard,
                 wanted_target(target), false));
    const SchemaPointer schema = schema_->snapshot();
    ::query::GetSchemaResponse response;
    if (!schema) co_return Result<void>{};
    constexpr std::size_t part = 256 * 1024;  // far under every limit of messages
    std::size_t size = 0;
    for (const auto& [name, table] : schema->tables) {
        if (!wants(request, table.kind) || !wants(request, name)) continue;
        (*response.mutable_table_definition())[name] = table.text;
        size += name.size() + table.text.size();
        if (size < part) continue;
        CO_TRY(co_await rpc::send(call, &response));
        response.Clear();
        size = 0;
    }
    const bool functions =
        request.table_type() == ::query::UDFS || request.table_type() == ::query::ALL;
    for (const FunctionDefinition& function : schema->functions) {
        if (!functions) break;
        auto* added = response.add_udfs();
        added->set_name(function.name);
        added->set_aggregating(function.aggregating);
        added->set_return_type(return_type(function.returns));
    }
    if (response.ByteSizeLong() == 0) co_return Result<void>{};
    co_return co_await rpc::send(call, &response);
}

}  // namespace sluice::tabletserver
