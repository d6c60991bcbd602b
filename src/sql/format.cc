// Step 5 of a request: tree to text for what is sent to shards, for plans and logs. Doors, names
// and strings.
#include "sql/format.h"

#include "base/overload.h"
#include "sql/detail/keywords.h"
#include "sql/detail/printer.h"

namespace sluice::sql {
namespace {

template <class Node>
std::string format_node(const Node& node, const FormatOptions& options) {
    detail::Printer printer(options);
    printer.print(node);
    return printer.take();
}

bool is_plain_word(std::string_view name) {
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '_' || c == '$';
        if (!plain) return false;
    }
    return true;
}

void append_quoted(std::string& out, std::string_view name) {
    out += '`';
    for (const char c : name) {
        if (c == '`') out += '`';
        out += c;
    }
    out += '`';
}

}  // namespace

std::string format(const Statement& statement, const FormatOptions& options) {
    return format_node(statement, options);
}
std::string format(const Query& query, const FormatOptions& options) {
    return format_node(query, options);
}
std::string format(const Select& select, const FormatOptions& options) {
    return format_node(select, options);
}
std::string format(const Expr& expression, const FormatOptions& options) {
    return format_node(expression, options);
}
std::string format(const TableRef& table, const FormatOptions& options) {
    return format_node(table, options);
}
std::string format(const TableName& name, const FormatOptions& options) {
    return format_node(name, options);
}

void append_identifier(std::string& out, std::string_view name) {
    if (is_plain_word(name) && !detail::is_printed_quoted(detail::keyword_of(name)))
        out += name;
    else
        append_quoted(out, name);
}

void append_word(std::string& out, std::string_view name) {
    if (is_plain_word(name))
        out += name;
    else
        append_quoted(out, name);
}

std::string identifier(std::string_view name) {
    std::string result;
    append_identifier(result, name);
    return result;
}

void append_string(std::string& out, std::string_view text, bool no_backslash_escapes) {
    out += '\'';
    if (no_backslash_escapes) {
        for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
        out += '\'';
        return;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        switch (c) {
            case '\0':
                out += "\\0";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\x1a':
                out += "\\Z";
                break;
            case '\'':
                out += "\\'";
                break;
            case '\\':  // \% and \_ mean themselves
                out += i + 1 < text.size() && (text[i + 1] == '%' || text[i + 1] == '_') ? "\\"
                                                                                         : "\\\\";
                break;
            default:
                out += c;
        }
    }
    out += '\'';
}

std::string_view statement_kind_name(const Statement& statement) {
    return std::visit(
        Overload{
            [](const Query&) { return "SELECT"; },
            [](const Insert&) { return "INSERT"; },  // REPLACE too
            [](const Update&) { return "UPDATE"; },
            [](const Delete&) { return "DELETE"; },
            [](const Set&) { return "SET"; },
            [](const Show& show) {
                const bool own = show.kind == ShowKind::vitess_migration_logs ||
                                 show.kind == ShowKind::vitess_throttled_apps ||
                                 show.kind == ShowKind::vitess_throttler_status;
                return own ? "UNKNOWN" : "SHOW";
            },
            [](const Use&) { return "USE"; },
            [](const Begin&) { return "BEGIN"; },
            [](const Commit&) { return "COMMIT"; },
            [](const Rollback&) { return "ROLLBACK"; },
            [](const Savepoint&) { return "SAVEPOINT"; },
            [](const RollbackTo&) { return "SAVEPOINT_ROLLBACK"; },
            [](const Release&) { return "RELEASE"; },
            [](const Kill&) { return "KILL"; },
            [](const Ddl&) { return "DDL"; },
            [](const AlterVschema&) { return "DDL"; },
            [](const Vexplain&) { return "EXPLAIN"; },
            [](const Explain&) { return "EXPLAIN"; },
            [](const Describe&) { return "EXPLAIN"; },
            [](const Prepare&) { return "PREPARE"; },
            [](const Execute&) { return "EXECUTE"; },
            [](const Deallocate&) { return "DEALLOCATE PREPARE"; },
            [](const Call&) { return "CALL_PROC"; },
            [](const LockTables&) { return "LOCK_TABLES"; },
            [](const UnlockTables&) { return "UNLOCK_TABLES"; },
            [](const Flush&) { return "FLUSH"; },
            [](const OtherAdmin&) { return "OTHER"; },
            [](const Administration&) { return "UNKNOWN"; },
            [](const Analyze&) { return "ANALYZE"; },
            [](const Load&) { return "OTHER"; },
            [](const Stream& stream) { return stream.vstream ? "VSTREAM" : "STREAM"; },
            [](const MigrationCommand& command) { return command.revert ? "REVERT" : "UNKNOWN"; },
            [](const CommentOnly&) { return "COMMENT_ONLY"; },
        },
        statement.node);
}

}  // namespace sluice::sql
