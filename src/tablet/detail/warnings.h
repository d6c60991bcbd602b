#pragma once
// SHOW WARNINGS: what the server has to say about the statement before.
#include <vector>

#include "mysql/connection.h"
#include "tablet/tablet.h"

namespace sluice::tablet {

// Empty if they cannot be had; the connection then shows why.
Task<std::vector<Warning>> fetch_warnings(mysql::Connection* connection, Stop* stop);

}  // namespace sluice::tablet
