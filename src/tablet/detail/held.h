#pragma once
// Connections that sessions hold: open transactions and reservations, by id, with their time-outs.
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "async/timer_wheel.h"
#include "mysql/connection.h"
#include "tablet/tablet.h"

namespace sluice::tablet {

struct HeldConnection : async::Timer {
    HeldConnection(HeldId of, void (*fire)(async::Timer*), void* owner)
        : Timer(fire), id(of), owner(owner) {}

    HeldId id;
    void* owner;
    std::unique_ptr<mysql::Connection> connection;
    async::Clock::time_point began;
    std::chrono::milliseconds idle_limit{0};  // zero: none
    std::shared_ptr<const void> lease;        // of its transaction
    bool in_use = false;
    bool reserved = false;   // carries state of the session: never goes back to the pool
    bool abandoned = false;  // released while a statement ran on it
};

// Ids name the loop of their table in their lowest bits.
inline constexpr HeldId loops_of_ids = 1024;

class HeldTable {
 public:
    struct Limits {
        std::chrono::milliseconds idle;  // zero: none
        std::chrono::milliseconds age;   // zero: none
    };
    // `expired` runs when a connection has been idle, or its transaction open, for too long; it is
    // still in the table.
    HeldTable(Limits limits, void (*expired)(void* owner, HeldConnection* held), void* owner);

    HeldConnection* add(std::unique_ptr<mysql::Connection> connection,
                        std::optional<std::chrono::milliseconds> idle_limit);
    // Gives it another number; uses of the old one are told the reason.
    void renumber(HeldConnection* held, std::string_view reason);
    // The held connection, marked as in use; or ABORTED with the reason why there is none.
    Result<HeldConnection*> use(HeldId id);
    // The end of a use: its time runs again.
    void unuse(HeldConnection* held);
    // Takes it out of the table; later uses are told the reason.
    std::unique_ptr<mysql::Connection> end(HeldConnection* held, std::string_view reason);
    HeldConnection* find(HeldId id);
    HeldConnection* any();
    std::size_t size() const { return held_.size(); }
    // In no order; `visit` may end the connection that it is given.
    template <class Visit>
    void for_each(Visit visit) {
        std::vector<HeldConnection*> all;
        all.reserve(held_.size());
        for (const auto& [id, held] : held_) all.push_back(held.get());
        for (HeldConnection* const held : all) visit(held);
    }
    // "exceeded timeout: 30s"
    static std::string timeout_reason(const HeldConnection& held);

 private:
    struct Ended {
        HeldId id;
        std::chrono::system_clock::time_point when;
        std::string reason;
    };
    static void fire(async::Timer* timer);
    void remember(HeldId id, std::string_view reason);

    Limits limits_;
    void (*expired_)(void* owner, HeldConnection* held);
    void* owner_;
    HeldId next_;
    std::unordered_map<HeldId, std::unique_ptr<HeldConnection>> held_;
    std::deque<Ended> ended_;
};

}  // namespace sluice::tablet
