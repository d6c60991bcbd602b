// Where a request ends that shows a mistake of ours: the process says where and stops.
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/log.h"

namespace sluice::detail {

void assertion_failed(const char* condition, const char* file, int line) {
    if (const log::Sink sink = log::sink.load(std::memory_order_acquire)) {
        sink(log::Severity::fatal, std::string("assertion failed: ") + condition, file,
             static_cast<unsigned>(line));
    } else {
        std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
    }
    std::abort();
}

}  // namespace sluice::detail
