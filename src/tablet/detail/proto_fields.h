#pragma once
// Walks the fields of a protobuf message where it lies, for messages whose values must not be
// copied twice. Source: protobuf's encoding, "Message Structure".
#include <cstdint>
#include <span>

#include "base/error.h"

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

    // False at the end of the message. Errors: cut short, a kind that does not exist (INTERNAL).
    Result<bool> next(ProtoField* field);
    Result<std::uint64_t> varint();
    bool at_end() const { return rest_.empty(); }

 private:
    // What went wrong where these say false is told by failure().
    bool read(std::uint64_t* number);
    bool take(std::uint64_t size, std::span<const std::uint8_t>* bytes);
    std::unexpected<Error> failure() const;

    std::span<const std::uint8_t> rest_;
    const char* broken_ = nullptr;
};

// sint64's zigzag.
constexpr std::int64_t from_zigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

std::unexpected<Error> malformed_answer(std::string_view what);

}  // namespace sluice::tablet
