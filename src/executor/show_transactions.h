#pragma once
// SHOW UNRESOLVED TRANSACTIONS and SHOW TRANSACTION STATUS (vtgate-contract 5.7, 13.4).
#include "executor/local_rows.h"
#include "executor/work.h"
#include "sql/ast.h"

namespace sluice::executor {

// Asks the primaries of the keyspace (the session's, if none is named), or of the transaction's own
// shard. Nothing is resolved here.
Task<Result<LocalRows>> transaction_rows(const Work* work, const sql::Show* show);

}  // namespace sluice::executor
