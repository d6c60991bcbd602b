#pragma once
// The store contract over a Table: what the embedded and the memory store have in common.
#include <memory>
#include <string>

#include "topo/detail/table.h"

namespace sluice::topo::detail {

std::shared_ptr<Store> make_table_store(std::shared_ptr<Table> table, std::string root,
                                        std::chrono::milliseconds lock_lease);

}  // namespace sluice::topo::detail
