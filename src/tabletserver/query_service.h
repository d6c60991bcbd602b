#pragma once
// queryservice.Query over the cores of a tablet (vttablet-contract 1.2).
#include <memory>
#include <vector>

#include "rpc/services.h"
#include "tabletserver/core.h"

namespace sluice::tabletserver {

class Schema;

class QueryService {
 public:
    // `cores`: one of each loop, by index; they and `schema` outlive the service's calls.
    QueryService(std::vector<Core*> cores, const Schema* schema)
        : cores_(std::move(cores)), schema_(schema) {}

    // The service outlives what is registered.
    void add_to(rpc::Services* services);

 private:
    Core* core() const { return cores_[async::Loop::current().index()]; }

    Task<Result<void>> run_execute(rpc::ServerCall* call);
    template <class Request>
    Task<Result<void>> run_unary(rpc::ServerCall* call);
    template <class Request>
    Task<Result<void>> run_stream(rpc::ServerCall* call);
    Task<Result<void>> run_begin(rpc::ServerCall* call);
    template <class Request, class Response>
    Task<Result<void>> run_end(rpc::ServerCall* call, bool commit);
    Task<Result<void>> run_release(rpc::ServerCall* call);
    Task<Result<void>> run_health(rpc::ServerCall* call);
    Task<Result<void>> run_schema(rpc::ServerCall* call);
    void add_refusals(rpc::Services* services);

    std::vector<Core*> cores_;
    const Schema* schema_;
};

}  // namespace sluice::tabletserver
