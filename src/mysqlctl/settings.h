#pragma once
// From flags to a server of this machine.
#include "mysqlctl/mysqld.h"
#include "servenv/mysqlctl_flags.h"

namespace sluice::mysqlctl {

// What a new server of --tablet_uid gets. Reads nothing.
MyCnf planned_my_cnf(const servenv::OwnServerFlags& flags);
// What is there: the plan with what its my.cnf says. Blocks; NOT_FOUND if there is no such file.
Result<MyCnf> existing_my_cnf(const servenv::OwnServerFlags& flags);

// Reads the file of passwords if one is named; blocks.
Result<MysqldOptions> mysqld_options(const servenv::MysqlctlFlags& flags);

}  // namespace sluice::mysqlctl
