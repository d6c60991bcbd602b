#pragma once
// Flags of any program: its life, web pages, logs, configuration file, statistics and traces
// (vtgate-contract 1.1). "none" behind a field: accepted, without effect (inert_flags.cc).
#include <string>
#include <vector>

#include "servenv/flags.h"

namespace sluice::servenv {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;

// The groups of --help for flags that v21's vtgate does not have.
inline constexpr std::string_view own_group = "Flags of Sluice";
inline constexpr std::string_view straight_group =
    "Flags of a straight gate (--tablet_protocol=mysql), as vttablet has them";

struct ProcessFlags {
    std::int64_t port = 0;                     // process.cc; 0: the kernel's choice
    std::string bind_address;                  // process.cc
    Duration lameduck_period = 50ms;           // process.cc
    Duration onterm_timeout = 10s;             // process.cc
    Duration onclose_timeout = 10s;            // process.cc
    std::string pid_file;                      // process.cc
    bool catch_sigpipe = false;                // none
    std::int64_t max_stack_size = 67'108'864;  // none
    std::string security_policy;               // admin_server.cc
    std::vector<std::string> pprof;            // none
    bool pprof_http = false;                   // apps/*/main.cc
    std::int64_t table_refresh_interval = 0;   // none
    // Ours.
    std::int64_t loops = 0;         // machine.cc; 0: from the machine's and the container's limits
    std::int64_t memory_limit = 0;  // machine.cc; bytes; 0: from the container's limit
};

struct LogFlags {
    bool logtostderr = false;                                // glog.cc
    bool alsologtostderr = false;                            // glog.cc
    log::Severity stderrthreshold = log::Severity::warning;  // glog.cc
    std::string log_dir;  // glog.cc; empty: the system's folder for temporary files
    std::uint64_t log_rotate_max_size = 1'887'436'800;  // glog.cc
    std::string log_backtrace_at;                       // none
    bool log_err_stacks = false;                        // none
    std::string v;                                      // none
    std::string vmodule;                                // none
    Duration keep_logs{0};                              // log_purge.cc
    Duration keep_logs_by_mtime{0};                     // log_purge.cc
    Duration purge_logs_interval = 1h;                  // log_purge.cc
};

// All in config.cc.
struct ConfigFlags {
    ConfigFlags();
    std::string file;
    std::string not_found_handling = "warn";
    std::string name = "vtconfig";
    std::vector<std::string> paths;  // the working folder
    Duration persistence_min_interval = 1s;
    std::string type;
};

// All without effect: nothing pushes metrics.
struct StatsFlags {
    bool emit_stats = false;
    std::string backend;
    Duration emit_period = 1min;
    std::string combine_dimensions;
    std::string drop_variables;
    std::vector<std::string> common_tags;
    std::string statsd_address;
    double statsd_sample_rate = 1;
    std::string opentsdb_uri;
};

// All without effect: nothing traces.
struct TracingFlags {
    std::string tracer = "noop";
    bool enable_logging = false;
    double sampling_rate = 0.1;
    std::string sampling_type = "const";
    std::string jaeger_agent_host;
    std::string datadog_agent_host;
    std::string datadog_agent_port;
};

void add_flags(FlagSet& flags, ProcessFlags& into);
void add_flags(FlagSet& flags, LogFlags& into);
void add_flags(FlagSet& flags, ConfigFlags& into);
void add_flags(FlagSet& flags, StatsFlags& into);
void add_flags(FlagSet& flags, TracingFlags& into);

}  // namespace sluice::servenv
