// Read when schema tracking has seen the shards' tables: columns, collations and primary keys join
// the VSchema.
//
// As v21 has it: a table that the VSchema does not list becomes known with all its columns, in
// unsharded and in sharded keyspaces (there it has no vindex, so that it can only be scattered to);
// a listed table takes the discovered columns unless the VSchema says that its own list is
// complete; primary keys always come from the shards.
#include "vschema/detail/builder.h"

namespace sluice::vschema {

void merge_discovered(Keyspace& keyspace, const std::vector<DiscoveredTable>& discovered) {
    for (const DiscoveredTable& found : discovered) {
        std::unique_ptr<Table>& table = keyspace.tables[found.name];
        if (!table) {
            table = std::make_unique<Table>();
            table->name = found.name;
            table->keyspace = &keyspace;
        }
        if (!table->column_list_authoritative) {
            table->columns = found.columns;
            table->column_list_authoritative = true;
        }
        table->primary_key = found.primary_key;
    }
}

}  // namespace sluice::vschema
