// Calls of the control plane: VSchemas and the rules that route around them. Before: service.cc.
// After: topo/topology.cc.
#include "sql/parse.h"
#include "vschema.pb.h"
#include "vschema/alter_statement.h"
#include "vschema/schema.h"
#include "vtctl/detail/method.h"
#include "vtctl/detail/records.h"

namespace sluice::vtctl::detail {
namespace {

namespace rules = ::vschema;

Task<Result<void>> rebuild(Control* control, bool skip, std::vector<std::string> cells,
                           Stop* stop) {
    if (skip) co_return Result<void>{};
    const auto rebuilt = co_await control->topology->rebuild_srv_vschema(cells, stop);
    if (rebuilt) co_return Result<void>{};
    std::string list;
    for (const std::string& cell : cells) list += (list.empty() ? "" : " ") + cell;
    co_return wrap(rebuilt.error(), "RebuildSrvVSchema([" + list + "]) failed");
}

template <class Request>
std::vector<std::string> rebuild_cells(const Request& request) {
    return {request.rebuild_cells().begin(), request.rebuild_cells().end()};
}

// Rules without a rule are no record, as v21 keeps it.
template <class Rules>
Task<Result<void>> save(Control* control, std::string where, Rules rules, Stop* stop) {
    if (rules.rules_size() == 0) co_return co_await remove_if_there(control, global, where, stop);
    co_return co_await write(control, global, where, std::move(rules), 0, stop);
}

Task<Result<message::ApplyRoutingRulesResponse>> apply_routing(
    Control* control, const message::ApplyRoutingRulesRequest* request, Stop* stop) {
    CO_TRY(co_await save(control, path::routing_rules(), request->routing_rules(), stop));
    CO_TRY(co_await rebuild(control, request->skip_rebuild(), rebuild_cells(*request), stop));
    co_return message::ApplyRoutingRulesResponse();
}

Task<Result<message::ApplyShardRoutingRulesResponse>> apply_shard_routing(
    Control* control, const message::ApplyShardRoutingRulesRequest* request, Stop* stop) {
    CO_TRY(
        co_await save(control, path::shard_routing_rules(), request->shard_routing_rules(), stop));
    CO_TRY(co_await rebuild(control, request->skip_rebuild(), rebuild_cells(*request), stop));
    co_return message::ApplyShardRoutingRulesResponse();
}

// The lock is that of the rules' directory; it exists once there are rules.
Task<Result<void>> save_keyspace_rules(Control* control, rules::KeyspaceRoutingRules rules,
                                       Stop* stop) {
    const std::string where = path::keyspace_routing_rules();
    const auto made = co_await create(control, global, where, rules::KeyspaceRoutingRules(), stop);
    if (!made && made.error().code != topo::node_exists) co_return made;
    const auto lock = CO_TRY(co_await control->topology->lock_directory(
        where.substr(0, where.rfind('/')), "ApplyKeyspaceRoutingRules", stop));
    auto saved = co_await write(control, global, where, std::move(rules), 0, stop);
    static_cast<void>(co_await lock->release(stop));
    co_return saved;
}

Task<Result<message::ApplyKeyspaceRoutingRulesResponse>> apply_keyspace_routing(
    Control* control, const message::ApplyKeyspaceRoutingRulesRequest* request, Stop* stop) {
    CO_TRY(co_await save_keyspace_rules(control, request->keyspace_routing_rules(), stop));
    message::ApplyKeyspaceRoutingRulesResponse response;
    *response.mutable_keyspace_routing_rules() =
        CO_TRY(co_await read_or_empty<rules::KeyspaceRoutingRules>(
            control, global, path::keyspace_routing_rules(), stop));
    CO_TRY(co_await rebuild(control, request->skip_rebuild(), rebuild_cells(*request), stop));
    co_return response;
}

Task<Result<message::GetRoutingRulesResponse>> get_routing(Control* control,
                                                           const message::GetRoutingRulesRequest*,
                                                           Stop* stop) {
    message::GetRoutingRulesResponse response;
    *response.mutable_routing_rules() = CO_TRY(
        co_await read_or_empty<rules::RoutingRules>(control, global, path::routing_rules(), stop));
    co_return response;
}

Task<Result<message::GetShardRoutingRulesResponse>> get_shard_routing(
    Control* control, const message::GetShardRoutingRulesRequest*, Stop* stop) {
    message::GetShardRoutingRulesResponse response;
    *response.mutable_shard_routing_rules() =
        CO_TRY(co_await read_or_empty<rules::ShardRoutingRules>(control, global,
                                                                path::shard_routing_rules(), stop));
    co_return response;
}

Task<Result<message::GetKeyspaceRoutingRulesResponse>> get_keyspace_routing(
    Control* control, const message::GetKeyspaceRoutingRulesRequest*, Stop* stop) {
    message::GetKeyspaceRoutingRulesResponse response;
    *response.mutable_keyspace_routing_rules() =
        CO_TRY(co_await read_or_empty<rules::KeyspaceRoutingRules>(
            control, global, path::keyspace_routing_rules(), stop));
    co_return response;
}

Task<Result<message::GetMirrorRulesResponse>> get_mirror(Control* control,
                                                         const message::GetMirrorRulesRequest*,
                                                         Stop* stop) {
    message::GetMirrorRulesResponse response;
    *response.mutable_mirror_rules() = CO_TRY(
        co_await read_or_empty<rules::MirrorRules>(control, global, path::mirror_rules(), stop));
    co_return response;
}

Task<Result<message::GetVSchemaResponse>> get_vschema(Control* control,
                                                      const message::GetVSchemaRequest* request,
                                                      Stop* stop) {
    message::GetVSchemaResponse response;
    *response.mutable_v_schema() =
        CO_TRY(co_await read<rules::Keyspace>(control, global, path::vschema(request->keyspace()),
                                              stop))
            .record;
    co_return response;
}

Result<rules::Keyspace> altered(const rules::Keyspace& before, const std::string& keyspace,
                                const std::string& text) {
    const auto parsed = sql::parse(text);
    if (!parsed) return fail(parsed.error().code, "Parse(" + text + "): " + parsed.error().text);
    const auto* alter = std::get_if<sql::AlterVschema>(&parsed->node);
    if (alter == nullptr)
        return fail(Code::invalid_argument, "error parsing VSchema DDL statement `" + text + "`");
    const auto definition =
        TRY(topo::decode<sluice::vschema::KeyspaceDefinition>(before.SerializeAsString()));
    const auto after =
        TRY(sluice::vschema::apply(definition, keyspace, sluice::vschema::alteration_of(*alter)));
    rules::Keyspace made;
    made.ParseFromString(topo::encode(after));
    return made;
}

// Sequences and sources of reference tables may lie in keyspaces that are not looked at, or come
// later.
void forget_other_keyspaces(const std::string& keyspace,
                            sluice::vschema::KeyspaceDefinition* definition) {
    for (auto& [name, table] : definition->tables) {
        table.auto_increment.reset();
        if (!table.source.starts_with(keyspace + ".")) table.source.clear();
    }
}

// The VSchema can be used; which parameters of its vindexes nobody knows goes to `response`.
Result<void> check_vschema(const std::string& keyspace, const rules::Keyspace& record,
                           message::ApplyVSchemaResponse* response) {
    sluice::vschema::SrvVSchema alone;
    alone.keyspaces[keyspace] =
        TRY(topo::decode<sluice::vschema::KeyspaceDefinition>(record.SerializeAsString()));
    forget_other_keyspaces(keyspace, &alone.keyspaces[keyspace]);
    const auto schema = sluice::vschema::Schema::build(alone);
    const sluice::vschema::Keyspace* const built = schema->keyspace(keyspace);
    if (built == nullptr)
        return fail(Code::invalid_argument, "BuildKeyspace(" + keyspace + "): no such keyspace");
    if (built->error)
        return fail(built->error->code, "BuildKeyspace(" + keyspace + "): " + built->error->text);
    for (const auto& [name, vindex] : built->vindexes) {
        auto unknown = vindex->unknown_parameters();
        if (unknown.empty()) continue;
        std::ranges::sort(unknown);
        auto& list = (*response->mutable_unknown_vindex_params())[name];
        list.mutable_params()->Add(unknown.begin(), unknown.end());
    }
    return {};
}

Result<void> refuse_unknown_parameters(const message::ApplyVSchemaResponse& response) {
    std::map<std::string, std::string> lines;
    for (const auto& [name, list] : response.unknown_vindex_params()) {
        std::string& line = lines[name];
        for (const auto& one : list.params()) line += (line.empty() ? "" : ", ") + one;
    }
    std::string all;
    for (const auto& [name, line] : lines)
        all += (all.empty() ? "" : "; ") + name + " (" + line + ")";
    return fail(Code::invalid_argument, er::wrong_arguments, "unknown vindex params: " + all);
}

Task<Result<message::ApplyVSchemaResponse>> apply_vschema(
    Control* control, const message::ApplyVSchemaRequest* request, Stop* stop) {
    const std::string& keyspace = request->keyspace();
    const auto record =
        co_await read<topodata::Keyspace>(control, global, path::keyspace(keyspace), stop);
    if (!record && record.error().code == topo::no_node)
        co_return wrap(record.error(), "keyspace(" + keyspace +
                                           ") doesn't exist, check if the keyspace is initialized");
    if (!record) co_return wrap(record.error(), "GetKeyspace(" + keyspace + ")");
    if (request->sql().empty() != request->has_v_schema())
        co_return fail(Code::invalid_argument, "must pass exactly one of req.VSchema and req.Sql");
    rules::Keyspace wanted = request->v_schema();
    const std::string where = path::vschema(keyspace);
    if (!request->sql().empty()) {
        const auto before =
            CO_TRY(co_await read_or_empty<rules::Keyspace>(control, global, where, stop));
        wanted = CO_TRY(altered(before, keyspace, request->sql()));
    }
    message::ApplyVSchemaResponse response;
    CO_TRY(check_vschema(keyspace, wanted, &response));
    if (request->strict() && response.unknown_vindex_params_size() > 0)
        CO_TRY(refuse_unknown_parameters(response));
    *response.mutable_v_schema() = wanted;
    if (request->dry_run()) co_return response;
    CO_TRY(co_await write(control, global, where, wanted, 0, stop));
    if (!request->skip_rebuild()) {
        CO_TRY(co_await control->topology->rebuild_srv_vschema(
            {request->cells().begin(), request->cells().end()}, stop));
    }
    co_return response;
}

}  // namespace

std::vector<Method> vschema_methods() {
    return {method(&apply_routing), method(&apply_shard_routing), method(&apply_keyspace_routing),
            method(&get_routing),   method(&get_shard_routing),   method(&get_keyspace_routing),
            method(&get_mirror),    method(&get_vschema),         method(&apply_vschema)};
}

}  // namespace sluice::vtctl::detail
