// Step 8 of a request: one call to one shard. Before: scatter.cc, shard_streams.cc or
// transaction/shard_sessions.cc. After: tablet/.
#include "gateway/gateway.h"

#include <algorithm>
#include <array>

namespace sluice::gateway {
namespace {

using discovery::KnownTablet;

constexpr std::size_t most_attempts = 8;

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

}  // namespace

Result<void> Gateway::admit(const ShardRequest& request) const {
    const discovery::Shard* shard = request.target.known;
    if (shard == nullptr) return fail(no_healthy_tablet(request.target));
    if (options_.tablets) return {};
    const std::size_t type = discovery::slot(request.target.type);
    if (shard->query_service_disabled[type]) [[unlikely]] {
        return fail(Code::cluster_event,
                    prefix(request.target) + "operation not allowed in state NOT_SERVING");
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
                prefix(request.target) + "disallowed due to rule: enforce denied tables");
}

const KnownTablet* Gateway::choose(const ShardTarget& target,
                                   std::span<const KnownTablet* const> tried) {
    const std::vector<KnownTablet>& tablets = target.known->tablets[discovery::slot(target.type)];
    const auto is_tried = [&](const KnownTablet& known) {
        return std::ranges::find(tried, &known) != tried.end();
    };
    if (tablets.size() == 1) return is_tried(tablets[0]) ? nullptr : tablets.data();
    // Usable ones of this cell, usable ones elsewhere, any: in each class they take turns.
    const auto rank = [&](const KnownTablet& known) {
        return core_->usable(known) ? (known.local ? 0 : 1) : 2;
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

Task<Answer> Gateway::try_tablets(const ShardRequest* request, RowSink* sink, What what) {
    Answer answer;
    if (Result<void> admitted = admit(*request); !admitted) [[unlikely]] {
        answer.outcome.end = fail(std::move(admitted).error());
        co_return answer;
    }
    std::array<const KnownTablet*, most_attempts> tried{};
    std::size_t attempts = 0;
    const auto most = static_cast<std::size_t>(
        std::clamp(options_.retry_count + 1, 1, static_cast<int>(most_attempts)));
    while (attempts < most) {
        const KnownTablet* known = choose(request->target, {tried.data(), attempts});
        if (known == nullptr) break;
        tried[attempts++] = known;
        answer.entry = known->entry.get();
        answer.tablet = core_->tablet(*known->entry);
        if (what == What::execute) {
            answer.outcome = co_await answer.tablet->execute(&request->call, sink);
        } else {
            answer.outcome = co_await answer.tablet->prepare(&request->call, sink);
        }
        const Outcome& outcome = answer.outcome;
        const bool unreached =
            !outcome.end && !outcome.sent && outcome.end.error().code == Code::unavailable;
        core_->mark(*known->entry, !unreached);
        if (!may_try_another(request->call, outcome)) break;
    }
    if (attempts == 0) answer.outcome.end = fail(no_healthy_tablet(request->target));
    if (attempts != 0) explain(*request, answer.outcome);
    co_return answer;
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
