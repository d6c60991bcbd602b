// One statement of each kind that MySQL and v21 know: it is read, as what it is, and what is
// printed of it is read as the same.
#include <gtest/gtest.h>

#include "sql/format.h"
#include "sql/parse.h"

namespace sluice::sql {
namespace {

void expect_read(std::string_view text, std::string_view kind, const LexerMode& mode = {}) {
    const Result<Statement> parsed = parse(text, mode);
    ASSERT_TRUE(parsed) << text << "\n" << parsed.error().text;
    EXPECT_EQ(statement_kind_name(*parsed), kind) << text;
    const std::string printed = format(*parsed);
    const Result<Statement> again = parse(printed);
    ASSERT_TRUE(again) << printed << "\n" << again.error().text;
    EXPECT_EQ(format(*again), printed) << text;
}

TEST(Accept, Queries) {
    for (
        const std::string_view text : {
            "with recursive c (n) as (select 1 union all select n + 1 from c where n < 5) select n "
            "from c",
            "with a as (select 1 as x), b as (select x from a) select * from a natural join b",
            "select sql_no_cache high_priority distinct a from t partition (p0, p1) as x use index "
            "for order by (i, j) ignore key for join (k) force index for group by (l)",
            "select straight_join sql_small_result sql_big_result sql_buffer_result "
            "sql_calc_found_rows a from t",
            "select * from t use vindex (v) ignore vindex (w) where id = 1",
            "select a, sum(b) over w, row_number() over (partition by c order by d desc rows "
            "between 1 preceding and unbounded following) from t window w as (partition by e "
            "range between interval 1 day preceding and current row), x as (w order by f)",
            "select a, grouping(a), count(*) from t group by a with rollup having count(*) > 1",
            "select nth_value(a, 2) respect nulls over (order by b), lag(a, 1, 0) over w, "
            "ntile(4) over w, cume_dist() over w from t window w as ()",
            "select a, sum(b) over (order by c groups 1 preceding exclude ties), max(b) over (rows "
            "between 1 preceding and 1 following exclude no others) from t",
            "select a from t having a > 1 window w as (order by a) qualify rank() over w = 1 and "
            "left(a, 1) = 'x' order by a limit 1",
            "select 1 from t qualify, u as qualify join v qualify on qualify.qualify = 1",
            "select a from t as x use index (i) tablesample system (10) join u tablesample "
            "bernoulli (@p) on x.a = u.a where tablesample > 1",
            "select a, b, grouping(a) from t group by rollup (a, b) having 1",
            "select a, b from t group by cube (a, b)",
            "select ((select 1) + 1), a in ((select 1), 2), (((select 1)) union (select 2)), a in "
            "(((select 1))), (((select (1)) * 2), 3) = (1, 2), ((select 1) limit 1) from t",
            "select a, b from t group by grouping sets ((a, b), (b), ())",
            "select json_duality_object(with (insert, update) '_id':a, 'b': b + 1, 'c' :t.c) from "
            "t",
            "select * from t, lateral (select 1 from u where u.a = t.a) as d (x)",
            "select * from json_table('[1]', '$[*]' columns (i for ordinality, a int path '$.a' "
            "default '0' on empty error on error, b int exists path '$.b', nested path '$.c[*]' "
            "columns (d varchar(10) path '$'))) as j",
            "select * from json_table('[1]', '$[*]' columns (a int unsigned path '$', b enum('x', "
            "'y') "
            "character set latin1 collate latin1_bin exists path '$', c decimal(5, 2) zerofill "
            "path '$', d set('x') path '$')) as j",
            "select * from a straight_join b on a.x = b.x left outer join c using (x, y) right "
            "join d on true cross join e inner join f on 1 natural left join g",
            "select * from (a, b) left join (c join d) on 1",
            "select * from a join b join c on 1 on 2",
            "select * from ((select 1) for share) as d, (with e as (select 1) table e) as f",
            "select a from t for update of t, u nowait for share skip locked",
            "select a from t lock in share mode",
            "select a into outfile '/tmp/x' character set utf8mb4 fields terminated by ',' "
            "optionally enclosed by '\"' escaped by '\\\\' lines starting by 'x' terminated by "
            "'\\n' from t",
            "select a from t into dumpfile '/tmp/x'",
            "select a, b from t limit 1 into @x, @`y z`",
            "(select 1) union all (select 2 order by 1 limit 1) except select 3 intersect distinct "
            "select 4 order by 1 desc limit 3 offset 1",
            "select 1 union select 2 for update",
            "values row(1, 'a'), row(2, default) order by column_0 limit 1",
            "table t order by a limit 2",
            "((select 1) union (select 2)) limit 1",
            "select next 5 values from seq",
            "select next value from seq",
            "select * from `ks:-80`.t",
            "select t.*, ks.t.*, ks.t.a from ks.t",
            "select 1 from dual where exists (table t)",
            "select select.a, from.b, t.from from select.t, order.from where group.by = 1",
        })
        expect_read(text, "SELECT");
}

TEST(Accept, Expressions) {
    for (const std::string_view text : {
             "a or b xor c and not d || e && f",
             "a = b <=> c <> d != e >= f > g <= h < i",
             "a is not true and b is unknown and c is null and d is not false",
             "a not between 1 and 2 and b in (1, 2) and c not in (select 1) and (d, e) in ((1, 2))",
             "a like 'x' escape '|' and b not like 'y' and c rlike 'z' and d not regexp 'w'",
             "a sounds like b and 1 member of (c -> '$.x') and 2 member(d)",
             "a | b & c << d >> e + f - g * h / i div j mod k % l ^ m",
             "-a + ~b + !c + binary d collate utf8mb4_bin",
             "x'4D' + 0x4d + b'01' + 0b01 + 1e5 + .5 + 5. + n'x' + _utf8mb4 'y' + _binary x'00'",
             "date '2020-01-01' + interval 1 day - interval '1:2' minute_second",
             "{d '2020-01-01'} > timestamp '2020-01-01 00:00:00' and time '1:2' < {t '1:2'}",
             "case a when 1 then 2 else 3 end + case when a then b end",
             "cast(a as decimal(10, 2)) + cast(b as char(5) character set latin1) + cast(c as "
             "unsigned array) + convert(d, signed) + convert(e using utf8mb4)",
             "cast(a as year) + cast(a as float(3)) + cast(a as double) + cast(a at time zone "
             "'+00:00' as datetime(3))",
             "count(distinct a, b) + sum(distinct c) + group_concat(distinct a, b order by c desc "
             "separator ';') + bit_xor(d) + json_objectagg(e, f) + st_collect(distinct g)",
             "substring(a from 2 for 3) + trim(leading 'x' from b) + position('a' in c) + "
             "extract(day_hour from d) + char(77, 78 using utf8mb4) + weight_string(a as char(3))",
             "timestampadd(minute, 1, a) + timestampdiff(sql_tsi_day, a, b) + get_format(date, "
             "'usa') + adddate(a, 3) + date_sub(b, interval 2 week)",
             "match (a, b) against ('x' in boolean mode) + match (c) against ('y' with query "
             "expansion)",
             "json_value(a, '$.x' returning decimal(5, 2) null on empty error on error)",
             "a -> '$.x' = b ->> '$.y'",
             "a > any (select 1) and b = some (select 2) and c <> all (table t)",
             "@a := @b + 1, @ := @`` + @'', @@global.x, @@session.y, @@persist.z, @`q r`, "
             "@@`sort_buffer_size`",
             "now(6), current_timestamp, current_timestamp(3), utc_date(), localtime, curdate(), "
             "current_user(), sysdate(3)",
             "?, :name, (1, 2) = (3, 4), row(1, 2) = (3, 4)",
             "values(a) + default(b) + interval(1, 2, 3) + if(a, b, c) + left(a, 1) + repeat(a, 2)",
             "ks.f(1) + f(a) + st_x(point(1, 2))",
         })
        expect_read("select " + std::string(text) + " from t", "SELECT");
    expect_read("select a from t where b in ::list", "SELECT");
}

TEST(Accept, Writes) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"insert low_priority ignore into ks.t partition (p) (a, b) values (1, default), row(2, 3) "
         "as n (x, y) on duplicate key update a = n.x, b = values(b)",
         "INSERT"},
        {"insert t select * from u join v join w on 1 on duplicate key update a = 1", "INSERT"},
        {"insert t select * from u on duplicate key update a = 1", "INSERT"},
        {"insert into t with c as (select 1) select * from c", "INSERT"},
        {"insert into t set a = 1, b = default as n on duplicate key update a = n.a", "INSERT"},
        {"insert into t () values ()", "INSERT"},
        {"insert into t values ()", "INSERT"},
        {"insert into t (a) table u", "INSERT"},
        {"insert into t (a) (select 1)", "INSERT"},
        {"replace delayed into t value (1)", "INSERT"},
        {"replace into t select 1", "INSERT"},
        {"with c as (select 1) update low_priority ignore t as x, c set x.a = 1, b = default where "
         "x.a in (select * from c) order by a limit 3",
         "UPDATE"},
        {"update t join u using (id) set t.a = u.a", "UPDATE"},
        {"delete low_priority quick ignore from t as x partition (p) where a order by b limit 1",
         "DELETE"},
        {"delete t.*, u from t join u where t.a = u.a", "DELETE"},
        {"delete from t.*, ks.u using t, ks.u", "DELETE"},
        {"with c as (select 1) delete from t where a in (table c)", "DELETE"},
        {"load data low_priority local infile 'x' replace into table ks.t partition (p) character "
         "set utf8mb4 fields terminated by ',' optionally enclosed by '\"' escaped by '' lines "
         "starting by 'a' terminated by '\\n' ignore 1 lines (a, @b) set c = @b + 1",
         "OTHER"},
        {"load xml concurrent infile 'x' ignore into table t rows identified by '<row>' ignore 1 "
         "rows (a)",
         "OTHER"},
        {"load index into cache t ignore leaves", "OTHER"},
        {"call ks.p(1, @a)", "CALL_PROC"},
        {"call p", "CALL_PROC"},
        {"do sleep(0), @a := 1", "OTHER"},
        {"handler t open", "UNKNOWN"},
        {"handler t read i >= (1) where a limit 1", "UNKNOWN"},
        {"import table from 'x'", "UNKNOWN"},
    };
    for (const auto& [text, kind] : cases) expect_read(text, kind);
}

