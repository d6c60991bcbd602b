#pragma once
// Queries: SELECT, UNION, table references, ordering, windows.
#include "sql/ast_expr.h"

namespace sluice::sql {

struct OrderItem {
    Expr expression;
    bool descending = false;
    // In ORDER BY of a union v21 makes a bind variable of a position, too; here it stays one, and
    // the variable stands in v21's text alone (FormatOptions::as_v21).
    std::optional<BindVariable> as_v21;
    bool operator==(const OrderItem&) const = default;
};

enum class FrameBoundKind : std::uint8_t {
    current_row,
    unbounded_preceding,
    unbounded_following,
    preceding,
    following
};
struct FrameBound {
    FrameBoundKind kind = FrameBoundKind::current_row;
    OptionalExpr distance;  // preceding, following
    bool operator==(const FrameBound&) const = default;
};
enum class FrameUnits : std::uint8_t { rows, range, groups };
enum class FrameExclusion : std::uint8_t { none, current_row, group, ties, no_others };
struct Frame {
    FrameUnits units = FrameUnits::rows;
    FrameBound start;
    std::optional<FrameBound> end;
    FrameExclusion exclusion = FrameExclusion::none;  // none: not written
    bool operator==(const Frame&) const = default;
};
struct WindowSpec {
    std::string base;  // name of the window that this one extends
    std::vector<Expr> partition_by;
    std::vector<OrderItem> order_by;
    std::optional<Frame> frame;
    bool operator==(const WindowSpec&) const = default;
};
struct Over {
    std::string window;              // OVER w
    std::optional<WindowSpec> spec;  // OVER (...)
    bool operator==(const Over&) const = default;
};
struct NamedWindow {
    std::string name;
    WindowSpec spec;
    bool operator==(const NamedWindow&) const = default;
};

// *, t.*, ks.t.*
struct SelectStar {
    TableName table;
    bool operator==(const SelectStar&) const = default;
};
struct SelectExpr {
    Expr expression;
    std::string alias;  // empty: none
    Span source;        // the expression's text, from which MySQL makes the column's name
    bool operator==(const SelectExpr&) const = default;
};
// NEXT n VALUES of a sequence.
struct SelectNext {
    Expr count;
    bool operator==(const SelectNext&) const = default;
};
using SelectItem = std::variant<SelectExpr, SelectStar, SelectNext>;

struct TableRef;

enum class IndexHintKind : std::uint8_t { use, force, ignore, use_vindex, ignore_vindex };
enum class IndexHintScope : std::uint8_t { none, join, order_by, group_by };
struct IndexHint {
    IndexHintKind kind = IndexHintKind::use;
    IndexHintScope scope = IndexHintScope::none;
    std::vector<std::string> indexes;
    bool operator==(const IndexHint&) const = default;
};
// TABLESAMPLE (SYSTEM | BERNOULLI) (percentage)
struct TableSample {
    bool bernoulli = false;
    Box<Expr> percentage;  // a number or a variable
    bool operator==(const TableSample&) const = default;
};
struct AliasedTable {
    TableName table;
    std::string alias;  // empty: none
    std::vector<std::string> partitions;
    std::vector<IndexHint> hints;
    std::optional<TableSample> sample;
    bool operator==(const AliasedTable&) const = default;
};
struct DerivedTable {
    Box<Query> query;
    std::string alias;
    std::vector<std::string> columns;
    bool lateral = false;
    bool operator==(const DerivedTable&) const = default;
};
enum class JoinKind : std::uint8_t {
    inner,
    straight,
    left,
    right,
    natural,
    natural_left,
    natural_right
};
struct Join {
    JoinKind kind = JoinKind::inner;
    Box<TableRef> left;
    Box<TableRef> right;
    OptionalExpr on;
    std::vector<std::string> using_columns;
    bool operator==(const Join&) const = default;
};
struct ParenthesisedTables {
    std::vector<TableRef> tables;
    bool operator==(const ParenthesisedTables&) const = default;
};
// A column's type as it was written: INT(11), double precision, enum('a', 'b').
struct ColumnType {
    std::string name;  // in the case in which it came
    std::optional<std::uint64_t> length;
    std::optional<std::uint64_t> scale;
    std::vector<std::string> values;  // of ENUM and SET
    bool is_unsigned = false;
    bool zerofill = false;
    std::string charset;  // empty: none
    bool binary = false;  // the charset's binary collation
    bool operator==(const ColumnType&) const = default;
};
struct JsonTableColumn {
    std::string name;
    bool ordinality = false;         // FOR ORDINALITY
    std::optional<ColumnType> type;  // a value or EXISTS column
    std::string collation;           // empty: none
    bool exists = false;
    OptionalExpr path;
    JsonOn on_empty;
    JsonOn on_error;
    std::vector<JsonTableColumn> nested;  // NESTED PATH p COLUMNS (...): name is empty
    bool operator==(const JsonTableColumn&) const = default;
};
struct JsonTable {
    Box<Expr> document;
    Box<Expr> path;
    std::vector<JsonTableColumn> columns;
    std::string alias;
    bool operator==(const JsonTable&) const = default;
};
struct TableRef {
    using Node = std::variant<AliasedTable, DerivedTable, Join, ParenthesisedTables, JsonTable>;
    Node node;

