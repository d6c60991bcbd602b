#pragma once
// What a tablet does with a statement, found once by its text: how it runs, with which limit of
// rows, on which connections, and who may (vttablet-contract 1.9).
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace sluice::tabletserver {

enum class PlanKind : std::uint8_t {
    select,
    nextval,
    select_impossible,
    select_lock_function,
    insert,
    update,
    update_limit,
    delete_,
    delete_limit,
    ddl,
    set,
    other_read,
    other_admin,
    select_stream,
    savepoint,
    release,
    rollback_savepoint,
    show,
    load,
    flush,
    unlock_tables,
    call_procedure,
};
std::string_view plan_name(PlanKind kind);  // "SelectImpossible", as rules and metrics have it

enum class Role : std::uint8_t { reader, writer, admin };
struct Permission {
    std::string table;
    Role role = Role::reader;
    bool operator==(const Permission&) const = default;
};

// A text with places for bind variables.
struct QueryText {
    struct Place {
        std::uint32_t offset = 0;  // of the colon
        std::uint32_t length = 0;  // with the comment that tells its type
        std::string name;
        bool list = false;  // ::name
        bool operator==(const Place&) const = default;
    };
    std::string text;
    std::vector<Place> places;
    bool operator==(const QueryText&) const = default;
};
QueryText query_text(std::string text);

struct Plan {
    PlanKind kind = PlanKind::select;
    QueryText query;
    // A LIMIT of one row more than allowed was added: more rows than allowed are an error.
    bool limited = false;
    bool needs_reserved = false;
    bool is_write = false;  // never repeated
    bool listing = false;   // SHOW TABLES: the column's name holds the database's
    bool changes_schema = false;
    std::string table;                // the only one; empty: none or several
    std::vector<std::string> tables;  // all that are named
    std::vector<Permission> permissions;
    // Of NEXT n VALUES: the number, or the variable that has it.
    std::variant<std::int64_t, std::string> next_count;
    QueryText where;  // of UPDATE and DELETE: which rows

    bool is_select() const {
        return kind == PlanKind::select || kind == PlanKind::select_impossible;
    }
};

struct PlanOptions {
    std::uint64_t max_rows = 10'000;
    bool passthrough_writes = false;
    std::string database;  // of SHOW CREATE DATABASE and SHOW TABLES WHERE
};

// `text` without comments around it. Errors: syntax (INVALID_ARGUMENT), statements that a tablet
// does not run, and those that it does not stream (FAILED_PRECONDITION).
Result<Plan> build_plan(std::string_view text, const PlanOptions& options, bool stream);

}  // namespace sluice::tabletserver
