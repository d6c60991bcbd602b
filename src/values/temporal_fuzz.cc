// A value that is read prints as one that reads back the same; patterns end.
#include "base/assert.h"
#include "values/temporal_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sluice;
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    if (const auto moment = read_datetime(input, max_fraction_digits, {}).value) {
        const std::string printed = text(*moment, max_fraction_digits);
        const auto again = read_datetime(printed, max_fraction_digits, {});
        VT_ASSERT(again.value == moment && !again.warned);
        VT_ASSERT(unpacked_datetime(packed(*moment)) == *moment);
        (void)format_datetime(*moment, input);
        for (int unit = 0; unit <= static_cast<int>(IntervalUnit::second_microsecond); ++unit) {
            const auto known = static_cast<IntervalUnit>(unit);
            (void)extract(known, *moment, 0);
            const auto interval = read_interval(known, input);
            if (interval) (void)add(*moment, known, *interval);
        }
    }
    if (const auto time = read_time(input, max_fraction_digits, false).value) {
        const std::string printed = text(*time, max_fraction_digits);
        const auto again = read_time(printed, max_fraction_digits, false).value;
        VT_ASSERT(again == time && unpacked_time(packed(*time)) == *time);
        (void)format_time(*time, input);
    }
    const std::size_t half = input.find('\n');
    if (half != std::string_view::npos) {
        (void)read_by_pattern(input.substr(0, half), input.substr(half + 1), {});
    }
    return 0;
}
