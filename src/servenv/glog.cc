// Beside a request: where log lines of all rooms end up.
#include "servenv/glog.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>

#include <fcntl.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "servenv/crash.h"
#include "servenv/version.h"

namespace sluice::servenv {
namespace {

using log::Severity;
constexpr std::array<std::string_view, 4> severity_names = {"INFO", "WARNING", "ERROR", "FATAL"};
constexpr std::size_t severities = severity_names.size();

std::tm local_time(std::time_t seconds) {
    std::tm parts{};
    localtime_r(&seconds, &parts);
    return parts;
}

void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

// The files of one process. Lines are written at once, so a crash loses none.
class Files {
 public:
    Files(LogFlags flags, std::string program)
        : flags_(std::move(flags)), program_(std::move(program)) {
        flags_.log_dir = log_folder(flags_);
    }
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    void write(Severity severity, std::string_view line) {
        const std::lock_guard guard(mutex_);
        const bool to_stderr =
            flags_.logtostderr || flags_.alsologtostderr || severity >= flags_.stderrthreshold;
        bool written = flags_.logtostderr;
        for (std::size_t level = 0;
             !flags_.logtostderr && level <= static_cast<std::size_t>(severity); ++level) {
            written |= append(level, line);
        }
        if (to_stderr || !written) write_all(STDERR_FILENO, line);
    }

    std::array<int, severities> descriptors() const {
        std::array<int, severities> open{};
        for (std::size_t i = 0; i < severities; ++i) open[i] = files_[i].descriptor.load();
        return open;
    }

    void flush() {
        const std::lock_guard guard(mutex_);
        for (const File& file : files_) {
            if (file.descriptor >= 0) fsync(file.descriptor);
        }
    }

 private:
    struct File {
        std::atomic<int> descriptor{-1};
        std::uint64_t size = 0;
    };

    bool append(std::size_t level, std::string_view line) {
        File& file = files_[level];
        if (file.descriptor < 0 || file.size + line.size() > flags_.log_rotate_max_size) {
            if (!open(level)) return false;
        }
        write_all(file.descriptor, line);
        file.size += line.size();
        return true;
    }

    // NAME.HOST.USER.log.SEVERITY.YYYYMMDD-HHMMSS.PID, and a symlink NAME.SEVERITY to it.
    bool open(std::size_t level) {
        char host[256] = "unknownhost";
        gethostname(host, sizeof host - 1);
        std::string_view short_host(host);
        short_host = short_host.substr(0, short_host.find('.'));
        const passwd* user = getpwuid(geteuid());
        const std::tm now = local_time(std::time(nullptr));
        char stamp[32];
        std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &now);
        const std::string name = program_ + "." + std::string(short_host) + "." +
                                 (user == nullptr ? "unknownuser" : user->pw_name) + ".log." +
                                 std::string(severity_names[level]) + "." + stamp + "." +
                                 std::to_string(getpid());
        const std::string path = flags_.log_dir + "/" + name;
        const int descriptor =
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (descriptor < 0) return false;
        File& file = files_[level];
        if (file.descriptor >= 0) ::close(file.descriptor);
        file.descriptor = descriptor;
        file.size = 0;
        const std::string link =
            flags_.log_dir + "/" + program_ + "." + std::string(severity_names[level]);
        ::unlink(link.c_str());
        static_cast<void>(::symlink(name.c_str(), link.c_str()) == 0);  // a convenience only
        std::strftime(stamp, sizeof stamp, "%Y/%m/%d %H:%M:%S", &now);
        const std::string header = std::string("Log file created at: ") + stamp +
                                   "\nRunning on machine: " + std::string(short_host) +
                                   "\nBinary: " + version_text() +
                                   "\nLog line format: [IWEF]mmdd hh:mm:ss.uuuuuu threadid "
                                   "file:line] msg\n";
        write_all(descriptor, header);
        file.size = header.size();
        return true;
    }

    LogFlags flags_;
    std::string program_;
    std::mutex mutex_;
    std::array<File, severities> files_;
};

// The one object per process behind base/log.h's function pointer; lives until the process ends.
std::atomic<Files*> files{nullptr};

std::string line_now(Severity severity, std::string_view text, std::string_view file,
                     unsigned line) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    thread_local const long thread = syscall(SYS_gettid);
    return glog_line(severity, text, file, line, microseconds / 1'000'000,
                     static_cast<long>(microseconds % 1'000'000), thread);
}

void sink(Severity severity, std::string_view text, std::string_view file, unsigned line) {
    files.load(std::memory_order_acquire)->write(severity, line_now(severity, text, file, line));
}

void to_stderr(Severity severity, std::string_view text, std::string_view file, unsigned line) {
    write_all(STDERR_FILENO, line_now(severity, text, file, line));
}

}  // namespace

std::string log_folder(const LogFlags& flags) {
    if (!flags.log_dir.empty()) return flags.log_dir;
    const char* folder = std::getenv("TMPDIR");
    return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

std::string glog_line(Severity severity, std::string_view text, std::string_view file,
                      unsigned line, std::int64_t seconds, long microseconds, long thread) {
    const std::tm parts = local_time(static_cast<std::time_t>(seconds));
    char head[96];
    const int size = std::snprintf(head, sizeof head, "%c%02d%02d %02d:%02d:%02d.%06ld %7ld ",
                                   severity_names[static_cast<std::size_t>(severity)][0],
                                   parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                                   parts.tm_sec, microseconds, thread);
    std::string whole(head, static_cast<std::size_t>(size));
    whole.append(file).append(":").append(std::to_string(line)).append("] ").append(text);
    if (!whole.ends_with('\n')) whole.push_back('\n');
    return whole;
}

std::string glog_line_now(Severity severity, std::string_view text, std::source_location where) {
    std::string_view file = where.file_name();
    file.remove_prefix(file.rfind('/') + 1);
    return line_now(severity, text, file, where.line());
}

void start_logging(const LogFlags& flags, std::string program) {
    static Files instance(flags, std::move(program));
    files.store(&instance, std::memory_order_release);
    log::sink.store(&sink, std::memory_order_release);
}

void flush_logs() {
    if (Files* open = files.load(std::memory_order_acquire)) open->flush();
}

std::array<int, 4> log_descriptors() {
    const Files* open = files.load(std::memory_order_acquire);
    return open == nullptr ? std::array<int, 4>{-1, -1, -1, -1} : open->descriptors();
}

void exit_with(int status, std::string_view text, std::source_location where) {
    if (log::sink.load() == nullptr) log::sink = &to_stderr;
    std::string whole(text);
    if (status == 2) whole += "\nstack:\n" + stack_text();
    log::write(Severity::fatal, whole, where);
    flush_logs();
    std::_Exit(status);
}

}  // namespace sluice::servenv
