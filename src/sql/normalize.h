#pragma once
// Takes literals out of a statement, as v21 does (reference: planner.md section 2), and says for
// each bind variable where its value comes from, so that a cached plan can be bound to another text
// of the same fingerprint without a parse.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/ast.h"
#include "sql/fingerprint.h"
#include "values/value.h"

namespace sluice::sql {

// Values that the executor must supply under the names given: __lastInsertId, __vtfrows,
// __vtrcount, __vtdbname,
// __vt<system variable>, __vtudv<user variable>.
struct Needs {
    bool last_insert_id = false;
    bool found_rows = false;
    bool row_count = false;
    bool database = false;
    std::vector<std::string> system_variables;  // lower case, in order of first use
    std::vector<std::string> user_variables;    // lower case
    bool empty() const {
        return !last_insert_id && !found_rows && !row_count && !database &&
               system_variables.empty() && user_variables.empty();
    }
    bool operator==(const Needs&) const = default;
};
// The bind variables of needs.user_variables, in their order: what is no letter or digit in a name
// becomes an underscore, as in v21; names that only differ in such characters get more of them.
std::vector<std::string> user_variable_parameters(const Needs& needs);
namespace need {
inline constexpr std::string_view last_insert_id = "__lastInsertId", found_rows = "__vtfrows",
                                  row_count = "__vtrcount", database = "__vtdbname",
                                  system_variable = "__vt", user_variable = "__vtudv";
}

// Where a bind variable's value stands: slots [slot, slot + count) of the fingerprint. A list
// variable has one list slot, or several single ones. count 0: it is a constant of the statement
// and never changes.
struct BindSource {
    std::uint32_t slot = 0;
    std::uint32_t count = 0;
    bool operator==(const BindSource&) const = default;
};

struct NormalizeOptions {
    bool parameterise = true;  // false: only rewrites (prepared statements, EXPLAIN)
    const Fingerprint* slots =
        nullptr;            // of the text that was parsed; null: every source is a constant
    std::string_view text;  // the text that was parsed (needed with slots)
    LexerMode mode;         // by which it was parsed
    std::vector<std::string> reserved;  // variable names that came with the statement; those that
                                        // stand in it are reserved anyway
    std::string_view prefix = "vtg";    // of variables that are not named after a column
    bool rewrite = true;                // functions, variables, NOT, EXISTS; false: literals only
    std::optional<std::uint64_t>
        select_limit;  // sql_select_limit of the session: LIMIT for SELECTs that have none
    // Does @@name come from the session (a bind variable) rather than from a shard? Null: v21's own
    // names only.
    std::function<bool(std::string_view name)> session_variable;
    // What else of a session v21 writes into the text; all empty: nothing.
    std::vector<std::string> session_variables;  // system variables that it has set, lower case
    std::string keyspace;      // when it is a system schema, tables without one get it as theirs
    std::string set_var_hint;  // SET_VAR(x = y), added to the optimizer hints of each query
    std::optional<bool> foreign_key_checks;  // the same as SET_VAR(foreign_key_checks=On | Off)
};

struct Normalized {
    Statement statement;
    BindVars variables;               // with the values of this text
    std::vector<BindSource> sources;  // sources[i] belongs to variables[i]
    std::vector<std::uint32_t>
        pinned;  // slots whose literals stayed in the statement: ordinals, CAST lengths, ...
    Needs needs;
    bool cacheable =
        true;  // SELECT, UNION, INSERT, UPDATE, DELETE, STREAM without SKIP_QUERY_PLAN_CACHE
};
Result<Normalized> normalize(Statement statement, const NormalizeOptions& options);

// May literals of this statement be taken out at all (v21: SELECT, INSERT, UPDATE, DELETE, SET,
// CALL, STREAM, VEXPLAIN)?
bool can_normalize(const Statement& statement);

// Binds a cached plan to `text`: `variables` (as normalize gave them) get the values of this text,
// in place.
void rebind(std::string_view text, const Fingerprint& slots, const LexerMode& mode,
            const std::vector<BindSource>& sources, BindVars& variables);

// The second half of a cache key for plans with pinned slots: a hash of these literals' texts.
std::uint64_t pinned_hash(std::string_view text, const Fingerprint& slots,
                          const std::vector<std::uint32_t>& pinned, const FingerprintSeed& seed);

// The value of a literal as v21 types it, and the way back.
Value literal_value(const Literal& literal);
Literal literal_of(const Value& value);

// /*vt+ KEY=value */ directives of a statement (contract 5.6), keys in lower case.
struct Directives {
    std::vector<std::pair<std::string, std::string>> entries;  // a key without a value has "true"
    const std::string* find(std::string_view key) const;
    bool is_set(std::string_view key) const;  // present and not 0 or false
};
Directives directives(const Statement& statement);

// What v21 reads from directives and from the optimizer hint SET_VAR(foreign_key_checks=..).
struct QueryHints {
    bool ignore_max_memory_rows = false;
    // Values of query.ExecuteOptions.Consolidator.
    enum class Consolidator : std::uint8_t { unspecified, disabled, enabled, enabled_replicas };
    Consolidator consolidator = Consolidator::unspecified;  // SELECT only
    std::string workload;
    std::string priority;  // empty, or a number from 0 to 100 as written
    std::optional<bool> foreign_key_checks;
    std::optional<std::int64_t> timeout_ms;
    bool operator==(const QueryHints&) const = default;
};
// Fails on a PRIORITY that is no number from 0 to 100.
Result<QueryHints> query_hints(const Statement& statement);

// The statement for logs: literals are variables :redacted1 or named after their column, their
// values gone. Statements whose literals are no data (SET, SHOW, DDL) keep them, as in v21.
std::string redact(Statement statement);
// The same of a text, with the comments around it; "[REDACTED]" for what cannot be read.
std::string redact(std::string_view text, const LexerMode& mode = {});

}  // namespace sluice::sql
