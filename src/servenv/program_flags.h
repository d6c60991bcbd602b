#pragma once
// The flags of our programs as plain structs with v21's names and defaults (vtgate-contract 1.1,
// vttablet-contract 3.1), one header for each family. Programs fill them at start and hand the
// parts on to rooms. A field's comment says where it takes effect; a flag without effect stands in
// inert_flags.cc.
#include <optional>

#include "servenv/discovery_flags.h"
#include "servenv/executor_flags.h"
#include "servenv/mysql_server_flags.h"
#include "servenv/process_flags.h"
#include "servenv/rpc_flags.h"
#include "servenv/tablet_flags.h"
#include "servenv/topology_flags.h"

namespace sluice::servenv {

struct VtgateFlags {
    ProcessFlags process;
    LogFlags log;
    ConfigFlags config;
    StatsFlags stats;
    TracingFlags tracing;
    TopologyFlags topology;
    ConsulFlags consul;
    ZookeeperFlags zookeeper;
    MysqlServerFlags mysql_server;
    MysqlAuthFlags mysql_auth;
    RpcServerFlags rpc_server;
    RpcClientFlags rpc_client;
    DiscoveryFlags discovery;
    BufferFlags buffer;
    ExecutorFlags executor;
    QueryLogFlags query_log;
    TabletFlags tablet;
};

// All of a gateway's, with tablet_types_to_wait required and what has no effect marked.
void add_flags(FlagSet& flags, VtgateFlags& into);

// Values that end the process: with 1 as v21's log.Exit does, or with 2 as its log.Fatal.
struct Invalid {
    int status = 1;
    std::string text;
};
// What v21 checks of flags after parsing, before anything is opened (contract 1.0.1); the text is
// what it prints.
std::optional<Invalid> validate(const VtgateFlags& flags);

// Marks the flags of a gateway that are accepted and change nothing (inert_flags.cc).
void mark_inert(FlagSet& flags);

}  // namespace sluice::servenv
