#pragma once
// Schema tracking through tablets: a table's columns from its CREATE TABLE statement, as MySQL and
// MariaDB print it.
#include <string>
#include <string_view>

#include "vschema/schema.h"

namespace sluice::discovery {

// table = "CREATE" [ "TEMPORARY" ] "TABLE" name "(" item *( "," item ) ")" options
// item = name type *attribute / key ; keys but the primary one are skipped
// Fails with invalid_argument on anything else, views included. The name is the caller's.
Result<vschema::DiscoveredTable> parse_create_table(std::string name, std::string_view text);

}  // namespace sluice::discovery
