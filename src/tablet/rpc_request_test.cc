// The requests that are written by hand say what the generated messages read.
#include "tablet/detail/rpc_request.h"

#include <gtest/gtest.h>

namespace sluice::tablet {
namespace {

struct World {
    Caller caller;
    Settings settings;
    QueryOptions options;
    BindVars variables;
    RpcRequest request;
    ::query::Target target;

    World() {
        caller.user = "app";
        caller.groups = {"dev", ""};
        caller.principal = "someone";
        caller.component = "shop";
        caller.subcomponent = "cart";
        caller.principal_groups = {"staff"};
        settings.found_rows = true;
        options.workload = QueryOptions::Workload::olap;
        options.consolidator = QueryOptions::Consolidator::enabled;
        options.skip_query_plan_cache = true;
        options.has_created_temp_tables = true;
        options.workload_name = "nightly";
        options.priority = "7";
        options.timeout = std::chrono::milliseconds(0);
        BindValue list{.value = {.type = Type::tuple, .bytes = {}}, .list = {}};
        list.list.push_back({.type = Type::int64, .bytes = "1"});
        list.list.push_back({.type = Type::varchar, .bytes = std::string(200, 'x')});
        list.list.push_back({});
        variables = {{"v1", {.value = {.type = Type::int64, .bytes = "-5"}, .list = {}}},
                     {"empty", {.value = {.type = Type::varchar, .bytes = ""}, .list = {}}},
                     {"none", {}},
                     {"vals", list}};
        request.text = "select :v1, :empty, :none from t where a in ::vals";
        request.variables = &variables;
        request.caller = &caller;
        request.settings = &settings;
        request.options = &options;
        target.set_keyspace("ks");
        target.set_shard("-80");
        target.set_tablet_type(::topodata::PRIMARY);
    }

