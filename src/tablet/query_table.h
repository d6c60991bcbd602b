#pragma once
// Statements of the gate's own on one tablet, with few rows: schemas, replication status.
#include <optional>
#include <string>
#include <vector>

#include "tablet/tablet.h"

namespace sluice::tablet {

// One text row; NULL is nullopt.
using TextRow = std::vector<std::optional<std::string>>;

struct TextTable {
    std::vector<std::string> names;
    std::vector<TextRow> rows;
};

// Fails with resource_exhausted beyond 64 MiB of rows. `tablet` outlives the task.
Task<Result<TextTable>> query_table(Tablet* tablet, std::string text, Stop* stop);
// The rows alone.
Task<Result<std::vector<TextRow>>> query_rows(Tablet* tablet, std::string text, Stop* stop);

}  // namespace sluice::tablet
