#pragma once
// Schema tracking: a shard's tables from its information_schema.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "discovery/detail/view_reader.h"
#include "tablet/query_table.h"
#include "vschema/schema.h"

namespace sluice::discovery {

using async::Stop;
using async::Task;

using tablet::TextRow;
using tablet::TextTable;

// All tables and views of the tablet's database.
Task<Result<std::vector<vschema::DiscoveredTable>>> read_tables(tablet::Tablet* tablet, Stop* stop);

// The views among them; their columns are those of `tables`.
Task<Result<std::vector<vschema::DiscoveredView>>> read_views(
    tablet::Tablet* tablet, std::string keyspace,
    const std::vector<vschema::DiscoveredTable>* tables, Stop* stop);
// Names of aggregate functions that the server has loaded.
Task<Result<std::vector<std::string>>> read_aggregates(tablet::Tablet* tablet, Stop* stop);

// The same from rows of columns_query and keys_query.
Result<std::vector<vschema::DiscoveredTable>> tables_of(const std::vector<TextRow>& columns,
                                                        const std::vector<TextRow>& keys);

// ("int", "int(10) unsigned") is uint32; null_type if it is not known.
Type type_of_column(std::string_view data_type, std::string_view column_type);
// The quoted words of "enum('a','b''c')".
std::vector<std::string> listed_values(std::string_view column_type);

}  // namespace sluice::discovery
