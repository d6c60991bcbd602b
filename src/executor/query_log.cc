// Beside a request: finished statements go to those who listen. Before: count.cc.
#include "executor/query_log.h"

#include <algorithm>
#include <random>

namespace sluice::executor {

QueryLog::QueryLog(async::Loop* home, QueryLogFilter filter, double sample_rate, std::size_t buffer)
    : home_(home), filter_(std::move(filter)), sample_rate_(sample_rate) {
    shared_->buffer = std::max<std::size_t>(buffer, 1);
}

bool QueryLog::wants(const QueryRecord& record) const {
    if (sample_rate_ > 0) {
        thread_local std::minstd_rand source(std::random_device{}());
        if (std::uniform_real_distribution<double>()(source) <= sample_rate_) return true;
    }
    return filter_.wants(record);
}

void QueryLog::add(QueryRecordPointer record) {
    if (!wants(*record)) return;
    home_->post([shared = shared_, record = std::move(record)] { shared->hand_on(record); });
}

void QueryLog::Shared::hand_on(const QueryRecordPointer& record) {
    for (Listener* const listener : listeners) {
        if (listener->waiting_.size() >= buffer) {
            dropped.at(listener->label_).add();
            continue;
        }
        delivered.at(listener->label_).add();
        listener->waiting_.push_back(record);
        listener->arrived_.wake_all();
    }
}

QueryLog::Listener::Listener(QueryLog* log, std::string_view name)
    : log_(log), label_("VTGate." + std::string(name)) {
    log_->shared_->listeners.push_back(this);
    log_->listeners_count_.store(log_->shared_->listeners.size(), std::memory_order_relaxed);
}

QueryLog::Listener::~Listener() {
    std::erase(log_->shared_->listeners, this);
    log_->listeners_count_.store(log_->shared_->listeners.size(), std::memory_order_relaxed);
}

async::Task<Result<QueryRecordPointer>> QueryLog::Listener::next(async::Stop* stop) {
    while (waiting_.empty()) CO_TRY(co_await arrived_.wait(stop));
    co_return take();
}

QueryRecordPointer QueryLog::Listener::take() {
    if (waiting_.empty()) return nullptr;
    QueryRecordPointer record = std::move(waiting_.front());
    waiting_.pop_front();
    return record;
}

}  // namespace sluice::executor
