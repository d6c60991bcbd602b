#pragma once
// Texts that v21's clients see inside error messages and that come from Go's standard library.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::vindex {

// A string in double quotes as Go's %q writes it.
std::string quoted(std::string_view text);
// One character and its length in bytes; length 0 if `text` does not start with valid UTF-8.
struct Decoded {
    char32_t character = 0;
    std::size_t length = 0;
};
Decoded decode_utf8(std::string_view text);
void append_utf8(std::string& out, char32_t character);

// hex = *( 2HEXDIG ) ; errors in the words of encoding/hex
Result<std::string> parse_hex(std::string_view text);
// number = *space 1*DIGIT *space ; what v21 takes for an unsigned number in a value
Result<std::uint64_t> parse_uint64(std::string_view text);
// signed = [ "+" / "-" ] 1*DIGIT ; errors in the words of strconv.ParseInt
Result<std::int64_t> parse_int64(std::string_view text);
// The same for a small number in a parameter; errors in the words of strconv.Atoi.
Result<int> parse_int(std::string_view text);

}  // namespace sluice::vindex
