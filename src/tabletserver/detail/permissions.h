#pragma once
// Which rights on which tables a statement needs (vttablet-contract 3.4).
#include <vector>

#include "sql/ast.h"
#include "tabletserver/plan.h"

namespace sluice::tabletserver {

std::vector<Permission> permissions_of(const sql::Statement& statement);

}  // namespace sluice::tabletserver
