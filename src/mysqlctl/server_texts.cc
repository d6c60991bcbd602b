// The texts of a new server. Before: mysqld.cc.
#include "mysqlctl/server_texts.h"

namespace sluice::mysqlctl {
namespace {

constexpr std::string_view every_server = R"([mysqld]
# Where the files of this server lie.
datadir = {{.DataDir}}
innodb_data_home_dir = {{.InnodbDataHomeDir}}
innodb_log_group_home_dir = {{.InnodbLogGroupHomeDir}}
tmpdir = {{.TmpDir}}
{{- if .SecureFilePriv}}
secure-file-priv = {{.SecureFilePriv}}
{{- end}}
socket = {{.SocketFile}}
pid-file = {{.PidFile}}
log-error = {{.ErrorLogPath}}
slow-query-log-file = {{.SlowLogPath}}
log-bin = {{.BinLogPath}}
relay-log = {{.RelayLogPath}}
relay-log-index = {{.RelayLogIndexPath}}

server-id = {{.ServerID}}
port = {{.MysqlPort}}

# The tablet says when replication starts, after it has put semi-sync right.
skip_slave_start

connect_timeout = 30
max_connections = 500
max_allowed_packet = 64M
skip-name-resolve
# Below the tablets' query time-out of 30 s: who waits for a lock too long gets 1205.
innodb_lock_wait_timeout = 20
slow-query-log
long_query_time = 2
)";

constexpr std::string_view every_mysql = R"(
# Positions are sets of transaction ids.
gtid_mode = ON
enforce_gtid_consistency
relay_log_recovery = 1
# Three days.
binlog_expire_logs_seconds = 259200

# The X protocol would need a port of its own.
mysqlx = 0

# Nothing is written before the tablet has a primary's role.
super-read-only
)";

// Commits never stop waiting for a replica: else a failover could lose them. The settings are of
// plugins, which are not there yet while the data folder is made: hence "loose".
constexpr std::string_view old_semi_sync = R"(
plugin-load = rpl_semi_sync_master=semisync_master.so;rpl_semi_sync_slave=semisync_slave.so
loose_rpl_semi_sync_master_timeout = 1000000000000000000
loose_rpl_semi_sync_master_wait_no_slave = 1
)";

constexpr std::string_view new_semi_sync = R"(
plugin-load = rpl_semi_sync_source=semisync_source.so;rpl_semi_sync_replica=semisync_replica.so
loose_rpl_semi_sync_source_timeout = 1000000000000000000
loose_rpl_semi_sync_source_wait_no_replica = 1

# A replica notices within this many seconds that its source is gone.
replica_net_timeout = 8
)";

// Clients of old know only this way of logging in.
constexpr std::string_view mysql80_logins = R"(
default_authentication_plugin = mysql_native_password
)";

constexpr std::string_view mysql84_logins = R"(
mysql_native_password = ON
authentication_policy = 'mysql_native_password'
)";

constexpr std::string_view every_mariadb = R"(
# MariaDB has no set of transaction ids but a list with one number for each domain: in strict mode
# numbers never go back, so that positions can be compared.
gtid_strict_mode = 1
log_slave_updates
# Rows, as MySQL has them: statements would not mean the same on a replica.
binlog_format = ROW
sync_binlog = 1
expire_logs_days = 3
slave_net_timeout = 8

# Commits never stop waiting for a replica: else a failover could lose them.
rpl_semi_sync_master_timeout = 1000000000000000000
rpl_semi_sync_master_wait_no_slave = 1

sql_mode = STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION
character_set_server = utf8mb4
collation_server = utf8mb4_general_ci
innodb_stats_persistent = 0

# Nothing is written before the tablet has a primary's role; users with READ ONLY ADMIN are not
# bound.
read-only
)";

constexpr std::string_view mysql_begins = R"(
SET @was_super_read_only = IF(@@global.super_read_only = 1, 'ON', 'OFF');
SET GLOBAL super_read_only = 'OFF';
SET sql_log_bin = 0;
DROP USER IF EXISTS ''@'%', ''@'localhost', 'root'@'%';
DROP DATABASE IF EXISTS test;
)";

constexpr std::string_view mysql_ends = R"(
GRANT PROXY ON ''@'' TO 'vt_dba'@'localhost' WITH GRANT OPTION;
SET GLOBAL super_read_only = IFNULL(@was_super_read_only, 'ON');
)";

constexpr std::string_view mariadb_begins = R"(
SET sql_log_bin = 0;
DROP USER IF EXISTS ''@'%', ''@'localhost', 'root'@'%';
DROP DATABASE IF EXISTS test;
)";

// What the tablet does to the server; what it does for the application; what its operator looks at
// it with; what its replicas, and streams of rows, log in as.
constexpr std::string_view users = R"(
CREATE USER 'vt_dba'@'localhost';
GRANT ALL ON *.* TO 'vt_dba'@'localhost' WITH GRANT OPTION;

CREATE USER 'vt_app'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW,
  CREATE ROUTINE, ALTER ROUTINE, EXECUTE, EVENT, TRIGGER, CREATE TEMPORARY TABLES, LOCK TABLES,
  SHOW DATABASES, PROCESS, RELOAD, FILE, CREATE USER, REPLICATION CLIENT
  ON *.* TO 'vt_app'@'localhost';

CREATE USER 'vt_appdebug'@'localhost';
GRANT SELECT, SHOW DATABASES, PROCESS ON *.* TO 'vt_appdebug'@'localhost';

CREATE USER 'vt_allprivs'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW,
  CREATE ROUTINE, ALTER ROUTINE, EXECUTE, EVENT, TRIGGER, CREATE TEMPORARY TABLES, LOCK TABLES,
  SHOW DATABASES, PROCESS, RELOAD, FILE, CREATE USER, REPLICATION CLIENT, REPLICATION SLAVE
  ON *.* TO 'vt_allprivs'@'localhost';

CREATE USER 'vt_filtered'@'localhost';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW,
  CREATE ROUTINE, ALTER ROUTINE, EXECUTE, EVENT, TRIGGER, CREATE TEMPORARY TABLES, LOCK TABLES,
  SHOW DATABASES, PROCESS, RELOAD, FILE, CREATE USER, REPLICATION CLIENT, REPLICATION SLAVE
  ON *.* TO 'vt_filtered'@'localhost';

CREATE USER 'vt_repl'@'%';
GRANT REPLICATION SLAVE ON *.* TO 'vt_repl'@'%';

CREATE USER 'vt_monitoring'@'localhost';
GRANT SELECT, PROCESS, SUPER, REPLICATION CLIENT, RELOAD ON *.* TO 'vt_monitoring'@'localhost';
GRANT SELECT, UPDATE, DELETE, DROP ON performance_schema.* TO 'vt_monitoring'@'localhost';
)";

}  // namespace

std::string my_cnf_template(const ServerVersion& version) {
    std::string text(every_server);
    if (version.mariadb) return text.append(every_mariadb);
    text.append(every_mysql);
    text.append(version.at_least(8, 0, 26) ? new_semi_sync : old_semi_sync);
    // MySQL 9 has caching_sha2_password only.
    if (!version.at_least(9, 0, 0))
        text.append(version.at_least(8, 4, 0) ? mysql84_logins : mysql80_logins);
    return text;
}

std::string_view first_statements(const ServerVersion& version) {
    static const std::string mysql = std::string(mysql_begins).append(users).append(mysql_ends);
    static const std::string mariadb = std::string(mariadb_begins).append(users);
    return version.mariadb ? mariadb : mysql;
}

}  // namespace sluice::mysqlctl
