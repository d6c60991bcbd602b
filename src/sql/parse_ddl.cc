// Step 4 of a request: DDL: kind, tables, spans of qualifiers, then what it says
// (parse_definition.cc, parse_alter.cc). It is forwarded as text.
#include "sql/detail/parser.h"
#include "sql/format.h"

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
        if (index_ == ddl_query_) {
            ddl.query = parse_query();
            return;
        }
        if (at(TokenKind::semicolon) && open == 0) {
            while (at(TokenKind::semicolon)) take();
            throw SyntaxError{.offset = peek().offset, .length = peek().length, .behind_ddl = true};
        }
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

// What stands behind the names of CREATE TABLE, ALTER TABLE, CREATE INDEX, DROP INDEX. A text that
// cannot be read is forwarded all the same, as v21 does, if its references can be found.
Ddl Parser::finish_ddl(Ddl ddl, const std::optional<IndexDefinition>& index) {
    const std::size_t start = index_;
    const int parameters = parameters_;
    const int queries = queries_;
    try {
        ddl.definition = parse_definition(ddl, index);
        if (!at(TokenKind::end)) fail();
    } catch (const SyntaxError&) {
        ddl.definition = std::monostate{};
        ddl.truncated_parse = true;
        ddl_query_ = 0;
    }
    ddl.query.reset();
    index_ = start;
    parameters_ = parameters;
    queries_ = queries;
    scan_table_references(ddl);
    return ddl;
}

// definition: LIKE table_name | ( LIKE table_name ) | table_definition | table_change | index_body
DdlDefinition Parser::parse_definition(Ddl& ddl, const std::optional<IndexDefinition>& index) {
    if (ddl.kind == DdlKind::alter_table) return parse_table_change();
    if (index) {
        TableChange change;
        IndexDefinition definition = *index;
        if (ddl.kind == DdlKind::drop_index) {
            const bool primary = same_name(definition.name, "primary");
            change.options.emplace_back(
                primary ? DropPart{DroppedKind::primary_key, {}}
                        : DropPart{DroppedKind::index, std::move(definition.name)});
        } else {
            parse_index_body(definition);
            change.options.emplace_back(std::move(definition));
        }
        while (at(Keyword::algorithm_) || at(Keyword::lock_))
            change.options.emplace_back(parse_alter_words());
        return change;
    }
    const bool enclosed = at(TokenKind::left_parenthesis) && is(peek(1), Keyword::like_);
    if (enclosed) take();
    if (!accept(Keyword::like_)) return parse_table_definition(ddl);
    TableLike like{parse_table_name()};
    if (enclosed) expect(TokenKind::right_parenthesis);
    return like;
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
        return finish_ddl(std::move(ddl), std::nullopt);
    }
    if (ddl.temporary) fail();
    IndexDefinition index;
    if (accept(Keyword::unique_))
        index.kind = IndexKind::unique;
    else if (accept(Keyword::fulltext_))
        index.kind = IndexKind::fulltext;
    else if (accept(Keyword::spatial_))
        index.kind = IndexKind::spatial;
    if (index.kind != IndexKind::plain && !at(Keyword::index_)) fail();
    if (accept(Keyword::index_)) {
        ddl.kind = DdlKind::create_index;
        index.name = parse_any_word();
        if (at(Keyword::using_) || at(Keyword::type_))
            index.options.push_back(parse_index_option());
        expect(Keyword::on_);
        add_table(ddl, true);
        return finish_ddl(std::move(ddl), index);
    }
    ddl.or_replace = accept({Keyword::or_, Keyword::replace_});
    ddl.kind = DdlKind::create_view;
    ViewDefinition view = parse_view_options();
    if (!at(Keyword::view_)) fail_at(ddl.or_replace ? peek() : start);
    return parse_create_view(std::move(ddl), std::move(view));
}

// view_options: {ALGORITHM = word | DEFINER = user | SQL SECURITY word}
ViewDefinition Parser::parse_view_options() {
    ViewDefinition view;
    while (true) {
        if (accept(Keyword::algorithm_)) {
            expect(TokenKind::equal);
            view.algorithm = lower_case(parse_any_word());
        } else if (accept(Keyword::definer_)) {
            expect(TokenKind::equal);
            view.definer = parse_definer();
        } else if (at(Keyword::sql_) && same_name(text(peek(1)), "security")) {
            index_ += 2;
            view.security = lower_case(parse_any_word());
        } else {
            return view;
        }
    }
}

