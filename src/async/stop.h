#pragma once
// Stop: how a statement is ended from outside: deadline, KILL, client gone, shutdown. Waits that
// are given a Stop end with its error as soon as it is requested. Everything here belongs to one
// loop; nothing is locked.
#include <optional>

#include "base/error.h"

namespace sluice::async {

// A registration with a Stop; lives inside whatever waits. `on_stop` runs at most once, then the
// node is out.
struct StopNode {
    StopNode* previous = nullptr;
    StopNode* next = nullptr;
    void (*on_stop)(StopNode* self) = nullptr;

    bool linked() const { return previous != nullptr; }
    void unlink() {
        if (previous == nullptr) return;
        previous->next = next;
        next->previous = previous;
        previous = next = nullptr;
    }
};

class Stop {
 public:
    Stop() { head_.previous = head_.next = &head_; }
    Stop(const Stop&) = delete;
    Stop& operator=(const Stop&) = delete;
    ~Stop() {
        while (head_.next != &head_) head_.next->unlink();
    }

    bool requested() const { return error_.has_value(); }
    // Only after requested().
    const Error& error() const { return *error_; }

    // The first request counts; it runs every registered node.
    void request(Error error) {
        if (error_) return;
        error_ = std::move(error);
        while (head_.next != &head_) {
            StopNode* node = head_.next;
            node->unlink();
            node->on_stop(node);
        }
    }

    void add(StopNode* node) {
        node->previous = head_.previous;
        node->next = &head_;
        head_.previous->next = node;
        head_.previous = node;
    }

    // For reuse by the session's next statement. Nobody may be registered.
    void reset() { error_.reset(); }

 private:
    StopNode head_;
    std::optional<Error> error_;
};

}  // namespace sluice::async
