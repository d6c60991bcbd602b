#pragma once
// What a new server is told by us: my.cnf for its kind and version, and the first statements.
#include <string>
#include <string_view>

#include "mysqlctl/server_version.h"

namespace sluice::mysqlctl {

// A template for fill_template(), from "[mysqld]" on.
std::string my_cnf_template(const ServerVersion& version);

// Statements that run once on a new server, as root: the users that vttablet expects by its flags'
// defaults, and no others. They leave nothing in the binary log.
std::string_view first_statements(const ServerVersion& version);

}  // namespace sluice::mysqlctl
