#pragma once
// Tree to text: the canonical form of v21 (lower-case keywords, identifiers quoted when they must
// be). The text of format(parse(x)) parses to the same tree, under the default sql_mode or one with
// ANSI_QUOTES, PIPES_AS_CONCAT, IGNORE_SPACE; for NO_BACKSLASH_ESCAPES there is an option.
#include <functional>
#include <string>
#include <string_view>

#include "sql/ast.h"

namespace sluice::sql {

struct FormatOptions {
    // Called for each table name (in FROM, of columns, of DML, of DDL lists): writes what shall
    // stand there and returns true, or returns false for the usual form. Use it to remove or
    // replace qualifiers.
    std::function<bool(std::string& out, const TableName& name)> table;
    // Called for each bind variable: writes a literal in its place and returns true, or returns
    // false for :name.
    std::function<bool(std::string& out, const BindVariable& variable)> variable;
    bool type_comments = true;  // `:id /* INT64 */`
    // The text is for a reader under NO_BACKSLASH_ESCAPES: \ is an ordinary character in strings.
    bool no_backslash_escapes = false;
    bool without_qualifiers = false;  // table names without their keyspace, unless `table` answers
    // For logs and descriptions of plans: also what v21's printer leaves out is left out (the
    // target of a DELETE from one table, what follows the first words of a SHOW, DDL that cannot be
    // read). Such a text need not parse, nor mean what the statement does, and is never sent.
    bool as_v21 = false;
};

std::string format(const Statement& statement, const FormatOptions& options = {});
std::string format(const Query& query, const FormatOptions& options = {});
std::string format(const Select& select, const FormatOptions& options = {});
std::string format(const Expr& expression, const FormatOptions& options = {});
std::string format(const TableRef& table, const FormatOptions& options = {});
std::string format(const TableName& name, const FormatOptions& options = {});

// Appends `name`, back-quoted when it is a keyword or not a plain word.
void append_identifier(std::string& out, std::string_view name);
// The same for names of character sets, collations and engines, for which a keyword is a name, too.
void append_word(std::string& out, std::string_view name);
std::string identifier(std::string_view name);
// Appends 'text' with MySQL's escapes; without backslashes for NO_BACKSLASH_ESCAPES.
void append_string(std::string& out, std::string_view text, bool no_backslash_escapes = false);

// The name of the statement's kind as v21 reports it: "SELECT", "INSERT", "DDL", "SHOW",
// "SAVEPOINT_ROLLBACK" ...
std::string_view statement_kind_name(const Statement& statement);

}  // namespace sluice::sql
