#pragma once
// What the MySQL front of one loop counts; written by its loop, read by anybody
// (vtgate-contract 3.9, 11.2).
#include <atomic>
#include <cstdint>

#include "async/counters.h"

namespace sluice::front {

struct Counters {
    std::atomic<std::int64_t> connections{0};  // open now
    std::atomic<std::int64_t> assigned{0};     // given to this loop and not ended
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> refused{
        0};                              // could not be served: out of descriptors, shutting down
    std::atomic<std::uint64_t> slow{0};  // handshakes beyond --mysql_slow_connect_warn_threshold
    std::atomic<std::uint64_t> aborted{0};  // ended without COM_QUIT
    std::atomic<std::uint64_t> denied{0};   // wrong user or password
    std::atomic<std::uint64_t> tls{0};      // logged in under TLS
    std::atomic<std::uint64_t> commands{0};
    std::atomic<std::int64_t> unauthenticated{0};  // connections that have not logged in yet
    async::TimingCells connect;                    // from accept to a finished login
    // Open now, by user and by TLS version ("None", "TLS13"): an end adds minus one.
    async::Labelled<async::Count> by_user;
    async::Labelled<async::Count> by_tls;
};

// One writer: cheaper than an atomic add.
inline void count(std::atomic<std::uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace sluice::front