// definer: CURRENT_USER [( )] | (name | 'name') [@host]
std::string Parser::parse_definer() {
    if (accept(Keyword::current_user_)) {
        if (accept(TokenKind::left_parenthesis)) expect(TokenKind::right_parenthesis);
        return "current_user()";
    }
    std::string user;
    if (at(TokenKind::string))
        append_string(user, parse_string());
    else
        append_identifier(user, parse_any_word());
    if (!at(TokenKind::user_variable)) return user;
    const Token host = take();
    const bool quoted = host.length > 1 && (text(host)[1] == '\'' || text(host)[1] == '"');
    user += '@';
    if (quoted)
        append_string(user, unquote(text(host), mode_));
    else
        append_identifier(user, unquote(text(host), mode_));
    return user;
}

// create_view: VIEW [IF NOT EXISTS] name [( columns )] AS query [WITH [CASCADED | LOCAL] CHECK
// OPTION]
Ddl Parser::parse_create_view(Ddl ddl, ViewDefinition view) {
    expect(Keyword::view_);
    if (ddl.kind == DdlKind::create_view && accept({Keyword::if_, Keyword::not_})) {
        expect(Keyword::exists_);
        ddl.if_not_exists = true;
    }
    add_table(ddl, true);
    if (at(TokenKind::left_parenthesis)) view.columns = parse_name_list();
    expect(Keyword::as_);
    ddl.query = parse_query();
    if (accept(Keyword::with_)) {
        view.check_option = "cascaded";
        if (!accept_name("cascaded") && accept(Keyword::local_)) view.check_option = "local";
        expect(Keyword::check_);
        expect(Keyword::option_);
    }
    if (!at(TokenKind::end)) fail();
    ddl.definition = std::move(view);
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
    const bool option_follows = is(peek(1), Keyword::character_) ||
                                is(peek(1), Keyword::charset_) || is(peek(1), Keyword::collate_);
    const bool nameless = kind == DdlKind::alter_database &&
                          (at(Keyword::default_) || !option_follows) &&
                          (at(Keyword::character_) || at(Keyword::charset_) ||
                           at(Keyword::collate_) || at(Keyword::default_));
    if (!nameless) {
        const Token name = peek();
        ddl.database = parse_identifier();
        ddl.database_source = {name.offset, name.length};
    }
    const std::size_t start = index_;
    try {
        ddl.definition = parse_database_options();
        if (!at(TokenKind::end)) fail();
    } catch (const SyntaxError&) {  // forwarded as it came, as other DDL
        ddl.definition = std::monostate{};
        ddl.truncated_parse = true;
        index_ = start;
        rest_of_text();
    }
    return ddl;
}

// database_options: {[DEFAULT] (CHARACTER SET | CHARSET | COLLATE | ENCRYPTION | READ ONLY) [=]
// value} | UPGRADE DATA DIRECTORY NAME
DatabaseOptions Parser::parse_database_options() {
    DatabaseOptions options;
    if (at_name("upgrade")) {
        for (const std::string_view word : {"upgrade", "data", "directory", "name"})
            expect_name(word);
        options.upgrade_directory = true;
        return options;
    }
    while (!at(TokenKind::end)) {
        DatabaseOption option;
        option.is_default = accept(Keyword::default_);
        if (accept({Keyword::character_, Keyword::set_}) || accept(Keyword::charset_))
            option.option.name = "character set";
        else if (accept(Keyword::collate_))
            option.option.name = "collate";
        else if (accept(Keyword::encryption_))
            option.option.name = "encryption";
        else if (accept({Keyword::read_, Keyword::only_}))
            option.option.name = "read only";
        else
            fail();
        accept(TokenKind::equal);
        if (!at(TokenKind::word) && !at(TokenKind::quoted_word) && !at(TokenKind::string) &&
            !at(TokenKind::integer))
            fail();
        option.option.value = at(TokenKind::word) ? std::string(text(take())) : canonical_token();
        options.options.push_back(std::move(option));
    }
    return options;
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
        return finish_ddl(std::move(ddl), std::nullopt);
    }
    ddl.kind = DdlKind::alter_view;
    ViewDefinition view = parse_view_options();
    if (!at(Keyword::view_)) fail_at(start);
    return parse_create_view(std::move(ddl), std::move(view));
}

// drop: DROP ([TEMPORARY] (TABLE | TABLES | VIEW) [IF EXISTS] names [RESTRICT | CASCADE] | INDEX
// name ON name .. | DATABASE ..)
Ddl Parser::parse_drop(Ddl ddl) {
    if (accept(Keyword::database_) || accept(Keyword::schema_))
        return parse_database(std::move(ddl), DdlKind::drop_database);
    if (accept(Keyword::index_)) {
        ddl.kind = DdlKind::drop_index;
        IndexDefinition index;
        index.name = parse_any_word();
        expect(Keyword::on_);
        add_table(ddl, true);
        return finish_ddl(std::move(ddl), index);
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
