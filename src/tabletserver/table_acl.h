#pragma once
// Who may read, write and change which tables (vttablet-contract 3.4). Immutable once parsed.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tabletserver/plan.h"

namespace sluice::tabletserver {

struct AclCaller {
    bool known = false;  // the gate has named a caller
    std::string_view user{};
    std::vector<std::string_view> groups{};
};

struct AclRules {
    bool strict = false;   // refusals are made
    bool dry_run = false;  // refusals are only counted
    std::string exempt;    // a user or group that is asked for nothing; empty: nobody
};

class TableAcl {
 public:
    // json = {"table_groups": [{"name": ..., "table_names_or_prefixes": ["t", "prefix%"],
    //   "readers": [...], "writers": [...], "admins": [...]}]}
    // Errors in v21's words: entries that overlap, "%" that is not the last character.
    static Result<TableAcl> parse(std::string_view json);

    struct Group {
        std::string name;
        std::vector<std::string> readers, writers, admins;
    };
    // Null: no group has the table, so nobody may.
    const Group* group_of(std::string_view table) const;
    bool allows(const Permission& permission, const AclCaller& caller) const;
    std::size_t size() const { return entries_.size(); }

 private:
    struct Entry {
        std::string table;  // without its "%"
        bool prefix = false;
        std::size_t group = 0;
    };
    Result<void> check_overlaps() const;

    std::vector<Group> groups_;
    std::vector<Entry> entries_;  // sorted by table
};

// What a plan needs against what the caller may; `acl` null: there is no ACL. Counts refusals of a
// dry run in *denied. UNAUTHENTICATED, PERMISSION_DENIED in v21's words.
Result<void> check_access(const TableAcl* acl, const AclRules& rules, const Plan& plan,
                          const AclCaller& caller, std::uint64_t* denied);

}  // namespace sluice::tabletserver
