#pragma once
// One parsed statement. Trees are values: copy, move, ==. Visit without a default, so that a new
// alternative breaks the build where it matters. Walks over whole trees: sql/walk.h; printing:
// sql/format.h.
#include "sql/ast_admin.h"
#include "sql/ast_select.h"
#include "sql/ast_write.h"

namespace sluice::sql {

struct Statement {
    using Node = std::variant<Query, Insert, Update, Delete, Set, Show, Use, Begin, Commit,
                              Rollback, Savepoint, RollbackTo, Release, Kill, Ddl, AlterVschema,
                              Vexplain, Explain, Describe, Prepare, Execute, Deallocate, Call,
                              LockTables, UnlockTables, Flush, OtherAdmin, Administration, Analyze,
                              Load, Stream, MigrationCommand, CommentOnly>;
    Node node;
    bool operator==(const Statement&) const = default;

    template <class T>
    const T* as() const {
        return std::get_if<T>(&node);
    }
    template <class T>
    T* as() {
        return std::get_if<T>(&node);
    }
};

}  // namespace sluice::sql
