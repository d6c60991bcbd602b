#pragma once
// Window functions over one partition whose rows are in the window's order.
#include <optional>
#include <span>
#include <vector>

#include "eval/aggregate.h"

namespace sluice::eval {

enum class WindowFunction : std::uint8_t {
    aggregate,
    row_number,
    rank,
    dense_rank,
    percent_rank,
    cume_dist,
    ntile,
    lag,
    lead,
    first_value,
    last_value,
    nth_value,
};

// A bound of a frame. With RANGE and a distance, `edge` is the lowest or highest value of the only
// ORDER BY expression that a row of the frame may have, as an expression over the current row.
struct WindowEdge {
    sql::FrameBoundKind kind = sql::FrameBoundKind::unbounded_preceding;
    std::uint64_t rows = 0;     // ROWS
    std::optional<Bound> edge;  // RANGE
};

struct BoundWindow {
    WindowFunction function = WindowFunction::row_number;
    std::optional<BoundAggregate> aggregate;
    std::vector<Bound> arguments;  // the expression; that of LAG's default
    std::uint64_t number = 1;      // NTILE's, NTH_VALUE's, LAG's
    std::vector<Bound> partition_by;
    std::vector<Bound> order_by;
    std::vector<bool> descending;
    bool is_range = true;
    WindowEdge start;
    WindowEdge end{.kind = sql::FrameBoundKind::current_row};
    FieldType type;
};

// Of a node sql::FunctionCall or sql::Aggregate with OVER; `windows` are the query's named ones.
// Errors as of bind(), and MySQL's of frames (3578 and those near it).
Result<BoundWindow> bind_window(const sql::Expr& expression, const Columns& columns,
                                std::span<const sql::NamedWindow> windows,
                                const Environment& environment);

// The function's value for each row of the partition.
Result<std::vector<Datum>> evaluate_window(const BoundWindow& window, std::span<const Row> rows,
                                           Environment& environment);

}  // namespace sluice::eval