TEST(Accept, Definitions) {
    for (const std::string_view text : {
             "create temporary table if not exists ks.t (a int unsigned zerofill not null "
             "auto_increment comment 'x' primary key, b varchar(10) charset latin1 collate "
             "latin1_bin default 'y' unique key, c decimal(5, 2) as (a + 1) stored, d json, e "
             "enum('a', 'b'), f timestamp(3) default current_timestamp(3) on update "
             "current_timestamp(3), g geometry srid 4326 not null, h int invisible, i bigint "
             "check (i > 0) not enforced, j varbinary(16) default (uuid_to_bin(uuid())), index k "
             "using btree (b(5) desc, (a + 1)) key_block_size 8 comment 'z' invisible, fulltext l "
             "(b) with parser ngram, spatial index (g), constraint m unique (b), foreign key n (a) "
             "references u (id) match full on delete set null on update cascade, constraint o "
             "check (a > 1)) engine = innodb row_format = compressed, comment 'q' partition by "
             "range columns (a) (partition p0 values less than (5), partition p1 values less than "
             "maxvalue)",
             "create table t (a int) partition by linear hash (a) partitions 4",
             "create table t (a int) partition by key algorithm = 2 (a) subpartition by hash (b) "
             "subpartitions 2 (partition p values in (1, null))",
             "create table t like u",
             "create table t (like u)",
             "create table t select 1",
             "create table t (a int) ignore as select 1",
             "create table t (a serial, b national varchar(3), c double precision, d long "
             "varbinary, e char byte, f char ascii, g char binary unicode, h vector(3), i bool)",
             "alter table t add column (a int, b int), add c int first, add d int after c, drop "
             "column e, change f g int, modify h int not null, rename column i to j, rename index "
             "k to l, alter column m set default (1), alter n drop default, alter index o "
             "invisible, alter check p not enforced, add constraint q foreign key (a) references "
             "u (b), drop foreign key r, drop primary key, drop check s, convert to character set "
             "utf8mb4 collate utf8mb4_bin, order by a, engine innodb, algorithm = instant, lock = "
             "none, force, disable keys",
             "alter table t add partition (partition p values less than (9))",
             "alter table t algorithm = inplace, drop partition p, q",
             "alter table t reorganize partition p into (partition q values in (1))",
             "alter table t exchange partition p with table u without validation",
             "alter table t coalesce partition 2",
             "alter table t truncate partition all",
             "alter table t remove partitioning",
             "alter table t discard tablespace",
             "alter table t rename to ks.u",
             "alter table t partition by hash (a)",
             "alter table t secondary_load",
             "drop temporary table if exists t, ks.u cascade",
             "rename table t to u, ks.v to ks.w",
             "truncate t",
             "truncate table ks.t",
             "create unique index i using hash on t (a, b(3) desc, (c + 1)) comment 'x' algorithm "
             "= inplace lock = shared",
             "drop index i on t",
             "drop index `primary` on t",
             "create or replace algorithm = merge definer = 'a'@'%' sql security invoker view "
             "ks.v (a, b) as select 1, 2 with local check option",
             "create view v as table t",
             "alter view v as select 1",
             "drop view if exists v, w",
             "create database if not exists d default character set utf8mb4 collate utf8mb4_bin "
             "encryption 'Y'",
             "create schema d",
             "alter schema d read only = 1",
             "drop database if exists d",
             "alter vschema on t add vindex v (a) using hash with x = y",
         })
        expect_read(text, "DDL");
}

