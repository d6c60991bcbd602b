// The end of a topology call on one machine: rows in an SQLite file, write-ahead logged, so that
// readers of other processes never wait for a writer. Runs on the blocking pool.
#include "topo/detail/sqlite_table.h"

#include <utility>

#include <sqlite3.h>

namespace sluice::topo::detail {
namespace {

constexpr Revision application_id = 0x534c5543;  // marks our files: "SLUC"
constexpr Revision format_version = 1;

constexpr const char* schema_sql =
    "create table records(path text primary key, contents blob not null, version integer not null,"
    " lease_ends integer) without rowid;"
    "create table state(one integer primary key check (one = 1), revision integer not null);"
    "insert into state values(1, 0);"
    "pragma application_id = 0x534c5543;"
    "pragma user_version = 1;";

// A prepared statement for one use.
class Statement {
 public:
    Statement(sqlite3* database, const char* sql) {
        sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr);
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    Statement& text(int place, const std::string& value) {
        sqlite3_bind_text64(statement_, place, value.data(), value.size(), SQLITE_STATIC,
                            SQLITE_UTF8);
        return *this;
    }
    Statement& blob(int place, const std::string& value) {
        // A null pointer would bind NULL.
        const char* bytes = value.empty() ? "" : value.data();
        sqlite3_bind_blob64(statement_, place, bytes, value.size(), SQLITE_STATIC);
        return *this;
    }
    Statement& number(int place, std::int64_t value) {
        sqlite3_bind_int64(statement_, place, value);
        return *this;
    }
    // SQLITE_ROW, SQLITE_DONE, or an error.
    int step() { return statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_); }

    std::string bytes_at(int column) {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
        const int size = sqlite3_column_bytes(statement_, column);
        return bytes == nullptr ? std::string()
                                : std::string(bytes, static_cast<std::size_t>(size));
    }
    std::int64_t number_at(int column) { return sqlite3_column_int64(statement_, column); }

 private:
    sqlite3_stmt* statement_ = nullptr;
};

// The first key after all keys that start with `prefix`; prefixes end in a character below 0xff.
std::string end_of_prefix(std::string prefix) {
    if (!prefix.empty()) ++prefix.back();
    return prefix;
}

}  // namespace

std::unexpected<Error> SqliteTable::failure() const {
    const std::string subject = "the topology file '" + file_ + "' ";
    switch (sqlite3_errcode(database_)) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return fail(Code::unavailable, subject + "is locked by another process");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return fail(Code::data_loss, subject + "is damaged or is not an SQLite database");
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return fail(Code::permission_denied, subject + "cannot be written");
        case SQLITE_FULL:
            return fail(Code::resource_exhausted, subject + "cannot grow: the disk is full");
        default:
            return fail(Code::unavailable,
                        subject + "cannot be used: " + sqlite3_errmsg(database_));
    }
}

Result<std::shared_ptr<Table>> SqliteTable::open(std::string file,
                                                 std::chrono::milliseconds patience) {
    std::shared_ptr<SqliteTable> table(new SqliteTable(std::move(file)));
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(table->file_.c_str(), &table->database_, flags, nullptr) != SQLITE_OK) {
        return fail(Code::unavailable,
                    "the topology file '" + table->file_ +
                        "' cannot be opened: " + sqlite3_errmsg(table->database_));
    }
    TRY(table->prepare_file(patience));
    return std::shared_ptr<Table>(std::move(table));
}

SqliteTable::~SqliteTable() {
    sqlite3_close(database_);
}

Result<void> SqliteTable::prepare_file(std::chrono::milliseconds patience) {
    sqlite3_busy_timeout(database_, static_cast<int>(patience.count()));
    if (sqlite3_db_readonly(database_, "main") == 1) {
        return fail(Code::permission_denied, "the topology file '" + file_ + "' cannot be written");
    }
    TRY(run("pragma journal_mode = wal"));
    TRY(run("pragma synchronous = full"));
    return in_transaction([this]() -> Result<void> {
        const Revision owner = TRY(read_number("pragma application_id"));
        const Revision format = TRY(read_number("pragma user_version"));
        const Revision tables = TRY(read_number("select count(*) from sqlite_schema"));
        if (owner == 0 && tables == 0) return run(schema_sql);
        if (owner != application_id) {
            return fail(Code::failed_precondition,
                        "the file '" + file_ + "' is a database of another program");
        }
        if (format != format_version) {
            return fail(Code::failed_precondition,
                        "the topology file '" + file_ + "' was written by a newer version");
        }
        return {};
    });
}

Result<void> SqliteTable::run(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
    return {};
}

Result<Revision> SqliteTable::read_number(const char* sql) {
    Statement statement(database_, sql);
    if (statement.step() != SQLITE_ROW) return failure();
    return statement.number_at(0);
}

template <class Work>
auto SqliteTable::in_transaction(Work work) -> decltype(work()) {
    TRY(run("begin immediate"));
    auto outcome = work();
    if (outcome) {
        if (Result<void> committed = run("commit"); committed) return outcome;
        outcome = failure();
    }
    sqlite3_exec(database_, "rollback", nullptr, nullptr, nullptr);
    return outcome;
}

