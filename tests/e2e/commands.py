"""vtctldclient's commands, ours and Vitess 21's (VITESS_BIN), asked of our vtctld and of Vitess's over the same cluster: what they print, as JSON where
it is, and whether they succeed, must be the same. V21=vttablet: with Vitess's tablets. COMMANDS_ALL=1 prints each difference whole."""
import json
import os
import re

from frame import CheckError, run_in_order
from lab.controlled import alias
from lab.process import Process, accepts, free_port, wait_until
from lab.replicated import v21_program
from lab.servers import UNPRIVILEGED
from reparents import managed

SCHEMA = '{"sharded": true, "vindexes": {"hash": {"type": "hash"}}, "tables": {"t": {"column_vindexes": [{"column": "id", "name": "hash"}]}}}'
RULES = '{"rules": [{"from_table": "t_%", "to_tables": ["%.t"]}]}'
SHARD_RULES = '{"rules": [{"from_keyspace": "%", "to_keyspace": "e2e", "shard": "-80"}]}'
KEYSPACE_RULES = '{"rules": [{"from_keyspace": "%", "to_keyspace": "e2e"}]}'

# CELL_, ALIAS_, KS_ are names of the asker's own; PRIMARY_ and REPLICA_ are tablets. One command a line, arguments apart by |.
RECORDS = r"""
GetCellInfoNames
AddCellInfo|--root|/vitess/CELL_|--server-address|ADDRESS_|CELL_
AddCellInfo|--root|/vitess/CELL_|--server-address|ADDRESS_|CELL_
GetCellInfo|CELL_
GetCellInfo|nowhere
GetCellInfoNames
UpdateCellInfo|--root|/vitess/CELL_/more|CELL_
GetCellInfo|CELL_
AddCellsAlias|--cells|CELL_,zone1|ALIAS_
GetCellsAliases
UpdateCellsAlias|--cells|CELL_|ALIAS_
GetCellsAliases
DeleteCellsAlias|ALIAS_
DeleteCellsAlias|ALIAS_
GetKeyspaces
CreateKeyspace|KS_
CreateKeyspace|KS_
CreateKeyspace|--force|KS_
CreateKeyspace|--durability-policy|wrong|KS_x
CreateKeyspace|wrong/name
CreateKeyspace
GetKeyspace|KS_
GetKeyspace|nowhere
GetKeyspaces
SetKeyspaceDurabilityPolicy|--durability-policy|semi_sync|KS_
SetKeyspaceDurabilityPolicy|--durability-policy|wrong|KS_
SetKeyspaceDurabilityPolicy|nowhere
CreateShard|KS_/-80
CreateShard|KS_/80-
CreateShard|KS_/80-
CreateShard|--force|KS_/80-
CreateShard|KS_/wrong-
CreateShard|KS_
CreateShard|--include-parent|KS_x/0
DeleteKeyspace|--recursive|KS_x
GetShard|KS_/-80
GetShard|KS_/40-80
GetShard|KS_
FindAllShardsInKeyspace|KS_
FindAllShardsInKeyspace|nowhere
ApplyVSchema|--vschema|SCHEMA_|KS_
ApplyVSchema|--sql|alter vschema on t2 add vindex hash(id)|KS_
ApplyVSchema|--sql|alter vschema on t3 add vindex hash(id)|--dry-run|KS_
ApplyVSchema|--sql|select 1|KS_
ApplyVSchema|--vschema|{|KS_
ApplyVSchema|--vschema|{"sharded": true, "tables": {"t": {"column_vindexes": [{"column": "id", "name": "nothing"}]}}}|KS_
ApplyVSchema|--vschema|SCHEMA_|nowhere
ApplyVSchema|KS_
ApplyVSchema|--skip-rebuild|--vschema|SCHEMA_|KS_
GetVSchema|KS_
GetVSchema|nowhere
GetSrvVSchema|zone1
GetSrvVSchema|nowhere
GetSrvVSchemas
RebuildVSchemaGraph
RebuildVSchemaGraph|--cells|zone1
DeleteSrvVSchema|CELL_
ApplyRoutingRules|--rules|RULES_
ApplyRoutingRules|--rules|RULES_|--dry-run
ApplyRoutingRules|--rules|{
GetRoutingRules
ApplyRoutingRules|--rules|{}
ApplyShardRoutingRules|--rules|SHARD_RULES_
GetShardRoutingRules
ApplyShardRoutingRules|--rules|{"rules": []}
ApplyKeyspaceRoutingRules|--rules|KEYSPACE_RULES_
GetKeyspaceRoutingRules
ApplyKeyspaceRoutingRules|--rules|{"rules": []}
GetMirrorRules
RebuildKeyspaceGraph|KS_
RebuildKeyspaceGraph|--cells|zone1|--allow-partial|KS_
RebuildKeyspaceGraph|nowhere
GetSrvKeyspaceNames
GetSrvKeyspaceNames|zone1
GetSrvKeyspaces|KS_
GetSrvKeyspaces|KS_|zone1
GetSrvKeyspaces|nowhere
SetShardIsPrimaryServing|KS_/-80|false
GetShard|KS_/-80
SetShardIsPrimaryServing|KS_/-80|true
SetShardIsPrimaryServing|KS_/-80|maybe
SetShardTabletControl|--cells|zone1|--denied-tables|t,u|KS_/-80|replica
GetShard|KS_/-80
SetShardTabletControl|--cells|zone1|--denied-tables|t,u|--remove|KS_/-80|replica
SetShardTabletControl|--disable-query-service|KS_/-80|rdonly
SetShardTabletControl|KS_/-80|wrong
SourceShardAdd|--key-range|-40|KS_/-80|1|KS_|80-
SourceShardAdd|--tables|t|KS_/-80|2|KS_|80-
GetShard|KS_/-80
SourceShardDelete|KS_/-80|1
SourceShardDelete|KS_/-80|7
GetShardReplication|KS_/-80
GetShardReplication|e2e/-
GetShardReplication|e2e/-|zone1
ShardReplicationFix|zone1|e2e/-
GetTopologyPath|/
GetTopologyPath|/global
GetTopologyPath|/global/keyspaces/KS_
GetTopologyPath|/global/keyspaces/KS_/Keyspace
GetTopologyPath|/zone1/tablets
GetTopologyPath|/global/nothing
RemoveShardCell|KS_/-80|zone1
RemoveKeyspaceCell|KS_|CELL_
Validate
ValidateKeyspace|KS_
ValidateKeyspace|nowhere
ValidateShard|KS_/-80
GenerateShardRanges|4
GenerateShardRanges|0
GenerateShardRanges|x
GetWorkflows|e2e
GetBackups|e2e/-
DeleteShards|KS_/80-
DeleteShards|KS_/80-
DeleteShards|--force|KS_/80-
DeleteKeyspace|KS_
DeleteKeyspace|--recursive|KS_
DeleteKeyspace|--recursive|KS_
DeleteCellInfo|CELL_
DeleteCellInfo|CELL_
DeleteCellInfo|zone1
GetKeyspaces
NoSuchCommand
GetKeyspace|--no-such-flag
"""
# Asked once before: what the first asker's commands leave for the others.
SETTLED = r"""
ApplyRoutingRules|--rules|{}
ApplyShardRoutingRules|--rules|{"rules": []}
ApplyKeyspaceRoutingRules|--rules|{"rules": []}
ChangeTabletTags|--replace|PRIMARY_|rack=8
"""
TABLETS = r"""
GetTablets
GetTablets|--format|json
GetTablets|--format|wrong
GetTablets|--keyspace|e2e|--shard|-
GetTablets|--keyspace|nowhere
GetTablets|--tablet-type|primary
GetTablets|--cell|zone1|--tablet-type|replica
GetTablets|--cell|nowhere
GetTablets|--tablet-alias|PRIMARY_
GetTablets|--tablet-alias|zone1-9
GetTablets|--shard|-
GetTablet|PRIMARY_
GetTablet|zone1-9
GetTablet|wrong
PingTablet|PRIMARY_
PingTablet|zone1-9
GetTabletVersion|PRIMARY_
GetPermissions|PRIMARY_
GetFullStatus|PRIMARY_
GetFullStatus|REPLICA_
GetSchema|PRIMARY_
GetSchema|--tables|/^thi/|PRIMARY_
GetSchema|--exclude-tables|thing|--table-names-only|PRIMARY_
GetSchema|--table-sizes-only|PRIMARY_
GetSchema|--table-schema-only|--include-views|PRIMARY_
GetSchema|--table-names-only|--table-sizes-only|PRIMARY_
ReloadSchema|PRIMARY_
ReloadSchemaShard|e2e/-
ReloadSchemaShard|--include-primary|e2e/-
ReloadSchemaKeyspace|e2e
ReloadSchemaKeyspace|nowhere
RefreshState|PRIMARY_
RefreshStateByShard|e2e/-
RefreshStateByShard|--cells|zone1|e2e/-
RunHealthCheck|PRIMARY_
ShardReplicationPositions|e2e/-
ExecuteFetchAsApp|PRIMARY_|SELECT 1 AS one, 'x' AS ex
ExecuteFetchAsApp|--json|PRIMARY_|SELECT 1 AS one, 'x' AS ex, NULL AS nothing
ExecuteFetchAsApp|PRIMARY_|SELECT wrong
ExecuteFetchAsDBA|PRIMARY_|SELECT id FROM vt_e2e.thing ORDER BY id LIMIT 2
ExecuteFetchAsDBA|--max-rows|1|PRIMARY_|SELECT 1 UNION SELECT 2
ExecuteFetchAsDBA|--json|--max-rows|1|PRIMARY_|SELECT 1
ExecuteFetchAsDBA|--disable-binlogs|PRIMARY_|SET @a = 1
ExecuteMultiFetchAsDBA|PRIMARY_|SELECT 1; SELECT 2
ExecuteMultiFetchAsDBA|--json|PRIMARY_|SELECT 1; SELECT 2
ChangeTabletTags|PRIMARY_|rack=7
ChangeTabletTags|--replace|PRIMARY_|rack=8
ChangeTabletTags|--replace|PRIMARY_
ChangeTabletType|REPLICA_|rdonly
ChangeTabletType|--dry-run|REPLICA_|replica
ChangeTabletType|REPLICA_|replica
ChangeTabletType|REPLICA_|primary
ChangeTabletType|REPLICA_|wrong
ChangeTabletType|PRIMARY_|replica
StopReplication|REPLICA_
StartReplication|REPLICA_
StopReplication|PRIMARY_
StartReplication|PRIMARY_
ReparentTablet|REPLICA_
ReparentTablet|PRIMARY_
SetWritable|REPLICA_|false
SetWritable|REPLICA_|maybe
SleepTablet|--duration|10ms|REPLICA_
ApplySchema|--sql|create table made_KS_ (id bigint primary key, name varchar(7))|e2e
ApplySchema|--sql|create table made_KS_ (id bigint primary key, name varchar(7))|e2e
ApplySchema|--sql|drop table made_KS_|e2e
ApplySchema|--sql|select 1|e2e
ApplySchema|--sql|create table wrong (|e2e
ApplySchema|--sql|create table x (id int)|nowhere
ValidateSchemaKeyspace|e2e
ValidateVersionKeyspace|e2e
ValidateVersionShard|e2e/-
Validate|--ping-tablets
ValidateKeyspace|--ping-tablets|e2e
ValidateShard|--ping-tablets|e2e/-
PlannedReparentShard|e2e/-|--new-primary|REPLICA_
PlannedReparentShard|e2e/-|--new-primary|PRIMARY_
PlannedReparentShard|e2e/-|--new-primary|PRIMARY_
PlannedReparentShard|e2e/-|--new-primary|zone1-9
PlannedReparentShard|e2e/-|--new-primary|PRIMARY_|--avoid-primary|PRIMARY_
PlannedReparentShard|e2e/7
TabletExternallyReparented|PRIMARY_
EmergencyReparentShard|e2e/-|--new-primary|REPLICA_
EmergencyReparentShard|e2e/-|--new-primary|PRIMARY_
DeleteTablets|PRIMARY_
DeleteTablets|zone1-9
DeleteShards|e2e/-
DeleteKeyspace|e2e
ExecuteHook|PRIMARY_|nothing.sh
"""

