// Start of a process: the one list of flags that a gateway accepts and that change nothing. --help
// and a log line say why; who makes one work takes it from here. Before: servenv/vtgate_flags.cc.
#include "servenv/detail/inert_flags.h"

#include "servenv/program_flags.h"

namespace sluice::servenv {
namespace {

const detail::InertNames inert_flags[] = {
    {"a session that waits for a command never holds a read buffer",
     {"mysql-server-pool-conn-read-buffers"}},
    {"a tablet is connected to when it is first called",
     {"grpc-dial-concurrency-limit", "healthcheck-dial-concurrency"}},
    {"records are read in few large requests", {"topo_read_concurrency"}},
    {"serving records are followed, not cached",
     {"srv_topo_cache_ttl", "srv_topo_cache_refresh", "srv_topo_timeout"}},
    {"the status page has no links to tablets", {"tablet_url_template"}},
    {"plans are always shared between statements that differ in literals", {"normalize_queries"}},
    {"there is one planner", {"planner-version"}},
    {"the plan cache is bounded by the number of plans", {"gate_query_cache_memory"}},
    {"there are no message streams", {"message_stream_grace_period"}},
    {"settings are those of connections, never hints", {"enable_set_var"}},
    {"connections with locks are kept alive by TCP", {"lock_heartbeat_time"}},
    {"views are the shards' own", {"enable-views"}},
    {"functions are the shards' own", {"track-udfs"}},
    {"shard routing rules are followed as the VSchema has them",
     {"enable-partial-keyspace-migration"}},
    {"there are no online schema changes", {"enable_online_ddl"}},
    {"CREATE and DROP DATABASE are refused", {"dbddl_plugin"}},
    {"sessions are not warned", {"warn_sharded_only"}},
    {"errors are the servers' own", {"vtgate-config-terse-errors"}},
    {"reads are not repeated on replicas",
     {"warming-reads-percent", "warming-reads-concurrency", "warming-reads-query-timeout"}},
    {"statements are not logged with errors", {"sql-max-length-errors"}},
    {"profiles are taken while the process runs, by --pprof-http", {"pprof"}},
    {"such users are refused at start",
     {"mysql_clientcert_auth_method", "mysql_ldap_auth_config_file",
      "mysql_ldap_auth_config_string", "mysql_ldap_auth_method", "mysql_auth_vault_addr",
      "mysql_auth_vault_path", "mysql_auth_vault_role_mountpoint", "mysql_auth_vault_roleid",
      "mysql_auth_vault_role_secretidfile", "mysql_auth_vault_tokenfile",
      "mysql_auth_vault_timeout", "mysql_auth_vault_tls_ca", "mysql_auth_vault_ttl"}},
    {"certificates must carry the server's address", {"db_server_name"}},
    {"streams and statements share one pool", {"queryserver-config-stream-pool-size"}},
    {"results are bounded by memory, not by rows",
     {"queryserver-config-max-result-size", "queryserver-config-warn-result-size"}},
    {"mysql_pool_idle_timeout closes idle connections", {"queryserver-config-idle-timeout"}},
};

}  // namespace

void mark_inert(FlagSet& flags) {
    detail::mark_common_inert(flags);
    detail::mark_inert(flags, inert_flags);
}

}  // namespace sluice::servenv
