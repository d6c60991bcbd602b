#pragma once
// A table in one SQLite file that several processes share, or in memory.
#include <memory>
#include <mutex>
#include <string>

#include "topo/detail/table.h"

struct sqlite3;

namespace sluice::topo::detail {

class SqliteTable final : public Table {
 public:
    // Opens the file, creating it if it is not there. One clear sentence if it cannot be used.
    // A call waits up to `patience` for other processes' writes. `in_memory` in place of a file:
    // a new table that ends with its last user, for tests and simulations.
    static constexpr const char* in_memory = ":memory:";
    static Result<std::shared_ptr<Table>> open(
        std::string file, std::chrono::milliseconds patience = std::chrono::seconds(2));
    ~SqliteTable() override;

    bool blocks() const override { return file_ != in_memory; }
    std::chrono::milliseconds poll_interval() const override {
        // Other processes' changes are seen within a second.
        return std::chrono::milliseconds(blocks() ? 200 : 10);
    }

    Result<Record> get(const std::string& key) override;
    Result<std::vector<ListedRecord>> list(const std::string& prefix) override;
    Result<Revision> create(const std::string& key, const std::string& contents) override;
    Result<Revision> update(const std::string& key, const std::string& contents,
                            Revision version) override;
    Result<void> remove(const std::string& key, Revision version) override;
    Result<Revision> revision() override;
    Result<std::string> enter_queue(const std::string& directory, const std::string& contents,
                                    Milliseconds now, Milliseconds lease) override;
    Result<bool> renew(const std::string& directory, const std::string& key, Milliseconds now,
                       Milliseconds lease) override;

 private:
    explicit SqliteTable(std::string file) : file_(std::move(file)) {}
    Result<void> prepare_file(std::chrono::milliseconds patience);
    Result<void> run(const char* sql);
    Result<Revision> read_number(const char* sql);
    Result<Record> read(const std::string& key);
    Result<void> put(const std::string& key, const std::string& contents, Revision version,
                     Milliseconds lease_ends);
    Result<void> erase(const std::string& key);
    template <class Work>
    auto in_transaction(Work work) -> decltype(work());
    Result<Revision> next_revision();
    std::unexpected<Error> failure() const;

    std::string file_;
    std::mutex mutex_;  // blocking pool threads take turns
    sqlite3* database_ = nullptr;
};

}  // namespace sluice::topo::detail