    template <class Message>
    Message read(std::string_view method) {
        const RpcMessage made = make_message(request, target.SerializeAsString());
        EXPECT_EQ(made.method, "/queryservice.Query/" + std::string(method));
        EXPECT_EQ(made.stream, request.stream);
        Message message;
        EXPECT_TRUE(message.ParseFromArray(made.bytes.data(), static_cast<int>(made.bytes.size())));
        EXPECT_EQ(message.effective_caller_id().ShortDebugString(),
                  "principal: \"someone\" component: \"shop\" subcomponent: \"cart\" "
                  "groups: \"staff\"");
        EXPECT_EQ(message.immediate_caller_id().ShortDebugString(),
                  "username: \"app\" groups: \"dev\" groups: \"\"");
        EXPECT_EQ(message.target().ShortDebugString(),
                  "keyspace: \"ks\" shard: \"-80\" tablet_type: PRIMARY");
        EXPECT_EQ(message.query().sql(), request.text);
        EXPECT_EQ(message.query().bind_variables_size(), 4);
        return message;
    }
};

TEST(RpcRequest, VariablesAndOptionsArriveAsTheyAre) {
    World world;
    const auto message = world.read<::query::ExecuteRequest>("Execute");
    const auto& variables = message.query().bind_variables();
    EXPECT_EQ(variables.at("v1").ShortDebugString(), "type: INT64 value: \"-5\"");
    EXPECT_EQ(variables.at("empty").ShortDebugString(), "type: VARCHAR");
    EXPECT_EQ(variables.at("none").ShortDebugString(), "");
    const auto& list = variables.at("vals");
    EXPECT_EQ(list.type(), ::query::TUPLE);
    ASSERT_EQ(list.values_size(), 3);
    EXPECT_EQ(list.values(0).ShortDebugString(), "type: INT64 value: \"1\"");
    EXPECT_EQ(list.values(1).value(), std::string(200, 'x'));
    EXPECT_EQ(list.values(2).ShortDebugString(), "");
    EXPECT_EQ(message.options().ShortDebugString(),
              "included_fields: ALL client_found_rows: true workload: OLAP "
              "skip_query_plan_cache: true has_created_temp_tables: true "
              "consolidator: CONSOLIDATOR_ENABLED WorkloadName: \"nightly\" priority: \"7\" "
              "authoritative_timeout: 0");
}

TEST(RpcRequest, WithoutAnythingItIsShort) {
    World world;
    world.request = {.text = "select 1"};
    const RpcMessage made = make_message(world.request, "");
    ::query::ExecuteRequest message;
    ASSERT_TRUE(message.ParseFromArray(made.bytes.data(), static_cast<int>(made.bytes.size())));
    EXPECT_EQ(message.ShortDebugString(),
              "target { } query { sql: \"select 1\" } options { included_fields: ALL }");
    EXPECT_EQ(message.SerializeAsString(),
              std::string(reinterpret_cast<const char*>(made.bytes.data()), made.bytes.size()));
}

TEST(RpcRequest, NumbersStandWhereEachMethodHasThem) {
    World world;
    world.request.transaction_id = 77;
    world.request.reserved_id = 88;
    const auto execute = world.read<::query::ExecuteRequest>("Execute");
    EXPECT_EQ(execute.transaction_id(), 77);
    EXPECT_EQ(execute.reserved_id(), 88);
    world.request.stream = true;
    const auto stream = world.read<::query::StreamExecuteRequest>("StreamExecute");
    EXPECT_EQ(stream.transaction_id(), 77);
    EXPECT_EQ(stream.reserved_id(), 88);
    EXPECT_EQ(stream.options().priority(), "7");
}

TEST(RpcRequest, ABeginCarriesItsTraitsAndSavepoints) {
    World world;
    world.request.reserved_id = 88;
    world.request.before.begin = true;
    world.request.before.after_begin = {"savepoint a", "savepoint b"};
    world.request.before.isolation = ::query::ExecuteOptions::SERIALIZABLE;
    world.request.before.access = {::query::ExecuteOptions::CONSISTENT_SNAPSHOT,
                                   ::query::ExecuteOptions::READ_ONLY};
    const auto check = [](const auto& message) {
        EXPECT_EQ(message.reserved_id(), 88);
        ASSERT_EQ(message.pre_queries_size(), 2);
        EXPECT_EQ(message.pre_queries(1), "savepoint b");
        EXPECT_EQ(message.options().transaction_isolation(), ::query::ExecuteOptions::SERIALIZABLE);
        ASSERT_EQ(message.options().transaction_access_mode_size(), 2);
        EXPECT_EQ(message.options().transaction_access_mode(0),
                  ::query::ExecuteOptions::CONSISTENT_SNAPSHOT);
        EXPECT_EQ(message.options().transaction_access_mode(1), ::query::ExecuteOptions::READ_ONLY);
    };
    check(world.read<::query::BeginExecuteRequest>("BeginExecute"));
    world.request.stream = true;
    check(world.read<::query::BeginStreamExecuteRequest>("BeginStreamExecute"));
}

TEST(RpcRequest, AReservationCarriesItsSettings) {
    World world;
    world.request.transaction_id = 77;
    world.request.reserve = true;
    world.request.set_statements = {"set sql_mode = ''", ""};
    const auto check = [](const auto& message) {
        EXPECT_EQ(message.transaction_id(), 77);
        ASSERT_EQ(message.pre_queries_size(), 2);
        EXPECT_EQ(message.pre_queries(0), "set sql_mode = ''");
        EXPECT_EQ(message.options().workload(), ::query::ExecuteOptions::OLAP);
    };
    check(world.read<::query::ReserveExecuteRequest>("ReserveExecute"));
    world.request.stream = true;
    check(world.read<::query::ReserveStreamExecuteRequest>("ReserveStreamExecute"));
}

TEST(RpcRequest, AReservedBeginCarriesBoth) {
    World world;
    world.request.reserve = true;
    world.request.set_statements = {"set sql_mode = ''"};
    world.request.before.begin = true;
    world.request.before.after_begin = {"savepoint a"};
    const auto check = [](const auto& message) {
        ASSERT_EQ(message.pre_queries_size(), 1);
        EXPECT_EQ(message.pre_queries(0), "set sql_mode = ''");
        ASSERT_EQ(message.post_begin_queries_size(), 1);
        EXPECT_EQ(message.post_begin_queries(0), "savepoint a");
        EXPECT_EQ(message.options().workload(), ::query::ExecuteOptions::OLAP);
    };
    check(world.read<::query::ReserveBeginExecuteRequest>("ReserveBeginExecute"));
    world.request.stream = true;
    check(world.read<::query::ReserveBeginStreamExecuteRequest>("ReserveBeginStreamExecute"));
}

}  // namespace
}  // namespace sluice::tablet
