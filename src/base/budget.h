#pragma once
// The byte budget: a tree of limits (process, core, connection, statement). What grows with
// clients' wishes (buffers, kept rows, prepared statements, long data) is charged before it is
// allocated; over a limit the statement ends in an error that names the limit, and everything else
// goes on.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <string>

#include "base/error.h"

namespace sluice {

// The root: shared by all cores, which take quota from it in blocks.
class ProcessBudget {
 public:
    // limit 0: none.
    explicit ProcessBudget(std::size_t limit) : limit_(limit), allowed_(limit) {}
    bool take(std::size_t bytes);
    void give(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
    std::size_t used() const { return used_.load(std::memory_order_relaxed); }
    std::size_t limit() const { return limit_; }
    // What of the limit may be charged for now. Less than what is used refuses new charges until
    // enough is given back; takes nothing away.
    void allow(std::size_t bytes) {
        allowed_.store(std::min(bytes, limit_), std::memory_order_relaxed);
    }
    std::size_t allowed() const { return allowed_.load(std::memory_order_relaxed); }

 private:
    std::size_t limit_;
    std::atomic<std::size_t> allowed_;
    std::atomic<std::size_t> used_{0};
};

// A node below it; belongs to one loop. A core's node (made with a ProcessBudget) keeps a block of
// quota in hand.
class Budget {
 public:
    Budget(ProcessBudget* process, std::string name) : process_(process), name_(std::move(name)) {}
    // limit 0: only the parents' limits count. `name` stands in the error:
    // "--statement_memory_limit".
    Budget(Budget* parent, std::size_t limit, std::string_view name)
        : parent_(parent), limit_(limit), name_(name) {}
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;
    ~Budget();

    // Fails with 1153 and charges nothing when a limit would be passed.
    Result<void> charge(std::size_t bytes);
    void release(std::size_t bytes);
    std::size_t used() const { return used_; }

 private:
    static constexpr std::size_t block = std::size_t{1} << 20;

    Result<void> charge_process(std::size_t bytes);

    ProcessBudget* process_ = nullptr;
    Budget* parent_ = nullptr;
    std::size_t limit_ = 0;
    std::size_t used_ = 0;
    std::size_t quota_ = 0;  // taken from the process
    std::string name_;
};

// Charged bytes that are given back when this goes.
class Charge {
 public:
    Charge() = default;
    explicit Charge(Budget* budget) : budget_(budget) {}
    Charge(Charge&& other) noexcept
        : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
    Charge& operator=(Charge&& other) noexcept {
        if (this != &other) {
            reset();
            budget_ = other.budget_;
            bytes_ = std::exchange(other.bytes_, 0);
        }
        return *this;
    }
    ~Charge() { reset(); }

    Result<void> add(std::size_t bytes) {
        if (budget_ != nullptr) TRY(budget_->charge(bytes));
        bytes_ += bytes;
        return {};
    }
    void reset() {
        if (budget_ != nullptr && bytes_ != 0) budget_->release(bytes_);
        bytes_ = 0;
    }
    std::size_t bytes() const { return bytes_; }

 private:
    Budget* budget_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace sluice
