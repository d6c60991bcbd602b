#pragma once
// Step 5 of a request: a normalised statement becomes a plan. Pure: the same statement under the
// same schema and session gives the same plan. What cannot be planned without the risk of a wrong
// result is refused with VT12001.
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/plan.h"
#include "sql/fingerprint.h"
#include "sql/normalize.h"
#include "vindex/destination.h"
#include "vindex/target.h"
#include "vschema/schema.h"

namespace sluice::planner {

struct PlanContext {
    const vschema::Schema* schema =
        nullptr;           // outlives the call; the plan keeps its vindexes alive
    std::string keyspace;  // of the session; empty: none chosen
    vindex::TabletType tablet_type = vindex::TabletType::primary;
    std::optional<vindex::Destination> destination;  // the session's shard or key range
    std::string target;     // the session's target as the client wrote it, for messages
    std::string_view text;  // as the client sent it; spans count in it
    sql::LexerMode mode;    // by which `text` was read, and by which shards read theirs
    const sql::Fingerprint* slots = nullptr;  // of `text`; null: the plan is used once
    bool mariadb =
        false;  // what the gate is taken for: errors have that server's numbers and words
    // The statement holds something that the text does not (sql_select_limit): never forward it.
    bool text_changed = false;
    // Shards are vttablets, which are sent plans' texts and never the client's.
    bool tablets = false;
    // --enable-views: the schema knows views, so that a new one need not be right shard by shard.
    bool views = false;
    // --no_scatter: a query of all shards is refused, unless it says /*vt+ ALLOW_SCATTER */.
    bool no_scatter = false;
};

// Plans what runs on shards: queries, writes, DDL, and the SHOW, EXPLAIN and administration
// statements that a shard answers. Statements of the session itself (SET, USE, BEGIN, PREPARE,
// KILL, VEXPLAIN, ALTER VSCHEMA, SHOW that the gate answers ...) never come here.
Result<plan::Plan> plan(sql::Normalized normalized, const PlanContext& context);

// What a tablet is asked for the columns of a query whose parameters have no values yet: the same
// tables and expressions, no rows.
std::string columns_query(const sql::Query& query);

// Does a shard answer this SHOW (plan it), or the gate itself?
bool is_answered_by_shard(sql::ShowKind kind);

// VT09005, 1046: a statement needs a keyspace and there is none.
std::unexpected<Error> no_keyspace();

using vschema::is_system_schema;

}  // namespace sluice::planner