TEST(Accept, StoredProgramsAndUsers) {
    for (const std::string_view text : {
             "create definer = a@b procedure if not exists p(in x int, out y text) comment 'z' "
             "begin "
             "declare exit handler for sqlexception rollback; if x then select 1; end if; end",
             "create function f(a int) returns int deterministic return a + 1",
             "create aggregate function g returns string soname 'x.so'",
             "create trigger t before insert on u for each row follows v set new.a = 1",
             "create event e on schedule every 1 day starts now() do delete from t",
             "alter procedure p comment 'x'",
             "alter event e disable",
             "drop function if exists f",
             "create user if not exists 'a'@'%' identified by 'x' require ssl account lock",
             "alter user a identified with caching_sha2_password by 'x'",
             "drop user a, b",
             "rename user a to b",
             "create role r",
             "drop role r",
             "grant select, insert (a) on ks.* to a with grant option",
             "grant r to a",
             "revoke all on *.* from a",
             "set password for a = 'x'",
             "set role all",
             "set default role r to a",
             "create server s foreign data wrapper mysql options (host "
             "'h')",
             "create tablespace s add datafile 'x' engine innodb",
             "create resource group r type = "
             "user",
             "install plugin p soname 'x.so'",
             "uninstall component 'x'",
             "purge binary logs to "
             "'x'",
             "change replication source to source_host = 'x'",
             "start replica",
             "stop replica "
             "io_thread",
             "reset binary logs and gtids",
             "start group_replication",
             "clone local data directory "
             "= '/x'",
             "xa start 'a', 'b', 1",
             "xa prepare 'a'",
             "xa commit 'a' one phase",
             "xa recover",
             "lock instance for backup",
             "unlock instance",
             "binlog 'x'",
             "cache index t in c",
             "checksum table t extended",
             "help 'x'",
             "restart",
             "shutdown",
             "signal sqlstate '45000' set message_text = 'x'",
             "get diagnostics @a = number",
             "explain for connection 5",
             "explain format = json for connection 5",
         })
        expect_read(text, "UNKNOWN");
}

