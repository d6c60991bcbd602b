// Step 5 of a request: what the parser reads as v21 does and MySQL refuses.
#include "sql/format.h"
#include "sql/normalize.h"
#include "sql/parse.h"
#include "sql/walk.h"

namespace sluice::sql {

Result<void> check_limits(const Statement& statement) {
    Result<void> result;
    const auto number = [&](const Expr& expression) {
        const Literal* literal = expression.as<Literal>();
        const Column* column = expression.as<Column>();
        const bool digits = literal != nullptr && literal->kind == LiteralKind::integer &&
                            literal_value(*literal).type != Type::decimal;
        if (digits || expression.is<BindVariable>() || !result) return;
        // MySQL's grammar lets a stored program's variable stand here, and there is none.
        if (column != nullptr && column->table.empty())
            result = fail(Code::invalid_argument, er::sp_undeclared_var,
                          "Undeclared variable: " + column->name);
        else
            result = fail(Code::invalid_argument, er::parse,
                          "syntax error near '" + format(expression) + "': LIMIT takes a number");
    };
    const auto limit = [&](const Limit& clause) {
        if (clause.offset) number(**clause.offset);
        number(*clause.count);
    };
    const auto of = [&](const auto& node) {
        if constexpr (requires { node.limit->count; }) {
            if (node.limit) limit(*node.limit);
        }
    };
    std::visit(of, statement.node);
    walk(statement, [&](const Query& query) { std::visit(of, query.node); });
    for_each<GroupConcat>(statement, [&](const GroupConcat& concat) {
        if (concat.limit) limit(**concat.limit);
    });
    return result;
}

}  // namespace sluice::sql
