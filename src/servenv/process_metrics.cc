// Beside a request: what every program tells of itself.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include "servenv/detail/json_text.h"
#include "servenv/metrics.h"
#include "servenv/version.h"

namespace sluice::servenv {
namespace {

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

// Pages of /proc/self/statm: [0] virtual, [1] resident.
double memory_bytes(int column) {
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    for (int i = 0; i <= column; ++i) file >> pages;
    return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_files() {
    std::error_code error;
    double count = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; at != end;
         at.increment(error)) {
        if (error) break;
        ++count;
    }
    return count;
}

double max_files() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<double>(limit.rlim_cur);
}

std::string command_line() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::string text;
    for (std::string one; std::getline(file, one, '\0');) {
        // A password on the command line does not belong on a page.
        if (one.find("password") != one.npos) one.resize(std::min(one.size(), one.find('=')));
        text += (text.empty() ? "" : ",") + detail::json_string(one);
    }
    return "[" + text + "]";
}

}  // namespace

void Metrics::add_process_metrics() {
    using std::chrono::steady_clock;
    const auto start = steady_clock::now();
    const double start_seconds =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    read(Kind::gauge, {"Uptime", "nanoseconds since the start"}, [start] {
        return static_cast<double>((steady_clock::now() - start) / std::chrono::nanoseconds(1));
    });
    read(Kind::gauge, {"MaxFds", "limit of open files"}, max_files);
    text("BuildVersion", version_text());
    text("BuildGitRev", std::string(build_revision()));
    text("BuildGitBranch", "main");
    read_labelled(
        Kind::gauge, {"BuildInformation", "the build", {"build_git_rev", "build_timestamp"}}, [] {
            return std::map<LabelKey, double>{{label_key({build_revision(), build_time()}), 1.0}};
        });
    json("cmdline", command_line);
    const auto process = [this](std::string name, std::string help, Kind kind,
                                std::function<double()> get) {
        read(kind, {.variable = name, .help = std::move(help), .prometheus = name}, std::move(get));
    };
    process("process_cpu_seconds_total", "CPU time, user and system", Kind::counter, cpu_seconds);
    process("process_resident_memory_bytes", "resident memory", Kind::gauge,
            [] { return memory_bytes(1); });
    process("process_virtual_memory_bytes", "virtual memory", Kind::gauge,
            [] { return memory_bytes(0); });
    process("process_open_fds", "open files", Kind::gauge, open_files);
    process("process_max_fds", "limit of open files", Kind::gauge, max_files);
    process("process_start_time_seconds", "start, seconds since the epoch", Kind::gauge,
            [start_seconds] { return start_seconds; });
}

}  // namespace sluice::servenv
