#pragma once
// A plan's tree of row nodes becomes a chain of steps, fed by its routes.
#include "engine/bindings.h"
#include "engine/rows.h"

namespace sluice::engine {

// One run of a plan that looks at rows.
struct Feed {
    const Context* context = nullptr;
    const plan::Plan* plan = nullptr;
    Bindings* bindings = nullptr;
    Output* output = nullptr;
    std::vector<tablet::Warning> warnings;
};

// Pushes all rows of `node` into `next`, then finishes it. `upper_limit`: no more than so many rows
// of each shard are needed.
Task<Result<void>> feed(Feed* feed, const plan::Node* node, Step* next,
                        std::optional<std::uint64_t> upper_limit);

}  // namespace sluice::engine
