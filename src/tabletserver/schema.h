#pragma once
// The tables, views and functions of the shard, as they were last read, and what has changed since
// gates were told (vttablet-contract 2.2). On the main loop; other loops have snapshots.
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "async/wait_queue.h"
#include "tablet/mysql_tablet.h"

namespace sluice::tabletserver {

using async::Stop;
using async::Task;

enum class TableKind : std::uint8_t { table, sequence, message, view };

struct TableDefinition {
    TableKind kind = TableKind::table;
    std::string created;  // when, as the server tells it
    std::string text;     // CREATE ...
    bool operator==(const TableDefinition&) const = default;
};

struct FunctionDefinition {
    std::string name;
    bool aggregating = false;
    std::string returns;  // "char", "double", "integer", "decimal"
    bool operator==(const FunctionDefinition&) const = default;
};

struct SchemaSnapshot {
    std::map<std::string, TableDefinition, std::less<>> tables;
    std::vector<FunctionDefinition> functions;
};
using SchemaPointer = std::shared_ptr<const SchemaSnapshot>;

struct SchemaChanges {
    std::vector<std::string> tables, views;
    bool functions = false;
    bool empty() const { return tables.empty() && views.empty() && !functions; }
};

class Schema {
 public:
    // `views`: views are told apart from tables.
    Schema(tablet::MysqlTablet* tablet, bool views) : tablet_(tablet), views_(views) {}
    Schema(const Schema&) = delete;
    Schema& operator=(const Schema&) = delete;

    // Reads what may have changed; one at a time. `everything`: definitions of tables that look
    // unchanged, too.
    Task<Result<void>> reload(bool everything, Stop* stop);
    // What has changed since the last call; at first everything.
    SchemaChanges take_changes() { return std::exchange(changes_, {}); }
    bool has_changes() const { return !changes_.empty(); }

    // From any loop.
    SchemaPointer snapshot() const;

 private:
    Task<Result<void>> read(bool everything, Stop* stop);
    Task<Result<TableDefinition>> read_table(std::string name, TableDefinition listed, Stop* stop);
    Task<Result<std::vector<FunctionDefinition>>> read_functions(Stop* stop);
    void publish(std::shared_ptr<SchemaSnapshot> next);
    void note_change(const std::string& name, TableKind kind);

    tablet::MysqlTablet* tablet_;
    bool views_;
    bool reading_ = false;
    async::WaitQueue waiters_;
    SchemaChanges changes_;
    mutable std::mutex mutex_;  // held only to copy or swap the pointer
    SchemaPointer snapshot_;
};

}  // namespace sluice::tabletserver
