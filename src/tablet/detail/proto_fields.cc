// Under rpc_result.cc: the bytes of an answer.
#include "tablet/detail/proto_fields.h"

#include <string>

namespace sluice::tablet {

std::unexpected<Error> malformed_answer(std::string_view what) {
    return fail(Code::internal, "the tablet's answer is malformed: " + std::string(what));
}

std::unexpected<Error> ProtoFields::failure() const {
    return malformed_answer(broken_);
}

bool ProtoFields::read(std::uint64_t* number) {
    if (!rest_.empty() && rest_.front() < 0x80) {  // most are short
        *number = rest_.front();
        rest_ = rest_.subspan(1);
        return true;
    }
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

Result<std::uint64_t> ProtoFields::varint() {
    std::uint64_t number = 0;
    if (!read(&number)) return failure();
    return number;
}

Result<bool> ProtoFields::next(ProtoField* field) {
    if (rest_.empty()) return false;
    std::uint64_t tag = 0, size = 0;
    if (!read(&tag)) return failure();
    if (tag >> 3U == 0 || tag >> 3U > 0x1fffffffU) return malformed_answer("a field's number");
    field->number = static_cast<std::uint32_t>(tag >> 3U);
    field->kind = static_cast<ProtoField::Kind>(tag & 7U);
    field->bytes = {};
    bool whole = false;
    switch (field->kind) {
        case ProtoField::Kind::varint:
            whole = read(&field->value);
            break;
        case ProtoField::Kind::fixed64:
            whole = take(8, &field->bytes);
            break;
        case ProtoField::Kind::fixed32:
            whole = take(4, &field->bytes);
            break;
        case ProtoField::Kind::bytes:
            whole = read(&size) && take(size, &field->bytes);
            break;
        default:
            return malformed_answer("a field of an unknown kind");
    }
    if (!whole) return failure();
    return true;
}

}  // namespace sluice::tablet
