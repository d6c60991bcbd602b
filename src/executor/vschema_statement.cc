// Step 4 of a request: ALTER VSCHEMA. The change is stored in the topology, and every core plans by
// it before the client is answered (vtgate-contract 5.8).
#include <algorithm>

#include "executor/work.h"
#include "planner/planner.h"
#include "vschema/alter_statement.h"

namespace sluice::executor {
namespace {

bool may_alter(const Work& work) {
    for (const std::string& user : work.core->options->vschema_ddl_users) {
        if (user == "%" || user == work.session->identity.user_data) return true;
    }
    return false;
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
    const vschema::Alteration alteration = vschema::alteration_of(*alter);
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
