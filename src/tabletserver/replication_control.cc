// A tablet's server as a replica and as a source. Before: reparent.cc. After: detail/ask.cc.
#include "tabletserver/replication_control.h"

#include "base/log.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/detail/dialect.h"
#include "tabletserver/detail/replica_status.h"

namespace sluice::tabletserver {

struct ReplicationControl::Words : Dialect {
    explicit Words(const Dialect& dialect) : Dialect(dialect) {}
};

ReplicationControl::ReplicationControl(tablet::MysqlTablet* server, ReplicationLogin login)
    : server_(server), login_(std::move(login)) {}

ReplicationControl::~ReplicationControl() = default;

// Asked each time: the server may be another one since.
Task<Result<ReplicationControl::Words>> ReplicationControl::words(Stop* stop) {
    co_return Words(dialect_of(CO_TRY(co_await ask_value(server_, "select @@version", stop))));
}

Task<Result<Position>> ReplicationControl::position(Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    if (!words.mariadb) {
        co_return position_of(
            words, CO_TRY(co_await ask_value(server_, "select @@global.gtid_executed", stop)));
    }
    // What it has written itself is in its log, what it has applied in its table of positions.
    const Asked asked = CO_TRY(co_await ask(
        server_, {.text = "select @@global.gtid_binlog_pos, @@global.gtid_slave_pos"}, stop));
    if (asked.rows.size() != 1 || asked.rows[0].size() != 2)
        co_return fail(Code::internal, "the server does not tell its position");
    const Position log = CO_TRY(position_of(words, asked.rows[0][0].value_or("")));
    co_return log.united(CO_TRY(position_of(words, asked.rows[0][1].value_or(""))));
}

Task<Result<replicationdata::Status>> ReplicationControl::status(Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    Position executed;
    if (words.mariadb) executed = CO_TRY(co_await position(stop));
    const std::vector<TextRow> rows =
        CO_TRY(co_await ask_with_names(server_, statement::replica_status(words), stop));
    std::optional<replicationdata::Status> status = CO_TRY(status_of(words, rows, executed));
    if (!status) co_return not_a_replica();
    co_return std::move(*status);
}

Task<Result<replicationdata::PrimaryStatus>> ReplicationControl::primary_status(Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    const std::vector<TextRow> rows =
        CO_TRY(co_await ask_with_names(server_, statement::log_status(words), stop));
    if (rows.size() < 2) co_return fail(Code::failed_precondition, "no master status");
    replicationdata::PrimaryStatus status;
    const Position done = CO_TRY(co_await position(stop));
    status.set_position(done.text());
    status.set_file_position("FilePos/" + value_of(rows, "File").value_or("") + ":" +
                             value_of(rows, "Position").value_or(""));
    if (!words.mariadb)
        status.set_server_uuid(CO_TRY(co_await ask_value(server_, "select @@server_uuid", stop)));
    co_return status;
}

// In short waits, so that a stop is never far.
Task<Result<void>> ReplicationControl::wait_for(Position position, Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    for (;;) {
        const Position reached = CO_TRY(co_await this->position(stop));
        if (reached.contains(position)) co_return Result<void>{};
        const Result<Position> missing = position.without(reached);
        if (!missing) co_return fail(missing.error());
        CO_TRY(co_await ask_value(server_, statement::wait_for(words, position, 1), stop));
        if (stop != nullptr && stop->requested()) co_return fail(stop->error());
    }
}

Task<Result<std::vector<std::string>>> ReplicationControl::replicas(Stop* stop) {
    const Asked asked = CO_TRY(co_await ask(
        server_,
        {.text = "select distinct substring_index(host, ':', 1) from "
                 "information_schema.processlist where command in ('Binlog Dump', 'Binlog Dump "
                 "GTID') order by 1"},
        stop));
    std::vector<std::string> hosts;
    for (const TextRow& row : asked.rows) hosts.push_back(row[0].value_or(""));
    co_return hosts;
}

Task<Result<void>> ReplicationControl::start(Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    co_return co_await tell(server_, statement::start_replica(words), stop);
}

Task<Result<void>> ReplicationControl::start_until_after(Position position, Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    CO_TRY(co_await tell(server_, statement::start_replica_until(words, position), stop));
    co_return co_await wait_for(std::move(position), stop);
}

Task<Result<void>> ReplicationControl::halt(Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    co_return co_await tell(server_, statement::stop_replica(words), stop);
}

Task<Result<void>> ReplicationControl::halt_receiver(Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    co_return co_await tell(server_, statement::stop_receiver(words), stop);
}

Task<Result<void>> ReplicationControl::start_receiver(Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    co_return co_await tell(server_, statement::start_receiver(words), stop);
}

Task<Result<void>> ReplicationControl::forget_source(Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    CO_TRY(co_await tell(server_, statement::stop_replica(words), stop));
    co_return co_await tell(server_, statement::forget_source(words), stop);
}

Task<Result<void>> ReplicationControl::reset(Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    CO_TRY(co_await forget_source(stop));
    if (CO_TRY(co_await has_semi_sync(stop))) CO_TRY(co_await set_semi_sync(false, false, stop));
    CO_TRY(co_await tell(server_, statement::reset_logs(words), stop));
    if (words.mariadb) CO_TRY(co_await tell(server_, "set global gtid_slave_pos = ''", stop));
    co_return Result<void>{};
}

Task<Result<void>> ReplicationControl::set_position(Position position, Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    CO_TRY(co_await forget_source(stop));
    CO_TRY(co_await tell(server_, statement::reset_logs(words), stop));
    const std::string variable = words.mariadb ? "gtid_slave_pos" : "gtid_purged";
    co_return co_await tell(server_, "set global " + variable + " = " + quoted(position.set_text()),
                            stop);
}

Task<Result<void>> ReplicationControl::set_source(SourceAddress source, Stop* stop) {
    const Words words = CO_TRY(co_await this->words(stop));
    CO_TRY(co_await tell(server_, statement::stop_replica(words), stop));
    // MariaDB asks its source for what comes after gtid_slave_pos, in which its own transactions
    // of the time when it was a primary are missing.
    if (words.mariadb) {
        const Position reached = CO_TRY(co_await position(stop));
        CO_TRY(co_await tell(server_, "set global gtid_slave_pos = " + quoted(reached.set_text()),
                             stop));
    }
    const ReplicationSource whole{.host = std::move(source.host),
                                  .port = source.port,
                                  .user = login_.user,
                                  .password = login_.password,
                                  .tls = login_.tls,
                                  .heartbeat_seconds = source.heartbeat_seconds,
                                  .connect_retry = login_.connect_retry};
    co_return co_await tell(server_, statement::change_source(words, whole), stop);
}

Task<Result<Position>> ReplicationControl::promote(Stop* stop) {
    CO_TRY(co_await forget_source(stop));
    CO_TRY(co_await tell(server_, "flush binary logs", stop));
    co_return co_await position(stop);
}

// The names differ even between servers of one version, by the plug-in that was loaded.
Task<Result<bool>> ReplicationControl::has_semi_sync(Stop* stop) {
    const Asked asked = CO_TRY(co_await ask(
        server_, {.text = "show global variables like 'rpl_semi_sync_%_enabled'"}, stop));
    co_return asked.rows.size() >= 2;
}

namespace {

// Values by the role that the variable's name tells.
struct SemiSync {
    SemiSyncNames names;
    bool there = false, on_source = false, on_replica = false;
};

Task<Result<SemiSync>> read_semi_sync(tablet::MysqlTablet* server, std::string what, Stop* stop) {
    const Asked asked = CO_TRY(co_await ask(server, {.text = std::move(what)}, stop));
    SemiSync found;
    for (const TextRow& row : asked.rows) {
        if (row.size() != 2) continue;
        const std::string name = row[0].value_or("");
        const bool on = row[1] == "ON" || row[1] == "1";
        const bool old = name.find("_master_") != name.npos || name.find("_slave_") != name.npos;
        if (old) found.names = {.source = "master", .replica = "slave"};
        const bool source =
            name.find("_master_") != name.npos || name.find("_source_") != name.npos;
        (source ? found.on_source : found.on_replica) = on;
        found.there = true;
    }
    co_return found;
}

}  // namespace

Task<Result<void>> ReplicationControl::set_semi_sync(bool as_source, bool as_replica, Stop* stop) {
    const SemiSync now = CO_TRY(co_await read_semi_sync(
        server_, "show global variables like 'rpl_semi_sync_%_enabled'", stop));
    if (!now.there)
        co_return fail(Code::failed_precondition, "VT09013: semi-sync plugins are not loaded");
    co_return co_await tell(server_,
                            "set global " + now.names.on_source() + " = " +
                                (as_source ? "on" : "off") + ", global " + now.names.on_replica() +
                                " = " + (as_replica ? "on" : "off"),
                            stop);
}

Task<Result<bool>> ReplicationControl::waits_for_replicas(Stop* stop) {
    const SemiSync now = CO_TRY(co_await read_semi_sync(
        server_, "show global variables like 'rpl_semi_sync_%_enabled'", stop));
    co_return now.on_source;
}

Task<Result<bool>> ReplicationControl::acknowledges(Stop* stop) {
    const SemiSync now = CO_TRY(
        co_await read_semi_sync(server_, "show global status like 'rpl_semi_sync_%_status'", stop));
    co_return now.on_replica;
}

Task<Result<bool>> ReplicationControl::will_acknowledge(Stop* stop) {
    const SemiSync now = CO_TRY(co_await read_semi_sync(
        server_, "show global variables like 'rpl_semi_sync_%_enabled'", stop));
    co_return now.on_replica;
}

}  // namespace sluice::tabletserver
