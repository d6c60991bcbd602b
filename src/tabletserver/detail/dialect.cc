// The words of servers. Before: replication_control.cc.
#include "tabletserver/detail/dialect.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "tabletserver/detail/ask.h"

namespace sluice::tabletserver {
namespace {

std::array<std::uint32_t, 3> numbers_of(std::string_view version) {
    std::array<std::uint32_t, 3> numbers{};
    const char* at = version.data();
    const char* const end = at + version.size();
    for (std::uint32_t& number : numbers) {
        const auto [next, error] = std::from_chars(at, end, number);
        if (error != std::errc()) return {};
        at = next != end && *next == '.' ? next + 1 : next;
    }
    return numbers;
}

std::string with_replica(const Dialect& dialect, std::string_view before, std::string_view after) {
    std::string text(before);
    text.append(dialect.new_words() ? "replica" : "slave").append(after);
    return text;
}

std::string seconds_text(double seconds) {
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.3f", seconds);
    return std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

Dialect dialect_of(std::string_view version) {
    const bool mariadb = version.find("MariaDB") != version.npos;
    if (version.starts_with("5.5.5-")) version.remove_prefix(6);
    const auto [major, minor, patch] = numbers_of(version);
    const std::uint32_t number = major * 10000 + minor * 100 + patch;
    constexpr std::uint32_t newest = 90000;
    return {.mariadb = mariadb, .version = number == 0 ? newest : number};
}

std::string version_number(std::string_view version) {
    if (version.starts_with("5.5.5-")) version.remove_prefix(6);
    const auto [major, minor, patch] = numbers_of(version);
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

namespace statement {

std::string replica_status(const Dialect& dialect) {
    return with_replica(dialect, "show ", " status");
}

std::string log_status(const Dialect& dialect) {
    return dialect.binary_log_words() ? "show binary log status" : "show master status";
}

std::string start_replica(const Dialect& dialect) {
    return with_replica(dialect, "start ", "");
}

std::string start_replica_until(const Dialect& dialect, const replication::Position& after) {
    const std::string set = quoted(after.set_text());
    if (dialect.mariadb) return "start slave until master_gtid_pos = " + set;
    return with_replica(dialect, "start ", " until sql_after_gtids = " + set);
}

std::string stop_replica(const Dialect& dialect) {
    return with_replica(dialect, "stop ", "");
}

std::string stop_receiver(const Dialect& dialect) {
    return with_replica(dialect, "stop ", " io_thread");
}

std::string start_receiver(const Dialect& dialect) {
    return with_replica(dialect, "start ", " io_thread");
}

std::string forget_source(const Dialect& dialect) {
    return with_replica(dialect, "reset ", " all");
}

std::string reset_logs(const Dialect& dialect) {
    return dialect.binary_log_words() ? "reset binary logs and gtids" : "reset master";
}

std::string change_source(const Dialect& dialect, const ReplicationSource& source) {
    const bool fresh = dialect.new_words();
    const std::string word = fresh ? "source_" : "master_";
    std::string text = fresh ? "change replication source to " : "change master to ";
    text += word + "host = " + quoted(source.host);
    text += ", " + word + "port = " + std::to_string(source.port);
    text += ", " + word + "user = " + quoted(source.user);
    text += ", " + word + "password = " + quoted(source.password);
    text += ", " + word + "connect_retry = " + std::to_string(source.connect_retry.count());
    if (source.tls) text += ", " + word + "ssl = 1";
    // Users with caching_sha2_password log in over clear connections by the server's public key.
    if (fresh && !source.tls) text += ", get_source_public_key = 1";
    if (source.heartbeat_seconds > 0)
        text += ", " + word + "heartbeat_period = " + seconds_text(source.heartbeat_seconds);
    text += dialect.mariadb ? ", master_use_gtid = slave_pos" : ", " + word + "auto_position = 1";
    return text;
}

std::string wait_for(const Dialect& dialect, const replication::Position& position,
                     unsigned seconds) {
    const std::string arguments =
        "(" + quoted(position.set_text()) + ", " + std::to_string(seconds) + ")";
    return (dialect.mariadb ? "select master_gtid_wait" : "select wait_for_executed_gtid_set") +
           arguments;
}

}  // namespace statement

Result<replication::Position> position_of(const Dialect& dialect, std::string_view set) {
    if (dialect.mariadb) return replication::Position{TRY(replication::MariadbGtids::parse(set))};
    return replication::Position{TRY(replication::MysqlGtids::parse(set))};
}

}  // namespace sluice::tabletserver
