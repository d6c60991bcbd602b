// A long command of the control plane: what it tells.
#include "vtctl/detail/events.h"

#include "base/log.h"

namespace sluice::vtctl::detail {

void Events::add(Told::Level level, std::string text) {
    const bool is_warning = level == Told::Level::warning;
    if (is_warning) {
        log::warning(text);
    } else {
        log::info(text);
    }
    if (control_->listener) {
        control_->listener({level, std::move(text)});
        return;
    }
    logutil::Event& event = events_.emplace_back();
    const topo::Time now = control_->now();
    event.mutable_time()->set_seconds(now.seconds);
    event.mutable_time()->set_nanoseconds(now.nanoseconds);
    event.set_level(is_warning ? logutil::WARNING : logutil::INFO);
    event.set_file("vtctl");
    event.set_value(std::move(text));
}

}  // namespace sluice::vtctl::detail
