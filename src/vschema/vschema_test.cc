// VSchemas: JSON both ways, what v21 refuses, look-ups, ALTER VSCHEMA, tables told by shards.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sql/parse.h"
#include "vindex/test_types.h"
#include "vschema/alter.h"
#include "vschema/json.h"
#include "vschema/schema.h"

namespace sluice::vschema {
namespace {

namespace json = boost::json;

std::string read_all(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

BuildOptions options_for_tests() {
    return {.epoch = 7, .creation = {.read_file = {}, .more_types = vindex::test_types()}};
}

std::shared_ptr<const Schema> built(std::string_view text) {
    const auto definition = parse_srv_vschema_json(text);
    EXPECT_TRUE(definition) << (definition ? "" : definition.error().text);
    return Schema::build(definition.value_or(SrvVSchema{}), options_for_tests());
}

constexpr std::string_view shop = R"({
  "keyspaces": {
    "customer": {
      "sharded": true,
      "vindexes": {"hash": {"type": "hash"}, "wide": {"type": "multicol", "params": {"column_count": "3"}},
                   "lkp": {"type": "lookup_unique", "owner": "customer",
                           "params": {"table": "commerce.lkp", "from": "email", "to": "id"}}},
      "tables": {
        "customer": {"column_vindexes": [{"column": "id", "name": "hash"}, {"columns": ["email"], "name": "lkp"}],
                     "auto_increment": {"column": "id", "sequence": "customer_seq"},
                     "columns": [{"name": "Email", "type": "VARCHAR", "collation_name": "utf8mb4_bin"}]},
        "wide": {"column_vindexes": [{"columns": ["a", "b", "c"], "name": "wide"}]},
        "both": {"column_vindexes": [{"column": "id", "name": "hash"}]},
        "country": {"type": "reference", "source": "commerce.country"},
        "fixed": {"pinned": "c0"}
      }
    },
    "commerce": {"tables": {"customer_seq": {"type": "sequence"}, "country": {}, "lkp": {}, "both": {}}}
  },
  "routing_rules": {"rules": [
    {"from_table": "old", "to_tables": ["customer.customer"]},
    {"from_table": "commerce.moved@replica", "to_tables": ["customer.both"]},
    {"from_table": "off", "to_tables": []},
    {"from_table": "two", "to_tables": ["a.b", "c.d"]},
    {"from_table": "dup", "to_tables": ["commerce.lkp"]}, {"from_table": "dup", "to_tables": ["commerce.lkp"]},
    {"from_table": "bad", "to_tables": ["nowhere.t"]},
    {"from_table": "bare", "to_tables": ["t"]}]},
  "keyspace_routing_rules": {"rules": [{"from_keyspace": "was", "to_keyspace": "commerce"},
                                       {"from_keyspace": "was@replica", "to_keyspace": "customer"}]},
  "shard_routing_rules": {"rules": [{"from_keyspace": "customer", "to_keyspace": "new", "shard": "-80"}]},
  "mirror_rules": {"rules": [{"from_table": "commerce.both", "to_table": "customer.both", "percent": 0.1}]}
})";

TEST(Schema, FindsTablesByTheRules) {
    struct Case {
        const char* keyspace;
        const char* table;
        TabletType type;
        const char* want;
    };
    constexpr auto primary = TabletType::primary, replica = TabletType::replica;
    const auto schema = built(shop);
    for (const auto& [keyspace, table, type, want] : {
             Case{"customer", "customer", primary, "customer.customer"},
             Case{"", "customer", primary, "customer.customer"},
             Case{"", "country", primary, "commerce.country"},
             Case{"customer", "country", primary, "customer.country"},
             Case{"commerce", "anything", primary, "commerce.anything"},
             Case{"customer", "anything", primary, "table anything not found"},
             Case{"", "anything", primary, "table anything not found"},
             Case{"", "both", primary, "ambiguous table reference: both"},
             Case{"nowhere", "t", primary, "VT05003: unknown database 'nowhere' in vschema"},
             Case{"", "old", replica, "customer.customer"},
             Case{"commerce", "moved", replica, "customer.both"},
             Case{"commerce", "moved", primary, "commerce.moved"},
             Case{"", "off", primary, "table off has been disabled"},
             Case{"", "two", primary, "table two has more than one target: [a.b c.d]"},
             Case{"", "dup", primary, "duplicate rule for entry dup"},
             Case{"", "bad", primary, "VT05003: unknown database 'nowhere' in vschema"},
             Case{"", "bare", primary,
                  "invalid table name: t, it must be of the qualified form "
                  "<keyspace_name>.<table_name> (dots are not "
                  "allowed in either name)"},
             Case{"was", "lkp", primary, "commerce.lkp"},
             Case{"was", "customer", replica, "customer.customer"},
             Case{"was", "lkp", TabletType::rdonly, "commerce.lkp"},
             Case{"customer", "wide", primary, "customer.wide"},
         }) {
        const auto found = schema->find_table(keyspace, table, type);
        EXPECT_EQ(found ? (*found)->qualified_name() : found.error().text, want)
            << keyspace << "." << table;
    }
}

TEST(Schema, KnowsVindexesSequencesAndReferences) {
    const auto schema = built(shop);
    EXPECT_EQ(schema->epoch(), 7u);
    const Table& customer = **schema->find_table("customer", "customer", TabletType::primary);
    EXPECT_EQ(customer.primary_vindex()->name, "hash");
    EXPECT_EQ(customer.owned, std::vector<std::size_t>{1});
    EXPECT_EQ(customer.ordered, (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(customer.auto_increment->sequence->qualified_name(), "commerce.customer_seq");
    EXPECT_EQ(customer.column("EMAIL")->collation_name, "utf8mb4_bin");
    EXPECT_FALSE(customer.column("nothing"));
    const Table& wide = **schema->find_table("customer", "wide", TabletType::primary);
    ASSERT_EQ(wide.column_vindexes.size(), 3u);
    EXPECT_EQ(wide.column_vindexes[2].columns, std::vector<std::string>{"a"});
    EXPECT_EQ(wide.column_vindexes[2].cost, 5);
    EXPECT_TRUE(wide.column_vindexes[2].partial);
    EXPECT_EQ((*schema->find_table("customer", "fixed", TabletType::primary))->pinned->hex(), "c0");
    const Table& country = **schema->find_table("commerce", "country", TabletType::primary);
    EXPECT_EQ(country.referenced_by.at("customer")->qualified_name(), "customer.country");
    // A name that is a table in one keyspace and a vindex in another.
    const auto vindex = schema->find_table_or_vindex("customer", "lkp", TabletType::primary);
    EXPECT_EQ(std::get<FoundVindex>(*vindex).vindex->name(), "lkp");
    EXPECT_TRUE(std::holds_alternative<TablePointer>(
        *schema->find_table_or_vindex("", "lkp", TabletType::primary)));
    EXPECT_EQ(schema->routed_shard_keyspace("customer", "-80"), "new");
    EXPECT_EQ(schema->routed_shard_keyspace("customer", "80-"), "customer");
    EXPECT_EQ(
        (*schema->find_mirror("commerce", "both", TabletType::primary))->to_table->qualified_name(),
        "customer.both");
    EXPECT_EQ(schema->use_keyspace("commerce").value()->foreign_key_mode,
              ForeignKeyMode::unmanaged);
    EXPECT_FALSE(schema->only_keyspace());
}

TEST(Schema, SaysWhatIsWrongWithAKeyspace) {
    struct Case {
        const char* keyspace;
        const char* want;
    };
    for (
        const auto& [keyspace, want] : {
            Case{R"({"sharded":true,"tables":{"t":{}}})",
                 "missing primary col vindex for table: t"},
            Case{R"({"sharded":true,"tables":{"s":{"type":"sequence"}}})",
                 "sequence table has to be in an unsharded keyspace or must be pinned: s"},
            Case{R"({"tables":{"t":{"type":"odd"}}})", "unidentified table type odd"},
            Case{R"({"tables":{"t":{"pinned":"8"}}})",
                 "could not decode the keyspace id for pin: encoding/hex: odd length hex string"},
            Case{
                R"({"tables":{"t":{"pinned":"8z"}}})",
                "could not decode the keyspace id for pin: encoding/hex: invalid byte: U+007A 'z'"},
            Case{R"({"vindexes":{"v":{"type":"none"}}})", "vindexType \"none\" not found"},
            Case{
                R"({"sharded":true,"tables":{"t":{"column_vindexes":[{"column":"a","name":"v"}]}}})",
                "vindex v not found for table t"},
            Case{
                R"({"sharded":true,"vindexes":{"v":{"type":"hash"}},"tables":{"t":{"column_vindexes":[{"name":"v"}]}}})",
                "must specify at least one column for vindex (v) and table (t)"},
            Case{R"({"sharded":true,"vindexes":{"v":{"type":"hash"}},
                      "tables":{"t":{"column_vindexes":[{"name":"v","column":"a","columns":["b"]}]}}})",
                 "can't use column and columns at the same time in vindex (v) and table (t)"},
            Case{R"({"sharded":true,"vindexes":{"v":{"type":"lookup"}},
                      "tables":{"t":{"column_vindexes":[{"name":"v","column":"a"}]}}})",
                 "primary vindex v is not Unique for table t"},
            Case{R"({"sharded":true,"vindexes":{"v":{"type":"lookup_unique","owner":"t"}},
                      "tables":{"t":{"column_vindexes":[{"name":"v","column":"a"}]}}})",
                 "primary vindex v cannot be owned for table t"},
            Case{
                R"({"sharded":true,"vindexes":{"h":{"type":"hash"},"m":{"type":"multicol","params":{"column_count":"2"}}},
                      "tables":{"t":{"column_vindexes":[{"name":"h","column":"a"},{"name":"m","columns":["a","b"]}]}}})",
                "multi-column vindex m should be a primary vindex for table t"},
            Case{R"({"tables":{"t":{"columns":[{"name":"a"},{"name":"A"}]}}})",
                 "duplicate column name 'A' for table: t"},
            Case{R"({"tables":{"t":{"auto_increment":{"column":"a","sequence":"other.s"}}}})",
                 "cannot resolve sequence other.s: VT05003: unknown database 'other' in vschema"},
            Case{R"({"tables":{"r":{"type":"reference","source":"k.s"}}})",
                 "source \"k.s\" may not reference a table in the same keyspace as table: r"},
            Case{R"({"tables":{"r":{"type":"reference","source":"o.s"}}})",
                 "source \"o.s\" references a non-existent keyspace \"o\""},
        }) {
        const auto schema = built(std::string(R"({"keyspaces":{"k":)") + keyspace + "}}");
        const auto used = schema->use_keyspace("k");
        EXPECT_EQ(used ? "no error" : used.error().text, want) << keyspace;
    }
}

