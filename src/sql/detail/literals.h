#pragma once
// The first half of normalising: literals become bind variables (literals.cc); the second is
// rewrites (normalize.cc).
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sql/normalize.h"

namespace sluice::sql::detail {

// A wrong DATE, TIME or TIMESTAMP literal; thrown inside normalize, caught at its door.
struct WrongTemporal {
    std::string_view type;
    std::string text;
};

// Hints and qualifiers that v21 writes for a session's settings (NormalizeOptions).
void write_session(Statement& statement, const NormalizeOptions& options);

class LiteralPass {
 public:
    LiteralPass(const NormalizeOptions& options, Normalized& result);

    void reserve(const Statement& statement);  // the names of variables that stand in it
    void statement(Statement& statement);
    void finish();  // pinned slots

 private:
    void expression(Expr& node, bool share);
    void expressions(std::vector<Expr>& nodes, bool share);
    void children(Expr& node, bool share);
    void arguments(FunctionCall& call, bool share);
    bool comparison(Compare& compare);
    void over(Over& clause, bool share);
    void query(Query& query, bool derived);
    void select(Select& select, bool derived);
    void table(TableRef& table);
    void tables(std::vector<TableRef>& tables);
    void with(With& with);
    void order(std::vector<OrderItem>& items, bool share);
    void union_order(std::vector<OrderItem>& items);
    void limit(std::optional<Limit>& limit);
    void limit(Limit& limit);
    void assignments(std::vector<Assignment>& assignments, bool share);

    void convert(Expr& node, std::string_view wanted, bool share);
    bool convert_list(Tuple& tuple, Expr& node);
    std::string unused_name(std::string_view wanted);
    const LiteralSlot* slot_of(const Literal& literal, std::uint32_t& index) const;
    void add(std::string name, BindValue value, BindSource source);

    const NormalizeOptions& options_;
    Normalized& result_;
    std::unordered_set<std::string> taken_;                // names of variables
    std::unordered_map<std::string, int> suffixes_;        // the last one tried behind a name
    std::unordered_map<std::string, std::string> shared_;  // type, group and text to variable
    std::vector<bool> claimed_;
    int counter_ = 0;
    bool in_derived_ = false;  // within a SELECT that is a derived table
};

}  // namespace sluice::sql::detail
