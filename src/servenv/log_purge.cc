// Beside a request: log files do not pile up.
#include "servenv/log_purge.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>
#include <set>

#include "async/cross.h"
#include "async/wait_queue.h"
#include "base/log.h"
#include "servenv/glog.h"

namespace sluice::servenv {
namespace {

namespace fs = std::filesystem;
using std::chrono::system_clock;

constexpr std::array<std::string_view, 4> severities = {"INFO", "WARNING", "ERROR", "FATAL"};

// name = program "." host "." user ".log." severity "." 8DIGIT "-" 6DIGIT "." pid ; local time
std::optional<system_clock::time_point> parse_begin(std::string_view name,
                                                    std::string_view program) {
    const std::size_t mark = name.find(".log.");
    if (mark == name.npos || !name.starts_with(std::string(program) + ".")) return std::nullopt;
    std::string_view rest = name.substr(mark + 5);
    const std::size_t dot = rest.find('.');
    if (dot == rest.npos || std::ranges::find(severities, rest.substr(0, dot)) == severities.end())
        return std::nullopt;
    const std::string stamp(rest.substr(dot + 1));
    std::tm parts{};
    const char* end = strptime(stamp.c_str(), "%Y%m%d-%H%M%S", &parts);
    if (end == nullptr || *end != '.') return std::nullopt;
    parts.tm_isdst = -1;
    return system_clock::from_time_t(std::mktime(&parts));
}

system_clock::time_point written_at(const fs::path& path, system_clock::time_point otherwise) {
    std::error_code error;
    const auto time = fs::last_write_time(path, error);
    return error ? otherwise : std::chrono::file_clock::to_sys(time);
}

}  // namespace

std::vector<std::string> old_logs(const LogFlags& flags, const std::string& program,
                                  system_clock::time_point now) {
    const fs::path folder = log_folder(flags);
    std::error_code error;
    std::set<std::string> newest;
    for (const std::string_view severity : severities) {
        const fs::path target =
            fs::read_symlink(folder / (program + "." + std::string(severity)), error);
        if (!error) newest.insert(target.filename().string());
    }
    std::vector<std::string> old;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        const auto begun = parse_begin(name, program);
        if (!begun || newest.contains(name)) continue;
        const bool by_name = flags.keep_logs.count() > 0 && now - *begun >= flags.keep_logs;
        const bool by_write = flags.keep_logs_by_mtime.count() > 0 &&
                              now - written_at(at->path(), now) >= flags.keep_logs_by_mtime;
        if (by_name || by_write) old.push_back(name);
    }
    std::ranges::sort(old);
    return old;
}

async::Task<void> purge_logs(const LogFlags* flags, std::string program, async::Stop* stop) {
    if (flags->keep_logs.count() <= 0 && flags->keep_logs_by_mtime.count() <= 0) co_return;
    const Duration interval = std::max(flags->purge_logs_interval, Duration(1s));
    do {
        co_await async::blocking([flags, &program] {
            const fs::path folder = log_folder(*flags);
            std::error_code error;
            for (const std::string& name : old_logs(*flags, program, system_clock::now())) {
                fs::remove(folder / name, error);
            }
            return true;
        });
    } while (co_await async::pause(interval, stop));
}

}  // namespace sluice::servenv
