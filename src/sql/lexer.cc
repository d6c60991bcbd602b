// Step 3 of a request: text to tokens, for the fingerprint (each statement) and the parser (the
// first of its kind).
#include "sql/lexer.h"

#include <array>
#include <utility>

#include "sql/ast_expr.h"

namespace sluice::sql {
namespace {

enum CharacterClass : std::uint8_t {
    other = 0,
    space = 1,
    word_start = 2,
    digit = 4,
    hex = 8,
    comment_mark = 16,  // may begin or end a comment
};

constexpr std::array<std::uint8_t, 256> character_classes = [] {
    std::array<std::uint8_t, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        std::uint8_t& entry = table[c];
        if (c == ' ' || (c >= 9 && c <= 13)) entry |= space;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 0x80)
            entry |= word_start;
        if (c >= '0' && c <= '9') entry |= digit | hex;
        if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) entry |= hex;
        if (c == '#' || c == '-' || c == '/' || c == '*') entry |= comment_mark;
    }
    return table;
}();

bool is(char c, unsigned classes) {
    return (character_classes[static_cast<unsigned char>(c)] & classes) != 0;
}

bool in_range(unsigned byte, unsigned low, unsigned high) {
    return byte >= low && byte <= high;
}

// Bytes of the character that starts with a byte >= 0x80, in an encoding whose later bytes may be
// ASCII.
std::uint32_t wide_character(LexerCharset charset, unsigned first, unsigned second) {
    switch (charset) {
        case LexerCharset::ascii_safe:
            return 1;
        case LexerCharset::gb18030:
            if (first != 0x80 && first != 0xff && in_range(second, '0', '9')) return 4;
            [[fallthrough]];
        case LexerCharset::gbk:
            return in_range(first, 0x81, 0xfe) && in_range(second, 0x40, 0xfe) && second != 0x7f
                       ? 2
                       : 1;
        case LexerCharset::big5:
            return in_range(first, 0xa1, 0xf9) &&
                           (in_range(second, 0x40, 0x7e) || in_range(second, 0xa1, 0xfe))
                       ? 2
                       : 1;
        case LexerCharset::sjis:
            return (in_range(first, 0x81, 0x9f) || in_range(first, 0xe0, 0xfc)) &&
                           (in_range(second, 0x40, 0x7e) || in_range(second, 0x80, 0xfc))
                       ? 2
                       : 1;
    }
    return 1;
}

// Behind these a dot is a dot, also before a digit, unless a space parts them: t.1a, a..0.
bool is_before_dot(TokenKind kind) {
    return kind == TokenKind::word || kind == TokenKind::quoted_word || kind == TokenKind::dot;
}

}  // namespace

LexerMode lexer_mode(std::string_view sql_mode, std::string_view character_set_client) {
    LexerMode mode;
    while (!sql_mode.empty()) {
        const std::size_t comma = sql_mode.find(',');
        const std::string_view name = sql_mode.substr(0, comma);
        sql_mode =
            comma == std::string_view::npos ? std::string_view() : sql_mode.substr(comma + 1);
        const bool ansi = same_name(name, "ANSI");
        mode.ansi_quotes = mode.ansi_quotes || ansi || same_name(name, "ANSI_QUOTES");
        mode.pipes_as_concat = mode.pipes_as_concat || ansi || same_name(name, "PIPES_AS_CONCAT");
        mode.ignore_space = mode.ignore_space || ansi || same_name(name, "IGNORE_SPACE");
        mode.high_not_precedence =
            mode.high_not_precedence || same_name(name, "HIGH_NOT_PRECEDENCE");
        mode.no_backslash_escapes =
            mode.no_backslash_escapes || same_name(name, "NO_BACKSLASH_ESCAPES");
    }
    mode.any_bytes = !character_set_client.empty() && !same_name(character_set_client, "ascii") &&
                     !lower_case(character_set_client).starts_with("utf8");
    if (same_name(character_set_client, "gbk")) mode.charset = LexerCharset::gbk;
    if (same_name(character_set_client, "gb18030")) mode.charset = LexerCharset::gb18030;
    if (same_name(character_set_client, "big5")) mode.charset = LexerCharset::big5;
    if (same_name(character_set_client, "sjis") || same_name(character_set_client, "cp932")) {
        mode.charset = LexerCharset::sjis;
    }
    return mode;
}

