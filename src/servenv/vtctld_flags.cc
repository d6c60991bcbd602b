// Start of a process: the flags of vtctld. Before: servenv/flags.cc. After: apps/vtctld.
#include "servenv/vtctld_flags.h"

#include <algorithm>

#include "servenv/detail/inert_flags.h"

namespace sluice::servenv {
namespace {

using detail::InertGroup;
using detail::InertNames;

// Flags that only vtctld has and that change nothing here.
InertGroup group_1() {
    return {"schemas are changed by ApplySchema",
            {
                {"schema_change_check_interval", Duration(std::chrono::seconds(60))},
                {"schema_change_controller", std::string("")},
                {"schema_change_dir", std::string("")},
                {"schema_change_replicas_timeout", Duration(std::chrono::seconds(10))},
                {"schema_change_user", std::string("")},
            }};
}

InertGroup group_2() {
    return {"pages show tablets by their records",
            {
                {"proxy_tablets", false},
                {"tablet_url_template", std::string("http://{{.GetTabletHostPort}}")},
                {"tablet_health_keep_alive", Duration(std::chrono::seconds(300))},
                {"tablet_refresh_interval", Duration(std::chrono::seconds(60))},
                {"tablet_refresh_known_tablets", true},
                {"tablet_protocol", std::string("grpc")},
            }};
}

InertGroup group_3() {
    return {"the topology is read when it is asked for",
            {
                {"cell", std::string("")},
            }};
}

InertGroup group_4() {
    return {"each command has its own time limit",
            {
                {"action_timeout", Duration(std::chrono::seconds(60))},
            }};
}

InertGroup group_5() {
    return {"one connection to each tablet is kept",
            {
                {"tablet_manager_grpc_concurrency", std::int64_t{8}},
                {"tablet_manager_grpc_connpool_size", std::int64_t{100}},
            }};
}

InertGroup group_6() {
    return {"log lines carry no statements",
            {
                {"vtctld_sanitize_log_messages", false},
            }};
}

InertGroup group_7() {
    return {"versions are those of the servers",
            {
                {"mysql_server_version", std::string("8.0.30-Vitess")},
            }};
}

InertGroup group_8() {
    return {"there are no files of tablets here",
            {
                {"tablet_dir", std::string("")},
            }};
}

// Flags of families that it shares with other programs.
const InertNames shared_flags[] = {
    {"it calls the tablets' managers only, see --tablet_manager_grpc_ca",
     {"tablet_grpc_ca", "tablet_grpc_cert", "tablet_grpc_key", "tablet_grpc_crl",
      "tablet_grpc_server_name", "grpc-dial-concurrency-limit"}},
    {"records are read one after another", {"topo_read_concurrency"}},
    {"profiles are taken with perf, from outside", {"pprof", "pprof-http"}},
    {"calls are always counted", {"grpc_prometheus"}},
    {"no statement is shown", {"sql-max-length-errors", "sql-max-length-ui"}},
};

void add_tablet_manager_flags(FlagSet& flags, VtctldFlags& into) {
    RpcClientFlags& rpc = into.tablet_manager;
    flags.add(std::vector<Flag>{
        {"tablet_manager_grpc_ca", &rpc.ca,
         "CA of the tablets' certificates; turns on TLS to tablets"},
        {"tablet_manager_grpc_cert", &rpc.cert, "certificate to show to tablets"},
        {"tablet_manager_grpc_key", &rpc.key, "key of --tablet_manager_grpc_cert"},
        {"tablet_manager_grpc_crl", &rpc.crl, "revoked certificates of tablets"},
        {"tablet_manager_grpc_server_name", &rpc.server_name,
         "name that the tablets' certificates must carry"},
        {"tablet_manager_protocol", &into.tablet_manager_protocol,
         "how tablets' managers are called; only grpc"},
        {"disable_active_reparents", &into.disable_active_reparents,
         "primaries are changed by another tool only; not supported"},
        {"sql-max-length-errors", &into.sql_max_length_errors,
         "longest statement text in logged errors (default unlimited)"},
        {"sql-max-length-ui", &into.sql_max_length_ui, "longest statement text on web pages"}});
}

void add_backup_flags(FlagSet& flags, VtctldFlags& into) {
    const std::vector<Flag> read{
        {"backup_storage_implementation", &into.backup_storage_implementation,
         "where backups are kept that GetBackups lists; only file"},
        {"file_backup_storage_root", &into.file_backup_storage_root,
         "folder of the backups of --backup_storage_implementation=file"}};
    InertGroup others = detail::inert_backup_stores("backups are not made");
    std::erase_if(others.flags, [&](const auto& other) {
        return std::ranges::any_of(read, [&](const Flag& one) { return one.name == other.name; });
    });
    flags.add(read);
    detail::add_inert(flags, into.inert, std::move(others));
}

}  // namespace

void add_flags(FlagSet& flags, VtctldFlags& into) {
    add_flags(flags, into.process);
    add_flags(flags, into.log);
    add_flags(flags, into.config);
    add_flags(flags, into.stats);
    add_flags(flags, into.tracing);
    add_flags(flags, into.topology);
    add_flags(flags, into.consul);
    add_flags(flags, into.zookeeper);
    add_flags(flags, into.rpc_server);
    add_flags(flags, into.rpc_client);
    for (const std::string_view others :
         {"grpc_use_effective_callerid", "grpc-use-effective-groups",
          "grpc-use-static-authentication-callerid", "grpc-send-session-in-streaming",
          "healthcheck-dial-concurrency", "statsd_address", "statsd_sample_rate", "loops"}) {
        if (flags.find_entry(others) != nullptr) flags.remove(others);
    }
    add_tablet_manager_flags(flags, into);
    detail::mark_common_inert(flags);
    detail::mark_inert(flags, shared_flags);
    add_backup_flags(flags, into);
    for (InertGroup (*group)() :
         {group_1, group_2, group_3, group_4, group_5, group_6, group_7, group_8})
        detail::add_inert(flags, into.inert, group());
}

std::optional<Invalid> validate(const VtctldFlags& flags) {
    if (flags.tablet_manager_protocol != "grpc")
        return Invalid{1, "--tablet_manager_protocol=" + flags.tablet_manager_protocol +
                              ": tablets are called by grpc only"};
    if (flags.disable_active_reparents)
        return Invalid{1,
                       "--disable_active_reparents: reparents cannot be switched off; give the "
                       "right to call vtctld only to who may"};
    return std::nullopt;
}

}  // namespace sluice::servenv
