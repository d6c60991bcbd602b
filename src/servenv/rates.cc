// Beside a request: how many there were per second.
#include "servenv/rates.h"

#include <algorithm>
#include <cstdio>

#include "servenv/json_text.h"

namespace sluice::servenv {

void Rates::sample(Totals totals, Clock::time_point now) {
    kept_.push_back({now, std::move(totals)});
    if (kept_.size() > samples_) kept_.pop_front();
}

std::vector<double> Rates::rates_of(const std::string& label) const {
    const auto total = [&](const Sample& sample) {
        const auto found = sample.totals.find(label);
        return found == sample.totals.end() ? 0 : found->second;
    };
    std::vector<double> rates;
    for (std::size_t i = 1; i < kept_.size(); ++i) {
        // v21 divides by whole seconds.
        const double seconds =
            std::max(1.0, std::chrono::duration<double>(kept_[i].when - kept_[i - 1].when).count());
        rates.push_back((total(kept_[i]) - total(kept_[i - 1])) / seconds);
    }
    return rates;
}

std::string Rates::json() const {
    std::string text;
    if (kept_.size() > 1) {
        for (const auto& [label, total] : kept_.back().totals) {
            std::string numbers;
            for (const double rate : rates_of(label)) {
                char digits[64];
                std::snprintf(digits, sizeof digits, "%s%.6g", numbers.empty() ? "" : ",", rate);
                numbers += digits;
            }
            text += (text.empty() ? "" : ",") + json_string(label) + ":[" + numbers + "]";
        }
    }
    return "{" + text + "}";
}

double Rates::latest() const {
    if (kept_.size() < 2) return 0;
    double sum = 0;
    for (const auto& [label, total] : kept_.back().totals) {
        if (label != "All") sum += rates_of(label).back();
    }
    return sum;
}

}  // namespace sluice::servenv
