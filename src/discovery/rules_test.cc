// The pure rules beside lag: filters, the balancer, keyspace events, CREATE TABLE.
#include <gtest/gtest.h>

#include "discovery/balancer.h"
#include "discovery/detail/create_table.h"
#include "discovery/detail/view_reader.h"
#include "discovery/keyspace_events.h"
#include "discovery/tablet_filter.h"
#include "sql/format.h"

namespace sluice::discovery {
namespace {

topo::Tablet tablet(std::string keyspace, std::string shard,
                    std::map<std::string, std::string> tags = {}) {
    topo::Tablet record;
    record.keyspace = std::move(keyspace);
    record.shard = std::move(shard);
    record.tags = std::move(tags);
    return record;
}

TEST(TabletFilter, LetsIn) {
    struct Case {
        std::vector<std::string> filters, keyspaces;
        const char* tags;
        topo::Tablet record;
        bool want;
    };
    for (const auto& [filters, keyspaces, tags, record, want] : {
             Case{{}, {}, "", tablet("ks", "0"), true},
             Case{{}, {"ks"}, "", tablet("ks", "0"), true},
             Case{{}, {"ks"}, "", tablet("other", "0"), false},
             Case{{"ks|0"}, {}, "", tablet("ks", "0"), true},
             Case{{"ks|0"}, {}, "", tablet("ks", "1"), false},
             Case{{"ks|-80"}, {}, "", tablet("ks", "-40"), true},
             Case{{"ks|-80"}, {}, "", tablet("ks", "-80"), true},
             Case{{"ks|-80"}, {}, "", tablet("ks", "80-"), false},
             Case{{"ks|-80", "b|0"}, {}, "", tablet("b", "0"), true},
             Case{{}, {}, "a:1,b:2", tablet("ks", "0", {{"a", "1"}, {"b", "2"}}), true},
             Case{{}, {}, "a:1,b:2", tablet("ks", "0", {{"a", "1"}}), false},
         }) {
        const auto filter = TabletFilter::make(filters, keyspaces, tags);
        ASSERT_TRUE(filter.has_value());
        EXPECT_EQ(filter->lets_in(record), want) << record.keyspace << "/" << record.shard;
    }
    EXPECT_EQ(TabletFilter::make({"ks"}, {}, "").error().text,
              "invalid FilterByShard parameter: ks");
    EXPECT_EQ(TabletFilter::make({"ks|0", "ks|0"}, {}, "").error().text, "duplicate ks/0 entry");
}

TEST(Balancer, SharesAreFair) {
    struct Case {
        const char* local;
        std::vector<std::string> gates;
        std::vector<std::string_view> tablets;
        std::vector<std::int64_t> want;
    };
    for (const auto& [local, gates, tablets, want] : {
             // Each cell has as many tablets as any: all stay at home.
             Case{"a", {"a", "b"}, {"a", "b"}, {500'000, 0}},
             Case{"a", {"a", "b"}, {"a", "a", "b", "b"}, {250'000, 250'000, 0, 0}},
             // Gates of b have no tablets: half of all to each of a's.
             Case{"b", {"a", "b"}, {"a", "a"}, {250'000, 250'000}},
             // a has three times as many tablets: b sends half of its own there.
             Case{"b", {"a", "b"}, {"a", "a", "a", "b"}, {83'333, 83'333, 83'333, 250'000}},
             Case{"a", {"a", "b"}, {"a", "a", "a", "b"}, {166'666, 166'666, 166'666, 0}},
             Case{"a", {}, {"a"}, {0}},
         }) {
        EXPECT_EQ(balance(local, gates, tablets), want) << local << tablets.size();
    }
    EXPECT_TRUE((BalancerOptions{.gate_cells = {"a"}, .keyspaces = {}}.applies("ks")));
    EXPECT_FALSE((BalancerOptions{.gate_cells = {"a"}, .keyspaces = {"b"}}.applies("ks")));
    EXPECT_FALSE((BalancerOptions{}.applies("ks")));
}

const topo::TabletAlias first{"zone1", 100}, second{"zone1", 101}, third{"zone1", 200};

topo::SrvKeyspace serving(const std::vector<std::string>& shards, bool disabled = false) {
    topo::SrvKeyspace record;
    topo::KeyspacePartition& primary = record.partitions.emplace_back();
    primary.served_type = topo::TabletType::primary;
    for (const std::string& shard : shards) {
        primary.shard_references.push_back({shard, vindex::validate_shard_name(shard)->range});
        if (disabled) primary.shard_tablet_controls.push_back({shard, std::nullopt, true});
    }
    return record;
}

TEST(KeyspaceWatch, AReparentEndsWithALaterTerm) {
    KeyspaceWatch watch("ks");
    EXPECT_FALSE(watch.on_record(serving({"0"})).has_value());
    const auto born = watch.on_primary("0", first, true, 10);
    ASSERT_TRUE(born.has_value());
    EXPECT_EQ(born->shards.at(0).primary, first);
    EXPECT_TRUE(watch.consistent());
    EXPECT_FALSE(watch.on_primary("0", first, true, 10).has_value()) << "told already";

    EXPECT_FALSE(watch.mark_not_serving("1", true)) << "no such shard";
    EXPECT_TRUE(watch.mark_not_serving("0", true));
    EXPECT_TRUE(watch.failing_over("0"));
    EXPECT_FALSE(watch.on_primary("0", first, true, 10).has_value()) << "the old one again";
    EXPECT_TRUE(watch.failing_over("0"));
    const auto over = watch.on_primary("0", second, true, 11);
    ASSERT_TRUE(over.has_value());
    EXPECT_EQ(over->shards.at(0).primary, second);
    EXPECT_FALSE(watch.on_primary("0", first, false, 10).has_value());
    EXPECT_FALSE(watch.failing_over("0")) << "who was primary before says nothing of now";
}

TEST(KeyspaceWatch, APrimaryMayComeBackAfterItHasSaidThatItDoesNotServe) {
    KeyspaceWatch watch("ks");
    watch.on_record(serving({"0"}));
    watch.on_primary("0", first, true, 10);
    watch.mark_not_serving("0", true);
    EXPECT_FALSE(watch.on_primary("0", first, false, 10).has_value());
    EXPECT_TRUE(watch.on_primary("0", first, true, 10).has_value());
}

TEST(KeyspaceWatch, AReshardingEndsWhenTheNewShardsServe) {
    KeyspaceWatch watch("ks");
    watch.on_record(serving({"-"}));
    watch.on_primary("-", first, true, 10);
    EXPECT_FALSE(watch.on_primary("-80", second, true, 10).has_value()) << "prepared beside it";
    EXPECT_FALSE(watch.on_primary("80-", third, true, 10).has_value());
    EXPECT_FALSE(watch.on_record(serving({"-"}, true)).has_value());
    EXPECT_TRUE(watch.being_resharded("-"));
    EXPECT_FALSE(watch.on_primary("-", first, false, 10).has_value());
    const auto over = watch.on_record(serving({"-80", "80-"}));
    ASSERT_TRUE(over.has_value());
    ASSERT_EQ(over->shards.size(), 3U);
    EXPECT_EQ(over->shards[0].shard, "-");
    EXPECT_FALSE(over->shards[0].serving) << "who waits for it plans anew";
    EXPECT_FALSE(watch.being_resharded("-80"));
}

TEST(KeyspaceWatch, MoveTablesIsOverWhenTheRulesAre) {
    vschema::SrvVSchema rules;
    rules.routing_rules.emplace();
    rules.routing_rules->push_back({"t", {"ks.t"}});
    std::map<std::string, topo::Shard> shards;
    EXPECT_EQ(move_tables_state("ks", shards, rules), MoveTables::none);
    shards["0"].tablet_controls.push_back({.tablet_type = topo::TabletType::primary,
                                           .cells = {},
                                           .denied_tables = {"t"},
                                           .frozen = false});
    EXPECT_EQ(move_tables_state("ks", shards, rules), MoveTables::switching);
    rules.routing_rules->front().to_tables = {"other.t"};
    EXPECT_EQ(move_tables_state("ks", shards, rules), MoveTables::switched);

    KeyspaceWatch watch("ks");
    watch.on_record(serving({"0"}));
    watch.on_primary("0", first, true, 10);
    EXPECT_FALSE(watch.on_move_tables(MoveTables::switching).has_value());
    EXPECT_FALSE(watch.consistent());
    const auto over = watch.on_move_tables(MoveTables::switched);
    ASSERT_TRUE(over.has_value());
    EXPECT_TRUE(over->tables_moved);
    const auto later = watch.on_primary("0", second, true, 11);
    ASSERT_TRUE(later.has_value());
    EXPECT_FALSE(later->tables_moved) << "told once";
}

TEST(CreateTable, Columns) {
    const auto table = parse_create_table("t", R"(CREATE TABLE `t` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(20) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'x,)y',
  `price` decimal(10,2) unsigned DEFAULT '0.00' COMMENT 'in cent, ''net''',
  `kind` enum('a','b''c') NOT NULL,
  `sum` int GENERATED ALWAYS AS ((`id` + 1)) VIRTUAL,
  `hidden` int DEFAULT NULL /*!80023 INVISIBLE */,
  `Mixed` text,
  `at` timestamp(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (`id`,`name`(5)),
  UNIQUE KEY `n` (`name`),
  CONSTRAINT `c` CHECK ((`price` > 0))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='COLLATE=x'
/*!50100 PARTITION BY HASH (`id`) PARTITIONS 2 */)");
    ASSERT_TRUE(table.has_value()) << table.error().text;
    EXPECT_EQ(table->primary_key, (std::vector<std::string>{"id", "name"}));
    struct Want {
        const char* name;
        Type type;
        const char* collation;
        const char* standard;
        bool nullable;
        bool invisible;
        int size, scale;
    };
    const Want wanted[] = {
        {"id", Type::uint64, "", "", false, false, 0, 0},
        {"name", Type::varchar, "latin1_bin", "x,)y", true, false, 20, 0},
        {"price", Type::decimal, "", "0.00", true, false, 10, 2},
        {"kind", Type::enum_, "utf8mb4_unicode_ci", "", false, false, 0, 0},
        {"sum", Type::int32, "", "", true, false, 0, 0},
        {"hidden", Type::int32, "", "", true, true, 0, 0},
        {"Mixed", Type::text, "utf8mb4_unicode_ci", "", true, false, 0, 0},
        {"at", Type::timestamp, "", "CURRENT_TIMESTAMP", true, false, 6, 0},
    };
    ASSERT_EQ(table->columns.size(), std::size(wanted));
    for (std::size_t i = 0; i < std::size(wanted); ++i) {
        const vschema::Column& column = table->columns[i];
        EXPECT_EQ(column.name, wanted[i].name);
        EXPECT_EQ(column.type, wanted[i].type) << column.name;
        EXPECT_EQ(column.collation_name, wanted[i].collation) << column.name;
        EXPECT_EQ(column.default_value, wanted[i].standard) << column.name;
        EXPECT_EQ(column.nullable, wanted[i].nullable) << column.name;
        EXPECT_EQ(column.invisible, wanted[i].invisible) << column.name;
        EXPECT_EQ(column.size, wanted[i].size) << column.name;
        EXPECT_EQ(column.scale, wanted[i].scale) << column.name;
    }
    EXPECT_EQ(table->columns[3].values, (std::vector<std::string>{"'a'", "'b''c'"}));
}

TEST(CreateTable, OnlyTables) {
    for (const char* text :
         {"", "create", "create view v as select 1", "create table t (a int", "create table t",
          "create table t (a)", "create table t (a decimal(10", "select 1", "create table t ('a"}) {
        EXPECT_FALSE(parse_create_table("t", text).has_value()) << text;
    }
}

TEST(ViewReader, NamesTablesWithTheirKeyspace) {
    struct Case {
        const char* statement;
        std::vector<std::string> listed;
        const char* query;
        std::vector<std::string> columns;
    };
    for (const auto& [statement, listed, query, columns] : {
             Case{"CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW "
                  "`v` AS select `t`.`id` AS `id` from `t` where (`t`.`id` > 3)",
                  {},
                  "select t.id as id from ks.t where t.id > 3",
                  {}},
             Case{"create view v as select `vt_ks`.`t`.`id` AS `id`,`vt_ks`.`f`(1) AS `f` from "
                  "(`vt_ks`.`t` join `vt_ks`.`u` `x` on((`vt_ks`.`t`.`id` = `x`.`id`)))",
                  {"id", "f"},
                  "select t.id as id, f(1) as f from (ks.t join ks.u as x on t.id = x.id)",
                  {}},
             Case{"CREATE VIEW `v` (`a`,`b`) AS select `t`.`id` AS `id`,2 AS `2` from `t`",
                  {},
                  "select t.id as id, 2 as `2` from ks.t",
                  {"a", "b"}},
             Case{"create view v as select 1 AS `1` from information_schema.tables union all "
                  "select `vt_ks`.`t`.`id` AS `id` from `vt_ks`.`t`",
                  {"a"},
                  "select 1 as `1` from information_schema.`tables` union all select t.id as id "
                  "from ks.t",
                  {"a"}},
             Case{"create view v as with `c` as (select `vt_ks`.`t`.`id` AS `id` from `vt_ks`.`t`) "
                  "select `c`.`id` AS `id` from `c`",
                  {},
                  "with c as (select t.id as id from ks.t) select c.id as id from c",
                  {}},
         }) {
        const auto read = read_view({"ks", "v", statement, "vt_ks", listed});
        EXPECT_EQ(read.name, "v");
        EXPECT_EQ(read.view->unreadable, "") << statement;
        EXPECT_EQ(sql::format(read.view->query), query);
        EXPECT_EQ(read.view->columns, columns) << statement;
    }
}

TEST(ViewReader, SaysWhatItCannotRead) {
    for (const auto& [statement, why] : std::initializer_list<std::pair<const char*, const char*>>{
             {"", "its server does not show it, which takes the privilege SHOW VIEW"},
             {"create table t (a int)", "not a CREATE VIEW statement"},
             {"create view v as select", "syntax error at position 24"},
             {"create view v as select a from other.t", "it reads database other"},
         }) {
        const auto read = read_view({"ks", "v", statement, "vt_ks", {}});
        EXPECT_EQ(read.view->unreadable, why) << statement;
    }
    EXPECT_EQ(read_view({"ks", "v", "", "", {}}), read_view({"ks", "v", "", "vt_ks", {}}));
    EXPECT_NE(read_view({"ks", "v", "create view v as select 1", "", {}}),
              read_view({"ks", "v", "create view v as select 2", "", {}}));
}

}  // namespace
}  // namespace sluice::discovery
