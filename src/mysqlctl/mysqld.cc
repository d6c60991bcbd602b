// The life of one server. Before: apps/mysqlctl, service.cc. After: programs.cc,
// mysql/connection.cc.
#include "mysqlctl/mysqld.h"

#include <filesystem>

#include <unistd.h>

#include "async/cross.h"
#include "async/deadline.h"
#include "async/file_version.h"
#include "async/wait_queue.h"
#include "base/log.h"
#include "mysqlctl/detail/files.h"
#include "mysqlctl/programs.h"
#include "mysqlctl/server_texts.h"
#include "sql/lexer.h"

namespace sluice::mysqlctl {
namespace {

// How often a server that starts or ends is looked at.
constexpr std::chrono::milliseconds look_again{100};
// A script of first statements; far above what anybody writes.
constexpr std::size_t largest_script = 16U << 20U;

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

std::unexpected<Error> with_log(const MyCnf& cnf, Error error) {
    error.text += "; " + detail::end_of_log(cnf.error_log);
    return fail(std::move(error));
}

}  // namespace

Mysqld::Mysqld(MyCnf cnf, MysqldOptions options)
    : cnf_(std::move(cnf)), options_(std::move(options)) {}

Mysqld::~Mysqld() = default;

Task<void> Mysqld::close() {
    closing_.request(make_error(Code::canceled, "nobody looks after the server any more"));
    co_await scope_.join();
    child_.reset();
}

mysql::Server Mysqld::dba() const {
    mysql::Server as = options_.dba;
    if (as.address == async::Address()) as.address.unix_path = cnf_.socket;
    return as;
}

Result<ServerVersion> Mysqld::program_version() {
    if (!version_) {
        const std::string text = TRY(run_program({.words = {TRY(find_server()), "--version"}}));
        version_ = TRY(parse_server_version(text));
    }
    return *version_;
}

Task<Result<void>> Mysqld::init(Stop* stop) {
    CO_TRY(init_config());
    CO_TRY(co_await async::blocking([this] { return install(); }));
    mysql::Server root;
    root.address.unix_path = cnf_.socket;
    root.user = "root";
    CO_TRY(launch({}));
    CO_TRY(co_await wait_until_ready(root, stop));
    std::string script;
    if (options_.first_statements.empty()) {
        script = first_statements(CO_TRY(program_version()));
    } else {
        script = CO_TRY(async::read_file(options_.first_statements, largest_script));
    }
    auto done = co_await run_statements(std::move(root), std::move(script), stop);
    if (!done) {
        const std::string whose =
            options_.first_statements.empty()
                ? "failed to initialize mysqld"
                : "can't run init_db_sql_file (" + options_.first_statements + ")";
        co_return fail(done.error().code, whose + ": " + done.error().text);
    }
    co_return Result<void>{};
}

// On the blocking pool.
Result<void> Mysqld::install() {
    const ServerVersion version = TRY(program_version());
    ProgramCall call{.folder = TRY(mysql_root())};
    std::vector<std::string> more;
    if (version.mariadb) {
        auto program = find_program("mariadb-install-db");
        if (!program) program = find_program("mysql_install_db");
        call.words = {TRY(std::move(program))};
        more = {"--auth-root-authentication-method=normal", "--skip-test-db"};
    } else {
        call.words = {TRY(find_server())};
        more = {"--initialize-insecure"};
    }
    call.words.push_back("--defaults-file=" + cnf_.path);
    call.words.push_back("--basedir=" + TRY(mysql_base()));
    call.words.insert(call.words.end(), more.begin(), more.end());
    log::info("making the data folder by " + call.words[0]);
    const auto made = run_program(call);
    if (!made) return with_log(cnf_, made.error());
    return {};
}

Result<void> Mysqld::launch(std::vector<std::string> arguments) {
    ProgramCall call{.folder = TRY(mysql_root())};
    ending_ = served_ = false;
    child_.reset();
    if (const auto hook = find_hook("mysqld_start")) {
        call.words = {*hook};
        call.words.insert(call.words.end(), arguments.begin(), arguments.end());
        TRY(run_program(call));
        return {};
    }
    auto program = find_watchdog();
    const bool watched = options_.watchdog && program;
    if (!watched) {
        program = find_server();
        TRY(detail::remove_stale_lock(cnf_.socket));
    }
    call.words = {TRY(std::move(program)), "--defaults-file=" + cnf_.path,
                  "--basedir=" + TRY(mysql_base())};
    call.words.insert(call.words.end(), arguments.begin(), arguments.end());
    call.environment = {"LD_LIBRARY_PATH=" + call.folder + "/lib/mysql"};
    const std::string output = options_.share_output ? "" : cnf_.folder() + "/mysqld.out";
    const pid_t pid = TRY(start_program(call, output));
    log::info("started " + call.words[0] + " as process " + std::to_string(pid));
    child_ = TRY(Child::adopt(pid));
    scope_.spawn("mysqld", watch(child_));
    return {};
}

Task<void> Mysqld::watch(std::shared_ptr<Child> child) {
    if (!co_await child->wait(&closing_)) co_return;
    log::info(std::string("the server's process has ended: ") + child->end_text());
    if (served_ && !ending_ && told_) told_();  // what never served has failed to start
}

Task<Result<void>> Mysqld::start(std::vector<std::string> arguments, Stop* stop) {
    if (exists(cnf_.socket)) {
        const mysql::Server as = dba();
        async::LinkedStop attempt(stop);
        const async::Deadline deadline(
            attempt.get(), as.connect_timeout,
            make_error(Code::deadline_exceeded, "the server does not answer"));
        if (co_await mysql::Connection::open(&as, {}, attempt.get())) {
            log::warning("mysqld runs already, on " + as.address.text());
            co_return Result<void>{};
        }
    }
    CO_TRY(launch(std::move(arguments)));
    co_return co_await wait_until_ready(dba(), stop);
}

Task<Result<void>> Mysqld::wait_until_ready(mysql::Server as, Stop* stop) {
    log::info("waiting for the server on " + as.address.text());
    for (;;) {
        if (child_ && child_->ended())
            co_return with_log(cnf_,
                               make_error(Code::failed_precondition,
                                          std::string("mysqld ended before it took logins (") +
                                              child_->end_text() + ")"));
        async::LinkedStop attempt(stop);
        const async::Deadline deadline(
            attempt.get(), as.connect_timeout,
            make_error(Code::deadline_exceeded, "the server does not answer"));
        const auto connection = co_await mysql::Connection::open(&as, {}, attempt.get());
        served_ = served_ || connection;
        if (connection) co_return Result<void>{};
        if (connection.error().number == er::access_denied)
            co_return fail(connection.error().code,
                           "mysqld runs, but refuses us: " + connection.error().text);
        if (stop->requested() || !co_await async::pause(look_again, stop)) break;
    }
    co_return with_log(cnf_,
                       make_error(Code::deadline_exceeded,
                                  "deadline exceeded waiting for mysqld socket file to appear: " +
                                      as.address.text()));
}

Task<Result<void>> Mysqld::run_statements(mysql::Server as, std::string text, Stop* stop) {
    const auto connection = CO_TRY(co_await mysql::Connection::open(&as, {}, stop));
    for (const std::string_view statement : sql::split_all(text, {})) {
        const auto reply = co_await connection->query(statement, nullptr, stop);
        if (reply) continue;
        // Passwords may stand in it, hence its beginning only.
        const std::string_view shown = statement.substr(statement.find_first_not_of(" \t\r\n"), 40);
        co_return fail(reply.error().code,
                       reply.error().text + " (errno " + std::to_string(reply.error().number) +
                           ") in the statement that begins with: " + std::string(shown));
    }
    co_return Result<void>{};
}

Task<Result<void>> Mysqld::ask_to_end(Stop* stop) {
    if (const auto hook = find_hook("mysqld_shutdown")) {
        const auto done = co_await async::blocking(
            [call = ProgramCall{.words = {*hook}}] { return run_program(call); });
        if (!done) co_return fail(done.error());
        co_return Result<void>{};
    }
    auto told = co_await run_statements(dba(), "SHUTDOWN", stop);
    // A server may end before its answer has left.
    if (told || told.error().number == er::cr_server_lost) co_return Result<void>{};
    if (child_ && !child_->ended() && !options_.watchdog) {
        log::warning("the server refuses to be asked: " + told.error().text + "; SIGTERM instead");
        child_->terminate();
        co_return Result<void>{};
    }
    co_return told;
}

Task<Result<void>> Mysqld::shutdown(bool wait, Stop* stop) {
    ending_ = true;
    // What we have started ourselves we see end; of others only the files tell.
    const auto runs = [this] {
        if (child_ && !options_.watchdog) return !child_->ended();
        return exists(cnf_.socket) || exists(cnf_.pid);
    };
    if (!runs()) {
        log::warning("assuming mysqld already shut down - no socket, no pid file found");
        co_return Result<void>{};
    }
    if (auto asked = co_await ask_to_end(stop); !asked) {
        const bool refused = asked.error().number == er::cr_conn_refused;
        if (!refused || detail::names_a_process(cnf_.pid)) co_return asked;
        log::warning("assuming mysqld already shut down - nobody listens on " +
                     dba().address.text() + ", and the process of " + cnf_.pid + " is gone");
        co_return Result<void>{};
    }
    while (wait && runs()) {
        if (!co_await async::pause(look_again, stop))
            co_return fail(Code::deadline_exceeded, "gave up waiting for mysqld to stop");
    }
    co_return Result<void>{};
}

Task<Result<void>> Mysqld::teardown(bool force, Stop* stop) {
    if (auto ended = co_await shutdown(true, stop); !ended) {
        log::warning("failed mysqld shutdown: " + ended.error().text);
        if (!force) co_return ended;
    }
    co_return detail::remove_data(cnf_);
}

Task<Result<void>> Mysqld::run_upgrade(Stop*) {
    const ServerVersion version =
        CO_TRY(co_await async::blocking([this] { return program_version(); }));
    if (!version.mariadb && version.at_least(8, 0, 16)) {
        log::info("the server brings its system tables to its version by itself");
        co_return Result<void>{};
    }
    auto program = find_program("mariadb-upgrade");
    if (!program) program = find_program("mysql_upgrade");
    if (!program) {
        log::warning("no upgrade of system tables: " + program.error().text);
        co_return Result<void>{};
    }
    const auto login = CO_TRY(detail::LoginFile::make(cnf_.temporary, dba()));
    ProgramCall call{.words = {*program, "--defaults-file=" + login.path(), "--force"}};
    call.environment = {"LD_LIBRARY_PATH=" + CO_TRY(mysql_root()) + "/lib/mysql"};
    const auto done = co_await async::blocking([&call] { return run_program(call); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Task<Result<std::string>> Mysqld::version(Stop* stop) {
    const mysql::Server as = dba();
    const auto connection = co_await mysql::Connection::open(&as, {}, stop);
    if (connection) {
        std::string_view text = (*connection)->server_version();
        constexpr std::string_view mariadb_mark = "5.5.5-";
        if (text.starts_with(mariadb_mark)) text.remove_prefix(mariadb_mark.size());
        co_return "Ver " + std::string(text);
    }
    co_return co_await async::blocking([]() -> Result<std::string> {
        return run_program({.words = {TRY(find_server()), "--version"}});
    });
}

}  // namespace sluice::mysqlctl
