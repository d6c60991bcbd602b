#pragma once
// The table of vtctldclient's commands, and what a running command has at hand.
#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <google/protobuf/message.h>

#include "servenv/flags.h"
#include "topodata.pb.h"
#include "vtctl/client.h"
#include "vtctldata.pb.h"

namespace sluice::vtctl::detail {

namespace message = ::vtctldata;

using FlagValue = std::variant<bool, std::int64_t, std::string, servenv::Duration,
                               std::vector<std::string>, servenv::RepeatedText>;

struct CommandFlag {
    std::string_view name;
    char letter = '\0';
    FlagValue initial;
    std::string_view help;
    std::string_view type = {};  // as --help shows it, if it is not the value's own
};

class Client;

struct Command {
    std::string_view name;
    std::vector<std::string_view> aliases = {};
    std::string_view usage = {};
    std::string_view summary;
    std::vector<CommandFlag> flags = {};
    int least = 0;                                        // words behind the flags
    int most = 0;                                         // -1: any number
    Task<Result<void>> (*run)(Client* client) = nullptr;  // null: it is refused
    bool local = false;                                   // needs no server
    bool hidden = false;                                  // not in the list of commands
};

// By families.
const std::vector<Command>& cell_commands();
const std::vector<Command>& keyspace_commands();
const std::vector<Command>& shard_commands();
const std::vector<Command>& tablet_commands();
const std::vector<Command>& query_commands();
const std::vector<Command>& reparent_commands();
const std::vector<Command>& schema_commands();
const std::vector<Command>& vschema_commands();
const std::vector<Command>& serving_commands();
const std::vector<Command>& check_commands();
const std::vector<Command>& backup_commands();
const std::vector<Command>& workflow_commands();
const std::vector<Command>& legacy_commands();
// v21's commands that are refused: a name and what it would do.
const std::vector<Command>& refused_commands();

const Command* find_command(std::string_view name);
std::vector<const Command*> all_commands();  // in the order of names

// What a command works with.
class Client {
 public:
    Client(const Command* command, const servenv::FlagSet* flags, std::vector<std::string> words,
           bool compact, Caller* caller, const Output* output, Stop* stop)
        : command_(command),
          flags_(flags),
          words_(std::move(words)),
          compact_(compact),
          caller_(caller),
          output_(output),
          stop_(stop) {}

    std::string_view name() const { return command_->name; }
    const std::vector<std::string>& words() const { return words_; }
    const std::string& word(std::size_t i) const { return words_[i]; }
    bool is_set(std::string_view flag) const { return flags_->is_set(flag); }
    bool on(std::string_view flag) const { return *target<bool>(flag); }
    std::int64_t number(std::string_view flag) const { return *target<std::int64_t>(flag); }
    const std::string& text(std::string_view flag) const { return *target<std::string>(flag); }
    servenv::Duration duration(std::string_view flag) const {
        return *target<servenv::Duration>(flag);
    }
    const std::vector<std::string>& list(std::string_view flag) const {
        return *target<std::vector<std::string>>(flag);
    }
    const std::vector<std::string>& repeated(std::string_view flag) const {
        return target<servenv::RepeatedText>(flag)->values;
    }

    void print(std::string_view text) { output_->print(text); }
    void line(std::string_view text) { output_->print(std::string(text) + "\n"); }
    // As v21 prints a message: every field, indented; with --compact those with a value.
    std::string json(const google::protobuf::Message& one) const;
    void print_json(const google::protobuf::Message& one) { line(json(one)); }

    // Calls the method that the request is named after.
    template <class Response, class Request>
    Task<Result<Response>> call(Request request) {
        std::string method = Request::descriptor()->name();
        method.resize(method.size() - std::string_view("Request").size());
        const std::string answer =
            CO_TRY(co_await caller_->call(std::move(method), request.SerializeAsString(), stop_));
        Response response;
        if (!response.ParseFromString(answer))
            co_return fail(Code::internal, "the answer is no " + response.GetTypeName());
        co_return response;
    }

    // Runs a command line on the control plane's side, and passes on what it tells.
    Task<Result<void>> run_there(std::vector<std::string> words);

 private:
    template <class T>
    const T* target(std::string_view flag) const {
        return std::get<T*>(flags_->find_entry(flag)->target);
    }

    const Command* command_;
    const servenv::FlagSet* flags_;
    std::vector<std::string> words_;
    bool compact_;
    Caller* caller_;
    const Output* output_;
    Stop* stop_;
};

// Words of the command line.
Result<topodata::TabletAlias> alias_of(std::string_view text);
struct KeyspaceShard {
    std::string keyspace;
    std::string shard;
};
Result<KeyspaceShard> keyspace_shard_of(std::string_view text);
Result<topodata::TabletType> tablet_type_of(std::string_view text);
Result<bool> boolean_of(std::string_view text);
Result<std::string> file_contents(const std::string& path);
template <class Message>
void set_duration(servenv::Duration duration, Message* message) {
    message->set_seconds(duration.count() / 1'000'000'000);
    message->set_nanos(static_cast<std::int32_t>(duration.count() % 1'000'000'000));
}

// A tablet in one line, a message list or map as Go's JSON package prints it, and a result as a
// table.
std::string tablet_line(const topodata::Tablet& tablet);
std::string tags_text(const google::protobuf::Map<std::string, std::string>& tags);
template <class List>
std::string go_list(const List& list);
template <class Map>
std::string go_map(const Map& map);
std::string go_json(const google::protobuf::Message& one);
std::string go_lines(std::vector<std::string> parts, char open, char close);
// "I1126 11:06:36.123456 file:12] text"
std::string event_line(const logutil::Event& event);

template <class List>
std::string go_list(const List& list) {
    std::vector<std::string> parts;
    for (const auto& one : list) parts.push_back(go_json(one));
    return go_lines(std::move(parts), '[', ']');
}

std::string go_string(std::string_view text);

template <class Map>
std::string go_map(const Map& map) {
    std::map<std::string, std::string> sorted;
    for (const auto& [key, value] : map) sorted[go_string(key)] = go_json(value);
    std::vector<std::string> parts;
    for (const auto& [key, value] : sorted) parts.push_back(key + ":" + value);
    return go_lines(std::move(parts), '{', '}');
}

}  // namespace sluice::vtctl::detail
