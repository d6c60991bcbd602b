// Step 4 of a request: operators of expressions, by binding powers (a Pratt loop). Operands:
// parse_primary.cc.
#include <optional>

#include "sql/detail/parser.h"

namespace sluice::sql::detail {
namespace {

struct InfixOperator {
    Power power;
    std::optional<CompareOp> compare;
    std::optional<BinaryOp> binary;
};

// The one table of symbolic infix operators; words (AND, DIV, LIKE ...) are dispatched in
// Parser::extend.
std::optional<InfixOperator> infix_operator(TokenKind kind) {
    const auto compare = [](CompareOp op) {
        return InfixOperator{Power::comparison, op, std::nullopt};
    };
    const auto binary = [](Power power, BinaryOp op) {
        return InfixOperator{power, std::nullopt, op};
    };
    switch (kind) {
        case TokenKind::equal:
            return compare(CompareOp::equal);
        case TokenKind::less:
            return compare(CompareOp::less);
        case TokenKind::greater:
            return compare(CompareOp::greater);
        case TokenKind::less_equal:
            return compare(CompareOp::less_equal);
        case TokenKind::greater_equal:
            return compare(CompareOp::greater_equal);
        case TokenKind::not_equal:
            return compare(CompareOp::not_equal);
        case TokenKind::null_safe_equal:
            return compare(CompareOp::null_safe_equal);
        case TokenKind::pipe:
            return binary(Power::bit_or, BinaryOp::bit_or);
        case TokenKind::ampersand:
            return binary(Power::bit_and, BinaryOp::bit_and);
        case TokenKind::shift_left:
            return binary(Power::shift, BinaryOp::shift_left);
        case TokenKind::shift_right:
            return binary(Power::shift, BinaryOp::shift_right);
        case TokenKind::plus:
            return binary(Power::additive, BinaryOp::add);
        case TokenKind::minus:
            return binary(Power::additive, BinaryOp::subtract);
        case TokenKind::star:
            return binary(Power::multiplicative, BinaryOp::multiply);
        case TokenKind::slash:
            return binary(Power::multiplicative, BinaryOp::divide);
        case TokenKind::percent:
            return binary(Power::multiplicative, BinaryOp::modulo);
        case TokenKind::caret:
            return binary(Power::bit_xor, BinaryOp::bit_xor);
        default:
            return std::nullopt;
    }
}

Power above(Power power) {
    return static_cast<Power>(static_cast<std::uint8_t>(power) + 1);
}

}  // namespace

// expression: prefix {infix_operator expression_of_higher_power | predicate_end}
Expr Parser::parse_expression(Power minimum) {
    Depth depth(*this);
    Expr left = parse_prefix();
    while (extend(left, minimum)) {
        if (!left.is<And>() && !left.is<Or>()) depth.grow();
    }
    return left;
}

// boxed: expression, made where it stays
Box<Expr> Parser::parse_boxed(Power minimum) {
    return Box<Expr>(MadeBy{[&] { return parse_expression(minimum); }});
}

// prefix: NOT expression | (- | + | ~ | ! | BINARY) expression | primary
Expr Parser::parse_prefix() {
    const auto unary = [&](UnaryOp op, Power power) {
        take();
        return Expr(Unary{op, parse_boxed(power)});
    };
    switch (peek().kind) {
        case TokenKind::minus:
            return unary(UnaryOp::minus, Power::unary);
        case TokenKind::tilde:
            return unary(UnaryOp::bit_not, Power::unary);
        case TokenKind::bang:
            return unary(UnaryOp::not_bang, Power::bang);
        case TokenKind::plus:  // has no effect, neither here nor in MySQL
            take();
            return parse_expression(Power::unary);
        case TokenKind::word:
            if (at(Keyword::not_)) {
                take();
                const bool tight = mode_.high_not_precedence;
                return Not{parse_boxed(tight ? Power::bang : Power::not_), tight};
            }
            if (at(Keyword::binary_)) {
                const std::string binary(text(take()));
                Expr operand = parse_expression(Power::bang);
                CastType type;
                type.name = binary;
                return Cast{std::move(operand), std::move(type), true};
            }
            break;
        default:
            break;
    }
    return parse_primary();
}

// One more operator behind `left`; false when the next token is none of at least that power.
bool Parser::extend(Expr& left, Power minimum) {
    const Token& token = peek();
    if (const auto op = infix_operator(token.kind)) {
        if (op->power < minimum) return false;
        if (op->compare) return extend_comparison(left, *op->compare);
        return extend_binary(left, *op->binary, op->power);
    }
    switch (token.kind) {
        case TokenKind::json_extract:
        case TokenKind::json_unquote_extract:
            return minimum <= Power::collate && extend_json_path(left);
        case TokenKind::and_and:
            return minimum <= Power::and_ && extend_chain(left, Keyword::and_);
        case TokenKind::or_or:
            if (!mode_.pipes_as_concat)
                return minimum <= Power::or_ && extend_chain(left, Keyword::or_);
            {
                take();
                FunctionCall concat;
                concat.name = "concat";
                concat.arguments.push_back(std::move(left));
                concat.arguments.push_back(parse_expression(above(Power::collate)));
                left = std::move(concat);
                return true;
            }
        case TokenKind::word:
            break;
        default:
            return false;
    }
    switch (keyword(token)) {
        case Keyword::and_:
            return minimum <= Power::and_ && extend_chain(left, Keyword::and_);
        case Keyword::or_:
            return minimum <= Power::or_ && extend_chain(left, Keyword::or_);
        case Keyword::xor_:
            if (minimum > Power::xor_) return false;
            take();
            left = Xor{std::move(left), parse_boxed(Power::and_)};
            return true;
        case Keyword::div_:
            return minimum <= Power::multiplicative &&
                   extend_binary(left, BinaryOp::integer_divide, Power::multiplicative);
        case Keyword::mod_:
            return minimum <= Power::multiplicative &&
                   extend_binary(left, BinaryOp::modulo, Power::multiplicative);
        case Keyword::is_:
            return minimum <= Power::comparison && extend_is(left);
        case Keyword::collate_:
            if (minimum > Power::collate) return false;
            take();
            left = Collate{std::move(left), parse_collation_name()};
            return true;
        case Keyword::not_:
            return extend_predicate(left, true, minimum);
        default:
            if (minimum <= Power::predicate && at_name("sounds") && is(peek(1), Keyword::like_))
                return extend_sounds_like(left);
            return extend_predicate(left, false, minimum);
    }
}

// sounds_like: left SOUNDS LIKE right: SOUNDEX(left) = SOUNDEX(right)
bool Parser::extend_sounds_like(Expr& left) {
    index_ += 2;
    const auto soundex = [](Expr operand) {
        FunctionCall call;
        call.name = "soundex";
        call.arguments.push_back(std::move(operand));
        return Expr(std::move(call));
    };
    left = Compare{CompareOp::equal, soundex(std::move(left)),
                   soundex(parse_expression(Power::bit_or)), std::nullopt, Quantifier::none};
    return true;
}

// binary: left op right, left-associative
bool Parser::extend_binary(Expr& left, BinaryOp op, Power power) {
    take();
    left.node.emplace<Binary>(op, Box(std::move(left)), parse_boxed(above(power)));
    return true;
}

// json_path: left (-> | ->>) path: JSON_EXTRACT(left, path), for ->> in JSON_UNQUOTE
bool Parser::extend_json_path(Expr& left) {
    const bool unquoted = take().kind == TokenKind::json_unquote_extract;
    FunctionCall extract;
    extract.name = "json_extract";
    extract.arguments.push_back(std::move(left));
    extract.arguments.push_back(parse_expression(above(Power::collate)));
    left = std::move(extract);
    if (!unquoted) return true;
    FunctionCall unquote;
    unquote.name = "json_unquote";
    unquote.arguments.push_back(std::move(left));
    left = std::move(unquote);
    return true;
}

bool Parser::extend_chain(Expr& left, Keyword word) {
    take();
    const bool conjunction = word == Keyword::and_;
    const Power power = conjunction ? Power::not_ : Power::xor_;
    std::vector<Expr>* chain = nullptr;
    if (conjunction && left.is<And>()) chain = &left.as<And>()->operands;
    if (!conjunction && left.is<Or>()) chain = &left.as<Or>()->operands;
    if (chain == nullptr) {
        std::vector<Expr> operands;
        operands.reserve(2);
        operands.push_back(std::move(left));
        chain = conjunction ? &left.node.emplace<And>(std::move(operands)).operands
                            : &left.node.emplace<Or>(std::move(operands)).operands;
    }
    chain->emplace_back(MadeBy{[&] { return parse_expression(power); }});
    return true;
}

// comparison: left (= | < | ...) [ANY | SOME | ALL] right
bool Parser::extend_comparison(Expr& left, CompareOp op) {
    take();
    Quantifier quantifier = Quantifier::none;
    if (peek(1).kind == TokenKind::left_parenthesis) {
        if (accept(Keyword::all_))
            quantifier = Quantifier::all;
        else if (accept_name("any") || accept_name("some"))
            quantifier = Quantifier::any;
    }
    left.node.emplace<Compare>(op, Box(std::move(left)), parse_boxed(Power::predicate),
                               std::nullopt, quantifier);
    return true;
}

// is: left IS [NOT] (NULL | TRUE | FALSE | UNKNOWN)
bool Parser::extend_is(Expr& left) {
    take();
    const bool negated = accept(Keyword::not_);
    IsKind kind = IsKind::null;
    if (accept(Keyword::true_))
        kind = negated ? IsKind::not_true : IsKind::true_;
    else if (accept(Keyword::false_))
        kind = negated ? IsKind::not_false : IsKind::false_;
    else if (accept(Keyword::null_) || accept(Keyword::unknown_))
        kind = negated ? IsKind::not_null : IsKind::null;
    else
        fail();
    left.node.emplace<Is>(Box(std::move(left)), kind);
    return true;
}

// predicate_end: [NOT] (IN list | LIKE p [ESCAPE e] | BETWEEN a AND b | REGEXP p | RLIKE p) |
// MEMBER [OF] ( array )
bool Parser::extend_predicate(Expr& left, bool negated, Power minimum) {
    if (minimum > Power::predicate) return false;
    const auto compare = [&](CompareOp positive, CompareOp negative, Box<Expr> right) {
        left.node.emplace<Compare>(negated ? negative : positive, Box(std::move(left)),
                                   std::move(right), std::nullopt, Quantifier::none);
        return true;
    };
    switch (keyword(peek(negated ? 1 : 0))) {
        case Keyword::in_:
            index_ += negated ? 2 : 1;
            return compare(CompareOp::in, CompareOp::not_in, parse_in_list());
        case Keyword::like_: {
            index_ += negated ? 2 : 1;
            compare(CompareOp::like, CompareOp::not_like, parse_boxed(Power::bit_or));
            if (accept(Keyword::escape_))
                left.as<Compare>()->escape = parse_expression(Power::unary);
            return true;
        }
        case Keyword::regexp_:
        case Keyword::rlike_:
            index_ += negated ? 2 : 1;
            return compare(CompareOp::regexp, CompareOp::not_regexp, parse_boxed(Power::bit_or));
        case Keyword::between_: {
            index_ += negated ? 2 : 1;
            Box<Expr> low = parse_boxed(Power::bit_or);
            expect(Keyword::and_);
            left.node.emplace<Between>(Box(std::move(left)), std::move(low),
                                       parse_boxed(Power::predicate), negated);
            return true;
        }
        case Keyword::member_:
            if (negated) return false;
            ++index_;
            accept(Keyword::of_);
            expect(TokenKind::left_parenthesis);
            left = MemberOf{std::move(left), parse_expression()};
            expect(TokenKind::right_parenthesis);
            return true;
        default:
            return false;
    }
}

// in_list: ( query ) | ( expression {, expression} ) | ::list
Expr Parser::parse_in_list() {
    if (at(TokenKind::named_list_parameter)) return parse_primary();
    expect(TokenKind::left_parenthesis);
    if (at_whole_query()) {
        Query query = parse_query();
        expect(TokenKind::right_parenthesis);
        return Subquery{std::move(query)};
    }
    Tuple list{parse_expressions()};
    expect(TokenKind::right_parenthesis);
    if (list.items.size() == 1 && list.items[0].is<Subquery>()) return std::move(list.items[0]);
    return list;
}

// expressions: expression {, expression}
std::vector<Expr> Parser::parse_expressions(std::size_t expected) {
    std::vector<Expr> items;
    items.reserve(expected);
    do {
        items.emplace_back(MadeBy{[&] { return parse_expression(); }});
    } while (accept(TokenKind::comma));
    return items;
}

// arguments: ( [expressions] )
std::vector<Expr> Parser::parse_arguments(std::size_t expected) {
    expect(TokenKind::left_parenthesis);
    if (accept(TokenKind::right_parenthesis)) return {};
    std::vector<Expr> items = parse_expressions(expected);
    expect(TokenKind::right_parenthesis);
    return items;
}

}  // namespace sluice::sql::detail
