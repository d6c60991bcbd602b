#pragma once
// Equal reads that run at the same time on one loop share one result (vttablet-contract 3.2).
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "async/stop.h"
#include "async/task.h"
#include "async/wait_queue.h"
#include "base/error.h"
#include "wire/bytes.h"

namespace sluice::tabletserver {

class Consolidator {
 public:
    // What makes reads equal: the text for MySQL, and what columns tell about themselves.
    struct Key {
        std::string_view text;
        int fields = 0;
        bool operator==(const Key&) const = default;
    };
    struct Running {
        Key key;
        async::WaitQueue waiters;
        bool done = false;
        Result<void> end;
        wire::Bytes result;
        std::uint64_t shared = 0;  // how many others took it
    };
    using Handle = std::shared_ptr<Running>;

    // Somebody who runs the same, or null: then the caller is the one that others find.
    Handle join(const Key& key);
    // The key's text stays where it is until finish().
    Handle lead(const Key& key);
    // The leader's result goes to all who wait.
    void finish(const Handle& running, Result<void> end, wire::ByteView result);

    // Texts with the number of times that they were shared, for /debug/consolidations.
    const std::unordered_map<std::string, std::uint64_t>& history() const { return history_; }

 private:
    struct Hash {
        std::size_t operator()(const Key& key) const {
            return std::hash<std::string_view>()(key.text) + static_cast<std::size_t>(key.fields);
        }
    };
    std::unordered_map<Key, Handle, Hash> running_;
    std::unordered_map<std::string, std::uint64_t> history_;
};

}  // namespace sluice::tabletserver