TEST(Json, ReadsBothWaysOfNames) {
    const auto snake = parse_keyspace_json(
        R"({"foreign_key_mode":"managed","tables":{"t":{"column_list_authoritative":true,
        "columns":[{"name":"a","type":"INT64","size":"12","nullable":false}]}},"unknown":[1]})");
    const auto camel =
        parse_keyspace_json(R"({"foreignKeyMode":3,"tables":{"t":{"columnListAuthoritative":true,
        "columns":[{"name":"a","type":265,"size":12,"nullable":false}]}}})");
    ASSERT_TRUE(snake && camel);
    EXPECT_EQ(*snake, *camel);
    EXPECT_EQ(snake->tables.at("t").columns[0].type, Type::int64);
    for (const char* bad :
         {"", "[]", "{", R"({"sharded":1})", R"({"tables":[]})", R"({"tables":{"t":3}})",
          R"({"foreign_key_mode":"odd"})", R"({"tables":{"t":{"columns":[{"size":1.5}]}}})",
          R"({"tables":{"t":{"columns":[{"type":"INT63"}]}}})"}) {
        EXPECT_FALSE(parse_keyspace_json(bad)) << bad;
    }
}

TEST(Json, WritesWhatItReads) {
    const auto definition = parse_srv_vschema_json(shop);
    ASSERT_TRUE(definition);
    for (const FieldNames names : {FieldNames::snake_case, FieldNames::camel_case}) {
        for (const int indent : {0, 2}) {
            EXPECT_EQ(parse_srv_vschema_json(to_json(*definition, {names, indent})), definition);
        }
    }
    SrvVSchema one;
    one.keyspaces["k"].sharded = true;
    EXPECT_EQ(to_json(one), R"({"keyspaces":{"k":{"sharded":true}}})");
    EXPECT_NE(to_json(*definition).find("\"percent\":1E-1"), std::string::npos)
        << to_json(*definition);
    const json::value debug = json::parse(debug_json(*built(shop)));
    EXPECT_EQ(debug.at("keyspaces").at("customer").at("foreignKeyMode").as_string(), "unmanaged");
}

