// Step 6 of a request: the values that a plan is run with. Before: executor/execute.cc. After:
// engine/route.cc.
#include "engine/bindings.h"

#include <algorithm>
#include <charconv>

namespace sluice::engine {
namespace {

using plan::VariableKind;

// A literal that is its own value: digits, or a string without escapes (the quotes cut off).
std::optional<ValueView> plain(std::string_view text, const sql::LiteralSlot& slot) {
    const std::string_view raw = text.substr(slot.offset, slot.length);
    if (slot.introduced) return std::nullopt;
    // Up to 18 digits an integer is an INT64 whatever it is; longer ones are typed by slot_value.
    if (slot.kind == sql::TokenKind::integer && raw.size() <= 18)
        return ValueView{Type::int64, raw};
    if (slot.kind == sql::TokenKind::string && !slot.escapes) {
        return ValueView{Type::varchar, raw.substr(1, raw.size() - 2)};
    }
    return std::nullopt;
}

std::optional<std::int64_t> signed_integer(const wire::Parameter& parameter) {
    const std::size_t size = parameter.raw.size();
    if (parameter.null || parameter.long_data || parameter.type.is_unsigned) return std::nullopt;
    switch (parameter.type.field) {
        case wire::field_type::tiny:
        case wire::field_type::short_:
        case wire::field_type::int24:
        case wire::field_type::long_:
        case wire::field_type::longlong:
            break;
        default:
            return std::nullopt;
    }
    std::uint64_t bits = 0;
    for (std::size_t i = size; i > 0; --i) bits = bits << 8U | parameter.raw[i - 1];
    const std::size_t unused = 64 - 8 * size;
    return size == 0 ? 0 : static_cast<std::int64_t>(bits << unused) >> unused;
}

}  // namespace

void append_literal(std::string& out, ValueView value, const sql::LexerMode& mode) {
    const bool quoted = !value.is_null() && !is_number(value.type) && value.type != Type::hexnum &&
                        value.type != Type::hexval && value.type != Type::bitnum &&
                        value.type != Type::expression;
    if (!mode.no_backslash_escapes || !quoted) {
        sluice::append_literal(out, value);
        return;
    }
    if (is_binary(value.type) || value.type == Type::bit) out += "_binary";
    out.push_back('\'');
    for (const char c : value.bytes) out.append(c == '\'' ? 2 : 1, c);
    out.push_back('\'');
}

ValueView Bindings::keep(Value value) {
    const Value& kept = *kept_.emplace_back(std::make_unique<Value>(std::move(value)));
    return {kept.type, kept.bytes};
}

void Bindings::set(plan::VariableIndex variable, BindValue value) {
    for (auto& [index, old] : made_) {
        if (index == variable) {
            old = std::move(value);
            return;
        }
    }
    made_.emplace_back(variable, std::move(value));
}

// The value of a constant, a made variable or a need; null for what the client's text or its
// parameters hold.
const BindValue* Bindings::known(const plan::Variable& variable, plan::VariableIndex index) const {
    for (const auto& [made, value] : made_) {
        if (made == index) return &value;
    }
    if (variable.kind == VariableKind::constant) return &variable.value;
    if (variable.kind == VariableKind::need && statement_->needs != nullptr) {
        return find(*statement_->needs, variable.name);
    }
    return nullptr;
}

const sql::LiteralSlot* Bindings::slot(const plan::Variable& variable) const {
    if (statement_->slots == nullptr || variable.source.slot >= statement_->slots->slots().size())
        return nullptr;
    return &statement_->slots->slots()[variable.source.slot];
}

Result<ValueView> Bindings::value_of(plan::VariableIndex index) {
    const plan::Variable& variable = plan_->variables[index];
    if (const BindValue* value = known(variable, index)) {
        if (value->is_list()) return bug("a list stands where a value is expected");
        return ValueView{value->value.type, value->value.bytes};
    }
    if (variable.kind == VariableKind::parameter) {
        if (variable.source.slot >= statement_->parameters.size())
            return bug("a parameter has no value");
        const wire::Parameter& parameter = statement_->parameters[variable.source.slot];
        const std::optional<std::int64_t> integer = signed_integer(parameter);
        if (integer && !number_used_) {
            number_used_ = true;
            const auto end =
                std::to_chars(number_.data(), number_.data() + number_.size(), *integer);
            return ValueView{Type::int64,
                             {number_.data(), static_cast<std::size_t>(end.ptr - number_.data())}};
        }
        return keep(TRY(wire::value_of(parameter)));
    }
    const sql::LiteralSlot* literal = slot(variable);
    if (variable.kind != VariableKind::literal || literal == nullptr) {
        return bug("variable " + variable.name + " has no value");
    }
    if (literal->list) return bug("a list stands where a value is expected");
    if (const std::optional<ValueView> view = plain(statement_->text, *literal)) return *view;
    return keep(sql::slot_value(statement_->text, *literal, statement_->lexer_mode));
}

Result<ValueView> Bindings::value(const plan::ValueRef& ref) {
    ValueView view;
    if (const auto* index = std::get_if<plan::VariableIndex>(&ref.from)) {
        view = TRY(value_of(*index));
    } else {
        const Value& constant = std::get<Value>(ref.from);
        view = {constant.type, constant.bytes};
    }
    if (!ref.negate || view.is_null()) return view;
    if (view.bytes.starts_with('-')) return ValueView{view.type, view.bytes.substr(1)};
    return keep({view.type, "-" + std::string(view.bytes)});
}

Result<std::vector<ValueView>> Bindings::list(const plan::ValueRef& ref) {
    std::vector<ValueView> views;
    if (!ref.items.empty()) {
        for (const plan::ValueRef& item : ref.items) views.push_back(TRY(value(item)));
        return views;
    }
    const auto* index = std::get_if<plan::VariableIndex>(&ref.from);
    if (index == nullptr) return bug("a constant stands where a list is expected");
    const plan::Variable& variable = plan_->variables[*index];
    if (const BindValue* value = known(variable, *index)) {
        for (const Value& each : value->list) views.push_back({each.type, each.bytes});
        return views;
    }
    const sql::LiteralSlot* first = slot(variable);
    if (variable.kind != VariableKind::literal || first == nullptr) {
        return bug("list variable " + variable.name + " has no value");
    }
    if (first->list) {
        for (Value& each : sql::slot_list(statement_->text, *first, statement_->lexer_mode)) {
            views.push_back(keep(std::move(each)));
        }
        return views;
    }
    // Written as several slots: the literals were of different kinds.
    const auto slots =
        statement_->slots->slots().subspan(variable.source.slot, variable.source.count);
    for (const sql::LiteralSlot& each : slots) {
        views.push_back(keep(sql::slot_value(statement_->text, each, statement_->lexer_mode)));
    }
    return views;
}

bool Bindings::is_list(const plan::ValueRef& ref) const {
    if (!ref.items.empty()) return true;
    const auto* index = std::get_if<plan::VariableIndex>(&ref.from);
    if (index == nullptr) return false;
    const plan::Variable& variable = plan_->variables[*index];
    if (const BindValue* value = known(variable, *index)) return value->is_list();
    const sql::LiteralSlot* literal =
        variable.kind == VariableKind::literal ? slot(variable) : nullptr;
    return literal != nullptr && (literal->list || variable.source.count > 1);
}

Result<void> Bindings::append(const plan::Piece& piece, std::string& out) {
    const plan::Variable& variable = plan_->variables[*piece.variable];
    const sql::LiteralSlot* literal =
        variable.kind == VariableKind::literal ? slot(variable) : nullptr;
    const bool made = known(variable, *piece.variable) != nullptr;
    // A literal goes to the shard as the client wrote it.
    if (!made && literal != nullptr && !piece.negate && (literal->list == piece.list)) {
        out.append(statement_->text, literal->offset, literal->length);
        return {};
    }
    const plan::ValueRef ref{.from = *piece.variable, .negate = piece.negate};
    if (!piece.list) {
        append_literal(out, TRY(value(ref)), statement_->lexer_mode);
        return {};
    }
    const std::vector<ValueView> values = TRY(list(ref));
    out.push_back('(');
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i != 0) out += ", ";
        append_literal(out, values[i], statement_->lexer_mode);
    }
    out.push_back(')');
    return {};
}

Result<void> Bindings::name(const plan::Template& text, Named& out) {
    for (const plan::Piece& piece : text.pieces) {
        if (!piece.variable) continue;
        const plan::VariableIndex index = *piece.variable;
        if (out.taken_.empty()) out.taken_.resize(plan_->variables.size());
        if (out.taken_[index]) continue;
        out.taken_[index] = true;
        BindValue& bound = out.all_.emplace_back(plan_->variables[index].name, BindValue{}).second;
        // A minus stands in the text.
        const plan::ValueRef ref{.from = index, .negate = false, .items = {}};
        if (!piece.list) {
            bound.value = TRY(value(ref)).copy();
            continue;
        }
        bound.value.type = Type::tuple;
        for (const ValueView& each : TRY(list(ref))) bound.list.push_back(each.copy());
    }
    return {};
}

Result<void> Bindings::render(const plan::Template& text, std::string& out) {
    for (const plan::Piece& piece : text.pieces) {
        out += piece.text;
        if (piece.variable) TRY(append(piece, out));
    }
    return {};
}

}  // namespace sluice::engine
