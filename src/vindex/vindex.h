#pragma once
// The contract of a vindex: values of columns in, keyspace ids out. A vindex is immutable and
// shared by all cores; it never waits. Facts: vtgate-contract 8.2, 8.3.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "values/value.h"
#include "vindex/destination.h"
#include "vindex/keyspace_id.h"

namespace sluice::vindex {

enum class CommitOrder : std::uint8_t { normal, pre, post, autocommit };

// What the planner must know of a lookup vindex. Its queries are not run yet: who would route by
// one refuses.
struct LookupProperties {
    std::string table;                      // "ks.lkp", as written
    std::vector<std::string> from_columns;  // trimmed
    std::string to_column;
    bool planable = false;  // the planner may put the query below into a plan of its own
    std::string query;      // "select from, to from table where from in ::from"; only if planable
    bool allow_batch = false;
    bool autocommit = false;
    bool multi_shard_autocommit = false;
    bool ignore_nulls = false;
    bool write_only = false;  // being filled: reads scatter
    bool no_verify = false;
    bool backfilling = false;  // a unique one (or plain lookup) that is write_only
    std::string read_lock;     // "exclusive", "shared", "none" or "" (exclusive)
    CommitOrder commit_order = CommitOrder::normal;
    bool operator==(const LookupProperties&) const = default;
};

struct Properties {
    int cost = 0;                // lower is preferred
    bool unique = true;          // one value has at most one keyspace id
    bool needs_queries = false;  // v21's NeedsVCursor: not a pure function
    bool multi_column = false;
    bool partial = false;     // a leading part of its columns gives a key range
    bool hashing = false;     // hash() works; may be a column of multicol
    bool reversible = false;  // reverse() works
    bool prefixable = false;  // map_prefix() works
    std::optional<LookupProperties> lookup = {};
    bool operator==(const Properties&) const = default;
};

using Parameters = std::map<std::string, std::string, std::less<>>;

class Vindex {
 public:
    Vindex(std::string name, std::string type, Properties properties);
    Vindex(const Vindex&) = delete;
    Vindex& operator=(const Vindex&) = delete;
    virtual ~Vindex() = default;

    const std::string& name() const { return name_; }
    const std::string& type() const { return type_; }
    const Properties& properties() const { return properties_; }
    // Parameters that the type does not know, sorted: they only cause a warning.
    const std::vector<std::string>& unknown_parameters() const { return unknown_parameters_; }

    // The hot path: the keyspace id of one value of a single-column vindex that is not a lookup.
    // nullopt: no row can have this value. Allocates nothing for ids up to
    // KeyspaceId::inline_capacity. NULL is taken as empty bytes, as v21 does; whether NULL may
    // reach a vindex at all is the caller's rule (contract 8.3).
    virtual Result<std::optional<KeyspaceId>> map(ValueView value) const;

    // One row of column values, fewer than declared if partial. Single-column vindexes take the
    // first, however many columns a VSchema gives them, as v21 does.
    virtual Result<Destination> map_row(std::span<const ValueView> row) const;
    // The keyspace id of one value, with the reason when there is none. Only if
    // properties().hashing.
    virtual Result<KeyspaceId> hash(ValueView value) const;
    // Does the row belong to this keyspace id.
    virtual Result<bool> verify(std::span<const ValueView> row, std::string_view keyspace_id) const;
    // The value that maps to the keyspace id. Only if properties().reversible.
    virtual Result<Value> reverse(std::string_view keyspace_id) const;
    // Where rows are whose value is LIKE `pattern`, as v21 answers. Only if
    // properties().prefixable. With a hash, v21 (and so this) misses rows if the pattern's prefix
    // goes beyond the last offset: do not route by it then.
    virtual Result<Destination> map_prefix(ValueView pattern) const;

    // Batches: one answer per value or row.
    Result<std::vector<Destination>> map_values(std::span<const ValueView> values) const;
    Result<std::vector<Destination>> map_rows(std::span<const std::vector<ValueView>> rows) const;

 protected:
    std::vector<std::string> unknown_parameters_;

 private:
    std::string name_;
    std::string type_;
    Properties properties_;
};

}  // namespace sluice::vindex
