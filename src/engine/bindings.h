#pragma once
// The values of a plan's variables in one execution. Literals are looked at where they stand in the
// client's text; nothing is decoded before somebody asks, and nothing is allocated for numbers and
// plain strings.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/run.h"
#include "plan/plan.h"

namespace sluice::engine {

// A value as a literal that a server of this mode reads as the same value: under
// NO_BACKSLASH_ESCAPES quotes are doubled and backslashes are themselves.
void append_literal(std::string& out, ValueView value, const sql::LexerMode& mode);

class Bindings {
 public:
    // Both outlive the bindings.
    Bindings(const plan::Plan* plan, const Statement* statement)
        : plan_(plan), statement_(statement) {}

    const Statement& statement() const { return *statement_; }

    // A single value; the view lives as long as these bindings (or the statement). A list is an
    // error.
    Result<ValueView> value(const plan::ValueRef& ref);
    bool is_list(const plan::ValueRef& ref) const;
    // Elements of a list.
    Result<std::vector<ValueView>> list(const plan::ValueRef& ref);

    // Gives a made variable its value.
    void set(plan::VariableIndex variable, BindValue value);

    // The text of a template with its variables as literals, appended to `out`.
    Result<void> render(const plan::Template& text, std::string& out);

    // The values of the variables in a template's normalised text, by name.
    class Named {
     public:
        const BindVars& all() const { return all_; }

     private:
        friend class Bindings;
        BindVars all_;
        std::vector<bool> taken_;  // by VariableIndex
    };
    Result<void> name(const plan::Template& text, Named& out);

 private:
    Result<ValueView> value_of(plan::VariableIndex variable);
    ValueView keep(Value value);
    Result<void> append(const plan::Piece& piece, std::string& out);
    const BindValue* known(const plan::Variable& variable, plan::VariableIndex index) const;
    const sql::LiteralSlot* slot(const plan::Variable& variable) const;

    const plan::Plan* plan_;
    const Statement* statement_;
    std::vector<std::pair<plan::VariableIndex, BindValue>> made_;
    std::vector<std::unique_ptr<Value>> kept_;  // decoded values, at addresses that stay
    std::array<char, 24> number_;  // the one integer parameter that most statements have
    bool number_used_ = false;
};

}  // namespace sluice::engine
