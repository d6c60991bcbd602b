#pragma once
// Tables as they stand in the program: zlib's stream in base64, made by tools/collations. What the
// streams hold is said in docs/adr/0026-collation-tables.md.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::collation::detail {

struct Packed {
    std::size_t size, compressed;  // bytes of the stream, and of zlib's
    const char* text;              // base64
};

// The stream. The tables are ours: damage is a mistake of the build and ends the program.
std::string unpacked(const Packed& packed);

// Reads a stream from its front. Numbers are seven bits a byte, the lowest first.
class Stream {
 public:
    explicit Stream(std::string_view bytes) : rest_(bytes) {}

    std::uint8_t byte();
    std::uint32_t number();
    std::int64_t difference();  // of either sign: the sign is the lowest bit
    std::string_view text();
    // `base` and a difference.
    std::uint32_t near(std::uint32_t base) {
        return static_cast<std::uint32_t>(base + difference());
    }
    bool empty() const { return rest_.empty(); }

 private:
    std::string_view rest_;
};

}  // namespace sluice::collation::detail