TEST(Accept, Sessions) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"set @a = 1, @@b = 2, global c = 3, session d = default, persist e = on, @@persist_only.f "
         "= 4, local g := 5, x.y = 6",
         "SET"},
        {"set names utf8mb4 collate utf8mb4_bin", "SET"},
        {"set character set default", "SET"},
        {"set transaction isolation level read committed, read only", "SET"},
        {"set global transaction read write", "SET"},
        {"use ks", "USE"},
        {"use `ks:-80@replica`", "USE"},
        {"begin work", "BEGIN"},
        {"start transaction with consistent snapshot, read only", "BEGIN"},
        {"commit and chain no release", "COMMIT"},
        {"rollback work and no chain release", "ROLLBACK"},
        {"rollback to savepoint a", "SAVEPOINT_ROLLBACK"},
        {"savepoint a", "SAVEPOINT"},
        {"release savepoint a", "RELEASE"},
        {"lock tables t as x read local, ks.u low_priority write", "LOCK_TABLES"},
        {"unlock tables", "UNLOCK_TABLES"},
        {"prepare p from 'select ?'", "PREPARE"},
        {"prepare p from @a", "PREPARE"},
        {"execute p using @a, @b", "EXECUTE"},
        {"drop prepare p", "DEALLOCATE PREPARE"},
        {"kill query 5", "KILL"},
        {"kill 5", "KILL"},
        {"kill connection @a + 1", "KILL"},
        {"flush local tables t, u with read lock", "FLUSH"},
        {"flush engine logs, privileges, relay logs for channel 'x'", "FLUSH"},
        {"explain format = tree select 1", "EXPLAIN"},
        {"explain analyze format = json into @a select 1", "EXPLAIN"},
        {"describe format = 'json' for schema ks delete from t", "EXPLAIN"},
        {"desc t 'a%'", "EXPLAIN"},
        {"explain t a", "EXPLAIN"},
        {"vexplain keys select 1", "EXPLAIN"},
        {"analyze no_write_to_binlog table t, u", "ANALYZE"},
        {"analyze table t update histogram on a, b with 16 buckets auto update", "ANALYZE"},
        {"analyze table t update histogram on a using data '{}'", "ANALYZE"},
        {"analyze table t drop histogram on a", "ANALYZE"},
        {"check table t, u for upgrade quick", "OTHER"},
        {"optimize local table t, u", "OTHER"},
        {"repair table t quick use_frm", "OTHER"},
        {"repair foo", "OTHER"},
        {"stream * from t", "STREAM"},
        {"vstream * from t where pos > 'x' limit 3", "VSTREAM"},
        {"revert vitess_migration 'u'", "REVERT"},
        {"alter vitess_migration 'u' cancel", "UNKNOWN"},
    };
    for (const auto& [text, kind] : cases) expect_read(text, kind);
}

