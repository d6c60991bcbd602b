#pragma once
// The error of a statement that has had its time, whoever set the limit: the session, the gate,
// or --mysql_server_query_timeout. MySQL's number and words for max_execution_time.
#include "base/error.h"

namespace sluice::executor {

inline Error query_timed_out() {
    return make_error(Code::deadline_exceeded, er::query_timeout,
                      "Query execution was interrupted, maximum statement execution time exceeded");
}

}  // namespace sluice::executor
