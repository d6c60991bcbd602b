// LockTables and UnlockTables. Before: detail/control_schema.cc. After: detail/ask.cc.
#include "tabletserver/table_lock.h"

#include <utility>

#include "async/wait_queue.h"
#include "base/log.h"
#include "tabletserver/detail/ask.h"

namespace sluice::tabletserver {

Task<Result<void>> TableLock::take(Stop* stop) {
    if (held_ != tablet::not_held)
        co_return fail(Code::failed_precondition, "tables already locked on this tablet");
    const Asked locked = CO_TRY(co_await ask(
        server_, {.text = "flush tables with read lock", .is_write = true, .reserve = true}, stop));
    held_ = locked.held;
    scope_.spawn("table lock", give_up_late(held_));
    co_return Result<void>{};
}

Task<Result<void>> TableLock::give_up() {
    if (held_ == tablet::not_held)
        co_return fail(Code::failed_precondition, "tables were not locked");
    co_await server_->release(std::exchange(held_, tablet::not_held));
    co_return Result<void>{};
}

Task<void> TableLock::give_up_late(tablet::HeldId lock) {
    static_cast<void>(co_await async::pause(longest_, &ending_));
    if (held_ != lock) co_return;
    log::error("nobody has unlocked the tables in time: they are unlocked now");
    static_cast<void>(co_await give_up());
}

Task<void> TableLock::close() {
    ending_.request(make_error(Code::unavailable, "the tablet ends"));
    co_await scope_.join();
    static_cast<void>(co_await give_up());
}

}  // namespace sluice::tabletserver
