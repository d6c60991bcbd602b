#pragma once
// Phase 1: which table each name in FROM means, and to which of them a column belongs. Scopes point
// into the statement's tree, which must stay where it is.
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "planner/planner.h"
#include "sql/ast.h"
#include "vschema/schema.h"

namespace sluice::planner {

struct QueryScope;

enum class SourceKind : std::uint8_t {
    table,
    derived,  // a derived table or a use of a common table
    system,   // a table of a system schema
    neutral,  // dual, JSON_TABLE, a recursive common table inside itself: needs no shard
};

// One entry of FROM.
struct Source {
    int id = 0;  // unique in the statement
    SourceKind kind = SourceKind::neutral;
    std::string name;      // by which columns refer to it
    std::string keyspace;  // as written
    vschema::TablePointer table;
    std::shared_ptr<QueryScope> query;  // derived
    std::vector<std::string> columns;   // the column list of a derived table
    bool nullable = false;              // may be all NULL: inner side of an outer join
    bool lateral = false;
    sql::AliasedTable* written = nullptr;
};

struct ColumnKey {
    int source = 0;
    std::string column;  // lower case
    auto operator<=>(const ColumnKey&) const = default;
};

// A condition that all rows of the query meet (where), or under which rows of an outer join's inner
// side are taken (outer: left and right say which sources stand on either side).
struct Conjunct {
    sql::Expr* expr = nullptr;
    bool outer = false;
    bool nullable = false;  // of an inner join within the inner side of an outer join
    std::set<int> inner_side;
};
// USING (column) between two sets of sources.
struct UsingColumn {
    std::string column;
    std::vector<int> left;
    std::vector<int> right;
    bool outer = false;
    std::set<int> inner_side;
};

struct ExpressionQuery {
    std::shared_ptr<QueryScope> query;
    const sql::Expr* in_left = nullptr;  // `x IN (query)` as a condition that all rows meet: x
};

struct SelectScope {
    SelectScope* parent = nullptr;        // where names are looked up next
    const sql::Select* select = nullptr;  // null for UPDATE and DELETE
    std::deque<Source> sources;           // addresses stay
    std::vector<Conjunct> conjuncts;
    std::vector<UsingColumn> using_columns;
    std::vector<ExpressionQuery> subqueries;
    bool natural = false;  // NATURAL JOIN: equalities are not known
    bool never = false;    // a condition such as x = NULL: no rows

    const Source* source(int id) const;
};

struct QueryScope {
    const sql::Query* query = nullptr;
    std::vector<std::unique_ptr<SelectScope>>
        selects;  // of a union: one per branch, nested unions flat
    bool is_union = false;
    bool all_distinct_free = true;  // UNION ALL everywhere
    bool recursive = false;         // holds a recursive common table
    bool branch_limits = false;     // a union with its own ORDER BY or LIMIT inside it
};

// Finds tables; collects what the whole statement uses.
class Binder {
 public:
    explicit Binder(const PlanContext& context) : context_(context) {}

    std::shared_ptr<QueryScope> bind(sql::Query& query, SelectScope* parent);
    // FROM, WHERE and expressions of UPDATE and DELETE.
    std::shared_ptr<SelectScope> bind_write(sql::Statement& statement, sql::With& with,
                                            std::vector<sql::TableRef>& tables,
                                            sql::OptionalExpr& where);
    // A table that is written to, by its name alone.
    vschema::TablePointer find_table(const sql::TableName& name);

    // Each use of a real table, in the order of the text.
    const std::vector<Source*>& uses() const { return uses_; }
    bool uses_system() const { return uses_system_; }

 private:
    struct Common {
        sql::CommonTable* table = nullptr;
        std::size_t visible = 0;  // how many of common_ its body sees
        bool used = false;
    };
    class CommonScope;

    void open_common_tables(sql::With& with);
    void bind_unused(std::size_t from);
    void bind_branches(sql::Query& query, SelectScope* parent, QueryScope& result);
    void bind_select(sql::Query& query, sql::Select& select, SelectScope& scope);
    std::set<int> add_tables(std::vector<sql::TableRef>& tables, SelectScope& scope, bool nullable);
    std::set<int> add_table(sql::TableRef& table, SelectScope& scope, bool nullable);
    std::set<int> add_join(sql::Join& join, SelectScope& scope, bool nullable);
    std::set<int> add_derived(sql::DerivedTable& derived, SelectScope& scope, bool nullable);
    void add_aliased(sql::AliasedTable& aliased, SelectScope& scope, bool nullable);
    bool add_common(const sql::AliasedTable& aliased, Source& source);
    Source& new_source(SelectScope& scope, bool nullable);
    void add_conjuncts(sql::Expr& expr, SelectScope& scope, const Conjunct& like);
    template <class Node>
    void add_subqueries(Node& node, SelectScope& scope);

    const PlanContext& context_;
    std::vector<Source*> uses_;
    std::vector<std::shared_ptr<void>> kept_;  // all scopes, as long as uses_ points into them
    std::vector<Common> common_;               // visible ones, inner last
    std::vector<const sql::CommonTable*>
        open_;  // being bound: a use of one is the recursion itself
    std::map<const sql::Query*, const sql::Expr*> in_left_;
    int next_id_ = 0;
    bool uses_system_ = false;
    bool recursion_seen_ = false;
};

// The source and column that an expression's column means; nullopt if that is not certain.
std::optional<ColumnKey> resolve(const SelectScope& scope, const sql::Column& column);
// Is there a table in FROM that has this column beyond doubt?
bool surely_exists(const SelectScope& scope, const sql::Column& column);
// None of the sources, whose columns are all known, has it: 1054, naming the clause.
void check_exists(const SelectScope& scope, const sql::Expr& expression, std::string_view clause);
// The column of an inner table that stands behind an output column of a derived table's select.
std::optional<ColumnKey> output_column(const SelectScope& inner, const Source& derived,
                                       std::string_view name);
// Types and collations that the schema knows; nullptr if it does not.
const vschema::Column* known_column(const SelectScope& scope, const sql::Column& column);

}  // namespace sluice::planner
