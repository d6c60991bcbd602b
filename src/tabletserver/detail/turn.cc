// Step 5 of a request to a tablet: transactions on hot rows wait. Before: execute.cc. After:
// run.cc.
#include "tabletserver/detail/turn.h"

#include "async/visit.h"

namespace sluice::tabletserver {
namespace {

Core* owner_of(const Core& core, const std::string& rows) {
    return core.all[std::hash<std::string_view>{}(rows) % core.all.size()];
}

}  // namespace

Turn::~Turn() {
    if (owner_ == nullptr) return;
    if (&async::Loop::current() == owner_->loop) {
        owner_->hot_rows->done(rows_);
    } else {
        owner_->loop->post(
            [owner = owner_, rows = std::move(rows_)] { owner->hot_rows->done(rows); });
    }
}

Task<Result<Turn>> take_turn(Core* core, const Query* query, const Plan* plan, Stop* stop) {
    std::string rows = plan->table + " where ";
    // What cannot be put together fails with the statement itself.
    if (!splice(plan->where, *query->variables, {}, &rows)) co_return Turn();
    Core* const owner = owner_of(*core, rows);
    if (owner == core) {
        CO_TRY(co_await owner->hot_rows->wait(rows, plan->table, stop));
    } else {
        CO_TRY(co_await async::Visit<Result<void>>(
            owner->loop, &owner->visits,
            [owner, rows, table = plan->table](Stop* inner) {
                return owner->hot_rows->wait(rows, table, inner);
            },
            stop));
    }
    co_return Turn(owner, std::move(rows));
}

}  // namespace sluice::tabletserver
