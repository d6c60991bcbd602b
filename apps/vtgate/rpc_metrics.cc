// Metrics of the gRPC port as go-grpc-prometheus names them, for --grpc_prometheus.
#include "gate.h"
#include "metrics.h"

namespace sluice::vtgate {
namespace {

using Totals = std::map<servenv::LabelKey, double>;
using Method = front::VtgateServer::MethodTotals;

// As grpc-go prints codes.
std::string code_name(std::size_t code) {
    constexpr std::string_view names[] = {
        "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
        "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
        "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
        "DataLoss", "Unauthenticated"};
    return code < std::size(names) ? std::string(names[code])
                                   : "Code(" + std::to_string(code) + ")";
}

std::string_view type_of(std::string_view method) {
    if (method == "ServerReflectionInfo") return "bidi_stream";
    const bool stream = method == "StreamExecute" || method == "VStream" || method == "Watch";
    return stream ? "server_stream" : "unary";
}

// The service comes last, for it has dots of its own.
std::string key_of(const Method& method, std::string_view code) {
    const std::size_t slash = method.name.find('/', 1);
    const std::string name = method.name.substr(slash + 1);
    std::string key = std::string(type_of(name)) + "." + name + ".";
    if (!code.empty()) key.append(code).append(".");
    return key + method.name.substr(1, slash - 1);
}

template <class Read>
void add(servenv::Metrics& metrics, const Gate* gate, const char* name, const char* help,
         Read read) {
    metrics.read_labelled(servenv::Metrics::Kind::counter,
                          {.variable = name,
                           .help = help,
                           .labels = {"grpc_type", "grpc_method", "grpc_service"},
                           .prometheus = name},
                          [gate, read] {
                              Totals totals;
                              if (gate->rpc_server() == nullptr) return totals;
                              for (const Method& method : gate->rpc_server()->totals())
                                  totals[key_of(method, "")] = static_cast<double>(read(method));
                              return totals;
                          });
}

}  // namespace

void add_rpc_metrics(servenv::Metrics& metrics, const Gate* gate) {
    add(metrics, gate, "grpc_server_started_total", "Calls begun",
        [](const Method& method) { return method.started; });
    add(metrics, gate, "grpc_server_msg_received_total", "Messages of clients",
        [](const Method& method) { return method.received; });
    add(metrics, gate, "grpc_server_msg_sent_total", "Messages to clients",
        [](const Method& method) { return method.sent; });
    metrics.read_labelled(servenv::Metrics::Kind::counter,
                          {.variable = "grpc_server_handled_total",
                           .help = "Calls ended, by status",
                           .labels = {"grpc_type", "grpc_method", "grpc_code", "grpc_service"},
                           .prometheus = "grpc_server_handled_total"},
                          [gate] {
                              Totals totals;
                              if (gate->rpc_server() == nullptr) return totals;
                              for (const Method& method : gate->rpc_server()->totals()) {
                                  for (std::size_t code = 0; code < method.handled.size(); ++code)
                                      totals[key_of(method, code_name(code))] =
                                          static_cast<double>(method.handled[code]);
                              }
                              return totals;
                          });
}

}  // namespace sluice::vtgate
