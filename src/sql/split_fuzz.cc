// Any bytes: the pieces of a text are parts of it, in its order, and each is one piece by itself.
#include <cstdlib>

#include "sql/lexer.h"

namespace {

using namespace sluice::sql;

// Bytes of `text` before `part`, which must lie in it.
std::size_t place(std::string_view text, std::string_view part) {
    if (part.data() < text.data() || part.data() + part.size() > text.data() + text.size())
        std::abort();
    return static_cast<std::size_t>(part.data() - text.data());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    if (size == 0) return 0;
    LexerMode mode;
    mode.ansi_quotes = (bytes[0] & 1) != 0;
    mode.no_backslash_escapes = (bytes[0] & 2) != 0;
    mode.charset = static_cast<LexerCharset>((bytes[0] >> 2) % 5);
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);

    const SplitText first = split_first(text, mode);
    if (place(text, first.first) != 0) std::abort();
    if (split_first(first.first, mode).first != first.first) std::abort();
    std::size_t end = 0;
    for (const std::string_view piece : split_all(text, mode)) {
        const std::size_t start = place(text, piece);
        if (start < end) std::abort();
        end = start + piece.size();
    }
    has_one_statement(text, mode);

    const MarginComments margins = split_margin_comments(text);
    if (place(text, margins.leading) != 0) std::abort();
    if (place(text, margins.statement) < margins.leading.size()) std::abort();
    if (!margins.trailing.empty() &&
        place(text, margins.trailing) < place(text, margins.statement) + margins.statement.size())
        std::abort();
    return 0;
}