# What may differ, and why (docs/differences.md).
KNOWN = {
    # The tablet's text, but UNKNOWN instead of the tablet's code.
    "ExecuteFetchAsApp|PRIMARY_|SELECT wrong": "code", "ExecuteFetchAsDBA|--max-rows|1|PRIMARY_|SELECT 1 UNION SELECT 2": "code",
    "StartReplication|PRIMARY_": "code",
}
UNORDERED = ("GetTablets",)  # v21 lists tablets in any order
TOLD = ("PlannedReparentShard", "EmergencyReparentShard")  # their output is what they did, as log lines

CHANGING = [(re.compile(pattern), word) for pattern, word in (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(:[-\d:]+)?", "UUID"), (r"UUID(,UUID)+", "UUID"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)?", "TIME"),
    (r'"(seconds|nanoseconds|time_created_ns|primary_term_start_time)": ?"?\d+"?', r'"\1": "N"'), (r'"version": ?"\d+"', '"version": "N"'),
    (r'"(log_position|file_position|relay_log_file_position|relay_log_source_binlog_equivalent_position)": "[^"]*"', r'"\1": "POSITION"'),
    (r"^[EWI]\d{4} \S+ +\d+ \S+\] ", ""),
    (r"\b((?:\w+_)?[kcy])[abcd](x?)\b", r"\1N\2"))]


