#pragma once
// Step 5 of a request to a tablet: its turn on the rows that its transaction begins with.
#include <optional>
#include <string>

#include "tabletserver/detail/query.h"

namespace sluice::tabletserver {

// Held while the statement that opens the transaction runs; then the next one's turn comes.
class Turn {
 public:
    Turn() = default;
    Turn(Core* owner, std::string rows) : owner_(owner), rows_(std::move(rows)) {}
    Turn(Turn&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), rows_(std::move(other.rows_)) {}
    Turn& operator=(Turn&& other) noexcept {
        std::swap(owner_, other.owner_);
        std::swap(rows_, other.rows_);
        return *this;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

 private:
    Core* owner_ = nullptr;  // whose the rows are; null: nothing is held
    std::string rows_;
};

// Whether the statement has to wait for a turn.
inline bool needs_turn(const Core& core, const Query& query, const Plan& plan) {
    return core.hot_rows != nullptr && query.begin && !query.stream && !query.reserve &&
           query.reserved_id == 0 && !plan.where.text.empty() && !plan.table.empty();
}

// Waits, at most `stop` long. `query` and `plan` outlive the task.
Task<Result<Turn>> take_turn(Core* core, const Query* query, const Plan* plan, Stop* stop);

}  // namespace sluice::tabletserver
