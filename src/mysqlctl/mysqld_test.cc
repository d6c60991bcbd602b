// Servers that are no servers, and a real MariaDB from its first start to its removal.
#include "mysqlctl/mysqld.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "async/deadline.h"
#include "async/listener.h"
#include "async/wait_queue.h"
#include "mysqlctl/programs.h"
#include "mysqlctl/remote.h"
#include "mysqlctl/service.h"
#include "rpc/server.h"

namespace sluice::mysqlctl {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class Folder {
 public:
    Folder() {
        char name[] = "/tmp/sluice-mysqlctl-XXXXXX";
        path_ = ::mkdtemp(name);
        ::setenv("VTDATAROOT", path_.c_str(), 1);
        ::setenv("VTROOT", path_.c_str(), 1);
        for (const char* others : {"EXTRA_MY_CNF", "VT_MYSQL_ROOT", "VT_MYSQL_BASEDIR"})
            ::unsetenv(others);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;  // what a killed server still writes stays in the way
        fs::remove_all(path_, ignored);
    }

    std::string at(const std::string& name) const { return path_ + "/" + name; }
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories(fs::path(at(name)).parent_path());
        std::ofstream(at(name)) << text;
        fs::permissions(at(name), fs::perms::owner_all);
    }
    // A mysqld of version 8.4.3 that does `start` when it is started.
    void write_mysqld(const std::string& start) const {
        write("server/bin/mysqld",
              "#!/bin/sh\ncase \"$*\" in\n--version) echo 'mysqld  Ver 8.4.3 for Linux';;\n"
              "*--initialize-insecure*) mkdir \"$VTDATAROOT/vt_0000000007/data/mysql\";;\n*) " +
                  start + ";;\nesac\n");
        ::setenv("VT_MYSQL_ROOT", at("server").c_str(), 1);
    }

 private:
    std::string path_;
};

MyCnf cnf_of_test(std::int64_t port = 3306) {
    return planned_my_cnf(7, port, "", "");
}

std::string text_of(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

void run_on_loop(Task<void> task) {
    async::Loop loop;
    run_until_done(loop, std::move(task));
}

Task<void> write_configuration(const Folder* folder) {
    Mysqld mysqld(cnf_of_test(), {});
    const auto made = mysqld.init_config();
    EXPECT_TRUE(made) << made.error().text;
    const std::string text = text_of(mysqld.cnf().path);
    EXPECT_TRUE(text.contains("mysql_native_password = ON")) << text;
    EXPECT_TRUE(text.ends_with("max_connections = 7\n")) << text;
    EXPECT_TRUE(fs::is_directory(mysqld.cnf().innodb_log));
    EXPECT_EQ(fs::read_symlink(folder->at("vt_0000000007/bin-logs")),
              folder->at("bin-logs/vt_0000000007"));

    EXPECT_TRUE(mysqld.refresh_config());
    EXPECT_FALSE(fs::exists(mysqld.cnf().path + ".previous"));
    folder->write("extra.cnf", "max_connections = 8\n");
    EXPECT_TRUE(mysqld.refresh_config());
    EXPECT_EQ(text_of(mysqld.cnf().path + ".previous"), text);
    EXPECT_TRUE(text_of(mysqld.cnf().path).ends_with("max_connections = 8\n"));
    EXPECT_TRUE(mysqld.reinit_config());
    const auto read = read_my_cnf(cnf_of_test());
    EXPECT_TRUE(read && read->server_id >= 100);

    folder->write("vt_0000000007/data/ibdata1", "");
    EXPECT_EQ(mysqld.init_config().error().code, Code::failed_precondition);
    co_await mysqld.close();
}

TEST(Mysqld, FoldersAndMyCnf) {
    const Folder folder;
    folder.write_mysqld("exit 1");
    folder.write("extra.cnf", "max_connections = 7\n");
    ::setenv("EXTRA_MY_CNF", (folder.at("extra.cnf") + ":/nowhere").c_str(), 1);
    fs::create_directories(folder.at("bin-logs"));  // a disk of its own
    run_on_loop(write_configuration(&folder));
}

Task<void> write_by_template(const Folder* folder) {
    Mysqld mysqld(cnf_of_test(), {.template_file = folder->at("template")});
    EXPECT_TRUE(mysqld.init_config());
    EXPECT_EQ(text_of(mysqld.cnf().path), "[mysqld]\nserver-id=7\nport=3306\n");
    folder->write("vthook/make_mycnf", "#!/bin/sh\necho port={{.MysqlPort}} by the hook\n");
    EXPECT_TRUE(mysqld.init_config());
    EXPECT_EQ(text_of(mysqld.cnf().path), "port=3306 by the hook\n");
    folder->write("vthook/make_mycnf", "#!/bin/sh\necho no disk; exit 3\n");
    const auto refused = mysqld.init_config();
    EXPECT_FALSE(refused);
    EXPECT_TRUE(refused.error().text.ends_with("exit status 3, output: no disk"))
        << refused.error().text;
    co_await mysqld.close();
}

TEST(Mysqld, TemplateAndHookComeBeforeOurOwnText) {
    const Folder folder;
    folder.write_mysqld("exit 1");
    folder.write("template", "[mysqld]\nserver-id={{.ServerID}}\nport={{.MysqlPort}}\n");
    run_on_loop(write_by_template(&folder));
}

Task<void> start_what_ends() {
    Mysqld mysqld(cnf_of_test(), {});
    Stop stop;
    const auto made = co_await mysqld.init(&stop);
    EXPECT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::failed_precondition);
    EXPECT_TRUE(made.error().text.contains("mysqld ended before it took logins (exit status 7"))
        << made.error().text;
    EXPECT_TRUE(made.error().text.contains("out of luck")) << made.error().text;
    co_await mysqld.close();
}

