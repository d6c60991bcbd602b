// Step 2 of a request: the protocol's own numbers and strings, under every message. Before:
// wire/packet.cc.
#include "wire/detail/fields.h"

namespace sluice::wire::detail {

void put_lenenc(Bytes& out, std::uint64_t value) {
    if (value < lenenc_null) return out.push(static_cast<std::uint8_t>(value));
    if (value <= 0xffff) {
        out.push(lenenc_2);
        return put_uint(out, value, 2);
    }
    if (value <= 0xffffff) {
        out.push(lenenc_3);
        return put_uint(out, value, 3);
    }
    out.push(lenenc_8);
    put_uint(out, value, 8);
}

void FieldReader::lenenc(std::uint64_t& value) {
    std::uint8_t first = 0;
    u8(first);
    if (first < lenenc_null) {
        value = first;
    } else if (first == lenenc_2) {
        number(value, 2);
    } else if (first == lenenc_3) {
        number(value, 3);
    } else if (first == lenenc_8) {
        number(value, 8);
    } else {
        fail();
    }
}

void FieldReader::cstring(std::string_view& value) {
    const std::uint8_t* const nul = std::find(at_, end_, std::uint8_t{0});
    if (nul == end_) return fail();
    value = {reinterpret_cast<const char*>(at_), static_cast<std::size_t>(nul - at_)};
    at_ = nul + 1;
}

}  // namespace sluice::wire::detail