TEST(Alter, ChangesAKeyspace) {
    struct Case {
        Alteration alteration;
        const char* want;
    };
    const KeyspaceDefinition sharded =
        parse_keyspace_json(R"({"sharded":true,"vindexes":{"h":{"type":"hash"}},
        "tables":{"t":{"column_vindexes":[{"name":"h","columns":["id"]}]},"u":{"pinned":"80"}}})")
            .value();
    for (const auto& [alteration, want] : {
             Case{alter::CreateVindex{"h", "hash", {}}, "vindex h already exists in keyspace k"},
             Case{alter::CreateVindex{"l", "lookup", {{"owner", "t"}, {"table", "x"}}},
                  R"({"type":"lookup","params":{"table":"x"},"owner":"t"})"},
             Case{alter::DropVindex{"x"}, "vindex x does not exist in keyspace k"},
             Case{alter::DropVindex{"h"}, "vindex h is used by table t"},
             Case{alter::AddTable{"n"}, "add vschema table: unsupported on sharded keyspace k"},
             Case{alter::AddSequence{"n"}, "add sequence table: unsupported on sharded keyspace k"},
             Case{alter::DropTable{"n"}, "vschema does not contain table n in keyspace k"},
             Case{alter::DropTable{"u"}, "ok"},
             Case{alter::AddColumnVindex{"t", "h", {"id"}, "", {}},
                  "vindex h already defined on table t"},
             Case{alter::AddColumnVindex{"t", "x", {"id"}, "", {}},
                  "vindex x does not exist in keyspace k"},
             Case{alter::AddColumnVindex{"n", "h", {"id"}, "xxhash", {}},
                  "vindex h defined with type hash not xxhash"},
             Case{alter::AddColumnVindex{"n", "h", {"id"}, "hash", {{"owner", "n"}}},
                  "vindex h defined with owner  not n"},
             Case{alter::AddColumnVindex{"n", "h", {"id"}, "hash", {{"a", "b"}}},
                  "vindex h defined with different parameters"},
             Case{alter::AddColumnVindex{"n", "h", {"id"}, "hash", {}}, "ok"},
             Case{alter::AddColumnVindex{"n", "x", {"id"}, "xxhash", {}}, "ok"},
             Case{alter::DropColumnVindex{"n", "h"}, "table k.n not defined in vschema"},
             Case{alter::DropColumnVindex{"u", "h"}, "vindex h not defined in table k.u"},
             Case{alter::DropColumnVindex{"t", "h"}, "ok"},
             Case{alter::AddAutoIncrement{"n", "id", "s"},
                  "vschema does not contain table n in keyspace k"},
             Case{alter::AddAutoIncrement{"t", "id", "s"}, "ok"},
             Case{alter::DropAutoIncrement{"t"},
                  "vschema does not contain auto increment on table t in keyspace k"},
         }) {
        const auto changed = apply(sharded, "k", alteration);
        if (!changed) {
            EXPECT_EQ(changed.error().text, want);
            EXPECT_EQ(changed.error().number, er::internal);
        } else if (const auto* create = std::get_if<alter::CreateVindex>(&alteration)) {
            const std::string text = to_json(*changed);
            EXPECT_NE(text.find("\"" + create->name + "\":" + want), std::string::npos) << text;
        } else {
            EXPECT_STREQ(want, "ok");
            EXPECT_NE(*changed, sharded);
        }
    }
}

