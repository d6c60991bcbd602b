"""The steps of the documentation's local example, over managed.LocalCluster."""
import json

from .process import LabError, wait_until

UIDS = (100, 101, 102)
COMMERCE_TABLES = """
CREATE TABLE IF NOT EXISTS product(sku VARBINARY(128) NOT NULL PRIMARY KEY, description VARBINARY(128), price BIGINT);
CREATE TABLE IF NOT EXISTS customer(customer_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARBINARY(128));
CREATE TABLE IF NOT EXISTS corder(order_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id BIGINT, sku VARBINARY(128), price BIGINT);
"""
COMMERCE_VSCHEMA = {"tables": {"product": {}, "customer": {}, "corder": {}}}


def apply_schema(cluster, keyspace, text, name):
    """By a file, as the example does."""
    path = cluster.place.folder / f"{name}.sql"
    path.write_text(text, encoding="utf-8")
    return cluster.control("ApplySchema", "--sql-file", path, keyspace)


def apply_vschema(cluster, keyspace, vschema, name):
    path = cluster.place.folder / f"{name}.json"
    path.write_text(json.dumps(vschema), encoding="utf-8")
    return cluster.control("ApplyVSchema", "--vschema-file", path, keyspace)


def await_healthy_shard(cluster, keyspace, shard, tablets):
    """The waits of the example's scripts, with their commands."""
    place = f"{keyspace}/{shard}"
    wait_until(f"{tablets} tablets of {place}", lambda: len(
        cluster.control("GetTablets", "--keyspace", keyspace, "--shard", shard).splitlines()) == tablets, None, 60)
    wait_until(f"a primary of {place}", lambda: '"primary_alias": null' not in cluster.control("GetShard", place), None, 60)
    primary = next((line.split()[0] for line in cluster.control("GetTablets", "--keyspace", keyspace, "--shard", shard).splitlines()
                    if " primary " in line), None)
    if primary is None:
        raise LabError(f"GetTablets shows no primary of {place}")
    wait_until(f"{primary} to be writable", lambda: json.loads(cluster.control("GetFullStatus", primary))["super_read_only"] is False, None, 60)


def start_101(cluster, uids=UIDS):
    """From nothing, or from the data of the last time, to a gate that serves keyspace commerce."""
    cluster.start_plane()
    cluster.control("CreateKeyspace", "--sidecar-db-name=_vt", "--durability-policy=semi_sync", "commerce", allowed="already exists")
    cluster.say(f"starting {len(uids)} servers by mysqlctl, and their tablets (the first start makes data folders) ...")
    tablets = cluster.add_tablets("commerce", "0", uids)
    if '"primary_alias": null' in cluster.control("GetShard", "commerce/0"):
        cluster.say("electing zone1-100 by PlannedReparentShard ...")
        cluster.elect(tablets[0])
    await_healthy_shard(cluster, "commerce", "0", len(uids))
    cluster.say("creating tables ...")
    apply_schema(cluster, "commerce", COMMERCE_TABLES, "create_commerce_schema")
    apply_vschema(cluster, "commerce", COMMERCE_VSCHEMA, "vschema_commerce_initial")
    cluster.say("starting vtgate ...")
    cluster.start_gate()
    return cluster
