#pragma once
// One limit of connections to a server for the whole process. Pools of all cores borrow from it by
// an atomic count; a pool that finds none asks the others, by message, to close an idle connection.
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace sluice::async {
class Loop;
}

namespace sluice::mysql {

class Permits;

// Told on its own loop. Made by a pool, which clears `owner` before it dies.
struct PermitMember {
    class Owner {
     public:
        virtual ~Owner() = default;
        // A permit may be free.
        virtual void permit_free() = 0;
        // Another pool waits: give up an idle connection if nobody here needs it.
        virtual void permit_wanted() = 0;
    };
    Owner* owner = nullptr;  // this and `held` are touched on `loop` only
    std::size_t held = 0;    // permits that it has
    async::Loop* loop = nullptr;
    std::atomic<bool> waiting{false};
};

// One borrowed permit; given back when destroyed, on its member's loop.
class Permit {
 public:
    Permit() = default;
    Permit(Permit&&) noexcept = default;
    Permit& operator=(Permit&& other) noexcept {
        release();
        from_ = std::move(other.from_);
        member_ = std::move(other.member_);
        return *this;
    }
    ~Permit() { release(); }
    void release();
    explicit operator bool() const { return from_ != nullptr; }

 private:
    friend class Permits;
    std::shared_ptr<Permits> from_;
    std::shared_ptr<PermitMember> member_;
};

// Everything may be called from any thread.
class Permits : public std::enable_shared_from_this<Permits> {
 public:
    explicit Permits(std::uint32_t limit) : limit_(limit), free_(limit) {}
    Permits(const Permits&) = delete;
    Permits& operator=(const Permits&) = delete;

    std::uint32_t limit() const { return limit_; }
    std::uint32_t in_use() const;

    // For this member, on its loop; empty if there is none.
    Permit take(const std::shared_ptr<PermitMember>& member);

    void join(const std::shared_ptr<PermitMember>& member);
    void leave(const std::shared_ptr<PermitMember>& member);
    // The member is told when a permit may be free, until it takes this back.
    void set_waiting(PermitMember* member, bool waiting);
    // Asks the other members to give up idle connections.
    void ask(const PermitMember* asker);
    // Tells one waiting member, if there is any, that a permit may be free.
    void pass_on();
    // Some other member waits, and this one should let go of a permit that it has just finished
    // with; if it has waiters of its own (`busy`), only if it has more than its share.
    bool should_yield(const PermitMember* member, bool busy) const;

 private:
    friend class Permit;
    void give();

    const std::uint32_t limit_;
    std::atomic<std::uint32_t> free_;
    std::atomic<std::uint32_t> waiting_{0};
    std::atomic<std::uint32_t> members_count_{0};
    // Guards the list only: taken when pools come and go and when permits have run out.
    std::mutex members_lock_;
    std::vector<std::shared_ptr<PermitMember>> members_;
    std::size_t next_told_ = 0;
};

// What all pools of all cores share about one shard's connections to its server.
struct ServerLimits {
    ServerLimits(std::uint32_t pooled, std::uint32_t transactions)
        : pooled(std::make_shared<Permits>(pooled)),
          transactions(std::make_shared<Permits>(transactions)) {}

    std::shared_ptr<Permits> pooled;        // for statements outside transactions
    std::shared_ptr<Permits> transactions;  // for connections held by sessions
};

}  // namespace sluice::mysql
