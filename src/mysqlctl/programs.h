#pragma once
// Programs on this machine: the server's, found as v21 finds them, the hooks of an operator, and
// running them. Everything here blocks.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/error.h"

namespace sluice::mysqlctl {

// The folder of the server's distribution: $VT_MYSQL_ROOT, or the one above the folder of the
// mysqld (of late MariaDBs: mariadbd) in $PATH, or /usr if there is one in /usr/sbin. NOT_FOUND
// without any.
Result<std::string> mysql_root();
// What servers are told as --basedir: $VT_MYSQL_BASEDIR, or mysql_root().
Result<std::string> mysql_base();
// In sbin, bin, libexec or scripts of mysql_root(). NOT_FOUND with the folders' names.
Result<std::string> find_program(std::string_view name);

// mysqld, or mariadbd; and what starts a server again when it dies, mysqld_safe or mariadbd-safe.
Result<std::string> find_server();
Result<std::string> find_watchdog();

// An operator's own program in vthook under $VTROOT (or under the folder above ours, if ours is in
// a bin; else /usr/local/vitess). nullopt: there is none of that name.
std::optional<std::string> find_hook(std::string_view name);

struct ProgramCall {
    std::vector<std::string> words;        // the program's path first
    std::vector<std::string> environment;  // "NAME=value", beside what we have ourselves
    std::string folder;                    // to run in; empty: ours
    std::chrono::milliseconds limit = std::chrono::minutes(10);
};

// Runs a program to its end; what it wrote to stdout and stderr. FAILED_PRECONDITION with what it
// wrote last if its exit status is not 0, DEADLINE_EXCEEDED if it was ended at the limit.
Result<std::string> run_program(const ProgramCall& call);

// Starts a program that outlives us: in a session of its own, so that no terminal ends it. What it
// writes goes to the end of `output`, or where ours goes if that is empty. The pid; the caller
// waits for its end, or leaves it to init.
Result<pid_t> start_program(const ProgramCall& call, const std::string& output);

}  // namespace sluice::mysqlctl
