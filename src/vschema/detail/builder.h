#pragma once
// Builds a Schema in steps. Each keyspace stands for itself: what is wrong in one becomes that
// keyspace's error.
#include <memory>
#include <string>
#include <string_view>

#include "vschema/schema.h"

namespace sluice::vschema {

// One table with its columns and vindexes, without what refers to other tables (table_build.cc).
Result<std::unique_ptr<Table>> build_table(const std::string& name,
                                           const TableDefinition& definition,
                                           const KeyspaceDefinition& keyspace_definition,
                                           const Keyspace& keyspace);

// "keyspace.table", either part in back quotes or not; fails unless there is exactly one dot.
Result<TableName> parse_qualified_table(std::string_view text);

// Adds what shards report to one keyspace (tracking.cc).
void merge_discovered(Keyspace& keyspace, const DiscoveredKeyspace& discovered);

class SchemaBuilder {
 public:
    SchemaBuilder(const SrvVSchema& definition, const Discovered& discovered, BuildOptions options);
    std::shared_ptr<const Schema> build();

 private:
    Result<void> build_keyspace(Keyspace& keyspace, const KeyspaceDefinition& definition);
    void name_globally(const Keyspace& keyspace);
    void name_discovered_globally();
    Result<void> resolve_references(const Keyspace& keyspace);
    void resolve_sequences(Keyspace& keyspace, const KeyspaceDefinition& definition);
    void drop_table(Keyspace& keyspace, const std::string& name);
    void add_routing_rules();
    void add_mirror_rules();
    Table* known_table(const TableName& name);

    const Discovered& discovered_;
    BuildOptions options_;
    std::shared_ptr<Schema> schema_;
};

}  // namespace sluice::vschema
