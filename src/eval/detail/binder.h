#pragma once
// Step by step through the parser's tree.
#include "eval/bind.h"
#include "eval/detail/special.h"

namespace sluice::eval {

class Binder {
 public:
    Binder(const Columns& columns, const Environment& environment)
        : columns_(columns), environment_(environment) {}

    Node bind(const sql::Expr& expression);
    // What is said of the text itself.
    std::vector<Warning> warnings() && { return std::move(warnings_); }
    std::vector<Node> bind_all(const std::vector<sql::Expr>& expressions);

    // One for each kind of node.
    Node of(const sql::Literal& literal);
    Node of(const sql::NullLiteral&);
    Node of(const sql::BoolLiteral& literal);
    Node of(const sql::Column& column);
    Node of(const sql::BindVariable& variable);
    Node of(const sql::Variable& variable);
    Node of(const sql::Unary& unary);
    Node of(const sql::Not& negation);
    Node of(const sql::Binary& binary);
    Node of(const sql::Compare& compare);
    Node of(const sql::And& conjunction);
    Node of(const sql::Or& disjunction);
    Node of(const sql::Xor& exclusive);
    Node of(const sql::Between& between);
    Node of(const sql::Is& is);
    Node of(const sql::Tuple& tuple);
    Node of(const sql::Subquery&);
    Node of(const sql::Exists&);
    Node of(const sql::Case& choice);
    Node of(const sql::Star&);
    Node of(const sql::FunctionCall& call);
    Node of(const sql::Aggregate&);
    Node of(const sql::GroupConcat&);
    Node of(const sql::Cast& cast);
    Node of(const sql::ConvertUsing& convert);
    Node of(const sql::Collate& collate);
    Node of(const sql::Introducer& introducer);
    Node of(const sql::Interval&);
    Node of(const sql::Extract& extract);
    Node of(const sql::TimestampFunction& function);
    Node of(const sql::Trim& trim);
    Node of(const sql::Match&);
    Node of(const sql::MemberOf& member);
    Node of(const sql::CharFunction& function);
    Node of(const sql::WeightString& function);
    Node of(const sql::ValuesOf&);
    Node of(const sql::Default&);
    Node of(const sql::Assign& assign);
    Node of(const sql::JsonValue& value);
    Node of(const sql::JsonDualityObject&);

 private:
    // What stands in parentheses behind IN, ANY and ALL, or the values of a list.
    std::vector<Node> list(const sql::Expr& right);
    Node in(const sql::Compare& compare);
    Node interval_function(const sql::FunctionCall& call, bool subtract);

    const Columns& columns_;
    const Environment& environment_;
    int depth_ = 0;
    std::vector<Warning> warnings_;
};

}  // namespace sluice::eval
