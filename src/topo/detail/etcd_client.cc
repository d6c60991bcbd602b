// Beside requests: the way of topology stores to etcd. Before: detail/etcd_store.cc. After:
// rpc/channel.cc.
#include "topo/detail/etcd_client.h"

#include <charconv>

#include "async/wait_queue.h"
#include "base/log.h"
#include "rpc/chance.h"

namespace sluice::topo::detail {

using namespace std::chrono_literals;
using namespace etcdserverpb;

namespace {

// v21 gives etcd this long when it opens a store.
constexpr auto open_patience = 5s;
// A time-out of zero would end every call before it begins, and a call without one is not to be.
constexpr std::chrono::milliseconds shortest_call{1};
// For one member to connect, when others could be asked.
constexpr auto member_patience = 2s;
// etcd tells clients to go that ping oftener than every 5 s.
constexpr rpc::KeepaliveOptions keepalive{.time = 6s, .timeout = 3s, .without_calls = false};
// The tablets of a cell are read at once: 100,000 of them fit.
constexpr std::size_t longest_answer = 128UL * 1024 * 1024;

Result<async::Address> endpoint(std::string_view text) {
    const std::string whole(text);
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
    }
    if (text.ends_with('/')) text.remove_suffix(1);
    const std::size_t colon = text.rfind(':');
    std::uint16_t port = 0;
    if (colon != std::string_view::npos) {
        const char* end = text.data() + text.size();
        if (std::from_chars(text.data() + colon + 1, end, port).ptr != end) port = 0;
    }
    std::string host(text.substr(0, std::min(colon, text.size())));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (port == 0 || host.empty()) {
        return fail(Code::invalid_argument,
                    "'" + whole + "' is no address of etcd; it looks like host:2379");
    }
    return async::Address{.host = std::move(host), .port = port, .unix_path = {}};
}

Result<std::shared_ptr<const async::TlsContext>> tls_of(const EtcdOptions& options) {
    // v21 speaks TLS only if it has a certificate to show.
    if (options.tls_certificate.empty() || options.tls_key.empty()) return nullptr;
    return async::TlsContext::client({.ca = options.tls_ca,
                                      .certificate = options.tls_certificate,
                                      .key = options.tls_key,
                                      .verify = async::TlsContext::Verify::identity,
                                      .min_version = "TLSv1.2",
                                      .crl = {},
                                      .alpn = "h2"});
}

}  // namespace

Result<std::vector<async::Address>> etcd_endpoints(std::string_view text) {
    std::vector<async::Address> all;
    while (true) {
        const std::size_t comma = std::min(text.find(','), text.size());
        all.push_back(TRY(endpoint(text.substr(0, comma))));
        if (comma == text.size()) return all;
        text.remove_prefix(comma + 1);
    }
}

EtcdClient::EtcdClient(const std::vector<async::Address>& addresses, EtcdOptions options,
                       std::shared_ptr<const async::TlsContext> tls)
    : options_(std::move(options)) {
    options_.call_timeout = std::max(options_.call_timeout, shortest_call);
    VT_ASSERT(metadata_.add("hasleader", "true").has_value());
    for (const async::Address& address : addresses) {
        rpc::ChannelOptions how;
        how.address = address;
        how.tls = tls;
        how.keepalive = keepalive;
        how.limits.receive = longest_answer;
        // Changes are to arrive within a second of a member's return.
        how.backoff = {.first = 100ms,
                       .factor = 1.6,
                       .spread = 0.2,
                       .longest = 400ms,
                       .connect_timeout = open_patience};
        how.chance = &rpc::uniform_chance;
        channels_.push_back(std::make_unique<rpc::Channel>(std::move(how)));
    }
}

EtcdClient::~EtcdClient() {
    std::binary_semaphore closed(0);
    post([this, &closed] { closing_.spawn("etcd close", close(&closed)); });
    closed.acquire();
}

Task<void> EtcdClient::close(std::binary_semaphore* closed) {
    co_await scope_.join();
    for (const auto& channel : channels_) co_await channel->close();
    channels_.clear();
    closed->release();
}

Task<Result<bool>> EtcdClient::wait_for_member(Stop* stop) {
    async::LinkedStop both(stop);
    const async::Deadline deadline(both.get(), open_patience, rpc::deadline_error());
    std::string why;
    while (!both.get()->requested()) {
        const auto channel = co_await connected(both.get());
        if (channel) co_return true;
        why = channel.error().text;
        std::ignore = co_await async::pause(EtcdClient::round_pause, both.get());
    }
    // v21's words to the caller do not say why.
    log::warning("etcd does not answer: " + why);
    co_return std::unexpected(both.get()->error());
}

