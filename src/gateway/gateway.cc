// Step 8 of a request: one call to one shard. Before: scatter.cc, shard_streams.cc or
// transaction/shard_sessions.cc. After: tablet/; buffering/ while the primary fails over.
#include "gateway/gateway.h"

#include <algorithm>
#include <array>
#include <optional>

#include "async/deadline.h"

namespace sluice::gateway {
namespace {

using discovery::KnownTablet;

constexpr std::size_t most_attempts = 8;
// When a primary could not be reached: how long its health may take to say the same.
constexpr std::chrono::milliseconds verdict_wait{500};

Error no_healthy_tablet(const ShardTarget& target) {
    std::string text = prefix(target) + "no healthy tablet available for 'keyspace:\"";
    text.append(target.keyspace).append("\" shard:\"").append(target.shard);
    text.append("\" tablet_type:").append(vindex::tablet_type_name(target.type)).append("'");
    return make_error(Code::unavailable, std::move(text));
}

bool is_stopped(const Call& call) {
    return call.stop != nullptr && call.stop->requested();
}

// Contract 13.6, and design.md section 10 "Resending": a write is sent again only if nothing of it
// was.
bool may_try_another(const Call& call, const Outcome& outcome) {
    if (outcome.end || call.hold || call.held != tablet::not_held) return false;
    if (outcome.delivered || (outcome.sent && call.is_write) || is_stopped(call)) return false;
    const Code code = outcome.end.error().code;
    return code == Code::unavailable || code == Code::failed_precondition ||
           code == Code::cluster_event;
}

// What the server said about a statement reaches the client unchanged. If nothing was sent, the
// failure is ours to explain, and says where.
void explain(const ShardRequest& request, Outcome& outcome) {
    if (outcome.end || outcome.sent || is_stopped(request.call)) return;
    outcome.end.error().text.insert(0, prefix(request.target));
}

// What a request keeps alive while it is held.
std::size_t size_of(const Call& call) {
    std::size_t bytes = call.text.size() + call.normalized.size();
    if (call.execution != nullptr) bytes += call.execution->values.size();
    if (call.variables == nullptr) return bytes;
    for (const auto& [name, bound] : *call.variables) {
        bytes += name.size() + bound.value.bytes.size();
        for (const Value& value : bound.list) bytes += value.bytes.size();
    }
    return bytes;
}

// The failure of a statement that the primary has refused and not run.
bool may_be_held(const Call& call, const Outcome& outcome) {
    return !outcome.end && !outcome.delivered && call.held == tablet::not_held &&
           !is_stopped(call) && buffering::is_failover(outcome.end.error());
}

Error cluster_event(const ShardTarget& target, std::string_view text) {
    return make_error(Code::cluster_event, prefix(target).append(text));
}

Error inconsistent(const ShardTarget& target) {
    return make_error(Code::unavailable, prefix(target) +
                                             "inconsistent state detected, primary is serving but "
                                             "initially found no available tablet");
}

}  // namespace

// One request's way through tablets and the buffer.
struct Gateway::Attempts {
    Answer answer;
    ShardTarget target;  // in the newest snapshot that was looked at
    std::array<const KnownTablet*, most_attempts> tried{};
    std::size_t count = 0;   // of `tried`
    std::size_t rounds = 0;  // with or without a tablet
    bool may_hold = false;   // the buffer may still keep it, at most once
    bool called = false;
    bool own = false;    // the error is the gate's
    bool again = false;  // there may be another way
    bool stale = false;  // the snapshot must be looked at again
    buffering::Held held;

