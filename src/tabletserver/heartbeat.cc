// Heartbeats of a tablet. Before: server.cc. After: detail/ask.cc.
#include "tabletserver/heartbeat.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "async/wait_queue.h"
#include "base/log.h"
#include "sql/format.h"
#include "tabletserver/detail/ask.h"
#include "tabletserver/server.h"

namespace sluice::tabletserver {
namespace {

std::int64_t now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

std::string table_of(const Server& server) {
    return sql::identifier(server.options().sidecar) + ".heartbeat";
}

std::string shard_of(const Server& server) {
    std::string quoted;
    sql::append_string(quoted, server.options().keyspace + ":" + server.options().shard);
    return quoted;
}

Task<Result<void>> create_table(Server* server, Stop* stop) {
    CO_TRY(co_await ask(
        server->admin(),
        {.text = "create database if not exists " + sql::identifier(server->options().sidecar),
         .is_write = true},
        stop));
    CO_TRY(co_await ask(server->admin(),
                        {.text = "create table if not exists " + table_of(*server) +
                                 "(keyspaceShard varbinary(256) not null, tabletUid int unsigned "
                                 "not null, ts bigint unsigned not null, primary key "
                                 "(keyspaceShard)) engine = InnoDB",
                         .is_write = true},
                        stop));
    co_return Result<void>{};
}

Task<Result<void>> write_one(Server* server, Stop* stop) {
    const std::string time = std::to_string(now());
    const std::string uid = std::to_string(server->options().alias.uid);
    CO_TRY(co_await ask(
        server->admin(),
        {.text = "insert into " + table_of(*server) + "(keyspaceShard, tabletUid, ts) values (" +
                 shard_of(*server) + ", " + uid + ", " + time +
                 ") on duplicate key update ts = values(ts), tabletUid = "
                 "values(tabletUid)",
         .is_write = true},
        stop));
    co_return Result<void>{};
}

}  // namespace

async::Task<void> write_heartbeats(Server* server, async::Stop* stop) {
    bool there = false, failing = false;
    while (!stop->requested()) {
        const ServerState state = server->state();
        if (state.serving && state.type == TabletType::primary) {
            Result<void> written;
            if (!there) written = co_await create_table(server, stop);
            there = there || written.has_value();
            if (there) written = co_await write_one(server, stop);
            if (!written && !failing && !stop->requested())
                log::warning("heartbeats cannot be written: " + written.error().text);
            failing = !written;
        }
        static_cast<void>(co_await async::pause(server->options().heartbeat_interval, stop));
    }
}

async::Task<Result<std::uint32_t>> heartbeat_lag(Server* server, async::Stop* stop) {
    const Asked asked = CO_TRY(co_await ask(server->admin(),
                                            {.text = "select ts from " + table_of(*server) +
                                                     " where keyspaceShard = " + shard_of(*server)},
                                            stop));
    if (asked.rows.empty() || !asked.rows[0][0])
        co_return fail(Code::failed_precondition,
                       "no heartbeat received in over 10x the heartbeat interval");
    std::int64_t written = 0;
    const std::string& text = *asked.rows[0][0];
    std::from_chars(text.data(), text.data() + text.size(), written);
    constexpr std::int64_t second = 1'000'000'000;
    co_return static_cast<std::uint32_t>(std::max<std::int64_t>((now() - written) / second, 0));
}

}  // namespace sluice::tabletserver