Task<Result<std::shared_ptr<EtcdClient>>> EtcdClient::open(std::string addresses,
                                                           EtcdOptions options, Stop* stop) {
    const auto endpoints = CO_TRY(etcd_endpoints(addresses));
    auto tls = CO_TRY(tls_of(options));
    auto client = std::make_shared<EtcdClient>(endpoints, std::move(options), std::move(tls));
    CO_TRY(co_await client->visit<Result<bool>>(
        [to = client.get()](Stop* inner) { return to->wait_for_member(inner); }, stop));
    co_return client;
}

Task<Result<rpc::Channel*>> EtcdClient::connected(Stop* stop) {
    Error last;
    for (std::size_t tries = 0; tries < channels_.size(); ++tries) {
        const std::size_t index = good_;
        rpc::Channel* channel = channels_[index].get();
        if (channel->connected()) co_return channel;
        async::LinkedStop limited(stop);
        const async::Deadline deadline(
            limited.get(),
            channels_.size() > 1 ? rpc::Duration(member_patience) : rpc::Duration::zero(),
            rpc::deadline_error());
        const Result<void> opened = co_await channel->connect(limited.get());
        if (opened) co_return channel;
        last = opened.error();
        if (stop->requested()) break;
        if (good_ == index) good_ = (index + 1) % channels_.size();
    }
    co_return std::unexpected(std::move(last));
}

bool EtcdClient::leave(rpc::Channel* channel, const Error& error) {
    if (error.code != Code::unavailable && error.code != Code::deadline_exceeded) return false;
    if (channels_[good_].get() == channel) good_ = (good_ + 1) % channels_.size();
    return true;
}

Task<Result<RangeResponse>> EtcdClient::range(RangeRequest request, Stop* stop) {
    return call<RangeResponse>("/etcdserverpb.KV/Range", std::move(request), Repeat::yes, stop);
}

Task<Result<TxnResponse>> EtcdClient::txn(TxnRequest request, Stop* stop) {
    return call<TxnResponse>("/etcdserverpb.KV/Txn", std::move(request), Repeat::no, stop);
}

Task<Result<std::int64_t>> EtcdClient::grant_lease(std::chrono::seconds ttl, Stop* stop) {
    LeaseGrantRequest request;
    request.set_ttl(ttl.count());
    // A second lease is no harm: it ends by itself.
    const auto granted = CO_TRY(co_await call<LeaseGrantResponse>(
        "/etcdserverpb.Lease/LeaseGrant", std::move(request), Repeat::yes, stop));
    if (!granted.error().empty()) co_return fail(Code::unavailable, granted.error());
    co_return granted.id();
}

Task<Result<std::int64_t>> EtcdClient::keep_lease(std::int64_t lease, Stop* stop) {
    async::LinkedStop both(stop);
    const async::Deadline deadline(both.get(), options_.call_timeout, rpc::deadline_error());
    rpc::Channel* channel = CO_TRY(co_await connected(both.get()));
    LeaseKeepAliveRequest request;
    request.set_id(lease);
    LeaseKeepAliveResponse response;
    rpc::ClientCall stream;
    CO_TRY(co_await channel->start(&stream, "/etcdserverpb.Lease/LeaseKeepAlive",
                                   call_options(options_.call_timeout), both.get()));
    std::ignore = co_await rpc::send(&stream, &request, both.get());  // receive() says why not
    stream.finish_sending();
    const auto answered = co_await rpc::receive(&stream, &response, both.get());
    if (!answered) {
        leave(channel, answered.error());
        co_return std::unexpected(answered.error());
    }
    if (!*answered) co_return fail(Code::unavailable, "etcd did not say how long the lease lasts");
    co_return response.ttl();
}

Task<Result<void>> EtcdClient::revoke_lease(std::int64_t lease, Stop* stop) {
    LeaseRevokeRequest request;
    request.set_id(lease);
    const auto revoked = co_await call<LeaseRevokeResponse>("/etcdserverpb.Lease/LeaseRevoke",
                                                            std::move(request), Repeat::yes, stop);
    if (!revoked && revoked.error().code != Code::not_found) {
        co_return std::unexpected(revoked.error());
    }
    co_return Result<void>{};
}

}  // namespace sluice::topo::detail
