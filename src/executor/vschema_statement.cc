// Step 4 of a request: ALTER VSCHEMA. The change is stored in the topology, and every core plans by
// it before the client is answered (vtgate-contract 5.8).
#include <algorithm>

#include "executor/work.h"
#include "planner/planner.h"
#include "vschema/alter.h"

namespace sluice::executor {
namespace {

bool may_alter(const Work& work) {
    for (const std::string& user : work.core->options->vschema_ddl_users) {
        if (user == "%" || user == work.session->identity.user_data) return true;
    }
    return false;
}

vschema::ByName<std::string> parameters_of(const sql::AlterVschema& alter) {
    vschema::ByName<std::string> parameters;
    for (const sql::VindexParameter& parameter : alter.parameters)
        parameters[parameter.key] = parameter.value;
    return parameters;
}

// A sequence may be named with its keyspace.
std::string sequence_name(const sql::TableName& name) {
    return name.keyspace.empty() ? name.name : name.keyspace + "." + name.name;
}

vschema::Alteration alteration_of(const sql::AlterVschema& alter) {
    using sql::VschemaAction;
    namespace to = vschema::alter;
    switch (alter.action) {
        case VschemaAction::create_vindex:
            return to::CreateVindex{alter.vindex.empty() ? alter.table.name : alter.vindex,
                                    alter.vindex_type, parameters_of(alter)};
        case VschemaAction::drop_vindex:
            return to::DropVindex{alter.vindex.empty() ? alter.table.name : alter.vindex};
        case VschemaAction::add_table:
            return to::AddTable{alter.table.name};
        case VschemaAction::drop_table:
            return to::DropTable{alter.table.name};
        case VschemaAction::add_column_vindex:
            return to::AddColumnVindex{alter.table.name, alter.vindex, alter.columns,
                                       alter.vindex_type, parameters_of(alter)};
        case VschemaAction::drop_column_vindex:
            return to::DropColumnVindex{alter.table.name, alter.vindex};
        case VschemaAction::add_sequence:
            return to::AddSequence{alter.table.name};
        case VschemaAction::drop_sequence:
            return to::DropSequence{alter.table.name};
        case VschemaAction::add_auto_increment:
            return to::AddAutoIncrement{alter.table.name, alter.auto_increment_column,
                                        sequence_name(alter.sequence)};
        case VschemaAction::drop_auto_increment:
            return to::DropAutoIncrement{alter.table.name};
    }
    return to::AddTable{alter.table.name};
}

}  // namespace

Task<Result<Ending>> run_alter_vschema(const Work* work, const sql::AlterVschema* alter) {
    if (!may_alter(*work)) {
        co_return fail(Code::permission_denied, er::access_denied,
                       "User '" + work->session->identity.user_data +
                           "' is not authorized to perform vschema operations");
    }
    std::string keyspace = alter->table.keyspace;
    if (keyspace.empty()) keyspace = default_keyspace(*work);
    if (keyspace.empty()) co_return planner::no_keyspace();
    if (work->schema->keyspace(keyspace) == nullptr &&
        work->cluster->keyspace(keyspace) == nullptr) {
        co_return fail(Code::not_found, er::bad_db,
                       "VT05003: unknown database '" + keyspace + "' in vschema");
    }
    const vschema::Alteration alteration = alteration_of(*alter);
    CO_TRY(co_await work->core->topology->change_vschema(
        keyspace,
        [keyspace, alteration](const vschema::KeyspaceDefinition& definition) {
            return vschema::apply(definition, keyspace, alteration);
        },
        &work->session->stop));
    CO_TRY(co_await work->core->discovery->refresh_vschema());
    co_return plain_ending(*work->session);
}

}  // namespace sluice::executor
