// Step 4 of a request: statements that only a gate knows: ALTER VSCHEMA, migrations, STREAM.
#include "sql/detail/parser.h"

namespace sluice::sql::detail {

// vindex_definition: [USING name] [WITH key = value {, key = value}]
void Parser::parse_vindex_definition(AlterVschema& change) {
    if (accept(Keyword::using_)) change.vindex_type = parse_any_word();
    if (!accept(Keyword::with_)) return;
    do {
        VindexParameter parameter;
        parameter.key = parse_any_word();
        expect(TokenKind::equal);
        const Token value = peek();
        if (value.kind == TokenKind::string) {
            parameter.value = parse_string();
            parameter.quoted = true;
        } else if (value.kind == TokenKind::quoted_word) {
            parameter.value = parse_any_word();
        } else {
            if (value.kind == TokenKind::end || value.kind == TokenKind::comma) fail();
            take();
            while (!at(TokenKind::end) && !at(TokenKind::comma) && !peek().space_before) take();
            parameter.value = text_from(value.offset);
        }
        change.parameters.push_back(std::move(parameter));
    } while (accept(TokenKind::comma));
}

// alter_vschema: CREATE VINDEX name definition | DROP VINDEX name | (ADD | DROP) (TABLE | SEQUENCE)
// name
//     | ON table (ADD VINDEX name ( columns ) definition | DROP VINDEX name | ADD AUTO_INCREMENT
//     column USING name | DROP AUTO_INCREMENT)
Statement Parser::parse_alter_vschema() {
    AlterVschema change;
    if (accept({Keyword::create_, Keyword::vindex_})) {
        change.action = VschemaAction::create_vindex;
        change.table = parse_table_name();
        change.vindex = change.table.name;
        parse_vindex_definition(change);
    } else if (accept({Keyword::drop_, Keyword::vindex_})) {
        change.action = VschemaAction::drop_vindex;
        change.table = parse_table_name();
        change.vindex = change.table.name;
    } else if (accept(Keyword::on_)) {
        change.table = parse_table_name();
        if (accept({Keyword::add_, Keyword::vindex_})) {
            change.action = VschemaAction::add_column_vindex;
            change.vindex = parse_any_word();
            change.columns = parse_name_list();
            parse_vindex_definition(change);
        } else if (accept({Keyword::drop_, Keyword::vindex_})) {
            change.action = VschemaAction::drop_column_vindex;
            change.vindex = parse_any_word();
        } else if (accept({Keyword::add_, Keyword::auto_increment_})) {
            change.action = VschemaAction::add_auto_increment;
            change.auto_increment_column = parse_any_word();
            expect(Keyword::using_);
            change.sequence = parse_table_name();
        } else {
            expect(Keyword::drop_);
            expect(Keyword::auto_increment_);
            change.action = VschemaAction::drop_auto_increment;
        }
    } else {
        const bool add = accept(Keyword::add_);
        if (!add) expect(Keyword::drop_);
        const bool table = accept(Keyword::table_);
        if (!table) expect(Keyword::sequence_);
        change.action = add ? (table ? VschemaAction::add_table : VschemaAction::add_sequence)
                            : (table ? VschemaAction::drop_table : VschemaAction::drop_sequence);
        change.table = parse_table_name();
    }
    return {std::move(change)};
}

// migration_command: (ALTER | REVERT) VITESS_MIGRATION anything
Statement Parser::parse_migration_command(bool revert) {
    MigrationCommand command;
    command.revert = revert;
    if (revert) {
        take();
        command.comments = take_comments();
        if (!at_name("vitess_migration")) fail();
    }
    command.text = canonical_token();
    if (at(TokenKind::end)) fail();
    while (!at(TokenKind::end) && !at(TokenKind::semicolon)) {
        if (at(TokenKind::error)) fail();
        command.text += " " + canonical_token();
    }
    return {std::move(command)};
}

// stream: (STREAM | VSTREAM) [comments] item FROM table [WHERE expression] [LIMIT limit]
Statement Parser::parse_stream() {
    Stream stream;
    stream.vstream = is(take(), Keyword::vstream_);
    stream.comments = take_comments();
    stream.item = parse_select_item();
    expect(Keyword::from_);
    stream.table = parse_table_name();
    if (stream.vstream) {
        if (accept(Keyword::where_)) stream.where = parse_expression();
        if (accept(Keyword::limit_)) stream.limit = parse_limit();
    }
    return {std::move(stream)};
}

}  // namespace sluice::sql::detail
