// A tablet that answers every statement with one row of sysbench from memory: what a gate with
// vttablets costs by itself. memory_tablet PORT KEYSPACE SHARD CELL UID says that it is this
// shard's primary; one loop, loopback only, until it is killed.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "async/listener.h"
#include "async/wait_queue.h"
#include "query.pb.h"
#include "rpc/messages.h"
#include "rpc/server.h"

namespace sluice {
namespace {

::query::ExecuteResponse one_row() {
    constexpr std::size_t length = 119;  // of sysbench's column c
    ::query::ExecuteResponse response;
    ::query::QueryResult* result = response.mutable_result();
    ::query::Field* field = result->add_fields();
    field->set_name("c");
    field->set_type(::query::CHAR);
    field->set_table("sbtest1");
    field->set_org_table("sbtest1");
    field->set_database("sbtest");
    field->set_org_name("c");
    field->set_column_length(480);
    field->set_charset(255);
    field->set_flags(1);
    ::query::Row* row = result->add_rows();
    row->add_lengths(length);
    row->set_values(std::string(length, 'x'));
    return response;
}

async::Task<Result<::query::ExecuteResponse>> execute(rpc::ServerCall*,
                                                      const ::query::ExecuteRequest*) {
    static const ::query::ExecuteResponse answer = one_row();
    co_return answer;
}

async::Task<Result<void>> stream_execute(rpc::ServerCall* call,
                                         const ::query::StreamExecuteRequest*) {
    ::query::StreamExecuteResponse answer;
    *answer.mutable_result() = one_row().result();
    co_return co_await rpc::send(call, &answer);
}

struct Place {
    std::string keyspace, shard, cell;
    std::uint32_t uid = 0;
};

::query::StreamHealthResponse health_of(const Place& place) {
    ::query::StreamHealthResponse message;
    message.mutable_target()->set_keyspace(place.keyspace);
    message.mutable_target()->set_shard(place.shard);
    message.mutable_target()->set_tablet_type(::topodata::PRIMARY);
    message.set_serving(true);
    message.set_primary_term_start_timestamp(std::time(nullptr));
    message.mutable_realtime_stats();
    message.mutable_tablet_alias()->set_cell(place.cell);
    message.mutable_tablet_alias()->set_uid(place.uid);
    return message;
}

// Well within the gate's time-out for silence.
constexpr std::chrono::seconds beat{5};

async::Task<Result<void>> tell_health(const ::query::StreamHealthResponse* message,
                                      rpc::ServerCall* call) {
    while (true) {
        CO_TRY(co_await rpc::send(call, message));
        CO_TRY(co_await async::pause(beat, call->stop()));
    }
}

// There are no tables to tell of.
async::Task<Result<void>> no_schema(rpc::ServerCall*, const ::query::GetSchemaRequest*) {
    co_return Result<void>{};
}

async::Task<void> serve(std::uint16_t port, const Place* place, int* status) {
    const ::query::StreamHealthResponse health = health_of(*place);
    rpc::Services services;
    rpc::add_unary<::query::ExecuteRequest, ::query::ExecuteResponse>(
        &services, "/queryservice.Query/Execute", &execute);
    rpc::add_server_stream<::query::StreamExecuteRequest>(
        &services, "/queryservice.Query/StreamExecute", &stream_execute);
    rpc::add_server_stream<::query::GetSchemaRequest>(&services, "/queryservice.Query/GetSchema",
                                                      &no_schema);
    services.add("/queryservice.Query/StreamHealth", rpc::Requests::one,
                 [&health](rpc::ServerCall* call) { return tell_health(&health, call); });
    auto listeners = async::Listener::open({.host = "127.0.0.1", .port = port, .unix_path = {}}, 1);
    if (!listeners) {
        std::fprintf(stderr, "memory_tablet: %s\n", listeners.error().text.c_str());
        *status = 1;
        co_return;
    }
    rpc::Server server(&services, {});
    co_await server.serve(&listeners->front());
}

}  // namespace
}  // namespace sluice

int main(int count, char** words) {
    if (count != 6) return std::fputs("memory_tablet PORT KEYSPACE SHARD CELL UID\n", stderr), 2;
    const sluice::Place place{words[2], words[3], words[4],
                              static_cast<std::uint32_t>(std::atoi(words[5]))};
    int status = 0;
    sluice::async::Loop loop;
    sluice::async::run_until_done(
        loop, sluice::serve(static_cast<std::uint16_t>(std::atoi(words[1])), &place, &status));
    return status;
}
