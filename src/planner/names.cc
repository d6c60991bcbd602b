// Step 5 of a request, column names: MySQL names an unaliased expression by its text, which is the
// client's and not the one that shards are sent. Before: planner.cc. After: executor renames
// columns.
#include <algorithm>

#include "planner/detail/building.h"

namespace sluice::planner {

namespace {

using Name = plan::Plan::ColumnName;

const sql::Select& first_select(const sql::Query& query) {
    const sql::Query* first = &query;
    while (const auto* united = std::get_if<sql::Union>(&first->node)) {
        first = &*united->branches.front().query;
    }
    return std::get<sql::Select>(first->node);
}

void add_parts(Name& name, const PlanContext& context, sql::Span source) {
    if (context.slots == nullptr) return;
    std::uint32_t from = source.offset;
    const auto slots = context.slots->slots();
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
        const sql::LiteralSlot& slot = slots[i];
        if (slot.offset < source.offset || slot.offset + slot.length > source.end()) continue;
        name.parts.push_back(
            {.text = std::string(context.text.substr(from, slot.offset - from)), .slot = i});
        from = slot.offset + slot.length;
    }
    if (name.parts.empty()) return;
    if (from < source.end()) {
        name.parts.push_back({.text = std::string(context.text.substr(from, source.end() - from))});
    }
}

std::optional<Name> name_of(const sql::SelectExpr& item, const PlanContext& context) {
    const sql::Span source = item.source;
    if (!source.known() || source.end() > context.text.size()) return std::nullopt;
    const std::string_view text = context.text.substr(source.offset, source.length);
    if (text.empty()) return std::nullopt;
    if (!item.alias.empty()) {
        // The normaliser keeps the text of what it rewrote as an alias, in its own spelling.
        if (!sql::same_name(item.alias, text) || item.alias == text) return std::nullopt;
        return Name{.name = std::string(text)};
    }
    if (item.expression.is<sql::Column>()) return std::nullopt;
    Name name{.name = std::string(text)};
    add_parts(name, context, source);
    const bool quoted = text.front() == '\'' || text.front() == '"';
    if (quoted && !item.expression.is<sql::Binary>() &&
        (item.expression.is<sql::BindVariable>() || item.expression.is<sql::Literal>())) {
        name.unquote = true;
        name.name = sql::unquote_first(text, {});
    }
    return name;
}

}  // namespace

void name_columns(Building& building) {
    const auto* query = building.statement().as<sql::Query>();
    if (query == nullptr || building.context.text.empty()) return;
    const auto& items = first_select(*query).items;
    const auto is_star = [](const sql::SelectItem& item) {
        return !std::holds_alternative<sql::SelectExpr>(item);
    };
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto* item = std::get_if<sql::SelectExpr>(&items[i]);
        if (item == nullptr) continue;
        const auto here = items.begin() + static_cast<std::ptrdiff_t>(i);
        const bool star_before = std::any_of(items.begin(), here, is_star);
        if (star_before && std::any_of(here, items.end(), is_star)) continue;
        auto name = name_of(*item, building.context);
        if (!name) continue;
        name->from_end = star_before;
        name->column = static_cast<std::uint32_t>(star_before ? items.size() - 1 - i : i);
        building.plan.column_names.push_back(std::move(*name));
    }
}

}  // namespace sluice::planner