TEST(Accept, Show) {
    for (const std::string_view what : {"databases like 'a%'",
                                        "full tables from ks where 1",
                                        "extended full columns from t from "
                                        "ks like 'a'",
                                        "table status in ks",
                                        "create table t",
                                        "create view v",
                                        "create database "
                                        "if not exists d",
                                        "create user a",
                                        "index from t in ks",
                                        "extended keys from t",
                                        "global variables like 'x'",
                                        "session status where variable_name = 'a'",
                                        "warnings limit 5",
                                        "count(*) errors",
                                        "engine innodb status",
                                        "engines",
                                        "storage engines",
                                        "processlist",
                                        "full processlist",
                                        "grants for a",
                                        "privileges",
                                        "plugins",
                                        "triggers from ks",
                                        "events",
                                        "open tables",
                                        "binary logs",
                                        "binary log status",
                                        "binlog events in 'x' limit 1",
                                        "replica status for channel 'c'",
                                        "replicas",
                                        "relaylog events",
                                        "profiles",
                                        "profile cpu "
                                        "for query 2",
                                        "procedure status",
                                        "function code f",
                                        "character set",
                                        "collation like "
                                        "'u%'",
                                        "errors",
                                        "parse_tree select 1",
                                        "vitess_shards like 'x'",
                                        "vitess_tablets",
                                        "vschema tables",
                                        "vschema vindexes on t",
                                        "vitess_migrations from ks like 'x'",
                                        "keyspaces",
                                        "vitess_target",
                                        "global gtid_executed",
                                        "vitess_replication_status"})
        expect_read("show " + std::string(what), "SHOW");
}

