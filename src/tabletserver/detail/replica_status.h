#pragma once
// What a server says of its own replication, as the control plane's messages have it.
#include <optional>

#include "replicationdata.pb.h"
#include "tablet/mysql_tablet.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/detail/dialect.h"

namespace sluice::tabletserver {

// replicationdata.Status.io_state and sql_state.
enum class ThreadState : std::int32_t { unknown = 0, stopped = 1, connecting = 2, running = 3 };

inline bool receives(const replicationdata::Status& status) {
    const auto state = static_cast<ThreadState>(status.io_state());
    return state == ThreadState::running ||
           (state == ThreadState::connecting && status.last_io_error().empty());
}
inline bool applies(const replicationdata::Status& status) {
    return static_cast<ThreadState>(status.sql_state()) == ThreadState::running;
}

// From the rows of SHOW REPLICA STATUS with names; `executed`: MariaDB's position, which the rows
// do not tell completely. nullopt: it replicates from nobody.
Result<std::optional<replicationdata::Status>> status_of(const Dialect& dialect,
                                                         const std::vector<TextRow>& rows,
                                                         const replication::Position& executed);

// FAILED_PRECONDITION in the words that clients look for: MySQL's error 100 of v21's own.
std::unexpected<Error> not_a_replica(std::string_view before = {});

}  // namespace sluice::tabletserver
