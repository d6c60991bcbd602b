#pragma once
// For tests: a sink that cuts text rows into cells and checks that packets stand in a row.
#include <string>
#include <vector>

#include "mysql/sink.h"
#include "wire/packet.h"

namespace sluice::mysql {

class GatheredRows : public ResultSink {
 public:
    Result<void> columns(const Columns& columns) override {
        column_count = columns.count;
        definitions.assign(columns.packets.begin(), columns.packets.end());
        return refuse_columns ? Result<void>(fail(Code::resource_exhausted, "no room"))
                              : Result<void>();
    }
    Result<bool> rows(const Rows& rows) override {
        if (refuse_rows) return fail(Code::resource_exhausted, er::net_packet_too_large, "no room");
        starts += rows.starts;
        in_pieces = in_pieces || rows.begins_inside || rows.ends_inside;
        bytes.insert(bytes.end(), rows.packets.begin(), rows.packets.end());
        return drain_each;
    }
    Task<Result<void>> drain(Stop*) override {
        ++drains;
        co_return Result<void>{};
    }

    // The cells of all rows; "NULL" for NULL.
    std::vector<std::string> cells() const {
        std::vector<std::string> found;
        wire::MessageCutter cutter(64U << 20U);
        wire::ByteView rest = bytes;
        while (!rest.empty()) {
            const auto cut = cutter.cut(rest);
            if (!cut || !cut->message) return {"malformed"};
            wire::ByteView row = *cut->message;
            while (!row.empty()) row = row.subspan(cell(row, &found));
            rest = rest.subspan(cut->consumed);
        }
        return found;
    }

    std::uint32_t column_count = 0;
    std::uint64_t starts = 0;
    unsigned drains = 0;
    bool in_pieces = false;
    bool drain_each = false, refuse_columns = false, refuse_rows = false;
    std::vector<std::uint8_t> definitions, bytes;

 private:
    static std::size_t cell(wire::ByteView row, std::vector<std::string>* found) {
        if (row[0] == 0xfb) {
            found->emplace_back("NULL");
            return 1;
        }
        const std::size_t extra = row[0] < 0xfb ? 0 : row[0] == 0xfc ? 2 : row[0] == 0xfd ? 3 : 8;
        std::size_t length = extra == 0 ? row[0] : 0;
        for (std::size_t i = 0; i < extra; ++i) length |= std::size_t{row[1 + i]} << (8 * i);
        found->emplace_back(wire::text_of(row.subspan(1 + extra, length)));
        return 1 + extra + length;
    }
};

}  // namespace sluice::mysql
