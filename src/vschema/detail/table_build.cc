// Read when a VSchema is resolved: one table, its columns and its vindexes, checked as v21 checks
// them.
#include <algorithm>

#include "vschema/detail/builder.h"

namespace sluice::vschema {

namespace {

std::unexpected<Error> invalid(std::string text) {
    return fail(Code::invalid_argument, std::move(text));
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

std::string in_quotes(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string_view without_back_quotes(std::string_view name) {
    if (name.size() >= 2 && name.front() == '`' && name.back() == '`')
        return name.substr(1, name.size() - 2);
    return name;
}

constexpr std::string_view qualified_form =
    "qualified form <keyspace_name>.<table_name> (dots are not allowed in either name)";

Result<void> set_kind(Table& table, const TableDefinition& definition) {
    if (definition.type.empty()) return {};
    if (definition.type == "sequence") {
        if (table.keyspace->sharded && definition.pinned.empty()) {
            return fail(Code::failed_precondition,
                        "sequence table has to be in an unsharded keyspace or must be pinned: " +
                            table.name);
        }
        table.kind = TableKind::sequence;
        return {};
    }
    if (definition.type != "reference")
        return fail(Code::not_found, "unidentified table type " + definition.type);
    table.kind = TableKind::reference;
    if (definition.source.empty()) return {};
    const auto dots = std::ranges::count(definition.source, '.');
    if (dots > 1) {
        return invalid("invalid source " + in_quotes(definition.source) + " for reference table: " +
                       table.name + "; invalid table name: " + definition.source +
                       ", it must be of the unqualified form <table_name> or the " +
                       std::string(qualified_form));
    }
    const std::size_t dot = definition.source.find('.');
    table.source = dot == std::string::npos ? TableName{"", definition.source}
                                            : TableName{definition.source.substr(0, dot),
                                                        definition.source.substr(dot + 1)};
    return {};
}

int hex_digit(char c) {
    const std::size_t at = std::string_view("0123456789abcdef")
                               .find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// pinned = *( 2HEXDIG )
Result<vindex::KeyspaceId> parse_pinned(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = i + 1 < text.size() ? hex_digit(text[i + 1]) : 0;
        if (high < 0 || low < 0) {
            const char bad = high < 0 ? text[i] : text[i + 1];
            constexpr char digits[] = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(bad);
            std::string shown = "U+00";
            shown += digits[byte >> 4];
            shown += digits[byte & 15];
            if (byte > 0x20 && byte < 0x7f) shown += std::string(" '") + bad + "'";
            return invalid(
                "could not decode the keyspace id for pin: encoding/hex: invalid byte: " + shown);
        }
        bytes += static_cast<char>(high << 4 | low);
    }
    if (text.size() % 2 != 0) {
        return invalid(
            "could not decode the keyspace id for pin: encoding/hex: odd length hex string");
    }
    return vindex::KeyspaceId(bytes);
}

Result<void> add_columns(Table& table, const TableDefinition& definition) {
    std::vector<std::string> names;
    for (const ColumnDefinition& column : definition.columns) names.push_back(lower(column.name));
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
        const auto last =
            std::find_if(definition.columns.rbegin(), definition.columns.rend(),
                         [&](const ColumnDefinition& c) { return lower(c.name) == *twice; });
        return invalid("duplicate column name '" + last->name + "' for table: " + table.name);
    }
    for (const ColumnDefinition& column : definition.columns) {
        table.columns.push_back({.name = column.name,
                                 .type = column.type,
                                 .collation_name = column.collation_name,
                                 .default_value = column.default_value,
                                 .invisible = column.invisible,
                                 .nullable = column.nullable,
                                 .size = column.size,
                                 .scale = column.scale,
                                 .values = column.values});
    }
    return {};
}

Result<std::vector<std::string>> columns_of(const ColumnVindexDefinition& definition,
                                            const Table& table) {
    const std::string where = " (" + definition.name + ") and table (" + table.name + ")";
    if (!definition.column.empty()) {
        if (!definition.columns.empty())
            return invalid("can't use column and columns at the same time in vindex" + where);
        return std::vector{definition.column};
    }
    if (definition.columns.empty())
        return invalid("must specify at least one column for vindex" + where);
    return definition.columns;
}

// A multi-column vindex may be used by its leading columns too; each such form costs one more.
void add_partial_forms(Table& table, const ColumnVindex& whole) {
    ColumnVindex part = whole;
    part.partial = true;
    part.unique = false;
    while (part.columns.size() > 1) {
        part.columns.pop_back();
        ++part.cost;
        table.column_vindexes.push_back(part);
    }
}

Result<void> add_column_vindex(Table& table, const ColumnVindexDefinition& definition,
                               const KeyspaceDefinition& keyspace_definition) {
    const bool primary = table.column_vindexes.empty();
    const auto known = keyspace_definition.vindexes.find(definition.name);
    const auto object = table.keyspace->vindexes.find(definition.name);
    if (known == keyspace_definition.vindexes.end() || object == table.keyspace->vindexes.end()) {
        return fail(Code::not_found,
                    "vindex " + definition.name + " not found for table " + table.name);
    }
    const vindex::Properties& properties = object->second->properties();
    ColumnVindex vindex{.columns = TRY(columns_of(definition, table)),
                        .name = definition.name,
                        .type = known->second.type,
                        .owned = properties.lookup && known->second.owner == table.name,
                        .partial = false,
                        .backfilling = properties.lookup && properties.lookup->backfilling,
                        .cost = properties.cost,
                        .unique = properties.unique,
                        .vindex = object->second};
    const std::string of_table = " for table " + table.name;
    if (primary && !vindex.unique)
        return invalid("primary vindex " + definition.name + " is not Unique" + of_table);
    if (primary && vindex.owned)
        return invalid("primary vindex " + definition.name + " cannot be owned" + of_table);
    if (properties.multi_column && !primary) {
        return fail(Code::unimplemented, "multi-column vindex " + definition.name +
                                             " should be a primary vindex" + of_table);
    }
    if (vindex.owned) table.owned.push_back(table.column_vindexes.size());
    table.column_vindexes.push_back(vindex);
    if (properties.multi_column && properties.partial) add_partial_forms(table, vindex);
    return {};
}

}  // namespace

Result<TableName> parse_qualified_table(std::string_view text) {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || text.find('.', dot + 1) != std::string_view::npos) {
        return invalid("invalid table name: " + std::string(text) + ", it must be of the " +
                       std::string(qualified_form));
    }
    return TableName{std::string(without_back_quotes(text.substr(0, dot))),
                     std::string(without_back_quotes(text.substr(dot + 1)))};
}

Result<std::unique_ptr<Table>> build_table(const std::string& name,
                                           const TableDefinition& definition,
                                           const KeyspaceDefinition& keyspace_definition,
                                           const Keyspace& keyspace) {
    auto table = std::make_unique<Table>();
    table->name = name;
    table->keyspace = &keyspace;
    table->column_list_authoritative = definition.column_list_authoritative;
    TRY(set_kind(*table, definition));
    if (!definition.pinned.empty()) table->pinned = TRY(parse_pinned(definition.pinned));
    const bool needs_vindex =
        keyspace.sharded && table->kind != TableKind::reference && !table->pinned;
    if (needs_vindex && definition.column_vindexes.empty()) {
        return fail(Code::not_found, "missing primary col vindex for table: " + name);
    }
    TRY(add_columns(*table, definition));
    for (const ColumnVindexDefinition& vindex : definition.column_vindexes) {
        TRY(add_column_vindex(*table, vindex, keyspace_definition));
    }
    for (std::size_t i = 0; i < table->column_vindexes.size(); ++i) table->ordered.push_back(i);
    std::ranges::sort(table->ordered, [&](std::size_t l, std::size_t r) {
        const int left = table->column_vindexes[l].cost, right = table->column_vindexes[r].cost;
        return left != right ? left < right : l < r;
    });
    return table;
}

}  // namespace sluice::vschema
