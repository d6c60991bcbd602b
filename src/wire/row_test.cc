#include "wire/row.h"

#include <gtest/gtest.h>

#include "values/number.h"
#include "wire/detail/binary_value.h"
#include "wire/detail/test_bytes.h"

namespace sluice::wire {
namespace {

using testing::hex;
using testing::payload_of;
using testing::to_hex;

TEST(TextRow, WrittenAndCut) {
    const std::string long_text(300, 'x');
    const std::vector<Value> row = {
        {Type::int64, "1"}, {}, {Type::varchar, ""}, {Type::varchar, long_text}};
    const std::vector<Type> types = {Type::int64, Type::varchar, Type::varchar, Type::varchar};
    const auto bytes = payload_of([&](PacketWriter& out) { write_text_row(out, row); });
    EXPECT_EQ(to_hex(ByteView(bytes).first(8)), "0131fb00fc2c0178");
    std::vector<ValueView> cut(4);
    ASSERT_TRUE(cut_text_row(bytes, types, cut));
    for (std::size_t i = 0; i < row.size(); ++i) EXPECT_EQ(cut[i].copy(), row[i]) << i;
    EXPECT_EQ(payload_of([&](PacketWriter& out) { write_text_row(out, cut); }), bytes);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        EXPECT_FALSE(cut_text_row(ByteView(bytes).first(at), types, cut)) << at;
    }
    EXPECT_FALSE(cut_text_row(bytes, std::span(types).first(3), std::span(cut).first(3)));
    EXPECT_FALSE(cut_text_row(hex("ff"), std::span(types).first(1), std::span(cut).first(1)));
}

struct BinaryCase {
    std::string_view bytes;  // of the value
    ColumnType column;
    std::string_view text;
};

const BinaryCase binary_cases[] = {
    {"ff", {field_type::tiny, Type::int8}, "-1"},
    {"ff", {field_type::tiny, Type::uint8}, "255"},
    {"0080", {field_type::short_, Type::int16}, "-32768"},
    {"ffff", {field_type::short_, Type::uint16}, "65535"},
    {"e807", {field_type::year, Type::year}, "2024"},
    {"0000", {field_type::year, Type::year}, "0000"},
    {"000080ff", {field_type::int24, Type::int24}, "-8388608"},
    {"ffffff00", {field_type::int24, Type::uint24}, "16777215"},
    {"00000080", {field_type::long_, Type::int32}, "-2147483648"},
    {"ffffffff", {field_type::long_, Type::uint32}, "4294967295"},
    {"0000000000000080", {field_type::longlong, Type::int64}, "-9223372036854775808"},
    {"ffffffffffffffff", {field_type::longlong, Type::uint64}, "18446744073709551615"},
    {"cdcccc3d", {field_type::float_, Type::float32, 31}, "0.1"},
    {"0000803f", {field_type::float_, Type::float32, 31}, "1"},
    {"000000000000f0bf", {field_type::double_, Type::float64, 31}, "-1"},
    {"9a9999999999b93f", {field_type::double_, Type::float64, 31}, "0.1"},
    {"0000000000001c40", {field_type::double_, Type::float64, 2}, "7.00"},
    {"04da070a11", {field_type::date, Type::date}, "2010-10-17"},
    {"00", {field_type::date, Type::date}, "0000-00-00"},
    {"00", {field_type::datetime, Type::datetime, 0}, "0000-00-00 00:00:00"},
    {"04da070a11", {field_type::datetime, Type::datetime, 0}, "2010-10-17 00:00:00"},
    {"07da070a11131b1e", {field_type::datetime, Type::datetime, 0}, "2010-10-17 19:27:30"},
    {"0bda070a11131b1e01000000",
     {field_type::timestamp, Type::timestamp, 6},
     "2010-10-17 19:27:30.000001"},
    {"0bda070a11131b1e50c30000",
     {field_type::datetime, Type::datetime, 2},
     "2010-10-17 19:27:30.05"},
    {"04da070a11", {field_type::datetime, Type::datetime, 3}, "2010-10-17 00:00:00.000"},
    {"00", {field_type::time, Type::time, 0}, "00:00:00"},
    {"080178000000131b1e", {field_type::time, Type::time, 0}, "-2899:27:30"},
    {"0c0022000000161b1e01000000", {field_type::time, Type::time, 6}, "838:27:30.000001"},
    {"080000000000010203", {field_type::time, Type::time, 0}, "01:02:03"},
    {"03616263", {field_type::var_string, Type::varchar}, "abc"},
    {"00", {field_type::blob, Type::blob}, ""},
    {"04312e3530", {field_type::newdecimal, Type::decimal, 2}, "1.50"},
    {"023031", {field_type::bit, Type::bit}, "01"},
    {"027b7d", {field_type::json, Type::json}, "{}"},
};

TEST(BinaryRow, EachTypeBothWays) {
    for (const BinaryCase& want : binary_cases) {
        const auto bytes = hex("0000" + std::string(want.bytes));
        const std::vector<ColumnType> columns = {want.column};
        const auto row = cut_binary_row(bytes, columns);
        ASSERT_TRUE(row) << want.bytes;
        EXPECT_EQ((*row)[0], (Value{want.column.type, std::string(want.text)}));
        EXPECT_EQ(to_hex(payload_of([&](PacketWriter& out) {
                      EXPECT_TRUE(write_binary_row(out, columns, std::span<const Value>(*row)));
                  })),
                  to_hex(bytes))
            << want.text;
        for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
            EXPECT_FALSE(cut_binary_row(ByteView(bytes).first(cut), columns))
                << want.bytes << " at " << cut;
        }
        auto longer = bytes;
        longer.push_back(0);
        EXPECT_FALSE(cut_binary_row(longer, columns)) << want.bytes;
    }
}

