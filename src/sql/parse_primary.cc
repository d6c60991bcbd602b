// Step 4 of a request: operands of expressions: literals, names, parameters, CASE, subqueries.
#include "sql/detail/parser.h"

namespace sluice::sql::detail {
namespace {

LiteralKind literal_kind(TokenKind kind) {
    switch (kind) {
        case TokenKind::integer:
            return LiteralKind::integer;
        case TokenKind::decimal:
            return LiteralKind::decimal;
        case TokenKind::floating:
            return LiteralKind::floating;
        case TokenKind::national:
            return LiteralKind::national;
        case TokenKind::hex_number:
            return LiteralKind::hex_number;
        case TokenKind::hex_string:
            return LiteralKind::hex_string;
        case TokenKind::bit_number:
            return LiteralKind::bit_number;
        case TokenKind::bit_string:
            return LiteralKind::bit_string;
        default:
            return LiteralKind::string;
    }
}

bool is_literal(TokenKind kind) {
    return kind >= TokenKind::string && kind <= TokenKind::bit_string;
}

constexpr std::string_view character_sets[] = {
    "armscii8", "ascii",   "big5",   "binary",   "cp1250",  "cp1251", "cp1256",  "cp1257", "cp850",
    "cp852",    "cp866",   "cp932",  "dec8",     "eucjpms", "euckr",  "gb18030", "gb2312", "gbk",
    "geostd8",  "greek",   "hebrew", "hp8",      "keybcs2", "koi8r",  "koi8u",   "latin1", "latin2",
    "latin5",   "latin7",  "macce",  "macroman", "sjis",    "swe7",   "tis620",  "ucs2",   "ujis",
    "utf16",    "utf16le", "utf32",  "utf8",     "utf8mb3", "utf8mb4"};

bool is_character_set(std::string_view name) {
    for (const std::string_view known : character_sets) {
        if (same_name(name, known)) return true;
    }
    return false;
}

// Reserved words that are functions when a parenthesis follows.
bool is_called(Keyword word) {
    switch (word) {
        case Keyword::char_:
        case Keyword::cume_dist_:
        case Keyword::database_:
        case Keyword::dense_rank_:
        case Keyword::first_value_:
        case Keyword::grouping_:
        case Keyword::if_:
        case Keyword::insert_:
        case Keyword::lag_:
        case Keyword::last_value_:
        case Keyword::lead_:
        case Keyword::left_:
        case Keyword::mod_:
        case Keyword::nth_value_:
        case Keyword::ntile_:
        case Keyword::percent_rank_:
        case Keyword::rank_:
        case Keyword::repeat_:
        case Keyword::replace_:
        case Keyword::right_:
        case Keyword::row_number_:
        case Keyword::schema_:
        case Keyword::unsigned_:
            return true;
        default:
            return false;
    }
}

}  // namespace

// primary: literal | parameter | variable | ( ... ) | * is refused | word ...
Expr Parser::parse_primary() {
    const Token& token = peek();
    if (is_literal(token.kind)) return parse_literal();
    switch (token.kind) {
        case TokenKind::word:
        case TokenKind::quoted_word:
            return parse_word();
        case TokenKind::left_parenthesis:
            return parse_parenthesised();
        case TokenKind::parameter: {
            take();
            BindVariable variable;
            variable.name = "v" + std::to_string(++parameters_);
            return variable;
        }
        case TokenKind::named_parameter:
        case TokenKind::named_list_parameter: {
            const Token name = take();
            BindVariable variable;
            variable.list = name.kind == TokenKind::named_list_parameter;
            variable.name = text(name).substr(variable.list ? 2 : 1);
            return variable;
        }
        case TokenKind::user_variable:
        case TokenKind::system_variable:
            return parse_variable();
        case TokenKind::left_brace: {  // ODBC: {d '2020-01-01'}
            take();
            const std::string word = lower_case(parse_any_word());
            Expr inner = parse_expression();
            expect(TokenKind::right_brace);
            if (Literal* literal = inner.as<Literal>();
                literal != nullptr && literal->kind == LiteralKind::string) {
                if (word == "d") literal->kind = LiteralKind::date;
                if (word == "t") literal->kind = LiteralKind::time;
                if (word == "ts") literal->kind = LiteralKind::timestamp;
            }
            return inner;
        }
        default:
            fail();
    }
}

// literal: number | string {string} | N'..' | X'..' | B'..'
Expr Parser::parse_literal() {
    const Token token = take();
    Expr result;
    Literal& literal = *result.as<Literal>();
    literal.kind = literal_kind(token.kind);
    literal.source = {token.offset, token.length};
    const std::string_view written = text(token);
    switch (token.kind) {
        case TokenKind::string:
        case TokenKind::national:
            if (token.escapes)
                literal.text = unquote(written, mode_);
            else
                literal.text =
                    written.substr(token.kind == TokenKind::national ? 2 : 1,
                                   written.size() - (token.kind == TokenKind::national ? 3 : 2));
            while (at(TokenKind::string)) {  // 'a' 'b' is 'ab'
                const Token next = take();
                literal.text += unquote(text(next), mode_);
                literal.source.length = next.end() - literal.source.offset;
            }
            break;
        case TokenKind::hex_string:
        case TokenKind::bit_string:
            literal.text = written.substr(2, written.size() - 3);
            break;
        default:
            literal.text = written;
    }
    return result;
}

// parenthesised: ( query ) | ( expression ) | ( expression, expression {, expression} )
Expr Parser::parse_parenthesised() {
    take();
    if (at_whole_query()) {
        Query query = parse_query();
        expect(TokenKind::right_parenthesis);
        return Subquery{std::move(query)};
    }
    Expr first = parse_expression();
    if (accept(TokenKind::right_parenthesis)) return first;
    expect(TokenKind::comma);
    Tuple tuple;
    tuple.items.push_back(std::move(first));
    do {
        tuple.items.push_back(parse_expression());
    } while (accept(TokenKind::comma));
    expect(TokenKind::right_parenthesis);
    return tuple;
}

// variable: @name [:= expression] | @@[scope.]name
Expr Parser::parse_variable() {
    const Token token = take();
    Variable variable;
    variable.name = unquote(text(token), mode_);
    if (token.kind == TokenKind::user_variable) {  // @ alone is one, too: its name is empty
        if (!accept(TokenKind::assign)) return variable;
        return Assign{std::move(variable), parse_expression(Power::assignment)};
    }
    if (variable.name.empty()) fail_at(token);
    variable.scope = VariableScope::session_implied;
    const std::size_t dot = variable.name.find('.');
    if (dot == std::string::npos) return variable;
    const std::string scope = lower_case(std::string_view(variable.name).substr(0, dot));
    if (scope == "session" || scope == "local")
        variable.scope = VariableScope::session;
    else if (scope == "global")
        variable.scope = VariableScope::global;
    else if (scope == "persist")
        variable.scope = VariableScope::persist;
    else if (scope == "persist_only")
        variable.scope = VariableScope::persist_only;
    else if (scope == "vitess_metadata")
        variable.scope = VariableScope::vitess_metadata;
    else
        return variable;
    variable.name.erase(0, dot + 1);
    if (variable.name.empty()) fail_at(token);
    return variable;
}

// word: introducer literal | DATE 'x' | reserved_word ... | column | call
Expr Parser::parse_word() {
    const Token& token = peek();
    const Keyword word = keyword(token);
    if (is_reserved(word)) return parse_reserved_word(word);
    const Token& next = peek(1);
    const bool parameter =
        next.kind == TokenKind::parameter || next.kind == TokenKind::named_parameter;
    if (token.kind == TokenKind::word && (is_literal(next.kind) || parameter)) {
        const std::string_view name = text(token);
        if (parameter && !next.space_before && same_name(name, "n")) {  // N:v1, a bound N'..'
            take();
            return Introducer{"N", parse_primary()};
        }
        if (name.front() == '_' && is_character_set(name.substr(1))) {
            std::string charset = lower_case(name);
            if (charset == "_utf8") charset = "_utf8mb3";
            take();
            return Introducer{std::move(charset), parse_primary()};
        }
        if (next.kind == TokenKind::string &&
            (word == Keyword::date_ || word == Keyword::time_ || word == Keyword::timestamp_)) {
            take();
            Expr literal = parse_literal();
            literal.as<Literal>()->kind = word == Keyword::date_   ? LiteralKind::date
                                          : word == Keyword::time_ ? LiteralKind::time
                                                                   : LiteralKind::timestamp;
            return literal;
        }
    }
    return parse_column_or_call();
}

// reserved_word: NULL | TRUE | FALSE | CASE ... | EXISTS ( query ) | INTERVAL ... | CAST ( ... ) |
// call ...
Expr Parser::parse_reserved_word(Keyword word) {
    const bool call = peek(1).kind == TokenKind::left_parenthesis;
    switch (word) {
        case Keyword::null_:
            take();
            return NullLiteral{};
        case Keyword::true_:
            take();
            return BoolLiteral{true};
        case Keyword::false_:
            take();
            return BoolLiteral{false};
        case Keyword::case_:
            return parse_case();
        case Keyword::exists_:
            return parse_exists();
        case Keyword::interval_:
            return parse_interval_or_call();
        case Keyword::default_:
            return parse_default();
        case Keyword::match_:
            return parse_match();
        case Keyword::convert_:
            return parse_convert();
        case Keyword::values_:
            return parse_values_of();
        case Keyword::row_:
            if (!call) fail();
            take();
            return parse_row();
        case Keyword::current_date_:
        case Keyword::current_time_:
        case Keyword::current_timestamp_:
        case Keyword::current_user_:
        case Keyword::localtime_:
        case Keyword::localtimestamp_:
        case Keyword::utc_date_:
        case Keyword::utc_time_:
        case Keyword::utc_timestamp_: {
            FunctionCall function;
            function.name = lower_case(text(take()));
            if (at(TokenKind::left_parenthesis)) function.arguments = parse_arguments();
            return function;
        }
        default:
            if (!call && is_called(word)) fail_at(peek(1));
            if (!call) fail();
            return parse_call({}, take());
    }
}

// row: ( expression, expression {, expression} ); one alone is in parentheses, and no row
Expr Parser::parse_row() {
    const Token open = peek();
    Tuple row{parse_arguments()};
    if (row.items.size() < 2) fail_at(open);
    return row;
}

// column_or_call: name [. name [. name]] | [name .] name ( arguments )
Expr Parser::parse_column_or_call() {
    const Token first = take();
    const bool dotted = at(TokenKind::dot) && peek(1).kind != TokenKind::star;
    if (!dotted)
        return at(TokenKind::left_parenthesis) ? parse_call({}, first) : column_expression(first);
    take();
    const Token second = peek();
    std::string second_name = parse_any_word();
    if (at(TokenKind::left_parenthesis)) {
        FunctionCall function;
        function.keyspace = take_name(first);
        function.name = std::move(second_name);
        function.arguments = parse_arguments();
        return function;
    }
    Column column;
    column.source = {second.offset, second.length};
    column.table.source = {first.offset, first.length};
    if (!accept(TokenKind::dot)) {
        column.table.name = take_name(first);
        column.name = std::move(second_name);
        return column;
    }
    const Token third = peek();
    column.name = parse_any_word();
    column.source = {third.offset, third.length};
    column.table.keyspace = take_name(first);
    column.table.name = std::move(second_name);
    column.table.qualifier = {first.offset, second.offset - first.offset};
    column.table.source = {first.offset, second.end() - first.offset};
    return column;
}

// A column without a table.
Expr Parser::column_expression(const Token& name) const {
    Expr result;
    auto& column = result.node.emplace<Column>();
    column.name = take_name(name);
    column.source = {name.offset, name.length};
    return result;
}

// column: name [. name [. name]]
Column Parser::parse_column() {
    if (!at_identifier()) fail();
    const Token start = peek();
    Expr parsed = parse_column_or_call();
    if (!parsed.is<Column>()) fail_at(start);
    return std::move(*parsed.as<Column>());
}

// case: CASE [expression] WHEN expression THEN expression {WHEN ...} [ELSE expression] END
Expr Parser::parse_case() {
    take();
    Case result;
    if (!at(Keyword::when_)) result.operand = parse_boxed();
    expect(Keyword::when_);
    do {
        Box<Expr> condition = parse_boxed();
        expect(Keyword::then_);
        result.whens.push_back({std::move(condition), parse_boxed()});
    } while (accept(Keyword::when_));
    if (accept(Keyword::else_)) result.otherwise = parse_boxed();
    expect(Keyword::end_);
    return result;
}

// exists: EXISTS ( query )
Expr Parser::parse_exists() {
    take();
    expect(TokenKind::left_parenthesis);
    Query query = parse_query();
    expect(TokenKind::right_parenthesis);
    return Exists{std::move(query)};
}

// interval: INTERVAL expression unit | INTERVAL ( expression, expression {, expression} )
Expr Parser::parse_interval_or_call() {
    take();
    Depth depth(*this);
    Expr amount;
    if (at(TokenKind::left_parenthesis) && !is(peek(1), Keyword::select_) &&
        !is(peek(1), Keyword::with_)) {
        FunctionCall function;
        function.name = "interval";
        function.arguments = parse_arguments();
        if (function.arguments.size() > 1) return function;
        if (function.arguments.empty()) fail();
        amount = std::move(function.arguments[0]);  // INTERVAL (a) + b DAY
        while (extend(amount, Power::none)) depth.grow();
    } else {
        amount = parse_expression();
    }
    if (!at(TokenKind::word)) fail();
    return Interval{std::move(amount), lower_case(text(take()))};
}

// default: DEFAULT | DEFAULT ( column )
Expr Parser::parse_default() {
    take();
    Default result;
    if (accept(TokenKind::left_parenthesis)) {
        Column column = parse_column();
        result.column = std::move(column.name);
        result.table = std::move(column.table);
        expect(TokenKind::right_parenthesis);
    }
    return result;
}

}  // namespace sluice::sql::detail
