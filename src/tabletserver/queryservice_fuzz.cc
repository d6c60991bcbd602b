// Requests of queryservice.Query from anywhere, over a tablet whose server says yes to everything:
// the first byte names the method, the second says what is put behind the message so that it is let
// in (a valid target, the transaction that is open), the rest is the request. Whatever comes, the
// call ends, its answers can be read, and nothing stays held.
#include <cstdlib>

#include "async/deadline.h"
#include "mysql/fake_server.h"
#include "query.pb.h"
#include "rpc/call.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "tabletserver/query_service.h"
#include "tabletserver/sequences.h"

using namespace sluice;
using namespace sluice::tabletserver;

namespace {

struct Method {
    std::string_view name;
    // Numbers of the request's fields; 0: there is none.
    int transaction = 0, reserved = 0;
    bool (*reads)(const std::string& answer) = nullptr;
};

bool are_whole(const ::query::QueryResult& result) {
    for (const ::query::Row& row : result.rows()) {
        std::uint64_t sum = 0;
        for (const std::int64_t length : row.lengths())
            sum += length < 0 ? 0 : static_cast<std::uint64_t>(length);
        if (sum != row.values().size()) return false;
    }
    return true;
}

template <class Response>
bool reads(const std::string& answer) {
    Response response;
    if (!response.ParseFromString(answer)) return false;
    if constexpr (requires { response.result(); }) return are_whole(response.result());
    return true;
}

const Method methods[] = {
    {"Execute", 5, 7, &reads<::query::ExecuteResponse>},
    {"StreamExecute", 6, 7, &reads<::query::StreamExecuteResponse>},
    {"BeginExecute", 0, 6, &reads<::query::BeginExecuteResponse>},
    {"BeginStreamExecute", 0, 7, &reads<::query::BeginStreamExecuteResponse>},
    {"ReserveExecute", 5, 0, &reads<::query::ReserveExecuteResponse>},
    {"ReserveStreamExecute", 6, 0, &reads<::query::ReserveStreamExecuteResponse>},
    {"ReserveBeginExecute", 0, 0, &reads<::query::ReserveBeginExecuteResponse>},
    {"ReserveBeginStreamExecute", 0, 0, &reads<::query::ReserveBeginStreamExecuteResponse>},
    {"Begin", 0, 0, &reads<::query::BeginResponse>},
    {"Commit", 4, 0, &reads<::query::CommitResponse>},
    {"Rollback", 4, 0, &reads<::query::RollbackResponse>},
    {"Release", 4, 5, &reads<::query::ReleaseResponse>},
    {"GetSchema", 0, 0, &reads<::query::GetSchemaResponse>},
    {"StreamHealth", 0, 0, &reads<::query::StreamHealthResponse>},
    {"Prepare", 4, 0, nullptr},
    {"VStream", 0, 0, nullptr},
};

Task<bool> agree(mysql::FakeSession* session, std::string command, void*) {
    const std::string_view text = std::string_view(command).substr(1);
    const auto begins = [&](std::string_view word) { return text.starts_with(word); };
    if (begins("begin") || begins("start transaction")) {
        session->ok(wire::status::in_transaction);
    } else if (text.contains("select") || text.contains("show")) {
        session->rows({"1", "two"});
    } else {
        session->ok();
    }
    co_return true;
}

constexpr std::string_view rules = R"([
    {"Description": "no", "Query": "select 13.*", "Action": "FAIL"},
    {"Description": "later", "TableNames": ["moved"], "Action": "FAIL_RETRY"},
    {"Description": "odd", "BindVarConds": [
        {"Name": "v1", "OnAbsent": false, "OnMismatch": true, "Operator": "<", "Value": 0}]}])";

struct World {
    async::Loop loop{0};
    mysql::FakeServer mysql{&agree, nullptr};
    Options options;
    Core core;
    std::unique_ptr<Schema> schema;
    std::unique_ptr<Sequences> sequences;
    std::unique_ptr<QueryService> service;
    rpc::Services services;
    std::vector<async::Listener> listeners;
    std::unique_ptr<rpc::Server> door;
    std::unique_ptr<rpc::Channel> channel;
    async::Scope scope;
};

tablet::MysqlTabletOptions tablet_options(const World& world) {
    tablet::MysqlTabletOptions made;
    made.server = world.options.server;
    made.primary = false;
    made.pool_wait = made.transaction_wait = std::chrono::seconds(2);
    return made;
}

