#pragma once
// INSERT and REPLACE of values: rows go to the shards of their keyspace ids.
#include "engine/bindings.h"

namespace sluice::engine {

Task<Outcome> run_insert(const Context* context, const plan::Plan* plan, const plan::Insert* insert,
                         const Statement* statement, Bindings* bindings, tablet::RowSink* sink);

// SELECT NEXT n VALUES FROM a sequence.
Task<Outcome> run_next_values(const Context* context, const plan::NextValues* next,
                              const Statement* statement, Bindings* bindings,
                              tablet::RowSink* sink);

}  // namespace sluice::engine
