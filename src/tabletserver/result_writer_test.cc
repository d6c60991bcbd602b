#include "tabletserver/result_writer.h"

#include <gtest/gtest.h>

#include "query.pb.h"
#include "wire/column.h"
#include "wire/row.h"

namespace sluice::tabletserver {
namespace {

struct Packets {
    wire::Bytes columns, rows;
};

Packets packets_of(const std::vector<std::string>& names,
                   const std::vector<std::vector<ValueView>>& rows) {
    Packets made;
    wire::PacketWriter columns(&made.columns, 1);
    for (const std::string& name : names) {
        wire::write_column(columns, {.schema = "vt_ks",
                                     .table = "t",
                                     .name = name,
                                     .org_name = "o",
                                     .charset = 255,
                                     .length = 40});
    }
    wire::PacketWriter writer(&made.rows, 0);
    for (const auto& row : rows) wire::write_text_row(writer, std::span<const ValueView>(row));
    return made;
}

::query::QueryResult parse(wire::ByteView bytes) {
    ::query::QueryResult result;
    EXPECT_TRUE(result.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    return result;
}

ValueView text(std::string_view bytes) {
    return {Type::varchar, bytes};
}

TEST(ResultWriter, WritesWhatProtobufReads) {
    const std::string long_text(70'000, 'x');
    Packets packets = packets_of(
        {"a", "b"},
        {{text("1"), text("")}, {text("22"), {}}, {text(long_text), text("z")}, {{}, {}}});
    ResultWriter writer;
    writer.begin({.fields = IncludedFields::all, .database = "vt_ks", .keyspace = "ks"});
    ASSERT_TRUE(writer.columns({.packets = packets.columns.view(), .count = 2}));
    // In pieces, as they come from a socket: cut inside of the long row.
    const std::span<std::uint8_t> all = packets.rows.span();
    const std::size_t cut = 40'000;
    ASSERT_TRUE(writer.rows({.packets = all.first(cut), .starts = 3, .ends_inside = true}));
    ASSERT_TRUE(writer.rows({.packets = all.subspan(cut), .starts = 1, .begins_inside = true}));
    writer.finish({.affected_rows = 7, .insert_id = 9, .text = "fine"});
    const ::query::QueryResult result = parse(writer.result());
    ASSERT_EQ(result.fields_size(), 2);
    EXPECT_EQ(result.fields(0).name(), "a");
    EXPECT_EQ(result.fields(0).database(), "ks");
    EXPECT_EQ(result.fields(0).type(), ::query::VARCHAR);
    EXPECT_EQ(result.fields(0).column_length(), 40U);
    EXPECT_EQ(result.fields(0).charset(), 255U);
    ASSERT_EQ(result.rows_size(), 4);
    EXPECT_EQ(result.rows(0).lengths(1), 0);
    EXPECT_EQ(result.rows(1).lengths(1), -1);
    EXPECT_EQ(result.rows(1).values(), "22");
    EXPECT_EQ(result.rows(2).lengths(0), 70'000);
    EXPECT_EQ(result.rows(2).values(), long_text + "z");
    EXPECT_EQ(result.rows(3).lengths(0), -1);
    EXPECT_EQ(result.rows(3).values(), "");
    EXPECT_EQ(result.rows_affected(), 7U);
    EXPECT_EQ(result.insert_id(), 9U);
    EXPECT_EQ(result.info(), "fine");
}

TEST(ResultWriter, TellsAsMuchOfColumnsAsWasAskedFor) {
    for (const auto& [fields, name, table] :
         {std::tuple{IncludedFields::type_and_name, "Tables_in_ks (a%)", ""},
          {IncludedFields::type_only, "", ""},
          {IncludedFields::all, "Tables_in_ks (a%)", "t"}}) {
        Packets packets = packets_of({"Tables_in_vt_ks (a%)"}, {});
        ResultWriter writer;
        writer.begin({.fields = fields, .database = "vt_ks", .keyspace = "ks", .listing = true});
        ASSERT_TRUE(writer.columns({.packets = packets.columns.view(), .count = 1}));
        const ::query::QueryResult result = parse(writer.result());
        EXPECT_EQ(result.fields(0).name(), name);
        EXPECT_EQ(result.fields(0).table(), table);
        EXPECT_EQ(result.fields(0).type(), ::query::VARCHAR);
    }
}

TEST(ResultWriter, CountsRowsAndRefusesBrokenOnes) {
    Packets packets = packets_of({"a"}, {{text("1")}, {text("2")}, {text("3")}});
    ResultWriter writer;
    writer.begin({.row_limit = 2});
    ASSERT_TRUE(writer.columns({.packets = packets.columns.view(), .count = 1}));
    const auto taken = writer.rows({.packets = packets.rows.span(), .starts = 3});
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Code::aborted);
    EXPECT_EQ(taken.error().text, "row count exceeded 2");
    for (std::vector<std::uint8_t> row : std::vector<std::vector<std::uint8_t>>{
             {}, {5, 'a'}, {1, 'a', 1}, {0xfc, 1}, {0xfe, 1}, {0xff}, {0xfb, 0xfb}}) {
        Packets broken = packets_of({"a"}, {});
        wire::PacketWriter(&broken.rows, 0).packet(row);
        ResultWriter reader;
        reader.begin({});
        ASSERT_TRUE(reader.columns({.packets = broken.columns.view(), .count = 1}));
        EXPECT_FALSE(reader.rows({.packets = broken.rows.span(), .starts = 1}));
    }
}

}  // namespace
}  // namespace sluice::tabletserver
