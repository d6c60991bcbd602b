// Health of a tablet, from the main loop to those who watch it. Before: server.cc. After:
// query_service.cc.
#include "tabletserver/health.h"

#include <algorithm>

#include "query.pb.h"

namespace sluice::tabletserver {

std::string encode(const HealthMessage& message) {
    ::query::StreamHealthResponse out;
    out.mutable_target()->set_keyspace(message.keyspace);
    out.mutable_target()->set_shard(message.shard);
    out.mutable_target()->set_tablet_type(static_cast<::topodata::TabletType>(message.type));
    out.set_serving(message.serving);
    out.set_primary_term_start_timestamp(message.term_start);
    out.mutable_tablet_alias()->set_cell(message.alias.cell);
    out.mutable_tablet_alias()->set_uid(message.alias.uid);
    auto* stats = out.mutable_realtime_stats();
    stats->set_health_error(message.error);
    stats->set_replication_lag_seconds(message.lag_seconds);
    stats->set_qps(message.qps);
    for (const std::string& name : message.tables_changed) stats->add_table_schema_changed(name);
    for (const std::string& name : message.views_changed) stats->add_view_schema_changed(name);
    stats->set_udfs_changed(message.functions_changed);
    return out.SerializeAsString();
}

HealthFeed::Watcher::Watcher(HealthFeed* feed, std::size_t room) : feed_(feed), room_(room) {
    feed_->watchers_.push_back(this);
    if (feed_->state_) waiting_.push_back(feed_->state_);
}

HealthFeed::Watcher::~Watcher() {
    std::erase(feed_->watchers_, this);
}

Task<Result<HealthFeed::Encoded>> HealthFeed::Watcher::next(Stop* stop) {
    while (waiting_.empty() && !overflowed_ && !feed_->closed_)
        CO_TRY(co_await arrived_.wait(stop));
    if (feed_->closed_) co_return fail(Code::unavailable, "tabletserver is shutdown");
    if (overflowed_) {
        co_return fail(
            Code::resource_exhausted,
            "stream health buffer overflowed. client should reconnect for up-to-date status");
    }
    Encoded next = std::move(waiting_.front());
    waiting_.pop_front();
    co_return next;
}

void HealthFeed::publish(Encoded message, Encoded state) {
    state_ = std::move(state);
    for (Watcher* const watcher : watchers_) {
        if (watcher->waiting_.size() >= watcher->room_) {
            watcher->overflowed_ = true;
        } else {
            watcher->waiting_.push_back(message);
        }
        watcher->arrived_.wake_all();
    }
}

void HealthFeed::close() {
    closed_ = true;
    for (Watcher* const watcher : watchers_) watcher->arrived_.wake_all();
}

}  // namespace sluice::tabletserver
