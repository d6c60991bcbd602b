// Step 4 of a request: INSERT, REPLACE, UPDATE, DELETE.
#include "sql/detail/parser.h"

namespace sluice::sql::detail {

// with_statement: WITH ... (query | update | delete)
Statement Parser::parse_with_statement() {
    With with = parse_with();
    if (at(Keyword::update_)) return {parse_update(std::move(with))};
    if (at(Keyword::delete_)) return {parse_delete(std::move(with))};
    Query query = parse_query_body();
    std::visit([&](auto& body) { body.with = std::move(with); }, query.node);
    return {std::move(query)};
}

// insert: (INSERT | REPLACE) [LOW_PRIORITY | DELAYED | HIGH_PRIORITY] [IGNORE] [INTO] table
// [PARTITION (..)] rows
//         [AS alias [(columns)]] [ON DUPLICATE KEY UPDATE assignments]
Insert Parser::parse_insert(bool replace) {
    take();
    Insert insert;
    insert.replace = replace;
    insert.comments = take_comments();
    if (accept(Keyword::low_priority_))
        insert.priority = Priority::low;
    else if (accept(Keyword::delayed_))
        insert.priority = Priority::delayed;
    else if (accept(Keyword::high_priority_))
        insert.priority = Priority::high;
    insert.ignore = accept(Keyword::ignore_);
    accept(Keyword::into_);
    insert.table = parse_table_name();
    if (at(Keyword::partition_) && peek(1).kind == TokenKind::left_parenthesis)
        insert.partitions = parse_partitions();
    parse_insert_rows(insert);
    if (!replace && accept({Keyword::on_, Keyword::duplicate_, Keyword::key_, Keyword::update_})) {
        insert.on_duplicate = parse_assignments();
    }
    return insert;
}

// Does something follow that only a query has?
bool Parser::at_query_end() const {
    return at(Keyword::union_) || at(Keyword::except_) || at(Keyword::intersect_) ||
           at(Keyword::order_) || at(Keyword::limit_) || at(Keyword::for_) || at(Keyword::lock_);
}

// rows: [( columns )] (VALUES | VALUE) [ROW] arguments {, [ROW] arguments} | SET assignments | [(
// columns )] query
void Parser::parse_insert_rows(Insert& insert) {
    if (accept(Keyword::set_)) {
        ValueRow row;
        for (Assignment& assignment : parse_assignments()) {
            insert.columns.push_back(std::move(assignment.column.name));
            row.push_back(std::move(assignment.value));
        }
        insert.has_column_list = true;
        insert.rows = std::vector<ValueRow>{std::move(row)};
    } else {
        if (at(TokenKind::left_parenthesis) && !at_query()) {
            insert.has_column_list = true;
            take();
            if (!accept(TokenKind::right_parenthesis)) {
                do {
                    insert.columns.push_back(parse_column().name);
                } while (accept(TokenKind::comma));
                expect(TokenKind::right_parenthesis);
            }
        }
        const std::size_t start = index_;
        const bool query = at(Keyword::values_) && is(peek(1), Keyword::row_);
        if (!accept(Keyword::values_) && !accept(Keyword::value_)) {
            if (!at_query()) fail();
            insert.rows = Box<Query>(parse_query());
            return;
        }
        std::vector<ValueRow> rows;
        do {
            accept(Keyword::row_);
            rows.push_back(parse_arguments(rows.empty() ? 1 : rows.back().size()));
        } while (accept(TokenKind::comma));
        insert.rows = std::move(rows);
        if (query && at_query_end()) {  // VALUES ROW(..) UNION .. is a query
            index_ = start;
            insert.rows = Box<Query>(parse_query());
            return;
        }
    }
    if (accept(Keyword::as_)) {
        RowAlias alias;
        alias.table = parse_identifier();
        if (at(TokenKind::left_parenthesis)) alias.columns = parse_name_list();
        insert.row_alias = std::move(alias);
    }
}

// assignments: assignment {, assignment}
std::vector<Assignment> Parser::parse_assignments() {
    std::vector<Assignment> assignments;
    do {
        assignments.push_back(parse_assignment());
    } while (accept(TokenKind::comma));
    return assignments;
}

// assignment: column (= | :=) expression
Assignment Parser::parse_assignment() {
    Assignment assignment;
    assignment.column = parse_column();
    if (!accept(TokenKind::equal)) expect(TokenKind::assign);
    assignment.value = parse_expression();
    return assignment;
}

// update: UPDATE [LOW_PRIORITY] [IGNORE] tables SET assignments [WHERE e] [ORDER BY ..] [LIMIT ..]
Update Parser::parse_update(With with) {
    take();
    Update update;
    update.with = std::move(with);
    update.comments = take_comments();
    if (accept(Keyword::low_priority_)) update.priority = Priority::low;
    update.ignore = accept(Keyword::ignore_);
    update.tables = parse_tables();
    expect(Keyword::set_);
    update.assignments = parse_assignments();
    if (accept(Keyword::where_)) update.where = parse_boxed();
    parse_order_and_limit(update.order_by, update.limit);
    return update;
}

// delete_target: table_name [. *]
TableName Parser::parse_delete_target() {
    const Token first = peek();
    TableName name;
    name.name = parse_identifier();
    name.source = {first.offset, first.length};
    while (accept(TokenKind::dot)) {
        if (accept(TokenKind::star)) break;
        const Token second = peek();
        name.keyspace = std::move(name.name);
        name.name = parse_any_word();
        name.qualifier = {first.offset, second.offset - first.offset};
        name.source.length = second.end() - first.offset;
    }
    return name;
}

// delete: DELETE {LOW_PRIORITY | QUICK | IGNORE} (FROM table [alias] [PARTITION (..)] [WHERE]
// [ORDER BY] [LIMIT]
//         | targets FROM tables [WHERE] | FROM targets USING tables [WHERE])
Delete Parser::parse_delete(With with) {
    take();
    Delete result;
    result.with = std::move(with);
    result.comments = take_comments();
    while (true) {
        if (accept(Keyword::low_priority_))
            result.priority = Priority::low;
        else if (accept(Keyword::quick_))
            result.quick = true;
        else if (accept(Keyword::ignore_))
            result.ignore = true;
        else
            break;
    }
    const auto targets = [&] {
        do {
            result.targets.push_back(parse_delete_target());
        } while (accept(TokenKind::comma));
    };
    if (accept(Keyword::from_)) {
        const std::size_t start = index_;
        targets();
        if (accept(Keyword::using_)) {
            result.tables = parse_tables();
        } else {
            index_ = start;
            result.targets.clear();
            AliasedTable table;
            table.table = parse_table_name();
            table.alias = parse_alias();
            if (at(Keyword::partition_)) result.partitions = parse_partitions();
            result.tables.emplace_back(std::move(table));
        }
    } else {
        targets();
        expect(Keyword::from_);
        result.tables = parse_tables();
    }
    // DELETE t FROM t is DELETE FROM t.
    const AliasedTable* only =
        result.tables.size() == 1 ? result.tables[0].as<AliasedTable>() : nullptr;
    const bool one_table = result.targets.empty();
    if (only != nullptr && only->alias.empty() && only->hints.empty() &&
        result.targets.size() == 1 && result.targets[0] == only->table) {
        result.targets.clear();
    }
    if (accept(Keyword::where_)) result.where = parse_boxed();
    if (one_table) parse_order_and_limit(result.order_by, result.limit);
    return result;
}

}  // namespace sluice::sql::detail
