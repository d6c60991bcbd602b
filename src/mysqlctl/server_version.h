#pragma once
// What kind of server a mysqld is, and which version.
#include <string_view>

#include "base/error.h"

namespace sluice::mysqlctl {

struct ServerVersion {
    bool mariadb = false;  // else MySQL or Percona Server
    unsigned major = 0, minor = 0, patch = 0;

    // For servers of one kind.
    bool at_least(unsigned wanted_major, unsigned wanted_minor, unsigned wanted_patch) const;
    bool operator==(const ServerVersion&) const = default;
};

// What `mysqld --version` says.
// text = *any "Ver " number "." number "." number *any ; "MariaDB" anywhere tells the kind.
// INVALID_ARGUMENT for anything else.
Result<ServerVersion> parse_server_version(std::string_view text);

}  // namespace sluice::mysqlctl
