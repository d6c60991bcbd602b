// Step 8 of a request whose primary fails over: it waits here. Before: gateway/gateway.cc. After:
// the same, which tries again.
#include "buffering/buffer.h"

#include <algorithm>

#include "async/wait_queue.h"

namespace sluice::buffering {

// Lives in the request's coroutine. The owner answers exactly once, with a message to the request's
// loop; until then the coroutine stays.
struct Buffer::Visit {
    std::string keyspace, shard;
    std::size_t bytes = 0;
    const Error* error = nullptr;
    async::Loop* loop = nullptr;
    Held held;
    bool answered = false;
    async::WaitQueue waiting;

    void answer(Held with) {
        loop->post([this, with = std::move(with)]() mutable {
            held = std::move(with);
            answered = true;
            waiting.wake_all();
        });
    }
};

struct Buffer::Timer : async::Timer {
    explicit Timer(Buffer* of) : async::Timer(&Timer::fire), buffer(of) {}
    static void fire(async::Timer* timer) { static_cast<Timer*>(timer)->buffer->ring(); }
    Buffer* buffer;
};

Buffer::Buffer(BufferOptions options, async::Loop* owner, MarkNotServing mark)
    : options_(std::move(options)),
      owner_(owner),
      mark_(std::move(mark)),
      timer_(std::make_unique<Timer>(this)) {}

Buffer::~Buffer() {
    VT_ASSERT(visits_.empty());
}

namespace {

Held passed() {
    return {};
}

}  // namespace

Task<Held> Buffer::wait(std::string keyspace, std::string shard, std::size_t bytes,
                        const Error* error, Stop* stop) {
    if (error != nullptr && !is_failover(*error)) co_return passed();
    Visit visit;
    visit.keyspace = std::move(keyspace);
    visit.shard = std::move(shard);
    visit.bytes = bytes;
    visit.error = error;
    visit.loop = &async::Loop::current();
    const Ticket ticket = next_ticket_.fetch_add(1, std::memory_order_relaxed);
    owner_->post([this, at = &visit, ticket] { enter(at, ticket); });
    while (!visit.answered) {
        if (co_await visit.waiting.wait(stop)) continue;
        // The client has gone: the owner is told, and answers as always.
        owner_->post([this, key = visit.keyspace + "/" + visit.shard, ticket] {
            if (const auto found = shards_.find(key); found != shards_.end()) {
                found->second->leave(ticket);
                settle();
            }
        });
        while (!visit.answered) std::ignore = co_await visit.waiting.wait(nullptr);
        if (!visit.held.outcome) {
            visit.held.outcome.error().text += ": " + stop->error().text;
        }
    }
    co_return std::move(visit.held);
}

void Buffer::retried(const Held& held) {
    if (held.ticket == 0) return;
    owner_->post([this, key = held.shard_key, ticket = held.ticket] {
        if (const auto found = shards_.find(key); found != shards_.end()) {
            found->second->retried(async::Clock::now(), ticket);
            settle();
        }
    });
}

ShardBuffer* Buffer::shard(const std::string& keyspace, const std::string& shard) {
    std::unique_ptr<ShardBuffer>& place = shards_[keyspace + "/" + shard];
    if (!place) place = std::make_unique<ShardBuffer>(keyspace, shard, &options_, &room_);
    return place.get();
}

void Buffer::enter(Visit* visit, Ticket ticket) {
    ShardBuffer* buffer = shard(visit->keyspace, visit->shard);
    if (shut_down_) {
        buffer->skip(SkipReason::shutdown);
        visit->answer(passed());
        return;
    }
    const auto mark = [&](bool reparent) { return mark_(visit->keyspace, visit->shard, reparent); };
    const auto answer =
        buffer->enter(async::Clock::now(), ticket, visit->bytes, visit->error, mark);
    if (!answer) {
        Held full;
        full.outcome = fail(answer.error());
        visit->answer(std::move(full));
    } else if (*answer == ShardBuffer::Answer::pass) {
        visit->answer(passed());
    } else {
        visits_[ticket] = visit;
    }
    settle();
}

// After every change: releases go out, the timer is set, and cores see whether anything is held.
void Buffer::settle() {
    std::uint32_t active = 0;
    std::optional<Time> due;
    for (const auto& [key, buffer] : shards_) {
        for (Release& release : buffer->take_releases()) {
            const auto found = visits_.find(release.ticket);
            if (found == visits_.end()) continue;
            found->second->answer({std::move(release.outcome), release.ticket, key});
            visits_.erase(found);
        }
        active += buffer->state() == ShardBuffer::State::idle ? 0 : 1;
        const std::optional<Time> next = buffer->next_due();
        if (next && (!due || *next < *due)) due = next;
    }
    active_.store(active, std::memory_order_relaxed);
    timer_->clear();
    if (!due) return;
    const auto delay = std::max<Duration>(*due - async::Clock::now(), Duration::zero());
    owner_->set_timer(timer_.get(), delay);
}

void Buffer::ring() {
    for (const auto& [key, buffer] : shards_) buffer->advance(async::Clock::now());
    settle();
}

void Buffer::on_keyspace_event(const discovery::KeyspaceEvent& event) {
    if (shut_down_) return;
    for (const discovery::ShardEvent& each : event.shards) {
        shard(event.keyspace, each.shard)
            ->on_event(async::Clock::now(), each.primary, each.serving, event.tables_moved);
    }
    settle();
}

void Buffer::shut_down() {
    shut_down_ = true;
    for (const auto& [key, buffer] : shards_) buffer->shut_down(async::Clock::now());
    settle();
}

}  // namespace sluice::buffering
