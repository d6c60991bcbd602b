// Step 4 of a request: the parser's door, its tokens and names. Before: executor's cache miss.
// After: normalize.cc.
#include "sql/parse.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/limits.h"
#include "sql/detail/parser.h"
#include "sql/format.h"

namespace sluice::sql::detail {
namespace {

// A statement of 16 MiB of one-byte tokens would need 256 MiB for them alone.
constexpr std::size_t max_tokens = 4'000'000;
// Left-deep chains (a + b + c) are cheap to read but as high as they are long.
constexpr int max_tree_height = 1500;

// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto first = static_cast<unsigned char>(text[at++]);
        if (first < 0x80) continue;
        const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
        if (first < 0xc2 || first > 0xf4 || text.size() - at < static_cast<std::size_t>(more))
            return false;
        for (int i = 0; i < more; ++i) {
            const auto next = static_cast<unsigned char>(text[at + static_cast<std::size_t>(i)]);
            unsigned low = 0x80;
            unsigned high = 0xbf;
            if (i == 0 && first == 0xe0) low = 0xa0;
            if (i == 0 && first == 0xed) high = 0x9f;
            if (i == 0 && first == 0xf0) low = 0x90;
            if (i == 0 && first == 0xf4) high = 0x8f;
            if (next < low || next > high) return false;
        }
        at += static_cast<std::size_t>(more);
    }
    return true;
}

// Directly before a dot and another word MySQL takes every word for a name: select.a is a column.
bool is_qualifier(std::string_view text, const Token& word) {
    if (word.end() + 1 >= text.size() || text[word.end()] != '.') return false;
    const char next = text[word.end() + 1];
    return (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '_' ||
           next == '$' || (next >= '0' && next <= '9') || static_cast<unsigned char>(next) >= 0x80;
}

}  // namespace

// Strings may hold any bytes; names must be text.
void Parser::check_names() const {
    if (mode_.any_bytes || is_ascii(text_)) return;
    for (const Token& token : tokens_) {
        const bool name = token.kind == TokenKind::word || token.kind == TokenKind::quoted_word ||
                          token.kind == TokenKind::user_variable ||
                          token.kind == TokenKind::system_variable;
        if (name) require_text(token, text(token));
    }
}

void Parser::require_text(const Token& token, std::string_view name) const {
    if (!mode_.any_bytes && !is_utf8(name)) fail_because(token, "a name is not valid UTF-8");
}

Parser::Parser(std::string_view text, const LexerMode& mode) : text_(text), mode_(mode) {
    Lexer lexer(text, mode, true);
    tokens_.reserve(std::min<std::size_t>(text.size() / 3 + 4, 4096));
    while (true) {
        Token& token = tokens_.emplace_back(lexer.next());
        if (token.kind == TokenKind::comment) {
            comments_.push_back(
                {static_cast<std::uint32_t>(tokens_.size() - 1), {token.offset, token.length}});
            tokens_.pop_back();
            continue;
        }
        if (token.kind == TokenKind::word && !is_qualifier(text, token)) {
            token.keyword =
                static_cast<std::uint32_t>(keyword_of(text.substr(token.offset, token.length)));
        }
        if (token.kind == TokenKind::end || token.kind == TokenKind::error) break;
        if (tokens_.size() > max_tokens) fail_because(token, "statement has too many tokens");
    }
    check_names();
    if (tokens_.size() == 1 && tokens_[0].kind == TokenKind::end) return;
    // Semicolons at the end belong to nobody.
    while (tokens_.size() > 1 && tokens_.back().kind == TokenKind::end &&
           tokens_[tokens_.size() - 2].kind == TokenKind::semicolon) {
        tokens_.erase(tokens_.end() - 2);
    }
}

Depth::Depth(Parser& parser) : parser_(parser), outer_height_(parser.height_) {
    if (++parser_.depth_ > limits::max_parse_depth) {
        parser_.fail_because(parser_.peek(), "statement is nested too deeply");
    }
    parser_.height_ = 0;
}

Depth::~Depth() {
    --parser_.depth_;
    parser_.height_ = std::max(outer_height_, parser_.height_ + 1);
}

void Depth::grow() {
    if (++parser_.height_ > max_tree_height) {
        parser_.fail_because(parser_.peek(), "expression is nested too deeply");
    }
}

bool Parser::accept(TokenKind kind) {
    if (!at(kind)) return false;
    take();
    return true;
}

bool Parser::accept(Keyword word) {
    if (!at(word)) return false;
    take();
    return true;
}

bool Parser::accept(std::initializer_list<Keyword> words) {
    std::size_t ahead = 0;
    for (const Keyword word : words) {
        if (!is(peek(ahead++), word)) return false;
    }
    index_ += words.size();
    return true;
}

bool Parser::at_name(std::string_view name) const {
    return peek().kind == TokenKind::word && same_name(text(peek()), name);
}

bool Parser::accept_name(std::string_view name) {
    if (!at_name(name)) return false;
    take();
    return true;
}

void Parser::expect(TokenKind kind) {
    if (!accept(kind)) fail();
}

void Parser::expect(Keyword word) {
    if (!accept(word)) fail();
}

