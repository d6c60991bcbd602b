#pragma once
// What DDL says, in full: columns, indexes, constraints, partitions, the changes of ALTER TABLE.
// Words that MySQL takes from a closed list and that nobody here decides by are kept as canonical
// text.
#include "sql/ast_select.h"

namespace sluice::sql {

enum class ReferenceAction : std::uint8_t {
    none,
    restrict_,
    cascade,
    set_null,
    no_action,
    set_default
};
struct Reference {
    TableName table;
    std::vector<std::string> columns;
    std::string match;  // full, partial, simple; empty: none
    ReferenceAction on_delete = ReferenceAction::none;
    ReferenceAction on_update = ReferenceAction::none;
    bool operator==(const Reference&) const = default;
};
struct Check {
    std::string name;  // CONSTRAINT name; empty: none
    Box<Expr> condition;
    bool enforced = true;
    bool operator==(const Check&) const = default;
};

// DEFAULT 1, DEFAULT (a + 1).
struct DefaultValue {
    Box<Expr> value;
    bool parentheses = false;
    bool operator==(const DefaultValue&) const = default;
};
enum class ColumnKey : std::uint8_t { none, primary, unique, unique_key, key };
struct ColumnDefinition {
    std::string name;
    ColumnType type;
    std::string collation;
    std::optional<bool> null;  // NULL, NOT NULL
    std::optional<DefaultValue> default_value;
    OptionalExpr on_update;
    OptionalExpr generated;  // AS (expression)
    bool stored = false;     // of generated columns; false: VIRTUAL
    bool auto_increment = false;
    std::optional<std::string> comment;
    std::optional<bool> visible;
    std::string column_format;  // fixed, dynamic, default
    std::string storage;        // disk, memory
    std::optional<std::string> engine_attribute;
    std::optional<std::string> secondary_engine_attribute;
    ColumnKey key = ColumnKey::none;
    std::optional<Reference> reference;
    std::optional<std::uint64_t> srid;
    std::vector<Check> checks;
    bool operator==(const ColumnDefinition&) const = default;
};

struct IndexPart {
    std::string column;       // empty: an expression
    OptionalExpr expression;  // (a + b)
    std::optional<std::uint64_t> length;
    bool descending = false;
    bool operator==(const IndexPart&) const = default;
};
// A name and canonical text: USING BTREE, KEY_BLOCK_SIZE 8, COMMENT 'x', ENGINE InnoDB, UNION (a,
// b). The name is kept in the case in which it came.
struct NamedOption {
    std::string name;
    std::string value;  // empty: the name alone
    bool operator==(const NamedOption&) const = default;
};
enum class IndexKind : std::uint8_t { plain, primary, unique, fulltext, spatial };
struct IndexDefinition {
    IndexKind kind = IndexKind::plain;
    std::string constraint;  // CONSTRAINT name; empty: none
    std::string name;        // empty: none
    std::vector<IndexPart> parts;
    std::vector<NamedOption> options;
    bool operator==(const IndexDefinition&) const = default;
};
struct ForeignKey {
    std::string name;  // CONSTRAINT name; empty: none
    std::string index;
    std::vector<std::string> columns;
    Reference reference;
    bool operator==(const ForeignKey&) const = default;
};
using Constraint = std::variant<ForeignKey, Check>;

// VALUES LESS THAN (..), VALUES IN (..). A value without an expression is MAXVALUE.
struct PartitionValues {
    bool in = false;
    bool maxvalue = false;  // LESS THAN MAXVALUE
    std::vector<OptionalExpr> values;
    bool operator==(const PartitionValues&) const = default;
};
struct PartitionDefinition {
    std::string name;
    std::optional<PartitionValues> values;
    std::vector<NamedOption> options;  // in v21's order
    std::vector<PartitionDefinition> subpartitions;
    bool operator==(const PartitionDefinition&) const = default;
};
enum class PartitionMethod : std::uint8_t { hash, key, range, list };
struct PartitionBy {
    PartitionMethod method = PartitionMethod::hash;
    bool linear = false;
    OptionalExpr expression;                 // hash, range, list
    std::vector<std::string> columns;        // key, RANGE COLUMNS, LIST COLUMNS
    std::optional<std::uint64_t> algorithm;  // key
    std::optional<std::uint64_t> count;      // PARTITIONS n
    bool operator==(const PartitionBy&) const = default;
};
struct Partitioning {
    PartitionBy by;
    std::optional<PartitionBy> subpartition;
    std::vector<PartitionDefinition> definitions;
    bool operator==(const Partitioning&) const = default;
};

struct TableDefinition {
    bool has_elements = false;  // the list in parentheses is there
    std::vector<ColumnDefinition> columns;
    std::vector<IndexDefinition> indexes;
    std::vector<Constraint> constraints;
    std::vector<NamedOption> options;
    std::optional<Partitioning> partitioning;
    std::string duplicates;  // of CREATE TABLE .. SELECT: ignore, replace; empty: none
    bool operator==(const TableDefinition&) const = default;
};
struct TableLike {
    TableName table;
    bool operator==(const TableLike&) const = default;
};

// Where ADD, CHANGE and MODIFY put a column.
struct ColumnPlace {
    bool first = false;
    std::string after;  // empty: nowhere
    bool operator==(const ColumnPlace&) const = default;
};
struct AddColumns {
    std::vector<ColumnDefinition> columns;
    ColumnPlace place;
    bool operator==(const AddColumns&) const = default;
};
struct ChangeColumn {
    std::string column;  // empty: MODIFY
    ColumnDefinition definition;
    ColumnPlace place;
    bool operator==(const ChangeColumn&) const = default;
};
struct AlterColumn {
    std::string column;
    std::optional<DefaultValue> default_value;  // SET DEFAULT
    std::optional<bool> visible;                // SET VISIBLE, SET INVISIBLE; else DROP DEFAULT
    bool operator==(const AlterColumn&) const = default;
};
enum class DroppedKind : std::uint8_t { column, index, primary_key, foreign_key, check };
struct DropPart {
    DroppedKind kind = DroppedKind::column;
    std::string name;
    bool operator==(const DropPart&) const = default;
};
struct RenamePart {
    bool index = false;  // false: a column
    std::string from;
    std::string to;
    bool operator==(const RenamePart&) const = default;
};
struct RenameTable {
    TableName to;
    bool operator==(const RenameTable&) const = default;
};
struct AlterIndex {
    std::string name;
    bool visible = true;
    bool operator==(const AlterIndex&) const = default;
};
struct AlterCheck {
    std::string name;
    bool enforced = true;
    bool operator==(const AlterCheck&) const = default;
};
struct ConvertCharset {
    std::string charset;
    std::string collation;
    bool operator==(const ConvertCharset&) const = default;
};
struct OrderTable {
    std::vector<std::string> columns;
    bool operator==(const OrderTable&) const = default;
};
struct TableOptions {
    std::vector<NamedOption> options;
    bool operator==(const TableOptions&) const = default;
};
// FORCE, ENABLE KEYS, ALGORITHM = x, LOCK x, WITH VALIDATION: canonical text.
struct AlterWords {
    std::string text;
    bool operator==(const AlterWords&) const = default;
};
using AlterOption = std::variant<AddColumns, ChangeColumn, AlterColumn, DropPart, IndexDefinition,
                                 ForeignKey, Check, RenamePart, RenameTable, AlterIndex, AlterCheck,
                                 ConvertCharset, OrderTable, TableOptions, AlterWords>;

// DROP PARTITION p, TRUNCATE PARTITION ALL, REORGANIZE PARTITION p INTO (..), REMOVE PARTITIONING.
struct PartitionChange {
    std::string action;  // canonical: "drop partition", "reorganize partition", "add partition"
    bool all = false;
    std::vector<std::string> names;
    std::vector<PartitionDefinition> definitions;
    std::optional<std::uint64_t> count;  // COALESCE PARTITION n, ADD PARTITION PARTITIONS n
    std::optional<TableName> table;      // EXCHANGE PARTITION p WITH TABLE t
    std::string end;                     // "tablespace", "without validation"
    bool operator==(const PartitionChange&) const = default;
};
struct TableChange {
    std::vector<AlterOption> options;
    std::optional<PartitionChange> partition;
    std::optional<Partitioning> partitioning;
    bool operator==(const TableChange&) const = default;
};

struct ViewDefinition {
    std::string algorithm;
    std::string definer;  // canonical text
    std::string security;
    std::vector<std::string> columns;
    std::string check_option;  // local, cascaded; empty: none
    bool operator==(const ViewDefinition&) const = default;
};
struct DatabaseOption {
    bool is_default = false;  // DEFAULT before it
    NamedOption option;
    bool operator==(const DatabaseOption&) const = default;
};
struct DatabaseOptions {
    bool upgrade_directory = false;  // UPGRADE DATA DIRECTORY NAME
    std::vector<DatabaseOption> options;
    bool operator==(const DatabaseOptions&) const = default;
};

// Nothing: the names that Ddl holds say all (DROP, RENAME, TRUNCATE), or the text was not read.
using DdlDefinition = std::variant<std::monostate, TableDefinition, TableLike, TableChange,
                                   ViewDefinition, DatabaseOptions>;

}  // namespace sluice::sql
