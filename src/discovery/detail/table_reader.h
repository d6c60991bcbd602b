#pragma once
// Schema tracking: a shard's tables from its information_schema.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablet/tablet.h"
#include "vschema/schema.h"

namespace sluice::discovery {

using async::Stop;
using async::Task;

// One text row; NULL is nullopt.
using TextRow = std::vector<std::optional<std::string>>;

// Rows of a statement of our own, at most 64 MiB.
Task<Result<std::vector<TextRow>>> query_rows(tablet::Tablet* tablet, std::string text, Stop* stop);

// All tables and views of the tablet's database.
Task<Result<std::vector<vschema::DiscoveredTable>>> read_tables(tablet::Tablet* tablet, Stop* stop);

// The same from rows of columns_query and keys_query.
Result<std::vector<vschema::DiscoveredTable>> tables_of(const std::vector<TextRow>& columns,
                                                        const std::vector<TextRow>& keys);

// ("int", "int(10) unsigned") is uint32; null_type if it is not known.
Type type_of_column(std::string_view data_type, std::string_view column_type);
// The quoted words of "enum('a','b''c')".
std::vector<std::string> listed_values(std::string_view column_type);

}  // namespace sluice::discovery
