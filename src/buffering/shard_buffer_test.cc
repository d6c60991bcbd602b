#include "buffering/shard_buffer.h"

#include <gtest/gtest.h>

namespace sluice::buffering {
namespace {

using namespace std::chrono_literals;
using Answer = ShardBuffer::Answer;
using State = ShardBuffer::State;

const Error read_only = make_error(Code::cluster_event, 1290, "read only");
const Error resharding = make_error(Code::cluster_event, "current keyspace is being resharded");
const Error denied =
    make_error(Code::failed_precondition, "disallowed due to rule: enforce denied tables");
const vindex::TabletAlias old_primary{"zone1", 100}, new_primary{"zone1", 101};

// A shard's buffer in time that the test makes.
struct World {
    BufferOptions options;
    Room room;
    std::unique_ptr<ShardBuffer> buffer;
    Time now{1h};
    bool allowed = true;
    std::vector<bool> marks;
    std::vector<std::string> said;  // "1 again", "2 primary buffer is full"

    explicit World(BufferOptions with = {}) : options(std::move(with)) {
        options.enabled = true;
        buffer = std::make_unique<ShardBuffer>("ks", "-80", &options, &room);
    }
    std::string enter(Ticket ticket, const Error* error, std::size_t bytes = 10) {
        const auto answer = buffer->enter(now, ticket, bytes, error, [this](bool reparent) {
            marks.push_back(reparent);
            return allowed;
        });
        note();
        if (!answer) return answer.error().text;
        return *answer == Answer::hold ? "hold" : "pass";
    }
    void pass_time(Duration duration) {
        now += duration;
        buffer->advance(now);
        note();
    }
    void event(const vindex::TabletAlias& primary, bool serving = true, bool moved = false) {
        buffer->on_event(now, primary, serving, moved);
        note();
    }
    void retried(Ticket ticket) {
        buffer->retried(now, ticket);
        note();
    }
    void note() {
        for (const Release& release : buffer->take_releases()) {
            said.push_back(std::to_string(release.ticket) + " " +
                           (release.outcome ? "again" : release.outcome.error().text));
        }
    }
    std::vector<std::string> take() { return std::exchange(said, {}); }
};
using Said = std::vector<std::string>;

TEST(ShardBuffer, HoldsUntilThePrimaryIsBackAndDrainsInOrder) {
    World w;
    w.event(old_primary);
    EXPECT_EQ(w.enter(1, nullptr), "pass") << "nothing fails over";
    EXPECT_EQ(w.enter(2, &read_only), "hold");
    EXPECT_EQ(w.marks, std::vector<bool>{true}) << "a reparent";
    EXPECT_EQ(w.enter(3, nullptr), "hold") << "others wait without having failed";
    EXPECT_EQ(w.enter(4, &read_only), "hold");
    EXPECT_EQ(w.room.requests, 3U);
    w.pass_time(2s);
    EXPECT_EQ(w.take(), Said{});
    w.event(new_primary);
    EXPECT_EQ(w.take(), Said{"2 again"}) << "one at a time";
    EXPECT_EQ(w.buffer->state(), State::draining);
    EXPECT_EQ(w.enter(5, nullptr), "pass") << "while it drains nothing waits";
    w.retried(2);
    w.retried(3);
    EXPECT_EQ(w.take(), (Said{"3 again", "4 again"}));
    EXPECT_EQ(w.room.requests, 1U);
    w.retried(4);
    EXPECT_EQ(w.buffer->state(), State::idle);
    EXPECT_EQ(w.room.requests, 0U);
    EXPECT_EQ(w.room.bytes, 0U);
    const ShardCounters& counts = w.buffer->counters();
    EXPECT_EQ(counts.starts, 1U);
    EXPECT_EQ(counts.buffered, 3U);
    EXPECT_EQ(counts.drained, 3U);
    EXPECT_EQ(counts.stops[static_cast<int>(StopReason::new_primary)], 1U);
    EXPECT_EQ(counts.last_failover_duration, 2000U);
    EXPECT_EQ(counts.last_in_flight_max, 3U);
}

TEST(ShardBuffer, DrainsAsManyAtATimeAsItMay) {
    World w({.drain_concurrency = 2});
    for (Ticket i = 1; i <= 4; ++i) EXPECT_EQ(w.enter(i, &read_only), "hold");
    w.event(new_primary);
    EXPECT_EQ(w.take(), (Said{"1 again", "2 again"}));
    w.retried(2);
    EXPECT_EQ(w.take(), Said{"3 again"});
}

TEST(ShardBuffer, AWindowThatIsOverGivesOneMoreTry) {
    World w({.window = 10s, .max_failover = 20s});
    EXPECT_EQ(w.enter(1, &read_only), "hold");
    w.pass_time(4s);
    EXPECT_EQ(w.enter(2, &read_only), "hold");
    EXPECT_EQ(w.buffer->next_due(), Time(1h + 10s));
    w.pass_time(5999ms);
    EXPECT_EQ(w.take(), Said{});
    w.pass_time(1ms);
    EXPECT_EQ(w.take(), Said{"1 again"});
    EXPECT_EQ(w.room.requests, 2U) << "its place is kept until it has been tried";
    w.retried(1);
    EXPECT_EQ(w.room.requests, 1U);
    w.pass_time(10s);
    EXPECT_EQ(w.take(), Said{"2 again"}) << "the failover took too long";
    EXPECT_EQ(w.buffer->state(), State::draining);
    w.retried(2);
    EXPECT_EQ(w.buffer->counters().evicted[static_cast<int>(EvictReason::window)], 1U);
    EXPECT_EQ(w.buffer->counters().stops[static_cast<int>(StopReason::too_long)], 1U);
}

TEST(ShardBuffer, FailoversThatFollowTooSoonAreNotHeld) {
    World w({.min_between = 60s});
    w.event(old_primary);
    EXPECT_EQ(w.enter(1, &read_only), "hold");
    w.event(new_primary);
    w.retried(1);
    w.pass_time(59s);
    EXPECT_EQ(w.enter(2, &read_only), "pass");
    EXPECT_EQ(w.buffer->counters().skipped[static_cast<int>(SkipReason::recent_failover)], 1U);
    w.pass_time(1s);
    EXPECT_EQ(w.enter(3, &read_only), "hold");

    World seen({.min_between = 60s});
    seen.event(old_primary);
    seen.event(new_primary);  // a reparent that no request met
    EXPECT_EQ(seen.enter(1, &read_only), "pass");
    EXPECT_EQ(seen.buffer->counters().skipped[static_cast<int>(SkipReason::recent_reparent)], 1U);
}

TEST(ShardBuffer, OldRequestsGiveWayToNewOnes) {
    World w({.size = 2, .bytes = 1000});
    EXPECT_EQ(w.enter(1, &read_only), "hold");
    EXPECT_EQ(w.enter(2, &read_only), "hold");
    EXPECT_EQ(w.enter(3, &read_only), "hold");
    EXPECT_EQ(w.take(), Said{"1 buffer full: request evicted for newer request"});
    EXPECT_EQ(w.room.requests, 2U);
    EXPECT_EQ(w.enter(4, &read_only, 995), "hold") << "as many as its bytes need";
    EXPECT_EQ(w.take(), (Said{"2 buffer full: request evicted for newer request",
                              "3 buffer full: request evicted for newer request"}));
    EXPECT_EQ(w.enter(5, &read_only, 1001), "primary buffer is full");
    EXPECT_EQ(w.buffer->counters().skipped[static_cast<int>(SkipReason::full)], 1U);
    ShardBuffer other("ks", "80-", &w.options, &w.room);
    const auto answer = other.enter(w.now, 6, 10, &read_only, [](bool) { return true; });
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().text, "primary buffer is full") << "another shard's place";
}

TEST(ShardBuffer, StartsForWhatAFailoverSays) {
    struct Case {
        const Error* error;
        const char* answer;
        std::vector<bool> marks;
    };
    const Error unavailable = make_error(Code::unavailable, "gone");
    for (const auto& [error, answer, marks] :
         {Case{&resharding, "hold", {false}}, Case{&denied, "hold", {false}},
          Case{&read_only, "hold", {true}}}) {
        World w;
        EXPECT_EQ(w.enter(1, error), answer) << error->text;
        EXPECT_EQ(w.marks, marks) << error->text;
    }
    EXPECT_FALSE(is_failover(unavailable));
    EXPECT_FALSE(is_failover(make_error(Code::failed_precondition, "wrong tablet type")));
    World w;
    w.allowed = false;
    EXPECT_EQ(w.enter(1, &read_only), "pass") << "the shard is not known";
    EXPECT_EQ(w.buffer->state(), State::idle);
}

TEST(ShardBuffer, ReshardingEndsInAnErrorAndMovedTablesInARetry) {
    World w;
    EXPECT_EQ(w.enter(1, &resharding), "hold");
    w.event(old_primary, false);
    EXPECT_EQ(w.take(), Said{"1 destination shard is missing after a resharding operation"});
    EXPECT_EQ(w.buffer->counters().stops[static_cast<int>(StopReason::resharded)], 1U);
    World moved;
    EXPECT_EQ(moved.enter(1, &denied), "hold");
    moved.event(old_primary, true, true);
    EXPECT_EQ(moved.take(), Said{"1 again"});
    EXPECT_EQ(moved.buffer->counters().stops[static_cast<int>(StopReason::tables_moved)], 1U);
}

TEST(ShardBuffer, ClientsMayLeave) {
    World w;
    EXPECT_EQ(w.enter(1, &read_only), "hold");
    EXPECT_EQ(w.enter(2, &read_only), "hold");
    w.buffer->leave(1);
    w.note();
    EXPECT_EQ(w.take(), Said{"1 context was canceled before failover finished"});
    w.retried(1);
    EXPECT_EQ(w.room.requests, 1U);
    w.buffer->leave(7);
    w.event(new_primary);
    EXPECT_EQ(w.take(), Said{"2 again"});
    w.retried(2);
    EXPECT_EQ(w.room.requests, 0U);
}

TEST(ShardBuffer, EndsWithTheGate) {
    World w;
    EXPECT_EQ(w.enter(1, &read_only), "hold");
    w.buffer->shut_down(w.now);
    w.note();
    EXPECT_EQ(w.take(), Said{"1 shutdown"});
}

TEST(ShardBuffer, ADryRunOnlyCounts) {
    World w;
    w.options.dry_run = true;
    ASSERT_TRUE(w.options.set_keyspace_shards("other,ks/80-").has_value());
    ShardBuffer dry("ks", "-80", &w.options, &w.room);
    const auto yes = [](bool) { return true; };
    EXPECT_EQ(*dry.enter(w.now, 1, 10, &read_only, yes), Answer::pass);
    EXPECT_EQ(dry.state(), State::buffering);
    EXPECT_EQ(dry.counters().buffered_dry_run, 1U);
    dry.on_event(w.now, new_primary, true, false);
    EXPECT_EQ(dry.state(), State::idle);
    EXPECT_TRUE(dry.take_releases().empty());
    w.options.dry_run = false;
    ShardBuffer off("ks", "-80", &w.options, &w.room);
    EXPECT_EQ(*off.enter(w.now, 1, 10, &read_only, yes), Answer::pass);
    EXPECT_EQ(off.counters().skipped[static_cast<int>(SkipReason::disabled)], 1U);
}

TEST(BufferOptions, NamesShards) {
    BufferOptions options{.enabled = true};
    EXPECT_EQ(options.mode("a", "0"), Mode::enabled);
    ASSERT_TRUE(options.set_keyspace_shards("a,b/-80").has_value());
    EXPECT_EQ(options.mode("a", "0"), Mode::enabled);
    EXPECT_EQ(options.mode("b", "-80"), Mode::enabled);
    EXPECT_EQ(options.mode("b", "80-"), Mode::disabled);
    options.dry_run = true;
    EXPECT_EQ(options.mode("b", "80-"), Mode::dry_run);
    EXPECT_FALSE(BufferOptions().set_keyspace_shards("a,,b").has_value());
    EXPECT_FALSE(BufferOptions().set_keyspace_shards("/x").has_value());
}

}  // namespace
}  // namespace sluice::buffering
