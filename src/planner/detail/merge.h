#pragma once
// Phase 2: do all tables of a query lie together? Values that are equal in every row form classes;
// two tables are together if one vindex of both is applied to the same classes, or to the same
// constant.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "planner/detail/scope.h"
#include "planner/detail/variables.h"

namespace sluice::planner {

// Columns that are equal in all rows, and constants and lists that they are equal to.
class Classes {
 public:
    int node(const ColumnKey& column);
    std::optional<int> known(const ColumnKey& column) const;
    void unify(int left, int right) {
        parents_[static_cast<std::size_t>(find(left))] = find(right);
    }
    int find(int node) const;
    bool same(int left, int right) const { return find(left) == find(right); }
    std::vector<ColumnKey> members(int node) const;

    struct Constant {
        int node = 0;
        plan::ValueRef value;
    };
    struct List {
        int node = 0;
        plan::ValueRef values;
        sql::Expr* condition = nullptr;  // `column IN (...)`
        bool tuple = false;              // one column of (a, b) IN ((1, 2), (3, 4))
    };
    void add(Constant constant) { constants_.push_back(std::move(constant)); }
    void add(List list) { lists_.push_back(std::move(list)); }
    std::vector<const Constant*> constants(int node) const;
    std::vector<const List*> lists(int node) const;

 private:
    std::vector<int> parents_;
    std::map<ColumnKey, int> nodes_;
    std::vector<Constant> constants_;
    std::vector<List> lists_;
};

using VindexHandle = std::shared_ptr<const vindex::Vindex>;

// A unique vindex that is a function, on columns of a table or of a derived table.
struct ShardKey {
    VindexHandle vindex;
    std::vector<int> nodes;
    std::vector<Type> types;  // of the columns; null_type: not known
    int cost = 0;
    bool nullable = false;  // on the inner side of an outer join: all NULL rows are everywhere
};

// One way to find shards.
struct Option {
    plan::Opcode opcode = plan::Opcode::scatter;
    VindexHandle vindex;
    std::vector<plan::ValueRef> values;
    int cost = 0;
    sql::Expr* condition = nullptr;  // `in`: whose list is split

    bool operator==(const Option& other) const {
        return opcode == other.opcode && vindex == other.vindex && values == other.values;
    }
};

// Where a query's rows come from, if one query per shard can give them.
struct Site {
    enum class Kind : std::uint8_t {
        neutral,  // any shard has all of it
        single,   // one shard: `option`
        multi,    // each shard has its part: `option` is the best way to choose shards
    };
    Kind kind = Kind::neutral;
    std::vector<Option> singles;  // all ways by which the one shard is known
    Option option;
    std::vector<ShardKey> keys;  // multi: rows with one value of a key lie on one shard
    bool local = true;           // multi: shards' results side by side are the result
    bool anchored = false;  // multi, in a subquery: for each outer row all rows are on its shard
};

class Merger {
 public:
    explicit Merger(Variables& variables) : variables_(variables) {}

    // Fails with VT12001 if the query needs more than one query per shard.
    Site query(const QueryScope& query, const Classes& outer,
               const std::vector<ShardKey>& outer_keys);
    // The same for one SELECT; `classes` gets what its conditions say.
    Site select(const SelectScope& scope, bool recursive, Classes& classes,
                const std::vector<ShardKey>& outer_keys);

 private:
    struct Instance {
        std::vector<ShardKey> keys;
        std::vector<Option> fixed;  // a derived table or a pinned table that lies on one shard
        Option offered;             // a derived table: how its own conditions choose shards
    };
    Site merge(const SelectScope& scope, const std::vector<Instance>& instances,
               const Classes& classes, const std::vector<ShardKey>& outer_keys);
    std::optional<Instance> instance(const Source& source, Classes& classes);
    Instance table_instance(const Source& source, Classes& classes);
    std::optional<Instance> derived_instance(const Source& source, Classes& classes);
    std::vector<Option> singles(const Instance& instance, const Classes& classes);
    Option best(const std::vector<Instance>& instances, const Classes& classes);
    std::optional<Option> option(const ShardKey& key, const Classes& classes);
    std::optional<Option> list_option(const ShardKey& key, const Classes& classes);
    void subqueries(const SelectScope& scope, const Classes& classes, Site& site,
                    const std::vector<ShardKey>& outer_keys);

    Variables& variables_;
    VindexHandle pinned_;  // the vindex of all pinned tables
};

// Reads the conditions of a query into classes (learn.cc).
void learn(const SelectScope& scope, Variables& variables, Classes& classes);
// `column IN (SELECT other ...)` as a condition: for the rows that count, other = column.
void learn_in_subquery(const SelectScope& scope, const ExpressionQuery& subquery, Classes& classes);
// May the vindex be asked for this value in place of comparing the column with it as MySQL does?
bool is_routable(const Variables& variables, const ShardKey& key, std::size_t column,
                 const plan::ValueRef& value);

// Do the columns hold a whole key of the site, so that rows which agree in them share a shard?
bool covers_key(const SelectScope& scope, const Site& site, const Classes& classes,
                const std::vector<const sql::Expr*>& columns);
// DISTINCT keeps all columns of a key.
bool selects_key(const SelectScope& scope, const Site& site, const Classes& classes);
bool has_aggregates(const sql::Select& select);
bool has_windows(const sql::Select& select);

}  // namespace sluice::planner
