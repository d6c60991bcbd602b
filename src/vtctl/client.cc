// vtctldclient: the command line. Before: apps/vtctldclient. After: client_cells.cc and the other
// families.
#include "vtctl/client.h"

#include <algorithm>
#include <deque>

#include "servenv/duration.h"
#include "servenv/version.h"
#include "vtctl/detail/command.h"

namespace sluice::vtctl {
namespace {

using detail::Command;
using detail::CommandFlag;
using detail::FlagValue;
using servenv::Flag;
using servenv::FlagSet;

constexpr std::string_view global_group = "Global Flags";

void add_log_flags(FlagSet& set, ClientFlags& flags) {
    servenv::add_flags(set, flags.log);
    set.remove("log_err_stacks");
    set.add(std::vector<Flag>{
        {"log_link", &flags.log_link, "folder of symbolic links to the log files"},
        {"logbuflevel", &flags.log_buffer_level, "severity up to which log lines are held back"}});
    for (const char* name : {"log_link", "logbuflevel", "log_backtrace_at", "v", "vmodule"})
        set.inert(name, "there is nothing that it would change");
    set.set_letter("v", 'v');
}

void add_rpc_flags(FlagSet& set, ClientFlags& flags) {
    servenv::RpcClientFlags& rpc = flags.rpc;
    set.add(std::vector<Flag>{
        {"vtctld_grpc_ca", &rpc.ca, "CA of vtctld's certificate; turns on TLS"},
        {"vtctld_grpc_cert", &rpc.cert, "certificate to show to vtctld"},
        {"vtctld_grpc_key", &rpc.key, "key of --vtctld_grpc_cert"},
        {"vtctld_grpc_crl", &rpc.crl, "revoked certificates"},
        {"vtctld_grpc_server_name", &rpc.server_name, "name that vtctld's certificate must carry"},
        {"grpc_auth_static_client_creds", &rpc.auth_static_client_creds,
         "JSON file of the user and password for a vtctld that asks for them"},
        {"grpc_compression", &rpc.compression, "how calls are compressed: snappy, or not at all"},
        {"grpc_initial_conn_window_size", &rpc.initial_conn_window_size,
         "HTTP/2 window of the connection; 0 is the default"},
        {"grpc_initial_window_size", &rpc.initial_window_size,
         "HTTP/2 window of a call; 0 is the default"},
        {"grpc_keepalive_time", &rpc.keepalive_time, "silence after which vtctld is pinged"},
        {"grpc_keepalive_timeout", &rpc.keepalive_timeout,
         "how long the answer to a ping is waited for"},
        {"grpc_max_message_size", &flags.max_message_size, "largest message in bytes"},
        {"grpc_enable_tracing", &flags.enable_tracing, "trace gRPC calls"},
        {"grpc_prometheus", &flags.prometheus, "count gRPC calls for Prometheus"},
        {"vtctl_client_protocol", &flags.protocol, "how vtctld is called; only grpc"}});
}

void add_global_flags(FlagSet& set, ClientFlags& flags) {
    add_log_flags(set, flags);
    add_rpc_flags(set, flags);
    set.add(std::vector<Flag>{
        {"server", &flags.server,
         "vtctld's HOST:PORT, or internal: work on the topology without a vtctld (required)"},
        {"action_timeout", &flags.action_timeout, "how long the command may take"},
        {"compact", &flags.compact, "leave fields without a value out of JSON"},
        {"topo-implementation", &flags.topo_implementation, "kind of topology store"},
        {"topo-global-server-address", &flags.topo_global_server_address,
         "addresses of the global topology"},
        {"topo-global-root", &flags.topo_global_root, "path of the global topology in its store"},
        {"mysql_server_version", &flags.mysql_server_version, "the servers' version"},
        {"security_policy", &flags.security_policy, "who may see web pages"}});
    for (const char* name :
         {"grpc_enable_tracing", "grpc_prometheus", "mysql_server_version", "security_policy"})
        set.inert(name, "there is nothing that it would change");
}

std::string list_of_commands() {
    constexpr std::size_t width = 28;
    std::string text = "\nAvailable Commands:\n";
    for (const Command* command : detail::all_commands()) {
        if (command->hidden) continue;
        const std::size_t pad = width - std::min(width - 1, command->name.size());
        text += "  " + std::string(command->name) + std::string(pad, ' ') +
                std::string(command->summary) + "\n";
    }
    return text;
}

servenv::Program root_program() {
    return {.name = "vtctldclient",
            .summary =
                "Asks vtctld to look at a cluster or to change it. Without a vtctld, with "
                "--server internal, the\ntopology can be worked on; the --topo flags say "
                "where it is.",
            .usage = "  vtctldclient [flags]\n  vtctldclient [command]\n" + list_of_commands(),
            .footer =
                "\nUse \"vtctldclient [command] --help\" for more information about a command.\n"};
}

servenv::Program program_of(const Command& command) {
    std::string usage = "  vtctldclient " + std::string(command.name);
    if (!command.usage.empty()) usage += " " + std::string(command.usage);
    usage += "\n";
    if (!command.aliases.empty()) {
        usage += "\nAliases:\n  " + std::string(command.name);
        for (const std::string_view alias : command.aliases) usage += ", " + std::string(alias);
        usage += "\n";
    }
    return {.name = std::string(command.name),
            .summary = std::string(command.summary),
            .usage = std::move(usage),
            .has_version = false};
}

Result<void> check_words(const Command& command, const std::vector<std::string>& words) {
    const int count = static_cast<int>(words.size());
    const std::string received = std::to_string(count);
    if (command.most == 0 && count > 0)
        return fail(Code::invalid_argument, "unknown command \"" + words[0] +
                                                "\" for \"vtctldclient " +
                                                std::string(command.name) + "\"");
    if (command.most == command.least && count != command.least)
        return fail(Code::invalid_argument,
                    "accepts " + std::to_string(command.least) + " arg(s), received " + received);
    if (count < command.least)
        return fail(Code::invalid_argument, "requires at least " + std::to_string(command.least) +
                                                " arg(s), only received " + received);
    return {};
}

}  // namespace

struct Invocation::State {
    ClientFlags flags;
    const Command* command = nullptr;
    std::deque<FlagValue> values;  // of the command's flags
    std::deque<servenv::WordType> types;
    std::unique_ptr<FlagSet> set;
    std::vector<std::string> words;

