// A tablet that answers every Execute with one row of sysbench from memory: what a gate with
// vttablets costs by itself. memory_tablet PORT; one loop, loopback only, until it is killed.
#include <cstdio>
#include <cstdlib>

#include "async/listener.h"
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

async::Task<void> serve(const char* port, int* status) {
    rpc::Services services;
    rpc::add_unary<::query::ExecuteRequest, ::query::ExecuteResponse>(
        &services, "/queryservice.Query/Execute", &execute);
    auto listeners = async::Listener::open(
        {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(std::atoi(port)), .unix_path = {}},
        1);
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
    if (count != 2) return std::fputs("memory_tablet PORT\n", stderr), 2;
    int status = 0;
    sluice::async::Loop loop;
    sluice::async::run_until_done(loop, sluice::serve(words[1], &status));
    return status;
}
