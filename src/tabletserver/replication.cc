// Health of a tablet's server. Before: server.cc. After: detail/ask.cc.
#include "tabletserver/replication.h"

#include <algorithm>
#include <charconv>

#include "tabletserver/detail/ask.h"

namespace sluice::tabletserver {
namespace {

std::unexpected<Error> unfit(std::string text) {
    return fail(Code::failed_precondition, std::move(text));
}

bool holds(std::string_view list, std::string_view word) {
    return list.find(word) != list.npos;
}

}  // namespace

Task<Result<std::string>> check_server(tablet::MysqlTablet* tablet, bool strict, Stop* stop) {
    const Asked asked = CO_TRY(co_await ask(
        tablet, {.text = "select @@global.sql_mode, @@autocommit, @@sql_auto_is_null, @@version"},
        stop));
    if (asked.rows.size() != 1 || asked.rows[0].size() != 4)
        co_return fail(Code::internal, "the server does not tell its sql_mode");
    const TextRow& row = asked.rows[0];
    const std::string mode = row[0].value_or("");
    if (holds(mode, "NO_BACKSLASH_ESCAPES"))
        co_return unfit("the server's sql_mode must not have NO_BACKSLASH_ESCAPES: got '" + mode +
                        "'");
    if (!strict) co_return row[3].value_or("");
    if (!holds(mode, "STRICT_TRANS_TABLES") && !holds(mode, "STRICT_ALL_TABLES")) {
        co_return unfit("require sql_mode to be STRICT_TRANS_TABLES or STRICT_ALL_TABLES: got '" +
                        mode + "'");
    }
    if (row[1] != "1") co_return unfit("require autocommit to be 1: got " + row[1].value_or(""));
    if (row[2] != "0")
        co_return unfit("require sql_auto_is_null to be 0: got " + row[2].value_or(""));
    co_return row[3].value_or("");
}

Task<Result<std::int32_t>> mysql_port(tablet::MysqlTablet* tablet, Stop* stop) {
    const std::string text = CO_TRY(co_await ask_value(tablet, "select @@global.port", stop));
    std::int32_t port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    if (port <= 0) co_return fail(Code::failed_precondition, "the server listens on no port");
    co_return port;
}

Task<Result<std::uint32_t>> replication_lag(tablet::MysqlTablet* tablet, Stop* stop) {
    constexpr std::string_view stopped = "replication is not running";
    Result<std::vector<TextRow>> rows =
        co_await ask_with_names(tablet, "show replica status", stop);
    if (!rows && rows.error().number == er::parse)
        rows = co_await ask_with_names(tablet, "show slave status", stop);
    if (!rows) co_return fail(std::move(rows).error());
    if (rows->size() < 2) co_return unfit(std::string(stopped));
    const auto seconds = value_of(*rows, "Seconds_Behind_Source", "Seconds_Behind_Master");
    const auto reader = value_of(*rows, "Replica_IO_Running", "Slave_IO_Running");
    const auto applier = value_of(*rows, "Replica_SQL_Running", "Slave_SQL_Running");
    if (reader != "Yes" || applier != "Yes" || !seconds) co_return unfit(std::string(stopped));
    std::uint32_t lag = 0;
    std::from_chars(seconds->data(), seconds->data() + seconds->size(), lag);
    co_return lag;
}

}  // namespace sluice::tabletserver