TEST(BinaryRow, NullBitsBeginAtTheThird) {
    for (std::size_t count = 1; count <= 20; ++count) {
        const std::vector<ColumnType> columns(count, {field_type::tiny, Type::int8});
        std::vector<Value> row;
        for (std::size_t i = 0; i < count; ++i)
            row.push_back(i % 3 == 0 ? Value{} : Value{Type::int8, "7"});
        const auto bytes = payload_of([&](PacketWriter& out) {
            EXPECT_TRUE(write_binary_row(out, columns, std::span<const Value>(row)));
        });
        EXPECT_EQ(bytes[1] & 3, 0);
        EXPECT_EQ(bytes[1] & 4, 4);
        EXPECT_EQ(*cut_binary_row(bytes, columns), row) << count;
    }
}

TEST(BinaryRow, RefusesWhatIsNone) {
    struct Case {
        std::string_view bytes;
        ColumnType column;
    };
    for (const Case& c :
         {Case{"00 00 05da070a1100", {field_type::datetime, Type::datetime}},
          Case{"00 00 03000000", {field_type::time, Type::time}},
          Case{"00 00 0bda070a11131b1effffffff", {field_type::datetime, Type::datetime, 6}},
          Case{"00 00 0000c07f", {field_type::float_, Type::float32, 31}},
          Case{"01 00 00", {field_type::tiny, Type::int8}},
          Case{"00 00 fb", {field_type::var_string, Type::varchar}},
          Case{"00 00 feffffffffffffffff", {field_type::var_string, Type::varchar}}}) {
        EXPECT_FALSE(cut_binary_row(hex(c.bytes), std::vector{c.column})) << c.bytes;
    }
    struct Unfit {
        std::string_view text;
        ColumnType column;
    };
    for (const Unfit& c : {Unfit{"128", {field_type::tiny, Type::int8}},
                           Unfit{"-1", {field_type::tiny, Type::uint8}},
                           Unfit{"256", {field_type::tiny, Type::uint8}},
                           Unfit{"x", {field_type::longlong, Type::int64}},
                           Unfit{"", {field_type::longlong, Type::int64}},
                           Unfit{"8388608", {field_type::int24, Type::int24}},
                           Unfit{"1e999", {field_type::double_, Type::float64}},
                           Unfit{"1e39", {field_type::float_, Type::float32}},
                           Unfit{"nan", {field_type::double_, Type::float64}},
                           Unfit{"2010-10", {field_type::date, Type::date}},
                           Unfit{"2010-10-17 1:2", {field_type::datetime, Type::datetime}},
                           Unfit{"12", {field_type::time, Type::time}},
                           Unfit{"x", {field_type::null, Type::null_type}}}) {
        Bytes out;
        PacketWriter writer(&out);
        const std::vector<Value> row = {{Type::varchar, std::string(c.text)}};
        const auto result =
            write_binary_row(writer, std::vector{c.column}, std::span<const Value>(row));
        ASSERT_FALSE(result) << c.text;
        EXPECT_EQ(result.error().number, er::unknown_error);
        EXPECT_TRUE(out.empty());
    }
}

// Texts as MariaDB 10.11 and MySQL print them.
TEST(RealText, AsServersPrint) {
    struct Case {
        double value;
        std::string_view text;
    };
    for (const Case& c : {Case{1e-15, "0.000000000000001"}, Case{1e-16, "1e-16"},
                          Case{1e14, "100000000000000"}, Case{1e15, "1e15"}, Case{1e16, "1e16"},
                          Case{123456789012345678e0, "1.2345678901234568e17"},
                          Case{12345678901234567e0, "1.2345678901234568e16"}, Case{0.1, "0.1"},
                          Case{1.5e-300, "1.5e-300"}, Case{-2.5e-5, "-0.000025"},
                          Case{1.2345678901234567e15, "1234567890123456.8"},
                          Case{1234567890123456e0, "1.234567890123456e15"}, Case{0, "0"},
                          Case{-0.0, "-0"}, Case{1.2345678901234567e-5, "0.000012345678901234568"},
                          Case{2e22, "2e22"}, Case{-12.5, "-12.5"}}) {
        std::string out;
        append_double(out, c.value);
        EXPECT_EQ(out, c.text);
    }
}

}  // namespace
}  // namespace sluice::wire
