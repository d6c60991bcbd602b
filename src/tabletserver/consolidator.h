#pragma once
// Equal reads that run at the same time on one loop share one result (vttablet-contract 3.2).
#include <functional>
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
        Key(std::string_view of_text, int of_fields)
            : text(of_text),
              fields(of_fields),
              hash(std::hash<std::string_view>()(of_text) + static_cast<std::size_t>(of_fields)) {}
        std::string_view text;
        int fields;
        std::size_t hash;
        bool operator==(const Key&) const = default;
    };
    struct Running {
        explicit Running(const Key& of_key) : key(of_key) {}
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
        std::size_t operator()(const Key& key) const { return key.hash; }
    };
    std::unordered_map<Key, Handle, Hash> running_;
    std::unordered_map<std::string, std::uint64_t> history_;
};

}  // namespace sluice::tabletserver
