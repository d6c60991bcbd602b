// Beside a request: work handed to another loop, or to the pool for what blocks (files, names,
// password hashes), and its result brought back.
#include "async/cross.h"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

namespace sluice::async {

void run_blocking(std::move_only_function<void()> work) {
    static boost::asio::thread_pool pool(4);
    boost::asio::post(pool, [work = std::move(work)]() mutable { work(); });
}

}  // namespace sluice::async
