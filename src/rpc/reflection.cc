// What tools ask a server about itself.
#include "rpc/reflection.h"

#include <set>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "rpc/messages.h"

namespace sluice::rpc {
namespace {

namespace pb = google::protobuf;

// The file itself, then what it needs, each once.
void collect(const pb::FileDescriptor* file, std::set<std::string>* seen,
             std::vector<std::string>* out) {
    if (!seen->insert(file->name()).second) return;
    pb::FileDescriptorProto proto;
    file->CopyTo(&proto);
    out->push_back(proto.SerializeAsString());
    for (int i = 0; i < file->dependency_count(); ++i) collect(file->dependency(i), seen, out);
}

std::vector<std::string> with_dependencies(const pb::FileDescriptor* file) {
    std::set<std::string> seen;
    std::vector<std::string> out;
    if (file != nullptr) collect(file, &seen, &out);
    return out;
}

const pb::FileDescriptor* file_of_extension(const std::string& type, int number) {
    const pb::DescriptorPool* pool = pb::DescriptorPool::generated_pool();
    const pb::Descriptor* extended = pool->FindMessageTypeByName(type);
    const pb::FieldDescriptor* field =
        extended == nullptr ? nullptr : pool->FindExtensionByNumber(extended, number);
    return field == nullptr ? nullptr : field->file();
}

template <class Response>
void set_error(Response* response, std::string text) {
    response->mutable_error_response()->set_error_code(static_cast<int>(Code::not_found));
    response->mutable_error_response()->set_error_message(std::move(text));
}

template <class Response>
void set_files(Response* response, const pb::FileDescriptor* file, std::string missing) {
    if (file == nullptr) {
        set_error(response, std::move(missing));
        return;
    }
    for (std::string& each : with_dependencies(file)) {
        response->mutable_file_descriptor_response()->add_file_descriptor_proto(std::move(each));
    }
}

template <class Response>
void set_extensions(Response* response, const std::string& type) {
    const pb::DescriptorPool* pool = pb::DescriptorPool::generated_pool();
    const pb::Descriptor* extended = pool->FindMessageTypeByName(type);
    if (extended == nullptr) {
        set_error(response, "unknown type: " + type);
        return;
    }
    auto* out = response->mutable_all_extension_numbers_response();
    out->set_base_type_name(type);
    std::vector<const pb::FieldDescriptor*> fields;
    pool->FindAllExtensions(extended, &fields);
    for (const pb::FieldDescriptor* field : fields) out->add_extension_number(field->number());
}

template <class Request, class Response>
Response answer(const Services& services, const Request& request) {
    const pb::DescriptorPool* pool = pb::DescriptorPool::generated_pool();
    Response response;
    response.set_valid_host(request.host());
    *response.mutable_original_request() = request;
    switch (request.message_request_case()) {
        case Request::kFileByFilename:
            set_files(&response, pool->FindFileByName(request.file_by_filename()),
                      "unknown file: " + request.file_by_filename());
            break;
        case Request::kFileContainingSymbol:
            set_files(&response, pool->FindFileContainingSymbol(request.file_containing_symbol()),
                      "unknown symbol: " + request.file_containing_symbol());
            break;
        case Request::kFileContainingExtension: {
            const auto& extension = request.file_containing_extension();
            set_files(&response,
                      file_of_extension(extension.containing_type(), extension.extension_number()),
                      "unknown extension of " + extension.containing_type());
            break;
        }
        case Request::kAllExtensionNumbersOfType:
            set_extensions(&response, request.all_extension_numbers_of_type());
            break;
        case Request::kListServices:
            for (std::string& name : services.names()) {
                response.mutable_list_services_response()->add_service()->set_name(std::move(name));
            }
            break;
        case Request::MESSAGE_REQUEST_NOT_SET:
            break;
    }
    return response;
}

template <class Request, class Response>
Task<Result<void>> reflect(const Services* services, ServerCall* call) {
    for (;;) {
        Request request;
        if (!CO_TRY(co_await receive(call, &request))) co_return Result<void>{};
        if (request.message_request_case() == Request::MESSAGE_REQUEST_NOT_SET) {
            co_return fail(Code::invalid_argument, "invalid MessageRequest: <nil>");
        }
        const Response response = answer<Request, Response>(*services, request);
        CO_TRY(co_await send(call, &response));
    }
}

template <class Request, class Response>
void add(Services* services, std::string package) {
    services->add(
        "/" + package + ".ServerReflection/ServerReflectionInfo", Requests::stream,
        [services](ServerCall* call) { return reflect<Request, Response>(services, call); });
}

}  // namespace

void add_reflection(Services* services) {
    add<grpc::reflection::v1::ServerReflectionRequest,
        grpc::reflection::v1::ServerReflectionResponse>(services, "grpc.reflection.v1");
    add<grpc::reflection::v1alpha::ServerReflectionRequest,
        grpc::reflection::v1alpha::ServerReflectionResponse>(services, "grpc.reflection.v1alpha");
}

}  // namespace sluice::rpc
