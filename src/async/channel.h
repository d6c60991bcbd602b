#pragma once
// Channel<T>: a bounded queue between coroutines of one loop. The producer waits while it is full,
// the consumer while it is empty; closing ends both.
#include <deque>
#include <optional>

#include "async/wait_queue.h"

namespace sluice::async {

template <class T>
class Channel {
 public:
    explicit Channel(std::size_t capacity) : capacity_(capacity) {}

    // The stop's error, or canceled when the consumer has closed the channel.
    Task<Result<void>> push(T item, Stop* stop) {
        while (items_.size() >= capacity_ && !closed_) CO_TRY(co_await producers_.wait(stop));
        if (closed_) co_return fail(Code::canceled, "the reader of a channel is gone");
        items_.push_back(std::move(item));
        consumers_.wake_one();
        co_return Result<void>{};
    }

    // nullopt after the last item of a closed channel.
    Task<Result<std::optional<T>>> pop(Stop* stop) {
        while (items_.empty() && !closed_) CO_TRY(co_await consumers_.wait(stop));
        if (items_.empty()) co_return std::optional<T>{};
        std::optional<T> item(std::move(items_.front()));
        items_.pop_front();
        producers_.wake_one();
        co_return item;
    }

    void close() {
        closed_ = true;
        producers_.wake_all();
        consumers_.wake_all();
    }
    bool closed() const { return closed_; }

 private:
    std::size_t capacity_;
    std::deque<T> items_;
    bool closed_ = false;
    WaitQueue producers_;
    WaitQueue consumers_;
};

}  // namespace sluice::async
