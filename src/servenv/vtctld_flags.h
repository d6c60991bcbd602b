#pragma once
// Flags of vtctld (vttablet-contract 5): what those of any program, of the topology and of gRPC do
// not cover. "none" behind a field: accepted, without effect.
#include <deque>
#include <optional>
#include <string>

#include "servenv/vttablet_flags.h"

namespace sluice::servenv {

struct VtctldFlags {
    ProcessFlags process;
    LogFlags log;
    ConfigFlags config;
    StatsFlags stats;
    TracingFlags tracing;
    TopologyFlags topology;
    ConsulFlags consul;
    ZookeeperFlags zookeeper;
    RpcServerFlags rpc_server;
    RpcClientFlags rpc_client;      // of the tablets' query service: none
    RpcClientFlags tablet_manager;  // apps/vtctld: ca, cert, key, crl and server_name
    std::string tablet_manager_protocol = "grpc";  // apps/vtctld
    bool disable_active_reparents = false;         // apps/vtctld: refused
    std::int64_t sql_max_length_errors = 0;        // none
    std::int64_t sql_max_length_ui = 512;          // none
    std::string backup_storage_implementation;     // apps/vtctld: only "file" is read
    std::string file_backup_storage_root;          // apps/vtctld
    std::deque<InertValue> inert;
};

// All of vtctld's, with what has no effect marked.
void add_flags(FlagSet& flags, VtctldFlags& into);
// What v21 checks after parsing, and flags that would be unsafe to take without their effect.
std::optional<Invalid> validate(const VtctldFlags& flags);

}  // namespace sluice::servenv
