#include "wire/statement.h"

#include <gtest/gtest.h>

#include "wire/detail/test_bytes.h"

namespace sluice::wire {
namespace {

using testing::hex;
using testing::payload_of;
using testing::to_hex;

std::vector<std::vector<std::uint8_t>> messages_of(ByteView bytes) {
    std::vector<std::vector<std::uint8_t>> messages;
    while (!bytes.empty()) {
        const Frame frame = std::get<Frame>(next_frame(bytes));
        messages.emplace_back(frame.payload.begin(), frame.payload.end());
        bytes = bytes.subspan(frame.size());
    }
    return messages;
}

TEST(Prepare, ResponseBothWays) {
    ColumnDefinition column;
    column.name = "c";
    for (const Capabilities negotiated : {Capabilities{0}, capability::deprecate_eof}) {
        for (std::uint16_t parameters = 0; parameters < 3; ++parameters) {
            for (std::size_t count = 0; count < 3; ++count) {
                const std::vector<ColumnDefinition> columns(count, column);
                const auto messages = messages_of(testing::written([&](PacketWriter& out) {
                    write_prepare_response(out, 9, parameters, columns, negotiated,
                                           status::autocommit);
                }));
                PrepareReader reader(negotiated);
                std::size_t seen_parameters = 0, seen_columns = 0;
                for (std::size_t i = 0; i < messages.size(); ++i) {
                    EXPECT_FALSE(reader.done());
                    const auto step = reader.feed(messages[i]);
                    ASSERT_TRUE(step);
                    if (*step == PrepareReader::Step::parameter) {
                        ++seen_parameters;
                        EXPECT_EQ(parse_column(messages[i])->name, "?");
                    }
                    if (*step == PrepareReader::Step::column) ++seen_columns;
                }
                EXPECT_TRUE(reader.done());
                EXPECT_EQ(seen_parameters, parameters);
                EXPECT_EQ(seen_columns, count);
                EXPECT_EQ(reader.prepared().statement, 9U);
                EXPECT_FALSE(reader.feed(messages[0])) << "nothing may follow";
            }
        }
    }
    EXPECT_EQ(to_hex(payload_of([](PacketWriter& out) {
                  write_prepare_ok(out,
                                   {.statement = 1, .columns = 2, .parameters = 3, .warnings = 4});
              })),
              "00010000000200030000"
              "0400");
    PrepareReader refused(0);
    EXPECT_EQ(*refused.feed(hex("ff 1004 234859303030 78")), PrepareReader::Step::refused);
    EXPECT_TRUE(refused.done());
    for (const std::string_view digits :
         {"", "00", "000100000002000300000", "01010000000200030000"}) {
        EXPECT_FALSE(PrepareReader(0).feed(hex(digits))) << digits;
    }
}

TEST(Execute, ReadsTypesOrUsesThoseKept) {
    // Two parameters: an unsigned bigint and a string.
    const auto first = hex("17 01000000 00 01000000 00 01 0880 fd00 0100000000000080 026869");
    const auto execute = parse_execute(first, {.parameters = 2});
    ASSERT_TRUE(execute);
    EXPECT_TRUE(execute->types_sent);
    EXPECT_EQ(*parse_statement_id(first), 1U);
    EXPECT_EQ(*value_of(execute->parameters[0]), (Value{Type::uint64, "9223372036854775809"}));
    EXPECT_EQ(*value_of(execute->parameters[1]), (Value{Type::varchar, "hi"}));
    EXPECT_EQ(to_hex(payload_of(
                  [&](PacketWriter& out) { write_execute(out, 1, 0, execute->parameters); })),
              to_hex(first));
    for (std::size_t cut = 0; cut < first.size(); ++cut) {
        EXPECT_FALSE(parse_execute(ByteView(first).first(cut), {.parameters = 2})) << cut;
    }
    auto longer = first;
    longer.push_back(0);
    const auto spare = parse_execute(longer, {.parameters = 2});
    ASSERT_TRUE(spare);  // what stands behind the last value is nothing
    EXPECT_EQ(*value_of(spare->parameters[1]), (Value{Type::varchar, "hi"}));

    std::vector<ParameterType> kept;
    for (const Parameter& parameter : execute->parameters) kept.push_back(parameter.type);
    const auto second = hex("17 01000000 00 01000000 01 00 026869");
    EXPECT_FALSE(parse_execute(second, {.parameters = 2}));
    const auto again = parse_execute(second, {.parameters = 2, .types = kept});
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->types_sent);
    EXPECT_TRUE(value_of(again->parameters[0])->is_null());
    EXPECT_EQ(value_of(again->parameters[1])->bytes, "hi");
    EXPECT_TRUE(parse_execute(hex("17 01000000 00 01000000"), {}));
}

TEST(Execute, LongDataTakesThePlaceOfTheValue) {
    const auto chunk = hex("616263");
    const std::vector<std::optional<ByteView>> long_data = {std::nullopt, ByteView(chunk)};
    const auto bytes = hex("17 01000000 00 01000000 00 01 0100 fc00 07");
    const auto execute = parse_execute(bytes, {.parameters = 2, .long_data = long_data});
    ASSERT_TRUE(execute);
    EXPECT_EQ(*value_of(execute->parameters[0]), (Value{Type::int64, "7"}));
    EXPECT_EQ(*value_of(execute->parameters[1]), (Value{Type::varbinary, "abc"}));
    EXPECT_EQ(to_hex(payload_of(
                  [&](PacketWriter& out) { write_execute(out, 1, 0, execute->parameters); })),
              to_hex(bytes));
}

TEST(Execute, EachTypeOfParameter) {
    struct Case {
        std::string_view type, bytes;
        Value want;
    };
    for (const Case& c :
         {Case{"0100", "ff", {Type::int64, "-1"}}, Case{"0180", "ff", {Type::uint64, "255"}},
          Case{"0200", "0080", {Type::int64, "-32768"}},
          Case{"0300", "ffffffff", {Type::int64, "-1"}},
          Case{"0400", "cdcccc3d", {Type::float64, "0.10000000149011612"}},
          Case{"0500", "9a9999999999b93f", {Type::float64, "0.1"}}, Case{"0600", "", {}},
          Case{"0a00", "04da070a11", {Type::varchar, "2010-10-17"}},
          Case{"0c00", "00", {Type::varchar, "0000-00-00 00:00:00"}},
          Case{"0c00", "0bda070a11131b1e01000000", {Type::varchar, "2010-10-17 19:27:30.000001"}},
          Case{"0b00", "00", {Type::varchar, "00:00:00"}},
          Case{"f600", "04312e3530", {Type::decimal, "1.50"}},
          Case{"f600", "0731206f7220313d", {Type::varchar, "1 or 1="}},
          Case{"fe00", "0161", {Type::varchar, "a"}},
          Case{"fc00", "0161", {Type::varbinary, "a"}}}) {
        const auto bytes =
            hex("17 01000000 00 01000000 00 01" + std::string(c.type) + std::string(c.bytes));
        const auto execute = parse_execute(bytes, {.parameters = 1});
        ASSERT_TRUE(execute) << c.type << c.bytes;
        EXPECT_EQ(*value_of(execute->parameters[0]), c.want) << c.type << c.bytes;
    }
    const auto nan = hex("17 01000000 00 01000000 00 01 0500 000000000000f87f");
    EXPECT_FALSE(value_of(parse_execute(nan, {.parameters = 1})->parameters[0]));
    EXPECT_FALSE(parse_execute(hex("17 01000000 00 01000000 00 02 0100 00"), {.parameters = 1}));
}

TEST(Execute, OfValues) {
    const std::vector<ValueView> values = {{Type::int32, "-5"},
                                           {},
                                           {Type::uint64, "18446744073709551615"},
                                           {Type::varchar, "x"},
                                           {Type::int64, " 7"},
                                           {Type::decimal, "1.5"}};
    const auto bytes = payload_of([&](PacketWriter& out) { write_execute(out, 3, 0, values); });
    const auto execute = parse_execute(bytes, {.parameters = values.size()});
    ASSERT_TRUE(execute);
    std::vector<Value> got;
    for (const Parameter& parameter : execute->parameters) got.push_back(*value_of(parameter));
    EXPECT_EQ(got, (std::vector<Value>{{Type::int64, "-5"},
                                       {},
                                       {Type::uint64, "18446744073709551615"},
                                       {Type::varchar, "x"},
                                       {Type::varchar, " 7"},
                                       {Type::decimal, "1.5"}}));
}

}  // namespace
}  // namespace sluice::wire
