#pragma once
// Heartbeats in the sidecar database: a primary writes the time, replicas read how old it is
// (vttablet-contract 2.3).
#include <cstdint>

#include "async/stop.h"
#include "async/task.h"
#include "base/error.h"

namespace sluice::tabletserver {

class Server;

// For as long as the tablet lives; writes while it is a serving primary.
async::Task<void> write_heartbeats(Server* server, async::Stop* stop);
// Seconds since the newest heartbeat that has arrived.
async::Task<Result<std::uint32_t>> heartbeat_lag(Server* server, async::Stop* stop);

}  // namespace sluice::tabletserver
