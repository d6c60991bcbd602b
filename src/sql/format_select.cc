// Step 5 of a request: queries and table references as canonical text.
#include "sql/detail/printer.h"

namespace sluice::sql::detail {

void Printer::print(const TableName& table) {
    if (options_.table && options_.table(out_, table)) return;
    if (!table.keyspace.empty() && !options_.without_qualifiers) {
        name(table.keyspace);
        out_ += '.';
    }
    if (table.name == "dual")  // not quoted by v21
        out_ += table.name;
    else
        name(table.name);
}

void Printer::names(const std::vector<std::string>& items) {
    bool first = true;
    for (const std::string& item : items) {
        if (!first) out_ += ", ";
        first = false;
        name(item);
    }
}

void Printer::comments(const Comments& items) {
    for (const std::string& comment : items) word(comment).word(" ");
}

void Printer::print(const Query& query) {
    std::visit([this](const auto& body) { print(body); }, query.node);
}

void Printer::print(const Select& select) {
    with(select.with);
    out_ += "select ";
    comments(select.comments);
    if (select.distinct) out_ += "distinct ";
    if (select.sql_cache) out_ += *select.sql_cache ? "sql_cache " : "sql_no_cache ";
    if (select.high_priority) out_ += "high_priority ";
    if (select.straight_join) out_ += "straight_join ";
    if (select.small_result) out_ += "sql_small_result ";
    if (select.big_result) out_ += "sql_big_result ";
    if (select.buffer_result) out_ += "sql_buffer_result ";
    if (select.calc_found_rows) out_ += "sql_calc_found_rows ";
    bool first = true;
    for (const SelectItem& item : select.items) {
        if (!first) out_ += ", ";
        first = false;
        std::visit([this](const auto& node) { print(node); }, item);
    }
    out_ += " from ";
    if (select.from.empty()) out_ += "dual";
    list(select.from);
    where(select.where);
    if (!select.group_by.items.empty()) {
        group_by(select.group_by);
    }
    where(select.having, " having ");
    first = true;
    for (const NamedWindow& named : select.windows) {
        word(first ? " window " : ", ").name(named.name).word(" AS (");
        first = false;
        window(named.spec);
        out_ += ')';
    }
    where(select.qualify, " qualify ");
    order_by(select.order_by);
    limit(select.limit);
    lock(select.lock, select.locks_of);
    into(select.into);
}

void Printer::group_by(const GroupBy& clause) {
    out_ += " group by ";
    const bool call = clause.grouping == Grouping::cube || clause.grouping == Grouping::sets;
    if (call) out_ += clause.grouping == Grouping::cube ? "cube(" : "grouping sets(";
    list(clause.items);
    if (call) out_ += ')';
    if (clause.grouping == Grouping::rollup) out_ += " with rollup";
}

void Printer::branch(const UnionBranch& item, bool first, bool intersected) {
    static constexpr std::string_view operators[] = {" union ", " except ", " intersect "};
    if (!first)
        word(operators[static_cast<std::size_t>(item.op)]).word(item.distinct ? "" : "all ");
    const bool bare = std::visit(
        [&](const auto& body) {
            const bool no_end = body.with.tables.empty() && body.order_by.empty() && !body.limit &&
                                body.lock == LockKind::none && !body.into;
            return no_end && ((first && !intersected) ||
                              std::is_same_v<std::remove_cvref_t<decltype(body)>, Select>);
        },
        item.query->node);
    if (!bare) out_ += '(';
    print(*item.query);
    if (!bare) out_ += ')';
}

void Printer::print(const Union& query) {
    with(query.with);
    const bool intersected =
        query.branches.size() > 1 && query.branches[1].op == SetOperator::intersect;
    bool first = true;
    for (const UnionBranch& item : query.branches) {
        branch(item, first, intersected);
        first = false;
    }
    order_by(query.order_by);
    limit(query.limit);
    lock(query.lock, query.locks_of);
    into(query.into);
}

void Printer::print(const SelectExpr& item) {
    print(item.expression);
    if (!item.alias.empty()) word(" as ").name(item.alias);
}

void Printer::print(const SelectStar& item) {
    if (!item.table.empty()) {
        print(item.table);
        out_ += '.';
    }
    out_ += '*';
}

void Printer::print(const SelectNext& item) {
    out_ += "next ";
    print(item.count);
    out_ += " values";
}

void Printer::where(const OptionalExpr& condition, std::string_view keyword) {
    if (!condition) return;
    out_ += keyword;
    print(**condition);
}

void Printer::order_by(const std::vector<OrderItem>& items) {
    if (items.empty()) return;
    out_ += " order by ";
    bool first = true;
    for (const OrderItem& item : items) {
        if (!first) out_ += ", ";
        first = false;
        if (options_.as_v21 && item.as_v21)
            print(*item.as_v21);
        else
            print(item.expression);
        const auto* call = item.expression.as<FunctionCall>();
        const bool no_order =
            item.expression.is<NullLiteral>() || (call != nullptr && same_name(call->name, "rand"));
        if (item.descending)
            out_ += " desc";
        else if (!no_order)
            out_ += " asc";
    }
}

void Printer::limit(const std::optional<Limit>& clause) {
    if (!clause) return;
    out_ += " limit ";
    if (clause->offset) {
        print(**clause->offset);
        out_ += ", ";
    }
    print(*clause->count);
}

void Printer::lock(LockKind kind, const std::vector<LockOf>& clauses) {
    static constexpr std::pair<std::string_view, std::string_view> texts[] = {
        {"", ""},
        {" for update", ""},
        {" for update", " nowait"},
        {" for update", " skip locked"},
        {" for share", ""},
        {" for share", " nowait"},
        {" for share", " skip locked"},
        {" lock in share mode", ""}};
    const auto clause = [&](LockKind one, const std::vector<TableName>& tables) {
        const auto& [before, behind] = texts[static_cast<std::size_t>(one)];
        out_ += before;
        if (!tables.empty()) out_ += " of ";
        list(tables);
        out_ += behind;
    };
    if (kind == LockKind::none || clauses.empty()) return clause(kind, {});
    for (const LockOf& one : clauses) clause(one.kind, one.tables);
}

void Printer::into(const std::optional<Into>& clause) {
    if (!clause) return;
    switch (clause->kind) {
        case IntoKind::variables:
            word(" into ").word(clause->target);
            return;
        case IntoKind::dumpfile:
            word(" into dumpfile ").string(clause->target);
            return;
        case IntoKind::outfile:
            word(" into outfile ").string(clause->target);
            break;
        case IntoKind::outfile_s3:
            word(" into outfile s3 ").string(clause->target);
            break;
    }
    if (!clause->charset.empty()) word(" character set ").bare(clause->charset);
    out_ += clause->options;
}

void Printer::with(const With& clause) {
    if (clause.tables.empty()) return;
    out_ += clause.recursive ? "with recursive " : "with ";
    bool first = true;
    for (const CommonTable& table : clause.tables) {
        if (!first) out_ += " , ";
        first = false;
        name(table.name);
        if (!table.columns.empty()) {
            out_ += '(';
            names(table.columns);
            out_ += ')';
        }
        out_ += " as (";
        print(*table.query);
        out_ += ')';
    }
    out_ += ' ';
}

void Printer::print(const TableRef& table) {
    std::visit([this](const auto& node) { print(node); }, table.node);
}

void Printer::partitions(const std::vector<std::string>& items) {
    if (items.empty()) return;
    out_ += " partition (";
    names(items);
    out_ += ')';
}

void Printer::print(const AliasedTable& table) {
    static constexpr std::string_view kinds[] = {" use index ", " force index ", " ignore index ",
                                                 " use vindex ", " ignore vindex "};
    static constexpr std::string_view scopes[] = {"", "for join ", "for order by ",
                                                  "for group by "};
    print(table.table);
    partitions(table.partitions);
    if (!table.alias.empty()) word(" as ").name(table.alias);
    for (const IndexHint& hint : table.hints) {
        out_ += kinds[static_cast<std::size_t>(hint.kind)];
        out_ += scopes[static_cast<std::size_t>(hint.scope)];
        out_ += '(';
        names(hint.indexes);
        out_ += ')';
    }
    if (!table.sample) return;
    out_ += table.sample->bernoulli ? " tablesample bernoulli (" : " tablesample system (";
    print(*table.sample->percentage);
    out_ += ')';
}

void Printer::print(const DerivedTable& table) {
    if (table.lateral) out_ += "lateral ";
    out_ += '(';
    print(*table.query);
    word(") as ").name(table.alias);
    if (!table.columns.empty()) {
        out_ += '(';
        names(table.columns);
        out_ += ')';
    }
}

void Printer::print(const Join& join) {
    static constexpr std::string_view kinds[] = {
        " join ",         " straight_join ",     " left join ",         " right join ",
        " natural join ", " natural left join ", " natural right join "};
    print(*join.left);
    out_ += kinds[static_cast<std::size_t>(join.kind)];
    const bool outer = join.kind == JoinKind::left || join.kind == JoinKind::right;
    const bool nested = std::holds_alternative<Join>(join.right->node) && !outer;
    if (nested) out_ += '(';
    print(*join.right);
    if (nested) out_ += ')';
    where(join.on, " on ");
    if (!join.using_columns.empty()) {
        out_ += " using (";
        names(join.using_columns);
        out_ += ')';
    }
}

void Printer::print(const ParenthesisedTables& tables) {
    out_ += '(';
    list(tables.tables);
    out_ += ')';
}

void Printer::json_columns(const std::vector<JsonTableColumn>& columns) {
    out_ += " columns(\n";
    bool first = true;
    for (const JsonTableColumn& column : columns) {
        if (!first) out_ += ",\n";
        first = false;
        out_ += '\t';
        if (!column.nested.empty()) {
            out_ += "nested path ";
            if (column.path) print(**column.path);
            json_columns(column.nested);
            out_ += "\n)";
            continue;
        }
        name(column.name);
        if (column.ordinality) {
            out_ += " for ordinality";
            continue;
        }
        out_ += ' ';
        if (column.type) column_type(*column.type);
        if (!column.collation.empty()) word(" collate ").bare(column.collation);
        out_ += column.exists ? " exists path " : " path ";
        if (column.path) print(**column.path);
        json_on(column.on_empty, " on empty");
        json_on(column.on_error, " on error");
        out_ += ' ';
    }
}

void Printer::print(const JsonTable& table) {
    out_ += "json_table(";
    print(*table.document);
    out_ += ", ";
    print(*table.path);
    json_columns(table.columns);
    word("\n\t)\n) as ").name(table.alias);
}

}  // namespace sluice::sql::detail
