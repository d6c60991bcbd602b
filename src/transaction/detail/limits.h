#pragma once
// How long the ends of transactions may take. They are not bound to the statement's stop: a
// rollback that is interrupted would leave locks behind.
#include <chrono>

namespace sluice::transaction {

// As long as a lock wait on the server, far longer than a commit.
inline constexpr std::chrono::seconds transaction_end{30};
// Taking back a write whose client no longer waits (contract 13.5).
inline constexpr std::chrono::seconds revert_when_stopped{1};

}  // namespace sluice::transaction
