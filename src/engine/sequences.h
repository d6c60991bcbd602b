#pragma once
// Sequences: blocks of numbers reserved on the sequence's table, given out one by one. Each
// sequence has one owner loop, so that all cores draw from one block and none is wasted
// (vtgate-contract 9.1).
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async/loop.h"
#include "async/scope.h"
#include "async/stop.h"
#include "async/wait_queue.h"
#include "base/error.h"
#include "gateway/gateway.h"

namespace sluice::engine {

// The blocks of the sequences that one loop owns.
class SequenceOwner {
 public:
    SequenceOwner(async::Loop* loop, gateway::Gateway* gateway) : loop_(loop), gateway_(gateway) {}
    SequenceOwner(const SequenceOwner&) = delete;
    SequenceOwner& operator=(const SequenceOwner&) = delete;

    async::Loop* loop() const { return loop_; }
    // On the owner's loop. The first of `count` consecutive numbers.
    async::Task<Result<std::int64_t>> next(std::string keyspace, std::string table,
                                           std::int64_t count);
    // Starts next() and calls `done` with its result, on the owner's loop.
    void start(std::string keyspace, std::string table, std::int64_t count,
               std::move_only_function<void(Result<std::int64_t>)> done);
    // Waits for what was started.
    auto join() { return calls_.join(); }

 private:
    struct Block {
        std::int64_t next = 0;
        std::int64_t end = 0;  // the first number that is not reserved
        bool busy = false;     // somebody reserves
        async::WaitQueue waiters;
    };
    async::Task<Result<void>> reserve(const std::string* keyspace, const std::string* table,
                                      std::int64_t count, Block* block);
    async::Task<void> run(std::string keyspace, std::string table, std::int64_t count,
                          std::move_only_function<void(Result<std::int64_t>)> done);

    async::Loop* loop_;
    gateway::Gateway* gateway_;
    std::map<std::string, std::unique_ptr<Block>> blocks_;  // by "keyspace.table"
    async::Scope calls_;
};

// One loop's way to all sequences.
class Sequences {
 public:
    // `owners`: one of each loop; the list is the same on all loops.
    explicit Sequences(std::vector<SequenceOwner*> owners) : owners_(std::move(owners)) {}

    // The first of `count` consecutive numbers of the sequence. The numbers are reserved even if
    // `stop` is requested.
    async::Task<Result<std::int64_t>> next(std::string keyspace, std::string table,
                                           std::int64_t count, async::Stop* stop);

 private:
    std::vector<SequenceOwner*> owners_;
};

}  // namespace sluice::engine
