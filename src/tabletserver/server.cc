// A tablet's states: what it should be, what it can be, and the way from one to the other. Before:
// lifecycle.cc. After: health.cc, condition.cc.
#include "tabletserver/server.h"

#include <algorithm>

#include "async/cross.h"
#include "async/deadline.h"
#include "async/visit.h"
#include "base/log.h"
#include "mysql/permits.h"
#include "sql/format.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/heartbeat.h"
#include "tabletserver/replication.h"
#include "vindex/target.h"

namespace sluice::tabletserver {
namespace {

using async::Clock;
using std::chrono_literals::operator""s;

tablet::MysqlTabletOptions tablet_options(const Options& options) {
    tablet::MysqlTabletOptions made;
    made.server = options.server;
    made.shard = options.keyspace + "/" + options.shard;
    made.alias = vindex::to_text(options.alias);
    // Whether a server takes writes it says itself, statement by statement.
    made.primary = false;
    made.pool_wait = options.pool_wait;
    made.transaction_wait = options.transaction_wait;
    made.idle_timeout = options.idle_timeout;
    made.max_lifetime = options.max_lifetime;
    made.query_timeout = milliseconds(0);  // each statement brings its own
    made.transaction_timeout = options.transaction_timeout;
    return made;
}

struct Limits {
    std::shared_ptr<mysql::ServerLimits> statements, streams;
};

bool open_core(Core* core, const Limits& limits) {
    core->statements =
        std::make_unique<tablet::MysqlTablet>(tablet_options(*core->options), limits.statements);
    tablet::MysqlTabletOptions streams = tablet_options(*core->options);
    streams.pool_wait = core->options->stream_wait;
    core->streams = std::make_unique<tablet::MysqlTablet>(std::move(streams), limits.streams);
    core->plans = std::make_unique<PlanCache>(
        PlanOptions{.max_rows = core->options->max_rows,
                    .passthrough_writes = core->options->passthrough_writes,
                    .database = core->options->server.database},
        core->options->plan_memory / core->all.size());
    return true;
}

Task<Result<bool>> close_core(Core* core) {
    core->health.close();
    co_await core->visits.join();
    if (core->streams) co_await core->streams->close();
    if (core->statements) co_await core->statements->close();
    core->streams.reset();
    core->statements.reset();
    co_return true;
}

bool serves(TabletType type) {
    return type == TabletType::primary || type == TabletType::replica || type == TabletType::rdonly;
}

}  // namespace

Server::Server(Options options, std::vector<async::Loop*> loops) : options_(std::move(options)) {
    std::vector<Core*> all;
    std::shared_ptr<TransactionLimits> limits;
    if (options_.transaction_limits.enabled)
        limits = std::make_shared<TransactionLimits>(options_.transaction_limits);
    const auto hot_total = std::make_shared<std::atomic<std::size_t>>(0);
    for (std::size_t i = 0; i < loops.size(); ++i) {
        auto core = std::make_unique<Core>();
        core->options = &options_;
        core->loop = loops[i];
        core->index = i;
        core->condition = std::make_shared<const Condition>();
        core->transaction_limits = limits;
        if (options_.hot_rows.enabled)
            core->hot_rows = std::make_unique<HotRows>(options_.hot_rows, hot_total);
        all.push_back(core.get());
        cores_.push_back(std::move(core));
    }
    for (const auto& core : cores_) core->all = all;
}

Server::~Server() = default;

Task<Result<void>> Server::start(Stop* stop) {
    const Limits limits{
        .statements =
            std::make_shared<mysql::ServerLimits>(options_.pool_size, options_.transaction_cap),
        .streams = std::make_shared<mysql::ServerLimits>(options_.stream_pool_size, 1)};
    for (const auto& core : cores_) {
        co_await async::on_loop(core->loop,
                                [core = core.get(), limits] { return open_core(core, limits); });
    }
    Core& main = *cores_.front();
    tablet::MysqlTabletOptions administration = tablet_options(options_);
    administration.server = options_.dba;
    // Its statements take as long as they take, and their connections stay while a lock is held.
    administration.transaction_timeout = milliseconds(0);
    administration.idle_timeout = options_.admin_idle_timeout;
    admin_ = std::make_unique<tablet::MysqlTablet>(
        std::move(administration),
        std::make_shared<mysql::ServerLimits>(options_.admin_pool_size, options_.admin_pool_size));
    sequences_ = std::make_unique<Sequences>(main.statements.get());
    schema_ = std::make_unique<Schema>(main.statements.get(), options_.views);
    std::vector<Core*> all;
    for (const auto& core : cores_) {
        all.push_back(core.get());
        core->sequences = sequences_.get();
    }
    service_ = std::make_unique<QueryService>(std::move(all), schema_.get());
    for (const auto& core : cores_) {
        core->reload_schema = [this, core = core.get()] { return reload_from(core); };
        core->suspect_server = [this] { cores_.front()->loop->post([this] { look_soon(); }); };
    }
    co_await broadcast(false);
    scope_.spawn("health", look_after());
    if (options_.heartbeat) scope_.spawn("heartbeat", write_heartbeats(this, &ending_));
    if (stop != nullptr && stop->requested()) co_return fail(stop->error());
    co_return Result<void>{};
}

void Server::want(Wanted wanted) {
    if (wanted == wanted_) return;
    wanted_ = std::move(wanted);
    ask_round();
}

// Something has changed: what is true is not known before the next round has ended.
void Server::ask_round() {
    settled_ = false;
    again_ = true;
    wake_.wake_all();
}

// Gates that hear of a lost server at once hold requests; each one before has failed.
void Server::look_soon() {
    if (!again_ && connected_) ask_round();
}

Task<Result<void>> Server::settle(Stop* stop) {
    while (!settled_) CO_TRY(co_await rounds_.wait(stop));
    co_return Result<void>{};
}

Task<Result<void>> Server::check_now(Stop* stop) {
    ask_round();
    co_return co_await settle(stop);
}

void Server::enter_lameduck() {
    lameduck_ = true;
    ask_round();
}

void Server::set_acl(std::shared_ptr<const TableAcl> acl) {
    for (const auto& core : cores_) core->loop->post([core = core.get(), acl] { core->acl = acl; });
}

Task<void> Server::set_rules(std::string_view source, QueryRules rules) {
    rules_ = std::make_shared<const RuleSources>(rules_->with(source, std::move(rules)));
    for (const auto& core : cores_) {
        co_await async::on_loop(core->loop, [core = core.get(), now = rules_] {
            core->plans->set_rules(now);
            return true;
        });
    }
}

bool Server::should_serve() const {
    return !closing_ && serves(wanted_.type) && wanted_.serve && connected_ && lag_trouble_.empty();
}

std::string Server::trouble() const {
    if (!mysql_trouble_.empty()) return mysql_trouble_;
    return lag_trouble_;
}

ServerState Server::state() const {
    ServerState state{.type = condition_.type,
                      .serving = condition_.serving && !condition_.shutting_down,
                      .connected = connected_,
                      .reason = trouble(),
                      .lag_seconds = lag_seconds_,
                      .degraded = std::chrono::seconds(lag_seconds_) >= options_.degraded_lag};
    if (state.reason.empty() && !wanted_.serve) state.reason = wanted_.reason;
    return state;
}

// Looks at the server, and at what is wanted, when something has changed and every so often.
Task<void> Server::look_after() {
    while (!ending_.requested()) {
        co_await one_round();
        rounds_.wake_all();
        if (again_) continue;
        const milliseconds pause = connected_ ? options_.health_interval : milliseconds(1000);
        async::LinkedStop round(&ending_);
        const async::Deadline deadline(round.get(), pause,
                                       make_error(Code::deadline_exceeded, "the next round"));
        static_cast<void>(co_await wake_.wait(round.get()));
    }
    rounds_.wake_all();
}

Task<void> Server::one_round() {
    again_ = false;
    co_await check_mysql();
    co_await measure();
    co_await transition();
    const bool old = Clock::now() - schema_read_ > options_.schema_interval;
    if (condition_.serving && (schema_due_ || old))
        static_cast<void>(co_await reload_schema(&ending_));
    const bool signal = options_.schema_signal && condition_.is_primary() && condition_.serving;
    co_await broadcast(signal);
    settled_ = !again_;
}

Task<void> Server::check_mysql() {
    async::LinkedStop limited(&ending_);
    const async::Deadline deadline(
        limited.get(), 10s, make_error(Code::deadline_exceeded, "the server does not answer"));
    Result<void> open = co_await open_database(limited.get());
    std::string trouble;
    if (open) {
        const Result<std::string> checked = co_await check_server(
            cores_.front()->statements.get(), options_.enforce_strict, limited.get());
        if (!checked) trouble = checked.error().text;
    } else {
        trouble = open.error().text;
    }
    if (trouble != mysql_trouble_) {
        if (trouble.empty()) {
            log::info("the MySQL server answers");
        } else {
            log::warning("the MySQL server cannot be used: " + trouble);
        }
    }
    mysql_trouble_ = trouble;
    connected_ = trouble.empty();
}

// A primary makes its database if it is not there.
Task<Result<void>> Server::open_database(Stop* stop) {
    const auto asked = co_await ask(cores_.front()->statements.get(), {.text = "select 1"}, stop);
    if (asked) co_return Result<void>{};
    if (asked.error().number != er::bad_db || wanted_.type != TabletType::primary)
        co_return fail(asked.error());
    CO_TRY(co_await ask(
        admin_.get(),
        {.text = "create database if not exists " + sql::identifier(options_.server.database),
         .is_write = true},
        stop));
    CO_TRY(co_await ask(cores_.front()->statements.get(), {.text = "select 1"}, stop));
    co_return Result<void>{};
}

// Lag and load.
Task<void> Server::measure() {
    std::uint64_t queries = 0;
    for (const auto& core : cores_)
        queries += core->counters.queries.load(std::memory_order_relaxed);
    const Clock::time_point now = Clock::now();
    const double seconds = std::chrono::duration<double>(now - measured_).count();
    if (measured_ != Clock::time_point{} && seconds > 0)
        qps_ = static_cast<double>(queries - queries_before_) / seconds;
    queries_before_ = queries;
    measured_ = now;
    lag_trouble_.clear();
    const bool asked = options_.replication_reporter || options_.heartbeat;
    if (!asked || !connected_ || wanted_.type == TabletType::primary) {
        lag_seconds_ = 0;
        co_return;
    }
    const Result<std::uint32_t> lag = options_.heartbeat
                                          ? co_await heartbeat_lag(this, &ending_)
                                          : co_await replication_lag(admin_.get(), &ending_);
    if (!lag) {
        lag_trouble_ = lag.error().text;
        co_return;
    }
    lag_seconds_ = *lag;
    if (std::chrono::seconds(*lag) > options_.unhealthy_lag)
        lag_trouble_ = "reported replication lag " + std::to_string(*lag) +
                       "s is above the unhealthy threshold";
}

// From what it is to what it should be; a change of type drains what the old type has begun.
Task<void> Server::transition() {
    co_await deny_tables();
    const bool serve = should_serve();
    const bool type_changes = condition_.type != wanted_.type;
    if (!type_changes && condition_.serving == serve && !condition_.shutting_down) {
        const bool grace_over = Clock::now() - type_changed_ > options_.state_grace;
        if (!condition_.also_allowed.empty() && grace_over) {
            Condition next = condition_;
            next.also_allowed.clear();
            co_await set_condition(std::move(next));
        }
        co_return;
    }
    const TabletType former = condition_.type;
    if (condition_.serving) co_await drain();
    Condition next{.type = wanted_.type, .serving = serve};
    if (type_changes) {
        type_changed_ = Clock::now();
        if (former == TabletType::primary) sequences_->forget();
        const bool promoted = wanted_.type == TabletType::primary && serves(former);
        if (promoted && options_.state_grace.count() > 0) next.also_allowed.push_back(former);
        schema_due_ = true;
    }
    if (serve && schema_due_) {
        const Result<void> read = co_await reload_schema(&ending_);
        if (!read) {
            log::warning("the schema cannot be read: " + read.error().text);
            next.serving = false;
        }
    }
    log::info("tablet type " + std::string(vindex::tablet_type_name(next.type)) +
              (next.serving ? ", serving" : ", not serving: " + trouble() + wanted_.reason));
    co_await set_condition(std::move(next));
}

Task<void> Server::deny_tables() {
    if (denied_tables_ == wanted_.denied_tables) co_return;
    denied_tables_ = wanted_.denied_tables;
    Result<QueryRules> rules = QueryRules::for_denied_tables(denied_tables_);
    if (!rules) {
        log::error("the tables that the shard's record denies: " + rules.error().text);
        co_return;
    }
    co_await set_rules(denied_tables_source, std::move(*rules));
}

// No new work; what is open may finish, for a while.
Task<void> Server::drain() {
    Condition leaving = condition_;
    leaving.shutting_down = true;
    co_await set_condition(std::move(leaving));
    // A gate that learns of a primary's end by a refused statement holds the next ones. v21's gate
    // fails some if health tells it first, so as v21's tablets do, health tells it at the end.
    if (!condition_.is_primary()) co_await broadcast(false);
    const Clock::time_point began = Clock::now();
    const bool limited = options_.shutdown_grace.count() > 0;
    while (co_await count_held() != 0) {
        if (limited && Clock::now() - began > options_.shutdown_grace) break;
        static_cast<void>(co_await async::pause(milliseconds(20), nullptr));
    }
    for (const auto& core : cores_) {
        co_await async::on_loop(core->loop, [core = core.get()] {
            core->statements->end_held("pool closed", false);
            ++core->held_ended;
            return true;
        });
    }
}

Task<std::size_t> Server::count_held() {
    std::size_t held = 0;
    for (const auto& core : cores_) {
        held += co_await async::on_loop(core->loop, [core = core.get()] {
            return core->statements->figures().held + core->opening;
        });
    }
    co_return held;
}

Task<void> Server::set_condition(Condition condition) {
    condition_ = condition;
    const auto shared = std::make_shared<const Condition>(std::move(condition));
    for (const auto& core : cores_) {
        co_await async::on_loop(core->loop, [core = core.get(), shared] {
            core->condition = shared;
            return true;
        });
    }
}

Task<void> Server::broadcast(bool with_changes) {
    HealthMessage message{.keyspace = options_.keyspace,
                          .shard = options_.shard,
                          .type = condition_.type,
                          .serving = condition_.serving && !condition_.shutting_down && !lameduck_,
                          .alias = options_.alias,
                          .error = trouble(),
                          .lag_seconds = lag_seconds_,
                          .qps = qps_};
    if (condition_.is_primary()) message.term_start = wanted_.term_start;
    const auto state = std::make_shared<const std::string>(encode(message));
    HealthFeed::Encoded whole = state;
    if (with_changes && schema_ && schema_->has_changes()) {
        SchemaChanges changes = schema_->take_changes();
        message.tables_changed = std::move(changes.tables);
        message.views_changed = std::move(changes.views);
        message.functions_changed = changes.functions;
        whole = std::make_shared<const std::string>(encode(message));
    }
    for (const auto& core : cores_) {
        core->loop->post([core = core.get(), whole, state] { core->health.publish(whole, state); });
    }
    co_return;
}

Task<Result<void>> Server::reload_schema(Stop* stop) {
    async::LinkedStop limited(stop);
    const async::Deadline deadline(
        limited.get(), options_.schema_reload_timeout,
        make_error(Code::deadline_exceeded, "the schema was not read in time"));
    CO_TRY(co_await schema_->reload(true, limited.get()));
    schema_due_ = false;
    schema_read_ = Clock::now();
    co_await publish_schema();
    co_return Result<void>{};
}

Task<void> Server::publish_schema() {
    const SchemaPointer snapshot = schema_->snapshot();
    for (const auto& core : cores_) {
        co_await async::on_loop(core->loop, [core = core.get(), snapshot] {
            core->schema = snapshot;
            core->plans->clear();
            return true;
        });
    }
}

// After a statement on `core` that has changed tables: its gate is answered when the tablet knows.
Task<void> Server::reload_from(Core* core) {
    const auto reload = [this](Stop* stop) { return reload_and_tell(stop); };
    if (core->loop == cores_.front()->loop) {
        static_cast<void>(co_await reload(nullptr));
    } else {
        static_cast<void>(co_await async::Visit<Result<void>>(
            cores_.front()->loop, &cores_.front()->visits, reload, nullptr));
    }
}

Task<Result<void>> Server::reload_and_tell(Stop* stop) {
    CO_TRY(co_await reload_schema(stop));
    const bool signal = options_.schema_signal && condition_.is_primary() && condition_.serving;
    co_await broadcast(signal);
    co_return Result<void>{};
}

Task<void> Server::stop_serving() {
    if (service_ == nullptr) co_return;
    closing_ = true;
    ask_round();
    static_cast<void>(co_await settle(&ending_));
}

Task<void> Server::close() {
    if (service_ == nullptr) co_return;
    if (!closing_) co_await stop_serving();
    ending_.request(make_error(Code::unavailable, "tabletserver is shutdown"));
    wake_.wake_all();
    co_await scope_.join();
    for (const auto& core : cores_) {
        if (core->loop == cores_.front()->loop) {
            static_cast<void>(co_await close_core(core.get()));
            continue;
        }
        static_cast<void>(co_await async::Visit<Result<bool>>(
            core->loop, &core->endings, [core = core.get()](Stop*) { return close_core(core); },
            nullptr));
    }
    co_await admin_->close();
}

}  // namespace sluice::tabletserver
