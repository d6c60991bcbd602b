#pragma once
// Collations and character sets by number and by name, as MySQL 5.7 to 9.x and MariaDB number them.
#include <cstdint>
#include <span>
#include <string_view>

namespace sluice::collation {

using CollationId = std::uint16_t;

inline constexpr CollationId utf8mb4_general_ci = 45, binary = 63, utf8mb4_0900_ai_ci = 255;

// How the characters of a set are made of bytes.
enum class Encoding : std::uint8_t {
    bytes,        // binary: each byte stands for itself
    single_byte,  // a table of 256 characters; latin1 and the like
    utf8,         // one to four bytes
    utf8_basic,   // utf8mb3: one to three
    utf16,        // big-endian, as are all of Unicode's here but utf16le
    utf16le,
    utf32,
    ucs2,
    multibyte,  // ASCII and tables of two to four bytes; gbk and the like
};

struct Charset {
    std::string_view name;
    CollationId default_collation = 0;
    std::uint8_t max_bytes = 1;  // of one character
    // A character's second byte may be 0x5C, the backslash: a lexer of bytes would see an escape
    // (gbk, gb18030, big5, sjis, cp932).
    bool backslash_inside = false;
    Encoding encoding = Encoding::single_byte;
};

struct Collation {
    CollationId id = 0;
    std::string_view name;
    const Charset* charset = nullptr;
    bool is_default = false;  // of its character set
    bool is_binary = false;   // compares by code
    bool mariadb = false;     // unknown to MySQL
};

// nullptr: no such collation or character set. Names are compared without case; "utf8" is utf8mb3,
// as are collations that begin with "utf8_". Where MySQL and MariaDB give one name to two numbers,
// MySQL's is found.
const Collation* find_collation(CollationId id);
const Collation* find_collation(std::string_view name);
const Charset* find_charset(std::string_view name);
const Collation* default_collation(std::string_view charset);

// The collation of a connection whose client asks for `name`, a character set or a collation; "" is
// utf8mb4.
const Collation* connection_collation(std::string_view name);

// All, by id.
std::span<const Collation> collations();

}  // namespace sluice::collation
