#pragma once
// The resolved VSchema: tables with their vindex objects, unique names, rules applied at look-up. A
// Schema is built once per change, never changes, and is shared; pointers into it live as long as
// it does.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/error.h"
#include "sql/ast.h"
#include "vindex/create.h"
#include "vindex/target.h"
#include "vindex/vindex.h"
#include "vschema/definition.h"

namespace sluice::vschema {

using vindex::TabletType;

// Schemas that every MySQL server has: information_schema, performance_schema, mysql, sys.
bool is_system_schema(std::string_view name);

struct Keyspace;
struct Table;

// Column names compare without regard to ASCII case.
bool same_column(std::string_view left, std::string_view right);

struct Column {
    std::string name;
    Type type = Type::null_type;  // null_type: not known
    std::string collation_name;   // of text columns; "": not known
    std::string default_value;
    bool invisible = false;
    std::optional<bool> nullable;
    std::int32_t size = 0;
    std::int32_t scale = 0;
    std::vector<std::string> values;
    bool operator==(const Column&) const = default;
};

// A vindex on columns of one table.
struct ColumnVindex {
    std::vector<std::string> columns;  // as written
    std::string name;
    std::string type;
    bool owned = false;
    bool partial = false;      // a leading part of a multi-column vindex's columns
    bool backfilling = false;  // a lookup being filled: not to be read from
    int cost = 0;
    bool unique = false;
    std::shared_ptr<const vindex::Vindex> vindex;
};

enum class TableKind : std::uint8_t { plain, sequence, reference };

struct TableName {
    std::string keyspace;  // "" if unqualified
    std::string table;
    bool operator==(const TableName&) const = default;
};

// What a view stands for.
struct View {
    sql::Query query;                  // its tables are named with their keyspace
    std::vector<std::string> columns;  // names of its columns where the query's are others
    std::string unreadable;            // why the query is not known; "": it is
};

struct Table {
    std::string name;
    const Keyspace* keyspace = nullptr;
    TableKind kind = TableKind::plain;
    // [0] is the primary vindex. Leading parts of a multi-column one follow at the end, marked
    // partial.
    std::vector<ColumnVindex> column_vindexes;
    std::vector<std::size_t> ordered;  // indexes of column_vindexes, cheapest first
    std::vector<std::size_t> owned;    // indexes of those that this table owns
    struct AutoIncrement {
        std::string column;
        const Table* sequence = nullptr;
    };
    std::optional<AutoIncrement> auto_increment;
    std::vector<Column> columns;
    bool column_list_authoritative = false;  // columns are all there are
    std::vector<std::string> primary_key;    // from schema tracking; empty: none or not known
    std::shared_ptr<const View> view;  // queries read this instead; null: a table, or not known
    std::optional<vindex::KeyspaceId> pinned;
    std::optional<TableName> source;  // of a reference table
    std::map<std::string, const Table*, std::less<>>
        referenced_by;  // keyspace -> reference table with this source

    const Column* column(std::string_view name) const;
    const ColumnVindex* primary_vindex() const {
        return column_vindexes.empty() ? nullptr : &column_vindexes.front();
    }
    std::string qualified_name() const;  // "keyspace.table"
};

struct Keyspace {
    std::string name;
    bool sharded = false;
    bool require_explicit_routing = false;
    ForeignKeyMode foreign_key_mode =
        ForeignKeyMode::unspecified;  // unspecified counts as unmanaged
    std::optional<MultiTenantSpec> multi_tenant_spec;
    std::map<std::string, std::unique_ptr<Table>, std::less<>> tables;
    std::map<std::string, std::shared_ptr<const vindex::Vindex>, std::less<>> vindexes;
    std::optional<Error> error;  // why the keyspace could not be built; reported when it is used
};

// The names of a query's columns; empty if one of them is not written in it.
std::vector<std::string> column_names(const sql::Query& query);

// What a shard said about one table, fed in by schema tracking.
struct DiscoveredTable {
    std::string name;
    std::vector<Column> columns;
    std::vector<std::string> primary_key;
    bool operator==(const DiscoveredTable&) const = default;
};
struct DiscoveredView {
    std::string name;
    std::string text;  // what `view` was read from; views of the same text are equal
    std::shared_ptr<const View> view;
    bool operator==(const DiscoveredView& other) const {
        return name == other.name && text == other.text;
    }
};
struct DiscoveredKeyspace {
    std::vector<DiscoveredTable> tables;
    std::vector<DiscoveredView> views;    // only if views are tracked
    std::vector<std::string> aggregates;  // aggregate functions that its servers have loaded
    bool operator==(const DiscoveredKeyspace&) const = default;
};
using Discovered = ByName<DiscoveredKeyspace>;

struct BuildOptions {
    std::uint64_t epoch = 0;
    vindex::Creation creation;  // how vindexes read files, and types beside the built-in ones
    bool foreign_keys_disallowed = false;  // --foreign_key_mode=disallow overrides every keyspace
};

// A table, or a vindex named in FROM. The table's pointer is valid as long as the Schema (a table
// of an unsharded keyspace that the VSchema does not list is made on the spot and owned by the
// pointer).
using TablePointer = std::shared_ptr<const Table>;
using VindexPointer = std::shared_ptr<const vindex::Vindex>;
struct FoundVindex {
    VindexPointer vindex;
    std::string keyspace;
};
using TableOrVindex = std::variant<TablePointer, FoundVindex>;

struct Mirror {
    TablePointer to_table;
    double percent = 0;
};

class Schema {
 public:
    // Never fails: a keyspace that cannot be built carries its error. Plans made under another
    // epoch are stale.
    static std::shared_ptr<const Schema> build(const SrvVSchema& definition,
                                               BuildOptions options = {});
    // The same with the tables that shards report merged in (rules: detail/tracking.cc).
    static std::shared_ptr<const Schema> build(const SrvVSchema& definition,
                                               const Discovered& discovered,
                                               BuildOptions options = {});

