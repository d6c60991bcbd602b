// Views and loaded functions: what the schema knows of them decides plans.
#include <fstream>
#include <sstream>

#include <boost/json.hpp>

#include "gtest/gtest.h"
#include "planner/planning_test.h"

namespace sluice::planner {
namespace {

const vschema::Schema& schema() {
    static const auto built = [] {
        // Tests run in the project's folder.
        std::ifstream in("src/planner/golden/vschema.json", std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        vschema::Discovered told;
        told["customer"].views = {
            view_of("names", "select c.customer_id as id, c.name as n from customer.customer as c"),
            view_of("orders",
                    "select c.customer_id as id, o.sku as sku from customer.customer as c join "
                    "customer.corder as o on c.customer_id = o.customer_id where o.price > 3"),
            view_of("renamed", "select customer_id from customer.customer", {"other"}),
            view_of("seven", "select n as n from customer.names where id = 7"),
            view_of("totals", "select count(0) as c from customer.customer"),
            view_of("circle", "select 1 as a from customer.circle"),
            view_of("strange", "no query"),
        };
        told["customer"].aggregates = {"Middle"};
        told["commerce"].views = {view_of("goods", "select id as id from commerce.product"),
                                  view_of("broken", "no query")};
        return schema_of(text.str(), told);
    }();
    return *built;
}

PlanContext in_keyspace(std::string keyspace) {
    return {.schema = &schema(), .keyspace = std::move(keyspace), .views = true};
}

// "Scatter: text" of what the shards are sent, "keyspace: text" of DDL, "number: text" of errors.
std::string outcome(std::string_view query, const PlanContext& context) {
    const auto made = plan_text(query, context, true);
    if (!made) return std::to_string(made.error().number) + ": " + made.error().text;
    boost::json::value node = boost::json::parse(plan::describe(*made)).at("Instructions");
    while (node.as_object().contains("Inputs")) node = boost::json::value(node.at("Inputs").at(0));
    const bool route = node.as_object().contains("Variant");
    const auto& what = route ? node.at("Variant") : node.at("Keyspace").at("Name");
    return std::string(what.as_string()) + ": " + std::string(node.at("Query").as_string());
}

struct Case {
    const char* query;
    const char* want;
};

TEST(Views, AreReadAsTheirQueries) {
    for (const auto& [query, want] : std::initializer_list<Case>{
             {"select * from names",
              "Scatter: select * from (select c.customer_id as id, c.`name` as n from customer as "
              "c) as `names`"},
             {"select n from names as x where x.id = 5",
              "EqualUnique: select n from (select c.customer_id as id, c.`name` as n from customer "
              "as c) as x where x.id = :x_id /* INT64 */"},
             {"select o.sku from orders o join names on o.id = names.id where names.id = 5",
              "EqualUnique: select o.sku from (select c.customer_id as id, o.sku as sku from "
              "customer as c join corder as o on c.customer_id = o.customer_id where o.price > 3) "
              "as o join (select c.customer_id as id, c.`name` as n from customer as c) as `names` "
              "on o.id = `names`.id where `names`.id = :names_id /* INT64 */"},
             {"select other from renamed where other = 6",
              "EqualUnique: select other from (select customer_id from customer) as renamed(other) "
              "where other = :other /* INT64 */"},
             {"select 1 from dual where exists (select 1 from seven)",
              "EqualUnique: select :vtg1 /* INT64 */ from dual where exists (select 1 from (select "
              "n "
              "as n from "
              "(select c.customer_id as id, c.`name` as n from customer as c) as `names` where id "
              "= 7) as seven)"},
             {"with names as (select 1 as n) select n from names",
              "Reference: with `names` as (select :vtg1 /* INT64 */ as n from dual) select n from "
              "`names`"},
             {"select id from commerce.goods",
              "Unsharded: select id from (select id as id from product) as goods"},
             {"select * from commerce.broken", "Unsharded: select * from broken"},
             {"select n from names where id = 5 for update",
              "EqualUnique: select n from (select c.customer_id as id, c.`name` as n from customer "
              "as c for update) as `names` where id = :id /* INT64 */ for update"},
             {"update commerce.goods g join commerce.product p on p.id = g.id set g.id = 5",
              "Unsharded: update goods as g join product as p on p.id = g.id set g.id = :g_id /* "
              "INT64 */"},
             {"update customer c join names on names.id = c.customer_id set c.name = names.n where "
              "c.customer_id = 5",
              "EqualUnique: update customer as c join (select c.customer_id as id, c.`name` as n "
              "from customer as c) as `names` on `names`.id = c.customer_id set c.`name` = "
              "`names`.n where c.customer_id = :c_customer_id /* INT64 */"},
         }) {
        EXPECT_EQ(outcome(query, in_keyspace("customer")), want) << query;
    }
    EXPECT_FALSE(plan_text("select id from goods where id = 5", in_keyspace("commerce"), true)
                     ->forwards_text);
    EXPECT_EQ(outcome("select n from customer.names", in_keyspace("commerce")),
              "Scatter: select n from (select c.customer_id as id, c.`name` as n from customer as "
              "c) as `names`")
        << "a view's tables are those of its keyspace";
}

TEST(Views, AreRefused) {
    for (const auto& [query, want] : std::initializer_list<Case>{
             {"select * from strange",
              "1235: VT12001: unsupported: view customer.strange (no query)"},
             {"select * from circle", "1235: VT12001: unsupported: views that use each other"},
             {"select c from totals",
              "1235: VT12001: unsupported: a derived table that must be computed from several "
              "shards"},
             {"select * from names use index (i)", "1176: Key 'i' doesn't exist in table 'names'"},
             {"update names set n = 'x' where id = 5",
              "1235: VT12001: unsupported: view customer.names as the target of a write, or beside "
              "a common table of its name"},
             {"delete from names",
              "1235: VT12001: unsupported: view customer.names as the target of a write, or beside "
              "a common table of its name"},
             {"update customer c join names v on v.id = c.customer_id set v.n = 'x'",
              "1288: VT03032: the target table v of the UPDATE is not updatable"},
             {"select * from names where exists (with names as (select 1) select * from names)",
              "1235: VT12001: unsupported: view customer.names as the target of a write, or beside "
              "a common table of its name"},
         }) {
        EXPECT_EQ(outcome(query, in_keyspace("customer")), want) << query;
    }
}

TEST(Views, AreDefinedWhereTheyCanBeRead) {
    for (const auto& [query, want] : std::initializer_list<Case>{
             {"create or replace view customer.v (a, b) as select c.name, customer.c.customer_id "
              "from customer.customer c",
              "customer: create or replace view v (a, b) as select c.name, c.customer_id from "
              "customer c"},
             {"alter view v as select n from customer.names",
              "customer: alter view v as select n from names"},
             {"create view v as select name from customer order by name limit 3",
              "customer: create view v as select name from customer order by name limit 3"},
             {"create view v as select c.name from customer c, corder o",
              "1235: VT12001: unsupported: cross-shard join"},
             {"create view v as select id from commerce.product",
              "1235: VT12001: unsupported: Select query does not belong to the same keyspace as "
              "the view statement"},
             {"drop view if exists a, customer.b", "customer: drop view if exists a, b"},
             {"drop view a, commerce.b",
              "1235: VT12001: unsupported: cannot drop views from multiple keyspace in a single "
              "statement"},
             {"drop view a, b, a", "1066: VT03013: not unique table/alias: 'a'"},
         }) {
        EXPECT_EQ(outcome(query, in_keyspace("customer")), want) << query;
    }
    // Without --enable-views shards read their own views.
    PlanContext context = in_keyspace("customer");
    context.views = false;
    const char* const complex =
        "1235: VT12001: unsupported: Complex select queries are not supported in create or alter "
        "view statements";
    for (const auto& [query, want] : std::initializer_list<Case>{
             {"create view v as select name from customer where customer_id > 3",
              "customer: create view v as select name from customer where customer_id > 3"},
             {"create view v as select name from customer order by name limit 3", complex},
             {"create view v as select count(*) from customer", complex},
             {"create view v as select name from colours", complex},
             {"create view commerce.v as select count(*) from commerce.product",
              "commerce: create view v as select count(*) from product"},
         }) {
        EXPECT_EQ(outcome(query, context), want) << query;
    }
}

TEST(LoadedAggregates, AreLeftToTheServers) {
    for (const auto& [query, want] : std::initializer_list<Case>{
             {"select name, middle(a) from customer where customer_id = 5 group by name",
              "EqualUnique: select `name`, middle(a) from customer where customer_id = "
              ":customer_id /* INT64 */ group by `name`"},
             {"select customer_id, MIDDLE(a) from customer group by customer_id",
              "Scatter: select customer_id, MIDDLE(a) from customer group by customer_id"},
             {"select middle(a) from commerce.product", "Unsharded: select middle(a) from product"},
             {"select middle(a) from customer",
              "1235: VT12001: unsupported: Aggregate UDF 'middle(a)' must be pushed down to MySQL"},
             {"select name, middle(a) + 1 from customer group by name",
              "1235: VT12001: unsupported: Aggregate UDF 'middle(a)' must be pushed down to MySQL"},
             {"select name, sum(b) from customer group by name having middle(a) > 1",
              "1235: VT12001: unsupported: Aggregate UDF 'middle(a)' must be pushed down to MySQL"},
             {"select unknown(a) from customer", "Scatter: select unknown(a) from customer"},
         }) {
        EXPECT_EQ(outcome(query, in_keyspace("customer")), want) << query;
    }
}

}  // namespace
}  // namespace sluice::planner
