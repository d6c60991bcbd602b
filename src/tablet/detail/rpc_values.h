#pragma once
// Columns as they come from a tablet (vttablet-contract 1.3).
#include "rpc/message.h"
#include "wire/column.h"

namespace sluice::tablet {

struct RpcColumn {
    wire::ColumnDefinition definition;
    Type type = Type::null_type;
};
// Reads a query.Field; the definition's names are views into it. What a tablet leaves out (it sends
// names and types only, if it was not asked for all) is what the type implies. Errors: a malformed
// message (INTERNAL).
Result<RpcColumn> read_column(rpc::Bytes field);

std::unexpected<Error> malformed_answer(std::string_view what);

}  // namespace sluice::tablet