    std::uint64_t epoch() const { return epoch_; }
    const std::map<std::string, std::unique_ptr<Keyspace>, std::less<>>& keyspaces() const {
        return keyspaces_;
    }

    const Keyspace* keyspace(std::string_view name) const;  // nullptr if unknown
    // VT05003 if unknown, the keyspace's build error if it has one.
    Result<const Keyspace*> use_keyspace(std::string_view name) const;
    // The keyspace of a session that named none: the only one, else nullptr.
    const Keyspace* only_keyspace() const;

    // Table look-up of contract 5.12: keyspace routing, table routing, then the VSchema; an empty
    // keyspace means unqualified. Fails with "table X not found" (NOT_FOUND, 1105), VT05003,
    // "ambiguous table reference: X", ...
    Result<TablePointer> find_table(std::string_view keyspace, std::string_view table,
                                    TabletType type) const;
    Result<TableOrVindex> find_table_or_vindex(std::string_view keyspace, std::string_view name,
                                               TabletType type) const;
    // nullopt-like: vindex is null if there is none of this name.
    Result<FoundVindex> find_vindex(std::string_view keyspace, std::string_view name) const;
    // Where a keyspace's traffic goes by keyspace routing rules; itself if there is no rule.
    std::string_view routed_keyspace(std::string_view keyspace, TabletType type) const;
    // By shard routing rules (only if --enable-partial-keyspace-migration): the keyspace that
    // serves this shard.
    std::string_view routed_shard_keyspace(std::string_view keyspace, std::string_view shard) const;
    // The mirror rule of a table, if any.
    Result<std::optional<Mirror>> find_mirror(std::string_view keyspace, std::string_view table,
                                              TabletType type) const;

    bool has_routing_rules() const { return !routing_.empty(); }
    bool has_views() const { return has_views_; }
    // Aggregate functions that the servers of any keyspace have loaded, in lower case.
    const std::set<std::string, std::less<>>& loaded_aggregates() const {
        return loaded_aggregates_;
    }
    const SrvVSchema& definition() const { return definition_; }

    Schema() = default;  // empty: no keyspaces
    Schema(const Schema&) = delete;
    Schema& operator=(const Schema&) = delete;

 private:
    friend class SchemaBuilder;
    struct Route {
        TablePointer table;  // null: disabled
        std::optional<Error> error;
    };
    struct MirrorRoute {
        Mirror mirror;
        std::optional<Error> error;
    };
    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const {
            return std::hash<std::string_view>{}(name);
        }
    };
    template <class T>
    using Names = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

    Result<TablePointer> find_unrouted(std::string_view keyspace, std::string_view table,
                                       bool make_unsharded) const;
    Result<TablePointer> find_routed(std::string_view keyspace, std::string_view table,
                                     TabletType type) const;

    std::uint64_t epoch_ = 0;
    SrvVSchema definition_;
    std::map<std::string, std::unique_ptr<Keyspace>, std::less<>> keyspaces_;
    std::vector<TablePointer> kept_tables_;  // that are in no keyspace, but pointed to
    Names<const Table*> unique_tables_;      // nullptr: ambiguous
    Names<FoundVindex> unique_vindexes_;     // null vindex: ambiguous
    Names<Route> routing_;
    Names<MirrorRoute> mirrors_;
    Names<std::string> keyspace_routing_;
    Names<std::string> shard_routing_;  // "keyspace.shard"
    bool has_views_ = false;
    std::set<std::string, std::less<>> loaded_aggregates_;
};

}  // namespace sluice::vschema
