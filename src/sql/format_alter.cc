// Step 5 of a request: the changes of ALTER TABLE and partitions as canonical text.
#include "sql/detail/printer.h"

namespace sluice::sql::detail {

void Printer::table_change(const Ddl& ddl, const TableChange& change) {
    out_ += "alter ";
    comments(ddl.comments);
    out_ += "table ";
    print(ddl.tables.front());
    bool first = true;
    for (const AlterOption& option : change.options) {
        out_ += first ? " " : ", ";
        first = false;
        const bool added = std::holds_alternative<IndexDefinition>(option) ||
                           std::holds_alternative<ForeignKey>(option) ||
                           std::holds_alternative<Check>(option);
        if (added) out_ += "add ";
        std::visit([this](const auto& node) { print(node); }, option);
    }
    if (change.partition) {
        const bool plain = first || change.partition->action == "remove partitioning";
        out_ += plain ? " " : ", ";
        print(*change.partition);
    }
    if (change.partitioning) {
        out_ += ' ';
        partitioning(*change.partitioning);
    }
}

void Printer::column_place(const ColumnPlace& place) {
    if (place.first) out_ += " first";
    if (!place.after.empty()) word(" after ").name(place.after);
}

void Printer::print(const AddColumns& add) {
    out_ += "add column ";
    const bool several = add.columns.size() > 1;
    if (several) out_ += '(';
    bool first = true;
    for (const ColumnDefinition& column : add.columns) {
        if (!first) out_ += ", ";
        first = false;
        column_definition(column);
    }
    if (several) out_ += ')';
    column_place(add.place);
}

void Printer::print(const ChangeColumn& change) {
    if (change.column.empty())
        out_ += "modify column ";
    else
        word("change column ").name(change.column).word(" ");
    column_definition(change.definition);
    column_place(change.place);
}

void Printer::print(const AlterColumn& column) {
    word("alter column ").name(column.column);
    if (column.default_value) {
        out_ += " set default ";
        default_value(*column.default_value);
    } else if (column.visible) {
        out_ += *column.visible ? " set visible" : " set invisible";
    } else {
        out_ += " drop default";
    }
}

void Printer::print(const DropPart& part) {
    static constexpr std::string_view kinds[] = {"column", "key", "primary key", "foreign key",
                                                 "check"};
    word("drop ").word(kinds[static_cast<std::size_t>(part.kind)]);
    if (!part.name.empty()) word(" ").name(part.name);
}

void Printer::print(const RenamePart& part) {
    word(part.index ? "rename index " : "rename column ").name(part.from).word(" to ");
    name(part.to);
}

void Printer::print(const RenameTable& rename) {
    out_ += "rename ";
    print(rename.to);
}

void Printer::print(const AlterIndex& index) {
    word("alter index ").name(index.name).word(index.visible ? " visible" : " invisible");
}

void Printer::print(const AlterCheck& check) {
    word("alter check ").name(check.name).word(check.enforced ? " enforced" : " not enforced");
}

void Printer::print(const ConvertCharset& convert) {
    word("convert to character set ").bare(convert.charset);
    if (!convert.collation.empty()) word(" collate ").bare(convert.collation);
}

void Printer::print(const OrderTable& order) {
    out_ += "order by ";
    names(order.columns);
}

void Printer::print(const TableOptions& options) {
    bool first = true;
    for (const NamedOption& option : options.options) {
        if (!first) out_ += ' ';
        first = false;
        named_option(option);
    }
}

void Printer::print(const PartitionChange& change) {
    out_ += change.action;
    const auto definitions = [&] {
        bool first = true;
        out_ += '(';
        for (const PartitionDefinition& definition : change.definitions) {
            if (!first) out_ += ", ";
            first = false;
            partition(definition);
        }
        out_ += ')';
    };
    if (change.all) out_ += " all";
    if (!change.names.empty()) {
        out_ += ' ';
        names(change.names);
        if (!change.definitions.empty()) out_ += " into";
    }
    if (!change.definitions.empty()) {
        out_ += ' ';
        definitions();
    }
    if (change.count)
        word(change.action == "add partition" ? " partitions " : " ")
            .word(std::to_string(*change.count));
    if (change.table) {
        out_ += " with table ";
        print(*change.table);
    }
    if (!change.end.empty()) word(" ").word(change.end);
}

void Printer::partitioning(const Partitioning& clause) {
    out_ += "\npartition by";
    partition_by(clause.by, " partitions ");
    if (clause.subpartition) {
        out_ += " subpartition by";
        partition_by(*clause.subpartition, " subpartitions ");
    }
    if (clause.definitions.empty()) return;
    out_ += "\n(";
    bool first = true;
    for (const PartitionDefinition& definition : clause.definitions) {
        if (!first) out_ += ",\n ";
        first = false;
        partition(definition);
    }
    out_ += ')';
}

void Printer::partition_by(const PartitionBy& by, std::string_view count) {
    static constexpr std::string_view methods[] = {" hash", " key", " range", " list"};
    if (by.linear) out_ += " linear";
    out_ += methods[static_cast<std::size_t>(by.method)];
    if (by.algorithm) word(" algorithm = ").word(std::to_string(*by.algorithm));
    if (by.expression) {
        out_ += " (";
        print(**by.expression);
    } else {
        out_ += by.method == PartitionMethod::key ? " (" : " columns (";
        names(by.columns);
    }
    out_ += ')';
    if (by.count) word(count).word(std::to_string(*by.count));
}

void Printer::partition(const PartitionDefinition& definition) {
    out_ += "partition ";
    partition_body(definition);
    if (definition.subpartitions.empty()) return;
    bool first = true;
    for (const PartitionDefinition& part : definition.subpartitions) {
        out_ += first ? " (" : ", ";
        first = false;
        out_ += "subpartition ";
        partition_body(part);
    }
    out_ += ')';
}

void Printer::partition_body(const PartitionDefinition& definition) {
    name(definition.name);
    if (definition.values) {
        const PartitionValues& values = *definition.values;
        out_ += values.in ? " values in" : " values less than";
        if (values.maxvalue) out_ += " maxvalue";
        bool first = true;
        for (const OptionalExpr& value : values.values) {
            out_ += first ? " (" : ", ";
            first = false;
            if (value)
                print(**value);
            else
                out_ += "maxvalue";
        }
        if (!first) out_ += ')';
    }
    for (const NamedOption& option : definition.options) {
        out_ += ' ';
        named_option(option);
    }
}

}  // namespace sluice::sql::detail
