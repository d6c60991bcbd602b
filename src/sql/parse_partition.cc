// Step 4 of a request: PARTITION BY, its partitions, and what ALTER TABLE does with them.
#include "sql/detail/parser.h"
#include "sql/format.h"

namespace sluice::sql::detail {

// partitioning: PARTITION BY method [PARTITIONS digits] [SUBPARTITION BY method [SUBPARTITIONS
// digits]] [( partition {, partition} )]
Partitioning Parser::parse_partitioning() {
    expect(Keyword::partition_);
    Partitioning result;
    result.by = parse_partition_by();
    if (accept(Keyword::partitions_)) result.by.count = parse_unsigned();
    if (accept(Keyword::subpartition_)) {
        result.subpartition = parse_partition_by();
        if (accept(Keyword::subpartitions_)) result.subpartition->count = parse_unsigned();
    }
    if (at(TokenKind::left_parenthesis)) result.definitions = parse_partition_definitions();
    return result;
}

// partition_by: BY [LINEAR] (HASH ( expression ) | KEY [ALGORITHM = digits] ( [columns] ) | (RANGE
// | LIST) (( expression ) | COLUMNS ( columns )))
PartitionBy Parser::parse_partition_by() {
    expect(Keyword::by_);
    PartitionBy by;
    by.linear = accept(Keyword::linear_);
    if (accept(Keyword::key_)) {
        by.method = PartitionMethod::key;
        if (accept(Keyword::algorithm_)) {
            accept(TokenKind::equal);
            by.algorithm = parse_unsigned();
        }
        if (peek(1).kind == TokenKind::right_parenthesis) {
            expect(TokenKind::left_parenthesis);
            take();
        } else {
            by.columns = parse_name_list();
        }
        return by;
    }
    if (accept(Keyword::range_))
        by.method = PartitionMethod::range;
    else if (accept_name("list"))
        by.method = PartitionMethod::list;
    else
        expect(Keyword::hash_);
    if (by.method != PartitionMethod::hash && accept(Keyword::columns_)) {
        by.columns = parse_name_list();
        return by;
    }
    expect(TokenKind::left_parenthesis);
    by.expression = parse_expression();
    expect(TokenKind::right_parenthesis);
    return by;
}

// partition_definitions: ( PARTITION definition {, PARTITION definition} )
std::vector<PartitionDefinition> Parser::parse_partition_definitions() {
    std::vector<PartitionDefinition> definitions;
    expect(TokenKind::left_parenthesis);
    do {
        expect(Keyword::partition_);
        definitions.push_back(parse_partition_definition());
    } while (accept(TokenKind::comma));
    expect(TokenKind::right_parenthesis);
    return definitions;
}

// partition_definition: name [VALUES ..] {option} [( SUBPARTITION name {option} {, ...} )]
PartitionDefinition Parser::parse_partition_definition() {
    PartitionDefinition definition;
    definition.name = parse_identifier();
    if (accept(Keyword::values_)) definition.values = parse_partition_values();
    definition.options = parse_partition_options();
    if (!accept(TokenKind::left_parenthesis)) return definition;
    do {
        expect(Keyword::subpartition_);
        PartitionDefinition part;
        part.name = parse_identifier();
        part.options = parse_partition_options();
        definition.subpartitions.push_back(std::move(part));
    } while (accept(TokenKind::comma));
    expect(TokenKind::right_parenthesis);
    return definition;
}

// partition_values: LESS THAN (MAXVALUE | ( value {, value} )) | IN ( value {, value} )
// value: MAXVALUE | expression
PartitionValues Parser::parse_partition_values() {
    PartitionValues values;
    values.in = accept(Keyword::in_);
    if (!values.in) {
        expect(Keyword::less_);
        expect(Keyword::than_);
        if (accept(Keyword::maxvalue_)) {
            values.maxvalue = true;
            return values;
        }
    }
    expect(TokenKind::left_parenthesis);
    do {
        if (accept(Keyword::maxvalue_))
            values.values.emplace_back();
        else
            values.values.emplace_back(parse_expression());
    } while (accept(TokenKind::comma));
    expect(TokenKind::right_parenthesis);
    if (!values.in && values.values.size() == 1 && !values.values[0]) {
        values.maxvalue = true;
        values.values.clear();
    }
    return values;
}

// partition_options: {[STORAGE] ENGINE [=] name | COMMENT [=] 'text' | (DATA | INDEX) DIRECTORY [=]
// 'text' | (MAX_ROWS | MIN_ROWS) [=] digits | TABLESPACE [=] name}
std::vector<NamedOption> Parser::parse_partition_options() {
    static constexpr std::string_view order[] = {"engine",         "storage engine",  "comment",
                                                 "data directory", "index directory", "max_rows",
                                                 "min_rows",       "tablespace"};
    std::vector<NamedOption> found(std::size(order));
    while (at(TokenKind::word)) {
        std::string name = lower_case(text(peek()));
        const bool two = at(Keyword::storage_) || at(Keyword::data_) || at(Keyword::index_);
        if (two) name += " " + lower_case(text(peek(1)));
        std::size_t place = 0;
        while (place < std::size(order) && order[place] != name) ++place;
        if (place == std::size(order)) break;
        index_ += two ? 2 : 1;
        accept(TokenKind::equal);
        const bool named = name.ends_with("engine") || name == "tablespace";
        found[place] = {name, named ? identifier(parse_word_or_string()) : canonical_token()};
    }
    std::erase_if(found, [](const NamedOption& option) { return option.name.empty(); });
    return found;
}

bool Parser::at_partition_change() const {
    const bool second = is(peek(1), Keyword::partition_);
    if (second && !at(Keyword::to_) && at(TokenKind::word)) {
        static constexpr std::string_view actions[] = {
            "add",      "drop",       "discard", "import",         "truncate",
            "coalesce", "reorganize", "analyze", "check",          "exchange",
            "rebuild",  "optimize",   "repair",  "secondary_load", "secondary_unload"};
        for (const std::string_view action : actions) {
            if (at_name(action)) return true;
        }
    }
    return (at(Keyword::remove_) || at_name("upgrade")) && is(peek(1), Keyword::partitioning_);
}

// partition_change: (REMOVE | UPGRADE) PARTITIONING | action PARTITION [NO_WRITE_TO_BINLOG | LOCAL]
// (ALL | names | ( definitions ) | digits) [INTO ( definitions ) | WITH TABLE name | TABLESPACE]
PartitionChange Parser::parse_partition_change() {
    PartitionChange change;
    change.action = lower_case(text(take()));
    change.action += " " + lower_case(text(take()));
    if (change.action.ends_with("partitioning")) return change;
    if (!accept(Keyword::no_write_to_binlog_)) accept(Keyword::local_);
    if (change.action == "add partition") {
        if (accept(Keyword::partitions_))
            change.count = parse_unsigned();
        else
            change.definitions = parse_partition_definitions();
        return change;
    }
    if (change.action == "coalesce partition") {
        change.count = parse_unsigned();
        return change;
    }
    change.all = accept(Keyword::all_);
    while (!change.all) {
        change.names.push_back(parse_identifier());
        if (!accept(TokenKind::comma)) break;
    }
    if (change.action == "reorganize partition") {
        expect(Keyword::into_);
        change.definitions = parse_partition_definitions();
    } else if (change.action == "exchange partition") {
        expect(Keyword::with_);
        expect(Keyword::table_);
        change.table = parse_table_name();
        if (accept(Keyword::without_)) {
            expect(Keyword::validation_);
            change.end = "without validation";
        } else if (accept(Keyword::with_)) {
            expect(Keyword::validation_);
        }
    } else if (accept(Keyword::tablespace_)) {
        change.end = "tablespace";
    }
    return change;
}

}  // namespace sluice::sql::detail