Result<Revision> SqliteTable::next_revision() {
    return read_number("update state set revision = revision + 1 returning revision");
}

Result<Record> SqliteTable::read(const std::string& key) {
    Statement statement(database_, "select contents, version from records where path = ?1");
    const int outcome = statement.text(1, key).step();
    if (outcome == SQLITE_DONE) return no_such_node(key);
    if (outcome != SQLITE_ROW) return failure();
    return Record{statement.bytes_at(0), statement.number_at(1)};
}

Result<void> SqliteTable::put(const std::string& key, const std::string& contents, Revision version,
                              Milliseconds lease_ends) {
    Statement statement(database_,
                        "insert or replace into records values(?1, ?2, ?3, nullif(?4, 0))");
    statement.text(1, key).blob(2, contents).number(3, version).number(4, lease_ends);
    if (statement.step() != SQLITE_DONE) return failure();
    return {};
}

Result<void> SqliteTable::erase(const std::string& key) {
    Statement statement(database_, "delete from records where path = ?1");
    if (statement.text(1, key).step() != SQLITE_DONE) return failure();
    return {};
}

Result<Record> SqliteTable::get(const std::string& key) {
    const std::lock_guard guard(mutex_);
    return read(key);
}

Result<std::vector<ListedRecord>> SqliteTable::list(const std::string& prefix) {
    const std::lock_guard guard(mutex_);
    Statement statement(database_,
                        "select path, contents, version from records where path >= ?1 and path < ?2"
                        " order by path");
    const std::string end = end_of_prefix(prefix);
    statement.text(1, prefix).text(2, end);
    std::vector<ListedRecord> records;
    int outcome = statement.step();
    for (; outcome == SQLITE_ROW; outcome = statement.step()) {
        records.push_back({statement.bytes_at(0), statement.bytes_at(1), statement.number_at(2)});
    }
    if (outcome != SQLITE_DONE) return failure();
    return records;
}

Result<Revision> SqliteTable::create(const std::string& key, const std::string& contents) {
    const std::lock_guard guard(mutex_);
    return in_transaction([&]() -> Result<Revision> {
        const Result<Record> before = read(key);
        if (before) return node_is_there(key);
        if (before.error().code != no_node) return std::unexpected(before.error());
        const Revision revision = TRY(next_revision());
        TRY(put(key, contents, revision, 0));
        return revision;
    });
}

Result<Revision> SqliteTable::update(const std::string& key, const std::string& contents,
                                     Revision version) {
    const std::lock_guard guard(mutex_);
    return in_transaction([&]() -> Result<Revision> {
        if (version != 0) {
            const Record before = TRY(read(key));
            if (before.version != version) return other_version(key);
        }
        const Revision revision = TRY(next_revision());
        TRY(put(key, contents, revision, 0));
        return revision;
    });
}

Result<void> SqliteTable::remove(const std::string& key, Revision version) {
    const std::lock_guard guard(mutex_);
    return in_transaction([&]() -> Result<void> {
        const Record before = TRY(read(key));
        if (version != 0 && before.version != version) return other_version(key);
        TRY(next_revision());
        return erase(key);
    });
}

Result<Revision> SqliteTable::revision() {
    const std::lock_guard guard(mutex_);
    int moved = 0;
    sqlite3_file_control(database_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved != 0) {
        return fail(Code::unavailable,
                    "the topology file '" + file_ + "' was removed or replaced while in use");
    }
    return read_number("select revision from state");
}

Result<std::string> SqliteTable::enter_queue(const std::string& directory,
                                             const std::string& contents, Milliseconds now,
                                             Milliseconds lease) {
    const std::lock_guard guard(mutex_);
    return in_transaction([&]() -> Result<std::string> {
        const Revision revision = TRY(next_revision());
        const std::string key = queue_of(directory) + std::to_string(revision);
        TRY(put(key, contents, revision, now + lease));
        return key;
    });
}

Result<bool> SqliteTable::renew(const std::string& directory, const std::string& key,
                                Milliseconds now, Milliseconds lease) {
    const std::lock_guard guard(mutex_);
    return in_transaction([&]() -> Result<bool> {
        const std::string queue = queue_of(directory);
        const std::string end = end_of_prefix(queue);
        Statement sweep(database_,
                        "delete from records where path >= ?1 and path < ?2 and lease_ends <= ?3");
        if (sweep.text(1, queue).text(2, end).number(3, now).step() != SQLITE_DONE)
            return failure();
        const Result<Record> mine = read(key);
        if (!mine) return mine.error().code == no_node ? lease_ended(key) : fail(mine.error());
        TRY(put(key, mine->contents, mine->version, now + lease));
        Statement older(
            database_,
            "select count(*) from records where path >= ?1 and path < ?2 and version < ?3");
        older.text(1, queue).text(2, end).number(3, mine->version);
        if (older.step() != SQLITE_ROW) return failure();
        return older.number_at(0) == 0;
    });
}

}  // namespace sluice::topo::detail
