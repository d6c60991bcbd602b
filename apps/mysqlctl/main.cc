// mysqlctl: makes, starts and stops the MySQL server of a tablet.
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include "async/deadline.h"
#include "base/log.h"
#include "mysqlctl/remote.h"
#include "mysqlctl/settings.h"
#include "position.h"
#include "servenv/command_line.h"
#include "servenv/front.h"
#include "servenv/glog.h"

namespace sluice::mysqlctl {
namespace {

using servenv::FlagSet;
using servenv::MysqlctlCommand;

constexpr const char* summary =
    "mysqlctl works on the MySQL or MariaDB server that belongs to a tablet: it writes my.cnf, "
    "makes the data folder, starts the server with the users that vttablet logs in as, and stops "
    "it. Where there is a mysqld_safe, that one starts the server, and starts it again when it "
    "dies.";

struct CommandText {
    MysqlctlCommand command;
    const char* name;
    const char* usage;
    const char* summary;
};
constexpr CommandText commands[] = {
    {MysqlctlCommand::init, "init", "", "Makes folders, my.cnf and data, and starts the server."},
    {MysqlctlCommand::init_config, "init_config", "",
     "Makes folders and my.cnf, and starts nothing."},
    {MysqlctlCommand::position, "position", "<operation> <pos1> <pos2 | gtid>",
     "Computes with replication positions: equal, at_least, append."},
    {MysqlctlCommand::reinit_config, "reinit_config", "",
     "Writes my.cnf anew, with another server-id."},
    {MysqlctlCommand::shutdown, "shutdown", "", "Stops the server; its files stay."},
    {MysqlctlCommand::start, "start", "", "Starts a server that init has made."},
    {MysqlctlCommand::teardown, "teardown", "", "Stops the server and removes its data."},
};

const CommandText* find_command(const std::string& name) {
    for (const CommandText& one : commands) {
        if (name == one.name) return &one;
    }
    return nullptr;
}

servenv::Program whole_program() {
    std::string usage = "  mysqlctl [command]\n\nAvailable Commands:\n";
    for (const CommandText& one : commands) {
        std::string line = "  " + std::string(one.name);
        line.resize(16, ' ');
        usage += line + one.summary + "\n";
    }
    return {
        .name = "mysqlctl",
        .summary = summary,
        .usage = usage,
        .footer = "\nUse \"mysqlctl [command] --help\" for more information about a command.\n"};
}

servenv::Program program_of(const CommandText& command) {
    std::string usage = "  mysqlctl " + std::string(command.name);
    if (*command.usage != '\0') usage += " " + std::string(command.usage);
    return {.name = "mysqlctl", .summary = command.summary, .usage = usage + " [flags]\n"};
}

// The command's name may stand anywhere among the flags: it is looked for with the flags of all
// commands. nullptr: what is to be answered without one has been answered, with `status`.
const CommandText* find_in(const std::vector<std::string>& arguments, int* status) {
    servenv::MysqlctlFlags flags;
    std::vector<std::string> words;
    FlagSet all(whole_program());
    servenv::add_flags(all, flags);
    servenv::add_all_command_flags(all, flags.own);
    all.take_words(&words);
    auto request = all.parse(arguments);
    const bool helps = request && *request == FlagSet::Request::help;
    if (!words.empty() && words[0] == "help") words.erase(words.begin());
    const CommandText* const command = words.empty() ? nullptr : find_command(words[0]);
    if (command != nullptr && request && (helps || *request == FlagSet::Request::run))
        return command;
    if (request && !words.empty() && !helps)
        servenv::exit_with(1, words[0] == "completion"
                                  ? "completion is not supported by mysqlctl"
                                  : "unknown command \"" + words[0] + "\" for \"mysqlctl\"");
    if (request && *request == FlagSet::Request::run) request = FlagSet::Request::help;
    *status = servenv::answer_at_once(all, request).value_or(1);
    return nullptr;
}

Task<Result<void>> work_remotely(const servenv::OwnServerFlags* flags, MysqlctlCommand command,
                                 Stop* stop) {
    Remote remote(flags->mysqlctl_socket);
    Result<void> outcome;
    if (command == MysqlctlCommand::start) {
        outcome = co_await remote.start(flags->mysqld_args, stop);
    } else if (command == MysqlctlCommand::shutdown) {
        outcome = co_await remote.shutdown(flags->wait_time, stop);
    } else if (command == MysqlctlCommand::reinit_config) {
        outcome = co_await remote.reinit_config(stop);
    } else {
        outcome = fail(Code::invalid_argument,
                       "a mysqlctld (--mysqlctl_socket) can start, shutdown and reinit_config; it "
                       "makes its server itself");
    }
    co_await remote.close();
    co_return outcome;
}

// "failed init mysql: <why>", as v21 says it.
Result<void> explained(Result<void> outcome, const char* what) {
    if (outcome) return outcome;
    return fail(outcome.error().code, std::string(what) + ": " + outcome.error().text);
}

Task<Result<void>> work_on(Mysqld* mysqld, const servenv::OwnServerFlags* flags,
                           MysqlctlCommand command, Stop* stop) {
    switch (command) {
        case MysqlctlCommand::init:
            co_return explained(co_await mysqld->init(stop), "failed init mysql");
        case MysqlctlCommand::init_config:
            co_return explained(mysqld->init_config(), "failed to init mysql config");
        case MysqlctlCommand::reinit_config:
            co_return explained(mysqld->reinit_config(), "failed to reinit mysql config");
        case MysqlctlCommand::start:
            co_return explained(co_await mysqld->start(flags->mysqld_args, stop),
                                "failed start mysql");
        case MysqlctlCommand::shutdown:
            co_return explained(co_await mysqld->shutdown(true, stop), "failed shutdown mysql");
        case MysqlctlCommand::teardown:
            co_return explained(co_await mysqld->teardown(flags->force, stop),
                                "failed teardown mysql");
        case MysqlctlCommand::position:
            break;
    }
    co_return bug("a command without a server reached one");
}

Task<Result<void>> work(const servenv::MysqlctlFlags* flags, MysqlctlCommand command) {
    Stop stop;
    const async::Deadline deadline(
        &stop, flags->own.wait_time,
        make_error(Code::deadline_exceeded,
                   "not within --wait_time=" + servenv::to_text(flags->own.wait_time)));
    if (!flags->own.mysqlctl_socket.empty())
        co_return co_await work_remotely(&flags->own, command, &stop);
    const bool fresh = command == MysqlctlCommand::init || command == MysqlctlCommand::init_config;
    auto cnf = fresh ? Result<MyCnf>(planned_my_cnf(flags->own)) : existing_my_cnf(flags->own);
    if (!cnf) co_return fail(cnf.error().code, "failed to find mysql config: " + cnf.error().text);
    MysqldOptions options = CO_TRY(mysqld_options(*flags));
    options.watchdog = true;
    Mysqld mysqld(std::move(*cnf), std::move(options));
    auto outcome = co_await work_on(&mysqld, &flags->own, command, &stop);
    co_await mysqld.close();
    co_return outcome;
}

Task<void> whole(const servenv::MysqlctlFlags* flags, MysqlctlCommand command,
                 Result<void>* outcome) {
    *outcome = co_await work(flags, command);
}

Result<void> run(const servenv::MysqlctlFlags& flags, MysqlctlCommand command,
                 std::vector<std::string> words) {
    words.erase(words.begin());
    if (command == MysqlctlCommand::position) {
        std::printf("%s\n", TRY(compute_position(words)).c_str());
        return {};
    }
    if (!words.empty())
        return fail(Code::invalid_argument,
                    "unknown command \"" + words[0] + "\" for \"mysqlctl\": one command at a time");
    if (::geteuid() == 0 && flags.own.mysqlctl_socket.empty())
        return fail(Code::permission_denied,
                    "mysqlctl cannot be run as root. Please run as a different user");
    Result<void> outcome;
    async::Loop loop;
    run_until_done(loop, whole(&flags, command, &outcome));
    return outcome;
}

int main_of(const std::vector<std::string>& arguments) {
    int status = 1;
    const CommandText* const command = find_in(arguments, &status);
    if (command == nullptr) return status;
    servenv::MysqlctlFlags flags;
    std::vector<std::string> words;
    FlagSet set(program_of(*command));
    servenv::add_flags(set, flags);
    servenv::add_command_flags(set, flags.own, command->command);
    set.take_words(&words);
    const bool asks_for_help = arguments[0] == "help";
    const auto serve = [&](servenv::Config&) {
        const auto outcome = run(flags, command->command, words);
        if (!outcome) servenv::exit_with(1, outcome.error().text);
        servenv::flush_logs();
        return 0;
    };
    return servenv::run_front({.flags = &set,
                               .log = &flags.log,
                               .config = &flags.config,
                               .keys = servenv::own_config_keys(),
                               .validate = [&] { return servenv::validate(flags); },
                               .serve = serve},
                              asks_for_help ? std::vector<std::string>{"--help"} : arguments);
}

}  // namespace
}  // namespace sluice::mysqlctl

int main(int count, char** words) {
    return sluice::mysqlctl::main_of(std::vector<std::string>(words + 1, words + count));
}
