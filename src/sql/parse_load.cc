// Step 4 of a request: LOAD DATA, LOAD XML, LOAD INDEX INTO CACHE.
#include "sql/detail/parser.h"

namespace sluice::sql::detail {

// load: LOAD (DATA | XML | INDEX) ...; what cannot be read is kept as text, as v21 does
Statement Parser::parse_load() {
    const std::uint32_t start = peek().offset;
    take();
    Load load;
    if (accept_name("xml"))
        load.kind = LoadKind::xml;
    else if (accept(Keyword::index_))
        load.kind = LoadKind::index;
    else
        expect_name("data");
    const std::size_t body = index_;
    const LoadKind kind = load.kind;
    try {
        if (kind == LoadKind::index)
            parse_load_index(load);
        else
            parse_load_file(load);
        if (!at(TokenKind::end) && !at(TokenKind::semicolon)) fail();
    } catch (const SyntaxError&) {
        load = {};
        load.kind = kind;
        load.truncated_parse = true;
        index_ = body;
        rest_of_text();
    }
    load.text = text_from(start);
    return {std::move(load)};
}

// load_index: INTO CACHE table anything
void Parser::parse_load_index(Load& load) {
    expect(Keyword::into_);
    expect(Keyword::cache_);
    load.table = parse_table_name();
    rest_of_text();
}

// load_file: [LOW_PRIORITY | CONCURRENT] [LOCAL] INFILE 'file' [REPLACE | IGNORE] INTO TABLE name
// [PARTITION (..)] [CHARACTER SET name] [ROWS IDENTIFIED BY 'tag'] [fields] [lines]
// [IGNORE n (LINES | ROWS)] [( targets )] [SET assignments]
void Parser::parse_load_file(Load& load) {
    load.low_priority = accept(Keyword::low_priority_);
    load.concurrent = !load.low_priority && accept(Keyword::concurrent_);
    load.local = accept(Keyword::local_);
    expect(Keyword::infile_);
    load.file = parse_string();
    if (at(Keyword::replace_) || at(Keyword::ignore_)) load.duplicates = lower_case(text(take()));
    expect(Keyword::into_);
    expect(Keyword::table_);
    load.table = parse_table_name();
    if (at(Keyword::partition_)) load.partitions = parse_partitions();
    if (accept({Keyword::character_, Keyword::set_}) || accept(Keyword::charset_))
        load.charset = parse_charset_name();
    if (accept({Keyword::rows_, Keyword::identified_, Keyword::by_}))
        load.rows_identified = parse_string();
    parse_load_format(load);
    if (accept(Keyword::ignore_)) {
        load.ignored_lines = parse_unsigned();
        if (!accept(Keyword::lines_)) expect(Keyword::rows_);
    }
    if (accept(TokenKind::left_parenthesis)) {
        while (!accept(TokenKind::right_parenthesis)) {
            if (!load.columns.empty()) expect(TokenKind::comma);
            if (at(TokenKind::user_variable))
                load.columns.emplace_back(parse_user_variable());
            else
                load.columns.emplace_back(parse_column());
        }
    }
    if (accept(Keyword::set_)) load.assignments = parse_assignments();
}

// load_format: [(FIELDS | COLUMNS) {TERMINATED BY s | [OPTIONALLY] ENCLOSED BY c | ESCAPED BY c}]
// [LINES {STARTING BY s | TERMINATED BY s}]
void Parser::parse_load_format(Load& load) {
    if (accept(Keyword::fields_) || accept(Keyword::columns_)) {
        const std::size_t start = index_;
        while (true) {
            if (accept({Keyword::terminated_, Keyword::by_})) {
                load.fields_terminated = parse_load_text();
            } else if (accept({Keyword::escaped_, Keyword::by_})) {
                load.escaped = parse_load_text();
            } else if (at(Keyword::optionally_) || at(Keyword::enclosed_)) {
                load.optionally_enclosed = accept(Keyword::optionally_);
                expect(Keyword::enclosed_);
                expect(Keyword::by_);
                load.enclosed = parse_load_text();
            } else {
                break;
            }
        }
        if (index_ == start) fail();
    }
    if (!accept(Keyword::lines_)) return;
    const std::size_t start = index_;
    while (true) {
        if (accept({Keyword::starting_, Keyword::by_}))
            load.lines_starting = parse_load_text();
        else if (accept({Keyword::terminated_, Keyword::by_}))
            load.lines_terminated = parse_load_text();
        else
            break;
    }
    if (index_ == start) fail();
}

// load_text: 'text' | X'..' | 0x.. | B'..' | 0b..
std::string Parser::parse_load_text() {
    if (at(TokenKind::string)) return parse_string();
    if (!at(TokenKind::hex_string) && !at(TokenKind::hex_number) && !at(TokenKind::bit_string) &&
        !at(TokenKind::bit_number))
        fail();
    return std::string(text(take()));
}

}  // namespace sluice::sql::detail
