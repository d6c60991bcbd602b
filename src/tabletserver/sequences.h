#pragma once
// Numbers of sequences: blocks reserved on their tables, given out one by one by one loop of the
// tablet (vttablet-contract 3.5).
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "async/wait_queue.h"
#include "tablet/mysql_tablet.h"

namespace sluice::tabletserver {

using async::Stop;
using async::Task;

class Sequences {
 public:
    // On the tablet's loop, which is where everything here runs.
    explicit Sequences(tablet::MysqlTablet* tablet) : tablet_(tablet) {}
    Sequences(const Sequences&) = delete;
    Sequences& operator=(const Sequences&) = delete;

    // The first of `count` numbers. Errors in v21's words.
    Task<Result<std::int64_t>> next(std::string table, std::int64_t count, Stop* stop);
    // What is left of all blocks is given up: another tablet gives out numbers now, or will.
    void forget() { ++epoch_; }

 private:
    struct Block {
        std::int64_t next = 0;  // 0: nothing reserved
        std::int64_t last = 0;  // the first number that is not reserved
        std::uint64_t epoch = 0;
        bool busy = false;
        async::WaitQueue waiters;
    };
    Task<Result<void>> reserve(const std::string* table, std::int64_t count, Block* block,
                               Stop* stop);
    Task<Result<void>> reserve_in(tablet::HeldId held, const std::string* table, std::int64_t count,
                                  Block* block, Stop* stop);

    tablet::MysqlTablet* tablet_;
    std::uint64_t epoch_ = 1;
    std::map<std::string, std::unique_ptr<Block>> blocks_;
};

}  // namespace sluice::tabletserver
