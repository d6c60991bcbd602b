#pragma once
// How many of the tablet's transactions one user may have open (vttablet-contract 3.1,
// enable_transaction_limit). One for all loops; may be called from each.
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"

namespace sluice::tabletserver {

struct TransactionLimitOptions {
    bool enabled = false;
    bool dry_run = false;    // nobody is refused: it is only counted
    std::uint64_t each = 0;  // transactions of one user
    // What tells users apart.
    bool by_username = true, by_principal = true, by_component = false, by_subcomponent = false;
};

// Who opens a transaction; null views: the gate has not said.
struct TransactionOwner {
    const std::string* username = nullptr;
    const std::string *principal = nullptr, *component = nullptr, *subcomponent = nullptr;
};

class TransactionLimits : public std::enable_shared_from_this<TransactionLimits> {
 public:
    explicit TransactionLimits(TransactionLimitOptions options) : options_(options) {}

    // The place of one transaction, given back with the last copy. Null in a dry run that would
    // have refused. Error: RESOURCE_EXHAUSTED in v21's words.
    using Lease = std::shared_ptr<const void>;
    Result<Lease> take(const TransactionOwner& owner);

    std::map<std::string, std::uint64_t> rejections() const;  // by user; of a dry run too
    bool dry_run() const { return options_.dry_run; }

 private:
    class Place;
    std::string user_of(const TransactionOwner& owner) const;
    void give_back(const std::string& user);

    const TransactionLimitOptions options_;
    mutable std::mutex mutex_;  // held for look-ups only
    std::map<std::string, std::uint64_t> open_, rejections_;
};

}  // namespace sluice::tabletserver
