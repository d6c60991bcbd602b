// Step 5 of a request: writes and administration as canonical text.
#include "sql/detail/printer.h"

namespace sluice::sql::detail {
namespace {

constexpr std::string_view show_names[] = {"databases",
                                           "keyspaces",
                                           "keyspaces",
                                           "databases",
                                           "vitess_shards",
                                           "vitess_tablets",
                                           "vitess_replication_status",
                                           "replica status",
                                           "vitess_target",
                                           "vitess_metadata variables",
                                           "vschema tables",
                                           "vschema keyspaces",
                                           "vschema vindexes",
                                           "warnings",
                                           "engines",
                                           "plugins",
                                           "charset",
                                           "global gtid_executed",
                                           "global vgtid_executed",
                                           "transaction status",
                                           "unresolved transactions",
                                           "variables",
                                           "status",
                                           "collation",
                                           "function status",
                                           "procedure status",
                                           "function code",
                                           "procedure code",
                                           "privileges",
                                           "triggers",
                                           "open tables",
                                           "columns",
                                           "indexes",
                                           "tables",
                                           "table status",
                                           "events",
                                           "create table ",
                                           "create view ",
                                           "create database ",
                                           "create procedure ",
                                           "create function ",
                                           "create trigger ",
                                           "create event ",
                                           "create user ",
                                           "vitess_migrations",
                                           "vitess_migration ",
                                           "vitess_throttled_apps",
                                           "vitess_throttler status",
                                           ""};
static_assert(std::size(show_names) == static_cast<std::size_t>(ShowKind::other) + 1);

// What v21 keeps of a SHOW that it does not know: a word, two behind BINARY and CREATE, for the
// code of stored programs their name too.
std::string_view first_words(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const std::string_view first = text.substr(0, text.find_first_of(spaces));
    const std::size_t behind = text.find_first_not_of(spaces, first.size());
    if (behind == std::string_view::npos) return first;
    if (same_name(first, "function") || same_name(first, "procedure")) return text;
    const std::size_t end = std::min(text.find_first_of(spaces, behind), text.size());
    if (same_name(first, "full")) return text.substr(behind, end - behind);
    const bool two = same_name(first, "binary") || same_name(first, "create");
    return two ? text.substr(0, end) : first;
}

}  // namespace

void Printer::print(const Statement& statement) {
    std::visit([this](const auto& node) { print(node); }, statement.node);
}

void Printer::assignments(const std::vector<Assignment>& items) {
    bool first = true;
    for (const Assignment& item : items) {
        if (!first) out_ += ", ";
        first = false;
        print(item.column);
        out_ += " = ";
        print(item.value);
    }
}

void Printer::print(const Insert& insert) {
    static constexpr std::string_view priorities[] = {"", "low_priority ", "high_priority ",
                                                      "delayed "};
    out_ += insert.replace ? "replace " : "insert ";
    comments(insert.comments);
    out_ += priorities[static_cast<std::size_t>(insert.priority)];
    if (insert.ignore) out_ += "ignore ";
    out_ += "into ";
    print(insert.table);
    partitions(insert.partitions);
    if (insert.has_column_list) {
        out_ += '(';
        names(insert.columns);
        out_ += ')';
    }
    out_ += ' ';
    if (const auto* rows = std::get_if<std::vector<ValueRow>>(&insert.rows)) {
        out_ += "values ";
        bool first = true;
        for (const ValueRow& row : *rows) {
            out_ += first ? "(" : ", (";
            first = false;
            list(row);
            out_ += ')';
        }
    } else {
        print(*std::get<Box<Query>>(insert.rows));
    }
    if (insert.row_alias) {
        word(" as ").name(insert.row_alias->table);
        if (!insert.row_alias->columns.empty()) {
            out_ += " (";
            names(insert.row_alias->columns);
            out_ += ')';
        }
    }
    if (insert.on_duplicate.empty()) return;
    out_ += " on duplicate key update ";
    assignments(insert.on_duplicate);
}

void Printer::print(const Update& update) {
    with(update.with);
    out_ += "update ";
    comments(update.comments);
    if (update.priority == Priority::low) out_ += "low_priority ";
    if (update.ignore) out_ += "ignore ";
    list(update.tables);
    out_ += " set ";
    assignments(update.assignments);
    where(update.where);
    order_by(update.order_by);
    limit(update.limit);
}

void Printer::print(const Delete& statement) {
    with(statement.with);
    out_ += "delete ";
    comments(statement.comments);
    if (statement.priority == Priority::low) out_ += "low_priority ";
    if (statement.quick) out_ += "quick ";
    if (statement.ignore) out_ += "ignore ";
    const bool one_table =
        statement.tables.size() == 1 && (statement.tables.front().as<AliasedTable>() != nullptr ||
                                         statement.tables.front().as<DerivedTable>() != nullptr);
    if (!statement.targets.empty() && !(options_.as_v21 && one_table)) {
        list(statement.targets);
        out_ += ' ';
    }
    out_ += "from ";
    list(statement.tables);
    partitions(statement.partitions);
    where(statement.where);
    order_by(statement.order_by);
    limit(statement.limit);
}

void Printer::set_item(const SetAssignment& item) {
    const bool bare = item.variable.scope == VariableScope::session_implied &&
                      (item.variable.name == "names" || item.variable.name == "charset");
    if (bare) {
        const bool written = options_.as_v21 && !item.written.empty();
        word(written ? item.written : item.variable.name).word(" ");
        print(item.value);
        if (!item.collation.empty() && !options_.as_v21) word(" collate ").string(item.collation);
        return;
    }
    if (options_.as_v21 && item.variable.scope == VariableScope::vitess_metadata)
        out_ += item.variable.name;
    else
        print(item.variable);
    out_ += " = ";
    print(item.value);
}

void Printer::print(const Set& set) {
    out_ += "set ";
    comments(set.comments);
    bool first = true;
    for (const SetAssignment& item : set.assignments) {
        if (!first) out_ += ", ";
        first = false;
        set_item(item);
    }
}

void Printer::show_filter(const Show& show) {
    if (!show.keyspace.empty()) {
        word(show.kind == ShowKind::unresolved_transactions ? " for " : " from ")
            .name(show.keyspace);
    }
    if (show.like) word(" like ").string(*show.like);
    where(show.where);
}

void Printer::print(const Show& show) {
    out_ += "show ";  // its comments are not printed, as in v21
    if (show.kind == ShowKind::other) {
        out_ += options_.as_v21 ? first_words(show.text) : std::string_view(show.text);
        return;
    }
    if (show.scope == VariableScope::global) out_ += "global ";
    if (show.extended && !options_.as_v21) out_ += "extended ";
    if (show.full) out_ += "full ";
    out_ += show_names[static_cast<std::size_t>(show.kind)];
    switch (show.kind) {
        case ShowKind::vitess_migration_logs:
            string(show.text).word(" logs");
            break;
        case ShowKind::transaction_status:
            if (!show.table.empty()) word(" for ").string(show.table.name);
            break;
        case ShowKind::columns:
        case ShowKind::indexes:
        case ShowKind::vschema_vindexes:
            if (show.table.empty()) break;
            out_ += " from ";
            print(show.table);
            break;
        default:
            if (!show.table.empty()) print(show.table);
    }
    show_filter(show);
    limit(show.limit);
}

void Printer::print(const Use& use) {
    out_ += "use";
    if (!use.target.empty()) word(" ").name(use.target);
}

void Printer::print(const Begin& begin) {
    if (begin.modes.empty()) {
        out_ += "begin";
        return;
    }
    static constexpr std::string_view modes[] = {"with consistent snapshot", "read only",
                                                 "read write"};
    out_ += "start transaction ";
    bool first = true;
    for (const AccessMode mode : begin.modes) {
        if (!first) out_ += ", ";
        first = false;
        out_ += modes[static_cast<std::size_t>(mode)];
    }
}

void Printer::print(const Kill& kill) {
    word(kill.query ? "kill query " : "kill connection ");
    print(kill.id);
}

void Printer::vindex_definition(const AlterVschema& change) {
    if (!change.vindex_type.empty()) word(" using ").name(change.vindex_type);
    bool first = true;
    for (const VindexParameter& parameter : change.parameters) {
        word(first ? " with " : ", ").word(parameter.key).word("=");
        const bool plain = parameter.value.find_first_of(", \t\n'`") == std::string::npos;
        if (parameter.quoted)
            string(parameter.value);
        else if (plain || options_.as_v21)
            word(parameter.value);
        else
            name(parameter.value);
        first = false;
    }
}

void Printer::print(const AlterVschema& change) {
    out_ += "alter vschema ";
    switch (change.action) {
        case VschemaAction::create_vindex:
            out_ += "create vindex ";
            break;
        case VschemaAction::drop_vindex:
            out_ += "drop vindex ";
            break;
        case VschemaAction::add_table:
            out_ += "add table ";
            break;
        case VschemaAction::drop_table:
            out_ += "drop table ";
            break;
        case VschemaAction::add_sequence:
            out_ += "add sequence ";
            break;
        case VschemaAction::drop_sequence:
            out_ += "drop sequence ";
            break;
        case VschemaAction::add_column_vindex:
        case VschemaAction::drop_column_vindex:
        case VschemaAction::add_auto_increment:
        case VschemaAction::drop_auto_increment:
            out_ += "on ";
            break;
    }
    print(change.table);
    switch (change.action) {
        case VschemaAction::create_vindex:
            vindex_definition(change);
            break;
        case VschemaAction::add_column_vindex:
            word(" add vindex ").name(change.vindex).word(" (");
            names(change.columns);
            out_ += ')';
            vindex_definition(change);
            break;
        case VschemaAction::drop_column_vindex:
            word(" drop vindex ").name(change.vindex);
            break;
        case VschemaAction::add_auto_increment:
            word(" add auto_increment ").name(change.auto_increment_column).word(" using ");
            print(change.sequence);
            break;
        case VschemaAction::drop_auto_increment:
            out_ += " drop auto_increment";
            break;
        default:
            break;
    }
}

void Printer::print(const Vexplain& vexplain) {
    static constexpr std::string_view kinds[] = {"plan ", "queries ", "all ", "trace ", "keys "};
    out_ += "vexplain ";
    comments(vexplain.comments);
    out_ += kinds[static_cast<std::size_t>(vexplain.kind)];
    print(*vexplain.statement);
}

void Printer::print(const Explain& explain) {
    static constexpr std::string_view formats[] = {"",
                                                   "format = traditional ",
                                                   "format = tree ",
                                                   "format = json ",
                                                   "format = vitess ",
                                                   "format = vtexplain "};
    out_ += "explain ";
    comments(explain.comments);
    if (explain.analyze) out_ += "analyze ";
    out_ += formats[static_cast<std::size_t>(explain.format)];
    if (!explain.into.empty()) {
        out_ += "into ";
        print(Variable{VariableScope::user, explain.into});
        out_ += ' ';
    }
    if (!explain.schema.empty()) word("for schema ").name(explain.schema).word(" ");
    print(*explain.statement);
}

void Printer::print(const Describe& describe) {
    out_ += "explain ";
    print(describe.table);
    if (describe.column.empty()) return;
    // A pattern, however it is written; only a string may be of any bytes.
    std::string plain;
    append_word(plain, describe.column);
    if (plain == describe.column)
        word(" ").name(describe.column);
    else
        word(" ").string(describe.column);
}

void Printer::print(const Prepare& prepare) {
    out_ += "prepare ";
    comments(prepare.comments);
    name(prepare.name).word(" from ");
    if (const auto* text = std::get_if<std::string>(&prepare.source))
        string(*text);
    else if (const auto* variable = std::get_if<Variable>(&prepare.source))
        print(*variable);
    else
        print(std::get<BindVariable>(prepare.source));
}

void Printer::print(const Execute& execute) {
    out_ += "execute ";
    comments(execute.comments);
    name(execute.name);
    if (execute.arguments.empty()) return;
    out_ += " using ";
    list(execute.arguments);
}

void Printer::print(const Deallocate& deallocate) {
    out_ += "deallocate ";
    comments(deallocate.comments);
    word("prepare ").name(deallocate.name);
}

void Printer::print(const Call& call) {
    out_ += "call ";
    print(call.procedure);
    out_ += '(';
    list(call.arguments);
    out_ += ')';
}

void Printer::print(const LockTables& lock) {
    static constexpr std::string_view kinds[] = {" read", " read local", " write",
                                                 " low_priority write"};
    out_ += "lock tables ";
    bool first = true;
    for (const TableLock& item : lock.locks) {
        if (!first) out_ += ", ";
        first = false;
        print(item.table);
        out_ += kinds[static_cast<std::size_t>(item.kind)];
    }
}

void Printer::table_names(const std::vector<TableName>& tables) {
    list(tables);
}

void Printer::print(const Flush& flush) {
    out_ += flush.local ? "flush local " : "flush ";
    if (!flush.tables_form) {
        bool first = true;
        for (const std::string& option : flush.options) {
            word(first ? "" : ", ").word(option);
            first = false;
        }
        return;
    }
    out_ += "tables";
    if (!flush.tables.empty()) {
        out_ += ' ';
        table_names(flush.tables);
    }
    if (flush.with_read_lock) out_ += " with read lock";
    if (flush.for_export) out_ += " for export";
}

void Printer::print(const Analyze& analyze) {
    out_ += analyze.local ? "analyze local table " : "analyze table ";
    table_names(analyze.tables);
    if (!analyze.histogram.empty()) word(" ").word(analyze.histogram);
}

void Printer::print(const Stream& stream) {
    out_ += stream.vstream ? "vstream " : "stream ";
    comments(stream.comments);
    std::visit([this](const auto& item) { print(item); }, stream.item);
    out_ += " from ";
    print(stream.table);
    where(stream.where);
    limit(stream.limit);
}

void Printer::print(const MigrationCommand& command) {
    out_ += command.revert ? "revert " : "alter ";
    comments(command.comments);
    out_ += command.text;
}

void Printer::print(const CommentOnly& statement) {
    bool first = true;
    for (const std::string& comment : statement.comments) {
        word(first ? "" : " ").word(comment);
        first = false;
    }
}

}  // namespace sluice::sql::detail
