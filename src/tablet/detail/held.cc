// Step 9 of a request inside a transaction: the connection that the session holds.
#include "tablet/detail/held.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "async/loop.h"
#include "tablet/mysql_tablet.h"

namespace sluice::tablet {
namespace {

using async::Clock;

constexpr std::size_t remembered = 1000;  // as many as v21 remembers

// "30s", "1m30s", "1h0m0s", "1.5s", "250ms": as Go prints a duration.
std::string go_duration(std::chrono::milliseconds duration) {
    const auto total = duration.count();
    if (total < 1000) return std::to_string(total) + "ms";
    std::string text;
    const auto hours = total / 3'600'000, minutes = total / 60'000 % 60;
    if (hours > 0) text += std::to_string(hours) + "h";
    if (hours > 0 || minutes > 0) text += std::to_string(minutes) + "m";
    text += std::to_string(total / 1000 % 60);
    if (const auto thousandths = total % 1000; thousandths > 0) {
        char digits[8];
        std::snprintf(digits, sizeof(digits), ".%03d", static_cast<int>(thousandths));
        std::string_view fraction(digits);
        while (fraction.ends_with('0')) fraction.remove_suffix(1);
        text += fraction;
    }
    return text + "s";
}

// "2006-01-02 15:04:05.000 MST" in local time.
std::string stamp(std::chrono::system_clock::time_point when) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
                          when - std::chrono::system_clock::from_time_t(seconds))
                          .count();
    std::tm local{};
    ::localtime_r(&seconds, &local);
    char date[32], zone[16], whole[80];
    std::strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &local);
    std::strftime(zone, sizeof(zone), "%Z", &local);
    std::snprintf(whole, sizeof(whole), "%s.%03d %s", date, static_cast<int>(rest), zone);
    return whole;
}

std::unexpected<Error> aborted(HeldId id, const std::string& why) {
    return fail(Code::aborted, "transaction " + std::to_string(id) + ": " + why);
}

HeldId first_id() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto count = static_cast<HeldId>(std::chrono::nanoseconds(now).count());
    const auto loop = static_cast<HeldId>(async::Loop::current().index());
    return count / loops_of_ids * loops_of_ids + loop % loops_of_ids;
}

}  // namespace

std::size_t loop_of(HeldId held) {
    return held % loops_of_ids;
}

HeldTable::HeldTable(Limits limits, void (*expired)(void* owner, HeldConnection* held), void* owner)
    : limits_(limits), expired_(expired), owner_(owner), next_(first_id()) {}

std::string HeldTable::timeout_reason(const HeldConnection& held) {
    return "exceeded timeout: " + go_duration(held.idle_limit);
}

HeldConnection* HeldTable::add(std::unique_ptr<mysql::Connection> connection,
                               std::optional<std::chrono::milliseconds> idle_limit) {
    const HeldId id = std::exchange(next_, next_ + loops_of_ids);
    auto held = std::make_unique<HeldConnection>(id, &HeldTable::fire, this);
    held->connection = std::move(connection);
    held->began = Clock::now();
    held->idle_limit = idle_limit.value_or(limits_.idle);
    HeldConnection* const added = held.get();
    held_.emplace(id, std::move(held));
    unuse(added);
    return added;
}

HeldConnection* HeldTable::find(HeldId id) {
    const auto found = held_.find(id);
    return found == held_.end() ? nullptr : found->second.get();
}

HeldConnection* HeldTable::any() {
    return held_.empty() ? nullptr : held_.begin()->second.get();
}

Result<HeldConnection*> HeldTable::use(HeldId id) {
    HeldConnection* const held = find(id);
    if (held == nullptr || held->abandoned) {
        const auto ended = std::ranges::find(ended_, id, &Ended::id);
        if (ended == ended_.end()) return aborted(id, "not found (potential transaction timeout)");
        return aborted(id, "ended at " + stamp(ended->when) + " (" + ended->reason + ")");
    }
    if (held->in_use) return aborted(id, "in use: for query");
    held->clear();
    held->in_use = true;
    return held;
}

void HeldTable::unuse(HeldConnection* held) {
    held->in_use = false;
    Clock::duration left = held->idle_limit;
    if (limits_.age.count() > 0) {
        const Clock::duration until_old = held->began + limits_.age - Clock::now();
        const Clock::duration shortest = std::chrono::milliseconds(1);
        const Clock::duration bounded = std::max(until_old, shortest);
        left = left.count() > 0 ? std::min(left, bounded) : bounded;
    }
    if (left.count() > 0) async::Loop::current().set_timer(held, left);
}

void HeldTable::renumber(HeldConnection* held, std::string_view reason) {
    remember(held->id, reason);
    auto node = held_.extract(held->id);
    held->id = std::exchange(next_, next_ + loops_of_ids);
    node.key() = held->id;
    held_.insert(std::move(node));
}

void HeldTable::remember(HeldId id, std::string_view reason) {
    ended_.push_back({id, std::chrono::system_clock::now(), std::string(reason)});
    if (ended_.size() > remembered) ended_.pop_front();
}

std::unique_ptr<mysql::Connection> HeldTable::end(HeldConnection* held, std::string_view reason) {
    remember(held->id, reason);
    std::unique_ptr<mysql::Connection> connection = std::move(held->connection);
    held_.erase(held->id);
    return connection;
}

void HeldTable::fire(async::Timer* timer) {
    auto* const held = static_cast<HeldConnection*>(timer);
    auto* const table = static_cast<HeldTable*>(held->owner);
    table->expired_(table->owner_, held);
}

}  // namespace sluice::tablet
