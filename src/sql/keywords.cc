// Step 4 of a request: words to keywords, by one probe of a table built at compile time.
#include "sql/detail/keywords.h"

namespace sluice::sql::detail {
namespace {

struct Entry {
    std::string_view word;
    Keyword keyword = Keyword::none;
};

constexpr Entry all_words[] = {
#define SLUICE_WORD(word) {#word, Keyword::word##_},
    SLUICE_RESERVED_WORDS(SLUICE_WORD) SLUICE_QUOTED_WORDS(SLUICE_WORD)
        SLUICE_PLAIN_WORDS(SLUICE_WORD)
#undef SLUICE_WORD
};
constexpr std::size_t longest_word = 40;
constexpr std::size_t table_size = 4096;

constexpr std::uint32_t lower(char c) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(c)) | 0x20;
}

constexpr std::size_t hash(std::string_view word) {
    const std::size_t size = word.size();
    const std::uint32_t mixed = lower(word[0]) * 0x9e3779b1u ^ lower(word[size / 2]) * 0x85ebca6bu ^
                                lower(word[size - 1]) * 0xc2b2ae35u ^
                                lower(word[size / 3]) * 0x27d4eb2fu ^
                                static_cast<std::uint32_t>(size) * 0x165667b1u;
    return (mixed ^ mixed >> 15) & (table_size - 1);
}

constexpr std::array<std::uint16_t, table_size> table = [] {
    std::array<std::uint16_t, table_size> result{};
    for (std::uint16_t i = 0; i < std::size(all_words); ++i) {
        std::size_t slot = hash(all_words[i].word);
        while (result[slot] != 0) slot = (slot + 1) & (table_size - 1);
        result[slot] = static_cast<std::uint16_t>(i + 1);
    }
    return result;
}();

// Of the characters that words consist of, only upper and lower case differ in this bit alone.
bool equal(std::string_view word, std::string_view lower_word) {
    if (word.size() != lower_word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (((word[i] ^ lower_word[i]) & ~0x20) != 0) return false;
    }
    return true;
}

}  // namespace

Keyword keyword_of(std::string_view word) {
    if (word.empty() || word.size() > longest_word) return Keyword::none;
    for (std::size_t slot = hash(word); table[slot] != 0; slot = (slot + 1) & (table_size - 1)) {
        const Entry& entry = all_words[table[slot] - 1];
        if (equal(word, entry.word)) return entry.keyword;
    }
    return Keyword::none;
}

}  // namespace sluice::sql::detail
