// The two services that every server has.
#include "rpc/health.h"

#include <google/protobuf/descriptor.pb.h>

#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "rpc/detail/world.h"
#include "rpc/messages.h"
#include "rpc/reflection.h"
#include "topodata.pb.h"

namespace sluice::rpc {
namespace {

using detail::World;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

Health* health_of_test = nullptr;

Task<Result<void>> health(World* world) {
    HealthCheckRequest request;
    const auto check = [&] {
        return unary<HealthCheckResponse>(world->channel.get(), "/grpc.health.v1.Health/Check",
                                          &request, {}, nullptr);
    };
    EXPECT_EQ(CO_TRY(co_await check()).status(), HealthCheckResponse::SERVING);
    request.set_service("test.Echo");
    EXPECT_EQ(CO_TRY(co_await check()).status(), HealthCheckResponse::SERVING);
    request.set_service("nothing");
    EXPECT_EQ((co_await check()).error().code, Code::not_found);

    ClientCall watch;
    CO_TRY(co_await world->channel->start(&watch, "/grpc.health.v1.Health/Watch", {}, nullptr));
    CO_TRY(co_await send(&watch, &request, nullptr));
    watch.finish_sending();
    HealthCheckResponse response;
    EXPECT_TRUE(CO_TRY(co_await receive(&watch, &response, nullptr)));
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
    for (const auto status : {Health::Status::serving, Health::Status::not_serving}) {
        health_of_test->set("nothing", status);
        EXPECT_TRUE(CO_TRY(co_await receive(&watch, &response, nullptr)));
        EXPECT_EQ(static_cast<int>(response.status()), static_cast<int>(status));
    }
    co_return Result<void>{};
}

TEST(RpcHealth, CheckAndWatch) {
    World world;
    Health of_test;
    health_of_test = &of_test;
    detail::add_echo(&world.services);
    Health::add_to(&world.services, [] { return health_of_test; });
    of_test.set_all(world.services, Health::Status::serving);
    run_world(&world, health);
}

template <class Request, class Response>
Task<Result<void>> reflect(Channel* channel, std::string version) {
    ClientCall call;
    const std::string method =
        "/grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo";
    CO_TRY(co_await channel->start(&call, method, {}, nullptr));
    Request request;
    Response response;
    request.set_list_services("*");
    CO_TRY(co_await send(&call, &request, nullptr));
    EXPECT_TRUE(CO_TRY(co_await receive(&call, &response, nullptr)));
    EXPECT_EQ(response.list_services_response().service_size(), 3);
    EXPECT_EQ(response.list_services_response().service(2).name(), "test.Echo");

    request.set_file_containing_symbol(topodata::Tablet::descriptor()->full_name());
    CO_TRY(co_await send(&call, &request, nullptr));
    EXPECT_TRUE(CO_TRY(co_await receive(&call, &response, nullptr)));
    std::vector<std::string> files;
    for (const auto& file : response.file_descriptor_response().file_descriptor_proto()) {
        google::protobuf::FileDescriptorProto descriptor;
        EXPECT_TRUE(descriptor.ParseFromString(file));
        files.push_back(descriptor.name());
    }
    EXPECT_GT(files.size(), 1U);  // with what it imports
    if (!files.empty()) EXPECT_EQ(files.front(), "topodata.proto");

    request.set_file_by_filename("nothing.proto");
    CO_TRY(co_await send(&call, &request, nullptr));
    EXPECT_TRUE(CO_TRY(co_await receive(&call, &response, nullptr)));
    EXPECT_EQ(response.error_response().error_code(), 5);
    request.set_all_extension_numbers_of_type("topodata.Tablet");
    CO_TRY(co_await send(&call, &request, nullptr));
    EXPECT_TRUE(CO_TRY(co_await receive(&call, &response, nullptr)));
    EXPECT_EQ(response.all_extension_numbers_response().base_type_name(), "topodata.Tablet");
    call.finish_sending();
    EXPECT_FALSE(CO_TRY(co_await receive(&call, &response, nullptr)));
    co_return Result<void>{};
}

Task<Result<void>> reflections(World* world) {
    using namespace grpc::reflection;
    CO_TRY(co_await (reflect<v1::ServerReflectionRequest, v1::ServerReflectionResponse>(
        world->channel.get(), "v1")));
    CO_TRY(co_await (reflect<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>(
        world->channel.get(), "v1alpha")));
    co_return Result<void>{};
}

TEST(RpcReflection, BothVersions) {
    World world;
    detail::add_echo(&world.services);
    add_reflection(&world.services);
    run_world(&world, reflections);
}

}  // namespace
}  // namespace sluice::rpc
