// Step 10 of a request for answers that no shard gave.
#include "executor/local_rows.h"

#include <cctype>

#include "collation/collation.h"
#include "wire/row.h"

namespace sluice::executor {

using async::Stop;
using async::Task;

void LocalRows::add(std::initializer_list<std::string_view> cells) {
    std::vector<Value>& row = rows.emplace_back();
    for (const std::string_view cell : cells)
        row.push_back({.type = Type::varchar, .bytes = std::string(cell)});
}

Task<Result<void>> send(const LocalRows* local, Reply* reply, Stop* stop) {
    wire::Bytes packets;
    wire::PacketWriter definitions(&packets, 1);
    std::vector<wire::ColumnType> types;
    for (const LocalColumn& column : local->columns) {
        const wire::FieldShape shape = wire::field_shape(column.type);
        const bool text = is_text(column.type);
        const wire::ColumnDefinition definition{
            .schema = {},
            .table = {},
            .org_table = {},
            .name = column.name,
            .org_name = {},
            .charset = text ? collation::utf8mb4_general_ci : wire::binary_charset,
            .length = text ? 1024U : 21U,
            .type = shape.field,
            .flags = shape.flags,
            .decimals = 0};
        wire::write_column(definitions, definition);
        types.push_back(wire::column_type(definition));
    }
    CO_TRY(reply->columns({.packets = packets.view(),
                           .count = static_cast<std::uint32_t>(local->columns.size()),
                           .binary = reply->binary(),
                           .database = {},
                           .keyspace = {}}));
    packets.clear();
    wire::PacketWriter rows(&packets, reply->sequence);
    for (const std::vector<Value>& row : local->rows) {
        if (reply->binary()) {
            CO_TRY(wire::write_binary_row(rows, types, std::span<const Value>(row)));
        } else {
            wire::write_text_row(rows, std::span<const Value>(row));
        }
    }
    reply->sequence = rows.sequence();
    if (packets.empty()) co_return Result<void>{};
    const tablet::RowRun run{.packets = packets.span(),
                             .starts = local->rows.size(),
                             .begins_inside = false,
                             .ends_inside = false};
    if (CO_TRY(reply->rows(run)) == tablet::RowSink::Take::full)
        CO_TRY(co_await reply->drain(stop));
    co_return Result<void>{};
}

bool like(std::string_view text, std::string_view pattern) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '%') {
            const std::string_view rest = pattern.substr(i + 1);
            for (std::size_t start = at; start <= text.size(); ++start) {
                if (like(text.substr(start), rest)) return true;
            }
            return false;
        }
        if (at == text.size()) return false;
        const bool escaped = pattern[i] == '\\' && i + 1 < pattern.size();
        if (escaped) ++i;
        const bool any = pattern[i] == '_' && !escaped;
        const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
        if (!any && lower(pattern[i]) != lower(text[at])) return false;
        ++at;
    }
    return at == text.size();
}

}  // namespace sluice::executor
