#pragma once
// Plans are data: a tree of nodes, values all of them, made once per statement shape and shared by
// every execution. The planner makes them, the engine runs them, describe.h prints them as v21 does
// (planner.md section 11).
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/box.h"
#include "sql/normalize.h"
#include "values/value.h"
#include "vindex/destination.h"
#include "vindex/vindex.h"
#include "vschema/schema.h"

namespace sluice::plan {

// ---- variables ----

// A plan's variables are numbered; an execution has one value for each. Where it comes from:
// The first variables of a plan are those of sql::Normalized, in its order; all others follow.
enum class VariableKind : std::uint8_t {
    literal,    // slots of the client's text (source)
    parameter,  // the client's parameter number source.slot (from 0): a `?`; or :name of an RPC
    need,  // the session: __lastInsertId, __vtdbname, __vt<variable>, ... (sql/normalize.h), and
           // __vtuser (USER(), CURRENT_USER()), __vtconnid (CONNECTION_ID())
    constant,  // `value`, part of the plan
    made,      // by the engine while it runs: __upper_limit, __seq0, _id_0, __vals ...
};
struct Variable {
    std::string name;  // as printed: ":name"
    VariableKind kind = VariableKind::literal;
    sql::BindSource source;
    BindValue value;  // constant only
    bool operator==(const Variable&) const = default;
};
using VariableIndex = std::uint32_t;

// A value known when the plan runs. A variable that holds a list is a list; so is anything with
// items.
struct ValueRef {
    std::variant<VariableIndex, Value> from;
    bool negate = false;          // -5: the variable holds 5
    std::vector<ValueRef> items;  // not empty: a list of these, and `from` has no meaning
    bool operator==(const ValueRef&) const = default;
};

// ---- texts ----

// What a shard is sent: pieces of text, each followed by a variable's value as a literal (or by
// nothing). The same in v21's form, with :names and type comments, is kept for printing and for
// tablets that take bind variables.
struct Piece {
    std::string text;
    std::optional<VariableIndex> variable;
    bool list = false;  // the variable is a list and is written "(1, 2, 3)"
    bool negate = false;
    bool operator==(const Piece&) const = default;
};
struct Template {
    std::vector<Piece> pieces;
    std::string normalized;
    bool operator==(const Template&) const = default;
};

// ---- routing ----

enum class Opcode : std::uint8_t {
    unsharded,     // the one shard of an unsharded keyspace
    equal_unique,  // one value of a unique vindex: one shard
    in,            // a list of values: each shard gets its own part in `::__vals`
    multi_equal,   // values of a multi-column vindex in a list of tuples: each shard gets the whole
                   // query
    sub_shard,     // a leading part of a multi-column vindex: a key range
    scatter,       // all shards
    reference,     // any shard has the whole table
    none,          // can have no rows: shard 0 is asked for the columns
    dba,           // information_schema and the like: any shard
    next,          // a sequence
    by_destination,  // `destination`
};

struct Routing {
    Opcode opcode = Opcode::scatter;
    std::string keyspace;
    bool sharded = false;
    // equal_unique, in, multi_equal, sub_shard: which vindex, and one entry per column (fewer for
    // sub_shard). `in` has one entry, a list. multi_equal: lists are all of equal length and are
    // walked together; an entry that is no list stands in every tuple.
    std::shared_ptr<const vindex::Vindex> vindex;
    std::vector<ValueRef> values;
    // `in`: this made variable holds the shard's part of the list in the shard's text.
    std::optional<VariableIndex> shard_values;
    vindex::Destination destination;  // by_destination
    bool operator==(const Routing&) const = default;
};

// ---- columns and order ----

// A result column by its position in the input. `weight` is the position of its WEIGHT_STRING()
// column, which exists only to compare strings and is cut off before rows leave the gate.
struct Key {
    std::uint32_t column = 0;
    std::optional<std::uint32_t> weight;
    bool descending = false;
    // column and weight count from the end of the row: 0 is the last column (behind SELECT *).
    bool from_end = false;
    // How values compare is decided by the column's type at run time: numbers, temporal values and
    // binary strings by themselves, text by its weight column, byte by byte (the query that makes
    // it takes care of trailing spaces). Text without one, ENUM, SET and JSON are refused.
    bool operator==(const Key&) const = default;
};

enum class AggregateKind : std::uint8_t {
    count,  // the shards' counts are summed; 0 without rows
    sum,
    min,
    max,
    any_value,
    count_distinct,  // input is grouped by (keys, argument): counts changes of the argument
    sum_distinct,
};
struct AggregateColumn {
    AggregateKind kind = AggregateKind::count;
    std::uint32_t column = 0;             // input and output position
    std::optional<std::uint32_t> weight;  // of the argument: min and max of text, distinct of text
    std::string alias;
    bool operator==(const AggregateColumn&) const = default;
};

// ---- nodes ----

struct Node;

// A query to some shards. Rows come in any order, or merged by `order_by`. The route cuts its extra
// columns off itself, after merging: nodes above never see them.
struct Route {
    Routing routing;
    Template query;
    Template field_query;  // the same "where 1 != 1": columns without rows, when no shard is asked
    std::vector<Key> order_by;
    std::uint32_t extra_columns = 0;  // columns at the end that the client must not see
    std::string table;                // for printing: "customer", "a, b"
    bool is_write = false;            // UPDATE, DELETE, unsharded INSERT: affected rows are summed
    bool locks = false;  // SELECT ... FOR UPDATE and the like: needs the primary and an open
                         // transaction's shard
    std::optional<VariableIndex> upper_limit;  // made variable: count + offset of the Limit above
    // An aggregate without GROUP BY: if values map to no shard, any one shard is still asked, for
    // its row.
    bool always_row = false;
    // A write to a reference table: each shard changes its copy, affected rows count once.
    bool copies = false;
    bool operator==(const Route&) const = default;
};

struct Limit {
    std::optional<ValueRef> count;
    std::optional<ValueRef> offset;
    Box<Node> input;
    bool operator==(const Limit&) const = default;
};

struct Sort {
    std::vector<Key> keys;
    Box<Node> input;
    bool operator==(const Sort&) const = default;
};

// Groups consecutive rows with equal keys (input is ordered by them). Without keys: one group,
// always one row.
struct Aggregate {
    std::vector<Key> keys;
    std::vector<AggregateColumn> aggregates;  // other columns take the group's first value
    Box<Node> input;
    bool operator==(const Aggregate&) const = default;
};

struct Distinct {
    std::vector<Key> keys;  // one for each visible column
    Box<Node> input;
    bool operator==(const Distinct&) const = default;
};

// Output columns made from input columns.
struct PickColumn {
    std::uint32_t column = 0;
    bool operator==(const PickColumn&) const = default;
};
// AVG: the quotient of a sum and a count, as MySQL computes it.
struct Quotient {
    std::uint32_t sum = 0;
    std::uint32_t count = 0;
    std::string name;  // of the output column, when the text in hand does not give it
    bool operator==(const Quotient&) const = default;
};
struct Projection {
    std::vector<std::variant<PickColumn, Quotient>> columns;
    Box<Node> input;
    bool operator==(const Projection&) const = default;
};

// Inputs one after another (UNION ALL); a Distinct above makes it UNION. Without inputs: nothing to
// do, the answer is OK.
struct Concatenate {
    std::vector<Node> inputs;
    bool operator==(const Concatenate&) const = default;
};

// INSERT or REPLACE of VALUES into a sharded table. Each row goes to the shard of its primary
// vindex; a shard gets head + its rows joined by ", " + tail.
struct Insert {
    std::string keyspace;
    std::string table;
    bool sharded = true;
    std::shared_ptr<const vindex::Vindex> vindex;  // null: all rows go to the keyspace's one shard
    std::vector<std::vector<ValueRef>> vindex_values;  // [row][column of the vindex]
    // Unique secondary vindexes that are functions of other columns are verified: their keyspace id
    // must be the row's.
    struct Verified {
        std::string name;
        std::shared_ptr<const vindex::Vindex> vindex;
        std::vector<std::vector<ValueRef>> values;  // [row][column]
        std::vector<std::string> columns;
        bool operator==(const Verified&) const = default;
    };
    std::vector<Verified> verified;
    std::vector<std::string> vindex_columns;
    Template head;
    std::vector<Template> rows;
    Template tail;
    bool ignore = false;  // INSERT IGNORE: rows whose vindex value maps to nothing are dropped
    bool replace = false;
    bool on_duplicate = false;  // ON DUPLICATE KEY UPDATE: rows that fail verification are dropped
    struct Generate {
        std::string keyspace;  // of the sequence
        std::string sequence;  // its table
        // Per row; NULL and 0 are replaced by the sequence's next number. A column that the
        // statement does not name, and DEFAULT, are NULL here.
        std::vector<ValueRef> values;
        std::vector<VariableIndex>
            made;  // per row: the variable that stands in the row's text and vindex values
        bool operator==(const Generate&) const = default;
    };
    std::optional<Generate> generate;
    bool operator==(const Insert&) const = default;
};

// A statement sent as it is to a destination: shard targets (USE ks:-80), DDL, and what any shard
// can answer.
struct Send {
    std::string keyspace;
    bool sharded = false;
    vindex::Destination destination;
    Template query;
    bool is_write = false;
    bool is_ddl = false;
    bool single_shard_only = false;
    bool copies = false;  // as in Route
    bool operator==(const Send&) const = default;
};

// SELECT NEXT n VALUES FROM a sequence, asked for by a client: a block is reserved from the
// sequence's owner.
struct NextValues {
    std::string keyspace;
    std::string table;
    ValueRef count;
    bool operator==(const NextValues&) const = default;
};

struct Node {
    std::variant<Route, Limit, Sort, Aggregate, Distinct, Projection, Concatenate, Insert, Send,
                 NextValues>
        node;
    bool operator==(const Node&) const;
    std::span<const Node> inputs() const;  // the nodes below, in their order
};

enum class QueryType : std::uint8_t { select, insert, replace, update, delete_, ddl, show, other };

struct Plan {
    QueryType type = QueryType::select;
    std::string kind;      // of the statement, as v21 names it: "SELECT", "EXPLAIN", "ANALYZE"
    std::string original;  // normalised text
    Node root;
    std::vector<std::string> tables_used;  // "keyspace.table", sorted
    std::vector<Variable> variables;
    sql::Needs needs;
    // The client's text may be sent to the one shard as it came (design.md section 10 "Names",
    // "What means the session"): a Route to one shard or an Insert of one row (without generate),
    // no qualifiers, no needs, nothing the gate must change.
    bool forwards_text = false;
    // The statement leaves something behind in the shard's session (temporary tables, GET_LOCK): it
    // must run on a connection that belongs to the client alone, or be refused.
    bool needs_reserved = false;
    bool cacheable = true;
    std::vector<std::uint32_t> pinned;  // literal slots that are part of the plan's identity
    // Column names that must be put in place of those that come back, as MySQL makes them from the
    // client's text. Only for unaliased expressions, and only when the text is not forwarded.
    struct NamePart {
        std::string text;
        std::optional<std::uint32_t> slot;  // a literal's text follows
        bool operator==(const NamePart&) const = default;
    };
    struct ColumnName {
        std::uint32_t column = 0;
        bool from_end = false;  // column counts from the end: 0 is the last visible one
        std::string name;       // as the text of the first execution has it
        // Not empty: literals are part of the name, which is these parts put together with the
        // texts of the slots in the text in hand.
        std::vector<NamePart> parts;
        bool unquote = false;  // the name is string literals: the first one's content
        bool operator==(const ColumnName&) const = default;
    };
    std::vector<ColumnName> column_names;
    std::uint64_t schema_epoch = 0;
    sql::QueryHints hints;  // directives of the statement (vtgate-contract 5.6)
};

}  // namespace sluice::plan
