// Step 5 of a request: DDL as canonical text, for logs, plans and comparisons; what runs is the
// client's text.
#include "base/overload.h"
#include "sql/detail/printer.h"

namespace sluice::sql::detail {
namespace {

constexpr std::string_view reference_actions[] = {"",         "restrict",  "cascade",
                                                  "set null", "no action", "set default"};

std::string_view index_words(IndexKind kind) {
    static constexpr std::string_view words[] = {"key", "primary key", "unique key", "fulltext key",
                                                 "spatial key"};
    return words[static_cast<std::size_t>(kind)];
}

}  // namespace

void Printer::print(const Ddl& ddl) {
    if (ddl.truncated_parse && !options_.as_v21) {  // what could not be read stays as it came
        out_ += ddl.text;
        return;
    }
    std::visit(Overload{
                   [&](const std::monostate&) { ddl_without_definition(ddl); },
                   [&](const TableDefinition& table) {
                       ddl_head(ddl, "create ", "table ");
                       table_definition(table);
                       if (!ddl.query) return;
                       if (!table.duplicates.empty()) word(" ").word(table.duplicates);
                       out_ += ' ';
                       print(**ddl.query);
                   },
                   [&](const TableLike& like) {
                       ddl_head(ddl, "create ", "table ");
                       out_ += " like ";
                       print(like.table);
                   },
                   [&](const TableChange& change) { table_change(ddl, change); },
                   [&](const ViewDefinition& view) { view_definition(ddl, view); },
                   [&](const DatabaseOptions& options) { database(ddl, options); },
               },
               ddl.definition);
}

// The words up to the first name.
void Printer::ddl_head(const Ddl& ddl, std::string_view verb, std::string_view what) {
    out_ += verb;
    comments(ddl.comments);
    if (ddl.temporary) out_ += "temporary ";
    out_ += what;
    if (ddl.if_exists) out_ += "if exists ";
    if (ddl.if_not_exists) out_ += "if not exists ";
    if (!ddl.tables.empty()) print(ddl.tables.front());
}

void Printer::ddl_without_definition(const Ddl& ddl) {
    const auto targets = [&](std::string_view what) {
        ddl_head(ddl, "drop ", what);
        for (std::size_t i = 1; i < ddl.targets; ++i) {
            out_ += ", ";
            print(ddl.tables[i]);
        }
    };
    switch (ddl.kind) {
        case DdlKind::drop_table:
            return targets("table ");
        case DdlKind::drop_view:
            return targets("view ");
        case DdlKind::rename_table:
            out_ += "rename table ";
            for (std::size_t i = 0; i < ddl.targets; ++i) {
                if (i != 0) out_ += ", ";
                print(ddl.tables[i]);
                out_ += " to ";
                print(ddl.tables[ddl.targets + i]);
            }
            return;
        case DdlKind::truncate_table:
            return ddl_head(ddl, "truncate ", "table ");
        case DdlKind::create_table:
            return ddl_head(ddl, "create ", "table ");
        case DdlKind::create_database:
        case DdlKind::alter_database:
        case DdlKind::drop_database:
            return database(ddl, {});
        case DdlKind::alter_table:
        case DdlKind::create_index:
        case DdlKind::drop_index:
        case DdlKind::create_view:
        case DdlKind::alter_view:
            return ddl_head(ddl, "alter ", "table ");
    }
}

void Printer::table_definition(const TableDefinition& table) {
    if (table.has_elements) {
        out_ += " (\n\t";
        bool first = true;
        const auto separate = [&] {
            if (!first) out_ += ",\n\t";
            first = false;
        };
        for (const ColumnDefinition& column : table.columns) separate(), column_definition(column);
        for (const IndexDefinition& index : table.indexes) separate(), print(index);
        for (const Constraint& constraint : table.constraints)
            separate(), std::visit([this](const auto& node) { print(node); }, constraint);
        out_ += "\n)";
    }
    bool first = true;
    for (const NamedOption& option : table.options) {
        out_ += first ? " " : ",\n  ";
        first = false;
        named_option(option);
    }
    if (table.partitioning) partitioning(*table.partitioning);
}

void Printer::named_option(const NamedOption& option) {
    out_ += option.name;
    if (!option.value.empty()) word(" ").word(option.value);
}

void Printer::column_type(const ColumnType& type) {
    out_ += type.name;
    if (type.length) {
        word("(").word(std::to_string(*type.length));
        if (type.scale) word(",").word(std::to_string(*type.scale));
        out_ += ')';
    }
    bool first = true;
    for (const std::string& value : type.values) {
        word(first ? "(" : ", ").string(value);
        first = false;
    }
    if (!type.values.empty()) out_ += ')';
    if (type.is_unsigned) out_ += " unsigned";
    if (type.zerofill) out_ += " zerofill";
    if (!type.charset.empty()) word(" character set ").bare(type.charset);
    if (type.binary) out_ += " binary";
}

void Printer::default_value(const DefaultValue& value) {
    out_ += value.parentheses ? "(" : "";
    print(*value.value);
    out_ += value.parentheses ? ")" : "";
}

void Printer::column_definition(const ColumnDefinition& column) {
    static constexpr std::string_view keys[] = {"", " primary key", " unique", " unique key",
                                                " key"};
    name(column.name).word(" ");
    column_type(column.type);
    if (!column.collation.empty()) word(" collate ").bare(column.collation);
    const std::string_view null = !column.null ? "" : *column.null ? " null" : " not null";
    if (!column.generated) out_ += null;
    if (column.default_value) {
        out_ += " default ";
        default_value(*column.default_value);
    }
    where(column.on_update, " on update ");
    if (column.generated) {
        out_ += " as (";
        print(**column.generated);
        word(column.stored ? ") stored" : ") virtual").word(null);
    }
    if (column.auto_increment) out_ += " auto_increment";
    if (column.comment) word(" comment ").string(*column.comment);
    if (column.visible) out_ += *column.visible ? " visible" : " invisible";
    if (!column.column_format.empty()) word(" column_format ").word(column.column_format);
    if (!column.storage.empty()) word(" storage ").word(column.storage);
    if (column.engine_attribute) word(" engine_attribute ").string(*column.engine_attribute);
    if (column.secondary_engine_attribute)
        word(" secondary_engine_attribute ").string(*column.secondary_engine_attribute);
    out_ += keys[static_cast<std::size_t>(column.key)];
    if (column.reference) reference(*column.reference);
    if (column.srid) word(" srid ").word(std::to_string(*column.srid));
    for (const Check& check : column.checks) {
        out_ += ' ';
        print(check);
    }
}

void Printer::reference(const Reference& clause) {
    out_ += " references ";
    print(clause.table);
    if (!clause.columns.empty()) {
        out_ += " (";
        names(clause.columns);
        out_ += ')';
    }
    if (!clause.match.empty()) word(" match ").word(clause.match);
    const auto action = [&](std::string_view event, ReferenceAction value) {
        if (value != ReferenceAction::none)
            word(event).word(reference_actions[static_cast<std::size_t>(value)]);
    };
    action(" on delete ", clause.on_delete);
    action(" on update ", clause.on_update);
}

void Printer::print(const Check& check) {
    if (!check.name.empty()) word("constraint ").name(check.name).word(" ");
    out_ += "check (";
    print(*check.condition);
    out_ += check.enforced ? ")" : ") not enforced";
}

void Printer::print(const ForeignKey& key) {
    if (!key.name.empty()) word("constraint ").name(key.name).word(" ");
    out_ += "foreign key ";
    if (!key.index.empty()) name(key.index);
    out_ += '(';
    names(key.columns);
    out_ += ')';
    reference(key.reference);
}

void Printer::print(const IndexDefinition& index) {
    if (!index.constraint.empty()) word("constraint ").name(index.constraint).word(" ");
    out_ += index_words(index.kind);
    // A primary key's name is not printed: it is always PRIMARY.
    if (!index.name.empty() && index.kind != IndexKind::primary) word(" ").name(index.name);
    out_ += " (";
    bool first = true;
    for (const IndexPart& part : index.parts) {
        if (!first) out_ += ", ";
        first = false;
        if (part.expression) {
            out_ += '(';
            print(**part.expression);
            out_ += ')';
        } else {
            name(part.column);
        }
        if (part.length) word("(").word(std::to_string(*part.length)).word(")");
        if (part.descending) out_ += " desc";
    }
    out_ += ')';
    for (const NamedOption& option : index.options) {
        out_ += ' ';
        named_option(option);
    }
}

void Printer::view_definition(const Ddl& ddl, const ViewDefinition& view) {
    out_ += ddl.kind == DdlKind::create_view ? "create " : "alter ";
    comments(ddl.comments);
    if (ddl.or_replace) out_ += "or replace ";
    if (!view.algorithm.empty()) word("algorithm = ").word(view.algorithm).word(" ");
    if (!view.definer.empty()) word("definer = ").word(view.definer).word(" ");
    if (!view.security.empty()) word("sql security ").word(view.security).word(" ");
    out_ += ddl.if_not_exists ? "view if not exists " : "view ";
    print(ddl.tables.front());
    if (!view.columns.empty()) {
        out_ += '(';
        names(view.columns);
        out_ += ')';
    }
    out_ += " as ";
    if (ddl.query) print(**ddl.query);
    if (!view.check_option.empty()) word(" with ").word(view.check_option).word(" check option");
}

void Printer::database(const Ddl& ddl, const DatabaseOptions& options) {
    out_ += ddl.kind == DdlKind::create_database  ? "create "
            : ddl.kind == DdlKind::alter_database ? "alter "
                                                  : "drop ";
    comments(ddl.comments);
    out_ += "database";
    if (ddl.if_exists) out_ += " if exists";
    if (ddl.if_not_exists) out_ += " if not exists";
    if (!ddl.database.empty()) word(" ").name(ddl.database);
    if (options.upgrade_directory) out_ += " upgrade data directory name";
    for (const DatabaseOption& option : options.options) {
        out_ += option.is_default ? " default " : " ";
        named_option(option.option);
    }
}

}  // namespace sluice::sql::detail
