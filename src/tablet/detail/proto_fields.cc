// Under rpc_result.cc: the bytes of an answer.
#include "tablet/detail/proto_fields.h"

#include <string>

namespace sluice::tablet {

std::unexpected<Error> malformed_answer(std::string_view what) {
    return fail(Code::internal, "the tablet's answer is malformed: " + std::string(what));
}

Result<std::uint64_t> ProtoFields::varint() {
    constexpr unsigned bits = 64, bits_per_byte = 7;
    std::uint64_t value = 0;
    std::size_t at = 0;
    for (unsigned shift = 0; shift < bits; shift += bits_per_byte) {
        if (at == rest_.size()) return malformed_answer("a number is cut short");
        const std::uint8_t byte = rest_[at++];
        value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if (byte < 0x80) {
            rest_ = rest_.subspan(at);
            return value;
        }
    }
    return malformed_answer("a number is too long");
}

Result<std::span<const std::uint8_t>> ProtoFields::take(std::uint64_t size) {
    if (size > rest_.size()) return malformed_answer("a field is cut short");
    const auto taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
}

Result<bool> ProtoFields::next(ProtoField* field) {
    if (rest_.empty()) return false;
    const std::uint64_t tag = TRY(varint());
    if (tag >> 3U == 0 || tag >> 3U > 0x1fffffffU) return malformed_answer("a field's number");
    field->number = static_cast<std::uint32_t>(tag >> 3U);
    field->kind = static_cast<ProtoField::Kind>(tag & 7U);
    field->bytes = {};
    switch (field->kind) {
        case ProtoField::Kind::varint:
            field->value = TRY(varint());
            return true;
        case ProtoField::Kind::fixed64:
            field->bytes = TRY(take(8));
            return true;
        case ProtoField::Kind::fixed32:
            field->bytes = TRY(take(4));
            return true;
        case ProtoField::Kind::bytes: {
            const std::uint64_t size = TRY(varint());
            field->bytes = TRY(take(size));
            return true;
        }
    }
    return malformed_answer("a field of an unknown kind");
}

}  // namespace sluice::tablet
