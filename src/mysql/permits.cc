// Step 9 of a request: may this process have another connection to the server?
#include "mysql/permits.h"

#include <algorithm>

#include "async/loop.h"

namespace sluice::mysql {
namespace {

void tell(const std::shared_ptr<PermitMember>& member, void (PermitMember::Owner::*what)()) {
    member->loop->post([member, what] {
        if (member->owner != nullptr) (member->owner->*what)();
    });
}

}  // namespace

void Permit::release() {
    if (from_ == nullptr) return;
    const std::shared_ptr<Permits> from = std::exchange(from_, nullptr);
    --member_->held;
    member_.reset();
    from->give();
}

std::uint32_t Permits::in_use() const {
    return limit_ - free_.load();
}

Permit Permits::take(const std::shared_ptr<PermitMember>& member) {
    Permit permit;
    std::uint32_t free = free_.load();
    while (free > 0) {
        if (!free_.compare_exchange_weak(free, free - 1)) continue;
        permit.from_ = shared_from_this();
        permit.member_ = member;
        ++member->held;
        break;
    }
    return permit;
}

void Permits::give() {
    free_.fetch_add(1);
    // Sequentially consistent on both sides: whoever announced that it waits after this load tries
    // once more.
    pass_on();
}

void Permits::pass_on() {
    if (waiting_.load() == 0) return;
    const std::lock_guard lock(members_lock_);
    for (std::size_t i = 0; i < members_.size(); ++i) {
        const auto& member = members_[next_told_++ % members_.size()];
        if (!member->waiting.load()) continue;
        tell(member, &PermitMember::Owner::permit_free);
        return;
    }
}

void Permits::join(const std::shared_ptr<PermitMember>& member) {
    const std::lock_guard lock(members_lock_);
    members_.push_back(member);
    members_count_.store(static_cast<std::uint32_t>(members_.size()));
}

void Permits::leave(const std::shared_ptr<PermitMember>& member) {
    set_waiting(member.get(), false);
    const std::lock_guard lock(members_lock_);
    std::erase(members_, member);
    members_count_.store(static_cast<std::uint32_t>(members_.size()));
}

void Permits::set_waiting(PermitMember* member, bool waiting) {
    if (member->waiting.exchange(waiting) == waiting) return;
    if (waiting) {
        waiting_.fetch_add(1);
    } else {
        waiting_.fetch_sub(1);
    }
}

void Permits::ask(const PermitMember* asker) {
    const std::lock_guard lock(members_lock_);
    for (const auto& member : members_) {
        if (member.get() != asker) tell(member, &PermitMember::Owner::permit_wanted);
    }
}

bool Permits::should_yield(const PermitMember* member, bool busy) const {
    const std::uint32_t others = waiting_.load() - (member->waiting.load() ? 1 : 0);
    if (others == 0) return false;
    if (!busy) return true;
    // Everybody may keep an equal share; where there are more pools than permits, they take turns.
    const std::uint32_t members = std::max(1U, members_count_.load());
    return limit_ < members || member->held > limit_ / members;
}

}  // namespace sluice::mysql
