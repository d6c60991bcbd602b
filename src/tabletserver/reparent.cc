// A tablet's part in a change of its shard's primary. Before: control_service.cc. After:
// replication_control.cc for the server, lifecycle.cc for the records.
#include "tabletserver/reparent.h"

#include "async/deadline.h"
#include "async/wait_queue.h"
#include "base/log.h"
#include "sql/format.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/detail/replica_status.h"
#include "vindex/target.h"

namespace sluice::tabletserver {

Reparent::Reparent(ReparentOptions options, Server* server, Lifecycle* lifecycle,
                   ReplicationControl* replication)
    : options_(options), server_(server), lifecycle_(lifecycle), replication_(replication) {}

Task<Result<Reparent::Turn>> Reparent::take_turn(Stop* stop) {
    while (busy_) CO_TRY(co_await waiting_.wait(stop));
    co_return Turn(this);
}

// Servers without semi-sync are left alone, unless it is wanted.
Task<Result<void>> Reparent::fix_semi_sync(bool wanted, bool as_primary, Stop* stop) {
    if (!wanted && !CO_TRY(co_await replication_->has_semi_sync(stop))) co_return Result<void>{};
    co_return co_await replication_->set_semi_sync(wanted && as_primary, wanted, stop);
}

Task<Result<Position>> Reparent::init_primary(bool semi_sync, Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    read_only_wanted_ = false;
    pause_.reset();
    CO_TRY(co_await replication_->set_writable(stop));
    // Replicas begin at a position that is not empty: it takes something in the log. What they
    // shall have too comes after it.
    CO_TRY(co_await tell(
        server_->admin(),
        "create database if not exists " + sql::identifier(server_->options().sidecar), stop));
    Position position = CO_TRY(co_await replication_->position(stop));
    // With nobody to acknowledge it, the shard's database could not be made if commits had to wait.
    if (CO_TRY(co_await replication_->waits_for_replicas(stop)))
        CO_TRY(co_await fix_semi_sync(false, true, stop));
    CO_TRY(co_await lifecycle_->become_primary(
        [replication = replication_](Stop* inner) { return replication->set_writable(inner); },
        stop));
    CO_TRY(co_await fix_semi_sync(semi_sync, true, stop));
    co_return position;
}

Task<Result<void>> Reparent::init_replica(SourceOrder order, Position position, Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    CO_TRY(co_await leave_primary(stop));
    CO_TRY(co_await replication_->set_position(std::move(position), stop));
    order.start_in_any_case = true;
    CO_TRY(co_await follow(std::move(order), stop));
    pause_.reset();
    co_return Result<void>{};
}

Task<Result<void>> Reparent::set_source(SourceOrder order, Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    CO_TRY(co_await leave_primary(stop));
    CO_TRY(co_await follow(std::move(order), stop));
    co_return Result<void>{};
}

// Nothing that was written under the old term may be written any more.
Task<Result<void>> Reparent::leave_primary(Stop* stop) {
    if (lifecycle_->record().type != TabletType::primary) co_return Result<void>{};
    CO_TRY(co_await replication_->stop_writers(stop));
    co_return co_await lifecycle_->change_type(lifecycle_->base_type(), stop);
}

Task<Result<void>> Reparent::follow(SourceOrder order, Stop* stop) {
    const auto parent = CO_TRY(co_await lifecycle_->topology()->tablet(order.parent, stop));
    if (parent.value.mysql_hostname.empty())
        co_return fail(Code::failed_precondition, "Shard primary has empty mysql hostname");
    const SourceAddress source{.host = parent.value.mysql_hostname,
                               .port = parent.value.mysql_port,
                               .heartbeat_seconds = order.heartbeat_seconds};
    const Result<replicationdata::Status> now = co_await replication_->status(stop);
    if (!now && now.error().code != Code::failed_precondition) co_return fail(now.error());
    const bool runs = order.start_in_any_case || !now || receives(*now) || applies(*now);
    if (!order.keep_semi_sync) CO_TRY(co_await fix_semi_sync(order.semi_sync, false, stop));
    CO_TRY(co_await replication_->refuse_writes(stop));
    // Whoever still waits to commit something here is sent away before the source's writes come.
    CO_TRY(co_await replication_->allow_writers(stop));
    const bool same = now && now->source_host() == source.host &&
                      now->source_port() == source.port && source.heartbeat_seconds == 0;
    if (!same) {
        CO_TRY(co_await replication_->set_source(source, stop));
    } else if (runs) {
        CO_TRY(co_await replication_->halt(stop));
    }
    if (!runs) co_return Result<void>{};
    pause_.reset();
    CO_TRY(co_await replication_->start(stop));
    co_return co_await wait_for_order(std::move(order), stop);
}

Task<Result<void>> Reparent::wait_for_order(SourceOrder order, Stop* stop) {
    if (!order.wait_position.empty()) {
        CO_TRY(co_await replication_->wait_for(CO_TRY(Position::parse(order.wait_position)), stop));
    }
    if (order.time_created_ns != 0) CO_TRY(co_await wait_for_journal(order.time_created_ns, stop));
    co_return Result<void>{};
}

Task<Result<replicationdata::PrimaryStatus>> Reparent::demote(Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    const bool was_primary = lifecycle_->record().type == TabletType::primary;
    const bool was_read_only = CO_TRY(co_await replication_->is_read_only(stop));
    const bool was_demoted = lifecycle_->demoted();
    if (was_primary) CO_TRY(co_await lifecycle_->set_demoted(true, stop));
    bool waited = false;
    Result<replicationdata::PrimaryStatus> status = co_await stop_and_tell(&waited, stop);
    if (status) co_return status;
    // Taken back with a patience of its own: the caller's may be over.
    Stop patience;
    const async::Deadline deadline(&patience, std::chrono::seconds(10),
                                   make_error(Code::deadline_exceeded, "a demotion's end"));
    if (was_primary && waited) static_cast<void>(co_await fix_semi_sync(true, true, &patience));
    if (!was_read_only) {
        const Result<void> writable = co_await replication_->set_writable(&patience);
        if (!writable) log::error("the server stays read-only: " + writable.error().text);
    }
    if (was_primary && !was_demoted)
        static_cast<void>(co_await lifecycle_->set_demoted(false, &patience));
    co_return status;
}

// `waited`: commits waited for replicas; they do no more.
Task<Result<replicationdata::PrimaryStatus>> Reparent::stop_and_tell(bool* waited, Stop* stop) {
    CO_TRY(co_await replication_->stop_writers(stop));
    if (CO_TRY(co_await replication_->waits_for_replicas(stop))) {
        *waited = true;
        CO_TRY(co_await replication_->set_semi_sync(false, true, stop));
    }
    co_return co_await replication_->primary_status(stop);
}

Task<Result<void>> Reparent::undo_demote(bool semi_sync, Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    CO_TRY(co_await fix_semi_sync(semi_sync, true, stop));
    read_only_wanted_ = false;
    CO_TRY(co_await replication_->set_writable(stop));
    co_return co_await lifecycle_->set_demoted(false, stop);
}

Task<Result<Position>> Reparent::promote(bool semi_sync, Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    if (semi_sync && !CO_TRY(co_await replication_->has_semi_sync(stop)))
        co_return fail(Code::failed_precondition, "VT09013: semi-sync plugins are not loaded");
    Position position = CO_TRY(co_await replication_->promote(stop));
    CO_TRY(co_await fix_semi_sync(semi_sync, true, stop));
    read_only_wanted_ = false;
    pause_.reset();
    CO_TRY(co_await lifecycle_->become_primary(
        [replication = replication_](Stop* inner) { return replication->set_writable(inner); },
        stop));
    log::info("promoted at " + position.text());
    co_return position;
}

Task<Result<void>> Reparent::was_promoted(Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    pause_.reset();
    co_return co_await lifecycle_->become_primary({}, stop);
}

Task<Result<void>> Reparent::was_restarted(Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    if (lifecycle_->record().type != TabletType::primary) co_return Result<void>{};
    co_return co_await lifecycle_->change_type(lifecycle_->base_type(), stop);
}

Task<Result<void>> Reparent::change_type(TabletType type, bool semi_sync, Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    if (type == TabletType::drained && lifecycle_->record().type == type)
        co_return fail(Code::unknown, "Tablet: " + vindex::to_text(lifecycle_->record().alias) +
                                          ", is already drained");
    const bool able = CO_TRY(co_await replication_->has_semi_sync(stop));
    if (semi_sync && !able)
        co_return fail(Code::failed_precondition, "VT09013: semi-sync plugins are not loaded");
    log::info("the control plane makes this tablet " + std::string(vindex::tablet_type_name(type)));
    CO_TRY(co_await lifecycle_->change_type(type, stop));
    if (!able || type == TabletType::primary) co_return Result<void>{};
    CO_TRY(co_await fix_semi_sync(semi_sync, false, stop));
    const Result<replicationdata::Status> status = co_await replication_->status(stop);
    if (!status || !receives(*status)) co_return Result<void>{};
    if (CO_TRY(co_await replication_->acknowledges(stop)) == semi_sync) co_return Result<void>{};
    // The receiver looks at the variable when it begins.
    CO_TRY(co_await replication_->halt_receiver(stop));
    co_return co_await replication_->start_receiver(stop);
}

Task<Result<void>> Reparent::set_read_only(bool read_only, Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    read_only_wanted_ = read_only;
    if (read_only) co_return co_await replication_->set_read_only(stop);
    co_return co_await replication_->set_writable(stop);
}

Task<Result<void>> Reparent::start(bool semi_sync, Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    const bool primary = lifecycle_->record().type == TabletType::primary;
    CO_TRY(co_await fix_semi_sync(semi_sync, primary, stop));
    pause_.reset();
    co_return co_await replication_->start(stop);
}

Task<Result<void>> Reparent::start_until_after(Position position, Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    pause_ = Pause{};
    co_return co_await replication_->start_until_after(std::move(position), stop);
}

Task<Result<void>> Reparent::halt(Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    pause_ = Pause{};
    co_return co_await replication_->halt(stop);
}

Task<Result<Position>> Reparent::halt_at_least(Position position, Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    CO_TRY(co_await replication_->wait_for(std::move(position), stop));
    pause_ = Pause{};
    CO_TRY(co_await replication_->halt(stop));
    co_return co_await replication_->position(stop);
}

// A replica that is stopped for a reparent and not told of the new primary finds it in the
// topology.
Task<Reparent::Pause> Reparent::pause_of_reparent(Stop* stop) {
    const topo::Tablet& record = lifecycle_->record();
    const auto shard = co_await lifecycle_->topology()->shard(record.keyspace, record.shard, stop);
    if (!shard) co_return Pause{};
    co_return Pause{.until_reparent = true, .primary = shard->value.primary_alias};
}

Task<Result<replicationdata::StopReplicationStatus>> Reparent::halt_and_tell(bool receiver_only,
                                                                             Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    Result<replicationdata::Status> before = co_await replication_->status(stop);
    if (!before && before.error().code == Code::failed_precondition)
        co_return not_a_replica("before status failed: ");
    if (!before) co_return fail(before.error());
    replicationdata::StopReplicationStatus told;
    *told.mutable_before() = *before;
    *told.mutable_after() = *before;
    pause_ = co_await pause_of_reparent(stop);
    const bool stopped =
        receiver_only ? !receives(*before) : !receives(*before) || !applies(*before);
    if (stopped) co_return told;
    if (receiver_only) {
        CO_TRY(co_await replication_->halt_receiver(stop));
    } else {
        CO_TRY(co_await replication_->halt(stop));
    }
    *told.mutable_after() = CO_TRY(co_await replication_->status(stop));
    co_return told;
}

Task<Result<void>> Reparent::reset(Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    pause_ = Pause{};
    co_return co_await replication_->reset(stop);
}

Task<Result<void>> Reparent::forget_source(Stop* stop) {
    const Turn turn = CO_TRY(co_await take_turn(stop));
    pause_ = Pause{};
    co_return co_await replication_->forget_source(stop);
}

std::string Reparent::journal_table() const {
    return sql::identifier(server_->options().sidecar) + ".reparent_journal";
}

Task<Result<void>> Reparent::create_sidecar(Stop* stop) {
    tablet::MysqlTablet* const admin = server_->admin();
    CO_TRY(co_await tell(
        admin, "create database if not exists " + sql::identifier(server_->options().sidecar),
        stop));
    co_return co_await tell(
        admin,
        "create table if not exists " + journal_table() +
            " (time_created_ns bigint unsigned not null, action_name varbinary(255) not null, "
            "primary_alias varbinary(255) not null, replication_position varbinary(64000) default "
            "null, primary key (time_created_ns)) engine = InnoDB charset = utf8mb4",
        stop);
}

Task<Result<void>> Reparent::write_journal(JournalEntry entry, Stop* stop) {
    CO_TRY(co_await create_sidecar(stop));
    co_return co_await tell(
        server_->admin(),
        "insert into " + journal_table() +
            " (time_created_ns, action_name, primary_alias, replication_position) values (" +
            std::to_string(entry.time_created_ns) + ", " + quoted(entry.action) + ", " +
            quoted(vindex::to_text(entry.primary)) + ", " + quoted(entry.position) + ")",
        stop);
}

namespace {

bool is_not_there(const Error& error) {
    return error.number == er::no_such_table || error.number == er::bad_db;
}

}  // namespace

Task<Result<std::int32_t>> Reparent::journal_length(Stop* stop) {
    const Result<std::string> count =
        co_await ask_value(server_->admin(), "select count(*) from " + journal_table(), stop);
    if (!count && is_not_there(count.error())) co_return 0;
    if (!count) co_return fail(count.error());
    co_return std::atoi(count->c_str());
}

Task<Result<void>> Reparent::wait_for_journal(std::int64_t time_created_ns, Stop* stop) {
    const std::string question = "select count(*) from " + journal_table() +
                                 " where time_created_ns = " + std::to_string(time_created_ns);
    for (;;) {
        const Result<std::string> found = co_await ask_value(server_->admin(), question, stop);
        if (found && *found != "0") co_return Result<void>{};
        if (!found && !is_not_there(found.error())) co_return fail(found.error());
        CO_TRY(co_await async::pause(std::chrono::milliseconds(100), stop));
    }
}

}  // namespace sluice::tabletserver
