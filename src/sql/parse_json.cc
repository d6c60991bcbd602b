// Step 4 of a request: functions of JSON with a syntax of their own. JSON_TABLE is in
// parse_table.cc.
#include "sql/detail/parser.h"

namespace sluice::sql::detail {

// json_on: NULL | ERROR | DEFAULT expression
JsonOn Parser::parse_json_on() {
    if (accept(Keyword::null_)) return {JsonOnKind::null, std::nullopt};
    if (accept(Keyword::error_)) return {JsonOnKind::error, std::nullopt};
    expect(Keyword::default_);
    return {JsonOnKind::default_, parse_expression()};
}

// json_handlers: [json_on ON EMPTY] [json_on ON ERROR]
void Parser::parse_json_handlers(JsonOn& on_empty, JsonOn& on_error) {
    while (at(Keyword::null_) || at(Keyword::error_) || at(Keyword::default_)) {
        JsonOn action = parse_json_on();
        expect(Keyword::on_);
        if (accept(Keyword::empty_)) {
            on_empty = std::move(action);
        } else {
            expect(Keyword::error_);
            on_error = std::move(action);
        }
    }
}
// json_value: ( document , path [RETURNING cast_type] [json_handlers] )
Expr Parser::parse_json_value() {
    expect(TokenKind::left_parenthesis);
    JsonValue result;
    result.document = parse_expression();
    expect(TokenKind::comma);
    result.path = parse_expression();
    if (accept(Keyword::returning_)) result.returning = parse_cast_type();
    parse_json_handlers(result.on_empty, result.on_error);
    expect(TokenKind::right_parenthesis);
    return result;
}

// json_duality_object: ( [WITH ( permission {, permission} )] string : expression {, string :
// expression} ) [OVER ...]
Expr Parser::parse_json_duality_object() {
    JsonDualityObject result;
    expect(TokenKind::left_parenthesis);
    if (accept(Keyword::with_)) {
        expect(TokenKind::left_parenthesis);
        do {
            if (!at(Keyword::insert_) && !at(Keyword::update_) && !at(Keyword::delete_)) fail();
            result.permissions.push_back(lower_case(text(take())));
        } while (accept(TokenKind::comma));
        expect(TokenKind::right_parenthesis);
    }
    do {
        if (!at(TokenKind::string)) fail();
        JsonMember member{.key = unquote(text(take()), mode_), .value = {}};
        take_colon();
        member.value = parse_expression();
        result.members.push_back(std::move(member));
    } while (accept(TokenKind::comma));
    expect(TokenKind::right_parenthesis);
    parse_over(result.over);
    return result;
}

// A colon, also where the lexer saw a bind variable, because a word follows at once.
void Parser::take_colon() {
    if (!at(TokenKind::named_parameter)) return expect(TokenKind::colon);
    const Token parameter = peek();
    const std::uint32_t start = parameter.offset + 1;
    std::vector<Token> words;
    Lexer lexer(text_.substr(start, parameter.length - 1), mode_);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
        token.offset += start;
        token.keyword = static_cast<std::uint32_t>(keyword_of(text(token)));
        words.push_back(token);
    }
    const auto at_parameter = tokens_.begin() + static_cast<std::ptrdiff_t>(index_);
    tokens_.insert(tokens_.erase(at_parameter), words.begin(), words.end());
}

}  // namespace sluice::sql::detail
