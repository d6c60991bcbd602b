// Step 5 of a request, phase 2a: what a query's conditions say about equal values. Before:
// scope.cc. After: merge.cc.
#include <algorithm>

#include "planner/detail/merge.h"
#include "planner/detail/refusal.h"
#include "sql/walk.h"

namespace sluice::planner {

// ---- classes ----

int Classes::node(const ColumnKey& column) {
    const auto [place, is_new] = nodes_.try_emplace(column, static_cast<int>(parents_.size()));
    if (is_new) parents_.push_back(place->second);
    return place->second;
}

std::optional<int> Classes::known(const ColumnKey& column) const {
    const auto found = nodes_.find(column);
    if (found == nodes_.end()) return std::nullopt;
    return found->second;
}

int Classes::find(int node) const {
    while (parents_[static_cast<std::size_t>(node)] != node) {
        node = parents_[static_cast<std::size_t>(node)];
    }
    return node;
}

std::vector<ColumnKey> Classes::members(int node) const {
    std::vector<ColumnKey> result;
    for (const auto& [column, other] : nodes_) {
        if (same(node, other)) result.push_back(column);
    }
    return result;
}

std::vector<const Classes::Constant*> Classes::constants(int node) const {
    std::vector<const Constant*> result;
    for (const Constant& constant : constants_) {
        if (same(constant.node, node)) result.push_back(&constant);
    }
    return result;
}

std::vector<const Classes::List*> Classes::lists(int node) const {
    std::vector<const List*> result;
    for (const List& list : lists_) {
        if (same(list.node, node)) result.push_back(&list);
    }
    return result;
}

// ---- conditions ----

namespace {

class Learner {
 public:
    Learner(const SelectScope& scope, Variables& variables, Classes& classes)
        : scope_(scope), variables_(variables), classes_(classes) {}

    void run() {
        // Conditions of all rows first: what is said of an outer join's inner side depends on them.
        for (const Conjunct& conjunct : scope_.conjuncts) {
            if (!conjunct.outer) condition(*conjunct.expr, conjunct);
        }
        for (const UsingColumn& shared : scope_.using_columns) using_column(shared);
        for (const Conjunct& conjunct : scope_.conjuncts) {
            if (conjunct.outer) condition(*conjunct.expr, conjunct);
        }
    }

 private:
    std::optional<ColumnKey> column(const sql::Expr& expr) const {
        const auto* written = expr.as<sql::Column>();
        return written != nullptr ? resolve(scope_, *written) : std::nullopt;
    }
    bool is_ours(const ColumnKey& key) const {
        return std::ranges::any_of(scope_.sources,
                                   [&](const Source& s) { return s.id == key.source; });
    }
    bool only_in(int node, const std::set<int>& sources) const {
        return std::ranges::all_of(classes_.members(node), [&](const ColumnKey& member) {
            return sources.contains(member.source);
        });
    }

    void condition(sql::Expr& expr, const Conjunct& from) {
        const auto* compare = expr.as<sql::Compare>();
        if (compare == nullptr || compare->quantifier != sql::Quantifier::none) return;
        if (compare->op == sql::CompareOp::in && !from.outer && !from.nullable) {
            in_list(expr, *compare);
        }
        if (compare->op != sql::CompareOp::equal) return;
        const auto* left = compare->left->as<sql::Tuple>();
        const auto* right = compare->right->as<sql::Tuple>();
        if (left == nullptr || right == nullptr) {
            equal(*compare->left, *compare->right, from);
            return;
        }
        if (left->items.size() != right->items.size()) return;
        for (std::size_t i = 0; i < left->items.size(); ++i) {
            equal(left->items[i], right->items[i], from);
        }
    }

    void equal(const sql::Expr& left, const sql::Expr& right, const Conjunct& from) {
        const auto left_column = column(left);
        const auto right_column = column(right);
        if (left_column && right_column) return equal_columns(*left_column, *right_column, from);
        if (!left_column && !right_column) return;
        const ColumnKey& key = left_column ? *left_column : *right_column;
        const auto value = variables_.value(left_column ? right : left);
        if (!value || variables_.is_null(*value) || from.nullable) return;
        const int node = classes_.node(key);
        // In ON of an outer join the value holds for rows of the inner side, and for nothing else.
        if (from.outer && !only_in(node, from.inner_side)) return;
        classes_.add(Classes::Constant{.node = node, .value = *value});
    }

    void equal_columns(const ColumnKey& left, const ColumnKey& right, const Conjunct& from) {
        if (from.nullable && !from.outer && !(is_ours(left) && is_ours(right))) return;
        const int left_node = classes_.node(left);
        const int right_node = classes_.node(right);
        if (from.outer) {
            link(left_node, left, right_node, right, from.inner_side);
        } else {
            classes_.unify(left_node, right_node);
        }
    }

    // Rows of the inner side belong to the row of the other side that they match. A second match of
    // the same class would make two columns of the other side equal, which they need not be.
    void link(int left_node, const ColumnKey& left, int right_node, const ColumnKey& right,
              const std::set<int>& inner_side) {
        const bool left_inner = inner_side.contains(left.source);
        const bool right_inner = inner_side.contains(right.source);
        if (left_inner == right_inner) return;
        if (only_in(left_inner ? left_node : right_node, inner_side)) {
            classes_.unify(left_node, right_node);
        }
    }

