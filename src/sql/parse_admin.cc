// Step 4 of a request: EXPLAIN, LOCK TABLES, FLUSH, CALL and other administration.
#include <algorithm>

#include "sql/detail/parser.h"

namespace sluice::sql::detail {

// explain: (EXPLAIN | DESCRIBE | DESC) [comments] ([ANALYZE] [FORMAT = name] statement | table
// [column])
Statement Parser::parse_explain() {
    take();
    Explain explain;
    explain.comments = take_comments();
    const bool analyze = accept(Keyword::analyze_);
    if (analyze) explain.format = ExplainFormat::analyze;
    const bool format = at_name("format") && peek(1).kind == TokenKind::equal;
    if (format) {
        index_ += 2;
        static constexpr std::pair<std::string_view, ExplainFormat> formats[] = {
            {"traditional", ExplainFormat::traditional},
            {"tree", ExplainFormat::tree},
            {"json", ExplainFormat::json},
            {"vitess", ExplainFormat::vitess},
            {"vtexplain", ExplainFormat::vtexplain},
        };
        const auto* found =
            std::ranges::find_if(formats, [&](const auto& one) { return at_name(one.first); });
        if (found == std::end(formats)) fail();
        take();
        explain.format = found->second;
        if (analyze && found->second != ExplainFormat::tree) fail();
        if (analyze) explain.format = ExplainFormat::analyze;  // which prints a tree anyway
    }
    switch (keyword(peek())) {
        case Keyword::select_:
        case Keyword::insert_:
        case Keyword::replace_:
        case Keyword::update_:
        case Keyword::delete_:
        case Keyword::with_:
        case Keyword::table_:
        case Keyword::values_:
            break;
        default:
            if (at(TokenKind::left_parenthesis)) break;
            if (explain.format != ExplainFormat::none) fail();
            Describe describe;
            describe.table = parse_table_name();
            if (at(TokenKind::string))
                describe.column = parse_string();
            else if (!at(TokenKind::end))
                describe.column = parse_identifier();
            return {std::move(describe)};
    }
    explain.statement = parse_statement();
    return {std::move(explain)};
}

// vexplain: VEXPLAIN [comments] [PLAN | QUERIES | ALL | TRACE | KEYS] statement
Statement Parser::parse_vexplain() {
    take();
    Vexplain vexplain;
    vexplain.comments = take_comments();
    if (accept(Keyword::plan_))
        vexplain.kind = VexplainKind::plan;
    else if (accept(Keyword::queries_))
        vexplain.kind = VexplainKind::queries;
    else if (accept(Keyword::all_))
        vexplain.kind = VexplainKind::all;
    else if (accept(Keyword::trace_))
        vexplain.kind = VexplainKind::trace;
    else if (accept(Keyword::keys_))
        vexplain.kind = VexplainKind::keys;
    switch (keyword(peek())) {
        case Keyword::select_:
        case Keyword::insert_:
        case Keyword::replace_:
        case Keyword::update_:
        case Keyword::delete_:
        case Keyword::with_:
            break;
        default:
            if (!at(TokenKind::left_parenthesis)) fail();
    }
    vexplain.statement = parse_statement();
    return {std::move(vexplain)};
}

// lock_tables: LOCK (TABLE | TABLES) table alias (READ [LOCAL] | [LOW_PRIORITY] WRITE) {, ...} |
// UNLOCK (TABLE | TABLES)
Statement Parser::parse_lock_tables() {
    const bool unlock = is(take(), Keyword::unlock_);
    if (!accept(Keyword::tables_)) expect(Keyword::table_);
    if (unlock) return {UnlockTables{}};
    LockTables result;
    do {
        TableLock lock;
        lock.table.table = parse_table_name();
        if (!at(Keyword::read_) && !at(Keyword::write_) && !at(Keyword::low_priority_))
            lock.table.alias = parse_alias();
        if (accept(Keyword::read_)) {
            lock.kind = accept(Keyword::local_) ? TableLockKind::read_local : TableLockKind::read;
        } else {
            lock.kind = accept(Keyword::low_priority_) ? TableLockKind::low_priority_write
                                                       : TableLockKind::write;
            expect(Keyword::write_);
        }
        result.locks.push_back(std::move(lock));
    } while (accept(TokenKind::comma));
    return {std::move(result)};
}

// flush: FLUSH [LOCAL | NO_WRITE_TO_BINLOG] (TABLES [tables] [WITH READ LOCK | FOR EXPORT] | option
// {, option})
Statement Parser::parse_flush() {
    take();
    Flush flush;
    flush.local = accept(Keyword::local_) || accept(Keyword::no_write_to_binlog_);
    if (accept(Keyword::tables_) || accept(Keyword::table_)) {
        flush.tables_form = true;
        if (at_identifier()) flush.tables = parse_table_names();
        if (accept({Keyword::with_, Keyword::read_, Keyword::lock_}))
            flush.with_read_lock = true;
        else if (accept({Keyword::for_, Keyword::export_}))
            flush.for_export = true;
        return {std::move(flush)};
    }
    do {
        std::string option;
        while (at(TokenKind::word)) {
            if (!option.empty()) option += ' ';
            option += lower_case(text(take()));
        }
        if (option.empty()) fail();
        flush.options.push_back(std::move(option));
    } while (accept(TokenKind::comma));
    return {std::move(flush)};
}

// admin: ANALYZE [LOCAL] TABLE t | (OPTIMIZE | REPAIR | CHECK) [LOCAL] TABLE tables options | DO ..
// | LOAD ..
Statement Parser::parse_admin() {
    const std::uint32_t start = peek().offset;
    const Keyword word = keyword(take());
    if (word == Keyword::load_) {
        if (!at_name("data") && !at_name("xml") && !at_name("index")) fail();
        rest_of_text();
        return {Load{text_from(start)}};
    }
    OtherAdmin admin;
    if (word == Keyword::do_) {
        admin.kind = AdminKind::do_;
        parse_expressions();
        admin.text = text_from(start);
        return {std::move(admin)};
    }
    const bool local = accept(Keyword::local_) || accept(Keyword::no_write_to_binlog_);
    if (!accept(Keyword::table_)) expect(Keyword::tables_);
    if (word == Keyword::analyze_) return {Analyze{local, parse_table_name()}};
    admin.kind = word == Keyword::optimize_ ? AdminKind::optimize
                 : word == Keyword::repair_ ? AdminKind::repair
                                            : AdminKind::check;
    admin.tables = parse_table_names();
    rest_of_text();
    admin.text = text_from(start);
    return {std::move(admin)};
}

// call_statement: CALL table_name [( arguments )]
Statement Parser::parse_call_statement() {
    take();
    Call call;
    call.procedure = parse_table_name();
    if (at(TokenKind::left_parenthesis)) call.arguments = parse_arguments();
    return {std::move(call)};
}

}  // namespace sluice::sql::detail
