// Under every step of a request that keeps bytes for a client: they are charged here first.
#include "base/budget.h"

#include <algorithm>

#include "base/assert.h"

namespace sluice {
namespace {

std::string exceeded(const ProcessBudget& process) {
    std::string text = "memory limit of the process exceeded (--memory_limit is " +
                       std::to_string(process.limit()) + " bytes";
    if (process.allowed() < process.limit())
        text += ", " + std::to_string(process.allowed()) + " of them may be used for now";
    return text + ")";
}

}  // namespace

bool ProcessBudget::take(std::size_t bytes) {
    const std::size_t before = used_.fetch_add(bytes, std::memory_order_relaxed);
    if (limit_ == 0 || before + bytes <= allowed()) return true;
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
}

Budget::~Budget() {
    VT_ASSERT(used_ == 0);
    if (process_ != nullptr) process_->give(quota_);
}

Result<void> Budget::charge_process(std::size_t bytes) {
    if (used_ + bytes > quota_) {
        const std::size_t missing = used_ + bytes - quota_;
        const std::size_t wanted = std::max(missing, block);
        if (process_->take(wanted)) {
            quota_ += wanted;
        } else if (process_->take(missing)) {
            quota_ += missing;
        } else {
            return fail(Code::resource_exhausted, er::net_packet_too_large, exceeded(*process_));
        }
    }
    used_ += bytes;
    return {};
}

Result<void> Budget::charge(std::size_t bytes) {
    if (process_ != nullptr) return charge_process(bytes);
    if (limit_ != 0 && used_ + bytes > limit_) {
        return fail(
            Code::resource_exhausted, er::net_packet_too_large,
            "memory limit exceeded (" + name_ + " is " + std::to_string(limit_) + " bytes)");
    }
    if (parent_ != nullptr) TRY(parent_->charge(bytes));
    used_ += bytes;
    return {};
}

void Budget::release(std::size_t bytes) {
    VT_ASSERT(bytes <= used_);
    used_ -= bytes;
    if (parent_ != nullptr) parent_->release(bytes);
    if (process_ != nullptr && quota_ - used_ > 2 * block) {
        const std::size_t surplus = quota_ - used_ - block;
        process_->give(surplus);
        quota_ -= surplus;
    }
}

}  // namespace sluice
