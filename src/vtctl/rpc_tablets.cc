// The control plane asks a tablet. Before: detail/ask.h. After: rpc/channel.cc.
#include "vtctl/rpc_tablets.h"

#include "async/stream.h"

namespace sluice::vtctl {
namespace {

constexpr std::size_t max_page = 16 << 20;

// HTTP/1.0: the body ends with the connection.
Task<Result<std::string>> fetch(Tablets::Place web, std::string path, Stop* stop) {
    async::Address address;
    address.host = web.host;
    address.port = web.port;
    async::Stream stream{CO_TRY(co_await async::connect(address, stop, "web server"))};
    const std::string request = "GET " + path + " HTTP/1.0\r\nHost: " + web.host + "\r\n\r\n";
    CO_TRY(co_await stream.write(
        {reinterpret_cast<const std::uint8_t*>(request.data()), request.size()}, {}, stop));
    std::string answer;
    while (true) {
        const auto filled = co_await stream.fill(stop);
        const auto received = stream.received();
        answer.append(received.begin(), received.end());
        stream.consume(received.size());
        if (answer.size() > max_page)
            co_return fail(Code::resource_exhausted, "the page " + path + " is too large");
        if (filled) continue;
        if (filled.error().number == er::cr_server_lost) break;
        co_return std::unexpected(filled.error());
    }
    const std::size_t body = answer.find("\r\n\r\n");
    const bool is_good = answer.starts_with("HTTP/1.") && answer.substr(8, 4) == " 200";
    if (!is_good || body == answer.npos)
        co_return fail(Code::unavailable, "the page " + path + " cannot be had: " +
                                              answer.substr(0, answer.find('\r')));
    co_return answer.substr(body + 4);
}

}  // namespace

Task<Result<std::string>> RpcTablets::call(Place place, std::string method, std::string request,
                                           Duration timeout, Stop* stop) {
    if (place.port == 0)
        co_return fail(Code::unavailable, "tablet " + place.alias + " has no gRPC port");
    auto& channel = channels_[place];
    if (!channel) {
        rpc::ChannelOptions options = common_;
        options.address.host = place.host;
        options.address.port = place.port;
        channel = std::make_unique<rpc::Channel>(std::move(options));
    }
    const std::string name = "/tabletmanagerservice.TabletManager/" + method;
    const rpc::Bytes pieces[] = {
        {reinterpret_cast<const std::uint8_t*>(request.data()), request.size()}};
    const rpc::Message answer =
        CO_TRY(co_await channel->unary(name, pieces, {.timeout = timeout}, stop));
    co_return std::string(answer.view().begin(), answer.view().end());
}

Task<Result<std::string>> RpcTablets::page(Place web, std::string path, Duration timeout,
                                           Stop* stop) {
    if (web.port == 0)
        co_return fail(Code::unavailable, "tablet " + web.alias + " has no web server");
    async::LinkedStop bounded(stop);
    const async::Deadline deadline(
        bounded.get(), timeout, make_error(Code::deadline_exceeded, "context deadline exceeded"));
    co_return co_await fetch(std::move(web), std::move(path), bounded.get());
}

Task<void> RpcTablets::close() {
    for (auto& [place, channel] : channels_) co_await channel->close();
    channels_.clear();
}

}  // namespace sluice::vtctl
