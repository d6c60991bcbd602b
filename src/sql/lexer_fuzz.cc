// Any bytes: tokens cover the text in order, and every mode ends.
#include <cstdlib>

#include "sql/lexer.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
    using namespace sluice::sql;
    if (size == 0) return 0;
    LexerMode mode;
    mode.ansi_quotes = (bytes[0] & 1) != 0;
    mode.no_backslash_escapes = (bytes[0] & 2) != 0;
    mode.charset = static_cast<LexerCharset>((bytes[0] >> 2) % 5);
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    Lexer lexer(text, mode, (bytes[0] & 128) != 0);
    std::uint32_t position = 0;
    while (true) {
        const Token token = lexer.next();
        if (token.offset < position || token.end() > text.size()) std::abort();
        position = token.end();
        if (token.kind == TokenKind::end) break;
        // An executed comment that is not closed is an error behind the last byte.
        const bool unclosed = token.kind == TokenKind::error && position == text.size();
        if (token.length == 0 && !unclosed) std::abort();
        if (token.kind == TokenKind::string) unquote(lexer.text(token), mode);
    }
    split_all(text, mode);
    split_margin_comments(text);
    return 0;
}