// How a client shards a new table, from an empty keyspace on.
TEST(Alter, ShardsAKeyspace) {
    KeyspaceDefinition keyspace;
    for (const Alteration& step : std::vector<Alteration>{
             alter::AddTable{"t"}, alter::AddSequence{"s"}, alter::DropTable{"t"},
             alter::AddColumnVindex{"t", "hash", {"id"}, "hash", {}},
             alter::AddAutoIncrement{"t", "id", "s"}}) {
        keyspace = apply(keyspace, "k", step).value();
    }
    EXPECT_TRUE(keyspace.sharded);
    EXPECT_EQ(keyspace.tables.at("t").column_vindexes[0].columns, std::vector<std::string>{"id"});
    keyspace = apply(keyspace, "k", alter::DropAutoIncrement{"t"}).value();
    keyspace = apply(keyspace, "k", alter::DropSequence{"s"}).value();
    keyspace = apply(keyspace, "k", alter::DropColumnVindex{"t", "hash"}).value();
    EXPECT_TRUE(keyspace.tables.empty());
}

TEST(Tracking, TablesOfTheShardsBecomeKnown) {
    const auto column = [](const char* name, Type type) {
        Column made;
        made.name = name;
        made.type = type;
        return made;
    };
    Discovered discovered;
    discovered["customer"].tables = {{"customer", {column("id", Type::int64)}, {"id"}},
                                     {"stray", {column("x", Type::int64)}, {}}};
    discovered["commerce"].tables = {{"product", {column("sku", Type::varchar)}, {"sku"}}};
    discovered["unknown"].tables = {{"t", {}, {}}};
    const auto schema =
        Schema::build(parse_srv_vschema_json(shop).value(), discovered, options_for_tests());
    const auto customer = schema->find_table("", "customer", TabletType::primary).value();
    EXPECT_TRUE(customer->column_list_authoritative);
    EXPECT_EQ(customer->columns[0].name, "id");
    EXPECT_EQ(customer->primary_key, std::vector<std::string>{"id"});
    EXPECT_EQ(customer->column_vindexes.size(), 2u);
    EXPECT_EQ(schema->find_table("", "product", TabletType::primary).value()->columns[0].type,
              Type::varchar);
    EXPECT_TRUE(schema->find_table("customer", "stray", TabletType::primary));
    EXPECT_FALSE(schema->find_table("", "stray", TabletType::primary));
}

