#pragma once
// Flags of mysqlctl and mysqlctld (vttablet-contract 12.1): what those of any program and of gRPC
// do not cover. "none" behind a field: accepted, without effect.
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "servenv/vttablet_flags.h"

namespace sluice::servenv {

// The server, and who works on it. All in mysqlctl/settings.cc unless another place stands there.
struct OwnServerFlags {
    std::string tablet_uid = "41983";  // a number of 32 bits
    std::int64_t mysql_port = 3306;
    std::string mysql_socket;
    std::string tablet_dir;
    std::string mycnf_template;
    std::string dba_user = "vt_dba";
    std::string dba_password;
    std::string db_host;
    std::int64_t db_port = 0;
    std::string db_socket;
    std::string credentials_server = "file";
    std::string ssl_ca_path;  // refused
    std::string init_db_sql_file;
    Duration wait_time = 5min;             // apps/mysqlctl, apps/mysqlctld
    Duration shutdown_wait_time = 5min;    // apps/mysqlctld
    std::string socket_file;               // apps/mysqlctld
    std::string mysqlctl_socket;           // apps/mysqlctl
    std::string client_protocol = "grpc";  // apps/mysqlctl
    std::vector<std::string> mysqld_args;  // apps/mysqlctl
    bool force = false;                    // apps/mysqlctl
};

struct MysqlctlFlags {
    ProcessFlags process;  // of mysqlctl: none
    LogFlags log;
    ConfigFlags config;
    RpcServerFlags rpc_server;  // of mysqlctl: none
    RpcClientFlags rpc_client;  // none
    TabletFlags database;       // credentials_file and connect_timeout_ms; the rest: none
    OwnServerFlags own;
    std::deque<InertValue> inert;
};

// mysqlctld's are a type of their own, so that both programs' functions have one name.
struct MysqlctldFlags : MysqlctlFlags {
    MysqlctldFlags();
};

// mysqlctl's, besides those of its commands.
void add_flags(FlagSet& flags, MysqlctlFlags& into);
void add_flags(FlagSet& flags, MysqlctldFlags& into);

// mysqlctl's commands, and what each has beside the others: init, init_config, position,
// reinit_config, shutdown, start, teardown.
enum class MysqlctlCommand : std::uint8_t {
    init,
    init_config,
    position,
    reinit_config,
    shutdown,
    start,
    teardown,
};
void add_command_flags(FlagSet& flags, OwnServerFlags& into, MysqlctlCommand command);
// What any of them has: for finding the command's name among flags, and for --help without one.
void add_all_command_flags(FlagSet& flags, OwnServerFlags& into);

// What would be less than was asked for.
std::optional<Invalid> validate(const MysqlctlFlags& flags);

}  // namespace sluice::servenv
