// Step 4 of a request: transactions, USE, KILL, prepared statements by text.
#include <algorithm>

#include "sql/detail/parser.h"

namespace sluice::sql::detail {

// transaction: BEGIN [WORK] | START TRANSACTION .. | COMMIT [WORK] completion | ROLLBACK [WORK]
// (completion | TO [SAVEPOINT] name) | SAVEPOINT name | RELEASE SAVEPOINT name
Statement Parser::parse_transaction() {
    switch (keyword(peek())) {
        case Keyword::begin_:
            take();
            accept(Keyword::work_);
            return {Begin{}};
        case Keyword::start_:
            return {parse_start()};
        case Keyword::commit_:
            take();
            accept(Keyword::work_);
            return {Commit{parse_completion()}};
        case Keyword::savepoint_:
            take();
            return {Savepoint{parse_identifier()}};
        case Keyword::release_:
            take();
            expect(Keyword::savepoint_);
            return {Release{parse_identifier()}};
        default:
            break;
    }
    take();
    accept(Keyword::work_);
    if (!accept(Keyword::to_)) return {Rollback{parse_completion()}};
    accept(Keyword::savepoint_);
    return {RollbackTo{parse_identifier()}};
}

// completion: [AND [NO] CHAIN] [[NO] RELEASE]
Completion Parser::parse_completion() {
    Completion completion;
    if (accept(Keyword::and_)) {
        completion.chain = !accept(Keyword::no_);
        expect_name("chain");
    }
    const Token start = peek();
    if (accept({Keyword::no_, Keyword::release_})) return completion;
    completion.release = accept(Keyword::release_);
    if (completion.chain && completion.release) fail_at(start);
    return completion;
}

// start: START TRANSACTION [(WITH CONSISTENT SNAPSHOT | READ ONLY | READ WRITE) {, ...}]
Begin Parser::parse_start() {
    take();
    expect(Keyword::transaction_);
    Begin begin;
    begin.start_transaction = true;
    if (at(TokenKind::end)) return begin;
    do {
        if (accept({Keyword::with_, Keyword::consistent_, Keyword::snapshot_})) {
            begin.modes.push_back(AccessMode::consistent_snapshot);
        } else if (accept({Keyword::read_, Keyword::only_})) {
            begin.modes.push_back(AccessMode::read_only);
        } else {
            expect(Keyword::read_);
            expect(Keyword::write_);
            begin.modes.push_back(AccessMode::read_write);
        }
    } while (accept(TokenKind::comma));
    return begin;
}

// use: USE [target]; a target is keyspace[:shard][@type], quoted or not
Use Parser::parse_use() {
    take();
    if (at(TokenKind::end)) return {};
    const Token first = peek();
    const bool quoted =
        peek(1).kind == TokenKind::end && (at(TokenKind::quoted_word) || at(TokenKind::string));
    std::string target = quoted ? unquote(text(take()), mode_) : take_target();
    require_text(first, target);
    return {std::move(target)};
}

// ks:-80@replica is no row of tokens, so the text is taken as it stands.
std::string Parser::take_target() {
    if (is_reserved(keyword(peek()))) fail();
    std::string_view target = text_.substr(peek().offset);
    while (!target.empty() &&
           (target.back() == ';' || static_cast<unsigned char>(target.back()) <= ' ')) {
        target.remove_suffix(1);
    }
    const auto may_be_part = [](char c) {
        return static_cast<unsigned char>(c) > ' ' && !std::string_view(";'\"`/#").contains(c);
    };
    if (!std::ranges::all_of(target, may_be_part)) fail_at(peek(1));
    index_ = tokens_.size() - 1;
    tokens_.back().kind = TokenKind::end;
    return std::string(target);
}

// kill: KILL [CONNECTION | QUERY] expression
Statement Parser::parse_kill() {
    take();
    Kill kill;
    if (accept(Keyword::query_))
        kill.query = true;
    else
        accept(Keyword::connection_);
    kill.id = parse_expression();
    return {std::move(kill)};
}

// user_variable: @name
Variable Parser::parse_user_variable() {
    if (!at(TokenKind::user_variable)) fail();
    return {VariableScope::user, unquote(text(take()), mode_)};
}

// prepared: PREPARE name FROM ('text' | @v) | EXECUTE name [USING @v {, @v}] | (DEALLOCATE | DROP)
// PREPARE name
Statement Parser::parse_prepared() {
    const Keyword word = keyword(take());
    Comments comments = take_comments();
    if (word == Keyword::prepare_) {
        Prepare prepare;
        prepare.comments = std::move(comments);
        prepare.name = parse_identifier();
        expect(Keyword::from_);
        if (at(TokenKind::user_variable))
            prepare.source = parse_user_variable();
        else
            prepare.source = parse_string();
        return {std::move(prepare)};
    }
    if (word == Keyword::execute_) {
        Execute execute;
        execute.comments = std::move(comments);
        execute.name = parse_identifier();
        if (accept(Keyword::using_)) {
            do {
                execute.arguments.push_back(parse_user_variable());
            } while (accept(TokenKind::comma));
        }
        return {std::move(execute)};
    }
    expect(Keyword::prepare_);
    return {Deallocate{std::move(comments), parse_identifier()}};
}

}  // namespace sluice::sql::detail
