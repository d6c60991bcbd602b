#pragma once
// The only header that includes Boost.Asio; private to async/*.cc.
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "async/loop.h"
#include "base/limits.h"

namespace sluice::async {

struct Loop::Asio {
    // One thread runs it: no locks in the reactor; the scheduler's stay, because others post.
    boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    boost::asio::steady_timer tick{context};
};

}  // namespace sluice::async
