// Step 4 of a request: what stands behind FROM: tables, joins, derived tables, JSON_TABLE.
#include "sql/detail/parser.h"

namespace sluice::sql::detail {

// tables: table_reference {, table_reference}
std::vector<TableRef> Parser::parse_tables() {
    std::vector<TableRef> tables;
    do {
        tables.emplace_back(MadeBy{[&] { return parse_table_reference(); }});
    } while (accept(TokenKind::comma));
    return tables;
}

// table_reference: table_factor {join}
TableRef Parser::parse_table_reference() {
    Depth depth(*this);
    TableRef left = parse_table_factor();
    while (parse_join(left)) {
        depth.grow();
        while (at_condition() && nest_join(left)) parse_on(left);
    }
    return left;
}

// Does a join's condition begin here, and no ON DUPLICATE KEY?
bool Parser::at_condition() const {
    const bool duplicate = is(peek(1), Keyword::duplicate_) && is(peek(2), Keyword::key_);
    return at(Keyword::using_) || (at(Keyword::on_) && !duplicate);
}

// A second condition belongs to the join before that has none: a join b join c on 1 on 2 is
// a join (b join c on 1) on 2. False if there is none.
bool Parser::nest_join(TableRef& table) {
    Join* last = table.as<Join>();
    Join* before = last == nullptr ? nullptr : last->left->as<Join>();
    const bool open = before != nullptr && !before->on && before->using_columns.empty() &&
                      (before->kind == JoinKind::inner || before->kind == JoinKind::straight);
    if (!open) return false;
    Join outer{.kind = before->kind, .left = std::move(before->left), .right = {}};
    TableRef between = std::move(*before->right);
    last->left = std::move(between);
    outer.right = std::move(table);
    table = std::move(outer);
    return true;
}

// on: ON expression | USING ( columns )
void Parser::parse_on(TableRef& table) {
    Join& join = *table.as<Join>();
    if (accept(Keyword::on_)) {
        join.on = parse_boxed();
    } else {
        expect(Keyword::using_);
        join.using_columns = parse_name_list();
    }
}

// join: [INNER | CROSS] JOIN factor [ON e | USING (..)] | STRAIGHT_JOIN factor [ON e]
//     | (LEFT | RIGHT) [OUTER] JOIN reference (ON e | USING (..)) | NATURAL [INNER | LEFT [OUTER] |
//     RIGHT [OUTER]] JOIN factor
bool Parser::parse_join(TableRef& left) {
    JoinKind kind = JoinKind::inner;
    bool needs_condition = false;
    if (accept(Keyword::straight_join_)) {
        kind = JoinKind::straight;
    } else if (accept(Keyword::natural_)) {
        kind = JoinKind::natural;
        if (at(Keyword::left_) || at(Keyword::right_)) {
            kind = is(take(), Keyword::left_) ? JoinKind::natural_left : JoinKind::natural_right;
            accept(Keyword::outer_);
        } else {
            accept(Keyword::inner_);
        }
        expect(Keyword::join_);
    } else if (at(Keyword::left_) || at(Keyword::right_)) {
        kind = is(take(), Keyword::left_) ? JoinKind::left : JoinKind::right;
        accept(Keyword::outer_);
        expect(Keyword::join_);
        needs_condition = true;
    } else if (at(Keyword::inner_) || at(Keyword::cross_)) {
        take();
        expect(Keyword::join_);
    } else if (!accept(Keyword::join_)) {
        return false;
    }
    Box<TableRef> right(
        MadeBy{[&] { return needs_condition ? parse_table_reference() : parse_table_factor(); }});
    left.node.emplace<Join>(kind, Box(std::move(left)), std::move(right));
    const bool natural = kind >= JoinKind::natural;
    if (needs_condition || (!natural && at_condition())) parse_on(left);
    return true;
}

// table_factor: table_name [PARTITION (..)] alias [hints] [sample] | [LATERAL] ( query ) alias
// [(columns)] | ( tables ) | JSON_TABLE
TableRef Parser::parse_table_factor() {
    if (at(Keyword::json_table_)) return parse_json_table();
    const bool lateral = accept(Keyword::lateral_);
    if (at(TokenKind::left_parenthesis)) {
        if (lateral || at_query()) {
            Depth depth(*this);
            if (!lateral && peek(1).kind == TokenKind::left_parenthesis)
                return parse_parenthesised_table();
            take();
            DerivedTable derived;
            derived.lateral = lateral;
            derived.query = parse_query();
            expect(TokenKind::right_parenthesis);
            derived.alias = parse_alias();
            if (derived.alias.empty()) fail();
            if (at(TokenKind::left_parenthesis)) derived.columns = parse_name_list();
            return derived;
        }
        return parse_parenthesised_table();
    }
    if (lateral) fail();
    if (accept(TokenKind::left_brace)) {  // ODBC: {oj a left join b on ..}
        parse_any_word();
        TableRef inner = parse_table_reference();
        expect(TokenKind::right_brace);
        return inner;
    }
    TableRef result;
    AliasedTable& table = *result.as<AliasedTable>();
    if (at(Keyword::dual_)) {
        table.table.name = text(take());
        return result;
    }
    table.table = parse_table_name();
    if (at(Keyword::partition_) && peek(1).kind == TokenKind::left_parenthesis)
        table.partitions = parse_partitions();
    table.alias = parse_alias();
    table.hints = parse_index_hints();
    if (at_sample()) table.sample = parse_sample();
    return result;
}

// A word of MySQL 9, and before that a name like others.
bool Parser::at_sample() const {
    return at_name("tablesample") && peek(2).kind == TokenKind::left_parenthesis &&
           (is(peek(1), Keyword::system_) || same_name(text(peek(1)), "bernoulli"));
}

// sample: TABLESAMPLE (SYSTEM | BERNOULLI) ( number | ? | @variable )
TableSample Parser::parse_sample() {
    take();
    TableSample sample;
    sample.bernoulli = !is(take(), Keyword::system_);
    expect(TokenKind::left_parenthesis);
    const Token number = peek();
    sample.percentage = parse_expression(Power::unary);
    const auto* literal = sample.percentage->as<Literal>();
    const auto* variable = sample.percentage->as<Variable>();
    const bool known = sample.percentage->is<BindVariable>() ||
                       (variable != nullptr && variable->scope == VariableScope::user) ||
                       (literal != nullptr && (literal->kind == LiteralKind::integer ||
                                               literal->kind == LiteralKind::decimal ||
                                               literal->kind == LiteralKind::floating));
    if (!known) fail_at(number);
    expect(TokenKind::right_parenthesis);
    return sample;
}

// parenthesised_table: ( tables ) | ( query that is itself in parentheses or a union of such )
// alias
TableRef Parser::parse_parenthesised_table() {
    Depth depth(*this);
    const std::size_t start = index_;
    take();
    if (at_query()) {  // ((select 1) union select 2) t  or  ((select 1) t join u)
        std::size_t ahead = 0;
        int open = 0;
        do {
            if (peek(ahead).kind == TokenKind::left_parenthesis) ++open;
            if (peek(ahead).kind == TokenKind::right_parenthesis) --open;
            ++ahead;
        } while (open > 0 && index_ + ahead < tokens_.size());
        const Token& behind = peek(ahead);
        const bool closed = behind.kind == TokenKind::right_parenthesis;
        const bool query = goes_on_as_query(behind) && (!closed || is_identifier(peek(ahead + 1)) ||
                                                        is(peek(ahead + 1), Keyword::as_));
        if (query) {
            index_ = start + 1;
            DerivedTable derived;
            derived.query = parse_query();
            expect(TokenKind::right_parenthesis);
            derived.alias = parse_alias();
            if (derived.alias.empty()) fail();
            if (at(TokenKind::left_parenthesis)) derived.columns = parse_name_list();
            return derived;
        }
    }
    ParenthesisedTables result{parse_tables()};
    expect(TokenKind::right_parenthesis);
    return result;
}

// partitions: PARTITION ( name {, name} )
std::vector<std::string> Parser::parse_partitions() {
    take();
    return parse_name_list();
}

// index_hints: {(USE | FORCE | IGNORE) (INDEX | KEY | VINDEX) [FOR (JOIN | ORDER BY | GROUP BY)] (
// [names] )}
std::vector<IndexHint> Parser::parse_index_hints() {
    std::vector<IndexHint> hints;
    while (at(Keyword::use_) || at(Keyword::force_) || at(Keyword::ignore_)) {
        IndexHint hint;
        const Token word = take();
        if (is(word, Keyword::force_)) hint.kind = IndexHintKind::force;
        if (is(word, Keyword::ignore_)) hint.kind = IndexHintKind::ignore;
        if (hint.kind != IndexHintKind::force && accept(Keyword::vindex_)) {
            hint.kind = hint.kind == IndexHintKind::use ? IndexHintKind::use_vindex
                                                        : IndexHintKind::ignore_vindex;
        } else if (!accept(Keyword::key_)) {
            expect(Keyword::index_);
        }
        if (accept(Keyword::for_)) {
            if (accept(Keyword::join_))
                hint.scope = IndexHintScope::join;
            else if (accept({Keyword::order_, Keyword::by_}))
                hint.scope = IndexHintScope::order_by;
            else if (accept({Keyword::group_, Keyword::by_}))
                hint.scope = IndexHintScope::group_by;
            else
                fail();
        }
        if (peek(1).kind == TokenKind::right_parenthesis) {
            expect(TokenKind::left_parenthesis);
            take();
        } else {
            hint.indexes = parse_name_list();
        }
        hints.push_back(std::move(hint));
        if (at(TokenKind::comma) && (is(peek(1), Keyword::use_) || is(peek(1), Keyword::force_) ||
                                     is(peek(1), Keyword::ignore_))) {
            take();
        }
    }
    return hints;
}

// json_table: JSON_TABLE ( expression , path COLUMNS ( json_columns ) ) alias
TableRef Parser::parse_json_table() {
    take();
    JsonTable table;
    expect(TokenKind::left_parenthesis);
    table.document = parse_expression();
    expect(TokenKind::comma);
    table.path = parse_expression();
    table.columns = parse_json_columns();
    expect(TokenKind::right_parenthesis);
    table.alias = parse_alias();
    if (table.alias.empty()) fail();
    return table;
}

// json_columns: COLUMNS ( column {, column} )
// column: name FOR ORDINALITY | name column_type [COLLATE name] [EXISTS] PATH path [handlers] |
// NESTED [PATH] path json_columns
std::vector<JsonTableColumn> Parser::parse_json_columns() {
    Depth depth(*this);
    std::vector<JsonTableColumn> columns;
    expect(Keyword::columns_);
    expect(TokenKind::left_parenthesis);
    do {
        JsonTableColumn column;
        if (accept(Keyword::nested_)) {
            accept(Keyword::path_);
            column.path = parse_literal();
            column.nested = parse_json_columns();
            columns.push_back(std::move(column));
            continue;
        }
        column.name = parse_identifier();
        if (accept({Keyword::for_, Keyword::ordinality_})) {
            column.ordinality = true;
        } else {
            column.type = parse_column_type();
            if (accept(Keyword::collate_)) column.collation = parse_collation_name();
            column.exists = accept(Keyword::exists_);
            expect(Keyword::path_);
            column.path = parse_primary();
            parse_json_handlers(column.on_empty, column.on_error);
        }
        columns.push_back(std::move(column));
    } while (accept(TokenKind::comma));
    expect(TokenKind::right_parenthesis);
    return columns;
}

}  // namespace sluice::sql::detail
