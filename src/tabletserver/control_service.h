#pragma once
// tabletmanagerservice.TabletManager: what the control plane asks of the tablet (vttablet-contract
// 4.2). What this tablet does not do is refused by name.
#include "rpc/services.h"
#include "tabletserver/reparent.h"
#include "tabletserver/table_lock.h"

namespace sluice::tabletserver {

// All belong to the main loop, whose `visits` take the calls of other loops, and outlive the
// service.
struct ControlParts {
    Server* server = nullptr;
    Lifecycle* lifecycle = nullptr;
    ReplicationControl* replication = nullptr;
    Reparent* reparent = nullptr;
    TableLock* table_lock = nullptr;
    tablet::MysqlTablet* all_privileges = nullptr;  // as the user who may do everything in tables
};

class ControlService {
 public:
    explicit ControlService(ControlParts parts) : parts_(parts) {}

    // The service outlives what is registered.
    void add_to(rpc::Services* services);

 private:
    ControlParts parts_;
};

}  // namespace sluice::tabletserver
