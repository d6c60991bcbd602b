#pragma once
// Results of statements as vtctldclient prints them.
#include <string>

#include "query.pb.h"

namespace sluice::vtctl::detail {

// As Go's JSON package prints v21's result; compact.
std::string result_json(const query::QueryResult& result);
// A table of lines and pipes; empty without rows.
std::string result_table(const query::QueryResult& result);

}  // namespace sluice::vtctl::detail
