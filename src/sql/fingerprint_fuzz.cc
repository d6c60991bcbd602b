// Any bytes: slots lie in the text, decode, and a second pass gives the same key.
#include <cstdlib>

#include "sql/fingerprint.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    using namespace sluice::sql;
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    Fingerprint first;
    Fingerprint second;
    fingerprint(text, {}, {1, 2}, first);
    fingerprint(text, {}, {1, 2}, second);
    if (!first.same_key(second)) std::abort();
    for (const LiteralSlot& slot : first.slots()) {
        if (slot.offset + slot.length > size) std::abort();
        if (slot.list && slot_list(text, slot, {}).empty()) std::abort();
        if (!slot.list) slot_value(text, slot, {});
    }
    return 0;
}
