// A call of the control plane to a tablet. After: tablets.cc.
#include "vtctl/detail/ask.h"

namespace sluice::vtctl::detail {
namespace {

Tablets::Place at(const topodata::Tablet& tablet, const char* service) {
    const auto port = tablet.port_map().find(service);
    return {alias_text(tablet.alias()), tablet.hostname(),
            port == tablet.port_map().end() ? std::uint16_t{0}
                                            : static_cast<std::uint16_t>(port->second)};
}

}  // namespace

Tablets::Place place_of(const topodata::Tablet& tablet) {
    return at(tablet, "grpc");
}

std::string database_of(const topodata::Tablet& tablet) {
    const std::string& name = tablet.db_name_override();
    return name.empty() ? "vt_" + tablet.keyspace() : name;
}

Tablets::Place web_place_of(const topodata::Tablet& tablet) {
    return at(tablet, "vt");
}

}  // namespace sluice::vtctl::detail
