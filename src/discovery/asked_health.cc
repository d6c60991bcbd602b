// Beside requests: a server's health, for a gate without tablets. Before: follow_health.cc. After:
// tablet/mysql_tablet.cc.
#include "discovery/asked_health.h"

#include <charconv>

#include "async/deadline.h"
#include "async/wait_queue.h"
#include "base/log.h"
#include "tablet/query_table.h"

namespace sluice::discovery {
namespace {

using async::Stop;
using async::Task;

class AskedHealth : public tablet::HealthSource {
 public:
    AskedHealth(std::unique_ptr<tablet::Tablet> tablet, topo::Tablet record, AskOptions options)
        : tablet_(std::move(tablet)), record_(std::move(record)), options_(options) {}

    Task<Result<void>> open(Stop*) override {
        wait_ = std::chrono::milliseconds(0);
        co_return Result<void>{};
    }
    Task<Result<tablet::HealthMessage>> next(Stop* stop) override;
    void look_now() override {
        looked_for_ = true;
        looking_.wake_all();
    }
    Task<Result<tablet::SchemaParts>> schema(HealthTarget, tablet::SchemaKind,
                                             std::vector<std::string>, Stop*) override {
        co_return bug("a server is asked for CREATE statements; read_tables is the way");
    }
    Task<void> close() override { co_await tablet_->close(); }

 private:
    Task<Result<void>> wait_for_turn(Stop* stop);
    Task<Result<void>> ask_replication(HealthStats* stats, bool* replicates, Stop* stop);

    std::unique_ptr<tablet::Tablet> tablet_;
    topo::Tablet record_;
    AskOptions options_;
    std::chrono::milliseconds wait_{0};
    bool looked_for_ = false;
    bool told_denied_ = false;
    async::WaitQueue looking_;
};

Task<Result<void>> AskedHealth::wait_for_turn(Stop* stop) {
    if (wait_.count() > 0 && !looked_for_) {
        async::LinkedStop until(stop);
        const async::Deadline deadline(until.get(), wait_, make_error(Code::ok, "its turn"));
        std::ignore = co_await looking_.wait(until.get());
    }
    looked_for_ = false;
    if (stop != nullptr && stop->requested()) co_return fail(stop->error());
    co_return Result<void>{};
}

const std::optional<std::string>* column_of(const tablet::TextTable& table,
                                            std::initializer_list<std::string_view> names) {
    for (std::size_t i = 0; i < table.names.size(); ++i) {
        for (const std::string_view name : names) {
            if (table.names[i] == name) return &table.rows.front()[i];
        }
    }
    return nullptr;
}

Task<Result<void>> AskedHealth::ask_replication(HealthStats* stats, bool* replicates, Stop* stop) {
    auto status = co_await tablet::query_table(tablet_.get(), "show replica status", stop);
    if (!status && status.error().number == er::parse) {
        status = co_await tablet::query_table(tablet_.get(), "show slave status", stop);
    }
    if (!status && status.error().code == Code::permission_denied) {
        if (!told_denied_) {
            log::warning("the lag of " + vindex::to_text(record_.alias) +
                         " is not known: " + status.error().text);
        }
        told_denied_ = true;
        co_return Result<void>{};
    }
    if (!status) co_return fail(std::move(status).error());
    if (status->rows.empty()) co_return Result<void>{};  // a copy, nobody's replica
    const auto* behind = column_of(*status, {"Seconds_Behind_Source", "Seconds_Behind_Master"});
    if (behind == nullptr) co_return Result<void>{};
    *replicates = behind->has_value();
    if (!*replicates) {
        stats->health_error = "replication is not running";
        co_return Result<void>{};
    }
    const std::string& text = **behind;
    std::from_chars(text.data(), text.data() + text.size(), stats->replication_lag_seconds);
    co_return Result<void>{};
}

Task<Result<tablet::HealthMessage>> AskedHealth::next(Stop* stop) {
    CO_TRY(co_await wait_for_turn(stop));
    async::LinkedStop until(stop);
    const async::Deadline deadline(until.get(), options_.timeout,
                                   make_error(Code::deadline_exceeded, "no answer in time"));
    const auto rows = CO_TRY(co_await tablet::query_rows(
        tablet_.get(), "select @@version, @@global.read_only", until.get()));
    tablet::HealthMessage message;
    message.target = HealthTarget{record_.keyspace, record_.shard, record_.type, {}};
    message.stats.emplace();
    message.serving = !rows.empty();
    if (!rows.empty()) message.server_version = rows.front().front().value_or("");
    const bool read_only =
        !rows.empty() && rows.front().size() > 1 && rows.front()[1].value_or("0") != "0";
    if (record_.type == vindex::TabletType::primary) {
        message.serving = message.serving && !read_only;
        if (record_.primary_term_start_time) {
            message.primary_term_start = record_.primary_term_start_time->seconds;
        }
    } else {
        CO_TRY(co_await ask_replication(&*message.stats, &message.serving, until.get()));
    }
    wait_ = message.serving ? options_.interval : options_.hurry;
    co_return message;
}

}  // namespace

std::unique_ptr<tablet::HealthSource> ask_server(std::unique_ptr<tablet::Tablet> tablet,
                                                 topo::Tablet record, AskOptions options) {
    return std::make_unique<AskedHealth>(std::move(tablet), std::move(record), options);
}

}  // namespace sluice::discovery
