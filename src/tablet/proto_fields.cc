// Under detail/rpc_result.cc, the bytes of an answer, and tabletserver/execute_request.cc, those of
// a request.
#include "tablet/proto_fields.h"

namespace sluice::tablet {

bool ProtoFields::long_varint(std::uint64_t* number) {
    constexpr unsigned bits = 64, bits_per_byte = 7;
    *number = 0;
    std::size_t at = 0;
    for (unsigned shift = 0; shift < bits; shift += bits_per_byte) {
        if (at == rest_.size()) {
            broken_ = "a number is cut short";
            return false;
        }
        const std::uint8_t byte = rest_[at++];
        *number |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if (byte < 0x80) {
            rest_ = rest_.subspan(at);
            return true;
        }
    }
    broken_ = "a number is too long";
    return false;
}

bool ProtoFields::take(std::uint64_t size, std::span<const std::uint8_t>* bytes) {
    if (size > rest_.size()) {
        broken_ = "a field is cut short";
        return false;
    }
    *bytes = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(bytes->size());
    return true;
}

bool ProtoFields::next_of_any(ProtoField* field) {
    std::uint64_t tag = 0, size = 0;
    if (!varint(&tag)) return false;
    if (tag >> 3U == 0 || tag >> 3U > 0x1fffffffU) {
        broken_ = "a field's number";
        return false;
    }
    field->number = static_cast<std::uint32_t>(tag >> 3U);
    field->kind = static_cast<ProtoField::Kind>(tag & 7U);
    field->bytes = {};
    switch (field->kind) {
        case ProtoField::Kind::varint:
            return varint(&field->value);
        case ProtoField::Kind::fixed64:
            return take(8, &field->bytes);
        case ProtoField::Kind::fixed32:
            return take(4, &field->bytes);
        case ProtoField::Kind::bytes:
            return varint(&size) && take(size, &field->bytes);
        default:
            broken_ = "a field of an unknown kind";
            return false;
    }
}

}  // namespace sluice::tablet
