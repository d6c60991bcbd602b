// Calls of the control plane: whether all tablets have the same tables and run the same version.
// Before: service.cc. After: schema_calls.cc.
#include <algorithm>
#include <map>

#include <boost/json.hpp>

#include "vschema.pb.h"
#include "vtctl/detail/ask.h"
#include "vtctl/detail/method.h"
#include "vtctl/detail/one_tablet.h"
#include "vtctl/detail/schema_reload.h"

namespace sluice::vtctl::detail {
namespace {

using tablet_message::SchemaDefinition;
using tablet_message::TableDefinition;
using topodata::Tablet;

std::map<std::string, const TableDefinition*> by_name(const SchemaDefinition& schema) {
    std::map<std::string, const TableDefinition*> tables;
    for (const TableDefinition& table : schema.table_definitions()) {
        // Tables that a migration has left behind come and go on each tablet by itself.
        const bool is_internal = table.name().starts_with("_vt_") && table.name().ends_with("_");
        if (!is_internal) tables[table.name()] = &table;
    }
    return tables;
}

std::string extra(const std::string& where, const TableDefinition& table) {
    return where + " has an extra " + (table.type() == "VIEW" ? "view" : "table") + " named " +
           table.name();
}

// A line for each difference, in v21's words.
std::vector<std::string> differences(const std::string& left_name, const SchemaDefinition& left,
                                     const std::string& right_name, const SchemaDefinition& right) {
    std::vector<std::string> lines;
    const auto differ = [&](const std::string& what, const std::string& one,
                            const std::string& other) {
        if (one != other)
            lines.push_back(what + ":\n" + left_name + ": " + one + "\n differs from:\n" +
                            right_name + ": " + other);
    };
    differ("schemas are different", left.database_schema(), right.database_schema());
    auto others = by_name(right);
    for (const auto& [name, table] : by_name(left)) {
        const auto other = others.extract(name);
        if (other.empty()) {
            lines.push_back(extra(left_name, *table));
            continue;
        }
        differ("schemas differ on table " + name, table->schema(), other.mapped()->schema());
        differ("schemas differ on table type for table " + name, table->type(),
               other.mapped()->type());
    }
    for (const auto& [name, table] : others) lines.push_back(extra(right_name, *table));
    return lines;
}

tablet_message::GetSchemaRequest tables_of(const message::ValidateSchemaKeyspaceRequest& request) {
    tablet_message::GetSchemaRequest tables;
    *tables.mutable_exclude_tables() = request.exclude_tables();
    tables.set_include_views(request.include_views());
    return tables;
}

struct Reference {
    topodata::TabletAlias alias;
    SchemaDefinition schema;
};

// The shard's tablets against the first shard's primary; `reference` is that, once it is known.
Task<Result<std::vector<std::string>>> compare_shard(
    Control* control, const message::ValidateSchemaKeyspaceRequest* request, std::string shard,
    std::optional<Reference>* reference, Stop* stop) {
    std::vector<std::string> lines;
    const auto record = co_await read_shard(control, request->keyspace(), shard, stop);
    if (!record) {
        lines.push_back("GetShard(" + request->keyspace() + ", " + shard +
                        ") failed: " + record.error().text);
        co_return lines;
    }
    if (!record->has_primary_alias()) {
        if (!request->skip_no_primary())
            lines.push_back("no primary in shard " + shard_text(request->keyspace(), shard));
        co_return lines;
    }
    if (!*reference) {
        auto schema =
            CO_TRY(co_await schema_of(control, record->primary_alias(), tables_of(*request), stop));
        reference->emplace(Reference{record->primary_alias(), std::move(schema)});
    }
    for (const Tablet& tablet :
         CO_TRY(co_await tablets_of_shard(control, request->keyspace(), shard, stop))) {
        if (same(tablet.alias(), (*reference)->alias)) continue;
        const auto schema = co_await schema_of(control, tablet.alias(), tables_of(*request), stop);
        if (!schema) {
            lines.push_back(schema.error().text);
            continue;
        }
        for (auto& line : differences(alias_text((*reference)->alias), (*reference)->schema,
                                      alias_text(tablet.alias()), *schema))
            lines.push_back(std::move(line));
    }
    co_return lines;
}

Task<Result<message::ValidateVSchemaResponse>> validate_vschema(
    Control* control, const message::ValidateVSchemaRequest* request, Stop* stop) {
    message::ValidateVSchemaResponse response;
    const auto vschema = co_await read<::vschema::Keyspace>(
        control, global, path::vschema(request->keyspace()), stop);
    if (!vschema) co_return wrap(vschema.error(), "GetVSchema(" + request->keyspace() + ") failed");
    for (const std::string& shard : request->shards()) {
        auto& results = (*response.mutable_results_by_shard())[shard];
        const auto record = CO_TRY(co_await read_shard(control, request->keyspace(), shard, stop));
        if (!record.has_primary_alias()) continue;
        tablet_message::GetSchemaRequest tables;
        *tables.mutable_exclude_tables() = request->exclude_tables();
        tables.set_include_views(request->include_views());
        const auto schema =
            CO_TRY(co_await schema_of(control, record.primary_alias(), std::move(tables), stop));
        std::string absent;
        for (const auto& [name, table] : by_name(schema)) {
            if (!vschema->record.tables().contains(name))
                absent += (absent.empty() ? "" : " ") + name;
        }
        if (absent.empty()) continue;
        std::string line = shard_text(request->keyspace(), shard) +
                           " has tables that are not in the vschema: [" + absent + "]";
        results.add_results(line);
        response.add_results(std::move(line));
    }
    co_return response;
}

Task<Result<message::ValidateSchemaKeyspaceResponse>> validate_schema(
    Control* control, const message::ValidateSchemaKeyspaceRequest* request, Stop* stop) {
    message::ValidateSchemaKeyspaceResponse response;
    const auto shards = co_await shards_of(control, request->keyspace(), stop);
    if (!shards) {
        response.add_results("TopologyServer.GetShardNames(" + request->keyspace() +
                             ") failed: " + shards.error().text);
        co_return response;
    }
    for (const auto& shard : *shards) (*response.mutable_results_by_shard())[shard];
    if (request->include_vschema()) {
        message::ValidateVSchemaRequest check;
        check.set_keyspace(request->keyspace());
        check.mutable_shards()->Add(shards->begin(), shards->end());
        *check.mutable_exclude_tables() = request->exclude_tables();
        check.set_include_views(request->include_views());
        auto checked = CO_TRY(co_await validate_vschema(control, &check, stop));
        if (checked.results_size() > 0) {
            *response.mutable_results() = checked.results();
            for (const auto& [shard, results] : checked.results_by_shard())
                (*response.mutable_results_by_shard())[shard] = results;
            co_return response;
        }
    }
    std::optional<Reference> reference;
    for (const auto& shard : *shards) {
        for (const auto& line :
             CO_TRY(co_await compare_shard(control, request, shard, &reference, stop))) {
            (*response.mutable_results_by_shard())[shard].add_results(line);
            response.add_results(line);
        }
    }
    co_return response;
}

// The tablets of the shard that run something else than `wanted`.
Task<Result<std::vector<std::string>>> compare_versions(Control* control, std::string keyspace,
                                                        std::string shard,
                                                        topodata::TabletAlias primary,
                                                        std::string wanted, Stop* stop) {
    std::vector<std::string> lines;
    for (const Tablet& tablet : CO_TRY(co_await tablets_of_shard(control, keyspace, shard, stop))) {
        if (same(tablet.alias(), primary)) continue;
        const std::string alias = alias_text(tablet.alias());
        const auto version = co_await version_of(control, &tablet, stop);
        if (!version) {
            lines.push_back("unable to get version for tablet " + alias + ": " +
                            version.error().text);
        } else if (*version != wanted) {
            lines.push_back("primary " + alias_text(primary) + " version " + wanted +
                            " is different than replica " + alias + " version " + *version);
        }
    }
    co_return lines;
}

struct PrimaryVersion {
    topodata::TabletAlias alias;
    std::string version;
};
Task<Result<PrimaryVersion>> primary_version(Control* control, std::string keyspace,
                                             std::string shard, Stop* stop) {
    const auto record = co_await read_shard(control, keyspace, shard, stop);
    if (!record) co_return wrap(record.error(), "GetShard(" + shard + ") failed");
    if (!record->has_primary_alias())
        co_return fail(Code::unknown, "no primary in shard " + shard_text(keyspace, shard));
    const Tablet primary = CO_TRY(co_await read_tablet(control, record->primary_alias(), stop));
    const auto version = co_await version_of(control, &primary, stop);
    if (!version)
        co_return wrap(version.error(), "GetVersion(" + alias_text(primary.alias()) + ") failed");
    co_return PrimaryVersion{primary.alias(), *version};
}

Task<Result<message::ValidateVersionShardResponse>> validate_version_shard(
    Control* control, const message::ValidateVersionShardRequest* request, Stop* stop) {
    const auto primary =
        CO_TRY(co_await primary_version(control, request->keyspace(), request->shard(), stop));
    message::ValidateVersionShardResponse response;
    for (auto& line : CO_TRY(co_await compare_versions(
             control, request->keyspace(), request->shard(), primary.alias, primary.version, stop)))
        response.add_results(std::move(line));
    co_return response;
}

Task<Result<message::ValidateVersionKeyspaceResponse>> validate_version(
    Control* control, const message::ValidateVersionKeyspaceRequest* request, Stop* stop) {
    message::ValidateVersionKeyspaceResponse response;
    const auto shards = CO_TRY(co_await shards_of(control, request->keyspace(), stop));
    if (shards.empty()) {
        response.add_results("no shards in keyspace " + request->keyspace());
        co_return response;
    }
    const auto primary =
        co_await primary_version(control, request->keyspace(), shards.front(), stop);
    if (!primary) {
        response.add_results(primary.error().text);
        co_return response;
    }
    for (const auto& shard : shards) {
        auto& results = (*response.mutable_results_by_shard())[shard];
        for (const auto& line : CO_TRY(co_await compare_versions(
                 control, request->keyspace(), shard, primary->alias, primary->version, stop))) {
            results.add_results(line);
            response.add_results(line);
        }
    }
    co_return response;
}

}  // namespace

Task<Result<std::string>> version_of(Control* control, const topodata::Tablet* tablet, Stop* stop) {
    const std::string page = CO_TRY(co_await control->tablets->page(
        web_place_of(*tablet), "/debug/vars", control->call_timeout, stop));
    boost::system::error_code failure;
    const boost::json::value parsed = boost::json::parse(page, failure);
    if (failure || !parsed.is_object())
        co_return fail(Code::unknown,
                       "/debug/vars of " + alias_text(tablet->alias()) + " is not a JSON object");
    // As Go prints a struct of these four.
    std::string text;
    for (const char* name : {"BuildHost", "BuildUser", "BuildTimestamp", "BuildGitRev"}) {
        const boost::json::value* const value = parsed.as_object().if_contains(name);
        text += text.empty() ? "{" : " ";
        if (value == nullptr) {
            text += std::string_view(name) == "BuildTimestamp" ? "0" : "";
        } else if (value->is_string()) {
            text += std::string(value->as_string());
        } else {
            text += boost::json::serialize(*value);
        }
    }
    co_return text + "}";
}

std::vector<Method> schema_check_methods() {
    return {method(&validate_schema), method(&validate_vschema), method(&validate_version_shard),
            method(&validate_version)};
}

}  // namespace sluice::vtctl::detail
