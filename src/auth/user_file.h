#pragma once
// The file of --mysql_auth_server_static_file, read again when it has changed, at an interval, and
// when asked to (SIGHUP). A file that cannot be used keeps the users there were (vtgate-contract
// 3.3).
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "async/file_version.h"
#include "async/task.h"
#include "async/wait_queue.h"
#include "auth/users.h"

namespace sluice::auth {

class UserFile {
 public:
    struct Options {
        std::string path;
        std::chrono::nanoseconds reload_interval{0};  // read again, changed or not; zero: never
        std::chrono::nanoseconds look_interval = std::chrono::seconds(1);  // has it changed?
    };
    using Publish = std::function<void(std::shared_ptr<const Users>)>;

    // `publish` gets each new set of users, on the loop of follow().
    UserFile(Options options, Publish publish);
    UserFile(const UserFile&) = delete;
    UserFile& operator=(const UserFile&) = delete;

    // The users as the file has them now; before follow().
    async::Task<Result<std::shared_ptr<const Users>>> load();
    // Until `stop`.
    async::Task<void> follow(async::Stop* stop);
    // Reads the file again, soon. On the loop of follow().
    void reload();

 private:
    async::Task<void> read_again();

    Options options_;
    Publish publish_;
    async::FileVersion version_;
    async::WaitQueue asked_;
    bool reload_due_ = false;
};

}  // namespace sluice::auth
