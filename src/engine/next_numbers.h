#pragma once
// The next numbers of a sequence, from whoever gives them out: vttablets have blocks of their own,
// a straight gate has its owners (sequences.h).
#include <string>

#include "engine/run.h"

namespace sluice::engine {

// The first of `count` consecutive numbers of the sequence `table`. Pointers outlive the task.
Task<Result<std::int64_t>> next_numbers(const Context* context, const std::string* keyspace,
                                        const std::string* table, std::int64_t count);

}  // namespace sluice::engine
