// Messages byte by byte: bytes to struct, struct to bytes, and every shorter or longer form.
#include <functional>

#include <gtest/gtest.h>

#include "wire/answer.h"
#include "wire/column.h"
#include "wire/detail/fields.h"
#include "wire/detail/test_bytes.h"
#include "wire/handshake.h"
#include "wire/request.h"
#include "wire/statement.h"

namespace sluice::wire {
namespace {

using testing::hex;
using testing::payload_of;
using testing::to_hex;

// `parse` reads `digits` as `want`, `write` writes it back, and no shorter payload is taken if it
// has no open end.
template <class Message, class Parse, class Write>
void check(std::string_view digits, const Message& want, Parse parse, Write write,
           bool open_end = false) {
    const auto bytes = hex(digits);
    const auto got = parse(ByteView(bytes));
    ASSERT_TRUE(got.has_value()) << digits << ": " << got.error().text;
    EXPECT_TRUE(*got == want) << digits;
    EXPECT_EQ(to_hex(payload_of([&](PacketWriter& out) { write(out, want); })), to_hex(bytes));
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        const auto shorter = parse(ByteView(bytes).first(cut));
        if (open_end) continue;
        EXPECT_FALSE(shorter.has_value()) << digits << " cut at " << cut;
    }
    auto longer = bytes;
    longer.push_back(0);
    if (!open_end) EXPECT_FALSE(parse(ByteView(longer)).has_value()) << digits;
}

TEST(Lenenc, AllWidthsAndWhatIsNone) {
    struct Case {
        std::uint64_t value;
        std::string_view digits;
    };
    for (const Case& want :
         {Case{0, "00"}, Case{250, "fa"}, Case{251, "fcfb00"}, Case{65535, "fcffff"},
          Case{65536, "fd000001"}, Case{0xffffff, "fdffffff"},
          Case{0x1000000, "fe0000000100000000"}, Case{~0ULL, "feffffffffffffffff"}}) {
        Bytes out;
        detail::put_lenenc(out, want.value);
        EXPECT_EQ(to_hex(out.view()), want.digits);
        for (std::size_t cut = 0; cut <= out.size(); ++cut) {
            detail::FieldReader reader(out.view().first(cut));
            std::uint64_t got = 0;
            reader.lenenc(got);
            EXPECT_EQ(reader.complete(), cut == out.size()) << want.digits << cut;
            if (reader.complete()) EXPECT_EQ(got, want.value);
        }
    }
    for (const std::string_view digits : {"fb", "ff", "ff0000"}) {
        const auto bytes = hex(digits);
        detail::FieldReader reader(bytes);
        std::uint64_t got = 1;
        reader.lenenc(got);
        EXPECT_FALSE(reader.ok()) << digits;
    }
}

TEST(Ok, ByCapability) {
    const auto with = [](Capabilities negotiated) {
        return std::pair{
            [=](ByteView p) { return parse_ok(p, negotiated); },
            [=](PacketWriter& out, const OkPacket& ok) { write_ok(out, ok, negotiated); }};
    };
    const auto [parse, write] = with(capability::protocol_41);
    check("00 00 00 0200 0000", OkPacket{.status = status::autocommit}, parse, write, true);
    const OkPacket with_info{
        .affected_rows = 300, .insert_id = 7, .status = 3, .warnings = 1, .info = "hi!"};
    check("00 fc2c01 07 0300 0100 03686921", with_info, parse, write, true);
    const auto uncounted = hex("00 fc2c01 07 0300 0100 686921");
    EXPECT_EQ(parse_ok(uncounted, capability::protocol_41), with_info);
    const auto [parse_track, write_track] = with(capability::session_track);
    check("00 01 00 0240 0000 02 6869 05 0103026462",
          OkPacket{.affected_rows = 1,
                   .status = status::autocommit | status::session_state_changed,
                   .info = "hi",
                   .session_state = "\x01\x03\x02"
                                    "db"},
          parse_track, write_track, true);
    check("00 01 00 0200 0000", OkPacket{.affected_rows = 1, .status = 2}, parse_track, write_track,
          true);
    // Length and state must be there if announced, and nothing more.
    for (const std::string_view digits :
         {"", "00", "000000", "0000000200", "00fb0002000000", "0100000200000", "000000024000000268",
          "00000000000002ff", "00 00 00 0200 0000 02 6869 00"}) {
        EXPECT_FALSE(parse_ok(hex(digits), capability::session_track).has_value()) << digits;
    }
    const auto end = payload_of(
        [](PacketWriter& out) { write_end(out, {.status = 2}, capability::deprecate_eof); });
    EXPECT_EQ(to_hex(end), "fe000002000000");
    const auto eof =
        payload_of([](PacketWriter& out) { write_end(out, {.status = 2, .warnings = 1}, 0); });
    EXPECT_EQ(to_hex(eof), "fe01000200");
}

TEST(Err, WithAndWithoutState) {
    const auto bytes = hex("ff 4804 23 4859303030 4e6f207461626c65732075736564");
    const auto err = parse_err(bytes);
    ASSERT_TRUE(err);
    EXPECT_EQ(*err, (ErrPacket{.number = 1096, .state = "HY000", .message = "No tables used"}));
    const Error error = to_error(*err, Code::invalid_argument);
    EXPECT_EQ(to_hex(payload_of([&](PacketWriter& out) { write_err(out, error); })), to_hex(bytes));
    EXPECT_EQ(*parse_err(hex("ff 1004 546f6f")),
              (ErrPacket{.number = 1040, .state = "", .message = "Too"}));
    EXPECT_EQ(to_error(*parse_err(hex("ff 1004 546f6f"))).sqlstate(), "08004");
    EXPECT_EQ(parse_err(hex("ff 1004 23 4859"))->message, "#HY");
    for (const std::string_view digits : {"", "ff", "ff10", "fe1004"})
        EXPECT_FALSE(parse_err(hex(digits))) << digits;
}

TEST(Eof, Exactly) {
    check("fe 0100 0a00", EofPacket{.warnings = 1, .status = 10}, parse_eof, write_eof);
}

TEST(Column, ReadWrittenAndRenamed) {
    const ColumnDefinition column{.schema = "vt_ks",
                                  .table = "a",
                                  .org_table = "users",
                                  .name = "id",
                                  .org_name = "id",
                                  .charset = 63,
                                  .length = 20,
                                  .type = field_type::longlong,
                                  .flags = 0x5003,
                                  .decimals = 0};
    const std::string_view digits =
        "03646566 0576745f6b73 0161 057573657273 026964 026964 0c 3f00 14000000 08 0350 00 0000";
    check(digits, column, parse_column, write_column);

    const Renaming schemas[] = {{"other", "x"}, {"vt_ks", "commerce"}};
    const Renaming tables[] = {{"users", "_u"}};
    ColumnDefinition renamed = column;
    renamed.schema = "commerce";
    renamed.org_table = "_u";
    const auto bytes = hex(digits);
    EXPECT_EQ(
        payload_of([&](PacketWriter& out) {
            EXPECT_TRUE(write_renamed_column(out, bytes, {.schemas = schemas, .tables = tables}));
        }),
        payload_of([&](PacketWriter& out) { write_column(out, renamed); }));
    for (std::size_t cut = 0; cut < 17; ++cut) {
        Bytes out;
        PacketWriter writer(&out);
        EXPECT_FALSE(write_renamed_column(writer, ByteView(bytes).first(cut), {})) << cut;
        EXPECT_TRUE(out.empty());
    }
}

TEST(Column, TypesBothWays) {
    struct Case {
        std::uint8_t field;
        std::uint16_t flags, charset;
        Type want;
    };
    for (const Case& c : {Case{field_type::tiny, 0, 63, Type::int8},
                          Case{field_type::tiny, 32, 63, Type::uint8},
                          Case{field_type::longlong, 32, 63, Type::uint64},
                          Case{field_type::int24, 0, 63, Type::int24},
                          Case{field_type::var_string, 0, 255, Type::varchar},
                          Case{field_type::var_string, 128, 46, Type::varchar},  // utf8mb4_bin
                          Case{field_type::var_string, 128, 63, Type::varbinary},
                          Case{field_type::varchar, 0, 255, Type::varchar},
                          Case{field_type::blob, 16, 255, Type::text},
                          Case{field_type::blob, 144, 63, Type::blob},
                          Case{field_type::long_blob, 144, 63, Type::blob},
                          Case{field_type::string, 0, 255, Type::char_},
                          Case{field_type::string, 128, 63, Type::binary},
                          Case{field_type::string, 256, 255, Type::enum_},
                          Case{field_type::string, 2048, 255, Type::set},
                          Case{field_type::json, 128, 63, Type::json},
                          Case{field_type::newdecimal, 0, 63, Type::decimal},
                          Case{field_type::year, 96, 63, Type::year},
                          Case{field_type::bit, 32, 63, Type::bit},
                          Case{field_type::geometry, 144, 63, Type::geometry},
                          Case{field_type::null, 128, 63, Type::null_type},
                          Case{field_type::vector, 144, 63, Type::vector},
                          Case{200, 0, 255, Type::varchar}}) {
        EXPECT_EQ(type_of(c.field, c.flags, c.charset), c.want) << int{c.field} << ' ' << c.flags;
    }
    for (const Type type :
         {Type::int8,     Type::uint8,     Type::int16,     Type::uint16, Type::int24,
          Type::uint24,   Type::int32,     Type::uint32,    Type::int64,  Type::uint64,
          Type::float32,  Type::float64,   Type::timestamp, Type::date,   Type::time,
          Type::datetime, Type::year,      Type::decimal,   Type::text,   Type::blob,
          Type::varchar,  Type::varbinary, Type::char_,     Type::binary, Type::bit,
          Type::enum_,    Type::set,       Type::geometry,  Type::json,   Type::vector,
          Type::null_type}) {
        const FieldShape shape = field_shape(type);
        const bool text = is_text(type) || type == Type::enum_ || type == Type::set;
        EXPECT_EQ(type_of(shape.field, shape.flags, text ? 255 : binary_charset), type)
            << type_name(type);
    }
}

TEST(Request, SmallCommands) {
    check("04 7573657273 00 69642a", FieldList{.table = "users", .wildcard = "id*"},
          parse_field_list, write_field_list, true);
    EXPECT_FALSE(parse_field_list(hex("04 7573")).has_value());
    check("1b 0100", SetOption{.option = 1}, parse_set_option, write_set_option);
    check("0c 07000000", ProcessKill{.connection = 7}, parse_process_kill, write_process_kill);
    check("1c 07000000 0a000000", StatementFetch{.statement = 7, .rows = 10}, parse_fetch,
          write_fetch);
    check("18 07000000 0200 6162", LongData{.statement = 7, .parameter = 2, .chunk = "ab"},
          parse_long_data, write_long_data, true);
    EXPECT_FALSE(parse_long_data(hex("18 07000000 02")).has_value());
    EXPECT_EQ(command_text(hex("03 73656c")), "sel");
    EXPECT_EQ(command_text({}), "");
    EXPECT_EQ(
        to_hex(payload_of([](PacketWriter& out) { write_command(out, Command::init_db, "db"); })),
        "026462");
    EXPECT_EQ(to_hex(payload_of([](PacketWriter& out) {
                  write_statement_command(out, Command::stmt_close, 258);
              })),
              "1902010000");
}

constexpr std::string_view greeting_564 =
    "0a 352e362e342d6d372d6c6f67 00 560a0000 5242337 67a264772 00 ffff 08 0200 0fc0 15 "
    "00000000000000000000"
    "2b7944262f5a5a3330355a47 00 6d7973716c5f6e61746976655f70617373776f7264 00";

TEST(Greeting, OfMysql) {
    const auto bytes = hex(greeting_564);
    Greeting want{.server_version = "5.6.4-m7-log",
                  .connection_id = 2646,
                  .capabilities = 0xc00fffff,
                  .charset = 8,
                  .status = 2,
                  .plugin = "mysql_native_password"};
    std::copy_n("RB3vz&Gr+yD&/ZZ305ZG", 20, want.salt.begin());
    check(greeting_564, want, parse_greeting, write_greeting, true);
    for (std::size_t cut = 0; cut < 56; ++cut)
        EXPECT_FALSE(parse_greeting(ByteView(bytes).first(cut))) << cut;
    // Without the final NUL of the plugin, as some versions send it.
    EXPECT_EQ(*parse_greeting(ByteView(bytes).first(bytes.size() - 1)), want);
    auto old = bytes;
    old[0] = 9;
    EXPECT_FALSE(parse_greeting(old));
}

TEST(LoginResponse, AllForms) {
    LoginResponse response{.capabilities = capability::gate,
                           .max_packet = 1U << 24,
                           .charset = 255,
                           .user = "root",
                           .answer = "\x01\x02\x03\x04",
                           .database = "test",
                           .plugin = "mysql_native_password",
                           .attributes = {{"_os", "Linux"}, {"a", ""}}};
    const auto bytes = payload_of([&](PacketWriter& out) { write_login_response(out, response); });
    EXPECT_EQ(to_hex(bytes),
              to_hex(hex("0fa23b01 00000001 ff 0000000000000000000000000000000000000000000000 "
                         "726f6f7400 0401020304"
                         "7465737400 6d7973716c5f6e61746976655f70617373776f726400 0d 035f6f73 "
                         "054c696e7578 0161 00")));
    EXPECT_EQ(*parse_login_response(bytes), response);
    EXPECT_FALSE(parse_ssl_request(bytes));
    const std::size_t database_ends = 32 + 5 + 5 + 5;
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        const auto got = parse_login_response(ByteView(bytes).first(cut));
        // Drivers leave out what they have none of.
        const bool complete = cut == database_ends || cut == bytes.size() - 14;
        EXPECT_EQ(got.has_value(), complete) << cut;
    }
    response.capabilities = capability::protocol_41 | capability::secure_connection;
    response.database = response.plugin = "";
    response.attributes.clear();
    EXPECT_EQ(*parse_login_response(
                  payload_of([&](PacketWriter& out) { write_login_response(out, response); })),
              response);
    response.capabilities = capability::protocol_41;
    EXPECT_EQ(*parse_login_response(
                  payload_of([&](PacketWriter& out) { write_login_response(out, response); })),
              response);
    response.capabilities = 0;
    EXPECT_FALSE(parse_login_response(
        payload_of([&](PacketWriter& out) { write_login_response(out, response); })));
}

TEST(LoginMessages, SmallOnes) {
    const SslRequest ssl{
        .capabilities = capability::ssl | capability::protocol_41, .max_packet = 7, .charset = 45};
    const auto bytes = payload_of([&](PacketWriter& out) { write_ssl_request(out, ssl); });
    EXPECT_EQ(bytes.size(), 32U);
    EXPECT_EQ(*parse_ssl_request(bytes), ssl);
    EXPECT_FALSE(parse_ssl_request(ByteView(bytes).first(31)));
    check("fe 61 00 73616c74 00", AuthSwitch{.plugin = "a", .challenge = "salt"}, parse_auth_switch,
          write_auth_switch, true);
    EXPECT_FALSE(parse_auth_switch(hex("fe")));
    check("01 03", AuthMoreData{.text = "\x03"}, parse_auth_more_data, write_auth_more_data, true);
}

}  // namespace
}  // namespace sluice::wire
