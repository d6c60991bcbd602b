#pragma once
// How a server is spoken to about replication: words differ between MySQL's versions and MariaDB.
// Pure.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "replication/position.h"

namespace sluice::tabletserver {

struct Dialect {
    bool mariadb = false;
    std::uint32_t version = 0;  // 80036, 101104

    // "replica" and "source" in statements and names of columns.
    bool new_words() const { return !mariadb && version >= 80023; }
    bool binary_log_words() const { return !mariadb && version >= 80200; }
    bool operator==(const Dialect&) const = default;
};

// By @@version, such as "8.0.36-debug" or "10.11.4-MariaDB-1"; an unreadable one is the newest
// MySQL's.
Dialect dialect_of(std::string_view version);
// "8.0.36"
std::string version_number(std::string_view version);

struct ReplicationSource {
    std::string host;
    std::int32_t port = 0;
    std::string user, password;
    bool tls = false;
    double heartbeat_seconds = 0;  // 0: as it is
    std::chrono::seconds connect_retry{10};
};

namespace statement {

std::string replica_status(const Dialect& dialect);
std::string log_status(const Dialect& dialect);
std::string start_replica(const Dialect& dialect);
std::string start_replica_until(const Dialect& dialect, const replication::Position& after);
std::string stop_replica(const Dialect& dialect);
std::string stop_receiver(const Dialect& dialect);
std::string start_receiver(const Dialect& dialect);
std::string forget_source(const Dialect& dialect);
std::string reset_logs(const Dialect& dialect);
std::string change_source(const Dialect& dialect, const ReplicationSource& source);
// One row of one number: 0 when the position is reached, else after `seconds` another one.
std::string wait_for(const Dialect& dialect, const replication::Position& position,
                     unsigned seconds);

}  // namespace statement

// The position of a server of this kind out of its own text.
Result<replication::Position> position_of(const Dialect& dialect, std::string_view set);

// Which of the semi-sync variables a server has, by the name of one of them.
struct SemiSyncNames {
    std::string source = "source", replica = "replica";  // or master and slave
    std::string on_source() const { return "rpl_semi_sync_" + source + "_enabled"; }
    std::string on_replica() const { return "rpl_semi_sync_" + replica + "_enabled"; }
};

}  // namespace sluice::tabletserver
