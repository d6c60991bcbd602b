#pragma once
// SHOW VITESS_TABLETS and SHOW VITESS_REPLICATION_STATUS; shared by the files of this room.
#include "executor/local_rows.h"
#include "executor/work.h"
#include "sql/ast.h"

namespace sluice::executor {

// LIKE is on the hostname.
Task<Result<LocalRows>> tablet_rows(const Work* work, const sql::Show* show);
// LIKE is on "keyspace/shard". Asks each replica's server, and its tablet's throttler; who does not
// answer is shown without.
Task<Result<LocalRows>> replication_rows(const Work* work, const sql::Show* show);

}  // namespace sluice::executor
