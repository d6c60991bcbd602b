#pragma once
// A table in memory: topologies of tests and simulations.
#include <map>
#include <mutex>
#include <optional>

#include "topo/detail/table.h"

namespace sluice::topo::detail {

class MemoryTable final : public Table {
 public:
    bool blocks() const override { return false; }
    std::chrono::milliseconds poll_interval() const override {
        return std::chrono::milliseconds(10);
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
    struct Row {
        Record record;
        std::optional<Milliseconds> lease_ends;
    };
    std::mutex mutex_;
    std::map<std::string, Row> rows_;
    Revision revision_ = 0;
};

}  // namespace sluice::topo::detail
