#pragma once
// Bind variables of a request, as they came.
#include <string>

#include "query.pb.h"

namespace sluice::tabletserver {

using Variables = google::protobuf::Map<std::string, ::query::BindVariable>;

}  // namespace sluice::tabletserver