DiscoveredView view_of(std::string name, std::string_view query,
                       std::vector<std::string> columns = {}) {
    const auto statement = sql::parse(query);
    View view{
        .query = *statement->as<sql::Query>(), .columns = std::move(columns), .unreadable = {}};
    return {.name = std::move(name),
            .text = std::string(query),
            .view = std::make_shared<const View>(std::move(view))};
}

TEST(Tracking, ViewsAreTablesWithAQuery) {
    Discovered discovered;
    discovered["customer"].views = {view_of("v", "select id, name as n from customer.customer"),
                                    view_of("w", "select 1 + 1 from customer.customer", {"two"}),
                                    view_of("x", "select * from customer.customer")};
    discovered["commerce"].views = {view_of("goods", "select sku from commerce.product")};
    discovered["commerce"].aggregates = {"Middle"};
    const auto schema =
        Schema::build(parse_srv_vschema_json(shop).value(), discovered, options_for_tests());
    EXPECT_TRUE(schema->has_views());
    EXPECT_TRUE(schema->loaded_aggregates().contains("middle"));
    const auto columns = [&](std::string_view keyspace, std::string_view name) {
        const auto table = schema->find_table(keyspace, name, TabletType::primary).value();
        EXPECT_NE(table->view, nullptr) << name;
        std::string text;
        for (const Column& column : table->columns) text += column.name + " ";
        return text + (table->column_list_authoritative ? "only" : "");
    };
    EXPECT_EQ(columns("customer", "v"), "id n only");
    EXPECT_EQ(columns("customer", "w"), "two only");
    EXPECT_EQ(columns("customer", "x"), "");
    EXPECT_EQ(columns("", "goods"), "sku only");
    EXPECT_TRUE(debug_json(*schema).contains("\"v\": \"select id, `name` as n from"))
        << debug_json(*schema);
    EXPECT_EQ(schema->find_table("customer", "customer", TabletType::primary).value()->view,
              nullptr);
}

