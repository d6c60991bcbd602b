#pragma once
// The first half of normalising: literals become bind variables (literals.cc); the second is
// rewrites (normalize.cc).
#include <string>
#include <string_view>
#include <vector>

#include "sql/normalize.h"

namespace sluice::sql::detail {

// A wrong DATE, TIME or TIMESTAMP literal; thrown inside normalize, caught at its door.
struct WrongTemporal {
    std::string_view type;
    std::string text;
};

class LiteralPass {
 public:
    LiteralPass(const NormalizeOptions& options, Normalized& result);

    void statement(Statement& statement);
    void finish();  // pinned slots

 private:
    struct Shared {
        Value value;
        std::uint16_t group = 0;
        std::string name;
    };

    void expression(Expr& node, bool share);
    void expressions(std::vector<Expr>& nodes, bool share);
    void children(Expr& node, bool share);
    bool comparison(Compare& compare);
    void over(Over& clause, bool share);
    void query(Query& query, bool derived);
    void select(Select& select, bool derived);
    void table(TableRef& table);
    void tables(std::vector<TableRef>& tables);
    void with(With& with);
    void order(std::vector<OrderItem>& items, bool share);
    void limit(std::optional<Limit>& limit);
    void assignments(std::vector<Assignment>& assignments, bool share);

    void convert(Expr& node, std::string_view wanted, bool share);
    bool convert_list(Tuple& tuple, Expr& node);
    std::string unused_name(std::string_view wanted);
    const LiteralSlot* slot_of(const Literal& literal, std::uint32_t& index) const;
    void add(std::string name, BindValue value, BindSource source);
    bool is_taken(std::string_view name) const;

    const NormalizeOptions& options_;
    Normalized& result_;
    std::vector<std::string> reserved_;
    std::vector<Shared> shared_;
    std::vector<bool> claimed_;
    int counter_ = 0;
};

}  // namespace sluice::sql::detail
