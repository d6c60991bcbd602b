#include "wire/response.h"

#include <gtest/gtest.h>

#include "wire/detail/test_bytes.h"
#include "wire/result_set.h"

namespace sluice::wire {
namespace {

using testing::hex;
using testing::to_hex;

constexpr std::size_t max_payload = limits::max_packet_payload;

std::vector<ColumnDefinition> two_columns() {
    ColumnDefinition id, name;
    id.schema = name.schema = "vt_ks";
    id.name = "id";
    id.type = field_type::longlong;
    name.name = "name";
    name.charset = 255;
    return {id, name};
}

// A result set as a server sends it, from packet 1 on.
std::vector<std::uint8_t> result(Capabilities negotiated, RowFormat format,
                                 const std::vector<std::string>& names,
                                 Status status = status::autocommit, std::uint8_t sequence = 1) {
    return testing::written(
        [&](PacketWriter& out) {
            ResultSetWriter writer(&out, negotiated, format);
            writer.columns(two_columns(), status::autocommit);
            for (const std::string& name : names) {
                const Value row[] = {{Type::int64, "1"}, {Type::varchar, name}};
                EXPECT_TRUE(writer.row(row));
            }
            writer.end({.status = status});
        },
        sequence);
}

// The events of `input` as letters, fed in chunks: h header, c column, b begin of rows, r row, o
// OK, e end, ! ERR.
std::string events(ByteView input, Capabilities negotiated, RowFormat format, std::size_t chunk,
                   std::size_t limit = 1 << 20) {
    ResponseReader reader(negotiated, format, limit);
    Bytes buffer;
    std::string seen;
    std::size_t at = 0;
    while (!reader.done()) {
        const auto step = reader.next(buffer.view());
        if (!step) return seen + "#" + std::to_string(step.error().number);
        if (std::holds_alternative<NeedMore>(step->event)) {
            buffer.discard_front(step->consumed);
            if (at == input.size()) return seen + "...";
            const std::size_t take = std::min(chunk, input.size() - at);
            buffer.append(input.subspan(at, take));
            at += take;
            continue;
        }
        if (std::holds_alternative<ResponseReader::Header>(step->event)) seen += 'h';
        if (std::holds_alternative<ResponseReader::Column>(step->event)) seen += 'c';
        if (std::holds_alternative<ResponseReader::RowsBegin>(step->event)) seen += 'b';
        if (std::holds_alternative<ResponseReader::Row>(step->event)) seen += 'r';
        if (std::holds_alternative<ResponseReader::Refused>(step->event)) seen += '!';
        if (const auto* end = std::get_if<ResponseReader::Finished>(&step->event)) {
            seen += end->had_rows ? 'e' : 'o';
            EXPECT_NE(end->ok.status & status::autocommit, 0);
        }
        buffer.discard_front(step->consumed);
    }
    EXPECT_EQ(at, input.size());
    EXPECT_TRUE(buffer.empty());
    return seen;
}

const Capabilities both_kinds[] = {0, capability::deprecate_eof};
const RowFormat both_formats[] = {RowFormat::text, RowFormat::binary};

TEST(Response, EveryCutGivesTheSameEvents) {
    for (const Capabilities negotiated : both_kinds) {
        for (const RowFormat format : both_formats) {
            auto input = result(negotiated, format, {"a", "b", ""},
                                status::autocommit | status::more_results);
            const auto ok = testing::written(
                [&](PacketWriter& out) {
                    write_ok(out, {.status = status::autocommit | status::more_results},
                             negotiated);
                },
                static_cast<std::uint8_t>(negotiated == 0 ? 9 : 8));
            testing::append(input, ok);
            testing::append(input, result(negotiated, format, {}, status::autocommit,
                                          static_cast<std::uint8_t>(negotiated == 0 ? 10 : 9)));
            for (std::size_t chunk = 1; chunk < input.size(); ++chunk) {
                EXPECT_EQ(events(input, negotiated, format, chunk), "hccbrrreohccbe") << chunk;
            }
            for (std::size_t cut = 0; cut < input.size(); ++cut) {
                EXPECT_TRUE(
                    events(ByteView(input).first(cut), negotiated, format, 1000).ends_with("..."))
                    << cut;
            }
        }
    }
}

TEST(Response, OtherAnswers) {
    struct Case {
        std::string_view bytes;
        const char* want;
    };
    for (const Case& c :
         {Case{"07000001 00010002000000", "o"}, Case{"09000001 ff1504233238303030", "!"},
          Case{"01000001 fb", "#2014"}, Case{"01000001 00", "#2027"}, Case{"00000001", "#2027"},
          Case{"02000001 0101", "#2027"}, Case{"01000002 01", "#1156"},
          Case{"04000001 fd000001", "#2027"},
          Case{"01000001 01 09000002 ff1504233238303030", "h!"}}) {
        EXPECT_EQ(events(hex(c.bytes), 0, RowFormat::text, 100), c.want) << c.bytes;
    }
}

// What a session does: next() until the rows, then run_rows, then next() for the end. Returns the
// bytes that the client gets for rows, and how it ended.
struct Forwarded {
    std::vector<std::uint8_t> bytes;
    std::uint64_t rows = 0;
    std::string end;
    std::size_t widest = 0;
};
Forwarded forward(ByteView input, Capabilities negotiated, RowFormat format, std::size_t chunk,
                  std::uint8_t sequence) {
    ResponseReader reader(negotiated, format, 1 << 20);
    Bytes buffer;
    Forwarded out;
    std::size_t at = 0;
    bool rows = false;
    const auto read = [&] {
        const std::size_t take = std::min(chunk, input.size() - at);
        buffer.append(input.subspan(at, take));
        at += take;
        out.widest = std::max(out.widest, buffer.size());
        return take > 0;
    };
    while (!reader.done()) {
        if (rows) {
            const RowRun run = reader.run_rows(buffer.span(), sequence);
            const ByteView taken = buffer.view().first(run.bytes);
            out.bytes.insert(out.bytes.end(), taken.begin(), taken.end());
            out.rows += run.rows;
            sequence = run.next_sequence;
            buffer.discard_front(run.bytes);
            if (run.stop == RowRun::Stop::malformed) {
                out.end = "malformed";
                return out;
            }
            if (run.stop == RowRun::Stop::need_more) {
                if (!read()) {
                    out.end = reader.in_pieces() ? "in pieces" : "cut";
                    return out;
                }
                continue;
            }
            rows = false;
        }
        const auto step = reader.next(buffer.view());
        if (!step) {
            out.end = "error";
            return out;
        }
        if (std::holds_alternative<NeedMore>(step->event)) {
            buffer.discard_front(step->consumed);
            if (!read()) {
                out.end = "cut";
                return out;
            }
            continue;
        }
        rows = rows || std::holds_alternative<ResponseReader::RowsBegin>(step->event);
        if (std::holds_alternative<ResponseReader::Finished>(step->event)) out.end = "finished";
        if (std::holds_alternative<ResponseReader::Refused>(step->event)) out.end = "refused";
        buffer.discard_front(step->consumed);
    }
    return out;
}

std::vector<std::uint8_t> rows_only(RowFormat format, const std::vector<std::string>& names,
                                    std::uint8_t sequence) {
    return testing::written(
        [&](PacketWriter& out) {
            std::vector<ColumnType> types;
            for (const auto& column : two_columns()) types.push_back(column_type(column));
            for (const std::string& name : names) {
                const Value row[] = {{Type::int64, "1"}, {Type::varchar, name}};
                if (format == RowFormat::text) write_text_row(out, std::span<const Value>(row));
                if (format == RowFormat::binary)
                    EXPECT_TRUE(write_binary_row(out, types, std::span<const Value>(row)));
            }
        },
        sequence);
}

TEST(RunRows, EveryCutForwardsTheSameBytes) {
    std::vector<std::string> names;
    for (int i = 0; i < 300; ++i)
        names.push_back(std::string(static_cast<std::size_t>(i % 7), 'n'));
    for (const Capabilities negotiated : both_kinds) {
        for (const RowFormat format : both_formats) {
            const auto input = result(negotiated, format, names);
            const auto want = rows_only(format, names, 250);  // sequence numbers wrap around
            for (std::size_t chunk = 1; chunk < 200; ++chunk) {
                const Forwarded got = forward(input, negotiated, format, chunk, 250);
                EXPECT_EQ(got.rows, names.size());
                EXPECT_TRUE(got.bytes == want) << chunk;
                EXPECT_EQ(got.end, "finished");
            }
        }
    }
}

TEST(RunRows, RowsLargerThanTheBufferPassInPieces) {
    for (const RowFormat format : both_formats) {
        for (const std::size_t size :
             {buffered_message, max_payload - 20, max_payload - 6, max_payload - 5, max_payload,
              max_payload + 100, 2 * max_payload + 1}) {
            const std::vector<std::string> names = {"a", std::string(size, '\xfe'), "b"};
            const auto input = result(capability::deprecate_eof, format, names);
            const Forwarded got = forward(input, capability::deprecate_eof, format, 16'000, 7);
            EXPECT_EQ(got.rows, 3U) << size;
            EXPECT_EQ(got.end, "finished") << size;
            EXPECT_TRUE(got.bytes == rows_only(format, names, 7)) << size;
            EXPECT_LE(got.widest, buffered_message + 16'000);
            const auto cut = ByteView(input).first(input.size() - 20'000);
            EXPECT_EQ(forward(cut, capability::deprecate_eof, format, 16'000, 7).end, "in pieces");
        }
    }
}

// A payload of exactly 2^24-1 bytes is followed by an empty packet, which is no row of its own.
TEST(RunRows, ContinuationMayBeEmpty) {
    const std::string cell(max_payload - 6, 'x');  // 1 "1", 4 length
    const auto input = result(capability::deprecate_eof, RowFormat::text, {cell, "z"});
    const auto want = rows_only(RowFormat::text, {cell, "z"}, 3);
    EXPECT_EQ(to_hex(ByteView(want).subspan(header_size + max_payload, header_size)), "00000004");
    const Forwarded got = forward(input, capability::deprecate_eof, RowFormat::text, 30'000, 3);
    EXPECT_EQ(got.rows, 2U);
    EXPECT_TRUE(got.bytes == want);
}

TEST(RunRows, WhereItStops) {
    struct Case {
        const char* bytes;  // after one good row
        Capabilities negotiated;
        RowFormat format;
        const char* want;
    };
    using enum RowFormat;
    for (const Case& c : {
             Case{"05000000 fe00000200", 0, text, "finished"},
             Case{"07000000 fe000002000000", capability::deprecate_eof, text, "finished"},
             Case{"0d000000 fe000002000000 616263646566", capability::deprecate_eof, text,
                  "finished"},
             Case{"0d000000 fe000002000000 616263646566", 0, text, "malformed"},
             Case{"09000000 ff1504233238303030", 0, text, "refused"},
             Case{"09000000 ff1504233238303030", 0, binary, "refused"},
             Case{"00000000", 0, text, "malformed"},
             Case{"02000000 0161", 0, binary, "malformed"},
             Case{"02000009 0161", 0, text, "malformed"},
             Case{"02000000 01", 0, text, "cut"},
             Case{"", 0, text, "cut"},
             Case{"ffff0000 00", 0, binary, "in pieces"},
         }) {
        auto input = result(c.negotiated, c.format, {"a"});
        const std::size_t end = c.negotiated == 0 ? 9 : 11;
        const std::uint8_t sequence = input[input.size() - end + 3];
        input.resize(input.size() - end);
        auto tail = hex(c.bytes);
        if (tail.size() > 3) tail[3] = static_cast<std::uint8_t>(tail[3] + sequence);
        testing::append(input, tail);
        const Forwarded got = forward(input, c.negotiated, c.format, 1000, 1);
        EXPECT_EQ(got.end, c.want) << c.bytes;
        EXPECT_EQ(got.rows, 1U);
    }
}

TEST(ResultSet, ByteForByte) {
    const auto bytes = testing::written(
        [](PacketWriter& out) {
            ResultSetWriter writer(&out, 0, RowFormat::text);
            ColumnDefinition column;
            column.name = "1";
            column.type = field_type::longlong;
            column.length = 1;
            writer.columns(std::span(&column, 1), status::autocommit);
            const Value row[] = {{Type::int64, "1"}};
            EXPECT_TRUE(writer.row(row));
            writer.end({.status = status::autocommit, .warnings = 2});
        },
        1);
    EXPECT_EQ(to_hex(bytes),
              to_hex(hex("0100000101"
                         "17000002 03646566 00 00 00 0131 00 0c 3f00 01000000 08 0000 00 0000"
                         "05000003 fe00000200 02000004 0131 05000005 fe02000200")));
    Bytes out;
    PacketWriter packets(&out);
    ResultSetWriter writer(&packets, 0, RowFormat::binary);
    const auto columns = two_columns();
    writer.columns(columns, 0);
    const std::size_t before = out.size();
    const Value bad[] = {{Type::int64, "x"}, {}};
    EXPECT_FALSE(writer.row(bad));
    EXPECT_EQ(out.size(), before);
}

}  // namespace
}  // namespace sluice::wire
