#pragma once
// `mysqlctl position`: arithmetic on replication positions, without a server.
#include <string>
#include <vector>

#include "base/error.h"

namespace sluice::mysqlctl {

// words = ( "equal" / "at_least" ) position position / "append" position gtid ; a gtid is
// "FLAVOUR/..." of one transaction. What is to be printed.
Result<std::string> compute_position(const std::vector<std::string>& words);

}  // namespace sluice::mysqlctl
