#pragma once
// How a fan-out takes its connections: one shard after another in the order of their names; the
// next call starts when the one before has its connection, or is known to need none any more.
#include <vector>

#include "async/wait_queue.h"
#include "gateway/gateway.h"

namespace sluice::gateway {

// Indexes of the requests in shard order.
std::vector<std::size_t> shard_order(const std::vector<ShardRequest>& requests);

// One call's connection: taken, or not to be waited for.
class Taken : public tablet::TakenNode {
 public:
    Taken() { on_taken = &Taken::told; }
    void set() {
        if (taken_) return;
        taken_ = true;
        waiters_.wake_all();
    }
    Task<void> wait() {
        while (!taken_) co_await waiters_.wait(nullptr);
    }
    bool is_set() const { return taken_; }

 private:
    static void told(tablet::TakenNode* self) { static_cast<Taken*>(self)->set(); }

    bool taken_ = false;
    async::WaitQueue waiters_;
};

}  // namespace sluice::gateway
