// Step 4 of a request: EXPLAIN, LOCK TABLES, FLUSH, CALL and other administration.
#include <algorithm>
#include <span>

#include "sql/detail/parser.h"
#include "sql/format.h"

namespace sluice::sql::detail {

// explain: (EXPLAIN | DESCRIBE | DESC) [comments] ([ANALYZE] [FORMAT = format] [INTO @name]
// [FOR (SCHEMA | DATABASE) name] (statement | FOR CONNECTION id) | table [column])
Statement Parser::parse_explain() {
    const std::uint32_t start = peek().offset;
    take();
    Explain explain;
    explain.comments = take_comments();
    explain.analyze = accept(Keyword::analyze_);
    if (at_name("format") && peek(1).kind == TokenKind::equal) {
        index_ += 2;
        explain.format = parse_explain_format();
        const bool plan =
            explain.format == ExplainFormat::traditional || explain.format >= ExplainFormat::vitess;
        if (explain.analyze && plan) fail();
        // What ANALYZE prints anyway.
        if (explain.analyze && explain.format == ExplainFormat::tree)
            explain.format = ExplainFormat::none;
    }
    if (accept(Keyword::into_)) explain.into = parse_user_variable().name;
    if (at(Keyword::for_) && same_name(text(peek(1)), "connection")) {
        index_ += 2;
        parse_unsigned();
        return {Administration{"EXPLAIN FOR CONNECTION", text_from(start)}};
    }
    if (accept(Keyword::for_)) {
        if (!accept(Keyword::schema_)) expect(Keyword::database_);
        explain.schema = parse_identifier();
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
            if (explain.analyze || explain.format != ExplainFormat::none || !explain.into.empty() ||
                !explain.schema.empty())
                fail();
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

// format: TRADITIONAL | TREE | JSON | VITESS | VTEXPLAIN, as a word, a name or a string
ExplainFormat Parser::parse_explain_format() {
    static constexpr std::pair<std::string_view, ExplainFormat> formats[] = {
        {"traditional", ExplainFormat::traditional},
        {"tree", ExplainFormat::tree},
        {"json", ExplainFormat::json},
        {"vitess", ExplainFormat::vitess},
        {"vtexplain", ExplainFormat::vtexplain},
    };
    const Token token = peek();
    const std::string name = at(TokenKind::string) ? parse_string() : parse_any_word();
    const auto* found =
        std::ranges::find_if(formats, [&](const auto& one) { return same_name(one.first, name); });
    if (found == std::end(formats)) fail_at(token);
    return found->second;
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
        if (option.ends_with(" for channel") && at(TokenKind::string)) {
            option += ' ';
            append_string(option, parse_string());
        }
        flush.options.push_back(std::move(option));
    } while (accept(TokenKind::comma));
    return {std::move(flush)};
}

// admin: (OPTIMIZE | REPAIR | CHECK) [LOCAL] (TABLE | TABLES) tables options | (OPTIMIZE | REPAIR)
// anything | DO items
Statement Parser::parse_admin() {
    const std::uint32_t start = peek().offset;
    const Keyword word = keyword(take());
    OtherAdmin admin;
    if (word == Keyword::do_) {
        admin.kind = AdminKind::do_;
        parse_select_items();
        admin.text = text_from(start);
        return {std::move(admin)};
    }
    admin.kind = word == Keyword::optimize_ ? AdminKind::optimize
                 : word == Keyword::repair_ ? AdminKind::repair
                                            : AdminKind::check;
    const std::size_t body = index_;
    try {
        if (word != Keyword::check_ && !accept(Keyword::local_))
            accept(Keyword::no_write_to_binlog_);
        if (!accept(Keyword::table_)) expect(Keyword::tables_);
        admin.tables = parse_table_names();
        admin.options = parse_admin_options(word);
        if (!at(TokenKind::end) && !at(TokenKind::semicolon)) fail();
    } catch (const SyntaxError&) {
        if (word == Keyword::check_) throw;
        admin.tables.clear();  // v21 leaves it to MySQL to refuse this
        admin.options.clear();
        index_ = body;
        if (at(TokenKind::end)) fail();
        rest_of_text();
    }
    admin.text = text_from(start);
    return {std::move(admin)};
}

// admin_options: {QUICK | EXTENDED | USE_FRM} of REPAIR, {FOR UPGRADE | QUICK | FAST | MEDIUM |
// EXTENDED | CHANGED} of CHECK
std::string Parser::parse_admin_options(Keyword verb) {
    static constexpr std::string_view repairs[] = {"quick", "extended", "use_frm"};
    static constexpr std::string_view checks[] = {"quick", "fast", "medium", "extended", "changed"};
    std::span<const std::string_view> words;
    if (verb == Keyword::repair_) words = repairs;
    if (verb == Keyword::check_) words = checks;
    std::string options;
    while (true) {
        std::string option;
        if (verb == Keyword::check_ && accept({Keyword::for_, Keyword::upgrade_}))
            option = "for upgrade";
        else if (std::ranges::any_of(words, [&](std::string_view word) { return at_name(word); }))
            option = lower_case(text(take()));
        else
            return options;
        options += (options.empty() ? "" : " ") + option;
    }
}

// analyze: ANALYZE [LOCAL | NO_WRITE_TO_BINLOG] (TABLE | TABLES) tables [histogram]
Statement Parser::parse_analyze() {
    take();
    Analyze analyze;
    analyze.local = accept(Keyword::local_) || accept(Keyword::no_write_to_binlog_);
    if (!accept(Keyword::table_)) expect(Keyword::tables_);
    analyze.tables = parse_table_names();
    if (at(Keyword::update_) || at(Keyword::drop_)) analyze.histogram = parse_histogram();
    return {std::move(analyze)};
}

// histogram: DROP HISTOGRAM ON columns | UPDATE HISTOGRAM ON columns [WITH n BUCKETS]
// [(MANUAL | AUTO) UPDATE] | UPDATE HISTOGRAM ON columns USING DATA 'json'
std::string Parser::parse_histogram() {
    std::string result = lower_case(text(peek()));
    const bool update = is(take(), Keyword::update_);
    expect_name("histogram");
    expect(Keyword::on_);
    result += " histogram on ";
    do {
        if (!result.ends_with(' ')) result += ", ";
        append_identifier(result, parse_identifier());
    } while (accept(TokenKind::comma));
    if (!update) return result;
    if (accept(Keyword::using_)) {
        expect_name("data");
        result += " using data ";
        append_string(result, parse_string());
        return result;
    }
    if (accept(Keyword::with_)) {
        result += " with " + std::to_string(parse_unsigned()) + " buckets";
        expect_name("buckets");
    }
    if (at_name("manual") || at_name("auto")) {
        result += " " + lower_case(text(take())) + " update";
        expect(Keyword::update_);
    }
    return result;
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
