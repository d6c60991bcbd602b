// SHOW REPLICA STATUS as a message. Before: replication_control.cc.
#include "tabletserver/detail/replica_status.h"

#include <charconv>

namespace sluice::tabletserver {
namespace {

// Names of columns: "Source_Host" of new servers is "Master_Host" of old ones.
class Row {
 public:
    explicit Row(const std::vector<TextRow>* rows) : rows_(rows) {}

    std::string text(std::string_view name, std::string_view old_name = {}) const {
        return value_of(*rows_, name, old_name.empty() ? name : old_name).value_or("");
    }
    bool is_null(std::string_view name, std::string_view old_name) const {
        return !value_of(*rows_, name, old_name);
    }
    template <class T>
    T number(std::string_view name, std::string_view old_name = {}) const {
        T value{};
        const std::string digits = text(name, old_name);
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    }

 private:
    const std::vector<TextRow>* rows_;
};

std::int32_t thread_state(std::string_view word) {
    ThreadState state = ThreadState::unknown;
    if (word == "Yes") state = ThreadState::running;
    if (word == "Connecting" || word == "Preparing") state = ThreadState::connecting;
    if (word == "No") state = ThreadState::stopped;
    return static_cast<std::int32_t>(state);
}

std::string file_position(const std::string& file, const std::string& offset) {
    return file.empty() ? std::string() : "FilePos/" + file + ":" + offset;
}

void fill_threads(const Row& row, replicationdata::Status* into) {
    into->set_io_state(thread_state(row.text("Replica_IO_Running", "Slave_IO_Running")));
    into->set_sql_state(thread_state(row.text("Replica_SQL_Running", "Slave_SQL_Running")));
    into->set_last_io_error(row.text("Last_IO_Error"));
    into->set_last_sql_error(row.text("Last_SQL_Error"));
    if (row.is_null("Seconds_Behind_Source", "Seconds_Behind_Master")) {
        into->set_replication_lag_unknown(true);
    } else {
        into->set_replication_lag_seconds(
            row.number<std::uint32_t>("Seconds_Behind_Source", "Seconds_Behind_Master"));
    }
}

void fill_source(const Row& row, replicationdata::Status* into) {
    into->set_source_host(row.text("Source_Host", "Master_Host"));
    into->set_source_port(row.number<std::int32_t>("Source_Port", "Master_Port"));
    into->set_source_user(row.text("Source_User", "Master_User"));
    into->set_connect_retry(row.number<std::int32_t>("Connect_Retry"));
    into->set_source_server_id(row.number<std::uint32_t>("Source_Server_Id", "Master_Server_Id"));
    into->set_sql_delay(row.number<std::uint32_t>("SQL_Delay"));
    into->set_ssl_allowed(row.text("Source_SSL_Allowed", "Master_SSL_Allowed") == "Yes");
    for (const std::string_view filter :
         {"Replicate_Do_DB", "Replicate_Ignore_DB", "Replicate_Do_Table", "Replicate_Ignore_Table",
          "Replicate_Wild_Do_Table", "Replicate_Wild_Ignore_Table"}) {
        if (!row.text(filter).empty()) into->set_has_replication_filters(true);
    }
}

void fill_files(const Row& row, replicationdata::Status* into) {
    into->set_file_position(
        file_position(row.text("Relay_Source_Log_File", "Relay_Master_Log_File"),
                      row.text("Exec_Source_Log_Pos", "Exec_Master_Log_Pos")));
    into->set_relay_log_source_binlog_equivalent_position(
        file_position(row.text("Source_Log_File", "Master_Log_File"),
                      row.text("Read_Source_Log_Pos", "Read_Master_Log_Pos")));
    into->set_relay_log_file_position(
        file_position(row.text("Relay_Log_File"), row.text("Relay_Log_Pos")));
}

Result<void> fill_positions(const Dialect& dialect, const Row& row,
                            const replication::Position& executed, replicationdata::Status* into) {
    replication::Position done = executed;
    if (!dialect.mariadb) done = TRY(position_of(dialect, row.text("Executed_Gtid_Set")));
    const std::string received = row.text(dialect.mariadb ? "Gtid_IO_Pos" : "Retrieved_Gtid_Set");
    // The server forgets what it had received before its last start: that is executed by now.
    const replication::Position known = TRY(done.united(TRY(position_of(dialect, received))));
    into->set_position(done.text());
    into->set_relay_log_position(known.text());
    if (dialect.mariadb) {
        into->set_using_gtid(row.text("Using_Gtid") != "No");
        into->set_auto_position(into->using_gtid());
        return {};
    }
    into->set_source_uuid(row.text("Source_UUID", "Master_UUID"));
    into->set_auto_position(row.text("Auto_Position") == "1");
    into->set_using_gtid(true);
    return {};
}

}  // namespace

Result<std::optional<replicationdata::Status>> status_of(const Dialect& dialect,
                                                         const std::vector<TextRow>& rows,
                                                         const replication::Position& executed) {
    if (rows.size() < 2) return std::nullopt;
    const Row row(&rows);
    replicationdata::Status status;
    fill_source(row, &status);
    fill_threads(row, &status);
    fill_files(row, &status);
    TRY(fill_positions(dialect, row, executed, &status));
    return status;
}

std::unexpected<Error> not_a_replica(std::string_view before) {
    constexpr std::uint16_t no_replica = 100;
    return fail(Code::failed_precondition, no_replica,
                std::string(before) + "no replication status (errno 100) (sqlstate HY000)");
}

}  // namespace sluice::tabletserver
