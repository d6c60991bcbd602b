#pragma once
// One MySQL or MariaDB server of this machine: its files made, itself started, stopped, taken away
// (vttablet-contract 12.1). On one loop; what blocks runs on the blocking pool, besides short steps
// over files.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/scope.h"
#include "mysql/connection.h"
#include "mysqlctl/child.h"
#include "mysqlctl/my_cnf.h"
#include "mysqlctl/server_version.h"

namespace sluice::mysqlctl {

struct MysqldOptions {
    // Who stops the server and asks it. Without an address: my.cnf's socket.
    mysql::Server dba;
    std::string template_file;     // of my.cnf, instead of our own texts
    std::string first_statements;  // file of SQL for a new server, instead of our own text
    // mysqld_safe, where there is one, starts the server again when it dies.
    bool watchdog = false;
    // What the server writes to stdout and stderr goes where ours does; else to mysqld.out beside
    // my.cnf.
    bool share_output = false;
};

class Mysqld {
 public:
    Mysqld(MyCnf cnf, MysqldOptions options);
    Mysqld(const Mysqld&) = delete;
    Mysqld& operator=(const Mysqld&) = delete;
    // close() was awaited.
    ~Mysqld();

    const MyCnf& cnf() const { return cnf_; }
    // Called when a server that this object has started, and that has taken a login, ends without
    // shutdown().
    void on_end(std::function<void()> told) { told_ = std::move(told); }

    // Folders and my.cnf. FAILED_PRECONDITION if there is a server's data already. Blocks.
    Result<void> init_config();
    // The same, then data, the server itself and the first statements. The stop is the time limit
    // of the start.
    Task<Result<void>> init(Stop* stop);
    // Ends when the server takes logins; fine if it runs already. FAILED_PRECONDITION with the end
    // of its log if it ends instead; the stop's error, with the same, if it takes too long.
    Task<Result<void>> start(std::vector<std::string> arguments, Stop* stop);
    // Fine if it does not run. With `wait` it ends when the server has ended.
    Task<Result<void>> shutdown(bool wait, Stop* stop);
    // Shutdown, then all data is removed; my.cnf and logs stay. `force`: also if shutdown fails.
    Task<Result<void>> teardown(bool force, Stop* stop);
    // my.cnf made anew; the old one stays as my.cnf.previous if it was another. Blocks.
    Result<void> refresh_config();
    // my.cnf made anew with another server-id, by chance. Blocks.
    Result<void> reinit_config();
    // Brings system tables to the server's version, where that is not the server's own doing.
    Task<Result<void>> run_upgrade(Stop* stop);
    // "Ver 8.0.36 ...": of the server that runs, else of the program.
    Task<Result<std::string>> version(Stop* stop);

    // The server goes on; we look no more.
    Task<void> close();

 private:
    Result<ServerVersion> program_version();
    Result<std::string> my_cnf_text();
    Result<void> install();
    Result<void> launch(std::vector<std::string> arguments);
    Task<void> watch(std::shared_ptr<Child> child);
    Task<Result<void>> wait_until_ready(mysql::Server as, Stop* stop);
    Task<Result<void>> run_statements(mysql::Server as, std::string text, Stop* stop);
    Task<Result<void>> ask_to_end(Stop* stop);
    mysql::Server dba() const;

    MyCnf cnf_;
    MysqldOptions options_;
    std::optional<ServerVersion> version_;
    std::function<void()> told_;
    std::shared_ptr<Child> child_;  // null: not started by us
    bool ending_ = false;           // on purpose
    bool served_ = false;           // it has taken a login since it was started
    Stop closing_;
    async::Scope scope_;
};

}  // namespace sluice::mysqlctl
