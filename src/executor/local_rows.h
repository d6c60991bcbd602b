#pragma once
// Result sets that the gate makes itself: SHOW, VEXPLAIN, values of the session.
#include <string>
#include <string_view>
#include <vector>

#include "collation/collation.h"
#include "executor/reply.h"
#include "values/value.h"

namespace sluice::executor {

struct LocalColumn {
    std::string name;
    Type type = Type::varchar;
    bool nullable = true;
    std::uint8_t decimals = 0;  // as a server has them: 31 for texts that it makes itself
};

struct LocalRows {
    std::vector<LocalColumn> columns;
    std::uint16_t collation = collation::utf8mb4_general_ci;  // of text columns, one of utf8mb4
    std::vector<std::vector<Value>> rows;

    // A row of text cells.
    void add(std::initializer_list<std::string_view> cells);
};

// Sends all of it to the reply; text columns are utf8mb4.
async::Task<Result<void>> send(const LocalRows* rows, Reply* reply, async::Stop* stop);

// SQL LIKE with the default escape, without case: patterns of SHOW ... LIKE.
bool like(std::string_view text, std::string_view pattern);

}  // namespace sluice::executor
