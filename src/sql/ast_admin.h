#pragma once
// Everything that is not a query or a write: sessions, transactions, SHOW, DDL, VSchema,
// administration.
#include "sql/ast_ddl.h"
#include "sql/ast_select.h"
#include "sql/ast_write.h"

namespace sluice::sql {

struct Statement;

struct SetAssignment {
    Variable variable;      // SET NAMES: system variable "names", SET CHARSET: "charset"
    Expr value;             // words (ON, utf8) are string literals; Default for DEFAULT
    std::string collation;  // SET NAMES x COLLATE y
    std::string written;    // SET NAMES, SET CHARSET: that word as it came
    bool operator==(const SetAssignment&) const = default;
};
struct Set {
    Comments comments;
    std::vector<SetAssignment> assignments;
    bool operator==(const Set&) const = default;
};

enum class ShowKind : std::uint8_t {
    // answered by the gate
    databases,
    keyspaces,
    vitess_keyspaces,
    schemas,
    vitess_shards,
    vitess_tablets,
    vitess_replication_status,
    replica_status,
    vitess_target,
    vitess_variables,
    vschema_tables,
    vschema_keyspaces,
    vschema_vindexes,
    warnings,
    engines,
    plugins,
    charset,
    gtid_executed_global,
    vgtid_executed_global,
    transaction_status,
    unresolved_transactions,
    // answered by a shard, perhaps amended
    variables,
    status,
    collation,
    function_status,
    procedure_status,
    function_code,
    procedure_code,
    privileges,
    triggers,
    open_tables,
    columns,
    indexes,
    tables,
    table_status,
    events,
    create_table,
    create_view,
    create_database,
    create_procedure,
    create_function,
    create_trigger,
    create_event,
    create_user,
    // online DDL and throttler
    vitess_migrations,
    vitess_migration_logs,
    vitess_throttled_apps,
    vitess_throttler_status,
    // anything else: `text` is what followed SHOW
    other,
};
struct Show {
    Comments comments;
    ShowKind kind = ShowKind::other;
    bool full = false;
    bool extended = false;
    VariableScope scope = VariableScope::session_implied;  // variables, status: session or global
    TableName
        table;  // columns, indexes, create_*, vschema_vindexes ON; transaction_status: dtid in name
    std::string keyspace;  // FROM / IN database; unresolved transactions for ks
    Span keyspace_source;
    std::optional<std::string> like;
    OptionalExpr where;
    std::optional<Limit> limit;  // of warnings
    std::string text;            // other: canonical rest; vitess_migration_logs: the uuid
    bool operator==(const Show&) const = default;
};

struct Use {
    std::string target;  // empty: USE without a name
    bool operator==(const Use&) const = default;
};

enum class AccessMode : std::uint8_t { consistent_snapshot, read_only, read_write };
struct Begin {
    bool start_transaction = false;  // written START TRANSACTION
    std::vector<AccessMode> modes;
    bool operator==(const Begin&) const = default;
};
// What follows the end of a transaction.
struct Completion {
    bool chain = false;    // AND CHAIN: the next one begins
    bool release = false;  // RELEASE: the session ends
    bool operator==(const Completion&) const = default;
};
struct Commit {
    Completion completion;
    bool operator==(const Commit&) const = default;
};
struct Rollback {
    Completion completion;
    bool operator==(const Rollback&) const = default;
};
struct Savepoint {
    std::string name;
    bool operator==(const Savepoint&) const = default;
};
struct RollbackTo {
    std::string name;
    bool operator==(const RollbackTo&) const = default;
};
struct Release {
    std::string name;
    bool operator==(const Release&) const = default;
};
struct Kill {
    bool query = false;  // false: KILL [CONNECTION]
    Expr id;             // v21 reads a number alone
    bool operator==(const Kill&) const = default;
};

enum class DdlKind : std::uint8_t {
    create_table,
    alter_table,
    drop_table,
    rename_table,
    truncate_table,
    create_index,
    drop_index,
    create_view,
    alter_view,
    drop_view,
    create_database,
    alter_database,
    drop_database,
};
// DDL is forwarded as text. `tables` name what is changed first, then what else is named in the
// text (references, LIKE, RENAME TO pairs), each with the span of its qualifier. `definition` is
// what the text says; CREATE INDEX and DROP INDEX are changes of a table.
struct Ddl {
    DdlKind kind = DdlKind::create_table;
    Comments comments;
    std::vector<TableName> tables;
    std::size_t targets = 0;  // how many of `tables`, from the front, are changed
    std::string database;     // *_database
    Span database_source;
    bool if_exists = false;      // IF EXISTS
    bool if_not_exists = false;  // IF NOT EXISTS
    bool or_replace = false;     // CREATE OR REPLACE VIEW
    bool temporary = false;
    bool truncated_parse = false;  // behind the recognised beginning stands what we could not read
    std::optional<Box<Query>> query;  // of views, CREATE TABLE ... SELECT
    DdlDefinition definition;
    std::string text;  // as it came, without margin comments
    bool operator==(const Ddl&) const = default;
};

enum class VschemaAction : std::uint8_t {
    create_vindex,
    drop_vindex,
    add_table,
    drop_table,
    add_column_vindex,
    drop_column_vindex,
    add_sequence,
    drop_sequence,
    add_auto_increment,
    drop_auto_increment,
};
struct VindexParameter {
    std::string key;
    std::string value;
    bool quoted = false;  // written 'value'
    bool operator==(const VindexParameter&) const = default;
};
struct AlterVschema {
    VschemaAction action = VschemaAction::add_table;
    TableName table;     // ON t, ADD/DROP TABLE t, the sequence; create/drop vindex: keyspace.name
    std::string vindex;  // name of the vindex
    std::string vindex_type;  // USING type; empty: none
    std::vector<VindexParameter> parameters;
    std::vector<std::string> columns;
    std::string auto_increment_column;
    TableName sequence;  // ADD AUTO_INCREMENT c USING seq
    bool operator==(const AlterVschema&) const = default;
};

enum class VexplainKind : std::uint8_t { plan, queries, all, trace, keys };
struct Vexplain {
    VexplainKind kind = VexplainKind::plan;
    Comments comments;
    Box<Statement> statement;
    bool operator==(const Vexplain&) const = default;
};
enum class ExplainFormat : std::uint8_t { none, traditional, tree, json, vitess, vtexplain };
struct Explain {
    bool analyze = false;
    ExplainFormat format = ExplainFormat::none;
    Comments comments;
    std::string into;    // INTO @name: the variable's name; empty: none
    std::string schema;  // FOR SCHEMA name: where unqualified tables are; empty: none
    Box<Statement> statement;
    bool operator==(const Explain&) const = default;
};
// DESCRIBE t [column]
struct Describe {
    TableName table;
    std::string column;
    bool operator==(const Describe&) const = default;
};

struct Prepare {
    Comments comments;
    std::string name;
    // Text, @variable, or what stands for the text in a log.
    std::variant<std::string, Variable, BindVariable> source;
    bool operator==(const Prepare&) const = default;
};
struct Execute {
    Comments comments;
    std::string name;
    std::vector<Variable> arguments;
    bool operator==(const Execute&) const = default;
};
struct Deallocate {
    Comments comments;
    std::string name;
    bool operator==(const Deallocate&) const = default;
};
struct Call {
    TableName procedure;
    std::vector<Expr> arguments;
    bool operator==(const Call&) const = default;
};

enum class TableLockKind : std::uint8_t { read, read_local, write, low_priority_write };
struct TableLock {
    AliasedTable table;
    TableLockKind kind = TableLockKind::read;
    bool operator==(const TableLock&) const = default;
};
struct LockTables {
    std::vector<TableLock> locks;
    bool operator==(const LockTables&) const = default;
};
struct UnlockTables {
    bool operator==(const UnlockTables&) const = default;
};

struct Flush {
    bool local = false;  // LOCAL or NO_WRITE_TO_BINLOG
    std::vector<std::string> options;
    std::vector<TableName> tables;
    bool tables_form = false;  // FLUSH TABLES ...
    bool with_read_lock = false;
    bool for_export = false;
    bool operator==(const Flush&) const = default;
};
enum class AdminKind : std::uint8_t { optimize, repair, check, do_ };
// OPTIMIZE, REPAIR, CHECK, DO: forwarded to one shard as they came.
struct OtherAdmin {
    AdminKind kind = AdminKind::optimize;
    std::vector<TableName> tables;  // empty of DO, and of what v21 reads and MySQL refuses
    std::string options;            // canonical: "quick extended", "for upgrade"; empty: none
    std::string text;
    bool operator==(const OtherAdmin&) const = default;
};
struct Analyze {
    bool local = false;
    std::vector<TableName> tables;
    std::string histogram;  // UPDATE HISTOGRAM ON .., DROP HISTOGRAM ON ..: canonical text
    bool operator==(const Analyze&) const = default;
};
// What a gate only names in its refusal: users and roles, stored programs (with their bodies), XA,
// HANDLER, replication, tablespaces, plugins.
struct Administration {
    std::string name;  // its first words in upper case: "CREATE USER", "XA START", "HANDLER"
    std::string text;  // as it came
    bool operator==(const Administration&) const = default;
};
enum class LoadKind : std::uint8_t { data, xml, index };
// LOAD DATA, LOAD XML; of LOAD INDEX INTO CACHE the first table alone is read.
struct Load {
    LoadKind kind = LoadKind::data;
    bool truncated_parse = false;  // only `kind` and `text` are known: v21 takes any text
    bool low_priority = false;
    bool concurrent = false;
    bool local = false;
    std::string file;
    std::string duplicates;  // replace, ignore; empty: none
    TableName table;
    std::vector<std::string> partitions;
    std::string charset;
    std::optional<std::string> rows_identified;  // of XML
    std::optional<std::string> fields_terminated, enclosed, escaped;
    bool optionally_enclosed = false;
    std::optional<std::string> lines_starting, lines_terminated;
    std::uint64_t ignored_lines = 0;
    std::vector<Expr> columns;  // Column, Variable
    std::vector<Assignment> assignments;
    std::string text;  // as it came
    bool operator==(const Load&) const = default;
};
// STREAM * FROM t, VSTREAM * FROM t ...
struct Stream {
    bool vstream = false;
    Comments comments;
    SelectItem item;
    TableName table;
    OptionalExpr where;
    std::optional<Limit> limit;
    bool operator==(const Stream&) const = default;
};
// ALTER VITESS_MIGRATION ..., REVERT VITESS_MIGRATION 'u': canonical text behind the first keyword.
struct MigrationCommand {
    bool revert = false;
    Comments comments;
    std::string text;
    bool operator==(const MigrationCommand&) const = default;
};
// Only comments: nothing to do.
struct CommentOnly {
    Comments comments;
    bool operator==(const CommentOnly&) const = default;
};

}  // namespace sluice::sql
