// Step 4 of a request: SET in all its forms.
#include <algorithm>

#include "sql/detail/parser.h"

namespace sluice::sql::detail {
namespace {

// A key cache, whose variables are called cache.variable, has none of these names.
bool is_scope(std::string_view name) {
    static constexpr std::string_view scopes[] = {"global", "session", "local", "persist",
                                                  "persist_only"};
    return std::ranges::any_of(scopes, [&](auto scope) { return same_name(name, scope); });
}

Expr word_literal(std::string text) {
    return Literal{LiteralKind::string, std::move(text), {}};
}

}  // namespace

// set: SET [comments] (item {, item} | [GLOBAL | SESSION | LOCAL] TRANSACTION modes)
Set Parser::parse_set() {
    take();
    Set set;
    set.comments = take_comments();
    do {
        parse_set_item(set);
    } while (accept(TokenKind::comma));
    return set;
}

// item: NAMES (name [COLLATE name] | DEFAULT) | (CHARACTER SET | CHARSET) (name | DEFAULT)
//     | [GLOBAL | SESSION | LOCAL | PERSIST | PERSIST_ONLY] (name [. name] | TRANSACTION modes) =
//     value | @name = value | @@.. = value
void Parser::parse_set_item(Set& set) {
    SetAssignment item;
    item.variable.scope = VariableScope::session_implied;
    item.written = lower_case(text(peek())) == "character" ? "charset" : text(peek());
    const bool names = accept(Keyword::names_);
    const bool charset =
        at(Keyword::charset_) && peek(1).kind != TokenKind::equal && accept(Keyword::charset_);
    if (names || charset || accept({Keyword::character_, Keyword::set_})) {
        item.variable.name = names ? "names" : "charset";
        if (accept(Keyword::default_))
            item.value = Default{};
        else
            item.value = word_literal(parse_charset_name());
        if (names && accept(Keyword::collate_)) item.collation = parse_collation_name();
        set.assignments.push_back(std::move(item));
        return;
    }
    item.written.clear();
    if (at(TokenKind::user_variable) || at(TokenKind::system_variable)) {
        const Token token = peek();
        Expr variable = parse_variable();
        if (Assign* assign = variable.as<Assign>()) {  // SET @a := 1
            item.variable = std::move(assign->variable);
            item.value = std::move(*assign->value);
            set.assignments.push_back(std::move(item));
            return;
        }
        if (!variable.is<Variable>()) fail_at(token);
        item.variable = std::move(*variable.as<Variable>());
    } else {
        bool scoped = peek(1).kind != TokenKind::equal && peek(1).kind != TokenKind::assign;
        if (scoped && accept(Keyword::global_))
            item.variable.scope = VariableScope::global;
        else if (scoped && (accept(Keyword::session_) || accept(Keyword::local_)))
            item.variable.scope = VariableScope::session;
        else if (scoped && accept(Keyword::persist_))
            item.variable.scope = VariableScope::persist;
        else if (scoped && accept(Keyword::persist_only_))
            item.variable.scope = VariableScope::persist_only;
        else
            scoped = false;
        if (at(Keyword::transaction_) && peek(1).kind == TokenKind::word) {
            return parse_set_transaction(
                set, scoped ? item.variable.scope : VariableScope::next_transaction);
        }
        const Token& name = peek();
        item.variable.name = parse_any_word();
        // Without @@ these are the session's; with @@ and no scope, the next transaction's.
        if (!scoped && (same_name(item.variable.name, "transaction_isolation") ||
                        same_name(item.variable.name, "transaction_read_only")))
            item.variable.scope = VariableScope::session;
        if (accept(TokenKind::dot)) {
            if (is_scope(item.variable.name)) fail_at(name);
            item.variable.name += "." + parse_any_word();
        }
    }
    if (!accept(TokenKind::equal)) expect(TokenKind::assign);
    item.value = parse_set_value();
    set.assignments.push_back(std::move(item));
}

// set_value: DEFAULT | ON | OFF | BINARY | expression
Expr Parser::parse_set_value() {
    if (at(Keyword::on_)) return take(), word_literal("on");
    if (at(Keyword::off_) && peek(1).kind != TokenKind::dot &&
        peek(1).kind != TokenKind::left_parenthesis) {
        return take(), word_literal("off");
    }
    const TokenKind next = peek(1).kind;
    const bool alone = next == TokenKind::end || next == TokenKind::comma;
    if (alone &&
        (at(Keyword::all_) || at(Keyword::binary_) || at(Keyword::row_) || at(Keyword::system_))) {
        return word_literal(lower_case(text(take())));
    }
    return parse_expression();
}

// modes: (READ ONLY | READ WRITE | ISOLATION LEVEL level) {, ...}
void Parser::parse_set_transaction(Set& set, VariableScope scope) {
    take();
    do {
        SetAssignment item;
        item.variable.scope = scope;
        if (accept(Keyword::read_)) {
            item.variable.name = "transaction_read_only";
            if (accept(Keyword::only_)) {
                item.value = word_literal("on");
            } else {
                expect(Keyword::write_);
                item.value = word_literal("off");
            }
        } else {
            expect(Keyword::isolation_);
            expect(Keyword::level_);
            item.variable.name = "transaction_isolation";
            if (accept({Keyword::repeatable_, Keyword::read_}))
                item.value = word_literal("repeatable-read");
            else if (accept({Keyword::read_, Keyword::committed_}))
                item.value = word_literal("read-committed");
            else if (accept({Keyword::read_, Keyword::uncommitted_}))
                item.value = word_literal("read-uncommitted");
            else if (accept(Keyword::serializable_))
                item.value = word_literal("serializable");
            else
                fail();
        }
        set.assignments.push_back(std::move(item));
    } while (accept(TokenKind::comma));
}

}  // namespace sluice::sql::detail
