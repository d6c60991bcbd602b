#pragma once
// Equal reads that run at the same time on one loop share one result (vttablet-contract 3.2).
#include <memory>
#include <string>
#include <unordered_map>

#include "async/stop.h"
#include "async/task.h"
#include "async/wait_queue.h"
#include "base/error.h"
#include "wire/bytes.h"

namespace sluice::tabletserver {

class Consolidator {
 public:
    struct Running {
        std::string key;
        async::WaitQueue waiters;
        bool done = false;
        Result<void> end;
        wire::Bytes result;
        std::uint64_t shared = 0;  // how many others took it
    };
    using Handle = std::shared_ptr<Running>;

    // Somebody who runs the same, or null: then the caller is the one that others find.
    Handle join(const std::string& key);
    Handle lead(std::string key);
    // The leader's result goes to all who wait.
    void finish(const Handle& running, Result<void> end, wire::ByteView result);

    // Keys with the number of times that they were shared, for /debug/consolidations.
    const std::unordered_map<std::string, std::uint64_t>& history() const { return history_; }

 private:
    std::unordered_map<std::string, Handle> running_;
    std::unordered_map<std::string, std::uint64_t> history_;
};

}  // namespace sluice::tabletserver