    void in_list(sql::Expr& expr, const sql::Compare& compare) {
        if (const auto key = column(*compare.left)) {
            if (auto values = variables_.list(*compare.right)) {
                classes_.add(Classes::List{
                    .node = classes_.node(*key), .values = std::move(*values), .condition = &expr});
            }
            return;
        }
        const auto* columns = compare.left->as<sql::Tuple>();
        const auto* rows = compare.right->as<sql::Tuple>();
        if (columns == nullptr || rows == nullptr) return;
        for (std::size_t i = 0; i < columns->items.size(); ++i)
            tuple_column(expr, *columns, *rows, i);
    }

    void tuple_column(sql::Expr& expr, const sql::Tuple& columns, const sql::Tuple& rows,
                      std::size_t position) {
        const auto key = column(columns.items[position]);
        if (!key) return;
        plan::ValueRef values;
        for (const sql::Expr& row : rows.items) {
            const auto* tuple = row.as<sql::Tuple>();
            if (tuple == nullptr || tuple->items.size() != columns.items.size()) return;
            auto value = variables_.value(tuple->items[position]);
            if (!value) return;
            values.items.push_back(std::move(*value));
        }
        classes_.add(Classes::List{.node = classes_.node(*key),
                                   .values = std::move(values),
                                   .condition = &expr,
                                   .tuple = true});
    }

    void using_column(const UsingColumn& shared) {
        if (shared.right.size() != 1) return;
        std::optional<int> left;
        if (shared.left.size() == 1) left = shared.left.front();
        for (const UsingColumn& other : scope_.using_columns) {
            if (left || &other == &shared || other.outer || other.column != shared.column) continue;
            if (other.left.size() == 1 && contains(shared.left, other.left.front())) {
                left = other.left.front();
            }
        }
        if (!left) return;
        const ColumnKey left_key{*left, shared.column};
        const ColumnKey right_key{shared.right.front(), shared.column};
        const int left_node = classes_.node(left_key);
        const int right_node = classes_.node(right_key);
        if (shared.outer) {
            link(left_node, left_key, right_node, right_key, shared.inner_side);
        } else {
            classes_.unify(left_node, right_node);
        }
    }

    const SelectScope& scope_;
    Variables& variables_;
    Classes& classes_;
};

bool groups_by(const sql::Select& select, const SelectScope& scope, const ColumnKey& column) {
    if (select.group_by.grouping != sql::Grouping::plain) return false;
    return std::ranges::any_of(select.group_by.items, [&](const sql::Expr& item) {
        const auto* written = item.as<sql::Column>();
        return written != nullptr && resolve(scope, *written) == column;
    });
}

}  // namespace

void learn(const SelectScope& scope, Variables& variables, Classes& classes) {
    Learner(scope, variables, classes).run();
}

void learn_in_subquery(const SelectScope& scope, const ExpressionQuery& subquery,
                       Classes& classes) {
    if (subquery.in_left == nullptr || subquery.query->is_union) return;
    const auto* left = subquery.in_left->as<sql::Column>();
    const SelectScope& inner = *subquery.query->selects.front();
    const sql::Select& select = *inner.select;
    if (left == nullptr || select.limit || has_windows(select) || select.items.size() != 1) return;
    const auto* item = std::get_if<sql::SelectExpr>(&select.items.front());
    const auto* right = item != nullptr ? item->expression.as<sql::Column>() : nullptr;
    if (right == nullptr) return;
    const auto outer_column = resolve(scope, *left);
    const auto inner_column = resolve(inner, *right);
    if (!outer_column || !inner_column) return;
    const bool groups = !select.group_by.items.empty() || has_aggregates(select);
    if (groups && !groups_by(select, inner, *inner_column)) return;
    classes.unify(classes.node(*outer_column), classes.node(*inner_column));
}

bool is_routable(const Variables& variables, const ShardKey& key, std::size_t column,
                 const plan::ValueRef& value) {
    if (!value.items.empty()) {
        return std::ranges::all_of(value.items, [&](const plan::ValueRef& item) {
            return is_routable(variables, key, column, item);
        });
    }
    const Type type = variables.type_of(value);
    if (type == Type::null_type) return true;
    const Type column_type = column < key.types.size() ? key.types[column] : Type::null_type;
    // MySQL finds 5 by 5.0 and '5' by 5e0; a vindex sees other bytes.
    if (type == Type::decimal || is_float(type)) return false;
    const bool bits = type == Type::hexnum || type == Type::hexval || type == Type::bitnum;
    static constexpr std::string_view numeric[] = {"hash",
                                                   "numeric",
                                                   "reverse_bits",
                                                   "multicol",
                                                   "region_json",
                                                   "region_experimental",
                                                   "numeric_static_map"};
    if (bits) return !contains(numeric, key.vindex->type()) && !is_integral(column_type);
    if (is_integral(type)) return !is_text(column_type);
    return true;
}

}  // namespace sluice::planner
