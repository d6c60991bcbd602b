#pragma once
// LockTables: nobody writes to the tablet's server until the lock is given up, or its time is over.
// On the main loop.
#include "async/scope.h"
#include "async/stop.h"
#include "tablet/mysql_tablet.h"
#include "tabletserver/options.h"

namespace sluice::tabletserver {

using async::Stop;
using async::Task;

class TableLock {
 public:
    // `server`, as the user for administration, outlives it. `longest`: after which the lock is
    // given up whoever still counts on it.
    TableLock(tablet::MysqlTablet* server, milliseconds longest)
        : server_(server), longest_(longest) {}

    // FAILED_PRECONDITION "tables already locked on this tablet".
    Task<Result<void>> take(Stop* stop);
    // FAILED_PRECONDITION "tables were not locked".
    Task<Result<void>> give_up();
    // Gives up what is held; must be awaited before the lock is destroyed.
    Task<void> close();

 private:
    Task<void> give_up_late(tablet::HeldId lock);

    tablet::MysqlTablet* server_;
    milliseconds longest_;
    tablet::HeldId held_ = tablet::not_held;
    Stop ending_;
    async::Scope scope_;
};

}  // namespace sluice::tabletserver