TEST(Mysqld, AServerThatEndsIsToldWithItsLog) {
    const Folder folder;
    folder.write_mysqld("echo 'out of luck' >\"$VTDATAROOT/vt_0000000007/error.log\"; exit 7");
    run_on_loop(start_what_ends());
}

Task<void> start_what_is_silent() {
    Mysqld mysqld(cnf_of_test(), {});
    bool told = false;
    mysqld.on_end([&told] { told = true; });
    Stop stop;
    const async::Deadline deadline(&stop, 300ms, make_error(Code::deadline_exceeded, "late"));
    const auto made = co_await mysqld.init(&stop);
    EXPECT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::deadline_exceeded);
    EXPECT_TRUE(
        made.error().text.contains("deadline exceeded waiting for mysqld socket file to appear"))
        << made.error().text;
    // It cannot be asked to end, but it is ours.
    Stop unlimited;
    const auto ended = co_await mysqld.shutdown(true, &unlimited);
    EXPECT_TRUE(ended) << ended.error().text;
    EXPECT_FALSE(told);
    co_await mysqld.close();
}

TEST(Mysqld, AServerThatIsSilentIsGivenUp) {
    const Folder folder;
    folder.write_mysqld("exec sleep 60");
    run_on_loop(start_what_is_silent());
}

Task<void> start_nothing() {
    Mysqld mysqld(cnf_of_test(), {});
    Stop stop;
    EXPECT_TRUE(co_await mysqld.shutdown(true, &stop));
    const auto made = co_await mysqld.init(&stop);
    EXPECT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::not_found);
    EXPECT_TRUE(made.error().text.contains("mysqld not found in any of")) << made.error().text;
    co_await mysqld.close();
}

TEST(Mysqld, NoServerIsFine) {
    const Folder folder;
    ::setenv("VT_MYSQL_ROOT", folder.at("nowhere").c_str(), 1);
    run_on_loop(start_nothing());
}

Task<void> start_by_hook(const Folder* folder) {
    Mysqld mysqld(cnf_of_test(), {});
    Stop stop;
    const std::vector<std::string> words = {"--a", "--b"};
    const auto started = co_await mysqld.start(words, &stop);
    EXPECT_FALSE(started);
    EXPECT_EQ(text_of(folder->at("started")), "--a --b\n");
    co_await mysqld.close();
}

TEST(Programs, HooksStartAndStop) {
    const Folder folder;
    folder.write_mysqld("exit 1");
    folder.write("vthook/mysqld_start",
                 "#!/bin/sh\necho \"$@\" >\"$VTDATAROOT/started\"; exit 4\n");
    run_on_loop(start_by_hook(&folder));
    EXPECT_EQ(find_hook("mysqld_start"), folder.at("vthook/mysqld_start"));
    EXPECT_EQ(find_hook("mysqld_shutdown"), std::nullopt);
}

