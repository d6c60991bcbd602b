// Step 4 of a request: columns of CREATE TABLE and ALTER TABLE: types and attributes.
#include <algorithm>

#include "sql/detail/parser.h"

namespace sluice::sql::detail {
namespace {

constexpr std::string_view type_names[] = {"bigint",
                                           "binary",
                                           "bit",
                                           "blob",
                                           "bool",
                                           "boolean",
                                           "char",
                                           "character",
                                           "date",
                                           "datetime",
                                           "dec",
                                           "decimal",
                                           "double",
                                           "enum",
                                           "fixed",
                                           "float",
                                           "float4",
                                           "float8",
                                           "geomcollection",
                                           "geometry",
                                           "geometrycollection",
                                           "int",
                                           "int1",
                                           "int2",
                                           "int3",
                                           "int4",
                                           "int8",
                                           "integer",
                                           "json",
                                           "linestring",
                                           "long",
                                           "longblob",
                                           "longtext",
                                           "mediumblob",
                                           "mediumint",
                                           "mediumtext",
                                           "middleint",
                                           "multilinestring",
                                           "multipoint",
                                           "multipolygon",
                                           "national",
                                           "nchar",
                                           "numeric",
                                           "nvarchar",
                                           "point",
                                           "polygon",
                                           "real",
                                           "serial",
                                           "set",
                                           "smallint",
                                           "text",
                                           "time",
                                           "timestamp",
                                           "tinyblob",
                                           "tinyint",
                                           "tinytext",
                                           "varbinary",
                                           "varchar",
                                           "varcharacter",
                                           "vector",
                                           "year"};

// Words that may follow the first one of a type's name.
constexpr std::string_view type_endings[] = {"byte",      "char",    "character",    "precision",
                                             "varbinary", "varchar", "varcharacter", "varying"};

bool takes_ending(std::string_view first) {
    return same_name(first, "double") || same_name(first, "char") ||
           same_name(first, "character") || same_name(first, "nchar") || same_name(first, "long") ||
           same_name(first, "national");
}

}  // namespace

// column_type: name {word} [( length [, scale] | 'value' {, 'value'} )] {UNSIGNED | SIGNED |
// ZEROFILL | CHARACTER SET name | CHARSET name | ASCII | UNICODE | BYTE | BINARY}
ColumnType Parser::parse_column_type() {
    ColumnType type;
    const bool known = at(TokenKind::word) &&
                       std::ranges::any_of(type_names, [&](auto name) { return at_name(name); });
    if (!known) fail();
    type.name = text(take());
    const std::string first = type.name;
    const auto at_charset = [&] {
        return (at(Keyword::character_) || at(Keyword::char_)) && is(peek(1), Keyword::set_);
    };
    while (takes_ending(first) && !at(Keyword::byte_) && !at_charset() &&
           std::ranges::any_of(type_endings, [&](auto name) { return at_name(name); })) {
        type.name += " ";
        type.name += text(take());
    }
    if (accept(TokenKind::left_parenthesis)) {
        if (at(TokenKind::string)) {
            do {
                type.values.push_back(parse_string());
            } while (accept(TokenKind::comma));
        } else {
            type.length = parse_unsigned();
            if (accept(TokenKind::comma)) type.scale = parse_unsigned();
        }
        expect(TokenKind::right_parenthesis);
    }
    while (parse_type_attribute(type)) {
    }
    return type;
}

// type_attribute: one of those of column_type
bool Parser::parse_type_attribute(ColumnType& type) {
    if (accept(Keyword::unsigned_))
        type.is_unsigned = true;
    else if (accept(Keyword::zerofill_))
        type.zerofill = true;
    else if (accept(Keyword::ascii_))
        type.charset = "latin1";
    else if (accept(Keyword::unicode_))
        type.charset = "ucs2";
    else if (accept(Keyword::binary_))
        type.binary = true;
    else if (accept({Keyword::character_, Keyword::set_}) ||
             accept({Keyword::char_, Keyword::set_}) || accept(Keyword::charset_))
        type.charset = parse_charset_name();
    else if (accept(Keyword::byte_)) {  // CHAR BYTE is BINARY
        if (same_name(type.name, "char")) type.name = "binary";
        if (same_name(type.name, "varchar")) type.name = "varbinary";
        if (same_name(type.name, "text")) type.name = "blob";
    } else
        return accept_name("signed");
    return true;
}

// default_value: ( expression ) | [+ | -] literal | NULL | clock [( digits )]
DefaultValue Parser::parse_default_value() {
    DefaultValue result;
    if (at(TokenKind::left_parenthesis)) {
        take();
        result.value = parse_expression();
        expect(TokenKind::right_parenthesis);
        result.parentheses = true;
        return result;
    }
    if (at_clock()) {
        result.value = parse_clock();
        return result;
    }
    const Token start = peek();
    const bool negative = !accept(TokenKind::plus) && accept(TokenKind::minus);
    Expr value = parse_primary();
    if (!value.is<Literal>() && !value.is<NullLiteral>() && !value.is<BoolLiteral>() &&
        !value.is<Introducer>())
        fail_at(start);
    if (negative)
        result.value = Expr(Unary{UnaryOp::minus, std::move(value)});
    else
        result.value = std::move(value);
    return result;
}

bool Parser::at_clock() const {
    return at(Keyword::current_timestamp_) || at(Keyword::localtime_) ||
           at(Keyword::localtimestamp_) || at(Keyword::now_);
}

// clock: (CURRENT_TIMESTAMP | NOW | LOCALTIME | LOCALTIMESTAMP) [( [digits] )]
Expr Parser::parse_clock() {
    if (!at_clock()) fail();
    FunctionCall call;
    call.name = lower_case(text(take()));
    if (at(TokenKind::left_parenthesis)) call.arguments = parse_arguments();
    return call;
}

// column_definition: name column_type {attribute}
ColumnDefinition Parser::parse_column_definition() {
    ColumnDefinition column;
    column.name = parse_identifier();
    column.type = parse_column_type();
    while (parse_column_attribute(column) || parse_column_key(column) ||
           parse_column_storage(column)) {
    }
    return column;
}

// column_attribute: [NOT] NULL | DEFAULT value | ON UPDATE clock | AUTO_INCREMENT | COMMENT 'text'
// | COLLATE name | [GENERATED ALWAYS] AS ( expression ) [VIRTUAL | STORED] | VISIBLE | INVISIBLE
bool Parser::parse_column_attribute(ColumnDefinition& column) {
    if (accept({Keyword::not_, Keyword::null_})) {
        column.null = false;
    } else if (accept(Keyword::null_)) {
        column.null = true;
    } else if (accept(Keyword::default_)) {
        column.default_value = parse_default_value();
    } else if (accept({Keyword::on_, Keyword::update_})) {
        column.on_update = parse_clock();
    } else if (accept(Keyword::auto_increment_)) {
        column.auto_increment = true;
    } else if (accept(Keyword::comment_)) {
        column.comment = parse_string();
    } else if (accept(Keyword::collate_)) {
        column.collation = parse_collation_name();
    } else if (at(Keyword::generated_) || at(Keyword::as_)) {
        if (accept(Keyword::generated_)) expect(Keyword::always_);
        expect(Keyword::as_);
        expect(TokenKind::left_parenthesis);
        column.generated = parse_expression();
        expect(TokenKind::right_parenthesis);
        column.stored = accept(Keyword::stored_);
        if (!column.stored) accept(Keyword::virtual_);
    } else if (accept(Keyword::visible_)) {
        column.visible = true;
    } else if (accept(Keyword::invisible_)) {
        column.visible = false;
    } else {
        return false;
    }
    return true;
}

// column_key: UNIQUE [KEY] | [PRIMARY] KEY | REFERENCES .. | [CONSTRAINT [name]] CHECK ( expression
// ) [[NOT] ENFORCED]
bool Parser::parse_column_key(ColumnDefinition& column) {
    if (accept(Keyword::unique_)) {
        column.key = accept(Keyword::key_) ? ColumnKey::unique_key : ColumnKey::unique;
    } else if (accept({Keyword::primary_, Keyword::key_})) {
        column.key = ColumnKey::primary;
    } else if (accept(Keyword::key_)) {
        column.key = ColumnKey::key;
    } else if (at(Keyword::references_)) {
        column.reference = parse_reference();
    } else if (at(Keyword::check_) || at(Keyword::constraint_)) {
        std::string name;
        if (accept(Keyword::constraint_) && !at(Keyword::check_)) name = parse_identifier();
        column.checks.push_back(parse_check(std::move(name)));
    } else {
        return false;
    }
    return true;
}

// column_storage: COLUMN_FORMAT word | STORAGE word | [SECONDARY_]ENGINE_ATTRIBUTE [=] 'text' |
// SRID digits
bool Parser::parse_column_storage(ColumnDefinition& column) {
    if (accept(Keyword::column_format_)) {
        column.column_format = lower_case(parse_any_word());
    } else if (accept(Keyword::storage_)) {
        column.storage = lower_case(parse_any_word());
    } else if (accept(Keyword::engine_attribute_)) {
        accept(TokenKind::equal);
        column.engine_attribute = parse_string();
    } else if (accept(Keyword::secondary_engine_attribute_)) {
        accept(TokenKind::equal);
        column.secondary_engine_attribute = parse_string();
    } else if (accept(Keyword::srid_)) {
        column.srid = parse_unsigned();
    } else {
        return false;
    }
    return true;
}

// check: CHECK ( expression ) [[NOT] ENFORCED]
Check Parser::parse_check(std::string name) {
    Check check;
    check.name = std::move(name);
    expect(Keyword::check_);
    expect(TokenKind::left_parenthesis);
    check.condition = parse_expression();
    expect(TokenKind::right_parenthesis);
    if (accept({Keyword::not_, Keyword::enforced_}))
        check.enforced = false;
    else
        accept(Keyword::enforced_);
    return check;
}

// reference: REFERENCES table_name [( columns )] [MATCH word] {ON (DELETE | UPDATE) action}
Reference Parser::parse_reference() {
    expect(Keyword::references_);
    Reference reference;
    reference.table = parse_table_name();
    if (at(TokenKind::left_parenthesis)) reference.columns = parse_name_list();
    if (accept(Keyword::match_)) {
        if (!at_name("full") && !at_name("partial") && !at_name("simple")) fail();
        reference.match = lower_case(text(take()));
    }
    while (at(Keyword::on_) && (is(peek(1), Keyword::delete_) || is(peek(1), Keyword::update_))) {
        take();
        const bool deleted = is(take(), Keyword::delete_);
        (deleted ? reference.on_delete : reference.on_update) = parse_reference_action();
    }
    return reference;
}

// reference_action: RESTRICT | CASCADE | SET NULL | NO ACTION | SET DEFAULT
ReferenceAction Parser::parse_reference_action() {
    if (accept(Keyword::restrict_)) return ReferenceAction::restrict_;
    if (accept(Keyword::cascade_)) return ReferenceAction::cascade;
    if (accept({Keyword::no_, Keyword::action_})) return ReferenceAction::no_action;
    if (accept({Keyword::set_, Keyword::null_})) return ReferenceAction::set_null;
    expect(Keyword::set_);
    expect(Keyword::default_);
    return ReferenceAction::set_default;
}

}  // namespace sluice::sql::detail
