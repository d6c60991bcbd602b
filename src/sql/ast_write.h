#pragma once
// INSERT, REPLACE, UPDATE, DELETE.
#include "sql/ast_select.h"

namespace sluice::sql {

struct Assignment {
    Column column;
    Expr value;
    bool operator==(const Assignment&) const = default;
};

using ValueRow = std::vector<Expr>;  // Default for DEFAULT
enum class Priority : std::uint8_t { none, low, high, delayed };
struct RowAlias {
    std::string table;
    std::vector<std::string> columns;
    bool operator==(const RowAlias&) const = default;
};
struct Insert {
    Comments comments;
    bool replace = false;
    Priority priority = Priority::none;
    bool ignore = false;
    TableName table;
    std::vector<std::string> partitions;
    std::vector<std::string> columns;
    bool has_column_list = false;  // insert into t() values ()
    std::variant<std::vector<ValueRow>, Box<Query>>
        rows;  // INSERT ... SET becomes columns and one row
    std::optional<RowAlias> row_alias;
    std::vector<Assignment> on_duplicate;
    bool operator==(const Insert&) const = default;
};

struct Update {
    With with;
    Comments comments;
    Priority priority = Priority::none;
    bool ignore = false;
    std::vector<TableRef> tables;
    std::vector<Assignment> assignments;
    OptionalExpr where;
    std::vector<OrderItem> order_by;
    std::optional<Limit> limit;
    bool operator==(const Update&) const = default;
};

struct Delete {
    With with;
    Comments comments;
    Priority priority = Priority::none;
    bool quick = false;
    bool ignore = false;
    std::vector<TableName>
        targets;  // DELETE a, b FROM ..., DELETE FROM a USING ...; empty: single-table form
    std::vector<TableRef> tables;
    std::vector<std::string> partitions;
    OptionalExpr where;
    std::vector<OrderItem> order_by;
    std::optional<Limit> limit;
    bool operator==(const Delete&) const = default;
};

}  // namespace sluice::sql
