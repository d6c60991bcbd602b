#pragma once
// The variables of the plan being made, and values that are known when it runs.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "planner/detail/contains.h"
#include "sql/normalize.h"

namespace sluice::planner {

class Variables {
 public:
    explicit Variables(const sql::Normalized& normalized);

    // The variable behind :name; made known as a parameter or a need when it is new.
    plan::VariableIndex index_of(const sql::BindVariable& variable);
    plan::VariableIndex make(std::string name);  // filled by the engine
    plan::VariableIndex need(std::string name);  // filled by the session
    const plan::Variable& operator[](plan::VariableIndex index) const { return variables_[index]; }

    // A literal, a parameter, or the negative of one; nullopt for anything that would have to be
    // computed.
    std::optional<plan::ValueRef> value(const sql::Expr& expression);
    // The right side of IN: a list variable, or a list of values.
    std::optional<plan::ValueRef> list(const sql::Expr& expression);
    // What is known of the type when planning: of literals. null_type: nothing.
    Type type_of(const plan::ValueRef& value) const;
    bool is_null(const plan::ValueRef& value) const;

    std::vector<plan::Variable> take() { return std::move(variables_); }

 private:
    std::optional<plan::VariableIndex> find(std::string_view name) const;
    plan::VariableIndex add(plan::Variable variable, Type type = Type::null_type);

    std::vector<plan::Variable> variables_;
    std::vector<Type> types_;                                          // of literals, by variable
    std::map<std::string, plan::VariableIndex, std::less<>> indexes_;  // by name
};

// The marker of a variable's place in formatted text, and the cutting of such text into pieces.
class TemplateWriter {
 public:
    explicit TemplateWriter(Variables& variables) : variables_(variables) {}
    bool write(std::string& out, const sql::BindVariable& variable);  // hook of sql::format
    std::vector<plan::Piece> cut(std::string_view text) const;

 private:
    Variables& variables_;
    std::size_t written_ = 0;
};

}  // namespace sluice::planner
