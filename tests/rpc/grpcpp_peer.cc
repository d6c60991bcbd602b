// The side of grpc++ (Debian's) of tests/rpc; the same words as sluice_peer.cc.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include "echo.grpc.pb.h"

using google::protobuf::BytesValue;
using sluice::tests::Echo;

namespace {

constexpr int limit = 16 * 1024 * 1024;

std::string option(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string file(const std::string& path) {
    const std::ifstream in(path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

BytesValue value_of(std::string bytes) {
    BytesValue value;
    value.set_value(std::move(bytes));
    return value;
}

int number_in(grpc::ServerContext* context, const char* name) {
    const auto found = context->client_metadata().find(name);
    if (found == context->client_metadata().end()) return 0;
    return std::atoi(std::string(found->second.data(), found->second.size()).c_str());
}

class Service : public Echo::Service {
    grpc::Status Unary(grpc::ServerContext* context, const BytesValue* request,
                       BytesValue* answer) override {
        for (const auto& [name, value] : context->client_metadata()) {
            const std::string key(name.data(), name.size());
            if (!key.starts_with("echo-")) continue;
            context->AddInitialMetadata(key, std::string(value.data(), value.size()));
            context->AddTrailingMetadata(key, std::string(value.data(), value.size()));
        }
        *answer = *request;
        return grpc::Status::OK;
    }
    grpc::Status Fail(grpc::ServerContext* context, const BytesValue* request,
                      BytesValue*) override {
        return {static_cast<grpc::StatusCode>(number_in(context, "code")), request->value(),
                "details"};
    }
    grpc::Status Many(grpc::ServerContext* context, const BytesValue*,
                      grpc::ServerWriter<BytesValue>* out) override {
        const BytesValue answer =
            value_of(std::string(static_cast<std::size_t>(number_in(context, "size")), 'x'));
        for (int left = number_in(context, "count"); left > 0; --left) out->Write(answer);
        return grpc::Status::OK;
    }
    grpc::Status Sum(grpc::ServerContext*, grpc::ServerReader<BytesValue>* in,
                     BytesValue* answer) override {
        std::size_t bytes = 0;
        for (BytesValue request; in->Read(&request);) bytes += request.value().size();
        answer->set_value(std::to_string(bytes));
        return grpc::Status::OK;
    }
    grpc::Status Talk(grpc::ServerContext*,
                      grpc::ServerReaderWriter<BytesValue, BytesValue>* both) override {
        for (BytesValue request; both->Read(&request);) both->Write(request);
        return grpc::Status::OK;
    }
    grpc::Status Hang(grpc::ServerContext* context, const BytesValue*, BytesValue*) override {
        while (!context->IsCancelled()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return grpc::Status::CANCELLED;
    }
};

int serve() {
    grpc::EnableDefaultHealthCheckService(true);
    std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
    if (const std::string folder = option("PEER_TLS"); !folder.empty()) {
        grpc::SslServerCredentialsOptions tls(
            GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
        tls.pem_root_certs = file(folder + "/ca.pem");
        tls.pem_key_cert_pairs.push_back(
            {file(folder + "/server.key"), file(folder + "/server.pem")});
        credentials = grpc::SslServerCredentials(tls);
    }
    Service service;
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port);
    builder.SetMaxReceiveMessageSize(limit);
    builder.RegisterService(&service);
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (server == nullptr) return 1;
    std::cout << "port " << port << std::endl;
    while (std::cin.get() != std::char_traits<char>::eof()) {
    }
    server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
    return 0;
}

int wrong = 0;

void expect(bool right, const std::string& what) {
    if (right) return;
    ++wrong;
    std::cerr << "wrong: " << what << std::endl;
}

void expect_ok(const grpc::Status& status, const std::string& what) {
    expect(status.ok(), what + ": " + status.error_message());
}

struct Context : grpc::ClientContext {
    Context() {
        if (option("PEER_COMPRESSION") == "gzip") set_compression_algorithm(GRPC_COMPRESS_GZIP);
        set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    }
};

void check_unary(Echo::Stub* stub) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{5'000'000}}) {
        Context context;
        const BytesValue request = value_of(std::string(size, 'u'));
        BytesValue answer;
        expect_ok(stub->Unary(&context, request, &answer), "unary");
        expect(answer.value() == request.value(), "unary's bytes");
    }
    Context context;
    const std::string raw("\0\1\xff", 3);
    context.AddMetadata("echo-text", "a b");
    context.AddMetadata("echo-raw-bin", raw);
    BytesValue answer;
    expect_ok(stub->Unary(&context, BytesValue(), &answer), "unary with metadata");
    for (const auto* each :
         {&context.GetServerInitialMetadata(), &context.GetServerTrailingMetadata()}) {
        const auto text = each->find("echo-text");
        const auto bytes = each->find("echo-raw-bin");
        expect(text != each->end() && text->second == "a b", "text metadata");
        expect(bytes != each->end() && bytes->second == grpc::string_ref(raw.data(), raw.size()),
               "binary metadata");
    }
}

void check_failures(Echo::Stub* stub) {
    for (int code = 1; code <= 16; ++code) {  // grpc++ knows no others
        Context context;
        context.AddMetadata("code", std::to_string(code));
        const BytesValue request = value_of("n\xc3\xa4her: 100%\n");
        BytesValue answer;
        const grpc::Status status = stub->Fail(&context, request, &answer);
        expect(static_cast<int>(status.error_code()) == code &&
                   status.error_message() == request.value() && status.error_details() == "details",
               "code " + std::to_string(code) + ": " + status.error_message());
    }
}

void check_streams(Echo::Stub* stub) {
    BytesValue value;
    Context many;
    many.AddMetadata("count", "1000");
    many.AddMetadata("size", "10000");
    const auto reader = stub->Many(&many, value);
    int count = 0;
    for (; reader->Read(&value); ++count) expect(value.value().size() == 10000, "many's size");
    expect_ok(reader->Finish(), "many");
    expect(count == 1000, "many's count");

    Context sum;
    BytesValue total;
    const auto writer = stub->Sum(&sum, &total);
    for (int i = 0; i < 1000; ++i) writer->Write(value_of(std::string(3000, 's')));
    writer->WritesDone();
    expect_ok(writer->Finish(), "sum");
    expect(total.value() == "3000000", "sum: " + total.value());

    Context talk;
    const auto both = stub->Talk(&talk);
    for (int i = 0; i < 100; ++i) {
        both->Write(value_of(std::to_string(i)));
        expect(both->Read(&value) && value.value() == std::to_string(i), "talk");
    }
    both->WritesDone();
    expect(!both->Read(&value), "talk's end");
    expect_ok(both->Finish(), "talk");
}

void check_ends(Echo::Stub* stub) {
    BytesValue answer;
    Context late;
    late.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
    expect(stub->Hang(&late, BytesValue(), &answer).error_code() ==
               grpc::StatusCode::DEADLINE_EXCEEDED,
           "deadline");
    Context over;
    const grpc::Status status =
        stub->Unary(&over, value_of(std::string(limit + 1'000'000, 'h')), &answer);
    expect(status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED,
           "a message over the limit: " + status.error_message());
}

int ask(const std::string& port) {
    std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
    if (const std::string folder = option("PEER_TLS"); !folder.empty()) {
        credentials = grpc::SslCredentials(
            {file(folder + "/ca.pem"), file(folder + "/client.key"), file(folder + "/client.pem")});
    }
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(limit);
    const auto stub =
        Echo::NewStub(grpc::CreateCustomChannel("127.0.0.1:" + port, credentials, arguments));
    check_unary(stub.get());
    check_failures(stub.get());
    check_streams(stub.get());
    check_ends(stub.get());
    return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    if (what == "server") return serve();
    if (what == "client" && argc == 3) return ask(argv[2]);
    std::cerr << "grpcpp_peer server | client PORT" << std::endl;
    return 2;
}
