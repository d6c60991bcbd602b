#include "tabletserver/detail/dialect.h"

#include <gtest/gtest.h>

#include "tabletserver/detail/replica_status.h"

namespace sluice::tabletserver {
namespace {

TEST(Dialect, IsKnownByTheVersion) {
    for (const auto& [version, want] : {
             std::pair<std::string_view, Dialect>{"8.0.36", {false, 80036}},
             {"8.0.22-debug", {false, 80022}},
             {"9.7.4-2", {false, 90704}},
             {"10.11.4-MariaDB-1~deb12u1", {true, 101104}},
             {"5.5.5-10.11.4-MariaDB", {true, 101104}},
             {"odd", {false, 90000}},
         }) {
        EXPECT_EQ(dialect_of(version), want) << version;
    }
    EXPECT_EQ(version_number("5.5.5-10.11.4-MariaDB"), "10.11.4");
    EXPECT_EQ(version_number("8.0.36-28.1"), "8.0.36");
}

TEST(Dialect, HasItsOwnWords) {
    const Dialect old = dialect_of("8.0.20"), fresh = dialect_of("8.4.0"),
                  mariadb = dialect_of("10.11.4-MariaDB");
    const ReplicationSource source{
        .host = "h'ost", .port = 17, .user = "u", .password = "p", .heartbeat_seconds = 2.5};
    struct Case {
        std::string got, want;
    };
    for (const Case& each : std::vector<Case>{
             {statement::replica_status(old), "show slave status"},
             {statement::replica_status(fresh), "show replica status"},
             {statement::log_status(old), "show master status"},
             {statement::log_status(fresh), "show binary log status"},
             {statement::reset_logs(mariadb), "reset master"},
             {statement::reset_logs(fresh), "reset binary logs and gtids"},
             {statement::stop_receiver(mariadb), "stop slave io_thread"},
             {statement::change_source(fresh, source),
              "change replication source to source_host = 'h\\'ost', source_port = 17, source_user "
              "= 'u', source_password = 'p', source_connect_retry = 10, get_source_public_key = 1, "
              "source_heartbeat_period = 2.500, source_auto_position = 1"},
             {statement::change_source(mariadb, source),
              "change master to master_host = 'h\\'ost', master_port = 17, master_user = 'u', "
              "master_password = 'p', master_connect_retry = 10, master_heartbeat_period = 2.500, "
              "master_use_gtid = slave_pos"},
             {statement::wait_for(mariadb, *position_of(mariadb, "0-1-2"), 3),
              "select master_gtid_wait('0-1-2', 3)"},
         }) {
        EXPECT_EQ(each.got, each.want);
    }
}

TEST(ReplicaStatus, IsReadFromBothServers) {
    const std::string uuid = "00000000-0000-0000-0000-00000000000a";
    const std::vector<TextRow> mysql = {
        {"Source_Host", "Source_Port", "Replica_IO_Running", "Replica_SQL_Running",
         "Seconds_Behind_Source", "Executed_Gtid_Set", "Retrieved_Gtid_Set", "Source_UUID",
         "Source_Log_File", "Read_Source_Log_Pos", "Last_IO_Error"},
        {"h", "17", "Connecting", "Yes", std::nullopt, uuid + ":1-5", uuid + ":4-9", uuid, "bin.1",
         "4", "no way"}};
    const auto first = status_of(dialect_of("8.4.0"), mysql, {});
    ASSERT_TRUE(first && *first);
    const replicationdata::Status& status = **first;
    EXPECT_EQ(status.source_host(), "h");
    EXPECT_EQ(status.source_port(), 17);
    EXPECT_EQ(status.io_state(), 2);
    EXPECT_EQ(status.sql_state(), 3);
    EXPECT_TRUE(status.replication_lag_unknown());
    EXPECT_EQ(status.position(), "MySQL56/" + uuid + ":1-5");
    EXPECT_EQ(status.relay_log_position(), "MySQL56/" + uuid + ":1-9");
    EXPECT_EQ(status.relay_log_source_binlog_equivalent_position(), "FilePos/bin.1:4");
    EXPECT_FALSE(receives(status));
    EXPECT_TRUE(applies(status));

    const std::vector<TextRow> mariadb = {{"Master_Host", "Slave_IO_Running", "Slave_SQL_Running",
                                           "Seconds_Behind_Master", "Gtid_IO_Pos", "Using_Gtid"},
                                          {"h", "Yes", "No", "7", "0-1-9", "Slave_Pos"}};
    const Dialect dialect = dialect_of("10.11.4-MariaDB");
    const auto second = status_of(dialect, mariadb, *position_of(dialect, "0-1-8"));
    ASSERT_TRUE(second && *second);
    EXPECT_EQ((*second)->position(), "MariaDB/0-1-8");
    EXPECT_EQ((*second)->relay_log_position(), "MariaDB/0-1-9");
    EXPECT_EQ((*second)->replication_lag_seconds(), 7U);
    EXPECT_TRUE(receives(**second) && !applies(**second));

    EXPECT_FALSE(*status_of(dialect, {{"Master_Host"}}, {}));
    EXPECT_FALSE(status_of(dialect_of("8.4.0"), {{"Executed_Gtid_Set"}, {"nonsense"}}, {}));
}

}  // namespace
}  // namespace sluice::tabletserver