void Parser::expect_name(std::string_view name) {
    if (!accept_name(name)) fail();
}

void Parser::fail_at(const Token& token) const {
    const bool named = (token.kind >= TokenKind::word && token.kind <= TokenKind::bit_string) ||
                       token.kind == TokenKind::named_parameter ||
                       token.kind == TokenKind::user_variable ||
                       token.kind == TokenKind::system_variable || token.kind == TokenKind::error ||
                       token.kind == TokenKind::colon;
    throw SyntaxError{.offset = token.offset, .length = token.length, .near_token = named};
}

void Parser::fail_because(const Token& token, const char* reason, std::uint16_t number) {
    throw SyntaxError{
        .offset = token.offset, .length = token.length, .reason = reason, .number = number};
}

void Parser::fail_undeclared(const Token& token) {
    throw SyntaxError{.offset = token.offset, .length = token.length, .undeclared = true};
}

// Comments between the last token taken and the next one; directives of the gate are among them.
Comments Parser::take_comments() {
    Comments result;
    if (comments_.empty()) return result;
    const auto by_token = [](const CommentAt& comment, std::size_t token) {
        return comment.token < token;
    };
    for (auto it = std::lower_bound(comments_.begin(), comments_.end(), index_, by_token);
         it != comments_.end() && it->token == index_; ++it) {
        const std::string_view comment = text_.substr(it->span.offset, it->span.length);
        const std::size_t end = it->span.offset + it->span.length;
        if (comment.starts_with("/*!")) continue;
        if (comment.starts_with("/*"))
            result.emplace_back(comment);
        else if (end < text_.size())  // a comment up to the end of its line
            result.push_back(std::string(comment) + "\n");
    }
    return result;
}

std::string Parser::text_from(std::uint32_t offset) const {
    std::size_t end = std::max(last_end(), offset);
    // The end of a comment that is executed is no token, but belongs to the text as its beginning.
    if (text_.substr(offset, end - offset).find("/*!") != std::string_view::npos) {
        const std::size_t closed = text_.substr(end, peek().offset - end).rfind("*/");
        if (closed != std::string_view::npos) end += closed + 2;
    }
    return std::string(text_.substr(offset, end - offset));
}

std::string Parser::canonical_token() {
    const Token token = take();
    if (token.kind == TokenKind::word) return lower_case(text(token));
    if (token.kind != TokenKind::string) return std::string(text(token));
    std::string result;
    append_string(result, unquote(text(token), mode_));
    return result;
}

std::string Parser::rest_of_text() {
    const std::uint32_t start = peek().offset;
    while (!at(TokenKind::end) && !at(TokenKind::error) && !at(TokenKind::semicolon)) take();
    if (at(TokenKind::error)) fail();
    return text_from(start);
}

bool Parser::is_identifier(const Token& token) {
    return token.kind == TokenKind::quoted_word ||
           (token.kind == TokenKind::word && !is_reserved(keyword(token)));
}

std::string Parser::take_name(const Token& token) const {
    if (token.kind != TokenKind::quoted_word) return std::string(text(token));
    if (!token.escapes) return std::string(text_.substr(token.offset + 1, token.length - 2));
    return unquote(text(token), mode_);
}

// identifier: word that is not reserved | `quoted`
std::string Parser::parse_identifier() {
    if (!at_identifier()) fail();
    return take_name(take());
}

// Behind a dot reserved words are names too.
// any_word: word | `quoted`
std::string Parser::parse_any_word() {
    if (!at(TokenKind::word) && !at(TokenKind::quoted_word)) fail();
    return take_name(take());
}

// string: 'text'
std::string Parser::parse_string() {
    if (!at(TokenKind::string)) fail();
    return unquote(text(take()), mode_);
}

// alias: [AS] (identifier | string) | nothing
std::string Parser::parse_alias() {
    const bool as = accept(Keyword::as_);
    if (at(TokenKind::string)) {
        const Token first = peek();
        std::string alias = parse_string();
        require_text(first, alias);
        return alias;
    }
    if (as || (at_identifier() && !at_qualify() && !at_sample())) return parse_identifier();
    return {};
}

// table_name: [identifier .] any_word
TableName Parser::parse_table_name() {
    const Token first = peek();
    TableName name;
    name.name = parse_identifier();
    name.source = {first.offset, first.length};
    if (accept(TokenKind::dot)) {
        name.keyspace = std::move(name.name);
        const Token second = peek();
        name.name = parse_any_word();
        name.qualifier = {first.offset, second.offset - first.offset};
        name.source.length = second.end() - first.offset;
    }
    return name;
}

// table_names: table_name {, table_name}
std::vector<TableName> Parser::parse_table_names() {
    std::vector<TableName> names;
    do {
        names.push_back(parse_table_name());
    } while (accept(TokenKind::comma));
    return names;
}

// name_list: ( any_word {, any_word} )
std::vector<std::string> Parser::parse_name_list() {
    std::vector<std::string> names;
    expect(TokenKind::left_parenthesis);
    do {
        names.push_back(parse_any_word());
    } while (accept(TokenKind::comma));
    expect(TokenKind::right_parenthesis);
    return names;
}

