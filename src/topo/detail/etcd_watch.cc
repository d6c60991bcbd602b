// Change of a gateway: states of a record in etcd as they come. Before: topo/topology.cc. After:
// detail/etcd_client.cc.
#include "topo/detail/etcd_watch.h"

#include "async/wait_queue.h"
#include "topo/detail/rules.h"

namespace sluice::topo::detail {

using namespace std::chrono_literals;
using namespace etcdserverpb;

namespace {

// Between two attempts while etcd is away; well below the second in which changes are to be seen.
constexpr auto try_again = 200ms;

// Whether an error may pass by itself; the others are mistakes of ours or of the settings.
bool may_pass(Code code) {
    switch (code) {
        case Code::invalid_argument:
        case Code::permission_denied:
        case Code::unauthenticated:
        case Code::unimplemented:
            return false;
        default:
            return true;
    }
}

Task<Result<void>> begin_stream(EtcdClient* client, Followed* followed, Stop* stop) {
    followed->channel = CO_TRY(co_await client->connected(stop));
    auto stream = std::make_unique<rpc::ClientCall>();
    CO_TRY(co_await followed->channel->start(stream.get(), "/etcdserverpb.Watch/Watch",
                                             client->call_options(rpc::Duration::zero()), stop));
    WatchRequest request;
    request.mutable_create_request()->set_key(followed->key);
    request.mutable_create_request()->set_start_revision(followed->revision + 1);
    CO_TRY(co_await rpc::send(stream.get(), &request, stop));
    followed->stream = std::move(stream);
    co_return Result<void>{};
}

// A stream that tells what happens from now on, and what has happened since the last one if that is
// anything: a record, or no_node.
Task<Result<std::optional<Record>>> renew_stream(EtcdClient* client, Followed* followed,
                                                 Stop* stop) {
    std::optional<Record> newer;
    if (followed->stale) {
        FoundRecord found = CO_TRY(co_await read_record(client, followed->key, stop));
        if (!found.present) co_return no_such_node(followed->key);
        followed->stale = false;
        followed->revision = found.revision;
        // Not "above": a restored etcd counts from where its copy was made.
        if (found.record.version != followed->version) newer = std::move(found.record);
    }
    if (newer) {
        followed->version = newer->version;
        co_return newer;  // the stream begins with the next call, from the same revision
    }
    CO_TRY(co_await begin_stream(client, followed, stop));
    co_return newer;
}

// What one message of a stream says of the record; nullopt: nothing.
Result<std::optional<Record>> news(const WatchResponse& message, Followed* followed) {
    if (message.events_size() == 0) return std::nullopt;
    const mvccpb::Event& last = message.events(message.events_size() - 1);
    followed->revision = std::max(followed->revision, Revision{last.kv().mod_revision()});
    if (last.type() == mvccpb::Event::DELETE) return no_such_node(followed->key);
    followed->version = last.kv().mod_revision();
    return Record{last.kv().value(), followed->version};
}

class EtcdWatch final : public Watch {
 public:
    EtcdWatch(std::shared_ptr<EtcdClient> client, std::string key, FoundRecord first)
        : client_(std::move(client)),
          first_(std::move(first.record)),
          followed_(std::make_unique<Followed>()) {
        followed_->key = std::move(key);
        followed_->version = first_.version;
        followed_->revision = first.revision;
    }
    // The stream belongs to the home loop and ends there.
    ~EtcdWatch() override {
        client_->post([followed = std::move(followed_)] { followed->stream.reset(); });
    }

    Task<Result<Record>> next(Stop* stop) override {
        if (std::exchange(first_is_due_, false)) co_return std::move(first_);
        co_return co_await client_->visit<Result<Record>>(
            [client = client_.get(), followed = followed_.get()](Stop* inner) {
                return follow(client, followed, inner);
            },
            stop);
    }

 private:
    std::shared_ptr<EtcdClient> client_;
    Record first_;
    bool first_is_due_ = true;
    std::unique_ptr<Followed> followed_;
};

}  // namespace

Task<Result<FoundRecord>> read_record(EtcdClient* client, std::string key, Stop* stop) {
    RangeRequest request;
    request.set_key(std::move(key));
    RangeResponse answer = CO_TRY(co_await client->range(std::move(request), stop));
    FoundRecord found;
    found.revision = answer.header().revision();
    if (answer.kvs_size() != 0) {
        found.present = true;
        mvccpb::KeyValue& record = *answer.mutable_kvs(0);
        found.record = {std::move(*record.mutable_value()), record.mod_revision()};
    }
    co_return found;
}

Task<Result<Record>> follow(EtcdClient* client, Followed* followed, Stop* stop) {
    while (true) {
        std::optional<Error> failure;
        if (followed->stream == nullptr) {
            auto renewed = co_await renew_stream(client, followed, stop);
            if (renewed && *renewed) co_return std::move(**renewed);
            if (!renewed && renewed.error().code == no_node)
                co_return std::unexpected(renewed.error());
            if (!renewed) failure = renewed.error();
        }
        WatchResponse message;
        if (!failure) {
            const auto received = co_await rpc::receive(followed->stream.get(), &message, stop);
            if (!received && stop->requested()) co_return std::unexpected(stop->error());
            if (!received) failure = received.error();
            if (received && !*received) failure = rpc::unavailable_error("etcd ended the watch");
        }
        if (stop->requested()) co_return std::unexpected(stop->error());
        // Canceled: the revision is forgotten, or the member has lost its leader.
        if (failure || message.canceled()) {
            followed->stream.reset();
            followed->stale = true;
            if (failure && !may_pass(failure->code)) co_return std::unexpected(*failure);
            if (failure && followed->channel != nullptr) client->leave(followed->channel, *failure);
            if (message.compact_revision() == 0) CO_TRY(co_await async::pause(try_again, stop));
            continue;
        }
        Result<std::optional<Record>> told = news(message, followed);
        if (!told) co_return std::unexpected(told.error());
        if (*told) co_return std::move(**told);
    }
}

std::unique_ptr<Watch> make_etcd_watch(std::shared_ptr<EtcdClient> client, std::string key,
                                       FoundRecord first) {
    return std::make_unique<EtcdWatch>(std::move(client), std::move(key), std::move(first));
}

}  // namespace sluice::topo::detail
