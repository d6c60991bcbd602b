// A statement's deadline on its way to a tablet, and a client's on its way to us.
#include "rpc/timeout.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace sluice::rpc {
namespace {

struct Unit {
    char letter;
    std::int64_t nanoseconds;
};
constexpr Unit units[] = {{'n', 1},
                          {'u', 1'000},
                          {'m', 1'000'000},
                          {'S', 1'000'000'000},
                          {'M', 60'000'000'000},
                          {'H', 3'600'000'000'000}};
constexpr std::int64_t most = 99'999'999;  // eight digits

}  // namespace

TimeoutText timeout_text(Nanoseconds timeout) {
    const std::int64_t count = std::max<std::int64_t>(timeout.count(), 0);
    const Unit* unit = units;
    const auto in = [count](const Unit& of) {
        return count / of.nanoseconds + (count % of.nanoseconds != 0 ? 1 : 0);
    };
    while (unit->letter != 'H' && in(*unit) > most) ++unit;
    TimeoutText out{};
    char* end = std::to_chars(out.text, out.text + 10, std::min(in(*unit), most)).ptr;
    *end++ = unit->letter;
    out.size = static_cast<std::size_t>(end - out.text);
    return out;
}

std::optional<Nanoseconds> timeout_of(std::string_view text) {
    if (text.size() < 2 || text.size() > 9) return std::nullopt;
    const auto* unit = std::find_if(std::begin(units), std::end(units),
                                    [&](const Unit& of) { return of.letter == text.back(); });
    if (unit == std::end(units)) return std::nullopt;
    std::uint32_t value = 0;
    const char* end = text.data() + text.size() - 1;
    if (const auto read = std::from_chars(text.data(), end, value);
        read.ec != std::errc() || read.ptr != end) {
        return std::nullopt;
    }
    if (value > Nanoseconds::max().count() / unit->nanoseconds) return Nanoseconds::max();
    return Nanoseconds(value * unit->nanoseconds);
}

}  // namespace sluice::rpc
