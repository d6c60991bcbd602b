// vtctldclient calls vtctld. Before: detail/command.h. After: rpc/channel.cc, service.cc.
#include "vtctl/rpc_caller.h"

#include <charconv>
#include <chrono>

#include "rpc/messages.h"
#include "vtctldata.pb.h"

namespace sluice::vtctl {
namespace {

// As Go's gRPC spells a code: "NotFound".
std::string go_name(Code code) {
    std::string name;
    bool starts_word = true;
    for (const char c : code_name(code)) {
        if (c == '_') {
            starts_word = true;
            continue;
        }
        name += starts_word ? c : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        starts_word = false;
    }
    return name;
}

Error as_go_prints(Error error) {
    error.text = "rpc error: code = " + go_name(error.code) + " desc = " + error.text;
    return error;
}

Told::Level level_of(logutil::Level level) {
    switch (level) {
        case logutil::WARNING:
            return Told::Level::warning;
        case logutil::ERROR:
            return Told::Level::error;
        case logutil::CONSOLE:
            return Told::Level::console;
        default:
            return Told::Level::info;
    }
}

}  // namespace

Task<Result<std::string>> RpcCaller::call(std::string method, std::string request, Stop* stop) {
    const std::string name = "/vtctlservice.Vtctld/" + method;
    const rpc::Bytes pieces[] = {
        {reinterpret_cast<const std::uint8_t*>(request.data()), request.size()}};
    const auto answer = co_await channel_.unary(name, pieces, {}, stop);
    if (!answer) co_return std::unexpected(as_go_prints(answer.error()));
    co_return std::string(answer->view().begin(), answer->view().end());
}

Task<Result<void>> RpcCaller::run_command(std::vector<std::string> words, Listener listener,
                                          Stop* stop) {
    vtctldata::ExecuteVtctlCommandRequest request;
    request.mutable_args()->Add(words.begin(), words.end());
    rpc::ClientCall call;
    CO_TRY(co_await channel_.start(&call, "/vtctlservice.Vtctl/ExecuteVtctlCommand", {}, stop));
    // An error says only that the call is over: receiving tells why.
    static_cast<void>(co_await rpc::send(&call, &request, stop));
    call.finish_sending();
    vtctldata::ExecuteVtctlCommandResponse response;
    for (;;) {
        const auto more = co_await rpc::receive(&call, &response, stop);
        if (!more) co_return std::unexpected(as_go_prints(more.error()));
        if (!*more) co_return Result<void>{};
        listener({level_of(response.event().level()), response.event().value()});
    }
}

Result<void> set_address(std::string_view text, rpc::ChannelOptions* into) {
    const std::size_t colon = text.rfind(':');
    std::uint16_t port = 0;
    const std::string_view digits = colon == text.npos ? "" : text.substr(colon + 1);
    const auto [at, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failure != std::errc{} || at != digits.data() + digits.size() || colon == 0)
        return fail(Code::invalid_argument,
                    "--server " + std::string(text) + " is not of the form HOST:PORT");
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    into->address.host = host;
    into->address.port = port;
    return {};
}

topo::Time wall_clock() {
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    return {now / 1'000'000'000, static_cast<std::int32_t>(now % 1'000'000'000)};
}

}  // namespace sluice::vtctl
