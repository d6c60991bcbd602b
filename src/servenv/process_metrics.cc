// Beside a request: what every program tells of itself.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include "servenv/json_text.h"
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
        text += (text.empty() ? "" : ",") + json_string(one);
    }
    return "[" + text + "]";
}

// Where v21 has the Go runtime's figures: those that malloc has too, under their names there.
std::string memory_json() {
    const struct mallinfo2 heap = mallinfo2();
    const auto member = [](const char* name, std::size_t value) {
        return "\"" + std::string(name) + "\":" + std::to_string(value);
    };
    return "{" + member("Alloc", heap.uordblks + heap.hblkhd) + "," +
           member("Sys", heap.arena + heap.hblkhd) + "," +
           member("HeapAlloc", heap.uordblks + heap.hblkhd) + "," +
           member("HeapSys", heap.arena + heap.hblkhd) + "," + member("HeapIdle", heap.fordblks) +
           "," + member("HeapInuse", heap.uordblks) + "}";
}

void add_build(Metrics& metrics) {
    metrics.text("BuildVersion", std::string(version_number));
    metrics.text("BuildGitRev", std::string(build_revision()));
    metrics.text("BuildGitBranch", "main");
    metrics.text("BuildHost", "");
    metrics.text("BuildUser", "");
    metrics.text("GoOS", "linux");
    metrics.text("GoArch", "amd64");
    metrics.text("GoVersion", "");    // there is none
    metrics.text("GrpcVersion", "");  // of grpc-go
    metrics.read(Metrics::Kind::gauge, {"BuildNumber", "number of the build"}, [] { return 0.0; });
    metrics.read(Metrics::Kind::gauge, {"BuildTimestamp", "seconds since the epoch"},
                 [] { return build_seconds(); });
    metrics.read_labelled(Metrics::Kind::gauge,
                          {"BuildInformation",
                           "the build",
                           {"build_host", "build_user", "build_timestamp", "build_git_rev",
                            "build_git_branch", "build_number"}},
                          [] {
                              const std::string stamp =
                                  std::to_string(static_cast<std::int64_t>(build_seconds()));
                              return std::map<LabelKey, double>{
                                  {label_key({"", "", stamp, build_revision(), "main", "0"}), 1.0}};
                          });
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
    add_build(*this);
    json("cmdline", command_line);
    json("memstats", memory_json);
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
