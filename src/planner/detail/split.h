#pragma once
// One SELECT over several shards, cut in two: what each shard computes, and what the gate makes of
// the shards' rows.
#include <optional>
#include <string>
#include <vector>

#include "planner/detail/building.h"

namespace sluice::planner {

// How the gate compares values of an expression.
enum class Comparison : std::uint8_t {
    plain,     // by their type
    weighted,  // text, or not known: by a weight string
    numbered,  // ENUM and SET: by their number
};
struct ComparisonOf {
    Comparison kind = Comparison::weighted;
    bool pads = true;  // trailing spaces do not count
};
ComparisonOf comparison_of(const SelectScope& scope, const sql::Expr& expression);
// An expression whose bytes are ordered and equal as the collation says.
sql::Expr weight_of(const sql::Expr& expression, bool pads);

// The select list of the shards' query: the client's columns, then our own.
class ShardColumns {
 public:
    ShardColumns(sql::Select& select, const SelectScope& scope);

    bool has_star() const { return has_star_; }
    std::size_t visible() const { return visible_; }
    std::size_t extra() const { return extra_.size(); }
    std::size_t size() const { return visible_ + extra_.size(); }
    // The expressions of the client's columns as they were written; empty with a star.
    const std::vector<sql::Expr>& written() const { return written_; }
    const std::string& alias(std::size_t column) const { return aliases_[column]; }

    // The column that holds an expression, added at the end if there is none.
    std::size_t column_of(const sql::Expr& expression);
    std::size_t add(sql::Expr expression);
    bool same(const sql::Expr& left, const sql::Expr& right) const;
    // The client's column that ORDER BY or GROUP BY means by a name, a position, or the expression
    // itself.
    std::optional<std::size_t> target(const sql::Expr& expression,
                                      std::string_view clause = "order") const;
    // Names a column's alias where it stands for another expression.
    bool hides(const sql::Expr& expression) const;

    plan::Key key(const sql::Expr& expression, std::size_t column, bool descending);
    // Positions of keys behind a star are known only when all columns are.
    void finish(std::vector<plan::Key>& keys);

 private:
    sql::Select& select_;
    const SelectScope& scope_;
    bool has_star_ = false;
    std::size_t visible_ = 0;
    std::vector<sql::Expr> written_;
    std::vector<std::string> aliases_;
    std::vector<sql::Expr> extra_;
};

}  // namespace sluice::planner
