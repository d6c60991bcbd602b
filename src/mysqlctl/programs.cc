// Other programs. Before: mysqld.cc.
#include "mysqlctl/programs.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace sluice::mysqlctl {
namespace {

constexpr std::size_t kept_output = 64U * 1024;  // more of it helps nobody
constexpr std::size_t shown_output = 2048;
constexpr const char* server_names[] = {"mysqld", "mariadbd"};

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool is_program(const std::string& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
}

std::string two_folders_up(const std::string& path) {
    return std::filesystem::path(path).parent_path().parent_path().string();
}

// Word lists as the kernel takes them; they point into the call.
std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> made;
    for (const std::string& word : words) made.push_back(const_cast<char*>(word.c_str()));
    return made;
}

std::vector<char*> environment_of(const ProgramCall& call) {
    std::vector<char*> made = pointers(call.environment);
    for (char** one = environ; *one != nullptr; ++one) made.push_back(*one);
    made.push_back(nullptr);
    return made;
}

// File actions and attributes of one start; freed with it.
class Plan {
 public:
    Plan() {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        // We ignore SIGPIPE, and the child would inherit that.
        sigset_t ordinary;
        ::sigemptyset(&ordinary);
        ::sigaddset(&ordinary, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes_, &ordinary);
        ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;
    ~Plan() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    void output_to(int descriptor) {
        for (const int output : {1, 2})
            ::posix_spawn_file_actions_adddup2(&actions_, descriptor, output);
    }
    void output_to(const std::string& path) {
        for (const int output : {1, 2})
            ::posix_spawn_file_actions_addopen(&actions_, output, path.c_str(),
                                               O_WRONLY | O_CREAT | O_APPEND, 0640);
    }

    Result<pid_t> start(const ProgramCall& call, bool own_session) {
        short flags = POSIX_SPAWN_SETSIGDEF;
        if (own_session) flags |= POSIX_SPAWN_SETSID;
        ::posix_spawnattr_setflags(&attributes_, flags);
        if (!call.folder.empty())
            ::posix_spawn_file_actions_addchdir_np(&actions_, call.folder.c_str());
        std::vector<char*> words = pointers(call.words);
        words.push_back(nullptr);
        std::vector<char*> environment = environment_of(call);
        pid_t pid = -1;
        const int failure = ::posix_spawn(&pid, words[0], &actions_, &attributes_, words.data(),
                                          environment.data());
        if (failure == 0) return pid;
        return fail(Code::failed_precondition,
                    "cannot run " + call.words[0] + ": " + std::strerror(failure));
    }

 private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

// Everything until the end of the stream or the limit; false at the limit.
bool read_all(int descriptor, std::chrono::steady_clock::time_point last, std::string* into) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            last - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        pollfd wait{descriptor, POLLIN, 0};
        constexpr std::int64_t longest = 60'000;
        const int ready =
            ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), longest)));
        if (ready <= 0) continue;
        char block[4096];
        const ssize_t count = ::read(descriptor, block, sizeof(block));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return true;
        into->append(block, static_cast<std::size_t>(count));
        if (into->size() > 2 * kept_output) into->erase(0, into->size() - kept_output);
    }
}

std::string end_of(std::string_view output) {
    if (output.size() > shown_output) output.remove_prefix(output.size() - shown_output);
    while (output.ends_with('\n')) output.remove_suffix(1);
    return std::string(output);
}

std::string status_text(int status) {
    if (WIFSIGNALED(status)) return "signal: " + std::string(::strsignal(WTERMSIG(status)));
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<std::string> mysql_root() {
    if (std::string root = variable("VT_MYSQL_ROOT"); !root.empty()) return root;
    const std::string path = variable("PATH");
    for (const char* name : server_names) {
        for (std::size_t at = 0; at <= path.size();) {
            const std::size_t end = std::min(path.find(':', at), path.size());
            const std::string candidate = path.substr(at, end - at) + "/" + name;
            if (end != at && is_program(candidate)) return two_folders_up(candidate);
            at = end + 1;
        }
        const std::string usual = std::string("/usr/sbin/") + name;
        if (is_program(usual)) return two_folders_up(usual);
    }
    return fail(Code::not_found,
                "VT_MYSQL_ROOT is not set and no mysqld could be found in your PATH");
}

Result<std::string> mysql_base() {
    if (std::string base = variable("VT_MYSQL_BASEDIR"); !base.empty()) return base;
    return mysql_root();
}

Result<std::string> find_program(std::string_view name) {
    const std::string root = TRY(mysql_root());
    for (const char* folder : {"sbin", "bin", "libexec", "scripts"}) {
        const std::string path = root + "/" + folder + "/" + std::string(name);
        if (::access(path.c_str(), F_OK) == 0) return path;
    }
    return fail(Code::not_found,
                std::string(name) + " not found in any of " + root + "/{sbin,bin,libexec,scripts}");
}

Result<std::string> find_server() {
    auto found = find_program("mysqld");
    if (const auto other = found ? found : find_program("mariadbd")) return other;
    return found;
}

Result<std::string> find_watchdog() {
    auto found = find_program("mysqld_safe");
    if (const auto other = found ? found : find_program("mariadbd-safe")) return other;
    return found;
}

std::optional<std::string> find_hook(std::string_view name) {
    std::string root = variable("VTROOT");
    if (root.empty()) {
        std::error_code error;
        const auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
        root = !error && folder.filename() == "bin" ? folder.parent_path().string()
                                                    : "/usr/local/vitess";
    }
    std::string path = root + "/vthook/" + std::string(name);
    if (::access(path.c_str(), F_OK) != 0) return std::nullopt;
    return path;
}

Result<std::string> run_program(const ProgramCall& call) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return fail(Code::resource_exhausted, std::string("pipe: ") + std::strerror(errno));
    Plan plan;
    plan.output_to(ends[1]);
    const Result<pid_t> pid = plan.start(call, false);
    ::close(ends[1]);
    std::string output;
    const bool in_time =
        pid && read_all(ends[0], std::chrono::steady_clock::now() + call.limit, &output);
    ::close(ends[0]);
    if (!pid) return fail(pid.error());
    if (!in_time) ::kill(*pid, SIGKILL);
    int status = 0;
    while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!in_time)
        return fail(Code::deadline_exceeded,
                    call.words[0] + " did not end in time, output: " + end_of(output));
    if (status != 0)
        return fail(Code::failed_precondition,
                    call.words[0] + ": " + status_text(status) + ", output: " + end_of(output));
    return output;
}

Result<pid_t> start_program(const ProgramCall& call, const std::string& output) {
    Plan plan;
    if (!output.empty()) plan.output_to(output);
    return plan.start(call, true);
}

}  // namespace sluice::mysqlctl
