// Step 5 of a request to a tablet: is the same read running? Before: run.cc.
#include "tabletserver/consolidator.h"

namespace sluice::tabletserver {

Consolidator::Handle Consolidator::join(const Key& key) {
    const auto found = running_.find(key);
    if (found == running_.end()) return nullptr;
    ++found->second->shared;
    return found->second;
}

Consolidator::Handle Consolidator::lead(const Key& key) {
    auto made = std::make_shared<Running>(key);
    running_.emplace(key, made);
    return made;
}

void Consolidator::finish(const Handle& running, Result<void> end, wire::ByteView result) {
    running_.erase(running->key);
    running->done = true;
    running->end = std::move(end);
    if (running->shared == 0) return;
    running->result.append(result);
    constexpr std::size_t most = 1000;  // what a page shows
    if (history_.size() >= most) history_.clear();
    history_[std::string(running->key.text)] += running->shared;
    running->waiters.wake_all();
}

}  // namespace sluice::tabletserver
