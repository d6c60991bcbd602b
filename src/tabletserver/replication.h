#pragma once
// What a tablet finds out about its server: whether it may serve from it, and how far behind it is.
#include <cstdint>
#include <string>

#include "tablet/mysql_tablet.h"

namespace sluice::tabletserver {

using async::Stop;
using async::Task;

// FAILED_PRECONDITION in v21's words if the server must not be served from: it is not in a strict
// mode (with `strict`), or its sessions begin without autocommit; or it reads strings in a way that
// values cannot be put into texts for. Else the server's version.
Task<Result<std::string>> check_server(tablet::MysqlTablet* tablet, bool strict, Stop* stop);

// The port that the server listens on.
Task<Result<std::int32_t>> mysql_port(tablet::MysqlTablet* tablet, Stop* stop);

// Seconds behind the source, by SHOW REPLICA STATUS. FAILED_PRECONDITION "replication is not
// running" if it is not, or if there is none.
Task<Result<std::uint32_t>> replication_lag(tablet::MysqlTablet* tablet, Stop* stop);

}  // namespace sluice::tabletserver
