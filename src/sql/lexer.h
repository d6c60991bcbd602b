#pragma once
// Cuts a statement's text into tokens: one pass, no allocation, never fails (what cannot be read is
// an error token). Rules are those of MySQL's manual, chapter "Language Structure", under the
// session's lexer mode.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sql {

// Encodings whose second byte may be 0x5C or another ASCII byte must be skipped by characters, not
// bytes.
enum class LexerCharset : std::uint8_t { ascii_safe, gbk, gb18030, big5, sjis };

// What of the session changes how text is cut. Part of the plan cache's key.
struct LexerMode {
    bool ansi_quotes = false;           // "x" is an identifier
    bool no_backslash_escapes = false;  // \ is an ordinary character in strings
    bool pipes_as_concat = false;       // || is concat
    bool ignore_space = false;          // functions may be followed by spaces before (
    bool high_not_precedence = false;   // NOT binds as ! does
    LexerCharset charset = LexerCharset::ascii_safe;
    bool any_bytes = false;         // the client's character set is not UTF-8: names hold any bytes
    std::uint32_t version = 80030;  // /*!NNNNN */ comments up to this version are executed
    bool operator==(const LexerMode&) const = default;
    // All of it in one number, for hashes and keys.
    std::uint32_t bits() const {
        return std::uint32_t{ansi_quotes} | std::uint32_t{no_backslash_escapes} << 1 |
               std::uint32_t{pipes_as_concat} << 2 | std::uint32_t{ignore_space} << 3 |
               static_cast<std::uint32_t>(charset) << 4 | std::uint32_t{any_bytes} << 8 |
               std::uint32_t{high_not_precedence} << 9;
    }
};
// The lexer's part of an sql_mode list ("ANSI_QUOTES,STRICT_TRANS_TABLES") and of
// character_set_client ("gbk").
LexerMode lexer_mode(std::string_view sql_mode, std::string_view character_set_client);

enum class TokenKind : std::uint8_t {
    end,          // of the text, or a NUL byte at its end
    error,        // what cannot be a token: unterminated string or comment, stray byte
    word,         // identifier or keyword, not quoted
    quoted_word,  // `x`, or "x" under ANSI_QUOTES
    string,       // 'x' or "x"
    national,     // N'x'
    integer,
    decimal,
    floating,
    hex_number,            // 0x1F
    hex_string,            // X'1F'
    bit_number,            // 0b01
    bit_string,            // B'01'
    parameter,             // ?
    named_parameter,       // :name
    named_list_parameter,  // ::name
    user_variable,         // @x, @`x`, @'x'; @ alone is user_variable of length 1
    system_variable,       // @@x, @@x.y, @@`x`
    comment,  // a hint or directive: /*vt+ */, /*+ */, plain ones too if the caller asked for them
    // operators
    left_parenthesis,
    right_parenthesis,
    comma,
    dot,
    semicolon,
    plus,
    minus,
    star,
    slash,
    percent,
    ampersand,
    pipe,
    caret,
    tilde,
    bang,
    equal,
    less,
    greater,
    less_equal,
    greater_equal,
    not_equal,
    null_safe_equal,
    shift_left,
    shift_right,
    and_and,
    or_or,
    assign,
    json_extract,
    json_unquote_extract,
    left_brace,
    right_brace,
    colon,  // of a label in a stored program's body
};

struct Token {
    TokenKind kind = TokenKind::end;
    bool space_before = false;  // white space or a comment stands before it
    bool escapes =
        false;  // strings and quoted words: the content differs from the bytes between the quotes
    std::uint8_t flags = 0;     // of the lexer alone
    std::uint32_t offset = 0;   // of the first byte, quotes and prefix included
    std::uint32_t length = 0;   // up to and including the closing quote
    std::uint32_t keyword = 0;  // of words: sql/keywords.h, 0 when none or not looked up

    std::uint32_t end() const { return offset + length; }
};
static_assert(sizeof(Token) == 16);

class Lexer {
 public:
    // `text` must outlive the lexer; at most max_statement_length bytes are read.
    Lexer(std::string_view text, const LexerMode& mode, bool all_comments = false)
        : text_(text), mode_(mode), all_comments_(all_comments) {}

    Token next();
    std::string_view text() const { return text_; }
    std::string_view text(const Token& token) const {
        return text_.substr(token.offset, token.length);
    }
    // Bytes read so far: behind the last token.
    std::uint32_t position() const { return position_; }
    // Is what was read a qualifier: does a dot follow directly?
    bool at_dot() const { return at(position_) == '.'; }
    // Bytes of the character at `position`, by the mode's character set: 1, 2 or 4.
    std::uint32_t character_length(std::uint32_t position) const;
    // Has a /*! */ or /*M! */ comment been met, or one behind // (v21 alone reads these)? Servers
    // may read the text in another way than we do.
    bool saw_version_comment() const { return saw_version_comment_; }

 private:
    // Each reads one kind of token from position_ on, and moves it.
    TokenKind read_token();
    std::optional<TokenKind> skip_space();
    std::optional<TokenKind> skip_comment();
    bool enter_version_comment();
    TokenKind read_word();
    TokenKind read_number(bool space_before);
    TokenKind read_quoted(TokenKind kind, char quote);
    TokenKind read_prefixed_digits(TokenKind kind);
    TokenKind read_variable();
    TokenKind read_parameter();
    TokenKind read_operator(bool space_before);
    TokenKind read_angle();
    TokenKind take(TokenKind kind, std::uint32_t length) {
        position_ += length;
        return kind;
    }
    void skip_word_characters();
    char at(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }

    std::string_view text_;
    LexerMode mode_;
    std::uint32_t position_ = 0;
    std::uint32_t end_before_ = 0;  // of the token before
    std::uint32_t start_ = 0;       // of the token that is being read
    bool escapes_ = false;          // in it
    bool all_comments_;
    bool in_version_comment_ = false;
    bool saw_version_comment_ = false;
    TokenKind previous_ = TokenKind::end;
};

inline constexpr std::size_t max_statement_length = 0xfffffff0;

// The content of a string, quoted word or variable token: quotes removed, doubled quotes and (in
// strings, unless the mode forbids) backslash escapes resolved.
std::string unquote(std::string_view token_text, const LexerMode& mode);
// The same of the first of adjacent strings ('a' 'b'), which is what MySQL names a column by.
std::string unquote_first(std::string_view text, const LexerMode& mode);

// Statements of a text with several, cut at top-level semicolons: the first and what follows its
// semicolon.
struct SplitText {
    std::string_view first;
    std::string_view rest;  // without the semicolon; empty when there was none
};
SplitText split_first(std::string_view text, const LexerMode& mode);
// All statements; pieces of white space alone are dropped, those of comments are not.
std::vector<std::string_view> split_all(std::string_view text, const LexerMode& mode);
// True if the text holds exactly one statement (semicolons at the end do not count).
bool has_one_statement(std::string_view text, const LexerMode& mode);

// Comments around a statement, which are kept and sent along but do not belong to it.
struct MarginComments {
    std::string_view leading;
    std::string_view statement;
    std::string_view trailing;
};
MarginComments split_margin_comments(std::string_view text);

}  // namespace sluice::sql
