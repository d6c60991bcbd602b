#pragma once
// What a long command tells who has asked for it: with its answer, or at once to the control
// plane's listener. The log gets it too.
#include <string>
#include <vector>

#include "logutil.pb.h"
#include "vtctl/control.h"

namespace sluice::vtctl::detail {

class Events {
 public:
    explicit Events(Control* control) : control_(control) {}

    void say(std::string text) { add(Told::Level::info, std::move(text)); }
    void warn(std::string text) { add(Told::Level::warning, std::move(text)); }

    // Puts them at the end of a response's list.
    template <class List>
    void move_to(List* list) {
        for (logutil::Event& event : events_) *list->Add() = std::move(event);
        events_.clear();
    }

 private:
    void add(Told::Level level, std::string text);

    Control* control_;
    std::vector<logutil::Event> events_;
};

}  // namespace sluice::vtctl::detail
