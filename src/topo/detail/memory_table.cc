// The end of a topology call in tests: rows in a sorted map.
#include "topo/detail/memory_table.h"

namespace sluice::topo::detail {

Result<Record> MemoryTable::get(const std::string& key) {
    const std::lock_guard guard(mutex_);
    const auto found = rows_.find(key);
    if (found == rows_.end()) return no_such_node(key);
    return found->second.record;
}

Result<std::vector<ListedRecord>> MemoryTable::list(const std::string& prefix) {
    const std::lock_guard guard(mutex_);
    std::vector<ListedRecord> records;
    for (auto at = rows_.lower_bound(prefix); at != rows_.end() && at->first.starts_with(prefix);
         ++at) {
        records.push_back({at->first, at->second.record.contents, at->second.record.version});
    }
    return records;
}

Result<Revision> MemoryTable::create(const std::string& key, const std::string& contents) {
    const std::lock_guard guard(mutex_);
    if (rows_.contains(key)) return node_is_there(key);
    rows_[key].record = {contents, ++revision_};
    return revision_;
}

Result<Revision> MemoryTable::update(const std::string& key, const std::string& contents,
                                     Revision version) {
    const std::lock_guard guard(mutex_);
    if (version != 0) {
        const auto found = rows_.find(key);
        if (found == rows_.end()) return no_such_node(key);
        if (found->second.record.version != version) return other_version(key);
    }
    rows_[key].record = {contents, ++revision_};
    return revision_;
}

Result<void> MemoryTable::remove(const std::string& key, Revision version) {
    const std::lock_guard guard(mutex_);
    const auto found = rows_.find(key);
    if (found == rows_.end()) return no_such_node(key);
    if (version != 0 && found->second.record.version != version) return other_version(key);
    rows_.erase(found);
    ++revision_;
    return {};
}

Result<Revision> MemoryTable::revision() {
    const std::lock_guard guard(mutex_);
    return revision_;
}

Result<std::string> MemoryTable::enter_queue(const std::string& directory,
                                             const std::string& contents, Milliseconds now,
                                             Milliseconds lease) {
    const std::lock_guard guard(mutex_);
    const std::string key = queue_of(directory) + std::to_string(++revision_);
    rows_[key] = {{contents, revision_}, now + lease};
    return key;
}

Result<bool> MemoryTable::renew(const std::string& directory, const std::string& key,
                                Milliseconds now, Milliseconds lease) {
    const std::lock_guard guard(mutex_);
    const std::string queue = queue_of(directory);
    for (auto at = rows_.lower_bound(queue); at != rows_.end() && at->first.starts_with(queue);) {
        const bool ended = at->second.lease_ends && *at->second.lease_ends <= now;
        at = ended ? rows_.erase(at) : std::next(at);
    }
    const auto mine = rows_.find(key);
    if (mine == rows_.end()) return lease_ended(key);
    mine->second.lease_ends = now + lease;
    bool first = true;
    for (auto at = rows_.lower_bound(queue); at != rows_.end() && at->first.starts_with(queue);
         ++at) {
        first = first && at->second.record.version >= mine->second.record.version;
    }
    return first;
}

}  // namespace sluice::topo::detail
