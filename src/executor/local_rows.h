#pragma once
// Result sets that the gate makes itself: SHOW, VEXPLAIN, values of the session.
#include <string>
#include <string_view>
#include <vector>

#include "executor/reply.h"
#include "values/value.h"

namespace sluice::executor {

struct LocalColumn {
    std::string name;
    Type type = Type::varchar;
};

struct LocalRows {
    std::vector<LocalColumn> columns;
    std::vector<std::vector<Value>> rows;

    // A row of text cells.
    void add(std::initializer_list<std::string_view> cells);
};

// Sends all of it to the reply; text columns are utf8mb4.
async::Task<Result<void>> send(const LocalRows* rows, Reply* reply, async::Stop* stop);

// SQL LIKE with the default escape, without case: patterns of SHOW ... LIKE.
bool like(std::string_view text, std::string_view pattern);

}  // namespace sluice::executor
