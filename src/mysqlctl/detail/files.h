#pragma once
// Files of a server that are not the server's own to make or remove. Everything here blocks.
#include <string>
#include <string_view>

#include "mysql/server.h"
#include "mysqlctl/my_cnf.h"

namespace sluice::mysqlctl::detail {

// Where $VTDATAROOT has a folder of the same name (data, innodb, bin-logs, relay-logs: other
// disks), the server's folder becomes a link into it, else a folder.
Result<void> make_folders(const MyCnf& cnf);
// Those four, with what the links point at. The first failure, after all were tried.
Result<void> remove_data(const MyCnf& cnf);
// Whether a server has been made here already.
bool has_data(const MyCnf& cnf);

Result<void> write_file(const std::string& path, std::string_view text);

// SOCKET.lock of a mysqld that was killed: the next one would not start. FAILED_PRECONDITION if
// its process still runs.
Result<void> remove_stale_lock(const std::string& socket);

// Whether the process of a pid file runs.
bool names_a_process(const std::string& path);

// For error messages: the last lines of a server's log, or why there are none.
std::string end_of_log(const std::string& path);

// A file of options that tells a client program who it is, so that no password stands in its
// command line. Removed with the object.
class LoginFile {
 public:
    static Result<LoginFile> make(const std::string& folder, const mysql::Server& as);
    LoginFile(LoginFile&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
    LoginFile& operator=(LoginFile&&) = delete;
    ~LoginFile();
    const std::string& path() const { return path_; }

 private:
    explicit LoginFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace sluice::mysqlctl::detail
