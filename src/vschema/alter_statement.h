#pragma once
// From the ALTER VSCHEMA statement to the change of a keyspace's definition.
#include "sql/ast.h"
#include "vschema/alter.h"

namespace sluice::vschema {

// Which keyspace it is about, the statement's table name says, or who runs it.
Alteration alteration_of(const sql::AlterVschema& statement);

}  // namespace sluice::vschema