// gRPC over a unix socket, as a tablet in another container has it.
struct Door {
    explicit Door(Mysqld* mysqld) : service(mysqld) {
        service.add_to(&services);
        server.emplace(&services, rpc::ServerOptions{});
        auto opened = async::Listener::open({.unix_path = mysqld->cnf().folder() + "/rpc.sock"}, 1);
        listener.emplace(std::move(opened->front()));
        scope.spawn("rpc", server->serve(&*listener));
    }
    Task<void> close() {
        co_await server->drain(1ms);
        co_await scope.join();
    }
    Service service;
    rpc::Services services;
    std::optional<rpc::Server> server;
    std::optional<async::Listener> listener;
    async::Scope scope;
};

Task<void> call_remotely(Mysqld* mysqld, Stop* stop) {
    Door door(mysqld);
    Remote remote(mysqld->cnf().folder() + "/rpc.sock");
    const auto ended = co_await remote.shutdown(1min, stop);
    EXPECT_TRUE(ended) << ended.error().text;
    EXPECT_FALSE(fs::exists(mysqld->cnf().pid));
    const std::vector<std::string> bad = {"--no-such-option"};
    const auto refused = co_await remote.start(bad, stop);
    EXPECT_FALSE(refused);
    EXPECT_TRUE(refused.error().text.contains("no-such-option")) << refused.error().text;
    const auto started = co_await remote.start({}, stop);
    EXPECT_TRUE(started) << started.error().text;
    EXPECT_TRUE(co_await remote.reinit_config(stop));
    co_await remote.close();
    co_await door.close();
}

Task<void> whole_life(Stop* stop) {
    Mysqld mysqld(cnf_of_test(0), {.dba = {.user = "vt_dba"}});
    unsigned told = 0;
    async::WaitQueue ends;
    mysqld.on_end([&] {
        ++told;
        ends.wake_all();
    });
    const auto made = co_await mysqld.init(stop);
    EXPECT_TRUE(made) << made.error().text;
    if (!made) {
        Stop unlimited;
        static_cast<void>(co_await mysqld.shutdown(true, &unlimited));
        co_await mysqld.close();
        co_return;
    }
    const auto version = co_await mysqld.version(stop);
    EXPECT_TRUE(version && parse_server_version(*version)) << version.value_or("none");
    EXPECT_EQ((co_await mysqld.init(stop)).error().code, Code::failed_precondition);
    EXPECT_TRUE(co_await mysqld.start({}, stop)) << "it runs already";
    EXPECT_TRUE(co_await mysqld.run_upgrade(stop));
    co_await call_remotely(&mysqld, stop);
    EXPECT_EQ(told, 0U);

    const pid_t pid = std::stoi(text_of(mysqld.cnf().pid));
    ::kill(pid, SIGKILL);
    EXPECT_TRUE(told == 1 || co_await ends.wait(stop));
    EXPECT_EQ(told, 1U);
    const auto again = co_await mysqld.start({}, stop);
    EXPECT_TRUE(again) << again.error().text;
    const auto removed = co_await mysqld.teardown(false, stop);
    EXPECT_TRUE(removed) << removed.error().text;
    EXPECT_FALSE(fs::exists(mysqld.cnf().data));
    co_await mysqld.close();
}

Task<void> live_in_time() {
    Stop stop;
    const async::Deadline deadline(&stop, 10min, make_error(Code::deadline_exceeded, "late"));
    co_await whole_life(&stop);
}

TEST(MysqldOnMariadb, WholeLife) {
    const Folder folder;
    if (!mysql_root() || !find_server()) GTEST_SKIP() << "there is no mysqld";
    const auto text = run_program({.words = {*find_server(), "--version"}});
    ASSERT_TRUE(text) << text.error().text;
    if (!text->contains("MariaDB")) GTEST_SKIP() << "the mysqld here is not MariaDB's: " << *text;
    std::string extra = "skip-networking\ninnodb_buffer_pool_size = 16M\n";
    if (::getuid() == 0) extra += "user = root\n";
    folder.write("extra.cnf", extra);
    ::setenv("EXTRA_MY_CNF", folder.at("extra.cnf").c_str(), 1);
    run_on_loop(live_in_time());
}

}  // namespace
}  // namespace sluice::mysqlctl
