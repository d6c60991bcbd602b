// Step 9 of a request, on its way back: what the server says about its databases.
#include "tablet/detail/names.h"

#include <algorithm>
#include <array>

namespace sluice::tablet {
namespace {

bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

// Errors whose quoted word is a database: it exists, it cannot be dropped, access is denied, it is
// unknown.
bool names_database(std::uint16_t number) {
    constexpr std::array<std::uint16_t, 6> numbers = {1006, 1007, 1008, 1010, 1044, 1049};
    return std::ranges::find(numbers, number) != numbers.end();
}

}  // namespace

std::string with_client_names(std::string text, std::uint16_t number, std::string_view database,
                              std::string_view keyspace) {
    if (database.empty() || keyspace.empty()) return text;
    std::size_t at = text.find(database);
    while (at != std::string::npos) {
        const char before = at == 0 ? ' ' : text[at - 1];
        const std::size_t end = at + database.size();
        const char after = end == text.size() ? ' ' : text[end];
        const bool qualified = after == '.' || (before == '`' && after == '`');
        const bool named = names_database(number) && before == '\'' && after == '\'';
        if (!is_name_byte(before) && (qualified || named)) {
            text.replace(at, database.size(), keyspace);
            at = text.find(database, at + keyspace.size());
        } else {
            at = text.find(database, end);
        }
    }
    return text;
}

}  // namespace sluice::tablet
