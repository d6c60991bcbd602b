// Command lines of vtctldclient against the service in the same process.
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "vtctl/detail/scripted_tablets.h"
#include "vtctl/rpc_caller.h"

namespace sluice::vtctl::detail {
namespace {

const std::string one = "zone1-0000000100", two = "zone1-0000000101";

std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false;
    for (const char c : line + " ") {
        if (c == '\'') {
            quoted = !quoted;
        } else if (c == ' ' && !quoted) {
            if (!word.empty()) words.push_back(word);
            word.clear();
        } else {
            word += c;
        }
    }
    return words;
}

// What the command prints, or its error.
Task<std::string> said(Service* service, std::string line) {
    Invocation invocation;
    std::vector<std::string> words = words_of(line);
    words.insert(words.begin(), "--server=internal");
    if (const auto answer = invocation.parse(words))
        co_return answer->out + answer->usage + (answer->error ? answer->error->text : "");
    LocalCaller caller(service);
    std::string out;
    const Output output{
        .print = [&out](std::string_view text) { out += text; },
        .log = [&out](log::Severity,
                      std::string_view text) { out += "told: " + std::string(text) + "\n"; }};
    const auto outcome = co_await invocation.run(&caller, &output, nullptr);
    co_return outcome ? out : out + "error: " + outcome.error().text;
}

struct Step {
    std::string line;
    std::string want;  // all of the output, if it begins with "=", else a part of it
};

Task<void> follow(std::vector<Step> steps, std::map<std::string, ScriptedTablet> tablets) {
    ScriptedCluster cluster;
    cluster.tablets.tablets = std::move(tablets);
    co_await cluster.make("none", one, true);
    Service service(cluster.control);
    for (const Step& step : steps) {
        const std::string got = co_await said(&service, step.line);
        if (step.want.starts_with("=")) {
            EXPECT_EQ(got, step.want.substr(1)) << step.line;
        } else {
            EXPECT_TRUE(got.contains(step.want)) << step.line << "\n" << got;
        }
    }
}

TEST(Commands, KeepCells) {
    run_test(follow(
        {{"AddCellInfo --root /z3 --server-address a:1 zone3", "=Created cell: zone3\n"},
         {"AddCellInfo --root /z3 zone3", "error: "},
         {"AddCellInfo zone4", "required flag(s) \"root\" not set"},
         {"GetCellInfoNames", "=zone1\nzone2\nzone3\n"},
         {"GetCellInfo zone3", "={\n  \"server_address\": \"a:1\",\n  \"root\": \"/z3\"\n}\n"},
         {"UpdateCellInfo -r /z4 zone3",
          "=Updated cell zone3. New CellInfo:\n{\n  \"server_address\": \"a:1\",\n  \"root\": "
          "\"/z4\"\n}\n"},
         {"AddCellsAlias -c zone1,zone2 both",
          "=Created cells alias: both (cells = [zone1 zone2])\n"},
         {"AddCellsAlias --cells zone2 other",
          "cells alias other is not valid: cell set overlaps with existing alias both"},
         {"GetCellsAliases",
          "={\n  \"both\": {\n    \"cells\": [\n      \"zone1\",\n      \"zone2\"\n    ]\n  "
          "}\n}\n"},
         {"UpdateCellsAlias --cells zone1 both",
          "=Updated cells alias both. New CellsAlias:\n{\n  \"cells\": [\n    \"zone1\"\n  ]\n}\n"},
         {"DeleteCellsAlias both", "=Delete cells alias both\n"},
         {"GetCellsAliases", "=null\n"},
         {"DeleteCellInfo --force zone3", "=Deleted cell zone3\n"},
         {"GetCellInfo zone3", "error: "}},
        {}));
}

TEST(Commands, KeepKeyspacesAndShards) {
    run_test(follow(
        {{"CreateKeyspace --durability-policy=semi_sync commerce",
          "=Successfully created keyspace commerce. Result:\n{\n  \"name\": \"commerce\",\n  "
          "\"keyspace\": {\n    \"keyspace_type\": \"NORMAL\",\n    \"base_keyspace\": \"\",\n    "
          "\"snapshot_time\": null,\n    \"durability_policy\": \"semi_sync\",\n    "
          "\"throttler_config\": null,\n    \"sidecar_db_name\": \"_vt\"\n  }\n}\n"},
         {"CreateKeyspace commerce", "error: "},
         {"createkeyspace -f commerce", "\"durability_policy\": \"semi_sync\""},
         {"CreateKeyspace --sidecar-db-name= x", "cannot be empty"},
         {"SetKeyspaceDurabilityPolicy --durability-policy=cross commerce",
          "durability policy <cross> is not a valid policy"},
         {"SetKeyspaceDurabilityPolicy --durability-policy=cross_cell commerce",
          "\"durability_policy\": \"cross_cell\""},
         {"CreateShard commerce/-80", "\"shard_already_exists\": false"},
         {"CreateShard commerce/-80", "error: "},
         {"CreateShard -f commerce/-80", "\"shard_already_exists\": true"},
         {"CreateShard commerce/80-", "\"is_primary_serving\": true"},
         {"CreateShard commerce/-40", "\"is_primary_serving\": false"},
         {"CreateShard nowhere/0", "error: "},
         {"CreateShard commerce", "invalid shard path: commerce"},
         {"FindAllShardsInKeyspace commerce", "\"80-\": {"},
         {"FindAllShardsInKeyspace nowhere", "node doesn't exist"},
         {"ReloadSchemaKeyspace nowhere", "GetShardNames(nowhere) failed: node doesn't exist"},
         {"ValidateKeyspace nowhere", "keyspace nowhere had validation issues"},
         {"RebuildKeyspaceGraph commerce", "="},
         {"GetSrvKeyspaceNames zone1",
          "={\n  \"zone1\": {\n    \"names\": [\n      \"commerce\"\n    ]\n  }\n}\n"},
         {"GetSrvKeyspaces commerce zone1", "\"served_type\": 1"},
         {"SetShardIsPrimaryServing commerce/80- false", "\"is_primary_serving\": false"},
         {"RebuildKeyspaceGraph commerce", "does not end with max key"},
         {"SetShardTabletControl --denied-tables=t1,t2 commerce/-80 primary",
          "\"denied_tables\": [\n        \"t1\",\n        \"t2\"\n      ]"},
         {"SetShardTabletControl --denied-tables=t1 --remove commerce/-80 primary",
          "\"denied_tables\": [\n        \"t2\"\n      ]"},
         {"SetShardTabletControl --remove commerce/-80 primary", "\"tablet_controls\": []"},
         {"SetShardTabletControl --disable-query-service commerce/-80 rdonly", "\"RDONLY\""},
         {"GetTopologyPath --data-as-json /zone1/keyspaces/commerce/SrvKeyspace",
          "\"query_service_disabled\": true"},
         {"RebuildKeyspaceGraph commerce", "migration is on going"},
         {"SourceShardAdd commerce/-80 7 ks/0", "Updated shard record"},
         {"SourceShardAdd commerce/-80 7 ks/0", "already exists"},
         {"SourceShardDelete commerce/-80 7", "Updated shard record"},
         {"DeleteShards commerce/-40 commerce/-80", "is still serving"},
         {"DeleteShards --even-if-serving commerce/-40 commerce/-80",
          "failed to lock commerce/-40"},
         {"DeleteShards --even-if-serving commerce/-80", "=Successfully deleted 1 shards\n"},
         {"DeleteKeyspace commerce", "still has 1 shards"},
         {"DeleteKeyspace -r commerce", "=Successfully deleted keyspace commerce.\n"},
         {"GetKeyspace commerce", "error: "},
         {"GenerateShardRanges 2", "=[\n  \"-80\",\n  \"80-\"\n]\n"}},
        {}));
}

TEST(Commands, ListTablets) {
    const std::map<std::string, ScriptedTablet> tablets = {
        {one, {.type = topodata::PRIMARY, .term = 100}},
        {two, {.type = topodata::PRIMARY, .term = 50}},
        {"zone2-0000000200", {.type = topodata::RDONLY}}};
    run_test(follow(
        {{"GetTablets",
          "=zone1-0000000100 ks 0 primary host:2 host:3306 [] 1970-01-01T00:01:40Z\n"
          "zone1-0000000101 ks 0 unknown host:2 host:3306 [] 1970-01-01T00:00:50Z\n"
          "zone2-0000000200 ks 0 rdonly host:2 host:3306 [] <null>\n"},
         {"GetTablets --tablet-type rdonly --keyspace ks",
          "=zone2-0000000200 ks 0 rdonly host:2 host:3306 [] <null>\n"},
         {"GetTablets --cell zone2", "zone2-0000000200"},
         {"GetTablets -t zone1-100", "zone1-0000000100 ks 0 primary"},
         {"GetTablets -t zone1-100 -k ks", "cannot be passed when using --tablet-alias"},
         {"GetTablets --shard 0", "cannot be passed without also passing --keyspace"},
         {"GetTablets --format xml", "invalid output format, got xml"},
         {"GetTablets --format json -t zone2-200", "\"type\": 3"},
         {"GetTablet zone1-100", "\"type\": \"PRIMARY\""},
         {"PingTablet zone1-100", "="},
         {"RefreshState zone1-100", "=Refreshed state on zone1-0000000100\n"},
         {"ChangeTabletType zone2-200 replica", "- zone2-0000000200 ks 0 rdonly"},
         {"ChangeTabletType --dry-run zone2-200 spare", "--- DRY RUN ---\n- zone2-0000000200"},
         {"ChangeTabletType zone1-100 replica", "is not an allowed transition"},
         {"GetTabletVersion zone1-100", "={h u 7 }\n"},
         {"DeleteTablets zone1-100", "cannot delete tablet zone1-0000000100 as it is a primary"},
         {"DeleteTablets -p zone1-100 zone2-200", "=Successfully deleted 2 tablets\n"},
         {"GetShard ks/0", "\"primary_alias\": null"}},
        tablets));
}

TEST(Commands, KeepVSchemasAndRules) {
    run_test(follow(
        {{"ApplyVSchema ks", "one of the sql, sql-file, vschema"},
         {"ApplyVSchema --vschema='{\"sharded\":true,\"vindexes\":{\"h\":{\"type\":\"hash\"}}}' ks",
          "New VSchema object:\n{\n  \"sharded\": true"},
         {"ApplyVSchema --sql='alter vschema on t add vindex h(id)' ks", "\"column_vindexes\""},
         {"ApplyVSchema --sql='select 1' ks", "error parsing VSchema DDL statement"},
         {"ApplyVSchema --vschema='{\"vindexes\":{\"h\":{\"type\":\"no\"}}}' ks",
          "BuildKeyspace(ks)"},
         {"ApplyVSchema --dry-run --vschema='{\"sharded\":true,\"vindexes\":{\"h\":{\"type\":"
          "\"hash\"}},\"tables\":{\"t\":{\"column_vindexes\":[{\"column\":\"id\",\"name\":\"h\"}],"
          "\"auto_increment\":{\"column\":\"id\",\"sequence\":\"seq_elsewhere\"}}}}' ks",
          "\"sequence\": \"seq_elsewhere\""},
         {"ApplyVSchema --strict --vschema='{\"sharded\":true,\"vindexes\":{\"h\":{\"type\":"
          "\"hash\",\"params\":{\"a\":\"b\"}}}}' ks",
          "unknown vindex params: h (a)"},
         {"ApplyVSchema --dry-run --vschema='{}' ks", "\"sharded\": false"},
         {"GetVSchema ks", "\"sharded\": true"},
         {"ApplyVSchema --vschema='{}' nowhere", "doesn't exist, check if the keyspace is"},
         {"GetSrvVSchema zone1", "\"type\": \"hash\""},
         {"ApplyRoutingRules "
          "--rules='{\"rules\":[{\"from_table\":\"a\",\"to_tables\":[\"ks.b\"]}]}'",
          "New RoutingRules object"},
         {"GetRoutingRules", "\"from_table\": \"a\""},
         {"ApplyRoutingRules --rules='{}'", "New RoutingRules object"},
         {"GetRoutingRules", "\"rules\": []"},
         {"ApplyShardRoutingRules", "must pass exactly one of --rules or --rules-file"},
         {"ApplyShardRoutingRules --rules='{\"rules\":[{\"from_keyspace\":\"a\",\"to_keyspace\":"
          "\"b\",\"shard\":\"0\"}]}'",
          "New ShardRoutingRules object"},
         {"ApplyKeyspaceRoutingRules --rules='{\"rules\":[{\"from_keyspace\":\"a\",\"to_keyspace\":"
          "\"b\"}]}'",
          "\"to_keyspace\": \"b\""},
         {"GetKeyspaceRoutingRules", "\"from_keyspace\": \"a\""},
         {"GetMirrorRules", "\"rules\": []"},
         {"GetSrvVSchema zone1", "\"from_keyspace\": \"a\""},
         {"RebuildVSchemaGraph", "=RebuildVSchemaGraph: ok\n"},
         {"DeleteSrvVSchema zone1", "="},
         {"GetTopologyPath /", "\"global\""}},
        {}));
}

TEST(Commands, ChangePrimaries) {
    const std::map<std::string, ScriptedTablet> tablets = {
        {one, {.type = topodata::PRIMARY, .term = 100}}, {two, {}}};
    run_test(follow(
        {{"PlannedReparentShard --new-primary zone1-101 ks/0", "elected new primary candidate"},
         {"EmergencyReparentShard ks/0 --expected-primary zone1-101",
          "is not equal to expected alias"},
         {"ReparentTablet zone1-101", "\"primary\": {"},
         {"ReparentTablet zone1-100", "onto itself"},
         {"TabletExternallyReparented zone1-101", "\"old_primary\": {"},
         {"InitShardPrimary ks/0 zone1-101", "is not the shard primary, use -force"},
         {"ShardReplicationPositions ks/0", "MySQL56/"},
         {"ValidateShard ks/0", "Validation results:\n- topo.Validate(zone1-0000000100) failed"},
         {"ApplySchema --sql 'create table t(id int); drop table t' ks", "=\n"},
         {"ApplySchema --sql 'create tabl' ks", "failed to parse sql"},
         {"ApplySchema --ddl-strategy vitess --sql 'drop table t' ks", "only direct is"},
         {"MoveTables --workflow w create", "MoveTables is not supported"}},
        tablets));
}

TEST(Commands, RefuseWrongCommandLines) {
    run_test(follow({{"Nothing", "unknown command: Nothing"},
                     {"GetKeyspace", "accepts 1 arg(s), received 0"},
                     {"GetKeyspaces x", "unknown command \"x\" for \"vtctldclient GetKeyspaces\""},
                     {"DeleteShards", "requires at least 1 arg(s), only received 0"},
                     {"GetKeyspace --nothing x", "unknown flag: --nothing"},
                     {"GetTablet -x", "unknown shorthand flag: 'x' in -x"}},
                    {}));
}

TEST(Commands, TellOfNoWorkflowsAndNoBackups) {
    run_test(follow({{"GetWorkflows ks", "={\n  \"workflows\": []\n}\n"},
                     {"GetWorkflows nowhere", "error: "},
                     {"GetBackups ks/0", "error: no registered implementation of BackupStorage"},
                     {"Backup zone1-100", "Backup is not supported by this vtctldclient"}},
                    {{one, {.type = topodata::PRIMARY, .term = 100}}}));
}

Task<void> list_backups() {
    const auto folder =
        std::filesystem::temp_directory_path() / ("sluice-backups-" + std::to_string(::getpid()));
    for (const std::string name :
         {"2026-11-26.175612.zone1-0000000100", "2026-11-25.000000.zone1-0000000101", "other"})
        std::filesystem::create_directories(folder / "ks/0" / name);
    ScriptedCluster cluster;
    co_await cluster.make("none", one, true);
    Service service(cluster.control);
    service.control()->backups = {.implementation = "file", .folder = folder};
    EXPECT_EQ(co_await said(&service, "GetBackups ks/0"),
              "2026-11-25.000000.zone1-0000000101\n2026-11-26.175612.zone1-0000000100\nother\n");
    EXPECT_EQ(co_await said(&service, "GetBackups --limit=1 ks/0"), "other\n");
    EXPECT_EQ(co_await said(&service, "GetBackups ks/-80"), "\n");
    const std::string json = co_await said(&service, "GetBackups --json ks/0");
    for (const char* want :
         {"\"uid\": 101", "\"seconds\": \"1795564800\"", "\"directory\": \"ks/0\""})
        EXPECT_TRUE(json.contains(want)) << want << "\n" << json;
    EXPECT_TRUE((co_await said(&service, "GetBackups ../0")).contains("is no name of a keyspace"));
    std::filesystem::remove_all(folder);
    service.control()->backups.implementation = "s3";
    EXPECT_TRUE((co_await said(&service, "GetBackups ks/0")).contains("s3 is not supported"));
}

TEST(Commands, ListBackupsOfAFolder) {
    run_test(list_backups());
}

TEST(Commands, OfVtctlclientAreReadByTheControlPlane) {
    run_test(
        follow({{"LegacyVtctlCommand -- GetCellInfoNames", "=zone1\nzone2\n"},
                {"LegacyVtctlCommand getcellinfonames", "=zone1\nzone2\n"},
                {"LegacyVtctlCommand -- VtctldCommand GetCellInfoNames", "=zone1\nzone2\n"},
                {"LegacyVtctlCommand -- LegacyVtctlCommand GetCellInfoNames", "=zone1\nzone2\n"},
                {"LegacyVtctlCommand -- AddCellInfo -- --server_address a:1 --root /z3 zone3",
                 "=Created cell: zone3\n"},
                {"LegacyVtctlCommand -- Ping zone1-100", "="},
                {"LegacyVtctlCommand -- SetReadOnly zone1-100", "="},
                {"LegacyVtctlCommand -- ListAllTablets zone2", "="},
                {"LegacyVtctlCommand -- ListShardTablets ks/0", "zone1-0000000100 ks 0 primary"},
                {"LegacyVtctlCommand -- ListTablets zone1-101", "zone1-0000000101 ks 0 replica"},
                {"LegacyVtctlCommand -- GetSrvKeyspace zone1 nowhere", "\"zone1\": {}"},
                {"LegacyVtctlCommand -- PlannedReparentShard --keyspace_shard=ks/0 --new_primary "
                 "zone1-101",
                 "told: elected new primary candidate zone1-0000000101"},
                {"LegacyVtctlCommand -- GetKeyspace", "accepts 1 arg(s), received 0"},
                {"LegacyVtctlCommand -- Frobnicate", "error: unknown command: frobnicate"},
                {"LegacyVtctlCommand", "error: no command was specified"},
                {"LegacyVtctlCommand -- help", "Available Commands:"},
                {"LegacyVtctlCommand -- GetKeyspace nowhere", "error: "}},
               {{one, {.type = topodata::PRIMARY, .term = 100}}, {two, {}}}));
}

}  // namespace
}  // namespace sluice::vtctl::detail
