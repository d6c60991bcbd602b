// Who may write to a tablet's server. Before: reparent.cc. After: detail/ask.cc.
#include "async/wait_queue.h"
#include "base/log.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/detail/dialect.h"
#include "tabletserver/replication_control.h"

namespace sluice::tabletserver {
namespace {

using std::chrono_literals::operator""ms;

Task<Result<bool>> is_mariadb(tablet::MysqlTablet* server, Stop* stop) {
    co_return dialect_of(CO_TRY(co_await ask_value(server, "select @@version", stop))).mariadb;
}

}  // namespace

Task<Result<bool>> ReplicationControl::is_read_only(Stop* stop) {
    co_return CO_TRY(co_await ask_value(server_, "select @@global.read_only", stop)) != "0";
}

Task<Result<void>> ReplicationControl::set_read_only(Stop* stop) {
    co_return co_await tell(server_, "set global read_only = on", stop);
}

Task<Result<void>> ReplicationControl::refuse_writes(Stop* stop) {
    const bool mariadb = CO_TRY(co_await is_mariadb(server_, stop));
    co_return co_await tell(
        server_, mariadb ? "set global read_only = on" : "set global super_read_only = on", stop);
}

Task<Result<void>> ReplicationControl::stop_writers(Stop* stop) {
    CO_TRY(co_await refuse_writes(stop));
    if (!CO_TRY(co_await is_mariadb(server_, stop))) co_return Result<void>{};
    co_return co_await hold_commits(stop);
}

// What is open is rolled back: a transaction that began before would else commit later. Statements
// that wait for the lock have no transaction yet. How many there were.
Task<Result<std::size_t>> ReplicationControl::end_transactions(Stop* stop) {
    const Asked open = CO_TRY(co_await ask(
        server_,
        {.text = "select p.id from information_schema.processlist p left join "
                 "information_schema.innodb_trx t on p.id = t.trx_mysql_thread_id where p.user <> "
                 "'system user' and p.command not in ('Slave_SQL', 'Slave_worker', 'Slave_IO', "
                 "'Daemon') and p.id <> connection_id() and (t.trx_id is not null or p.state like "
                 "'Waiting for % lock')"},
        stop));
    for (const TextRow& row : open.rows) {
        // It may have ended by itself in the meantime.
        static_cast<void>(co_await tell(server_, "kill " + row[0].value_or("0"), stop));
    }
    co_return open.rows.size();
}

// Users whom MariaDB's read_only does not bind are stopped by a lock of all commits: what they have
// not committed by now they never will, since end_transactions() comes before the lock is given up.
Task<Result<void>> ReplicationControl::hold_commits(Stop* stop) {
    if (commits_held_ != tablet::not_held) co_return Result<void>{};
    CO_TRY(co_await end_transactions(stop));
    const Asked session = CO_TRY(co_await ask(
        server_, {.text = "set session lock_wait_timeout = 1", .is_write = true, .reserve = true},
        stop));
    for (;;) {
        const Result<Asked> locked = co_await ask(
            server_,
            {.text = "flush tables with read lock", .held = session.held, .is_write = true}, stop);
        if (locked) break;
        const bool busy = locked.error().number == er::lock_wait_timeout;
        if (!busy || (stop != nullptr && stop->requested())) {
            co_await server_->release(session.held);
            co_return fail(locked.error());
        }
        static_cast<void>(co_await end_transactions(stop));
    }
    commits_held_ = session.held;
    co_return Result<void>{};
}

Task<void> ReplicationControl::let_commits_go() {
    if (commits_held_ == tablet::not_held) co_return;
    const tablet::HeldId held = std::exchange(commits_held_, tablet::not_held);
    co_await server_->release(held);
}

Task<Result<void>> ReplicationControl::allow_writers(Stop* stop) {
    if (commits_held_ == tablet::not_held) co_return Result<void>{};
    // Until nobody waits: what is ended takes a moment to go. Clients that come again for ever do
    // not hold this up.
    constexpr int most_rounds = 20;
    for (int round = 0; round < most_rounds; ++round) {
        const Result<std::size_t> ended = co_await end_transactions(stop);
        if (!ended) log::warning("open transactions: " + ended.error().text);
        if (!ended || *ended == 0) break;
        CO_TRY(co_await async::pause(20ms, stop));
    }
    co_await let_commits_go();
    co_return Result<void>{};
}

Task<Result<void>> ReplicationControl::set_writable(Stop* stop) {
    co_await let_commits_go();
    // This takes MySQL's super_read_only away too.
    co_return co_await tell(server_, "set global read_only = off", stop);
}

}  // namespace sluice::tabletserver
