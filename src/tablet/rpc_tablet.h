#pragma once
// A Tablet that talks to a vttablet over gRPC (queryservice.Query), ours or Go's. The tablet holds
// connections, transactions and settings; here are only their numbers.
#include <memory>
#include <string>

#include "rpc/channel.h"
#include "tablet/tablet.h"

namespace sluice::tablet {

struct RpcTabletOptions {
    // The address, TLS, limits and the budget that messages are charged to.
    rpc::ChannelOptions channel{};
    std::string keyspace{};
    std::string shard{};
    std::string type = "primary";  // primary, replica, rdonly, ...
    // What the shard's server calls the keyspace, for texts of errors; empty: they stay as they
    // are.
    std::string database{};
};

// Statements travel as the plan's text with its variables (Call::normalized and ::variables), or as
// Call::text where there are no variables. Warnings are not fetched: a tablet does not count them.
// Errors have v21's numbers and words: "target: ks.-80.primary: vttablet: rpc error: code = ..."
// (the gateway adds the target to what was not sent).
class RpcTablet : public Tablet {
 public:
    // Made, used and destroyed on one loop.
    explicit RpcTablet(RpcTabletOptions options);
    ~RpcTablet() override;

    Task<Outcome> execute(const Call* call, RowSink* sink) override;
    Task<Outcome> prepare(const Call* call, RowSink* sink) override;
    Task<Result<void>> commit(HeldId held, bool keep, Stop* stop) override;
    Task<Result<void>> rollback(HeldId held, bool keep, Stop* stop) override;
    Task<void> release(HeldId held) override;
    HeldNumbers hand_out(HeldId held, bool transaction, bool reserved) override;
    HeldId take_over(HeldNumbers numbers, const Settings* settings) override;
    Task<void> close() override;

    // Transactions and reservations that sessions hold here.
    std::size_t held() const;
    const rpc::ChannelCounters& counters() const;

 private:
    struct Self;
    std::unique_ptr<Self> self_;
};

}  // namespace sluice::tablet
