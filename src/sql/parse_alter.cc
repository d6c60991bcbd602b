// Step 4 of a request: the changes of ALTER TABLE.
#include <algorithm>

#include "sql/detail/parser.h"

namespace sluice::sql::detail {

namespace {

// ALGORITHM, LOCK, VALIDATION: how to alter, not what.
bool is_manner(const AlterOption& option) {
    const auto* words = std::get_if<AlterWords>(&option);
    return words != nullptr && (words->text.starts_with("algorithm") ||
                                words->text.starts_with("lock") || words->text.starts_with("with"));
}

}  // namespace

// table_change: [option {, option}] [REMOVE PARTITIONING | partitioning] | [manner {, manner} ,]
// partition_change
TableChange Parser::parse_table_change() {
    TableChange change;
    bool comma = false;
    while (!at(TokenKind::end) && !at_partition_change() && !at(Keyword::partition_)) {
        change.options.push_back(parse_alter_option());
        comma = accept(TokenKind::comma);
        if (!comma) break;
    }
    if (at_partition_change()) {
        const bool alone =
            std::ranges::all_of(change.options, is_manner) && comma == !change.options.empty();
        if (!alone && (comma || !at(Keyword::remove_))) fail();
        change.partition = parse_partition_change();
    } else if (at(Keyword::partition_))
        change.partitioning = parse_partitioning();
    return change;
}

// alter_option: ADD .. | CHANGE .. | MODIFY .. | ALTER .. | DROP .. | RENAME .. | CONVERT TO .. |
// ORDER BY .. | table_option {table_option} | words
AlterOption Parser::parse_alter_option() {
    switch (keyword(peek())) {
        case Keyword::add_:
            return parse_alter_add();
        case Keyword::change_:
        case Keyword::modify_:
            return parse_alter_change();
        case Keyword::alter_:
            return parse_alter_part();
        case Keyword::drop_:
            return parse_alter_drop();
        case Keyword::rename_:
            return parse_alter_rename();
        case Keyword::convert_: {
            take();
            expect(Keyword::to_);
            if (!accept(Keyword::charset_)) {
                expect(Keyword::character_);
                expect(Keyword::set_);
            }
            ConvertCharset convert{
                at(Keyword::default_) ? lower_case(text(take())) : parse_charset_name(), {}};
            if (accept(Keyword::collate_)) convert.collation = parse_collation_name();
            return convert;
        }
        case Keyword::order_: {
            take();
            expect(Keyword::by_);
            OrderTable order;
            do {
                order.columns.push_back(parse_identifier());
                if (!accept(Keyword::asc_)) accept(Keyword::desc_);
            } while (at(TokenKind::comma) && is_identifier(peek(1)) && accept(TokenKind::comma));
            return order;
        }
        default:
            break;
    }
    if (!at_table_option()) return parse_alter_words();
    TableOptions options;
    while (at_table_option()) options.options.push_back(parse_table_option());
    return options;
}

// column_place: [FIRST | AFTER name]
ColumnPlace Parser::parse_column_place() {
    ColumnPlace place;
    place.first = accept(Keyword::first_);
    if (!place.first && accept(Keyword::after_)) place.after = parse_identifier();
    return place;
}

// alter_add: ADD (constraint | [COLUMN] (column_definition place | ( column_definition {, ...} )))
AlterOption Parser::parse_alter_add() {
    take();
    if (at_constraint()) {
        return std::visit([](auto part) -> AlterOption { return part; }, parse_constraint());
    }
    accept(Keyword::column_);
    AddColumns add;
    if (!accept(TokenKind::left_parenthesis)) {
        add.columns.push_back(parse_column_definition());
        add.place = parse_column_place();
        return add;
    }
    do {
        add.columns.push_back(parse_column_definition());
    } while (accept(TokenKind::comma));
    expect(TokenKind::right_parenthesis);
    return add;
}

// alter_change: CHANGE [COLUMN] name column_definition place | MODIFY [COLUMN] column_definition
// place
AlterOption Parser::parse_alter_change() {
    const bool renamed = is(take(), Keyword::change_);
    accept(Keyword::column_);
    ChangeColumn change;
    if (renamed) change.column = parse_identifier();
    change.definition = parse_column_definition();
    change.place = parse_column_place();
    return change;
}

// alter_part: ALTER (INDEX name (VISIBLE | INVISIBLE) | (CHECK | CONSTRAINT) name [NOT] ENFORCED |
// [COLUMN] name (SET DEFAULT value | SET (VISIBLE | INVISIBLE) | DROP DEFAULT))
AlterOption Parser::parse_alter_part() {
    take();
    if (accept(Keyword::index_)) {
        AlterIndex index{parse_identifier()};
        index.visible = accept(Keyword::visible_);
        if (!index.visible) expect(Keyword::invisible_);
        return index;
    }
    if (accept(Keyword::check_) || accept(Keyword::constraint_)) {
        AlterCheck check{parse_identifier()};
        check.enforced = !accept(Keyword::not_);
        expect(Keyword::enforced_);
        return check;
    }
    accept(Keyword::column_);
    AlterColumn column{parse_identifier(), std::nullopt, std::nullopt};
    if (accept(Keyword::drop_)) {
        expect(Keyword::default_);
        return column;
    }
    expect(Keyword::set_);
    if (accept(Keyword::default_)) {
        column.default_value = parse_default_value();
    } else {
        column.visible = accept(Keyword::visible_);
        if (!*column.visible) expect(Keyword::invisible_);
    }
    return column;
}

// alter_drop: DROP ((INDEX | KEY) name | PRIMARY KEY | FOREIGN KEY name | (CHECK | CONSTRAINT) name
// | [COLUMN] name)
AlterOption Parser::parse_alter_drop() {
    take();
    if (accept({Keyword::primary_, Keyword::key_})) return DropPart{DroppedKind::primary_key, {}};
    if (accept({Keyword::foreign_, Keyword::key_}))
        return DropPart{DroppedKind::foreign_key, parse_identifier()};
    if (accept(Keyword::index_) || accept(Keyword::key_))
        return DropPart{DroppedKind::index, parse_identifier()};
    if (accept(Keyword::check_) || accept(Keyword::constraint_))
        return DropPart{DroppedKind::check, parse_identifier()};
    accept(Keyword::column_);
    return DropPart{DroppedKind::column, parse_identifier()};
}

// alter_rename: RENAME (COLUMN name TO name | (INDEX | KEY) name TO name | [TO | AS] table_name)
AlterOption Parser::parse_alter_rename() {
    take();
    const bool column = accept(Keyword::column_);
    if (column || accept(Keyword::index_) || accept(Keyword::key_)) {
        RenamePart part{!column, parse_identifier(), {}};
        expect(Keyword::to_);
        part.to = parse_identifier();
        return part;
    }
    if (!accept(Keyword::to_)) accept(Keyword::as_);
    return RenameTable{parse_table_name()};
}

// alter_words: ALGORITHM [=] word | LOCK [=] word | FORCE | (ENABLE | DISABLE) KEYS | (DISCARD |
// IMPORT) TABLESPACE | (WITH | WITHOUT) VALIDATION
AlterWords Parser::parse_alter_words() {
    if (accept(Keyword::algorithm_)) {
        accept(TokenKind::equal);
        return {"algorithm = " + parse_any_word()};
    }
    if (accept(Keyword::lock_)) {
        accept(TokenKind::equal);
        return {"lock " + lower_case(parse_any_word())};
    }
    if (accept(Keyword::force_)) return {"force"};
    static constexpr std::pair<std::string_view, std::string_view> pairs[] = {
        {"enable", "keys"},       {"disable", "keys"},    {"discard", "tablespace"},
        {"import", "tablespace"}, {"with", "validation"}, {"without", "validation"}};
    for (const auto& [first, second] : pairs) {
        if (!at_name(first) || !same_name(text(peek(1)), second)) continue;
        index_ += 2;
        return {std::string(first) + " " + std::string(second)};
    }
    static constexpr std::string_view loads[] = {"secondary_load", "secondary_unload"};
    for (const std::string_view word : loads) {
        if (accept_name(word)) return {std::string(word)};
    }
    fail();
}

}  // namespace sluice::sql::detail
