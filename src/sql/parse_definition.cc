// Step 4 of a request: what CREATE TABLE holds beside columns: indexes, constraints, options,
// partitions.
#include <algorithm>

#include "base/overload.h"
#include "sql/detail/parser.h"
#include "sql/format.h"

namespace sluice::sql::detail {

// table_definition: [( element {, element} )] {table_option [,]} [partitioning] [[IGNORE | REPLACE]
// [AS] query]
TableDefinition Parser::parse_table_definition(Ddl& ddl) {
    TableDefinition table;
    if (at(TokenKind::left_parenthesis) && !at_query()) {
        take();
        table.has_elements = true;
        do {
            parse_table_element(table);
        } while (accept(TokenKind::comma));
        expect(TokenKind::right_parenthesis);
    }
    while (at_table_option()) {
        table.options.push_back(parse_table_option());
        accept(TokenKind::comma);
    }
    if (at(Keyword::partition_)) table.partitioning = parse_partitioning();
    if (at(Keyword::ignore_) || at(Keyword::replace_)) table.duplicates = lower_case(text(take()));
    if (accept(Keyword::as_) || !table.duplicates.empty() || at_query()) {
        if (!at_query()) fail();
        ddl_query_ = index_;
        ddl.query = parse_query();
    }
    return table;
}

// table_element: column_definition | index_definition | constraint
void Parser::parse_table_element(TableDefinition& table) {
    if (!at_constraint()) {
        table.columns.push_back(parse_column_definition());
        return;
    }
    std::visit(Overload{
                   [&](IndexDefinition index) { table.indexes.push_back(std::move(index)); },
                   [&](auto constraint) { table.constraints.emplace_back(std::move(constraint)); },
               },
               parse_constraint());
}

// Does an index or a constraint begin here, and no column?
bool Parser::at_constraint() const {
    switch (keyword(peek())) {
        case Keyword::constraint_:
        case Keyword::primary_:
        case Keyword::unique_:
        case Keyword::foreign_:
        case Keyword::check_:
        case Keyword::index_:
        case Keyword::key_:
        case Keyword::fulltext_:
        case Keyword::spatial_:
            return true;
        default:
            return false;
    }
}

// constraint: [CONSTRAINT [name]] (FOREIGN KEY [name] ( columns ) reference | check |
// PRIMARY KEY .. | UNIQUE ..) | [FULLTEXT | SPATIAL] (INDEX | KEY) ..
std::variant<IndexDefinition, ForeignKey, Check> Parser::parse_constraint() {
    std::string name;
    if (accept(Keyword::constraint_) && at_identifier()) name = parse_identifier();
    if (at(Keyword::check_)) return parse_check(std::move(name));
    if (accept({Keyword::foreign_, Keyword::key_})) {
        ForeignKey key;
        key.name = std::move(name);
        if (at_identifier()) key.index = parse_identifier();
        key.columns = parse_name_list();
        key.reference = parse_reference();
        return key;
    }
    return parse_index_definition(std::move(name));
}

// index_definition: [PRIMARY KEY | UNIQUE [INDEX | KEY] | (FULLTEXT | SPATIAL) [INDEX | KEY] |
// INDEX | KEY] [name] [USING name] ( parts ) {index_option}
IndexDefinition Parser::parse_index_definition(std::string constraint) {
    IndexDefinition index;
    index.constraint = std::move(constraint);
    if (accept(Keyword::primary_)) {
        expect(Keyword::key_);
        index.kind = IndexKind::primary;
    } else if (accept(Keyword::unique_)) {
        index.kind = IndexKind::unique;
    } else if (accept(Keyword::fulltext_)) {
        index.kind = IndexKind::fulltext;
    } else if (accept(Keyword::spatial_)) {
        index.kind = IndexKind::spatial;
    } else if (!at(Keyword::index_) && !at(Keyword::key_)) {
        fail();
    }
    if (index.kind != IndexKind::primary && !accept(Keyword::index_)) accept(Keyword::key_);
    if (at_identifier()) index.name = parse_identifier();
    parse_index_body(index);
    return index;
}

// index_body: [USING name] ( part {, part} ) {index_option}
void Parser::parse_index_body(IndexDefinition& index) {
    if (at(Keyword::using_)) index.options.push_back(parse_index_option());
    expect(TokenKind::left_parenthesis);
    do {
        index.parts.push_back(parse_index_part());
    } while (accept(TokenKind::comma));
    expect(TokenKind::right_parenthesis);
    while (at_index_option()) index.options.push_back(parse_index_option());
}

// index_part: (name [( digits )] | ( expression )) [ASC | DESC]
IndexPart Parser::parse_index_part() {
    IndexPart part;
    if (accept(TokenKind::left_parenthesis)) {
        part.expression = parse_expression();
        expect(TokenKind::right_parenthesis);
    } else {
        part.column = parse_identifier();
        if (accept(TokenKind::left_parenthesis)) {
            part.length = parse_unsigned();
            expect(TokenKind::right_parenthesis);
        }
    }
    part.descending = accept(Keyword::desc_);
    if (!part.descending) accept(Keyword::asc_);
    return part;
}

bool Parser::at_index_option() const {
    return at(Keyword::using_) || at(Keyword::type_) || at(Keyword::key_block_size_) ||
           at(Keyword::comment_) || at(Keyword::visible_) || at(Keyword::invisible_) ||
           at(Keyword::engine_attribute_) || at(Keyword::secondary_engine_attribute_) ||
           (at(Keyword::with_) && is(peek(1), Keyword::parser_));
}

// index_option: (USING | TYPE) name | KEY_BLOCK_SIZE [=] digits | COMMENT 'text' | WITH PARSER name
// | [IN]VISIBLE | [SECONDARY_]ENGINE_ATTRIBUTE [=] 'text'
NamedOption Parser::parse_index_option() {
    NamedOption option;
    const Token word = take();
    option.name = text(word);
    switch (keyword(word)) {
        case Keyword::visible_:
        case Keyword::invisible_:
            return option;
        case Keyword::type_:
            option.name = "using";
            [[fallthrough]];
        case Keyword::using_:
            option.value = parse_any_word();
            return option;
        case Keyword::with_:
            option.name += " " + std::string(text(take()));
            option.value = parse_any_word();
            return option;
        default:
            break;
    }
    accept(TokenKind::equal);
    if (!at(TokenKind::string) && !at(TokenKind::integer)) fail();
    option.value = canonical_token();
    return option;
}

bool Parser::at_table_option() const {
    static constexpr Keyword words[] = {Keyword::auto_increment_,
                                        Keyword::autoextend_size_,
                                        Keyword::avg_row_length_,
                                        Keyword::checksum_,
                                        Keyword::comment_,
                                        Keyword::compression_,
                                        Keyword::connection_,
                                        Keyword::delay_key_write_,
                                        Keyword::encryption_,
                                        Keyword::engine_,
                                        Keyword::engine_attribute_,
                                        Keyword::insert_method_,
                                        Keyword::key_block_size_,
                                        Keyword::max_rows_,
                                        Keyword::min_rows_,
                                        Keyword::pack_keys_,
                                        Keyword::row_format_,
                                        Keyword::secondary_engine_attribute_,
                                        Keyword::stats_auto_recalc_,
                                        Keyword::stats_persistent_,
                                        Keyword::stats_sample_pages_,
                                        Keyword::tablespace_,
                                        Keyword::union_,
                                        Keyword::charset_,
                                        Keyword::collate_,
                                        Keyword::secondary_engine_};
    const Token& word = peek();
    if (std::ranges::any_of(words, [&](Keyword one) { return is(word, one); })) return true;
    if (at_name("password") || at_name("table_checksum") || at(Keyword::character_)) return true;
    const Token& second = peek(1);
    if (at(Keyword::data_) || at(Keyword::index_)) return is(second, Keyword::directory_);
    if (at(Keyword::start_)) return is(second, Keyword::transaction_);
    return at(Keyword::default_) &&
           (is(second, Keyword::charset_) || is(second, Keyword::collate_) ||
            is(second, Keyword::character_));
}

// table_option: [DEFAULT] name [=] value | START TRANSACTION; the name is one word, CHARACTER SET,
// DATA DIRECTORY or INDEX DIRECTORY
NamedOption Parser::parse_table_option() {
    NamedOption option;
    if (accept({Keyword::start_, Keyword::transaction_})) {
        option.name = "start transaction";
        return option;
    }
    accept(Keyword::default_);
    const Token word = take();
    option.name = text(word);
    if (is(word, Keyword::character_)) {
        expect(Keyword::set_);
        option.name = "charset";
    }
    if (is(word, Keyword::data_) || is(word, Keyword::index_))
        option.name += " " + std::string(text(take()));
    accept(TokenKind::equal);
    if (is(word, Keyword::character_) || is(word, Keyword::charset_)) {
        append_word(option.value, parse_charset_name());
    } else if (is(word, Keyword::collate_)) {
        append_word(option.value, parse_collation_name());
    } else if (is(word, Keyword::engine_) || is(word, Keyword::secondary_engine_)) {
        append_word(option.value, parse_word_or_string());
    } else if (is(word, Keyword::union_)) {
        expect(TokenKind::left_parenthesis);
        while (at_identifier()) {
            option.value += (option.value.empty() ? "(" : ", ") + format(parse_table_name());
            if (!accept(TokenKind::comma)) break;
        }
        expect(TokenKind::right_parenthesis);
        option.value += option.value.empty() ? "()" : ")";
    } else if (is(word, Keyword::tablespace_)) {
        option.value = identifier(parse_identifier());
        if (accept(Keyword::storage_)) option.value += " storage " + lower_case(parse_any_word());
    } else {
        if (!at(TokenKind::string) && !at(TokenKind::integer) && !at(TokenKind::word)) fail();
        option.value = canonical_token();
    }
    return option;
}

}  // namespace sluice::sql::detail