    std::span<const KnownTablet* const> tried_tablets() const { return {tried.data(), count}; }
    void fail_with(Error error) {
        answer.outcome = Outcome{};
        answer.outcome.end = fail(std::move(error));
        own = true;
    }
};

Result<void> Gateway::check_type(TabletType type) const {
    const std::vector<TabletType>& allowed = options_.allowed_types;
    if (allowed.empty() || std::ranges::find(allowed, type) != allowed.end()) [[likely]]
        return {};
    std::string names;
    for (const TabletType each : allowed) {
        names.append(names.empty() ? "" : " ").append(vindex::tablet_type_name(each));
    }
    return fail(Code::failed_precondition,
                "requested tablet type " + std::string(vindex::tablet_type_name(type)) +
                    " is not part of the allowed tablet types for this vtgate: [" + names + "]");
}

Result<void> Gateway::admit(const ShardTarget& target, const ShardRequest& request) const {
    const discovery::Shard* shard = target.known;
    if (shard == nullptr) return fail(no_healthy_tablet(target));
    TRY(check_type(target.type));
    if (options_.tablets) return {};
    const std::size_t type = discovery::slot(target.type);
    if (shard->query_service_disabled[type]) [[unlikely]] {
        return fail(cluster_event(target, options_.buffer != nullptr
                                              ? buffering::resharding_text
                                              : "operation not allowed in state NOT_SERVING"));
    }
    const std::vector<std::string>& denied = shard->denied_tables[type];
    if (denied.empty()) return {};
    const bool refused = std::ranges::any_of(request.tables, [&](const std::string& table) {
        const std::size_t dot = table.rfind('.');
        return std::ranges::binary_search(denied,
                                          dot == table.npos ? table : table.substr(dot + 1));
    });
    if (!refused) return {};
    return fail(Code::failed_precondition,
                prefix(target) + "disallowed due to rule: enforce denied tables");
}

// The balancer's choice among those that were not tried: turns fall to each by its share.
const KnownTablet* Gateway::choose_by_share(std::span<const KnownTablet> tablets) {
    std::uint64_t total = 0;
    for (const KnownTablet& known : tablets) total += static_cast<std::uint64_t>(known.share);
    if (total == 0) return nullptr;
    // Steps of the golden ratio: any few turns in a row are spread as the shares are.
    const std::uint64_t step = turn() * 0x9e3779b97f4a7c15U;
    auto at = static_cast<std::uint64_t>((static_cast<unsigned __int128>(step) * total) >> 64U);
    for (const KnownTablet& known : tablets) {
        const auto share = static_cast<std::uint64_t>(known.share);
        if (at < share) return &known;
        at -= share;
    }
    return nullptr;
}

const KnownTablet* Gateway::choose(const ShardTarget& target,
                                   std::span<const KnownTablet* const> tried) {
    const std::vector<KnownTablet>& tablets = target.known->tablets[discovery::slot(target.type)];
    const auto is_tried = [&](const KnownTablet& known) {
        return std::ranges::find(tried, &known) != tried.end();
    };
    const bool only_healthy = core_->cluster()->only_healthy;
    if (tablets.size() == 1) {
        const bool wanted = !is_tried(tablets[0]) && (tablets[0].healthy || !only_healthy);
        return wanted ? tablets.data() : nullptr;
    }
    if (core_->cluster()->balanced && tried.empty()) [[unlikely]] {
        if (const KnownTablet* known = choose_by_share(tablets)) return known;
    }
    // Usable ones of this cell, usable ones elsewhere, any: in each class they take turns.
    const auto rank = [&](const KnownTablet& known) {
        if (core_->usable(known)) return known.local ? 0 : 1;
        return known.healthy || !only_healthy ? 2 : 3;
    };
    for (int wanted = 0; wanted <= 2; ++wanted) {
        const auto fits = [&](const KnownTablet& known) {
            return !is_tried(known) && rank(known) == wanted;
        };
        const auto count = static_cast<std::uint64_t>(std::ranges::count_if(tablets, fits));
        if (count == 0) continue;
        std::uint64_t skip = turn() % count;
        for (const KnownTablet& known : tablets) {
            if (fits(known) && skip-- == 0) return &known;
        }
    }
    return nullptr;
}

// Waits in the buffer, if it is its turn to; false: the request is over.
Task<bool> Gateway::hold(const ShardRequest* request, Attempts* attempts) {
    Outcome& outcome = attempts->answer.outcome;
    const Error* error = outcome.end ? nullptr : &outcome.end.error();
    attempts->held = co_await options_.buffer->wait(
        std::string(request->target.keyspace), std::string(request->target.shard),
        size_of(request->call), error, request->call.stop);
    if (attempts->held.ticket != 0) {
        attempts->may_hold = false;
        attempts->stale = true;
    }
    if (attempts->held.outcome) co_return true;
    Error over = std::move(attempts->held.outcome).error();
    std::string text = prefix(request->target) +
                       "failed to automatically buffer and retry failed request during failover. "
                       "original err (type=";
    text += error == nullptr ? "<nil>): <nil>" : "*vterrors.fundamental): " + error->text;
    over.text = text + ": " + over.text;
    attempts->fail_with(std::move(over));
    co_return false;
}

// After a failure the statement's own snapshot is too old to choose from.
Task<void> Gateway::look_again(const ShardRequest* request, Attempts* attempts) {
    const Outcome& outcome = attempts->answer.outcome;
    const bool unreached =
        attempts->called && attempts->may_hold && outcome.end.error().code == Code::unavailable;
    if (unreached) {
        async::LinkedStop until(request->call.stop);
        const async::Deadline deadline(until.get(), verdict_wait,
                                       make_error(Code::deadline_exceeded, "no news"));
        std::ignore = co_await core_->wait_for_cluster(core_->cluster()->epoch, until.get());
    }
    if (attempts->answer.newer == core_->cluster()) co_return;
    // Tablets of the older snapshot are known by their entries in the newer one.
    std::vector<const discovery::TabletEntry*> entries;
    for (const KnownTablet* known : attempts->tried_tablets())
        entries.push_back(known->entry.get());
    const discovery::ClusterPointer newest = core_->cluster();
    const discovery::Keyspace* keyspace = newest->keyspace(request->target.keyspace);
    attempts->target.known = keyspace == nullptr ? nullptr : keyspace->shard(request->target.shard);
    attempts->count = 0;
    if (attempts->target.known != nullptr) {
        const auto slot = discovery::slot(attempts->target.type);
        for (const KnownTablet& known : attempts->target.known->tablets[slot]) {
            const bool tried = std::ranges::find(entries, known.entry.get()) != entries.end();
            // Who was held comes back to the one that refused it, if it serves again.
            if (tried && attempts->held.ticket == 0 && attempts->count < most_attempts) {
                attempts->tried[attempts->count++] = &known;
            }
        }
    }
    attempts->answer.newer = newest;
}

// The tablet to call now; null: the attempt has ended with an error of ours.
const KnownTablet* Gateway::pick(const ShardRequest& request, Attempts* attempts) {
    attempts->again = false;
    Answer& answer = attempts->answer;
    if (Result<void> admitted = admit(attempts->target, request); !admitted) [[unlikely]] {
        attempts->fail_with(std::move(admitted).error());
        attempts->again = attempts->may_hold && may_be_held(request.call, answer.outcome);
        return nullptr;
    }
    const KnownTablet* known = choose(attempts->target, attempts->tried_tablets());
    const discovery::Shard& shard = *attempts->target.known;
    if (attempts->may_hold && (known == nullptr || !known->healthy)) [[unlikely]] {
        if (shard.being_resharded || shard.failing_over) {
            attempts->fail_with(cluster_event(attempts->target, shard.being_resharded
                                                                    ? buffering::resharding_text
                                                                    : buffering::reparent_text));
            attempts->again = true;
            return nullptr;
        }
    }
    if (known == nullptr) [[unlikely]] {
        if (attempts->called || !answer.outcome.end) return nullptr;
        attempts->again = attempts->may_hold && shard.had_primary;
        attempts->fail_with(attempts->again ? inconsistent(attempts->target)
                                            : no_healthy_tablet(attempts->target));
        return nullptr;
    }
    if (attempts->count < most_attempts) attempts->tried[attempts->count++] = known;
    answer.entry = known->entry.get();
    answer.tablet = core_->tablet(*known->entry);
    attempts->called = true;
    attempts->own = false;
    return known;
}

// After a call. The result: a connection that must be given up before the next attempt.
tablet::HeldId Gateway::settle(const ShardRequest& request, const KnownTablet& known,
                               Attempts* attempts) {
    Outcome& outcome = attempts->answer.outcome;
    const bool unreached =
        !outcome.end && !outcome.sent && outcome.end.error().code == Code::unavailable;
    core_->mark(*known.entry, !unreached);
    if (outcome.end) [[likely]]
        return tablet::not_held;
    const bool held = attempts->may_hold && may_be_held(request.call, outcome);
    attempts->again = held || may_try_another(request.call, outcome) ||
                      (unreached && attempts->may_hold && !is_stopped(request.call));
    // A transaction whose first statement was refused: it begins again where it may go on.
    return held ? std::exchange(outcome.held, tablet::not_held) : tablet::not_held;
}

Task<Answer> Gateway::try_tablets(const ShardRequest* request, RowSink* sink, What what) {
    const auto began = async::Clock::now();
    Attempts attempts;
    attempts.target = request->target;
    attempts.may_hold = options_.buffer != nullptr && request->target.type == TabletType::primary &&
                        request->call.held == tablet::not_held;
    const auto most = static_cast<std::size_t>(
        std::clamp(options_.retry_count + 1, 1, static_cast<int>(most_attempts)));
    do {
        if (attempts.may_hold && (attempts.rounds != 0 || !options_.buffer->idle())) [[unlikely]] {
            const bool goes_on = co_await hold(request, &attempts);
            if (!goes_on) break;
        }
        if (attempts.stale) [[unlikely]]
            co_await look_again(request, &attempts);
        if (const KnownTablet* known = pick(*request, &attempts)) {
            const TabletPointer& on = attempts.answer.tablet;
            if (what == What::execute) {
                attempts.answer.outcome = co_await on->execute(&request->call, sink);
            } else {
                attempts.answer.outcome = co_await on->prepare(&request->call, sink);
            }
            const tablet::HeldId first = settle(*request, *known, &attempts);
            if (first != tablet::not_held) [[unlikely]]
                co_await on->release(first);
        }
        attempts.stale = true;
        ++attempts.rounds;
    } while (attempts.again && attempts.rounds < most);
    if (attempts.held.ticket != 0) [[unlikely]]
        options_.buffer->retried(attempts.held);
    if (!attempts.own) explain(*request, attempts.answer.outcome);
    if (what == What::execute)
        counters_.add(request->target, async::Clock::now() - began, attempts.answer.outcome);
    co_return std::move(attempts.answer);
}

Task<Answer> Gateway::call(const ShardRequest* request, RowSink* sink) {
    return try_tablets(request, sink, What::execute);
}

Task<Answer> Gateway::prepare(const ShardRequest* request, RowSink* sink) {
    return try_tablets(request, sink, What::prepare);
}

Task<Outcome> Gateway::run(const ShardRequest* request, RowSink* sink) {
    Answer answer = co_await try_tablets(request, sink, What::execute);
    co_return std::move(answer.outcome);
}

}  // namespace sluice::gateway