class Asker:
    """A client and a vtctld; `letter` makes its names."""

    def __init__(self, title, client, port, letter):
        self.title, self.client, self.port, self.letter = title, client, port, letter

    def ask(self, where, line, tablets):
        text = line
        for name, value in {"SCHEMA_": SCHEMA, "SHARD_RULES_": SHARD_RULES, "KEYSPACE_RULES_": KEYSPACE_RULES, "RULES_": RULES}.items():
            text = text.replace(name, value.replace("%", f"k{self.letter}"))
        for name, value in {"CELL_": f"c{self.letter}", "ALIAS_": f"y{self.letter}", "KS_": f"k{self.letter}", "ADDRESS_": where.etcd.address,
                            "PRIMARY_": alias(tablets[0]), "REPLICA_": alias(tablets[1])}.items():
            text = text.replace(name, value)
        status, out, errors = where.control(*text.split("|"), program=self.client, port=self.port)
        command = line.split("|")[0]
        out = "" if command in TOLD else settled(out)
        return status, ordered(out) if command in UNORDERED else out, settled(errors)


def ordered(out):
    """Lines or elements in an order of ours."""
    return sorted(out, key=repr) if isinstance(out, list) else sorted(out.split("\n"))


def settled(text):
    """Without what is another one each time."""
    lines = []
    for line in text.strip().split("\n"):
        for pattern, word in CHANGING:
            line = pattern.sub(word, line)
        lines.append(line)
    text = "\n".join(lines)
    try:
        return json.loads(text)
    except ValueError:
        return text


