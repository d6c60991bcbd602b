#pragma once
// One statement of the control plane on the tablet's server, with its rows as a message.
#include <string>

#include "query.pb.h"
#include "tablet/mysql_tablet.h"

namespace sluice::tabletserver {

using async::Stop;
using async::Task;

struct Fetch {
    std::string text;
    tablet::HeldId held = tablet::not_held;
    std::uint64_t max_rows = 0;  // more are an error; 0: no limit
};

Task<Result<::query::QueryResult>> fetch(tablet::MysqlTablet* server, Fetch what, Stop* stop);

}  // namespace sluice::tabletserver
