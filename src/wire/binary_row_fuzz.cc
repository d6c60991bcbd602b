// Binary rows: columns chosen by the first bytes, then the row. What can be cut can be written, and
// cut again to the same values.
#include <algorithm>
#include <cstdlib>

#include "wire/row.h"

using namespace sluice::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t count = data[0] % 8;
    if (size < 1 + 3 * count) return 0;
    std::vector<ColumnType> columns;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* const at = data + 1 + 3 * i;
        const ColumnDefinition column{
            .charset = static_cast<std::uint16_t>((at[1] & 1) != 0 ? binary_charset : 255),
            .type = at[0],
            .flags = static_cast<std::uint16_t>(at[1] & column_flag::unsigned_),
            .decimals = static_cast<std::uint8_t>(at[2] % 32)};
        columns.push_back(column_type(column));
    }
    const ByteView input = ByteView(data, size).subspan(1 + 3 * count);
    const auto row = cut_binary_row(input, columns);
    if (!row) return 0;
    Bytes out;
    PacketWriter writer(&out);
    // Fails where the text holds less than the bytes did, such as a clock of 99 999 999 999 hours.
    if (!write_binary_row(writer, columns, std::span<const sluice::Value>(*row))) return 0;
    const auto again = cut_binary_row(std::get<Frame>(next_frame(out.view())).payload, columns);
    if (!again) std::abort();
    for (std::size_t i = 0; i < count; ++i) {
        const bool exact =
            columns[i].field != field_type::float_ && columns[i].field != field_type::double_;
        if (exact && (*again)[i].type != (*row)[i].type) std::abort();
    }
    return 0;
}
