// Step 4 of a request: SHOW VITESS_TABLETS and VITESS_REPLICATION_STATUS, out of the health check's
// list (vtgate-contract 5.7). Before: show_statement.cc.
#include "executor/show_tablets.h"

#include <charconv>
#include <cstdio>
#include <ctime>

#include <boost/json.hpp>

#include "async/deadline.h"
#include "async/stream.h"
#include "base/log.h"
#include "tablet/query_table.h"

namespace sluice::executor {
namespace {

// For one tablet's answer about its throttler, and for all tablets' answers together.
constexpr std::chrono::milliseconds throttler_wait{100};
constexpr std::chrono::seconds replication_wait{60};
constexpr std::size_t largest_answer = 64 * 1024;

std::string rfc3339(std::int64_t seconds) {
    if (seconds == 0) return {};
    const auto time = static_cast<std::time_t>(seconds);
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    char text[32];
    return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

// The whole answer to a GET, head included.
Task<Result<std::string>> http_get(async::Address address, std::string path, Stop* stop) {
    async::Stream stream{CO_TRY(co_await async::connect(address, stop, "tablet"))};
    const std::string request = "GET " + path + " HTTP/1.0\r\nHost: " + address.text() + "\r\n\r\n";
    CO_TRY(co_await stream.write(
        async::Bytes(reinterpret_cast<const std::uint8_t*>(request.data()), request.size()), {},
        stop));
    std::string answer;
    while (answer.size() < largest_answer) {
        const Result<void> filled = co_await stream.fill(stop);
        const async::Bytes got = stream.received();
        answer.append(reinterpret_cast<const char*>(got.data()), got.size());
        stream.consume(got.size());
        if (!filled || got.empty()) break;
    }
    if (stop->requested()) co_return fail(stop->error());
    co_return answer;
}

std::string status_word(std::int64_t status) {
    switch (status) {
        case 200:
            return "OK";
        case 404:
            return "Not Found";
        case 417:
            return "Expectation Failed";
        case 429:
            return "Too Many Requests";
        case 500:
            return "Internal Server Error";
        default:
            return "";
    }
}

double number_of(const boost::json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

// {"StatusCode":200,"Value":0.5,"Threshold":1,"Message":""} as v21 shows it; empty if it is no such
// thing.
std::string throttler_text(std::string_view answer) {
    const std::size_t head = answer.find("\r\n\r\n");
    if (head == answer.npos) return {};
    boost::system::error_code error;
    const boost::json::value json = boost::json::parse(answer.substr(head + 4), error);
    if (error || !json.is_object()) return {};
    const boost::json::object& object = json.get_object();
    const double threshold = number_of(object, "Threshold");
    const double load = threshold > 0 ? number_of(object, "Value") / threshold * 100 : 0;
    const auto* message = object.if_contains("Message");
    char number[64];
    std::snprintf(number, sizeof(number), "%.2f", load);
    std::string text = "{\"state\":\"";
    text += status_word(static_cast<std::int64_t>(number_of(object, "StatusCode")));
    text.append("\",\"load\":").append(number).append(",\"message\":\"");
    if (message != nullptr && message->is_string()) text += message->get_string().c_str();
    return text + "\"}";
}

Task<std::string> throttler_status(topo::Tablet record, Stop* outer) {
    const auto port = record.port_map.find("vt");
    if (port == record.port_map.end()) co_return std::string();
    async::LinkedStop until(outer);
    const async::Deadline deadline(until.get(), throttler_wait,
                                   make_error(Code::deadline_exceeded, "no answer in time"));
    async::Address address;
    address.host = record.hostname;
    address.port = static_cast<std::uint16_t>(port->second);
    const auto answer = co_await http_get(address, "/throttler/check-self", until.get());
    if (!answer) {
        log::warning("Could not get throttler status from " + vindex::to_text(record.alias) + ": " +
                     answer.error().text);
        co_return std::string();
    }
    co_return throttler_text(*answer);
}

struct Replication {
    std::string source_host, source_port = "0", io_running, sql_running, last_error;
    std::string lag = "-1";
};

const std::optional<std::string>* cell(const tablet::TextTable& table, std::string_view name,
                                       std::string_view older) {
    for (std::size_t i = 0; i < table.names.size(); ++i) {
        if (table.names[i] == name || table.names[i] == older) return &table.rows.front()[i];
    }
    return nullptr;
}

Replication replication_of(const tablet::TextTable& table, const discovery::HealthStats& stats) {
    Replication found;
    if (table.rows.empty()) return found;
    const auto text = [&](std::string_view name, std::string_view older) {
        const auto* value = cell(table, name, older);
        return value == nullptr ? std::string() : value->value_or("");
    };
    found.source_host = text("Source_Host", "Master_Host");
    found.source_port = text("Source_Port", "Master_Port");
    found.io_running = text("Replica_IO_Running", "Slave_IO_Running");
    found.sql_running = text("Replica_SQL_Running", "Slave_SQL_Running");
    found.last_error = text("Last_Error", "Last_Error");
    const auto* behind = cell(table, "Seconds_Behind_Source", "Seconds_Behind_Master");
    if (stats.replication_lag_seconds > 0) {
        found.lag = std::to_string(stats.replication_lag_seconds);
    } else {
        found.lag = behind == nullptr ? "NULL" : behind->value_or("NULL");
    }
    return found;
}

const discovery::TabletEntry* entry_of(const Work& work, const discovery::TabletHealth& health) {
    const discovery::Keyspace* keyspace = work.cluster->keyspace(health.target.keyspace);
    const discovery::Shard* shard =
        keyspace == nullptr ? nullptr : keyspace->shard(health.target.shard);
    if (shard == nullptr) return nullptr;
    for (const auto& known : shard->tablets[discovery::slot(health.target.type)]) {
        if (known.entry->record.alias == health.tablet.alias) return known.entry.get();
    }
    return nullptr;
}

Task<Replication> ask_replication(const Work* work, discovery::TabletHealth health, Stop* stop) {
    const discovery::TabletEntry* entry = entry_of(*work, health);
    if (entry == nullptr || !health.serving) co_return Replication();
    const discovery::TabletPointer tablet = work->core->snapshots->tablet(*entry);
    auto table = co_await tablet::query_table(tablet.get(), "show replica status", stop);
    if (!table && table.error().number == er::parse) {
        table = co_await tablet::query_table(tablet.get(), "show slave status", stop);
    }
    if (!table) {
        log::warning("Could not get replication status from " + entry->alias + ": " +
                     table.error().text);
        co_return Replication();
    }
    co_return replication_of(*table, health.stats);
}

}  // namespace

Task<Result<LocalRows>> tablet_rows(const Work* work, const sql::Show* show) {
    LocalRows rows;
    rows.columns = {{.name = "Cell"},     {.name = "Keyspace"},
                    {.name = "Shard"},    {.name = "TabletType"},
                    {.name = "State"},    {.name = "Alias"},
                    {.name = "Hostname"}, {.name = "PrimaryTermStartTime"}};
    const std::vector<discovery::TabletHealth> list = co_await work->core->discovery->health();
    for (const discovery::TabletHealth& each : list) {
        if (show->like && !like(each.tablet.hostname, *show->like)) continue;
        rows.add({each.tablet.alias.cell, each.target.keyspace, each.target.shard,
                  vindex::tablet_type_name(each.target.type),
                  each.serving ? "SERVING" : "NOT_SERVING", vindex::to_text(each.tablet.alias),
                  each.tablet.hostname, rfc3339(each.primary_term_start)});
    }
    co_return rows;
}

Task<Result<LocalRows>> replication_rows(const Work* work, const sql::Show* show) {
    LocalRows rows;
    rows.columns = {{.name = "Keyspace"},          {.name = "Shard"},
                    {.name = "TabletType"},        {.name = "Alias"},
                    {.name = "Hostname"},          {.name = "ReplicationSource"},
                    {.name = "ReplicationHealth"}, {.name = "ReplicationLag"},
                    {.name = "ThrottlerStatus"}};
    async::LinkedStop until(&work->session->stop);
    const async::Deadline deadline(until.get(), replication_wait,
                                   make_error(Code::deadline_exceeded, "no answer in time"));
    const std::vector<discovery::TabletHealth> list = co_await work->core->discovery->health();
    for (const discovery::TabletHealth& each : list) {
        const vindex::TabletType type = each.target.type;
        if (type != vindex::TabletType::replica && type != vindex::TabletType::rdonly) continue;
        if (show->like && !like(each.target.keyspace + "/" + each.target.shard, *show->like))
            continue;
        const std::string throttler = co_await throttler_status(each.tablet, until.get());
        const Replication found = co_await ask_replication(work, each, until.get());
        if (work->session->stop.requested()) co_return fail(work->session->stop.error());
        rows.add({each.target.keyspace, each.target.shard, vindex::tablet_type_name(type),
                  vindex::to_text(each.tablet.alias), each.tablet.hostname,
                  found.source_host + ":" + found.source_port,
                  "{\"EventStreamRunning\":\"" + found.io_running +
                      "\",\"EventApplierRunning\":\"" + found.sql_running + "\",\"LastError\":\"" +
                      found.last_error + "\"}",
                  found.lag, throttler});
    }
    co_return rows;
}

}  // namespace sluice::executor
