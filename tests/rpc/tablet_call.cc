// `tablet_call HOST:PORT METHOD [JSON]` calls a vttablet's TabletManager service and prints the
// answer as JSON; an error is printed to standard error and ends with status 1. For suites, which
// have no gRPC of their own. The environment's TIMEOUT is in seconds (30).
#include <cstdlib>
#include <iostream>
#include <memory>

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "async/cross.h"
#include "rpc/messages.h"
#include "tabletmanagerdata.pb.h"

using namespace sluice;
using google::protobuf::Message;

namespace {

std::unique_ptr<Message> make(const std::string& name) {
    const auto* const file = tabletmanagerdata::PingRequest::descriptor()->file();
    const auto* const type = file->FindMessageTypeByName(name);
    if (type == nullptr) return nullptr;
    auto* const factory = google::protobuf::MessageFactory::generated_factory();
    return std::unique_ptr<Message>(factory->GetPrototype(type)->New());
}

async::Task<Result<void>> call(rpc::Channel* channel, std::string method, const Message* request,
                               Message* response) {
    const char* const given = std::getenv("TIMEOUT");
    rpc::CallOptions options;
    options.timeout = std::chrono::seconds(given == nullptr ? 30 : std::atoi(given));
    const rpc::Message encoded = CO_TRY(rpc::encode(*request, channel->options().limits.send));
    const rpc::Bytes pieces[] = {encoded.view()};
    const std::string name = "/tabletmanagerservice.TabletManager/" + method;
    const rpc::Message answer = CO_TRY(co_await channel->unary(name, pieces, options, nullptr));
    co_return rpc::decode(answer.view(), response);
}

async::Task<void> run(std::string address, std::string method, const Message* request,
                      Message* response, int* status) {
    const std::size_t colon = address.rfind(':');
    rpc::ChannelOptions options;
    options.address = {.host = address.substr(0, colon),
                       .port = static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1))};
    rpc::Channel channel(std::move(options));
    const Result<void> done = co_await call(&channel, std::move(method), request, response);
    co_await channel.close();
    if (!done) {
        std::cerr << code_name(done.error().code) << ": " << done.error().text << std::endl;
        co_return;
    }
    std::string text;
    google::protobuf::util::JsonPrintOptions form;
    form.always_print_primitive_fields = true;
    form.preserve_proto_field_names = true;
    static_cast<void>(google::protobuf::util::MessageToJsonString(*response, &text, form));
    std::cout << text << std::endl;
    *status = 0;
}

}  // namespace

int main(int count, char** words) {
    if (count < 3) return 2;
    const std::string method = words[2];
    const auto request = make(method + "Request"), response = make(method + "Response");
    if (!request || !response) {
        std::cerr << "there is no call " << method << std::endl;
        return 2;
    }
    const std::string text = count > 3 ? words[3] : "{}";
    if (!google::protobuf::util::JsonStringToMessage(text, request.get()).ok()) return 2;
    int status = 1;
    async::Loop loop;
    async::run_until_done(loop, run(words[1], method, request.get(), response.get(), &status));
    return status;
}
