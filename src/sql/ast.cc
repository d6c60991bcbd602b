// Step 4 of a request: what the parser builds. Special members live here, so that headers stay
// light.
#include "sql/ast.h"

#include <array>

namespace sluice::sql {

Expr::Expr() = default;
Expr::Expr(const Expr&) = default;
Expr::Expr(Expr&&) noexcept = default;
Expr& Expr::operator=(const Expr&) = default;
Expr& Expr::operator=(Expr&&) noexcept = default;
Expr::~Expr() = default;
bool Expr::operator==(const Expr&) const = default;

TableRef::TableRef() = default;
TableRef::TableRef(const TableRef&) = default;
TableRef::TableRef(TableRef&&) noexcept = default;
TableRef& TableRef::operator=(const TableRef&) = default;
TableRef& TableRef::operator=(TableRef&&) noexcept = default;
TableRef::~TableRef() = default;
bool TableRef::operator==(const TableRef&) const = default;

namespace {
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
}  // namespace

bool same_name(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (lower(left[i]) != lower(right[i])) return false;
    }
    return true;
}

std::string lower_case(std::string_view name) {
    std::string result(name);
    for (char& c : result) c = lower(c);
    return result;
}

std::string_view aggregate_name(AggregateKind kind) {
    static constexpr std::array<std::string_view, 20> names = {"count",
                                                               "count",
                                                               "sum",
                                                               "avg",
                                                               "min",
                                                               "max",
                                                               "any_value",
                                                               "bit_and",
                                                               "bit_or",
                                                               "bit_xor",
                                                               "std",
                                                               "stddev",
                                                               "stddev_pop",
                                                               "stddev_samp",
                                                               "var_pop",
                                                               "var_samp",
                                                               "variance",
                                                               "json_arrayagg",
                                                               "json_objectagg",
                                                               ""};
    return names[static_cast<std::size_t>(kind)];
}

}  // namespace sluice::sql
