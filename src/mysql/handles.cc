// Step 9 of a request by a prepared statement: which handle of this connection it has.
#include "mysql/handles.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/assert.h"

namespace sluice::mysql {

std::shared_ptr<ServerHandles> ServerHandles::on(const async::Address& address) {
    static std::mutex lock;
    static std::map<std::string, std::weak_ptr<ServerHandles>> servers;
    const std::lock_guard guard(lock);
    if (std::shared_ptr<ServerHandles> known = servers[address.text()].lock()) return known;
    std::erase_if(servers, [](const auto& entry) { return entry.second.expired(); });
    auto made = std::make_shared<ServerHandles>();
    servers[address.text()] = made;
    return made;
}

void Handles::set_limits(std::shared_ptr<ServerHandles> server, std::size_t most) {
    VT_ASSERT(handles_.empty());
    server_ = std::move(server);
    most_ = most;
}

Handle* Handles::find(std::uint64_t key, std::string_view statement) {
    for (const auto& handle : handles_) {
        if (handle->key == key && handle->statement == statement) {
            handle->used = ++clock_;
            return handle.get();
        }
    }
    for (const auto& handle : handles_) {
        if (handle->statement == statement) {
            handle->key = key;
            handle->used = ++clock_;
            return handle.get();
        }
    }
    return nullptr;
}

std::uint32_t Handles::evict() {
    const bool too_many_in_all =
        server_ != nullptr && server_->count.load() >= server_->limit.load();
    if (handles_.empty() || (handles_.size() < most_ && !too_many_in_all)) return 0;
    const auto oldest = std::ranges::min_element(
        handles_, {}, [](const std::unique_ptr<Handle>& handle) { return handle->used; });
    const std::uint32_t id = (*oldest)->id;
    drop(oldest->get());
    return id;
}

Handle* Handles::add(std::uint64_t key, std::string_view statement, std::uint32_t id) {
    handles_.push_back(std::make_unique<Handle>());
    count(1);
    Handle* const handle = handles_.back().get();
    handle->key = key;
    handle->statement = statement;
    handle->id = id;
    handle->used = ++clock_;
    return handle;
}

void Handles::drop(Handle* handle) {
    const auto erased = std::erase_if(
        handles_, [handle](const std::unique_ptr<Handle>& each) { return each.get() == handle; });
    count(-static_cast<std::int64_t>(erased));
}

void Handles::clear() {
    count(-static_cast<std::int64_t>(handles_.size()));
    handles_.clear();
}

void Handles::count(std::int64_t change) {
    if (server_ != nullptr && change != 0) server_->count.fetch_add(change);
}

// FNV-1a, then mixed so that all bits depend on all bytes.
std::uint64_t statement_key(std::string_view statement) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : statement) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3;
    }
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93;
    return hash ^ (hash >> 32);
}

}  // namespace sluice::mysql
