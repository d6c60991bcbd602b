#pragma once
// Walks the fields of a protobuf message where it lies, for messages whose values must not be
// copied twice. Source: protobuf's encoding, "Message Structure".
#include <cstdint>
#include <span>

namespace sluice::tablet {

struct ProtoField {
    enum class Kind : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
    std::uint32_t number = 0;
    Kind kind = Kind::varint;
    std::uint64_t value = 0;              // of a varint
    std::span<const std::uint8_t> bytes;  // of everything else
};

class ProtoFields {
 public:
    explicit ProtoFields(std::span<const std::uint8_t> message) : rest_(message) {}

    // False at the end of the message, or where it is broken.
    bool next(ProtoField* field) {
        if (rest_.empty()) return false;
        const std::uint8_t tag = rest_.front();
        // Nearly all: a number below 16 and a length or a value below 128.
        if (tag >= 0x80 || rest_.size() < 2 || rest_[1] >= 0x80 || tag < 8)
            return next_of_any(field);
        field->number = tag >> 3U;
        field->kind = static_cast<ProtoField::Kind>(tag & 7U);
        if (field->kind == ProtoField::Kind::varint) {
            field->value = rest_[1];
            field->bytes = {};
            rest_ = rest_.subspan(2);
            return true;
        }
        if (field->kind != ProtoField::Kind::bytes || rest_[1] > rest_.size() - 2)
            return next_of_any(field);
        field->bytes = rest_.subspan(2, rest_[1]);
        rest_ = rest_.subspan(2 + std::size_t{rest_[1]});
        return true;
    }
    // A number without a tag, in a packed field. False if it is cut short or too long.
    bool varint(std::uint64_t* number) {
        if (rest_.empty() || rest_.front() >= 0x80) return long_varint(number);
        *number = rest_.front();
        rest_ = rest_.subspan(1);
        return true;
    }
    bool at_end() const { return rest_.empty(); }
    // Where the next field begins.
    const std::uint8_t* at() const { return rest_.data(); }
    // Why next() or varint() has said false: what is wrong, a literal; null at the end.
    const char* broken() const { return broken_; }

 private:
    bool next_of_any(ProtoField* field);
    bool long_varint(std::uint64_t* number);
    bool take(std::uint64_t size, std::span<const std::uint8_t>* bytes);

    std::span<const std::uint8_t> rest_;
    const char* broken_ = nullptr;
};

// sint64's zigzag.
constexpr std::int64_t from_zigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

}  // namespace sluice::tablet
