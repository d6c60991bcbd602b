// Step 4 of a request: DDL is recognised (kind, tables, spans of qualifiers) and forwarded as text.
#include "sql/detail/parser.h"

namespace sluice::sql::detail {

void Parser::add_table(Ddl& ddl, bool target) {
    TableName name = parse_table_name();
    if (target) {
        ddl.tables.insert(ddl.tables.begin() + static_cast<std::ptrdiff_t>(ddl.targets),
                          std::move(name));
        ++ddl.targets;
    } else {
        ddl.tables.push_back(std::move(name));
    }
}

// ddl: CREATE .. | ALTER .. | DROP .. | RENAME TABLE .. | TRUNCATE [TABLE] name
Statement Parser::parse_ddl() {
    Ddl ddl;
    const std::uint32_t start = peek().offset;
    const Keyword word = keyword(take());
    ddl.comments = take_comments();
    switch (word) {
        case Keyword::create_:
            ddl = parse_create(std::move(ddl));
            break;
        case Keyword::alter_:
            if (accept_name("vschema")) return parse_alter_vschema();
            if (at_name("vitess_migration")) return parse_migration_command(false);
            ddl = parse_alter(std::move(ddl));
            break;
        case Keyword::drop_:
            ddl = parse_drop(std::move(ddl));
            break;
        case Keyword::rename_:
            ddl = parse_rename(std::move(ddl));
            break;
        default:
            accept(Keyword::table_);
            ddl.kind = DdlKind::truncate_table;
            add_table(ddl, true);
            if (!at(TokenKind::end)) fail();
    }
    ddl.text = text_from(start);
    return {std::move(ddl)};
}

// Takes the rest of the text, noting tables that it names: REFERENCES t, LIKE t, RENAME [TO | AS]
// t, WITH TABLE t, and the query of CREATE TABLE ... SELECT.
void Parser::scan_table_references(Ddl& ddl) {
    int open = 0;
    while (!at(TokenKind::end)) {
        if (at(TokenKind::error) || at(TokenKind::semicolon)) fail();
        if (at(TokenKind::left_parenthesis)) ++open;
        if (at(TokenKind::right_parenthesis)) --open;
        if (at(Keyword::select_) && ddl.kind == DdlKind::create_table && open <= 1) {
            const bool closed = open == 1;
            ddl.query = parse_query();
            if (closed) expect(TokenKind::right_parenthesis);
            if (!at(TokenKind::end)) fail();
            return;
        }
        const Token word = take();
        const bool rename = is(word, Keyword::rename_) && ddl.kind == DdlKind::alter_table &&
                            open == 0 && !at(Keyword::column_) && !at(Keyword::index_) &&
                            !at(Keyword::key_);
        if (rename && !accept(Keyword::to_)) accept(Keyword::as_);
        const bool like =
            is(word, Keyword::like_) && ddl.kind == DdlKind::create_table && open <= 1;
        const bool exchange =
            is(word, Keyword::with_) && ddl.kind == DdlKind::alter_table && accept(Keyword::table_);
        if ((rename || like || exchange || is(word, Keyword::references_)) && at_identifier())
            add_table(ddl, false);
    }
}

Ddl Parser::finish_ddl(Ddl ddl) {
    scan_table_references(ddl);
    return ddl;
}

// create: CREATE [OR REPLACE] ([TEMPORARY] TABLE [IF NOT EXISTS] name .. | [kind] INDEX name .. ON
// name .. | VIEW .. | DATABASE ..)
Ddl Parser::parse_create(Ddl ddl) {
    const Token start = peek();
    if (accept(Keyword::database_) || accept(Keyword::schema_))
        return parse_database(std::move(ddl), DdlKind::create_database);
    ddl.temporary = accept(Keyword::temporary_);
    if (accept(Keyword::table_)) {
        ddl.kind = DdlKind::create_table;
        if (accept({Keyword::if_, Keyword::not_})) {
            expect(Keyword::exists_);
            ddl.if_not_exists = true;
        }
        add_table(ddl, true);
        return finish_ddl(std::move(ddl));
    }
    if (ddl.temporary) fail();
    if (accept(Keyword::unique_) || accept(Keyword::fulltext_) || accept(Keyword::spatial_)) {
        if (!at(Keyword::index_)) fail();
    }
    if (accept(Keyword::index_)) {
        ddl.kind = DdlKind::create_index;
        parse_any_word();
        if (accept(Keyword::using_)) parse_any_word();
        expect(Keyword::on_);
        add_table(ddl, true);
        return finish_ddl(std::move(ddl));
    }
    ddl.or_replace = accept({Keyword::or_, Keyword::replace_});
    ddl.kind = DdlKind::create_view;
    while (!at(Keyword::view_)) {
        const bool option = at_name("algorithm") || at_name("definer") ||
                            (at(Keyword::sql_) && same_name(text(peek(1)), "security"));
        if (!option) fail_at(ddl.or_replace ? peek() : start);
        take();
        while (!at(TokenKind::end) && !at(Keyword::view_) && !at_name("definer") &&
               !at(Keyword::sql_))
            take();
    }
    return parse_create_view(std::move(ddl));
}

// create_view: VIEW name [( columns )] AS query [WITH [CASCADED | LOCAL] CHECK OPTION]
Ddl Parser::parse_create_view(Ddl ddl) {
    expect(Keyword::view_);
    add_table(ddl, true);
    if (at(TokenKind::left_parenthesis)) ddl.columns = parse_name_list();
    expect(Keyword::as_);
    ddl.query = parse_query();
    if (accept(Keyword::with_)) {
        if (!accept_name("cascaded")) accept(Keyword::local_);
        expect(Keyword::check_);
        expect(Keyword::option_);
    }
    if (!at(TokenKind::end)) fail();
    return ddl;
}

// database: [IF [NOT] EXISTS] name options
Ddl Parser::parse_database(Ddl ddl, DdlKind kind) {
    ddl.kind = kind;
    if (kind == DdlKind::create_database && accept({Keyword::if_, Keyword::not_})) {
        expect(Keyword::exists_);
        ddl.if_not_exists = true;
    } else if (kind == DdlKind::drop_database && accept({Keyword::if_, Keyword::exists_})) {
        ddl.if_exists = true;
    }
    const bool nameless =
        kind == DdlKind::alter_database && (at(Keyword::character_) || at(Keyword::charset_) ||
                                            at(Keyword::collate_) || at(Keyword::default_));
    if (!nameless) {
        const Token name = peek();
        ddl.database = parse_identifier();
        ddl.database_source = {name.offset, name.length};
    }
    rest_of_text();
    return ddl;
}

// alter: ALTER ([IGNORE] TABLE name .. | VIEW .. | DATABASE ..)
Ddl Parser::parse_alter(Ddl ddl) {
    if (accept(Keyword::database_) || accept(Keyword::schema_))
        return parse_database(std::move(ddl), DdlKind::alter_database);
    const Token start = peek();
    accept(Keyword::ignore_);
    if (accept(Keyword::table_)) {
        ddl.kind = DdlKind::alter_table;
        add_table(ddl, true);
        return finish_ddl(std::move(ddl));
    }
    ddl.kind = DdlKind::alter_view;
    while (!at(Keyword::view_)) {
        const bool option = at_name("algorithm") || at_name("definer") ||
                            (at(Keyword::sql_) && same_name(text(peek(1)), "security"));
        if (!option) fail_at(start);
        take();
        while (!at(TokenKind::end) && !at(Keyword::view_) && !at_name("definer") &&
               !at(Keyword::sql_))
            take();
    }
    return parse_create_view(std::move(ddl));
}

// drop: DROP ([TEMPORARY] (TABLE | TABLES | VIEW) [IF EXISTS] names [RESTRICT | CASCADE] | INDEX
// name ON name .. | DATABASE ..)
Ddl Parser::parse_drop(Ddl ddl) {
    if (accept(Keyword::database_) || accept(Keyword::schema_))
        return parse_database(std::move(ddl), DdlKind::drop_database);
    if (accept(Keyword::index_)) {
        ddl.kind = DdlKind::drop_index;
        parse_any_word();
        expect(Keyword::on_);
        add_table(ddl, true);
        return finish_ddl(std::move(ddl));
    }
    ddl.temporary = accept(Keyword::temporary_);
    ddl.kind = DdlKind::drop_table;
    if (!ddl.temporary && accept(Keyword::view_))
        ddl.kind = DdlKind::drop_view;
    else if (!accept(Keyword::tables_))
        expect(Keyword::table_);
    ddl.if_exists = accept({Keyword::if_, Keyword::exists_});
    do {
        add_table(ddl, true);
    } while (accept(TokenKind::comma));
    if (!accept(Keyword::restrict_)) accept(Keyword::cascade_);
    if (!at(TokenKind::end)) fail();
    return ddl;
}

// rename: RENAME TABLE name TO name {, name TO name}
Ddl Parser::parse_rename(Ddl ddl) {
    ddl.kind = DdlKind::rename_table;
    if (!accept(Keyword::tables_)) expect(Keyword::table_);
    do {
        add_table(ddl, true);
        expect(Keyword::to_);
        add_table(ddl, false);
    } while (accept(TokenKind::comma));
    return ddl;
}

}  // namespace sluice::sql::detail