// Every VSchema of the planner's corpora loads, writes and resolves without an error in any
// keyspace.
TEST(Corpus, VSchemasLoad) {
    const char* const folder = std::getenv("SLUICE_CORPORA");
    for (const std::string name : {"plans/vschemas", "plans_extra/vschemas"}) {
        const auto path = std::filesystem::path(folder ? folder : "") / name;
        if (!folder || !std::filesystem::exists(path)) {
            std::cout << "corpus " << name << ": absent" << std::endl;
            GTEST_SKIP();
        }
        int passed = 0, total = 0;
        for (const auto& file : std::filesystem::directory_iterator(path)) {
            ++total;
            const auto definition = parse_srv_vschema_json(read_all(file.path()));
            if (!definition) {
                std::cout << "  " << file.path().filename() << ": " << definition.error().text
                          << "\n";
                continue;
            }
            const auto schema = Schema::build(*definition, options_for_tests());
            bool fine = parse_srv_vschema_json(to_json(*definition)) == definition;
            for (const auto& [keyspace_name, keyspace] : schema->keyspaces()) {
                if (!keyspace->error) continue;
                fine = false;
                std::cout << "  " << file.path().filename() << " " << keyspace_name << ": "
                          << keyspace->error->text << "\n";
            }
            passed += fine ? 1 : 0;
        }
        std::cout << "corpus " << name << ": " << passed << " of " << total << std::endl;
        EXPECT_EQ(passed, total);
    }
}

// JSON in both forms, as recorded beside the protobuf bytes of vschema messages.
TEST(Corpus, RecordedJson) {
    const char* const folder = std::getenv("SLUICE_CORPORA");
    constexpr std::string_view name = "topo/messages (vschema JSON)";
    const auto path = std::filesystem::path(folder ? folder : "") / "topo" / "messages.jsonl";
    if (!folder || !std::filesystem::exists(path)) {
        std::cout << "corpus " << name << ": absent" << std::endl;
        GTEST_SKIP();
    }
    int passed = 0, total = 0;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const json::value c = json::parse(line);
        const std::string_view message = c.at("message").as_string();
        if (message != "vschema.Keyspace" && message != "vschema.SrvVSchema") continue;
        ++total;
        const std::string text = json::serialize(c.at("json"));
        const json::value snake = c.at("json"),
                          camel = json::parse(std::string_view(c.at("json2").as_string()));
        const auto matches = [&](const auto& definition) {
            return definition && json::parse(to_json(*definition)) == snake &&
                   json::parse(to_json(*definition, {.names = FieldNames::camel_case})) == camel;
        };
        passed += (message == "vschema.Keyspace" ? matches(parse_keyspace_json(text))
                                                 : matches(parse_srv_vschema_json(text)));
    }
    std::cout << "corpus " << name << ": " << passed << " of " << total << std::endl;
    EXPECT_EQ(passed, total);
}

}  // namespace
}  // namespace sluice::vschema
