// FullStatus: everything of a server that an elector or a watcher of replication looks at. Before:
// control_replication.cc. After: detail/ask.cc.
#include <charconv>
#include <map>

#include "replicationdata.pb.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/detail/dialect.h"
#include "tabletserver/detail/replica_status.h"
#include "tabletserver/replication_control.h"

namespace sluice::tabletserver {
namespace {

// Variables or status values by name, in lower case as servers write them.
class Values {
 public:
    void add(const std::vector<TextRow>& rows) {
        for (const TextRow& row : rows) {
            if (row.size() == 2 && row[0]) values_[lower(*row[0])] = row[1].value_or("");
        }
    }
    // Under the first of the names that is there; empty: none.
    std::string text(std::initializer_list<std::string_view> names) const {
        for (const std::string_view name : names) {
            const auto found = values_.find(name);
            if (found != values_.end()) return found->second;
        }
        return {};
    }
    bool on(std::initializer_list<std::string_view> names) const {
        const std::string value = text(names);
        return value == "ON" || value == "1";
    }
    template <class T>
    T number(std::initializer_list<std::string_view> names) const {
        T value{};
        const std::string digits = text(names);
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    }

 private:
    static std::string lower(std::string name) {
        for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        return name;
    }
    std::map<std::string, std::string, std::less<>> values_;
};

void fill_variables(const Values& values, replicationdata::FullStatus* into) {
    into->set_server_id(values.number<std::uint32_t>({"server_id"}));
    into->set_server_uuid(values.text({"server_uuid"}));
    into->set_version(version_number(values.text({"version"})));
    into->set_version_comment(values.text({"version_comment"}));
    into->set_read_only(values.on({"read_only"}));
    into->set_super_read_only(values.on({"super_read_only"}));
    into->set_gtid_mode(values.text({"gtid_mode"}));
    into->set_binlog_format(values.text({"binlog_format"}));
    into->set_binlog_row_image(values.text({"binlog_row_image"}));
    into->set_log_bin_enabled(values.on({"log_bin"}));
    into->set_log_replica_updates(values.on({"log_replica_updates", "log_slave_updates"}));
    into->mutable_replication_configuration()->set_replica_net_timeout(
        values.number<std::int32_t>({"replica_net_timeout", "slave_net_timeout"}));
}

void fill_semi_sync(const Values& values, replicationdata::FullStatus* into) {
    into->set_semi_sync_primary_enabled(
        values.on({"rpl_semi_sync_source_enabled", "rpl_semi_sync_master_enabled"}));
    into->set_semi_sync_replica_enabled(
        values.on({"rpl_semi_sync_replica_enabled", "rpl_semi_sync_slave_enabled"}));
    into->set_semi_sync_primary_status(
        values.on({"rpl_semi_sync_source_status", "rpl_semi_sync_master_status"}));
    into->set_semi_sync_replica_status(
        values.on({"rpl_semi_sync_replica_status", "rpl_semi_sync_slave_status"}));
    into->set_semi_sync_primary_clients(values.number<std::uint32_t>(
        {"rpl_semi_sync_source_clients", "rpl_semi_sync_master_clients"}));
    into->set_semi_sync_primary_timeout(values.number<std::uint64_t>(
        {"rpl_semi_sync_source_timeout", "rpl_semi_sync_master_timeout"}));
    into->set_semi_sync_wait_for_replica_count(
        values.number<std::uint32_t>({"rpl_semi_sync_source_wait_for_replica_count",
                                      "rpl_semi_sync_master_wait_for_slave_count"}));
}

bool is_absence(const Error& error) {
    return error.code == Code::failed_precondition;
}

}  // namespace

Task<Result<replicationdata::FullStatus>> ReplicationControl::full_status(Stop* stop) {
    Values values;
    for (const std::string_view what :
         {"show global variables", "show global status like 'rpl_semi_sync_%'"}) {
        const Asked asked = CO_TRY(co_await ask(server_, {.text = std::string(what)}, stop));
        values.add(asked.rows);
    }
    replicationdata::FullStatus full;
    fill_variables(values, &full);
    fill_semi_sync(values, &full);
    Result<replicationdata::Status> replica = co_await status(stop);
    if (!replica && !is_absence(replica.error())) co_return fail(replica.error());
    if (replica) *full.mutable_replication_status() = std::move(*replica);
    Result<replicationdata::PrimaryStatus> primary = co_await primary_status(stop);
    if (!primary && !is_absence(primary.error())) co_return fail(primary.error());
    if (primary) *full.mutable_primary_status() = std::move(*primary);
    const std::string purged = values.text({"gtid_purged"});
    const Dialect dialect = dialect_of(values.text({"version"}));
    if (dialect.mariadb) co_return full;
    full.set_gtid_purged(CO_TRY(position_of(dialect, purged)).text());
    // MySQL keeps a replica's heartbeat in a table of its own.
    const Result<Asked> heartbeat = co_await ask(
        server_,
        {.text = "select heartbeat_interval from "
                 "performance_schema.replication_connection_configuration where channel_name = ''"},
        stop);
    if (heartbeat && heartbeat->rows.size() == 1) {
        const std::string digits = heartbeat->rows[0][0].value_or("0");
        double seconds = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
        full.mutable_replication_configuration()->set_heartbeat_interval(seconds);
    }
    co_return full;
}

}  // namespace sluice::tabletserver
