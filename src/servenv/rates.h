#pragma once
// Rates over the last while, as /debug/vars shows them: label -> calls per second in each interval,
// oldest first (vtgate-contract 11.2).
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace sluice::servenv {

class Rates {
 public:
    using Totals = std::map<std::string, double>;
    using Clock = std::chrono::steady_clock;

    // Keeps the last `samples` moments.
    explicit Rates(std::size_t samples) : samples_(samples) {}

    // What the counters amount to at `now`, which is later than at the call before. A label that is
    // new began at zero.
    void sample(Totals totals, Clock::time_point now);
    std::string json() const;
    // All labels together, in the last interval.
    double latest() const;

 private:
    struct Sample {
        Clock::time_point when;
        Totals totals;
    };
    std::vector<double> rates_of(const std::string& label) const;

    std::size_t samples_;
    std::deque<Sample> kept_;
};

}  // namespace sluice::servenv
