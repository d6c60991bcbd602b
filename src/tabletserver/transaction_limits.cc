// Step 5 of a request to a tablet: may this user open one more transaction? Before:
// detail/execute.cc.
#include "tabletserver/transaction_limits.h"

namespace sluice::tabletserver {

class TransactionLimits::Place {
 public:
    Place(std::shared_ptr<TransactionLimits> of, std::string user)
        : of_(std::move(of)), user_(std::move(user)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { of_->give_back(user_); }

 private:
    std::shared_ptr<TransactionLimits> of_;
    std::string user_;
};

// "app/principal/component", of what is asked for; "unknown" for what the gate has not said.
std::string TransactionLimits::user_of(const TransactionOwner& owner) const {
    std::string user;
    auto add = [&, first = true](const std::string* part) mutable {
        if (!first) user += '/';
        first = false;
        user += part == nullptr ? "unknown" : *part;
    };
    if (options_.by_username) add(owner.username);
    const bool effective =
        options_.by_principal || options_.by_component || options_.by_subcomponent;
    if (effective && owner.principal == nullptr) {
        add(nullptr);
        return user;
    }
    if (options_.by_principal) add(owner.principal);
    if (options_.by_component) add(owner.component);
    if (options_.by_subcomponent) add(owner.subcomponent);
    return user;
}

Result<TransactionLimits::Lease> TransactionLimits::take(const TransactionOwner& owner) {
    std::string user = user_of(owner);
    {
        const std::lock_guard guard(mutex_);
        std::uint64_t& open = open_[user];
        if (open < options_.each) {
            ++open;
        } else {
            if (open == 0) open_.erase(user);
            ++rejections_[user];
            if (options_.dry_run) return Lease();
            return fail(Code::resource_exhausted,
                        "per-user transaction pool connection limit exceeded");
        }
    }
    return std::make_shared<const Place>(shared_from_this(), std::move(user));
}

void TransactionLimits::give_back(const std::string& user) {
    const std::lock_guard guard(mutex_);
    const auto found = open_.find(user);
    if (--found->second == 0) open_.erase(found);
}

std::map<std::string, std::uint64_t> TransactionLimits::rejections() const {
    const std::lock_guard guard(mutex_);
    return rejections_;
}

}  // namespace sluice::tabletserver
