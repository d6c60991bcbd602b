#pragma once
// EtcdClient: the members of one etcd cluster as one server. Its channels belong to one loop on a
// thread of its own, so that stores may be called from every loop, watches and leases go on
// whatever a caller's loop does, and a process holds one connection per cluster, not one per core.
// What comes from elsewhere is a visit() there.
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include "async/deadline.h"
#include "etcd/etcdserverpb/rpc.pb.h"
#include "rpc/messages.h"
#include "topo/detail/home_loop.h"
#include "topo/topology.h"

namespace sluice::topo::detail {

// "host:port,http://host:port,[::1]:2379": at least one, each with its port.
Result<std::vector<async::Address>> etcd_endpoints(std::string_view text);

class EtcdClient {
 public:
    // Waits at most 5 s for a member that answers: "context deadline exceeded" then, as v21.
    // `addresses` as above.
    static Task<Result<std::shared_ptr<EtcdClient>>> open(std::string addresses,
                                                          EtcdOptions options, Stop* stop);
    EtcdClient(const std::vector<async::Address>& addresses, EtcdOptions options,
               std::shared_ptr<const async::TlsContext> tls);
    EtcdClient(const EtcdClient&) = delete;
    EtcdClient& operator=(const EtcdClient&) = delete;
    // Nobody may wait for it. Waits for what was started without anybody
    // waiting for it: the release of locks.
    ~EtcdClient();

    // From any loop: runs begin(Stop*), which gives a Task<T>, on the home loop.
    template <class T>
    async::Visit<T> visit(typename async::Visit<T>::Begin begin, Stop* stop) {
        return async::Visit<T>(&home_.loop(), &scope_, std::move(begin), stop);
    }
    // From any thread, without waiting.
    void post(std::move_only_function<void()> work) { home_.loop().post(std::move(work)); }

    // All below: on the home loop only.
    async::Scope* scope() { return &scope_; }
    // A member that is connected; tries each once, the last good one first.
    Task<Result<rpc::Channel*>> connected(Stop* stop);
    // After a failed call: the next one goes to another member, if it was this one's fault.
    // True if it was.
    bool leave(rpc::Channel* channel, const Error& error);
    // With "hasleader": a member without a leader fails the call instead of waiting for one.
    rpc::CallOptions call_options(rpc::Duration timeout) const {
        rpc::CallOptions options;
        options.timeout = timeout;
        options.metadata = &metadata_;
        return options;
    }
    rpc::Duration call_timeout() const { return options_.call_timeout; }

    // Between two rounds over members of which none answers, or none has a leader.
    static constexpr std::chrono::milliseconds round_pause{100};

    // One call within the call's time-out. Only what changes nothing is sent again after a failure
    // that does not say whether a member has done it: to the other members, and round again.
    enum class Repeat : std::uint8_t { no, yes };
    template <class Response, class Request>
    Task<Result<Response>> call(std::string_view method, Request request, Repeat repeat,
                                Stop* stop);

    Task<Result<etcdserverpb::RangeResponse>> range(etcdserverpb::RangeRequest request, Stop* stop);
    Task<Result<etcdserverpb::TxnResponse>> txn(etcdserverpb::TxnRequest request, Stop* stop);
    Task<Result<std::int64_t>> grant_lease(std::chrono::seconds ttl, Stop* stop);
    // The seconds that are left; 0: it has ended.
    Task<Result<std::int64_t>> keep_lease(std::int64_t lease, Stop* stop);
    // A lease that has ended is no error.
    Task<Result<void>> revoke_lease(std::int64_t lease, Stop* stop);

 private:
    Task<Result<bool>> wait_for_member(Stop* stop);
    Task<void> close(std::binary_semaphore* closed);

    EtcdOptions options_;
    rpc::Metadata metadata_;
    std::vector<std::unique_ptr<rpc::Channel>> channels_;
    std::size_t good_ = 0;  // the member that is asked first
    async::Scope scope_;
    async::Scope closing_;
    HomeLoop home_;  // last: nothing runs before the rest is there
};

template <class Response, class Request>
Task<Result<Response>> EtcdClient::call(std::string_view method, Request request, Repeat repeat,
                                        Stop* stop) {
    async::LinkedStop both(stop);
    const async::Deadline deadline(both.get(), options_.call_timeout, rpc::deadline_error());
    Error last;
    for (std::size_t tries = 1;; ++tries) {
        rpc::Channel* channel = CO_TRY(co_await connected(both.get()));
        // A member that is frozen leaves time for the others.
        const auto timeout = options_.call_timeout / static_cast<int>(channels_.size());
        auto answer = co_await rpc::unary<Response>(
            channel, method, &request,
            call_options(repeat == Repeat::yes ? timeout : options_.call_timeout), both.get());
        if (answer) co_return answer;
        last = answer.error();
        if (!leave(channel, last) || repeat == Repeat::no) break;
        // Members that have no leader say so at once.
        if (tries % channels_.size() == 0)
            std::ignore = co_await async::pause(round_pause, both.get());
        if (both.get()->requested()) break;
    }
    co_return std::unexpected(std::move(last));
}

}  // namespace sluice::topo::detail