TEST(Accept, CommentsAndModes) {
    expect_read("select /*! 1, */ /*!80000 2, */ /*!99999 3, */ 4 -- x\n, 5 # y\n", "SELECT");
    expect_read("select /*vt+ ALLOW_SCATTER */ /*+ MAX_EXECUTION_TIME(5) */ 1", "SELECT");
    expect_read("/* a */ select 1 /* b */;;", "SELECT");
    expect_read("select 1 // v21 alone reads this\n + 2", "SELECT");
    expect_read("/* nothing */", "COMMENT_ONLY");
    expect_read("select \"a\" from \"t\"", "SELECT", {.ansi_quotes = true});
    expect_read("select 'a\\' || 'b'", "SELECT",
                {.no_backslash_escapes = true, .pipes_as_concat = true});
    expect_read("select not a between 1 and 2", "SELECT", {.high_not_precedence = true});
    // With IGNORE_SPACE or without it, as v21 reads them; the printed text has no space.
    expect_read("select count (*), now () from t", "SELECT", {.ignore_space = true});
    expect_read("select count (*), now () from t", "SELECT");
    EXPECT_EQ(format(*parse("select count (*), now () from t")), "select count(*), now() from t");
    for (const std::string_view word :
         {"count", "action", "name", "status", "date", "end", "value", "position", "rank_", "lead_",
          "json_value", "sounds", "offset", "any", "some", "escape", "signed", "library"})
        expect_read("select " + std::string(word) + ", t." + std::string(word) + " as " +
                        std::string(word) + " from " + std::string(word) + " as t",
                    "SELECT");
}

TEST(Accept, LimitIsCheckedByWhoRunsIt) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"select 1 limit 1, 2", ""},
        {"select 1 limit ? offset :a", ""},
        {"select 1 limit 18446744073709551615", ""},
        {"select 1 limit 18446744073709551616",
         "syntax error near '18446744073709551616': LIMIT takes a number"},
        {"select a from t limit 1 + 1", "syntax error near '1 + 1': LIMIT takes a number"},
        {"delete from t limit a", "Undeclared variable: a"},
        {"select (select 1 from t limit 'x') from t",
         "syntax error near ''x'': LIMIT takes a number"},
        {"insert into t select 1 union select 2 limit 1.5",
         "syntax error near '1.5': LIMIT takes a number"},
    };
    for (const auto& [text, want] : cases) {
        const Result<Statement> parsed = parse(text);
        ASSERT_TRUE(parsed) << text;
        const Result<void> checked = check_limits(*parsed);
        EXPECT_EQ(checked ? "" : checked.error().text, want) << text;
    }
}

}  // namespace
}  // namespace sluice::sql
