#pragma once
// Services: what a server offers, by full method name. Filled before the server starts, then shared
// by the servers of all loops and not changed.
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rpc/options.h"

namespace sluice::rpc {

class ServerCall;

// Runs on the loop of the call's connection; the call outlives the task. The result is the call's
// status.
using Handler = std::function<Task<Result<void>>(ServerCall*)>;

enum class Requests : std::uint8_t { one, stream };

struct Method {
    std::string name;       // "/package.Service/Method"
    std::size_t index = 0;  // in the order of registration
    // With one request the handler starts when it is there, else with the call.
    Requests requests = Requests::one;
    Handler handler;
};

class Services {
 public:
    Services() = default;
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    // Each name once.
    void add(std::string name, Requests requests, Handler handler);

    const Method* find(std::string_view name) const;
    // In grpc-go's words: "unknown service x" or "unknown method y for service x".
    Error unknown(std::string_view name) const;
    // "package.Service", each once, sorted.
    std::vector<std::string> names() const;
    const std::vector<const Method*>& methods() const { return in_order_; }

 private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const {
            return std::hash<std::string_view>()(name);
        }
    };
    std::unordered_map<std::string, Method, Hash, std::equal_to<>> methods_;
    std::vector<const Method*> in_order_;
};

}  // namespace sluice::rpc
