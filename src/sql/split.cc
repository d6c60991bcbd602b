// Step 3 of a request: what of a text is one statement, and what stands around it.
#include <algorithm>
#include <initializer_list>

#include "sql/ast_expr.h"
#include "sql/lexer.h"

namespace sluice::sql {
namespace {

char escaped(char c) {
    switch (c) {
        case '0':
            return '\0';
        case 'b':
            return '\b';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        case 'Z':
            return '\x1a';
        default:
            return c;
    }
}

bool is_space(char c) {
    return c == ' ' || (c >= 9 && c <= 13);
}

// Characters of a string by the mode's rules, where a wide character's later bytes are never
// special.
std::string unescape(std::string_view content, char quote, bool backslashes,
                     const LexerMode& mode) {
    std::string result;
    result.reserve(content.size());
    const Lexer characters(content, mode);
    for (std::size_t i = 0; i < content.size(); ++i) {
        const char c = content[i];
        const std::uint32_t length = characters.character_length(static_cast<std::uint32_t>(i));
        if (length > 1) {
            result.append(content.substr(i, length));
            i += length - 1;
        } else if (c == quote && i + 1 < content.size() && content[i + 1] == quote) {
            result += c;
            ++i;
        } else if (c == '\\' && backslashes && i + 1 < content.size()) {
            const char next = content[++i];
            if (next == '%' || next == '_') result += '\\';  // meant for LIKE
            result += escaped(next);
        } else {
            result += c;
        }
    }
    return result;
}

}  // namespace

std::string unquote(std::string_view token_text, const LexerMode& mode) {
    std::string_view text = token_text;
    while (!text.empty() && text.front() == '@') text.remove_prefix(1);
    if (text.size() >= 2 && (text.front() == 'N' || text.front() == 'n') && text[1] == '\'')
        text.remove_prefix(1);
    if (text.size() < 2) return std::string(text);
    const char quote = text.front();
    const bool quoted = quote == '\'' || quote == '"' || quote == '`';
    if (!quoted && text.find('`') == std::string_view::npos) return std::string(text);
    if (!quoted || text.back() != quote) {  // session.`x`
        std::string plain;
        for (const char c : text) {
            if (c != '`') plain += c;
        }
        return plain;
    }
    const bool name =
        quote == '`' || (quote == '"' && mode.ansi_quotes && token_text.front() != '@');
    return unescape(text.substr(1, text.size() - 2), quote, !name && !mode.no_backslash_escapes,
                    mode);
}

std::string unquote_first(std::string_view text, const LexerMode& mode) {
    Lexer lexer(text, mode);
    const Token first = lexer.next();
    return unquote(lexer.text(first), mode);
}

namespace {

// Follows the tokens of one statement and says whether a semicolon belongs to the body of a stored
// program: CREATE .. (PROCEDURE | FUNCTION | TRIGGER | EVENT) .. BEGIN .. END.
class ProgramBody {
 public:
    // Does the semicolon end the statement?
    bool ends_statement() const { return !program_ || depth_ == 0; }

    void take(TokenKind kind, std::string_view text) {
        if (kind == TokenKind::named_parameter) text.remove_prefix(1);  // label:BEGIN
        if (count_++ == 0) create_ = kind == TokenKind::word && same_name(text, "create");
        if (!create_) return;
        if (kind == TokenKind::left_parenthesis) head_ = false;
        if (kind != TokenKind::word && kind != TokenKind::named_parameter) {
            begins_ = kind == TokenKind::semicolon || kind == TokenKind::colon;
            after_end_ = false;
            return;
        }
        const auto is = [&](std::initializer_list<std::string_view> words) {
            return std::ranges::any_of(words, [&](auto word) { return same_name(text, word); });
        };
        if (!program_) {
            program_ = head_ && is({"procedure", "function", "trigger", "event"});
            if (is({"table", "view", "index", "database", "schema", "user"})) head_ = false;
            return;
        }
        const bool opens =
            is({"begin", "case"}) || ((begins_ || kind == TokenKind::named_parameter) &&
                                      is({"if", "loop", "while", "repeat"}));
        const bool closes = is({"end"});
        if (closes && depth_ > 0) --depth_;
        if (opens && !after_end_) ++depth_;
        begins_ = is({"begin", "then", "else", "do", "loop", "repeat"}) && !after_end_;
        after_end_ = closes;
    }

 private:
    std::size_t count_ = 0;
    int depth_ = 0;
    bool create_ = false;
    bool head_ = true;  // what is created has not been named yet
    bool program_ = false;
    bool begins_ = false;  // a statement of the body begins here
    bool after_end_ = false;
};

}  // namespace

SplitText split_first(std::string_view text, const LexerMode& mode) {
    Lexer lexer(text, mode);
    ProgramBody body;
    for (Token token = lexer.next();; token = lexer.next()) {
        if (token.kind == TokenKind::semicolon && body.ends_statement())
            return {text.substr(0, token.offset), text.substr(token.end())};
        if (token.kind == TokenKind::end ||
            (token.kind == TokenKind::error && token.end() >= text.size())) {
            return {text, {}};
        }
        if (token.kind != TokenKind::comment) body.take(token.kind, lexer.text(token));
    }
}

std::vector<std::string_view> split_all(std::string_view text, const LexerMode& mode) {
    const std::size_t semicolon = text.find(';');
    if (semicolon >= text.size() - 1) return {text.substr(0, semicolon)};  // one, whatever it is
    std::vector<std::string_view> pieces;
    for (std::string_view rest = text; !rest.empty();) {
        const SplitText split = split_first(rest, mode);
        Lexer piece(split.first, mode, true);
        if (piece.next().kind != TokenKind::end) pieces.push_back(split.first);
        rest = split.rest;
    }
    return pieces;
}

bool has_one_statement(std::string_view text, const LexerMode& mode) {
    Lexer lexer(text, mode);
    bool content = false;
    bool ended = false;
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
        if (token.kind == TokenKind::error) return false;
        if (token.kind == TokenKind::semicolon) {
            if (!content) return false;
            ended = true;
        } else {
            if (ended) return false;
            content = true;
        }
    }
    return content;
}

MarginComments split_margin_comments(std::string_view text) {
    const LexerMode mode;
    std::size_t start = 0;
    while (true) {
        while (start < text.size() && is_space(text[start])) ++start;
        if (!text.substr(start).starts_with("/*") || text.substr(start).starts_with("/*!")) break;
        const std::size_t end = text.find("*/", start + 2);
        if (end == std::string_view::npos) break;
        start = end + 2;
    }
    std::size_t stop = start;
    Lexer lexer(text, mode, true);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
        const bool plain = token.kind == TokenKind::comment && lexer.text(token).starts_with("/*");
        if (!plain && token.offset >= start) stop = token.end();
        if (token.kind == TokenKind::error && token.end() >= text.size()) break;
    }
    if (lexer.saw_version_comment()) stop = text.size();  // its end belongs to the statement
    const bool comment = text.substr(0, start).find("/*") != std::string_view::npos;
    std::string_view statement = text.substr(start, stop - start);
    while (!statement.empty() && (is_space(statement.front()) || statement.front() == ';'))
        statement.remove_prefix(1);
    while (!statement.empty() && (is_space(statement.back()) || statement.back() == ';'))
        statement.remove_suffix(1);
    return {text.substr(0, comment ? start : 0), statement, text.substr(stop)};
}

}  // namespace sluice::sql
