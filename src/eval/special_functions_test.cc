// RAND(n), FORMAT_BYTES, GET_FORMAT, vectors, GTIDs, AES with a key derivation function, ANY and
// ALL, with MySQL 9.7's answers.
#include <gtest/gtest.h>

#include "eval/detail/test_expressions.h"
#include "eval/random_sequence.h"

namespace sluice::eval {
namespace {

using testing::fixed_environment;
using testing::see;
using testing::Seen;

struct Case {
    std::string_view text, value, type;
};

void expect_all(std::initializer_list<Case> cases) {
    for (const auto& [text, value, type] : cases) {
        const Seen seen = see(text);
        EXPECT_EQ(seen.text, value) << text;
        EXPECT_EQ(seen.type, type) << text;
    }
}

TEST(Random, SequencesAreMySqls) {
    expect_all({{"rand(3)", "0.9057697559760601", "FLOAT64"},
                {"rand(null)", "0.15522042769493574", "FLOAT64"},
                {"rand(3.7)", "0.15595286540310166", "FLOAT64"},
                {"rand(-1)", "0.9050373219931845", "FLOAT64"},
                {"rand(18446744073709551615)", "0.9050373219931845", "FLOAT64"},
                {"rand()", "error 1235", ""},
                {"rand(1, 2)", "error 1582", ""}});
    EXPECT_EQ(see("rand('abc')").warnings, "1292 ");
}

TEST(Random, AConstantSeedGoesOnFromRowToRow) {
    Environment environment = fixed_environment();
    Columns columns;
    columns.columns = {{"n", literal_type(ValueView{Type::int64, "1"}, environment), {}}};
    const auto constant = bind(*sql::parse_expression("rand(3)"), columns, environment);
    const auto varying = bind(*sql::parse_expression("rand(n)"), columns, environment);
    ASSERT_TRUE(constant && varying);
    const std::vector<Datum> row{std::int64_t{3}};
    RandomSequence sequence(3);
    const double first = sequence.next();
    const double second = sequence.next();
    EXPECT_NE(first, second);
    EXPECT_EQ(*evaluate(*constant, row, environment)->as<double>(), first);
    EXPECT_EQ(*evaluate(*constant, row, environment)->as<double>(), second);
    EXPECT_EQ(*evaluate(*varying, row, environment)->as<double>(), first);
    EXPECT_EQ(*evaluate(*varying, row, environment)->as<double>(), first);
}

TEST(Shown, BytesTimesAndFormats) {
    expect_all({{"format_bytes(512)", " 512 bytes", "VARCHAR"},
                {"format_bytes(0)", "   0 bytes", "VARCHAR"},
                {"format_bytes(1024)", "1.00 KiB", "VARCHAR"},
                {"format_bytes(-2048)", "-2.00 KiB", "VARCHAR"},
                {"format_bytes(1e30)", "8.67e+11 EiB", "VARCHAR"},
                {"format_bytes(18446744073709551615)", "16.00 EiB", "VARCHAR"},
                {"format_bytes(null)", "NULL", "VARCHAR"},
                {"format_pico_time(0)", "  0 ps", "VARCHAR"},
                {"format_pico_time(3501)", "3.50 ns", "VARCHAR"},
                {"format_pico_time(188732396662000)", "3.15 min", "VARCHAR"},
                {"format_pico_time(1e30)", "1.16e+13 d", "VARCHAR"},
                {"format_pico_time(-5000)", "-5.00 ns", "VARCHAR"},
                {"get_format(date, 'eur')", "%d.%m.%Y", "VARCHAR"},
                {"get_format(datetime, 'USA')", "%Y-%m-%d %H.%i.%s", "VARCHAR"},
                {"get_format(time, 'jis')", "%H:%i:%s", "VARCHAR"},
                {"get_format(timestamp, 'internal')", "%Y%m%d%H%i%s", "VARCHAR"},
                {"get_format(date, 'xx')", "NULL", "VARCHAR"},
                {"name_const('x', 5)", "5", "INT64"},
                {"name_const('x', -5)", "-5", "INT64"},
                {"name_const('x', 1 + 1)", "error 1210", ""}});
}

TEST(Vectors, AreFloats) {
    expect_all({{"hex(to_vector('[1,2]'))", "0000803F00000040", "TEXT"},
                {"from_vector(to_vector(' [ 1 , 2.5, -3e2 ] '))",
                 "[1.00000e+00,2.50000e+00,-3.00000e+02]", "TEXT"},
                {"vector_to_string(x'0000803f')", "[1.00000e+00]", "TEXT"},
                {"vector_dim(string_to_vector('[1,2]'))", "2", "INT64"},
                {"to_vector(null)", "NULL", "VECTOR"},
                {"vector_dim(x'0000803f00')", "error 6138", ""},
                {"vector_dim('abcd')", "error 1210", ""},
                {"to_vector(5)", "error 1210", ""}});
    for (const std::string_view text :
         {"[]", "abc", "[1,]", "[1", "[1] x", "[1e50]", "[nan]", "[1e-40]"}) {
        EXPECT_EQ(see("to_vector('" + std::string(text) + "')").text, "error 6138") << text;
    }
}

TEST(Etag, IsTheSumOfHashes) {
    expect_all(
        {{"etag('a')", "a96faf705af16834e6c632b61e964e1f", "VARCHAR"},
         {"etag('')", "a6cd5e9392000f6ac44bdff4074eecdb", "VARCHAR"},
         {"etag(null)", "4d6ac5b7d1a1655cab94ac0ace7276c0", "VARCHAR"},
         {"etag(null, null)", "9ad58b6fa342cab9572958159ce4ed80", "VARCHAR"},
         {"etag(1, 'a')", "88ac96f533479b824c9357b8ae2f3f77", "VARCHAR"},
         {"etag('a', 1)", "88ac96f533479b824c9357b8ae2f3f77", "VARCHAR"},
         {"etag(1.50)", "88ff89123ba8bd583dcac457b2a338cd", "VARCHAR"},
         {"etag(x'ff00')", "f769e44b0f8d53060b06685630f819e7", "VARCHAR"},
         {"etag(date'2024-01-02')", "0585e1ee41852fa4e3568e7c71961472", "VARCHAR"},
         {"etag(_latin1 x'e9')", "284c100906a5e66e48a895eb05a3c780", "VARCHAR"},
         {"etag(cast('[null, true, false, \"a\", \"\"]' as json))",
          "54ec8a9059cd0843d6428170c8984a1b", "VARCHAR"},
         {"etag(cast('{\"b\": 0, \"a\": {\"\": -1.5}}' as json))",
          "d9e9f7e8689e3288ff76ecb2f489b409", "VARCHAR"},
         {"etag(cast(timestamp'2024-01-02 03:04:05.5' as json))",
          "3b393c2f9b6c5af15c5e2279d5e460d8", "VARCHAR"},
         {"etag(cast(time'-10:11:12' as json))", "c5634f391778c2a542e756d26eee8800", "VARCHAR"},
         {"etag(cast(x'61' as json))", "a96faf705af16834e6c632b61e964e1f", "VARCHAR"},
         {"etag(repeat('abc', 200))", "a6ede4d2ca0a24ef38b189315e8cb333", "VARCHAR"},
         {"etag(cast(18446744073709551615 as json))", "b2ee578c110c9b59e9a89682238a81dd",
          "VARCHAR"},
         {"etag(cast('1.10' as json))", "130baa8199ec0c6c93658ee5f164dd1a", "VARCHAR"},
         {"etag(to_vector('[1]'))", "error 6508", ""},
         {"etag(point(1, 2))", "error 6508", ""}});
}

TEST(Gtids, AreSets) {
    const std::string server = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
    EXPECT_EQ(see("gtid_subset('" + server + ":23', '" + server + ":21-57')").text, "1");
    EXPECT_EQ(see("gtid_subset('" + server + ":23', '')").text, "0");
    EXPECT_EQ(see("gtid_subtract('" + server + ":21-57', '" + server + ":20-25')").text,
              server + ":26-57");
    EXPECT_EQ(see("gtid_subset(null, '')").text, "NULL");
    EXPECT_EQ(see("gtid_subset('x', '')").text, "error 1772");
    EXPECT_EQ(see("gtid_subtract('', '')").type, "TEXT");
    EXPECT_EQ(see("collation(format_bytes(2048))").text, "utf8mb3_general_ci");
    EXPECT_EQ(byte_length(see("from_vector(null)").field), 1'048'512U);
}

TEST(Aes, KeysAreDerived) {
    const auto encrypted = [](std::string_view more) {
        return see("hex(aes_encrypt('abc', 'k', '', " + std::string(more) + "))").text;
    };
    EXPECT_EQ(encrypted("'hkdf'"), "7F047F403F8F931A49EAEE98EBE0E1E2");
    EXPECT_EQ(encrypted("'hkdf', 'salt'"), "C1EC57C8DD511212D244DEADCAD391D4");
    EXPECT_EQ(encrypted("'hkdf', 'salt', 'info'"), "7B7122BA5B0E39F8C61D35DB0296208F");
    EXPECT_EQ(encrypted("'pbkdf2_hmac'"), "AA3DAE60002AA8E9A0B603C949DCDF10");
    EXPECT_EQ(encrypted("'pbkdf2_hmac', 'salt'"), "68A27307A28E3551C3653B7DEA364FFF");
    EXPECT_EQ(encrypted("'pbkdf2_hmac', 'salt', '2000'"), "BAEB52B9E7F59A432B46878770E5A34D");
    EXPECT_EQ(encrypted("'pbkdf2_hmac', 'salt', 1500"), "FF6A3CFFAF8CA6738CEAFE7CFCC6E35B");
    for (const auto& [more, error] : std::initializer_list<std::pair<const char*, const char*>>{
             {"'HKDF'", "error 3235"},
             {"null", "error 3238"},
             {"'hkdf', null", "error 3238"},
             {"'hkdf', repeat('s', 256)", "error 3238"},
             {"'pbkdf2_hmac', 'salt', '10'", "error 3236"},
             {"'pbkdf2_hmac', 'salt', 70000", "error 3236"},
             {"'pbkdf2_hmac', 'salt', null", "error 3238"}}) {
        EXPECT_EQ(encrypted(more), error) << more;
    }
    EXPECT_EQ(
        see("aes_decrypt(aes_encrypt('abc', 'k', '', 'hkdf', 's'), 'k', '', 'hkdf', 's')").text,
        "abc");
    EXPECT_EQ(see("aes_encrypt('abc', 'k', 'x')").warnings, "1618 ");
}

// The answers are those of the same comparison with (VALUES ROW(..), ..).
TEST(Quantified, AsARowOfComparisons) {
    expect_all({{"1 = any (1, 2)", "1", "INT64"},
                {"3 = some (1, 2)", "0", "INT64"},
                {"3 = any (1, null)", "NULL", "INT64"},
                {"1 <> all (1, null)", "0", "INT64"},
                {"3 <> all (1, null)", "NULL", "INT64"},
                {"3 > all (1, 2)", "1", "INT64"},
                {"2 >= all (1, 2)", "1", "INT64"},
                {"2 > all (1, 2)", "0", "INT64"},
                {"2 > any (1, 2)", "1", "INT64"},
                {"null > any (1, 2)", "NULL", "INT64"},
                {"'b' < any ('A', 'C')", "1", "INT64"},
                {"(1, 2) = any ((1, 2), (3, 4))", "1", "INT64"},
                {"(1, 2) = any (1, 2)", "error 1241", ""}});
}

TEST(Quantified, OverAListOfTheStatement) {
    const Environment environment = fixed_environment();
    Columns columns;
    BindValue list{.value = {.type = Type::tuple, .bytes = ""}, .list = {}};
    for (const char* each : {"1", "5", "9"}) list.list.push_back({Type::int64, each});
    columns.variables.push_back(*variable("list", list, environment));
    EXPECT_EQ(see("7 > any (::list)", environment, columns).text, "1");
    EXPECT_EQ(see("7 > all (::list)", environment, columns).text, "0");
}

TEST(Extremes, JsonIsComparedByItsText) {
    for (const auto& [text, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"greatest(cast('1' as json), cast('2' as json))", "2"},
             {"greatest(cast('10' as json), cast('9' as json))", "9"},
             {"greatest(cast('1' as json), 'a')", "a"},
             {"least(cast('[1]' as json), cast('{\"a\":2}' as json))", "[1]"},
             {"least(cast('10' as json), 9.5)", "10"}}) {
        const Seen seen = see(text);
        EXPECT_EQ(seen.text, value) << text;
        EXPECT_EQ(seen.warnings, "1235 ") << text;
    }
}

}  // namespace
}  // namespace sluice::eval
