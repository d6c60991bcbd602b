#include "auth/user_file.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "async/deadline.h"
#include "async/loop.h"
#include "async/scope.h"
#include "base/log.h"

namespace sluice::auth {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using async::Task;

class Folder {
 public:
    Folder() {
        char name[] = "/tmp/sluice_users_XXXXXX";
        EXPECT_NE(mkdtemp(name), nullptr);
        path_ = name;
    }
    ~Folder() { fs::remove_all(path_); }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
    std::string path_;
};

std::string only(const std::string& user) {
    return "{\"" + user + "\": [{\"Password\": \"p\"}]}";
}

void write(const std::string& path, const std::string& text) {
    std::ofstream(path + ".new") << text;
    fs::rename(path + ".new", path);
}

// What a follower has published, and a wait for the next time.
struct Follower {
    Follower(std::string path, std::chrono::nanoseconds interval)
        : file({.path = std::move(path), .reload_interval = interval, .look_interval = 2ms},
               [this](std::shared_ptr<const Users> users) {
                   ++published;
                   newest = std::move(users);
                   changed.wake_all();
               }) {}
    Task<bool> next() {
        const int before = published;
        async::Stop late;
        const async::Deadline deadline(&late, 20s, make_error(Code::deadline_exceeded, "late"));
        while (published == before && co_await changed.wait(&late)) {
        }
        co_return published > before;
    }
    bool knows(std::string_view user) const {
        return newest != nullptr && !newest->find(user, false).entries.empty();
    }

    int published = 0;
    std::shared_ptr<const Users> newest;
    async::WaitQueue changed;
    UserFile file;
    async::Stop stop;
    async::Scope scope;
};

Task<void> end(Follower* follower) {
    follower->stop.request(make_error(Code::canceled, "over"));
    co_await follower->scope.join();
}

int errors_logged = 0;
void count_errors(log::Severity severity, std::string_view text, std::string_view, unsigned) {
    if (severity == log::Severity::error && text.starts_with("the old users stay: ")) {
        ++errors_logged;
    }
}

Task<void> changes_and_hangups() {
    const Folder folder;
    const std::string path = folder / "users.json";
    write(path, only("one"));
    Follower follower(path, 0s);
    const auto first = co_await follower.file.load();
    EXPECT_TRUE(first && !(*first)->find("one", false).entries.empty());
    follower.scope.spawn("follow", follower.file.follow(&follower.stop));

    write(path, only("two"));
    EXPECT_TRUE(co_await follower.next());
    EXPECT_TRUE(follower.knows("two") && !follower.knows("one"));

    // Nothing has changed, but the operator asks.
    follower.file.reload();
    EXPECT_TRUE(co_await follower.next());
    EXPECT_TRUE(follower.knows("two"));

    // A broken file and a missing one keep the users, say so, and do not end the following.
    errors_logged = 0;
    log::sink = &count_errors;
    write(path, "{\"three\": [{\"Passw");
    follower.file.reload();
    while (errors_logged == 0) co_await async::pause(1ms, nullptr);
    fs::remove(path);
    while (errors_logged == 1) co_await async::pause(1ms, nullptr);
    log::sink = nullptr;
    EXPECT_TRUE(follower.knows("two") && !follower.knows("three"));
    write(path, only("four"));
    EXPECT_TRUE(co_await follower.next());
    EXPECT_TRUE(follower.knows("four"));
    co_await end(&follower);
}

TEST(UserFile, IsReadAgainWhenItChangesAndOnHangup) {
    async::Loop loop;
    run_until_done(loop, changes_and_hangups());
}

// A mounted Secret: users.json -> ..data/users.json, ..data -> a folder for each state.
Task<void> swapped_folder() {
    const Folder folder;
    fs::create_directory(folder / "..1");
    fs::create_directory(folder / "..2");
    write(folder / "..1/users.json", only("one"));
    write(folder / "..2/users.json", only("two"));
    fs::create_symlink("..1", folder / "..data");
    fs::create_symlink("..data/users.json", folder / "users.json");
    Follower follower(folder / "users.json", 0s);
    EXPECT_TRUE((co_await follower.file.load()).has_value());
    follower.scope.spawn("follow", follower.file.follow(&follower.stop));

    fs::create_symlink("..2", folder / "..data_tmp");
    fs::rename(folder / "..data_tmp", folder / "..data");
    fs::remove_all(folder / "..1");
    EXPECT_TRUE(co_await follower.next());
    EXPECT_TRUE(follower.knows("two") && !follower.knows("one"));
    co_await end(&follower);
}

TEST(UserFile, FollowsASymlinkToAnotherFolder) {
    async::Loop loop;
    run_until_done(loop, swapped_folder());
}

Task<void> by_interval() {
    const Folder folder;
    write(folder / "users.json", only("one"));
    Follower follower(folder / "users.json", 5ms);
    EXPECT_TRUE((co_await follower.file.load()).has_value());
    follower.scope.spawn("follow", follower.file.follow(&follower.stop));
    EXPECT_TRUE(co_await follower.next());
    EXPECT_TRUE(co_await follower.next());
    EXPECT_TRUE(follower.knows("one"));
    co_await end(&follower);
}

TEST(UserFile, IsReadAgainAtTheInterval) {
    async::Loop loop;
    run_until_done(loop, by_interval());
}

}  // namespace
}  // namespace sluice::auth
