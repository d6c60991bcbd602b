// Which handler a request's path names.
#include "rpc/services.h"

#include <set>

namespace sluice::rpc {
namespace {

struct PathParts {
    std::string_view service;
    std::string_view method;
};

std::optional<PathParts> parts_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (!path.starts_with('/') || slash == 0) return std::nullopt;
    return PathParts{path.substr(1, slash - 1), path.substr(slash + 1)};
}

}  // namespace

void Services::add(std::string name, Requests requests, Handler handler) {
    VT_ASSERT(parts_of(name).has_value());
    Method method{.name = name,
                  .index = in_order_.size(),
                  .requests = requests,
                  .handler = std::move(handler)};
    const auto [at, added] = methods_.emplace(std::move(name), std::move(method));
    VT_ASSERT(added);
    in_order_.push_back(&at->second);
}

const Method* Services::find(std::string_view name) const {
    const auto found = methods_.find(name);
    return found == methods_.end() ? nullptr : &found->second;
}

Error Services::unknown(std::string_view name) const {
    const auto parts = parts_of(name);
    if (!parts) {
        return make_error(Code::unimplemented,
                          "malformed method name: \"" + std::string(name) + "\"");
    }
    const std::string service(parts->service);
    for (const Method* method : in_order_) {
        if (parts_of(method->name)->service == service) {
            return make_error(Code::unimplemented, "unknown method " + std::string(parts->method) +
                                                       " for service " + service);
        }
    }
    return make_error(Code::unimplemented, "unknown service " + service);
}

std::vector<std::string> Services::names() const {
    std::set<std::string> all;
    for (const Method* method : in_order_) all.emplace(parts_of(method->name)->service);
    return {all.begin(), all.end()};
}

}  // namespace sluice::rpc
