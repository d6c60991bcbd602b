// Folders and files around a server. Before: mysqld.cc.
#include "mysqlctl/detail/files.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "async/file_version.h"
#include "base/log.h"

namespace sluice::mysqlctl::detail {
namespace {

namespace fs = std::filesystem;

// Folders that may lie on disks of their own.
constexpr const char* top_folders[] = {"data", "innodb", "relay-logs", "bin-logs"};
constexpr std::size_t shown_log = 4096;

std::unexpected<Error> failed(const std::string& what, const std::error_code& error) {
    return fail(Code::failed_precondition, what + ": " + error.message());
}

std::unexpected<Error> failed(const std::string& what) {
    return failed(what, std::error_code(errno, std::generic_category()));
}

Result<void> make_folder(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) return failed("mkdir " + path.string(), error);
    return {};
}

Result<void> make_top_folder(const fs::path& folder, const char* name) {
    std::error_code error;
    const fs::path elsewhere = fs::path(vt_folder()) / name;
    if (!fs::exists(fs::symlink_status(elsewhere, error))) return make_folder(folder / name);
    const fs::path target = elsewhere / folder.filename();
    TRY(make_folder(target));
    if (fs::is_symlink(fs::symlink_status(folder / name, error))) return {};
    fs::create_directory_symlink(target, folder / name, error);
    if (error) return failed("symlink " + (folder / name).string(), error);
    return {};
}

// contents = pid [ LF ]
Result<pid_t> parse_pid(std::string_view text) {
    pid_t pid = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
    const bool whole = at == text.data() + text.size() || *at == '\n';
    if (error != std::errc() || !whole || pid <= 0)
        return fail(Code::failed_precondition, "holds no process id");
    return pid;
}

}  // namespace

Result<void> make_folders(const MyCnf& cnf) {
    const fs::path folder = cnf.folder();
    TRY(make_folder(folder));
    for (const char* name : top_folders) TRY(make_top_folder(folder, name));
    for (const std::string& path : {cnf.data, cnf.innodb_data, cnf.innodb_log, cnf.temporary,
                                    fs::path(cnf.relay_log).parent_path().string(),
                                    fs::path(cnf.binary_log).parent_path().string()})
        TRY(make_folder(path));
    return {};
}

Result<void> remove_data(const MyCnf& cnf) {
    Result<void> outcome;
    for (const char* name : top_folders) {
        const fs::path path = fs::path(cnf.folder()) / name;
        std::error_code error;
        if (fs::is_symlink(fs::symlink_status(path, error))) {
            const fs::path target = fs::canonical(path, error);
            if (!error) fs::remove_all(target, error);
            if (error && outcome)
                outcome = failed("cannot remove what " + path.string() + " names", error);
        }
        error.clear();
        fs::remove_all(path, error);
        if (error && outcome) outcome = failed("cannot remove " + path.string(), error);
    }
    return outcome;
}

bool has_data(const MyCnf& cnf) {
    std::error_code error;
    const fs::directory_iterator first(cnf.data, error);
    return !error && first != fs::directory_iterator();
}

Result<void> write_file(const std::string& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file) return failed("write " + path);
    return {};
}

Result<void> remove_stale_lock(const std::string& socket) {
    const std::string path = socket + ".lock";
    const auto text = async::read_file(path, shown_log);
    if (!text && text.error().code == Code::not_found) return {};
    if (!text) return fail(text.error());
    const auto pid = parse_pid(*text);
    if (!pid) return fail(pid.error().code, path + " " + pid.error().text);
    // A container gives the new mysqld's starter the number that the old one had.
    if (*pid != ::getpid() && names_a_process(path))
        return fail(Code::failed_precondition,
                    path + " belongs to process " + std::to_string(*pid) + ", which still runs");
    log::info("removing " + path + " of a server that is gone");
    if (::unlink(path.c_str()) != 0) return failed("remove " + path);
    return {};
}

bool names_a_process(const std::string& path) {
    const auto text = async::read_file(path, shown_log);
    const auto pid = text ? parse_pid(*text) : Result<pid_t>(fail(text.error()));
    if (!pid || (::kill(*pid, 0) != 0 && errno == ESRCH)) return false;
    // One that has ended may only wait for its parent to look. stat = pid " (" name ") " state ...
    const auto stat = async::read_file("/proc/" + std::to_string(*pid) + "/stat", shown_log);
    const std::size_t name_ends = stat ? stat->rfind(')') : std::string::npos;
    return name_ends == std::string::npos ||
           !std::string_view(*stat).substr(name_ends).starts_with(") Z");
}

std::string end_of_log(const std::string& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error))
        return "the server's log (" + path + ") is no file of ours to read";
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const auto size = static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0));
    std::string text(std::min(size, shown_log), '\0');
    file.seekg(static_cast<std::streamoff>(size - text.size()));
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file) return "the server's log (" + path + ") cannot be read";
    return "the end of " + path + ":\n" + text;
}

Result<LoginFile> LoginFile::make(const std::string& folder, const mysql::Server& as) {
    std::string path = folder + "/login-XXXXXX";
    const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);  // readable by us only
    if (descriptor < 0) return failed("make a file in " + folder);
    ::close(descriptor);
    LoginFile made(path);
    std::string password;
    for (const char c : as.password) {
        if (c == '\\' || c == '"') password += '\\';
        password += c;
    }
    std::string text = "[client]\nuser=\"" + as.user + "\"\npassword=\"" + password + "\"\n";
    text += as.address.unix_path.empty()
                ? "host=" + as.address.host + "\nport=" + std::to_string(as.address.port) + "\n"
                : "socket=" + as.address.unix_path + "\n";
    TRY(write_file(made.path(), text));
    return made;
}

LoginFile::~LoginFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace sluice::mysqlctl::detail
