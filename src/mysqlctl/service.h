#pragma once
// mysqlctl.MysqlCtl: what mysqlctld does for a tablet in another container (vttablet-contract
// 12.1).
#include "mysqlctl/mysqld.h"
#include "rpc/services.h"

namespace sluice::mysqlctl {

class Service {
 public:
    // All calls must come in on the server's loop. `mysqld` outlives the service, the service what
    // is registered. Calls that only restoring backups needs are UNIMPLEMENTED by name.
    explicit Service(Mysqld* mysqld) : mysqld_(mysqld) {}
    void add_to(rpc::Services* services);

 private:
    Mysqld* mysqld_;
};

}  // namespace sluice::mysqlctl
