// Golden plans of our own, refusals, and properties of plans.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <boost/json.hpp>

#include "gtest/gtest.h"
#include "planner/planning_test.h"

namespace sluice::planner {
namespace {

namespace json = boost::json;

// Tests run in the project's folder.
std::filesystem::path golden_folder() {
    return "src/planner/golden";
}

std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

const vschema::Schema& schema() {
    static const auto built = schema_of(read(golden_folder() / "vschema.json"));
    return *built;
}

PlanContext in_keyspace(std::string keyspace) {
    return {.schema = &schema(), .keyspace = std::move(keyspace)};
}

json::value outcome(std::string_view query, const PlanContext& context) {
    const auto made = plan_text(query, context, true);
    if (!made) {
        return json::object{{"error", made.error().text}, {"number", made.error().number}};
    }
    json::object result{{"plan", json::parse(plan::describe(*made))},
                        {"forwards_text", made->forwards_text}};
    if (!made->column_names.empty()) {
        json::array names;
        for (const auto& name : made->column_names) names.push_back(json::string(name.name));
        result["names"] = std::move(names);
    }
    return result;
}

void write_indented(std::ostream& out, const json::array& cases) {
    out << "[\n";
    for (std::size_t i = 0; i < cases.size(); ++i) {
        out << json::serialize(cases[i]) << (i + 1 < cases.size() ? ",\n" : "\n");
    }
    out << "]\n";
}

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, Plans) {
    const auto path = golden_folder() / (std::string(GetParam()) + ".json");
    json::value cases = json::parse(read(path));
    const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
    for (json::value& one : cases.as_array()) {
        json::object& object = one.as_object();
        const json::value* keyspace = object.if_contains("keyspace");
        const auto context = in_keyspace(keyspace != nullptr ? std::string(keyspace->as_string())
                                                             : std::string("customer"));
        const std::string query(object.at("query").as_string());
        json::value found = outcome(query, context);
        if (update) {
            object["outcome"] = std::move(found);
        } else {
            EXPECT_EQ(json::serialize(found), json::serialize(object.at("outcome"))) << query;
        }
    }
    if (update) {
        std::ofstream out(path, std::ios::binary);
        write_indented(out, cases.as_array());
    }
}

INSTANTIATE_TEST_SUITE_P(Files, Golden,
                         testing::Values("select", "scatter", "write", "session", "other"),
                         [](const auto& found) { return std::string(found.param); });

// What may not be answered by shards side by side: never a wrong result.
TEST(Refusals, AreUnsupported) {
    for (const char* query : {
             "select * from customer c join corder o on c.email = o.sku",
             "select * from customer c, corder o",
             "select * from customer c left join corder o on c.email = o.sku",
             "select * from region r left join customer c on c.name = r.name",
             "select * from corder where customer_id in (select customer_id from customer limit 5)",
             "select * from customer where name in (select sku from corder)",
             "select * from customer where customer_id not in (select customer_id from corder)",
             "select (select count(*) from corder) from customer",
             "select * from (select * from customer limit 5) t",
             "select * from (select name, count(*) from customer group by name) t",
             "select count(*) + 1 from customer",
             "select std(price) from corder",
             "select group_concat(sku) from corder",
             "select name, count(*) c from customer group by name having c > 1",
             "select count(distinct a), count(distinct b) from customer",
             "select avg(distinct a) from customer",
             "select a, sum(b) from customer group by a with rollup",
             "select row_number() over (order by a) from customer",
             "select a from customer order by rand()",
             "select a from customer union select b from corder",
             "select a from customer union all select b from corder order by 1",
             "select * from customer natural join corder",
             "with recursive t as (select customer_id, boss from customer union all select "
             "c.customer_id, c.boss from customer c join t on c.boss = t.customer_id) select * "
             "from t",
             "select * from customer into outfile 'x'",
             "select p.* from commerce.product p join customer c on c.customer_id = p.id",
             "update customer set customer_id = 5 where customer_id = 4",
             "update checked set name = 'x' where id = 4",
             "update customer set a = 5 limit 3",
             "delete from customer order by a limit 3",
             "delete from mailed where id = 1",
             "update mailed set email = 'x' where id = 1",
             "insert into mailed (id, email) values (1, 'x')",
             "insert into customer (customer_id, name) select customer_id, sku from corder",
             "insert into corder (customer_id) values (rand())",
             "insert into corder (customer_id) values (1) on duplicate key update customer_id = 2",
             "insert into colours (name) values (uuid())",
             "select get_lock('a', 1), @x := 5",
             "select sql_calc_found_rows * from customer limit 5",
             "select last_insert_id(5)",
             "select get_lock('a', 1) from customer where customer_id = 5",
             "select * from customer c left join (region r left join corder o on o.sku = r.name) "
             "on "
             "c.customer_id = o.customer_id and c.other = o.customer_id group by c.other",
         }) {
        const auto made = plan_text(query, in_keyspace("customer"), true);
        ASSERT_FALSE(made) << query << "\n" << plan::describe(*made);
        EXPECT_EQ(made.error().number, er::not_supported_yet) << query << ": " << made.error().text;
    }
}

TEST(Errors, AreThoseOfMysqlAndV21) {
    struct Case {
        const char* query;
        std::uint16_t number;
        const char* text;
    };
    for (const Case& wanted : std::initializer_list<Case>{
             {"select * from nothing", 1146, "table nothing not found"},
             {"select * from nowhere.t", 1049, "VT05003: unknown database 'nowhere' in vschema"},
             {"insert into corder values (1, 2)", 1105,
              "VT09004: INSERT should contain column list or the table should have authoritative "
              "columns in vschema"},
             {"insert into corder (customer_id) values (1, 2)", 1136,
              "VT03006: column count does not match value count with the row"},
             {"create database customer", 1007,
              "VT06001: cannot create database 'customer'; database exists"},
             {"create database other", 1235, "VT12001: unsupported: create database by failDBDDL"},
             {"select count(*) b from customer group by b", 1056, "VT03005: cannot group on 'b'"},
             {"delete x from customer c where c.customer_id = 1", 1109,
              "VT03003: unknown table 'x' in MULTI DELETE"},
         }) {
        const auto made = plan_text(wanted.query, in_keyspace("customer"), true);
        ASSERT_FALSE(made) << wanted.query;
        EXPECT_EQ(made.error().number, wanted.number) << wanted.query;
        EXPECT_EQ(made.error().text, wanted.text) << wanted.query;
    }
}

// Behind a gate that is taken for a MariaDB, errors are MariaDB's.
TEST(Errors, AreThoseOfMariadb) {
    struct Case {
        const char* query;
        std::uint16_t number;
        const char* text;
    };
    for (const Case& wanted : std::initializer_list<Case>{
             {"select * from nowhere.t", 1146, "VT05003: unknown database 'nowhere' in vschema"},
             {"select id from typed order by nothing", 1054,
              "Unknown column 'nothing' in 'ORDER BY'"},
             {"select count(*) from typed group by nothing", 1054,
              "Unknown column 'nothing' in 'GROUP BY'"},
         }) {
        PlanContext context = in_keyspace("customer");
        context.mariadb = true;
        const auto made = plan_text(wanted.query, context, true);
        ASSERT_FALSE(made) << wanted.query;
        EXPECT_EQ(made.error().number, wanted.number) << wanted.query;
        EXPECT_EQ(made.error().text, wanted.text) << wanted.query;
    }
}

TEST(Bypass, GoesToTheShardOfTheSession) {
    PlanContext context = in_keyspace("customer");
    context.destination = vindex::to::Shard{"-80"};
    const auto made = plan_text("select count(*) from customer", context, true);
    ASSERT_TRUE(made) << made.error().text;
    ASSERT_NE(std::get_if<plan::Send>(&made->root.node), nullptr);
    context.destination = vindex::to::ExactRange{vindex::KeyRange{}};
    context.target = "customer[-]";
    const auto insert = plan_text("insert into customer (a) values (1)", context, true);
    ASSERT_FALSE(insert);
    EXPECT_EQ(insert.error().text,
              "VT03023: INSERT not supported when targeting a key range: customer[-]");
}

// Texts of one fingerprint (and equal pinned literals) must share a plan.
TEST(Property, OneFingerprintOnePlan) {
    const std::pair<const char*, const char*> pairs[] = {
        {"select * from customer where customer_id = 5",
         "select * from customer where customer_id = 77"},
        {"select a, 'x' from customer where customer_id in (1, 2)",
         "select a, 'yy' from customer where customer_id in (3, 4, 5)"},
        {"select a from customer order by b limit 5, 6",
         "select a from customer order by b limit 7, 8"},
        {"insert into corder (customer_id, sku) values (1, 'a')",
         "insert into corder (customer_id, sku) values (2, 'b')"},
        {"update customer set a = 5 where customer_id = 6",
         "update customer set a = 7 where customer_id = 8"},
        {"select count(*) from customer where a between 1 and 2",
         "select count(*) from customer where a between 3 and 4"},
        {"select a from customer c join corder o on c.customer_id = o.customer_id where "
         "c.customer_id = 5 and o.customer_id = 5",
         "select a from customer c join corder o on c.customer_id = o.customer_id where "
         "c.customer_id = 6 and o.customer_id = 6"},
    };
    for (const auto& [one, other] : pairs) {
        sql::Fingerprint left;
        sql::Fingerprint right;
        sql::fingerprint(one, {}, {}, left);
        sql::fingerprint(other, {}, {}, right);
        ASSERT_TRUE(left.same_key(right)) << one;
        const auto first = plan_text(one, in_keyspace("customer"), true);
        const auto second = plan_text(other, in_keyspace("customer"), true);
        ASSERT_TRUE(first && second) << one;
        EXPECT_EQ(first->root, second->root) << one;
        EXPECT_EQ(first->variables, second->variables) << one;
        EXPECT_EQ(first->forwards_text, second->forwards_text) << one;
        EXPECT_EQ(first->pinned, second->pinned) << one;
    }
}

// A keyspace's name in information_schema is part of the plan.
TEST(Property, SchemaNamesArePinned) {
    const auto made = plan_text(
        "select table_name from information_schema.tables where table_schema = 'customer'",
        in_keyspace("commerce"), true);
    ASSERT_TRUE(made) << made.error().text;
    EXPECT_EQ(made->pinned.size(), 1U);
    const auto& route = std::get<plan::Route>(made->root.node);
    EXPECT_EQ(route.routing.keyspace, "customer");
    EXPECT_TRUE(route.query.normalized.contains("table_schema = database()"))
        << route.query.normalized;
}

// Literals that stay in a text are written as the session's shard reads them: no text of a client
// gets out of its quotes.
TEST(Templates, ObeyTheMode) {
    struct Case {
        const char* query;
        const char* text;
    };
    for (const Case& wanted : std::initializer_list<Case>{
             {"select a 'x' from customer where customer_id = 5 and b = 'p' 'q\\'",
              " and b = 'pq\\'"},
             {"select group_concat(a separator '\\') from customer where customer_id = 5",
              "select group_concat(a separator '\\') from customer where customer_id = "},
             {"show tables like '\\'", "show tables like '\\'"},
             {"analyze table region", "analyze table region"},
             {"insert into corder (customer_id, sku) values (1, 'a' '\\') on duplicate key update "
              "sku = 'b' '\\'",
              " on duplicate key update sku = 'b\\'"},
         }) {
        PlanContext context = in_keyspace("customer");
        context.mode.no_backslash_escapes = true;
        const auto made = plan_text(wanted.query, context, true);
        ASSERT_TRUE(made) << made.error().text;
        std::string text;
        const auto add = [&](const plan::Template& from) {
            for (const plan::Piece& piece : from.pieces) text += piece.text;
        };
        if (const auto* route = std::get_if<plan::Route>(&made->root.node)) add(route->query);
        if (const auto* send = std::get_if<plan::Send>(&made->root.node)) add(send->query);
        if (const auto* insert = std::get_if<plan::Insert>(&made->root.node)) add(insert->tail);
        EXPECT_TRUE(text.contains(wanted.text)) << wanted.query << "\n" << text;
    }
}

TEST(Administration, GoesToTheTablesKeyspace) {
    struct Case {
        const char* query;
        const char* keyspace;
        const char* text;
    };
    for (const Case& wanted : std::initializer_list<Case>{
             {"load data infile 'x' into table commerce.product (sku)", "commerce",
              "load data infile 'x' into table product (sku)"},
             {"load data infile 'x' into table product", "commerce",
              "load data infile 'x' into table product"},
             {"analyze table commerce.product, commerce.product drop histogram on sku", "commerce",
              "analyze table product, product drop histogram on sku"},
             {"explain format = json for schema customer select * from customer", "customer",
              "explain format = json select * from customer"},
             {"explain for schema customer select 1", "customer", "explain select 1 from dual"},
         }) {
        const auto made = plan_text(wanted.query, in_keyspace("commerce"), true);
        ASSERT_TRUE(made) << made.error().text;
        const auto* send = std::get_if<plan::Send>(&made->root.node);
        ASSERT_NE(send, nullptr) << wanted.query;
        EXPECT_EQ(send->keyspace, wanted.keyspace);
        ASSERT_EQ(send->query.pieces.size(), 1U);
        EXPECT_EQ(send->query.pieces[0].text, wanted.text);
    }
    const std::pair<const char*, std::uint16_t> refused[] = {
        {"load data infile 'x' into table customer.customer", er::not_supported_yet},
        {"analyze table commerce.product, customer.customer", er::not_supported_yet},
        {"explain into @x select 1", er::not_supported_yet},
        {"explain format = json for schema nowhere select 1", er::bad_db},
        {"select * from product limit 1 + 1", er::parse},
        {"select * from product limit x", er::sp_undeclared_var},
    };
    for (const auto& [query, number] : refused) {
        const auto made = plan_text(query, in_keyspace("commerce"), true);
        ASSERT_FALSE(made) << query;
        EXPECT_EQ(made.error().number, number) << query << "\n" << made.error().text;
    }
}

// Tablets get texts with variables: what MySQL would name a column by is the client's own text.
TEST(Names, AdjacentStringsAreNamedByTheFirst) {
    PlanContext context = in_keyspace("commerce");
    context.tablets = true;
    for (const char* query : {"select 'a''b' 'c'", "select \"a'b\" 'c' 'd' from product"}) {
        const auto made = plan_text(query, context, true);
        ASSERT_TRUE(made) << made.error().text;
        ASSERT_EQ(made->column_names.size(), 1U);
        EXPECT_EQ(made->column_names[0].name, "a'b") << query;
        EXPECT_TRUE(made->column_names[0].unquote);
    }
}

TEST(NoScatter, RefusesQueriesOfAllShards) {
    PlanContext context = in_keyspace("customer");
    context.no_scatter = true;
    for (const char* refused :
         {"select a from customer", "select count(*) from customer limit 3"}) {
        const auto made = plan_text(refused, context, true);
        ASSERT_FALSE(made) << refused;
        EXPECT_EQ(made.error().code, Code::invalid_argument);
        EXPECT_EQ(made.error().text,
                  "plan includes scatter, which is disallowed using the `no_scatter` command line "
                  "argument");
    }
    for (const char* planned :
         {"select a from customer where customer_id = 5", "update customer set a = 1",
          "select /*vt+ ALLOW_SCATTER */ a from customer"}) {
        EXPECT_TRUE(plan_text(planned, context, true)) << planned;
    }
}

TEST(Templates, HoldTheirVariables) {
    const auto made = plan_text("select a from customer where customer_id in (1, 2) and b = 'x'",
                                in_keyspace("customer"), true);
    ASSERT_TRUE(made) << made.error().text;
    const auto& route = std::get<plan::Route>(made->root.node);
    ASSERT_EQ(route.query.pieces.size(), 2U);
    EXPECT_EQ(route.query.pieces[0].text, "select a from customer where customer_id in ");
    EXPECT_TRUE(route.query.pieces[0].list);
    EXPECT_EQ(route.query.pieces[0].variable, route.routing.shard_values);
    EXPECT_EQ(route.query.pieces[1].text, " and b = ");
}

}  // namespace
}  // namespace sluice::planner