def difference(want, got):
    """What differs in a word, or None. Errors are compared by their gRPC code."""
    if want[0] != got[0]:
        return "status"
    if want[0] == 0 and want[1] != got[1]:
        return "output"
    return None if code_of(want[2]) == code_of(got[2]) else "code"


def code_of(errors):
    found = re.search(r"code = (\w+)", str(errors))
    return found.group(1) if found else None


def compare(where, lines, askers):
    """All askers' answers to each line; returns the differences from the first one's."""
    found = []
    answers = [[asker.ask(where, line, where.of_shard(where.shards[0])) for line in lines] for asker in askers]
    for index, line in enumerate(lines):
        for asker, given in zip(askers[1:], answers[1:]):
            what = difference(answers[0][index], given[index])
            if what and line not in KNOWN:
                found.append(f"{line} by {asker.title}: {what}: {short(given[index])}\n      v21: {short(answers[0][index])}")
    return found


def short(answer):
    text = str(answer)
    return text if os.environ.get("COMMANDS_ALL") else text[:400]


def check_commands(where):
    port, web = free_port(), free_port()
    theirs = Process("vtctld-v21", [
        v21_program("vtctld"), *where.topology_flags, "--port", web, "--grpc_port", port, "--service_map", "grpc-vtctl,grpc-vtctld",
        "--log_dir", where.folder], where.logs / "vtctld-v21.out", user=UNPRIVILEGED)
    try:
        wait_until("vtctld-v21", lambda: accepts(port), theirs, 60)
        ours, v21 = where.program("vtctldclient"), v21_program("vtctldclient")
        askers = [Asker("v21 alone", v21, port, "a"), Asker("v21's client, our vtctld", v21, where.vtctld_port, "b"),
                  Asker("our client, v21's vtctld", ours, port, "c"), Asker("ours alone", ours, where.vtctld_port, "d")]
        found = []
        for line in SETTLED.strip().split("\n"):
            askers[0].ask(where, line, where.of_shard(where.shards[0]))
        for lines in (RECORDS, TABLETS):
            found += compare(where, lines.strip().split("\n"), askers)
    finally:
        theirs.stop()
    if found:
        raise CheckError("\n  ".join([f"{len(found)} differences", *found]))


def run():
    if v21_program("vtctld") is None or v21_program("vtctldclient") is None:
        print("e2e commands: absent (VITESS_BIN names no vtctld and vtctldclient)")
        return True
    return run_in_order("commands", lambda: managed(shards=1, per_shard=2), [check_commands])