    TableRef();
    template <class T>
        requires AlternativeOf<T, Node>
    TableRef(T&& alternative)
        : node(std::forward<T>(alternative)) {}  // NOLINT(google-explicit-constructor)
    TableRef(const TableRef&);
    TableRef(TableRef&&) noexcept;
    TableRef& operator=(const TableRef&);
    TableRef& operator=(TableRef&&) noexcept;
    ~TableRef();
    bool operator==(const TableRef&) const;

    template <class T>
    const T* as() const {
        return std::get_if<T>(&node);
    }
    template <class T>
    T* as() {
        return std::get_if<T>(&node);
    }
};

struct CommonTable {
    std::string name;
    std::vector<std::string> columns;
    Box<Query> query;
    bool operator==(const CommonTable&) const = default;
};
struct With {
    bool recursive = false;
    std::vector<CommonTable> tables;  // empty: no WITH
    bool operator==(const With&) const = default;
};

enum class LockKind : std::uint8_t {
    none,
    for_update,
    for_update_nowait,
    for_update_skip_locked,
    for_share,
    for_share_nowait,
    for_share_skip_locked,
    in_share_mode,
};
// FOR UPDATE OF a, b: one of several locking clauses.
struct LockOf {
    LockKind kind = LockKind::for_update;
    std::vector<TableName> tables;  // empty: all
    bool operator==(const LockOf&) const = default;
};
enum class IntoKind : std::uint8_t { outfile, outfile_s3, dumpfile, variables };
struct Into {
    IntoKind kind = IntoKind::outfile;
    std::string target;   // the file's name, or for variables their names printed
    std::string charset;  // as printed: a word, or in quotes
    std::string
        options;  // format, fields, lines, manifest, overwrite: canonical text with a leading space
    bool operator==(const Into&) const = default;
};

// Comments that stand behind the first keyword, whole (/* .. */, /*vt+ .. */, /*+ .. */).
using Comments = std::vector<std::string>;

// GROUP BY a, b | a, b WITH ROLLUP (also written ROLLUP(a, b)) | CUBE(a, b) | GROUPING SETS((a),
// ()).
enum class Grouping : std::uint8_t { plain, rollup, cube, sets };
struct GroupBy {
    std::vector<Expr> items;  // of sets: a Tuple each
    Grouping grouping = Grouping::plain;
    bool operator==(const GroupBy&) const = default;
};

struct Select {
    With with;
    Comments comments;
    std::optional<bool> sql_cache;  // SQL_CACHE, SQL_NO_CACHE
    bool high_priority = false;
    bool distinct = false;
    bool straight_join = false;
    bool small_result = false;
    bool big_result = false;
    bool buffer_result = false;
    bool calc_found_rows = false;
    std::vector<SelectItem> items;
    std::vector<TableRef> from;  // empty: no FROM; printed as v21 does: from dual
    OptionalExpr where;
    GroupBy group_by;
    OptionalExpr having;
    std::vector<NamedWindow> windows;
    OptionalExpr qualify;
    std::vector<OrderItem> order_by;
    std::optional<Limit> limit;
    LockKind lock = LockKind::none;
    std::vector<LockOf> locks_of;  // all clauses, when one names tables; no meaning without `lock`
    std::optional<Into> into;
    bool operator==(const Select&) const = default;
};

enum class SetOperator : std::uint8_t { union_, except, intersect };
struct UnionBranch {
    Box<Query> query;
    bool distinct = true;  // the operator before this branch; has no meaning for the first
    SetOperator op = SetOperator::union_;
    bool operator==(const UnionBranch&) const = default;
};
// Branches are combined from left to right; an INTERSECT that binds before an operator to its left
// is a branch of its own.
struct Union {
    With with;
    std::vector<UnionBranch> branches;  // at least two
    std::vector<OrderItem> order_by;
    std::optional<Limit> limit;
    LockKind lock = LockKind::none;
    std::vector<LockOf> locks_of;
    std::optional<Into> into;
    bool operator==(const Union&) const = default;
};

struct Query {
    std::variant<Select, Union> node;
    bool operator==(const Query&) const = default;
};

}  // namespace sluice::sql
