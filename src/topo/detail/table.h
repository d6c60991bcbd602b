#pragma once
// What a local store keeps its records in: a sorted table of keys with versions and leases. Plain
// functions that may block; thread-safe. Keys are full: root "/" path.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "topo/detail/rules.h"
#include "topo/store.h"

namespace sluice::topo::detail {

using Milliseconds = std::int64_t;  // since the epoch, by the wall clock that processes share

class Table {
 public:
    Table() = default;
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;
    virtual ~Table() = default;

    // Whether calls may block, and so belong on the blocking pool.
    virtual bool blocks() const = 0;
    // How long a watch sleeps between two looks.
    virtual std::chrono::milliseconds poll_interval() const = 0;

    virtual Result<Record> get(const std::string& key) = 0;
    // Keys that start with `prefix`, in order; without records of ended leases.
    virtual Result<std::vector<ListedRecord>> list(const std::string& prefix) = 0;
    virtual Result<Revision> create(const std::string& key, const std::string& contents) = 0;
    virtual Result<Revision> update(const std::string& key, const std::string& contents,
                                    Revision version) = 0;
    virtual Result<void> remove(const std::string& key, Revision version) = 0;
    virtual Result<Revision> revision() = 0;

    // Puts a record DIRECTORY/locks/REVISION with a lease into the queue; the result is its key.
    virtual Result<std::string> enter_queue(const std::string& directory,
                                            const std::string& contents, Milliseconds now,
                                            Milliseconds lease) = 0;
    // Renews the lease; true if no older record is in the queue. failed_precondition: the lease had
    // ended.
    virtual Result<bool> renew(const std::string& directory, const std::string& key,
                               Milliseconds now, Milliseconds lease) = 0;

    // The last revision() that was asked for, and when; shared by all watches.
    std::atomic<Revision> seen_revision{0};
    std::atomic<std::chrono::steady_clock::rep> seen_at{0};
};

}  // namespace sluice::topo::detail
