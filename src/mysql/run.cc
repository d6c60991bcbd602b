// Step 9 of a request: one statement on one connection, with all that must come before it, in one
// write. Before: tablet/mysql_tablet.cc. After: connection.cc.
#include "mysql/run.h"

#include "async/deadline.h"
#include "collation/collation.h"

namespace sluice::mysql {
namespace {

constexpr std::uint16_t unknown_handle = er::unknown_stmt_handler, needs_prepare = 1615;

// What of a request is still to be done on the connection.
struct Progress {
    Connection* connection;
    const Request* request;
    ResultSink* sink;
    Stop* stop;
    unsigned settings_due = 0;
    Handle* handle = nullptr;
};

std::uint16_t collation_in_force(const Connection& connection, std::uint16_t wanted) {
    const collation::Collation* found = collation::find_collation(wanted);
    // MariaDB has no utf8mb4_0900_*: its default of utf8mb4 stands in.
    const bool stands_in = connection.is_mariadb() && wanted == collation::utf8mb4_0900_ai_ci;
    if (found == nullptr || stands_in) return connection.login_collation;
    return wanted;
}

// Queues what puts the connection's settings right; the number of statements.
unsigned queue_settings(Connection& connection, const Settings& wanted) {
    unsigned queued = 0;
    if (wanted.collation != connection.asked_collation) {
        connection.asked_collation = wanted.collation;
        const std::uint16_t target = collation_in_force(connection, wanted.collation);
        const std::uint16_t present =
            connection.collation == 0 ? connection.login_collation : connection.collation;
        if (const collation::Collation* found =
                target == present ? nullptr : collation::find_collation(target)) {
            std::string names = "set names ";
            names.append(found->charset->name).append(" collate ").append(found->name);
            connection.queue_query(names);
            connection.collation = target;
            ++queued;
        }
    }
    if (connection.settings_key == wanted.key) return queued;
    if (!connection.settings_reset.empty()) {
        connection.queue_query(connection.settings_reset);
        ++queued;
    }
    if (!wanted.set_statement.empty()) {
        connection.queue_query(wanted.set_statement);
        ++queued;
    }
    connection.settings_key = wanted.key;
    connection.settings_reset = wanted.reset_statement;
    return queued;
}

// The answers to what came before the statement. If one of them is an error the connection is of no
// use: it carries other settings, or no transaction, than the statement behind it needs.
Task<Result<void>> read_answers(Connection* connection, std::size_t count, Stop* stop) {
    for (; count > 0; --count) {
        const Result<Reply> reply = co_await connection->read(nullptr, stop);
        if (reply) continue;
        const bool stopped = connection->due() > count && !connection->broken();
        if (!stopped) connection->close();
        co_return std::unexpected(reply.error());
    }
    co_return Result<void>{};
}

// Settings in a round trip of their own. A server that refuses the last of the statements, the SET,
// has changed nothing: the connection is at the defaults and goes on living.
Task<Result<void>> put_settings(Connection* connection, unsigned due, const Settings* settings,
                                Stop* stop) {
    CO_TRY(co_await connection->flush(stop));
    CO_TRY(co_await read_answers(connection, due - 1, stop));
    const Result<Reply> last = co_await connection->read(nullptr, stop);
    if (last) co_return Result<void>{};
    if (!connection->in_order() || settings->set_statement.empty()) {
        connection->close();  // nobody knows what is in force
    } else {
        connection->settings_key = 0;
        connection->settings_reset.clear();
    }
    co_return std::unexpected(last.error());
}

Task<Result<void>> find_or_prepare(Progress* progress) {
    const Execution& execution = *progress->request->execution;
    Connection* const connection = progress->connection;
    progress->handle = connection->handles().find(execution.key, execution.statement);
    if (progress->handle != nullptr) co_return Result<void>{};
    progress->handle = CO_TRY(
        co_await connection->prepare(execution.key, execution.statement, nullptr, progress->stop));
    if (progress->handle->parameters != execution.parameters) {
        co_return fail(Code::invalid_argument, er::wrong_arguments,
                       "Incorrect arguments to mysqld_stmt_execute");
    }
    co_return Result<void>{};
}

// Nothing needs a round trip of its own: settings that this server has accepted before travel with
// the statement, which is prepared here if it has to be.
bool is_ready(Progress* progress) {
    Connection& connection = *progress->connection;
    const Request& request = *progress->request;
    progress->settings_due = queue_settings(connection, request.settings);
    if (request.execution != nullptr) {
        progress->handle =
            connection.handles().find(request.execution->key, request.execution->statement);
        if (progress->handle == nullptr) return false;
    }
    return progress->settings_due == 0 || request.settings_proven;
}

Task<Result<void>> make_ready(Progress* progress) {
    if (progress->settings_due > 0) {
        const unsigned due = std::exchange(progress->settings_due, 0);
        CO_TRY(co_await put_settings(progress->connection, due, &progress->request->settings,
                                     progress->stop));
    }
    if (progress->request->execution != nullptr) CO_TRY(co_await find_or_prepare(progress));
    co_return Result<void>{};
}

Task<Result<void>> send(Progress* progress) {
    Connection* const connection = progress->connection;
    const Request& request = *progress->request;
    for (const std::string& statement : request.before) connection->queue_query(statement);
    if (request.execution != nullptr)
        return connection->send_execute(progress->handle, request.execution, progress->stop);
    return connection->send_query(request.text, progress->stop);
}

// The server has forgotten the handle, or what it was prepared for has changed: nothing has run.
bool handle_lost(const Progress& progress, const Ran& ran, const Result<Reply>& reply) {
    return !reply && progress.handle != nullptr && !ran.delivered &&
           progress.connection->in_order() &&
           (reply.error().number == unknown_handle || reply.error().number == needs_prepare);
}

Task<Result<Reply>> execute_again(Progress* progress, Ran* ran) {
    Connection* const connection = progress->connection;
    connection->handles().drop(std::exchange(progress->handle, nullptr));
    CO_TRY(co_await find_or_prepare(progress));
    CO_TRY(co_await connection->send_execute(progress->handle, progress->request->execution,
                                             progress->stop));
    Result<Reply> reply = co_await connection->read(progress->sink, progress->stop);
    ran->delivered = connection->delivered();
    co_return reply;
}

}  // namespace

Task<Ran> run(Connection* connection, const Request* request, ResultSink* sink, Stop* stop) {
    Progress progress{.connection = connection, .request = request, .sink = sink, .stop = stop};
    Ran ran{.reply = Reply{}};
    Result<void> done;
    if (!is_ready(&progress)) done = co_await make_ready(&progress);
    if (done) {
        done = co_await send(&progress);
        ran.sent = connection->sent();
    }
    const std::size_t before = progress.settings_due + request->before.size();
    if (done && before > 0) done = co_await read_answers(connection, before, stop);
    if (!done) {
        ran.reply = std::unexpected(std::move(done).error());
        co_return ran;
    }
    ran.opened = true;
    ran.reply = co_await connection->read(sink, stop);
    ran.delivered = connection->delivered();
    if (handle_lost(progress, ran, ran.reply)) {
        ran.reply = co_await execute_again(&progress, &ran);
    }
    // A server that refuses an execution may not have kept the types.
    if (!ran.reply && progress.handle != nullptr) progress.handle->types_known = false;
    co_return ran;
}

Task<Ran> prepare(Connection* connection, const Request* request, ResultSink* sink, Stop* stop) {
    Ran ran{.reply = Reply{}};
    const unsigned due = queue_settings(*connection, request->settings);
    if (due > 0) {
        const Result<void> set = co_await put_settings(connection, due, &request->settings, stop);
        if (!set) {
            ran.reply = std::unexpected(set.error());
            co_return ran;
        }
    }
    const std::uint64_t key =
        request->execution != nullptr ? request->execution->key : statement_key(request->text);
    // The definitions are wanted anew, so a handle that is there already makes room.
    if (Handle* old = connection->handles().find(key, request->text)) {
        connection->queue_close(old->id);
        connection->handles().drop(old);
    }
    const Result<Handle*> handle = co_await connection->prepare(key, request->text, sink, stop);
    ran.sent = connection->sent();
    if (handle) {
        ran.delivered = sink != nullptr;
        ran.reply->columns = (*handle)->columns;
    } else {
        ran.reply = std::unexpected(handle.error());
    }
    co_return ran;
}

Task<bool> interrupt(const Server* server, Connection* connection,
                     std::chrono::milliseconds patience) {
    if (connection->broken()) co_return false;
    Stop stop;
    const async::Deadline deadline(
        &stop, patience, make_error(Code::deadline_exceeded, "a statement was not interrupted"));
    // Statements behind the one that runs would run still: a write without its transaction.
    const bool whole = connection->due() > 1 || connection->preparing();
    const std::string kill = (whole ? "kill " : "kill query ") + std::to_string(connection->id());
    Result<std::unique_ptr<Connection>> spare = co_await Connection::open(server, {}, &stop);
    bool killed = false;
    if (spare) killed = (co_await (*spare)->query(kill, nullptr, &stop)).has_value();
    if (!killed || whole) {
        connection->close();
        co_return false;
    }
    while (connection->due() > 0 && !connection->broken() && !stop.requested())
        static_cast<void>(co_await connection->read(nullptr, &stop));
    // A kill that came after the end of its statement hits the next one: this one.
    if (connection->in_order())
        static_cast<void>(co_await connection->query("do 0", nullptr, &stop));
    if (!connection->in_order()) connection->close();
    co_return connection->in_order();
}

}  // namespace sluice::mysql