std::uint32_t Lexer::character_length(std::uint32_t position) const {
    const auto first = static_cast<unsigned char>(text_[position]);
    if (first < 0x80 || mode_.charset == LexerCharset::ascii_safe) return 1;
    const std::uint32_t length =
        wide_character(mode_.charset, first, static_cast<unsigned char>(at(position + 1)));
    return position + length <= text_.size() ? length : 1;
}

// White space and comments, up to a comment that is a token (hints, directives, errors, all if
// asked for).
std::optional<TokenKind> Lexer::skip_space() {
    while (position_ < text_.size()) {
        const char c = text_[position_];
        if (is(c, space)) {
            ++position_;
        } else if (c == '#' || (c == '/' && at(position_ + 1) == '/') ||
                   (c == '-' && at(position_ + 1) == '-' &&
                    (position_ + 2 >= text_.size() ||
                     static_cast<unsigned char>(text_[position_ + 2]) <= ' '))) {
            start_ = position_;
            saw_version_comment_ = saw_version_comment_ || c == '/';
            while (position_ < text_.size() && text_[position_] != '\n') ++position_;
            if (all_comments_) return TokenKind::comment;
        } else if (c == '/' && at(position_ + 1) == '*') {
            if (const auto comment = skip_comment()) return comment;
        } else if (c == '*' && in_version_comment_ && at(position_ + 1) == '/') {
            in_version_comment_ = false;
            position_ += 2;
        } else {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

// Behind "/*!" or "/*M!": enters the comment if its content is executed.
bool Lexer::enter_version_comment() {
    std::uint32_t start = position_ + (at(position_ + 2) == 'M' ? 4 : 3);
    std::uint32_t version = 0;
    std::uint32_t digits = 0;
    while (digits < 6 && is(at(start), digit)) {
        version = version * 10 + static_cast<std::uint32_t>(text_[start] - '0');
        ++start;
        ++digits;
    }
    if (digits < 5) {  // /*!1 + 1 */ has no version
        start -= digits;
        version = 0;
    }
    saw_version_comment_ = true;
    if (in_version_comment_ || at(position_ + 2) == 'M' || version > mode_.version) return false;
    in_version_comment_ = true;
    position_ = start;
    return true;
}

// Its kind, if the comment is a token.
std::optional<TokenKind> Lexer::skip_comment() {
    const char mark = at(position_ + 2);
    if ((mark == '!' || (mark == 'M' && at(position_ + 3) == '!')) && enter_version_comment())
        return std::nullopt;
    const std::size_t end = text_.find("*/", position_ + 2);
    start_ = position_;
    if (end == std::string_view::npos) {
        position_ = static_cast<std::uint32_t>(text_.size());
        return TokenKind::error;
    }
    position_ = static_cast<std::uint32_t>(end + 2);
    if (!all_comments_ && mark != '+' && text_.substr(start_, 5) != "/*vt+") return std::nullopt;
    return TokenKind::comment;
}

// The token is put together here, in registers: what reads its parts does not write to it.
Token Lexer::next() {
    end_before_ = position_;
    escapes_ = false;
    const TokenKind kind = read_token();
    previous_ = kind;
    return {.kind = kind,
            .space_before = start_ != end_before_,
            .escapes = escapes_,
            .offset = start_,
            .length = position_ - start_};
}

TokenKind Lexer::read_token() {
    start_ = position_;
    if (text_.size() > max_statement_length) return TokenKind::error;
    if (at(position_) == ' ') ++position_;  // as between most tokens
    if (is(at(position_), space | comment_mark)) {
        if (const auto comment = skip_space()) return *comment;
    }
    start_ = position_;
    const char c = at(position_);
    if (is(c, word_start)) return read_word();
    const bool space_before = start_ != end_before_;
    if (is(c, digit)) return read_number(space_before);
    if (position_ < text_.size()) return read_operator(space_before);
    // An executed comment that is not closed: told once, then the end.
    return std::exchange(in_version_comment_, false) ? TokenKind::error : TokenKind::end;
}

void Lexer::skip_word_characters() {
    if (mode_.charset == LexerCharset::ascii_safe) {
        std::size_t end = position_;
        while (end < text_.size() && is(text_[end], word_start | digit)) ++end;
        position_ = static_cast<std::uint32_t>(end);
        return;
    }
    while (position_ < text_.size() && is(text_[position_], word_start | digit)) {
        position_ += character_length(position_);
    }
}

TokenKind Lexer::read_word() {
    const char c = text_[position_];
    if (at(position_ + 1) == '\'' && previous_ != TokenKind::dot) {
        if (c == 'x' || c == 'X') return read_prefixed_digits(TokenKind::hex_string);
        if (c == 'b' || c == 'B') return read_prefixed_digits(TokenKind::bit_string);
        if (c == 'n' || c == 'N') {
            ++position_;
            return read_quoted(TokenKind::national, '\'');
        }
    }
    skip_word_characters();
    return TokenKind::word;
}

TokenKind Lexer::read_number(bool space_before) {
    if (previous_ == TokenKind::dot && !space_before) {  // t.1a is a name
        skip_word_characters();
        return TokenKind::word;
    }
    const char second = at(position_ + 1);
    if (text_[position_] == '0' && (second == 'x' || second == 'b')) {
        std::uint32_t end = position_ + 2;
        while (second == 'x' ? is(at(end), hex) : at(end) == '0' || at(end) == '1') ++end;
        if (end > position_ + 2 && !is(at(end), word_start | digit)) {
            position_ = end;
            return second == 'x' ? TokenKind::hex_number : TokenKind::bit_number;
        }
    }
    TokenKind kind = TokenKind::integer;
    while (is(at(position_), digit)) ++position_;
    if (at(position_) == '.') {
        kind = TokenKind::decimal;
        ++position_;
        while (is(at(position_), digit)) ++position_;
    }
    if (at(position_) == 'e' || at(position_) == 'E') {
        std::uint32_t end = position_ + 1;
        if (at(end) == '+' || at(end) == '-') ++end;
        if (is(at(end), digit)) {
            while (is(at(end), digit)) ++end;
            position_ = end;
            return TokenKind::floating;
        }
    }
    if (kind == TokenKind::integer && position_ < text_.size() &&
        is(text_[position_], word_start)) {
        skip_word_characters();
        return TokenKind::word;  // names may start with a digit
    }
    return kind;
}

// `position_` is at the opening quote.
TokenKind Lexer::read_quoted(TokenKind kind, char quote) {
    const bool backslashes = kind != TokenKind::quoted_word && !mode_.no_backslash_escapes;
    const bool wide = mode_.charset != LexerCharset::ascii_safe;
    ++position_;
    while (position_ < text_.size()) {
        const char c = text_[position_];
        if (c == quote) {
            ++position_;
            if (at(position_) != quote || position_ >= text_.size()) return kind;
            escapes_ = true;
            ++position_;
        } else if (c == '\\' && backslashes) {
            escapes_ = true;
            position_ += 2;
        } else {
            position_ += wide ? character_length(position_) : 1;
        }
    }
    position_ = static_cast<std::uint32_t>(text_.size());
    return TokenKind::error;
}

// X'..' and B'..'; `position_` is at the letter.
TokenKind Lexer::read_prefixed_digits(TokenKind kind) {
    position_ += 2;
    const std::uint32_t start = position_;
    while (kind == TokenKind::hex_string ? is(at(position_), hex)
                                         : at(position_) == '0' || at(position_) == '1') {
        ++position_;
    }
    const bool even = kind != TokenKind::hex_string || (position_ - start) % 2 == 0;
    if (at(position_) != '\'') return TokenKind::error;
    ++position_;
    return even ? kind : TokenKind::error;
}

TokenKind Lexer::read_variable() {
    TokenKind kind = TokenKind::user_variable;
    ++position_;
    if (at(position_) == '@') {
        kind = TokenKind::system_variable;
        ++position_;
    }
    const char c = at(position_);
    if (c == '`' || (kind == TokenKind::user_variable && (c == '\'' || c == '"'))) {
        const bool name = c == '`';
        if (read_quoted(name ? TokenKind::quoted_word : TokenKind::string, c) == TokenKind::error)
            return TokenKind::error;
        if (kind == TokenKind::user_variable) return kind;
    }
    while (position_ < text_.size() &&
           (is(text_[position_], word_start | digit) || text_[position_] == '.')) {
        position_ += character_length(position_);
        if (at(position_ - 1) == '.' && at(position_) == '`' &&  // @@session.`x`
            read_quoted(TokenKind::quoted_word, '`') == TokenKind::error)
            return TokenKind::error;
    }
    return kind;
}

// `position_` is at a colon.
TokenKind Lexer::read_parameter() {
    ++position_;
    if (at(position_) == '=') return take(TokenKind::assign, 1);
    TokenKind kind = TokenKind::named_parameter;
    if (at(position_) == ':') {
        ++position_;
        kind = TokenKind::named_list_parameter;
    }
    const std::uint32_t start = position_;
    while (is(at(position_), word_start | digit) || at(position_) == '.') ++position_;
    if (position_ != start) return kind;
    return kind == TokenKind::named_parameter ? TokenKind::colon : TokenKind::error;
}

// < <= <=> <> << > >= >>
TokenKind Lexer::read_angle() {
    const char second = at(position_ + 1);
    if (text_[position_] == '>') {
        if (second == '=') return take(TokenKind::greater_equal, 2);
        return second == '>' ? take(TokenKind::shift_right, 2) : take(TokenKind::greater, 1);
    }
    if (second == '=') {
        return at(position_ + 2) == '>' ? take(TokenKind::null_safe_equal, 3)
                                        : take(TokenKind::less_equal, 2);
    }
    if (second == '>') return take(TokenKind::not_equal, 2);
    return second == '<' ? take(TokenKind::shift_left, 2) : take(TokenKind::less, 1);
}

TokenKind Lexer::read_operator(bool space_before) {
    const char c = text_[position_];
    const char second = at(position_ + 1);
    switch (c) {
        case '\'':
            return read_quoted(TokenKind::string, '\'');
        case '"':
            return read_quoted(mode_.ansi_quotes ? TokenKind::quoted_word : TokenKind::string, '"');
        case '`':
            return read_quoted(TokenKind::quoted_word, '`');
        case '@':
            return read_variable();
        case ':':
            return read_parameter();
        case '.':
            if (is(second, digit) && (!is_before_dot(previous_) || space_before))
                return read_number(space_before);
            return take(TokenKind::dot, 1);
        case '(':
            return take(TokenKind::left_parenthesis, 1);
        case ')':
            return take(TokenKind::right_parenthesis, 1);
        case ',':
            return take(TokenKind::comma, 1);
        case ';':
            return take(TokenKind::semicolon, 1);
        case '?':
            return take(TokenKind::parameter, 1);
        case '+':
            return take(TokenKind::plus, 1);
        case '*':
            return take(TokenKind::star, 1);
        case '/':
            return take(TokenKind::slash, 1);
        case '%':
            return take(TokenKind::percent, 1);
        case '^':
            return take(TokenKind::caret, 1);
        case '~':
            return take(TokenKind::tilde, 1);
        case '{':
            return take(TokenKind::left_brace, 1);
        case '}':
            return take(TokenKind::right_brace, 1);
        case '=':
            return take(TokenKind::equal, 1);
        case '&':
            return second == '&' ? take(TokenKind::and_and, 2) : take(TokenKind::ampersand, 1);
        case '|':
            return second == '|' ? take(TokenKind::or_or, 2) : take(TokenKind::pipe, 1);
        case '!':
            return second == '=' ? take(TokenKind::not_equal, 2) : take(TokenKind::bang, 1);
        case '-':
            if (second != '>') return take(TokenKind::minus, 1);
            return at(position_ + 2) == '>' ? take(TokenKind::json_unquote_extract, 3)
                                            : take(TokenKind::json_extract, 2);
        case '<':
        case '>':
            return read_angle();
        default: {
            // The end of a C string is the end of the text.
            const bool is_end = c == '\0' && position_ + 1 == text_.size() && !in_version_comment_;
            return take(is_end ? TokenKind::end : TokenKind::error, 1);
        }
    }
}

}  // namespace sluice::sql
