// Positions from anywhere. What can be read is written and read again to the same, and sets obey
// their laws: a position's first half against the whole.
#include <cstdlib>

#include "replication/position.h"

using sluice::replication::Position;

namespace {

void demand(bool truth) {
    if (!truth) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const auto whole = Position::parse(text);
    if (!whole) return 0;
    const auto again = Position::parse(whole->text());
    demand(again && *again == *whole && whole->contains(*again));
    const auto part = Position::parse(text.substr(0, text.rfind(',')));
    if (!part) return 0;
    const auto both = part->united(*whole);
    const auto rest = whole->without(*part);
    demand(both && rest && both->contains(*whole) && both->contains(*part));
    const auto joined = rest->united(*part);
    demand(joined && joined->contains(*whole) && whole->contains(*rest));
    return 0;
}