    void add_command_flags();
    Answer usage_failure(const FlagSet& of, const Error& error) const {
        return {.usage = of.usage() + "\n", .error = error};
    }
};

void Invocation::State::add_command_flags() {
    for (const CommandFlag& flag : command->flags) {
        FlagValue& value = values.emplace_back(flag.initial);
        const servenv::FlagTarget target =
            std::visit([](auto& held) -> servenv::FlagTarget { return &held; }, value);
        Flag made{.name = flag.name, .target = target, .help = flag.help, .letter = flag.letter};
        if (!flag.type.empty()) {
            made.words = &types.emplace_back(servenv::WordType{
                flag.type,
                [](std::string_view text) -> Result<std::string> { return std::string(text); }});
        }
        set->add(std::span(&made, 1));
    }
    if (command->name == "AddCellInfo") set->require("root");
}

Invocation::Invocation() : state_(std::make_unique<State>()) {}
Invocation::Invocation(Invocation&&) noexcept = default;
Invocation::~Invocation() = default;

const ClientFlags& Invocation::flags() const {
    return state_->flags;
}

bool Invocation::needs_server() const {
    return state_->command != nullptr && !state_->command->local;
}

std::optional<Invocation::Answer> Invocation::parse(const std::vector<std::string>& arguments) {
    State& state = *state_;
    std::vector<std::string> words;
    FlagSet root(root_program());
    add_global_flags(root, state.flags);
    root.take_words(&words, FlagSet::Words::end_flags);
    const auto asked = root.parse(arguments);
    if (!asked) return state.usage_failure(root, asked.error());
    if (*asked == FlagSet::Request::help) return Answer{.out = root.help()};
    if (*asked == FlagSet::Request::version)
        return Answer{.out = "vtctldclient version " + servenv::version_text() + "\n"};
    if (!words.empty() && words[0] == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
        if (words.size() == 1) return Answer{.out = root.help()};
    }
    if (words.empty()) return Answer{};
    state.command = detail::find_command(words[0]);
    if (state.command == nullptr)
        return state.usage_failure(
            root, make_error(Code::invalid_argument, "unknown command: " + words[0]));
    state.set = std::make_unique<FlagSet>(program_of(*state.command));
    add_global_flags(*state.set, state.flags);
    state.set->regroup("", global_group);
    state.add_command_flags();
    words.erase(words.begin());
    // A command that is refused is so whatever flags it is given.
    if (state.command->run == nullptr && std::ranges::find(words, "--help") == words.end())
        return Answer{
            .error = make_error(Code::unimplemented, std::string(state.command->name) +
                                                         " is not supported by this vtctldclient")};
    state.set->take_words(&state.words);
    const auto request = state.set->parse(words);
    if (!request) return state.usage_failure(*state.set, request.error());
    if (*request == FlagSet::Request::help) return Answer{.out = state.set->help()};
    if (const auto checked = check_words(*state.command, state.words); !checked)
        return state.usage_failure(*state.set, checked.error());
    if (needs_server() && state.flags.server.empty())
        return state.usage_failure(
            *state.set,
            make_error(Code::invalid_argument,
                       "please specify --server <vtctld_host:vtctld_port> to specify the vtctld "
                       "server to connect to"));
    return std::nullopt;
}

Task<Result<void>> Invocation::run(Caller* caller, const Output* output, Stop* stop) {
    State& state = *state_;
    detail::Client client(state.command, state.set.get(), state.words, state.flags.compact, caller,
                          output, stop);
    co_return co_await state.command->run(&client);
}

}  // namespace sluice::vtctl
