#pragma once
// Flags of a tablet's duties towards its MySQL server, with vttablet's names (vttablet-contract
// 3.1): those of a straight gate. "none" behind a field: accepted, without effect (inert_flags.cc).
#include <string>

#include "servenv/process_flags.h"

namespace sluice::servenv {

// How a straight gate (--tablet_protocol=mysql) and a tablet log in to MySQL and what they allow
// there.
struct TabletFlags {
    std::string app_user = "vt_app";          // apps/vtgate/settings.cc
    std::string app_password;                 // apps/vtgate/settings.cc
    bool app_use_ssl = true;                  // apps/vtgate/settings.cc
    std::string credentials_file;             // apps/vtgate/settings.cc
    std::string ssl_mode;                     // apps/vtgate/settings.cc
    std::string ssl_ca;                       // async/tls.cc
    std::string ssl_cert;                     // async/tls.cc
    std::string ssl_key;                      // async/tls.cc
    std::string tls_min_version;              // async/tls.cc
    std::string server_name;                  // none
    std::int64_t connect_timeout_ms = 0;      // mysql/connection.cc
    Duration transaction_timeout = 30s;       // tablet/mysql_tablet.cc
    Duration query_timeout = 30s;             // tablet/mysql_tablet.cc
    Duration query_pool_timeout{0};           // mysql/pool.cc
    Duration transaction_pool_timeout = 1s;   // mysql/pool.cc
    std::int64_t pool_size = 16;              // mysql/pool.cc
    std::int64_t stream_pool_size = 200;      // none
    std::int64_t transaction_cap = 20;        // mysql/pool.cc
    std::int64_t max_result_size = 10'000;    // none
    std::int64_t warn_result_size = 0;        // none
    Duration idle_timeout = 30min;            // none
    Duration mysql_pool_idle_timeout = 1min;  // ours: idle backend connections above the floor
};

void add_flags(FlagSet& flags, TabletFlags& into);

}  // namespace sluice::servenv
