// Start of a process: flags of any program. Before: servenv/flags.cc. After: apps/*/main.cc.
#include "servenv/process_flags.h"

#include <filesystem>

#include "servenv/detail/flag_values.h"

namespace sluice::servenv {
namespace {

// level = integer
Result<std::string> parse_level(std::string_view text) {
    TRY(detail::parse_signed(text));
    return std::string(text);
}
constexpr WordType level_words{"Level", &parse_level};

// locations = [ file ":" line *( "," file ":" line ) ]
Result<std::string> parse_locations(std::string_view text) {
    for (const std::string& one : TRY(detail::parse_list(text))) {
        const std::size_t colon = one.rfind(':');
        if (colon == one.npos || !detail::parse_unsigned(std::string_view(one).substr(colon + 1))) {
            return fail(Code::invalid_argument, "not a list of file:N with commas");
        }
    }
    return std::string(text);
}
constexpr WordType location_words{"traceLocations", &parse_locations};

// modules = [ pattern "=" level *( "," pattern "=" level ) ]
Result<std::string> parse_modules(std::string_view text) {
    for (const std::string& one : TRY(detail::parse_list(text))) {
        const std::size_t equals = one.find('=');
        if (equals == one.npos || !detail::parse_signed(std::string_view(one).substr(equals + 1))) {
            return fail(Code::invalid_argument, "not a list of pattern=N with commas");
        }
    }
    return std::string(text);
}
constexpr WordType module_words{"vModuleFlag", &parse_modules};

// handling = "ignore" / "warn" / "error" / "exit" ; in any case
Result<std::string> parse_handling(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    for (const std::string_view known : {"ignore", "warn", "error", "exit"}) {
        if (lower == known) return lower;
    }
    return fail(Code::invalid_argument, "unknown handling name " + std::string(text));
}
constexpr WordType handling_words{"ConfigFileNotFoundHandling", &parse_handling};

}  // namespace

ConfigFlags::ConfigFlags() {
    std::error_code error;
    const std::string here = std::filesystem::current_path(error).string();
    if (!error) paths = {here};
}

void add_flags(FlagSet& flags, ProcessFlags& into) {
    flags.add(std::vector<Flag>{
        {"port", &into.port, "port of the web pages; 0 lets the kernel choose"},
        {"bind-address", &into.bind_address, "address of the web pages; empty is all"},
        {"lameduck-period", &into.lameduck_period,
         "shortest time between SIGTERM and the end of the web pages"},
        {"onterm_timeout", &into.onterm_timeout, "how long SIGTERM waits for clients to finish"},
        {"onclose_timeout", &into.onclose_timeout, "how long the last clean-up may take"},
        {"pid_file", &into.pid_file,
         "file for the process id: made at start, where it must not exist, removed at the end"},
        {"catch-sigpipe", &into.catch_sigpipe, "ignore SIGPIPE on stdout and stderr"},
        {"max-stack-size", &into.max_stack_size, "largest stack in bytes"},
        {"security_policy", &into.security_policy,
         "who may see which web pages: deny-all, read-only, or empty for everybody; an unknown "
         "name denies all"},
        {"pprof", &into.pprof, "profiles to record, with their options"},
        {"pprof-http", &into.pprof_http, "serve profiles under /debug/pprof"},
        {"table-refresh-interval", &into.table_refresh_interval,
         "milliseconds after which the status page renews its tables; 0 is never"},
    });
    flags.add(
        std::vector<Flag>{
            {"loops", &into.loops,
             "event loops, one thread each; 0 takes them from CPUs, container limits and memory"},
            {"memory_limit", &into.memory_limit,
             "bytes that statements and connections may hold together; 0 takes the container's "
             "limit"},
        },
        own_group);
}

void add_flags(FlagSet& flags, LogFlags& into) {
    flags.add(std::vector<Flag>{
        {"logtostderr", &into.logtostderr, "log to stderr and not to files"},
        {"alsologtostderr", &into.alsologtostderr, "log to stderr and to files"},
        {"stderrthreshold", &into.stderrthreshold,
         "lines of this severity or above go to stderr too: 0 info, 1 warning, 2 error, 3 fatal"},
        {"log_dir", &into.log_dir, "folder of the log files"},
        {"log_rotate_max_size", &into.log_rotate_max_size,
         "bytes after which a new log file is begun"},
        {"log_backtrace_at", &into.log_backtrace_at, "file:N places whose log lines carry a stack",
         &location_words},
        {"log_err_stacks", &into.log_err_stacks, "log a stack with each error"},
        {"v", &into.v, "verbosity of extra log lines", &level_words},
        {"vmodule", &into.vmodule, "verbosity by source file, as pattern=N with commas",
         &module_words},
        {"keep_logs", &into.keep_logs,
         "remove log files that were begun longer ago than this; 0 keeps all"},
        {"keep_logs_by_mtime", &into.keep_logs_by_mtime,
         "remove log files that were last written longer ago than this; 0 keeps all"},
        {"purge_logs_interval", &into.purge_logs_interval,
         "how often old log files are looked for"},
    });
}

void add_flags(FlagSet& flags, ConfigFlags& into) {
    flags.add(std::vector<Flag>{
        {"config-file", &into.file,
         "the configuration file, with its extension; --config-path, --config-name and "
         "--config-type are not used then"},
        {"config-file-not-found-handling", &into.not_found_handling,
         "what a missing configuration file does: ignore, warn, error (start fails) or exit",
         &handling_words},
        {"config-name", &into.name, "name of the configuration file, without its extension"},
        {"config-path", &into.paths, "folders in which the configuration file is looked for"},
        {"config-persistence-min-interval", &into.persistence_min_interval,
         "shortest time between two writes of changed values back to the configuration file"},
        {"config-type", &into.type,
         "format of the configuration file if its extension does not tell: yaml, json or toml"},
    });
}

void add_flags(FlagSet& flags, StatsFlags& into) {
    flags.add(std::vector<Flag>{
        {"emit_stats", &into.emit_stats, "push the metrics to a backend"},
        {"stats_backend", &into.backend, "backend of pushed metrics: statsd or opentsdb"},
        {"stats_emit_period", &into.emit_period, "how often metrics are pushed"},
        {"stats_combine_dimensions", &into.combine_dimensions,
         "labels whose values are added up as \"all\", with commas"},
        {"stats_drop_variables", &into.drop_variables,
         "variables that are not exported, with commas"},
        {"stats_common_tags", &into.common_tags,
         "label:value pairs that all pushed metrics carry, with commas"},
        {"statsd_address", &into.statsd_address, "host:port of statsd"},
        {"statsd_sample_rate", &into.statsd_sample_rate, "share of the metrics sent to statsd"},
        {"opentsdb_uri", &into.opentsdb_uri, "where metrics are posted for opentsdb"},
    });
}

void add_flags(FlagSet& flags, TracingFlags& into) {
    flags.add(std::vector<Flag>{
        {"tracer", &into.tracer, "noop, opentracing-jaeger or opentracing-datadog"},
        {"tracing-enable-logging", &into.enable_logging, "the tracer may log"},
        {"tracing-sampling-rate", &into.sampling_rate, "share of traces that is kept"},
        {"tracing-sampling-type", &into.sampling_type,
         "how traces are chosen: const, probabilistic, rateLimiting or remote"},
        {"jaeger-agent-host", &into.jaeger_agent_host, "host:port of the jaeger agent"},
        {"datadog-agent-host", &into.datadog_agent_host, "host of the datadog agent"},
        {"datadog-agent-port", &into.datadog_agent_port, "port of the datadog agent"},
    });
}

}  // namespace sluice::servenv
