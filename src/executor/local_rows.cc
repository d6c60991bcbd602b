// Step 10 of a request for answers that no shard gave.
#include "executor/local_rows.h"

#include <cctype>

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
            .charset = text ? local->collation : wire::binary_charset,
            .length = text ? 1024U : 21U,
            .type = shape.field,
            .flags = static_cast<std::uint16_t>(
                shape.flags | (column.nullable ? 0U : wire::column_flag::not_null)),
            .decimals = column.decimals};
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

namespace {

char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

}  // namespace

// One walk that returns to the last % when it fails: no recursion, and at most text times pattern
// steps, whatever a client sends.
bool like(std::string_view text, std::string_view pattern) {
    constexpr std::size_t none = std::string_view::npos;
    std::size_t at = 0, here = 0;          // in the text, in the pattern
    std::size_t after = none, resume = 0;  // behind the last %, and where it may go on
    while (at < text.size()) {
        if (here < pattern.size() && pattern[here] == '%') {
            after = ++here;
            resume = at;
            continue;
        }
        const bool escaped = here + 1 < pattern.size() && pattern[here] == '\\';
        const std::size_t wanted = escaped ? here + 1 : here;
        const bool same = wanted < pattern.size() && ((pattern[wanted] == '_' && !escaped) ||
                                                      lower(pattern[wanted]) == lower(text[at]));
        if (same) {
            here = wanted + 1;
            ++at;
        } else if (after != none) {
            here = after;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (here < pattern.size() && pattern[here] == '%') ++here;
    return here == pattern.size();
}

}  // namespace sluice::executor
