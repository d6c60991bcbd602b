// A command line of vtctlclient arrives. Before: rpc/server_call.cc. After: client.cc, which reads
// it, and service.cc, which is called in this process.
#include "vtctl/console.h"

#include <deque>

#include "async/wait_queue.h"
#include "rpc/messages.h"
#include "rpc/server_call.h"
#include "vtctl/client.h"
#include "vtctl/detail/old_words.h"
#include "vtctl/rpc_caller.h"
#include "vtctldata.pb.h"

namespace sluice::vtctl {
namespace {

Told::Level level_of(log::Severity severity) {
    if (severity == log::Severity::info) return Told::Level::info;
    return severity == log::Severity::warning ? Told::Level::warning : Told::Level::error;
}

Output output_to(const Listener* listener) {
    return {.print =
                [listener](std::string_view text) {
                    (*listener)({Told::Level::console, std::string(text)});
                },
            .log =
                [listener](log::Severity severity, std::string_view text) {
                    (*listener)({level_of(severity), std::string(text)});
                }};
}

// Whether the line begins with words that say whose words it is in; they are taken off.
bool take_dialect(std::vector<std::string>* words) {
    bool is_new = false;
    while (!words->empty()) {
        const std::string& first = words->front();
        if (first == "VtctldCommand") is_new = true;
        if (first != "VtctldCommand" && first != "LegacyVtctlCommand") break;
        words->erase(words->begin());
    }
    return is_new;
}

logutil::Level wire_level(Told::Level level) {
    switch (level) {
        case Told::Level::info:
            return logutil::INFO;
        case Told::Level::warning:
            return logutil::WARNING;
        case Told::Level::error:
            return logutil::ERROR;
        case Told::Level::console:
            break;
    }
    return logutil::CONSOLE;
}

// What a running command has told and the call has not sent yet.
struct Stream {
    const Control* control;
    std::vector<std::string> words;
    rpc::ServerCall* call;
    std::deque<vtctldata::ExecuteVtctlCommandResponse> waiting = {};
    async::WaitQueue arrived = {};
    std::optional<Result<void>> outcome = {};

    void add(const Told& told) {
        logutil::Event* event = waiting.emplace_back().mutable_event();
        const topo::Time now = control->now();
        event->mutable_time()->set_seconds(now.seconds);
        event->mutable_time()->set_nanoseconds(now.nanoseconds);
        event->set_level(wire_level(told.level));
        event->set_file("vtctl");
        event->set_value(told.text);
        arrived.wake_all();
    }
};

Task<void> run_for(Stream* stream) {
    stream->outcome = co_await run_command_line(
        stream->control, std::move(stream->words),
        [stream](const Told& told) { stream->add(told); }, stream->call->stop());
    stream->arrived.wake_all();
}

// A client that is gone hears nothing more; its command ends with its call.
Task<void> send_all(Stream* stream) {
    while (!stream->outcome || !stream->waiting.empty()) {
        if (stream->waiting.empty()) {
            static_cast<void>(co_await stream->arrived.wait(nullptr));
            continue;
        }
        const auto next = std::move(stream->waiting.front());
        stream->waiting.pop_front();
        static_cast<void>(co_await rpc::send(stream->call, &next));
    }
}

Task<Result<void>> serve(const Control* control, rpc::ServerCall* call) {
    const auto request =
        CO_TRY(co_await rpc::only_request<vtctldata::ExecuteVtctlCommandRequest>(call));
    Stream stream{
        .control = control, .words = {request.args().begin(), request.args().end()}, .call = call};
    async::Scope scope;
    scope.spawn("command", run_for(&stream));
    co_await send_all(&stream);
    co_await scope.join();
    if (!*stream.outcome) co_return fail(Code::unknown, stream.outcome->error().text);
    co_return Result<void>{};
}

}  // namespace

Task<Result<void>> run_command_line(const Control* control, std::vector<std::string> words,
                                    Listener listener, Stop* stop) {
    const bool is_new = take_dialect(&words);
    const bool is_empty = words.empty();
    if (is_empty) words = {"help"};
    if (!is_new) words = detail::words_of_today(std::move(words));
    words.insert(words.begin(), "--server=internal");
    const Output output = output_to(&listener);
    Invocation invocation;
    if (const auto answer = invocation.parse(words)) {
        output.print(answer->out + answer->usage);
        if (answer->error) co_return std::unexpected(*answer->error);
        if (is_empty) co_return fail(Code::invalid_argument, "no command was specified");
        co_return Result<void>{};
    }
    Control own = *control;
    own.listener = listener;
    Service service(std::move(own));
    LocalCaller caller(&service);
    co_return co_await invocation.run(&caller, &output, stop);
}

void add_console(rpc::Services* services, const Control* control) {
    services->add("/vtctlservice.Vtctl/ExecuteVtctlCommand", rpc::Requests::one,
                  [control](rpc::ServerCall* call) { return serve(control, call); });
}

}  // namespace sluice::vtctl