Task<void> open(World* world) {
    world->mysql.start();
    Options& options = world->options;
    options.alias = {"zone1", 100};
    options.keyspace = "ks";
    options.shard = "0";
    options.server = world->mysql.server();
    options.annotate = true;
    options.hot_rows.enabled = true;
    options.transaction_limits = {.enabled = true, .each = 10};
    Core& core = world->core;
    core.options = &options;
    core.loop = &world->loop;
    core.all = {&core};
    core.condition =
        std::make_shared<const Condition>(Condition{.type = TabletType::primary, .serving = true});
    const auto state = std::make_shared<const std::string>(
        encode({.keyspace = "ks", .shard = "0", .type = TabletType::primary, .serving = true}));
    core.health.publish(state, state);
    core.statements = std::make_unique<tablet::MysqlTablet>(
        tablet_options(*world), std::make_shared<mysql::ServerLimits>(2, 4));
    core.streams = std::make_unique<tablet::MysqlTablet>(
        tablet_options(*world), std::make_shared<mysql::ServerLimits>(2, 1));
    core.plans = std::make_unique<PlanCache>(PlanOptions{.database = "vt_db"}, 1U << 20U);
    core.plans->set_rules(std::make_shared<const RuleSources>(
        RuleSources().with(file_source, QueryRules::parse(rules).value())));
    core.hot_rows =
        std::make_unique<HotRows>(options.hot_rows, std::make_shared<std::atomic<std::size_t>>(0));
    core.transaction_limits = std::make_shared<TransactionLimits>(options.transaction_limits);
    world->sequences = std::make_unique<Sequences>(core.statements.get());
    core.sequences = world->sequences.get();
    world->schema = std::make_unique<Schema>(core.statements.get(), false);
    world->service = std::make_unique<QueryService>(std::vector<Core*>{&core}, world->schema.get());
    world->service->add_to(&world->services);
    world->listeners = async::Listener::open({.host = "127.0.0.1"}, 1).value();
    world->door = std::make_unique<rpc::Server>(&world->services, rpc::ServerOptions{});
    world->scope.spawn("serve", world->door->serve(&world->listeners.front()));
    rpc::ChannelOptions channel;
    channel.address = {.host = "127.0.0.1", .port = world->listeners.front().port()};
    world->channel = std::make_unique<rpc::Channel>(std::move(channel));
    co_return;
}

void add_number(std::string* message, int field, std::int64_t value) {
    if (field == 0) return;
    *message += static_cast<char>(field << 3);
    for (auto rest = static_cast<std::uint64_t>(value);; rest >>= 7U) {
        *message += static_cast<char>((rest & 0x7fU) | (rest > 0x7fU ? 0x80U : 0U));
        if (rest <= 0x7fU) break;
    }
}

// Field 3, a target: keyspace, shard, PRIMARY.
constexpr std::string_view target{
    "\x1a\x09\x0a\x02ks\x12\x01"
    "0\x18\x01",
    11};

Task<Result<std::string>> call(World* world, const Method* method, const std::string* request) {
    rpc::ClientCall call;
    const std::string path = "/queryservice.Query/" + std::string(method->name);
    CO_TRY(co_await world->channel->start(&call, path, {}, nullptr));
    CO_TRY(co_await call.send(wire::bytes_of(*request), nullptr));
    call.finish_sending();
    std::string last;
    for (;;) {
        auto answer = CO_TRY(co_await call.receive(nullptr));
        if (!answer) co_return last;
        const auto bytes = answer->bytes();
        last.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (method->reads != nullptr && !method->reads(last)) std::abort();
        if (method->name == "StreamHealth") co_return last;
    }
}

Task<std::int64_t> begin(World* world) {
    static const Method* const method =
        std::ranges::find(methods, std::string_view("Begin"), &Method::name);
    const std::string request(target);
    const Result<std::string> answer = co_await call(world, method, &request);
    ::query::BeginResponse response;
    if (!answer || !response.ParseFromString(*answer)) std::abort();
    co_return response.transaction_id();
}

Task<void> one(World* world, const std::uint8_t* data, std::size_t size) {
    const Method& method = methods[data[0] % std::size(methods)];
    const std::uint8_t extras = data[1];
    std::string request(reinterpret_cast<const char*>(data + 2), size - 2);
    if ((extras & 1U) != 0) request += target;
    if ((extras & 6U) != 0) {
        const std::int64_t held = co_await begin(world);
        if ((extras & 2U) != 0) add_number(&request, method.transaction, held);
        if ((extras & 4U) != 0) add_number(&request, method.reserved, held);
    }
    const Result<std::string> answer = co_await call(world, &method, &request);
    if (!answer && answer.error().code == Code::ok) std::abort();
    tablet::MysqlTablet& tablet = *world->core.statements;
    tablet.end_held("pool closed", false);
    if (tablet.figures().held != 0) std::abort();
    if (!world->core.consolidator.history().empty()) std::abort();  // nobody shares with nobody
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static World* const world = [] {
        auto* const made = new World;
        async::run_until_done(made->loop, open(made));
        return made;
    }();
    if (size < 2) return 0;
    async::run_until_done(world->loop, one(world, data, size));
    return 0;
}