// unsigned: digits
std::uint64_t Parser::parse_unsigned() {
    const Token token = peek();
    if (token.kind != TokenKind::integer) fail();
    std::uint64_t value = 0;
    const std::string_view digits = text(token);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{})
        fail();
    take();
    return value;
}

// Whole texts: what the doors ask for.
// whole_statement: statement end | comments
Statement Parser::parse_whole_statement() {
    if (at(TokenKind::end)) {
        CommentOnly comments;
        for (const CommentAt& comment : comments_) {
            comments.comments.emplace_back(text_.substr(comment.span.offset, comment.span.length));
        }
        return {std::move(comments)};
    }
    Statement statement = parse_statement();
    // v21 reads a semicolon as the statement's end, and stumbles over what follows it.
    while (at(TokenKind::semicolon)) take();
    if (!at(TokenKind::end)) fail();
    return statement;
}

// whole_expression: expression end
Expr Parser::parse_whole_expression() {
    Expr expression = parse_expression();
    if (!at(TokenKind::end)) fail();
    return expression;
}

// whole_table_name: table_name end
TableName Parser::parse_whole_table_name() {
    TableName name = parse_table_name();
    if (!at(TokenKind::end)) fail();
    return name;
}

namespace {

// The end of the executed comment /*! .. */ in which `offset` stands; 0: in none.
std::size_t version_comment_end(std::string_view text, std::size_t offset) {
    const std::size_t start = text.substr(0, offset).rfind("/*!");
    if (start == std::string_view::npos) return 0;
    const std::size_t end = text.find("*/", start);
    return end == std::string_view::npos || end < offset ? 0 : end + 2;
}

// The words of a token as v21 shows them: without quotes and prefixes.
std::string_view shown_token(std::string_view token) {
    const bool prefixed = token.size() > 1 && token[1] == '\'';
    if (prefixed && std::string_view("xXbB").contains(token.front())) token.remove_prefix(2);
    if (prefixed && token.ends_with('\'')) token.remove_suffix(1);
    const bool quoted = token.size() >= 2 &&
                        (token.front() == '\'' || token.front() == '"' || token.front() == '`') &&
                        token.back() == token.front();
    if (quoted) token = token.substr(1, token.size() - 2);
    while (!token.empty() && std::string_view("@'\"`\0", 5).contains(token.front()))
        token.remove_prefix(1);
    if (!quoted && token.ends_with('\\')) token.remove_suffix(1);  // a string's last escape
    return token;
}

std::unexpected<Error> syntax_error(std::string_view text, const SyntaxError& error) {
    if (error.undeclared) {
        std::string_view name = text.substr(error.offset, error.length);
        if (name.starts_with('`') || name.starts_with('"')) name = name.substr(1, name.size() - 2);
        return sluice::fail(Code::invalid_argument, er::sp_undeclared_var,
                            "Undeclared variable: " + std::string(name));
    }
    if (error.behind_ddl)
        return sluice::fail(Code::invalid_argument, er::parse,
                            "extra characters encountered after end of DDL: '" +
                                std::string(text.substr(error.offset, error.length)) + "'");
    if (error.reason != nullptr)
        return sluice::fail(Code::invalid_argument, error.number, error.reason);
    // v21 reads a comment that is executed as a whole.
    const std::size_t comment_end = version_comment_end(text, error.offset);
    const std::size_t position =
        comment_end != 0 ? comment_end
                         : std::min<std::size_t>(error.offset + error.length, text.size());
    std::string message = "syntax error at position " + std::to_string(position + 1);
    if (error.near_token) {
        const std::string_view token = shown_token(text.substr(error.offset, error.length));
        if (!token.empty()) message += " near '" + std::string(token) + "'";
    }
    return sluice::fail(Code::invalid_argument, er::parse, std::move(message));
}

template <class T>
// whole: what `method` reads, and nothing else
Result<T> parse_whole(std::string_view text, const LexerMode& mode, T (Parser::*method)()) {
    if (text.size() > max_statement_length) {
        return sluice::fail(Code::invalid_argument, er::net_packet_too_large,
                            "statement is too long");
    }
    try {
        Parser parser(text, mode);
        if (parser.is_empty())
            return sluice::fail(Code::invalid_argument, er::empty_query, "Query was empty");
        return Result<T>(std::in_place, MadeBy{[&] { return (parser.*method)(); }});
    } catch (const SyntaxError& error) {
        return syntax_error(text, error);
    }
}

}  // namespace
}  // namespace sluice::sql::detail

namespace sluice::sql {

// text -> statement
Result<Statement> parse(std::string_view text, const LexerMode& mode) {
    return detail::parse_whole(text, mode, &detail::Parser::parse_whole_statement);
}

// text -> expression
Result<Expr> parse_expression(std::string_view text, const LexerMode& mode) {
    return detail::parse_whole(text, mode, &detail::Parser::parse_whole_expression);
}

// text -> table name
Result<TableName> parse_table_name(std::string_view text, const LexerMode& mode) {
    return detail::parse_whole(text, mode, &detail::Parser::parse_whole_table_name);
}

}  // namespace sluice::sql
