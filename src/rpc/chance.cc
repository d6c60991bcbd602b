// Chance for pauses between attempts to connect, and for ages of connections.
#include "rpc/chance.h"

#include <random>

namespace sluice::rpc {

double uniform_chance() {
    thread_local std::minstd_rand source(std::random_device{}());
    return std::uniform_real_distribution<double>()(source);
}

}  // namespace sluice::rpc
