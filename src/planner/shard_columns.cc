// Step 5 of a request, columns of a query over several shards: those that the gate needs beside the
// client's own, to compare by. Before: split.cc asks for them. After: lower.cc prints them.
#include <algorithm>
#include <charconv>

#include "planner/detail/split.h"
#include "sql/walk.h"

namespace sluice::planner {

namespace {

sql::Expr call(std::string name, std::vector<sql::Expr> arguments) {
    return sql::Expr(sql::FunctionCall{.name = std::move(name), .arguments = std::move(arguments)});
}

ComparisonOf of_column(const vschema::Column* column) {
    if (column == nullptr || column->type == Type::null_type) return {};
    if (column->type == Type::enum_ || column->type == Type::set) {
        return {.kind = Comparison::numbered};
    }
    if (!is_text(column->type)) return {.kind = Comparison::plain};
    const std::string& collation = column->collation_name;
    return {.kind = Comparison::weighted,
            .pads = collation != "binary" && !collation.contains("_0900_")};
}

ComparisonOf of_aggregate(const SelectScope& scope, const sql::Aggregate& aggregate) {
    using sql::AggregateKind;
    const bool keeps_type = aggregate.kind == AggregateKind::min ||
                            aggregate.kind == AggregateKind::max ||
                            aggregate.kind == AggregateKind::any_value;
    if (!keeps_type || aggregate.arguments.size() != 1) return {.kind = Comparison::plain};
    auto result = comparison_of(scope, aggregate.arguments.front());
    // MIN and MAX of an ENUM compare its text.
    if (result.kind == Comparison::numbered) result.kind = Comparison::weighted;
    return result;
}

ComparisonOf of_cast(const sql::Cast& cast) {
    static constexpr std::string_view plain[] = {"signed", "unsigned", "decimal", "double",
                                                 "float",  "real",     "date",    "datetime",
                                                 "time",   "year",     "binary"};
    if (contains(plain, cast.type.name)) return {.kind = Comparison::plain};
    return {};
}

}  // namespace

ComparisonOf comparison_of(const SelectScope& scope, const sql::Expr& expression) {
    if (const auto* column = expression.as<sql::Column>()) {
        return of_column(known_column(scope, *column));
    }
    if (const auto* aggregate = expression.as<sql::Aggregate>()) {
        return of_aggregate(scope, *aggregate);
    }
    if (const auto* cast = expression.as<sql::Cast>()) return of_cast(*cast);
    if (const auto* binary = expression.as<sql::Binary>()) {
        const bool dates = binary->left->is<sql::Interval>() || binary->right->is<sql::Interval>();
        return {.kind = dates ? Comparison::weighted : Comparison::plain};
    }
    const bool logical = expression.is<sql::Compare>() || expression.is<sql::And>() ||
                         expression.is<sql::Or>() || expression.is<sql::Not>() ||
                         expression.is<sql::Is>() || expression.is<sql::Between>() ||
                         expression.is<sql::Xor>() || expression.is<sql::Exists>();
    if (logical) return {.kind = Comparison::plain};
    return {};
}

// Under a collation that pads, 'a' and 'a ' are equal but have different weight strings; which
// collation a column has is not known here, so the shard is asked by a comparison.
sql::Expr weight_of(const sql::Expr& expression, bool pads) {
    if (!pads) return sql::Expr(sql::WeightString{.operand = expression});
    const sql::Expr trimmed = call("rtrim", {expression});
    sql::Expr is_equal(
        sql::Compare{.op = sql::CompareOp::equal, .left = expression, .right = trimmed});
    return sql::Expr(
        sql::WeightString{.operand = call("if", {std::move(is_equal), trimmed, expression})});
}

ShardColumns::ShardColumns(sql::Select& select, const SelectScope& scope)
    : select_(select), scope_(scope), visible_(select.items.size()) {
    for (const sql::SelectItem& item : select.items) {
        const auto* expression = std::get_if<sql::SelectExpr>(&item);
        if (expression == nullptr) {
            has_star_ = true;
            written_.emplace_back(sql::Star{});
            aliases_.emplace_back();
            continue;
        }
        written_.push_back(expression->expression);
        aliases_.push_back(expression->alias);
    }
}

bool ShardColumns::same(const sql::Expr& left, const sql::Expr& right) const {
    if (left == right) return true;
    const auto* left_column = left.as<sql::Column>();
    const auto* right_column = right.as<sql::Column>();
    if (left_column == nullptr || right_column == nullptr) return false;
    if (!sql::same_name(left_column->name, right_column->name)) return false;
    const auto left_key = resolve(scope_, *left_column);
    return left_key && left_key == resolve(scope_, *right_column);
}

std::size_t ShardColumns::add(sql::Expr expression) {
    if (is_nondeterministic(expression)) refuse("comparing values of random functions at the gate");
    for (std::size_t i = 0; i < extra_.size(); ++i) {
        if (extra_[i] == expression) return visible_ + i;
    }
    select_.items.emplace_back(sql::SelectExpr{.expression = expression});
    extra_.push_back(std::move(expression));
    return visible_ + extra_.size() - 1;
}

std::size_t ShardColumns::column_of(const sql::Expr& expression) {
    if (!has_star_) {
        for (std::size_t i = 0; i < written_.size(); ++i) {
            if (same(written_[i], expression)) return i;
        }
    }
    return add(expression);
}

std::optional<std::size_t> ShardColumns::target(const sql::Expr& expression,
                                                std::string_view clause) const {
    if (const auto* literal = expression.as<sql::Literal>()) {
        if (literal->kind != sql::LiteralKind::integer) return std::nullopt;
        if (has_star_) {
            raise(Code::invalid_argument, er::unknown_error,
                  "cannot use column offsets in " + std::string(clause) + " clause when using `*`");
        }
        std::size_t position = 0;
        const auto* end = literal->text.data() + literal->text.size();
        const auto read = std::from_chars(literal->text.data(), end, position);
        if (read.ec != std::errc() || position == 0 || position > written_.size()) {
            raise(Code::invalid_argument, er::bad_field,
                  "Unknown column '" + literal->text + "' in '" + std::string(clause) + " clause'");
        }
        return position - 1;
    }
    const auto* column = expression.as<sql::Column>();
    if (column != nullptr && column->table.empty()) {
        for (std::size_t i = 0; i < written_.size(); ++i) {
            if (!aliases_[i].empty() && sql::same_name(aliases_[i], column->name)) return i;
        }
    }
    for (std::size_t i = 0; i < written_.size(); ++i) {
        if (same(written_[i], expression)) return i;
    }
    return std::nullopt;
}

bool ShardColumns::hides(const sql::Expr& expression) const {
    bool found = false;
    sql::for_each<sql::Column>(expression, [&](const sql::Column& column) {
        if (!column.table.empty()) return;
        for (std::size_t i = 0; i < written_.size(); ++i) {
            if (aliases_[i].empty() || !sql::same_name(aliases_[i], column.name)) continue;
            if (!same(written_[i], sql::Expr(column))) found = true;
        }
    });
    return found;
}

plan::Key ShardColumns::key(const sql::Expr& expression, std::size_t column, bool descending) {
    plan::Key result{.column = static_cast<std::uint32_t>(column), .descending = descending};
    const ComparisonOf comparison = comparison_of(scope_, expression);
    if (comparison.kind == Comparison::weighted) {
        result.weight = static_cast<std::uint32_t>(add(weight_of(expression, comparison.pads)));
    } else if (comparison.kind == Comparison::numbered) {
        const sql::Expr zero(sql::Literal{.kind = sql::LiteralKind::integer, .text = "0"});
        const sql::Binary number{.op = sql::BinaryOp::add, .left = expression, .right = zero};
        result.column = static_cast<std::uint32_t>(add(sql::Expr(number)));
    }
    return result;
}

void ShardColumns::finish(std::vector<plan::Key>& keys) {
    if (!has_star_) return;
    const auto last = static_cast<std::uint32_t>(size() - 1);
    for (plan::Key& key : keys) {
        key.from_end = true;
        key.column = last - key.column;
        if (key.weight) key.weight = last - *key.weight;
    }
}

}  // namespace sluice::planner
