// Step 5 of a request, values: which expressions are known when a plan runs, and where their values
// come from. Before: sql/normalize.cc took literals out. After: lower.cc writes texts with them.
#include "planner/detail/variables.h"

#include <charconv>

#include "planner/detail/refusal.h"

namespace sluice::planner {

namespace {

constexpr char marker = '\0';

// "v12": the twelfth `?` of the statement.
std::optional<std::uint32_t> parameter_number(std::string_view name) {
    if (name.size() < 2 || name[0] != 'v') return std::nullopt;
    std::uint32_t number = 0;
    const auto [end, failed] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
    if (failed != std::errc() || end != name.data() + name.size() || number == 0)
        return std::nullopt;
    return number - 1;
}

bool is_need(std::string_view name) {
    return name.starts_with("__vt") || name == sql::need::last_insert_id;
}

}  // namespace

Variables::Variables(const sql::Normalized& normalized) {
    for (std::size_t i = 0; i < normalized.variables.size(); ++i) {
        const auto& [name, value] = normalized.variables[i];
        plan::Variable variable{.name = name};
        if (i < normalized.sources.size()) variable.source = normalized.sources[i];
        variable.kind =
            variable.source.count > 0 ? plan::VariableKind::literal : plan::VariableKind::constant;
        if (variable.kind == plan::VariableKind::constant) variable.value = value;
        add(std::move(variable), value.value.type);
    }
}

std::optional<plan::VariableIndex> Variables::find(std::string_view name) const {
    const auto found = indexes_.find(name);
    return found == indexes_.end() ? std::nullopt : std::optional(found->second);
}

plan::VariableIndex Variables::add(plan::Variable variable, Type type) {
    const auto index = static_cast<plan::VariableIndex>(variables_.size());
    indexes_.try_emplace(variable.name, index);
    variables_.push_back(std::move(variable));
    types_.push_back(type);
    return index;
}

plan::VariableIndex Variables::index_of(const sql::BindVariable& variable) {
    if (const auto found = find(variable.name)) return *found;
    plan::Variable made{.name = variable.name, .kind = plan::VariableKind::parameter};
    if (is_need(variable.name)) {
        made.kind = plan::VariableKind::need;
    } else if (const auto number = parameter_number(variable.name)) {
        made.source = {.slot = *number, .count = 1};
    }
    return add(std::move(made));
}

plan::VariableIndex Variables::make(std::string name) {
    if (const auto found = find(name)) return *found;
    return add({.name = std::move(name), .kind = plan::VariableKind::made});
}

plan::VariableIndex Variables::need(std::string name) {
    if (const auto found = find(name)) return *found;
    return add({.name = std::move(name), .kind = plan::VariableKind::need});
}

std::optional<plan::ValueRef> Variables::value(const sql::Expr& expression) {
    using sql::UnaryOp;
    if (const auto* literal = expression.as<sql::Literal>()) {
        return plan::ValueRef{.from = sql::literal_value(*literal)};
    }
    if (expression.is<sql::NullLiteral>()) return plan::ValueRef{.from = Value{}};
    if (const auto* truth = expression.as<sql::BoolLiteral>()) {
        return plan::ValueRef{.from = Value{Type::int64, truth->value ? "1" : "0"}};
    }
    if (const auto* variable = expression.as<sql::BindVariable>()) {
        if (variable->list) return std::nullopt;
        return plan::ValueRef{.from = index_of(*variable)};
    }
    if (const auto* unary = expression.as<sql::Unary>()) {
        if (unary->op != UnaryOp::minus && unary->op != UnaryOp::plus) return std::nullopt;
        auto inner = value(*unary->operand);
        if (!inner || inner->negate) return std::nullopt;
        if (const Type type = type_of(*inner); type != Type::null_type && !is_number(type)) {
            return std::nullopt;
        }
        inner->negate = unary->op == UnaryOp::minus;
        return inner;
    }
    return std::nullopt;
}

std::optional<plan::ValueRef> Variables::list(const sql::Expr& expression) {
    if (const auto* variable = expression.as<sql::BindVariable>()) {
        if (!variable->list) return std::nullopt;
        return plan::ValueRef{.from = index_of(*variable)};
    }
    const auto* tuple = expression.as<sql::Tuple>();
    if (tuple == nullptr || tuple->items.empty()) return std::nullopt;
    plan::ValueRef result;
    for (const sql::Expr& item : tuple->items) {
        auto element = value(item);
        if (!element) return std::nullopt;
        result.items.push_back(std::move(*element));
    }
    return result;
}

Type Variables::type_of(const plan::ValueRef& value) const {
    if (!value.items.empty()) return type_of(value.items.front());
    if (const auto* constant = std::get_if<Value>(&value.from)) return constant->type;
    return types_[std::get<plan::VariableIndex>(value.from)];
}

bool Variables::is_null(const plan::ValueRef& value) const {
    if (!value.items.empty()) return false;
    const auto* constant = std::get_if<Value>(&value.from);
    return constant != nullptr && constant->is_null();
}

bool TemplateWriter::write(std::string& out, const sql::BindVariable& variable) {
    ++written_;
    out += marker;
    out += std::to_string(variables_.index_of(variable));
    if (variable.list) out += 'l';
    out += marker;
    return true;
}

std::vector<plan::Piece> TemplateWriter::cut(std::string_view text) const {
    std::vector<plan::Piece> pieces;
    std::size_t found = 0;
    while (true) {
        const auto begin = text.find(marker);
        if (begin == std::string_view::npos) break;
        const auto end = text.find(marker, begin + 1);
        if (end == std::string_view::npos) break;
        std::string_view number = text.substr(begin + 1, end - begin - 1);
        const bool list = number.ends_with('l');
        if (list) number.remove_suffix(1);
        plan::VariableIndex index = 0;
        std::from_chars(number.data(), number.data() + number.size(), index);
        pieces.push_back(
            {.text = std::string(text.substr(0, begin)), .variable = index, .list = list});
        text.remove_prefix(end + 1);
        ++found;
    }
    // A NUL of the client's own (in a comment) would be taken for a marker.
    if (found != written_ || text.contains(marker)) refuse("NUL bytes in a statement");
    if (!text.empty() || pieces.empty()) pieces.push_back({.text = std::string(text)});
    return pieces;
}

}  // namespace sluice::planner
