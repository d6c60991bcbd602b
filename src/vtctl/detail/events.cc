// A long command of the control plane: what it tells.
#include "vtctl/detail/events.h"

#include "base/log.h"

namespace sluice::vtctl::detail {

void Events::add(logutil::Level level, std::string text) {
    if (level == logutil::WARNING) {
        log::warning(text);
    } else {
        log::info(text);
    }
    logutil::Event& event = events_.emplace_back();
    const topo::Time now = control_->now();
    event.mutable_time()->set_seconds(now.seconds);
    event.mutable_time()->set_nanoseconds(now.nanoseconds);
    event.set_level(level);
    event.set_file("vtctl");
    event.set_value(std::move(text));
}

}  // namespace sluice::vtctl::detail
