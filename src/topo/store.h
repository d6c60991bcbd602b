#pragma once
// The contract of a topology store: one cell's tree of small records with versions, watches and
// locks. Implementations: embedded (one SQLite file), memory, etcd. Paths are relative to
// the store's root and written without a leading slash ("keyspaces/commerce/Keyspace"); values are
// binary protobuf. Source: vtgate-contract 6.1.
//
// A store may be called from every loop. `stop` bounds every wait.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/stop.h"
#include "async/task.h"
#include "base/error.h"

namespace sluice::topo {

using async::Stop;
using async::Task;

// What callers decide by. Everything else (unavailable, deadline_exceeded, ...) means the store
// failed.
inline constexpr Code no_node = Code::not_found;
inline constexpr Code node_exists = Code::already_exists;
inline constexpr Code bad_version = Code::failed_precondition;

// Increases with every change of a store; a record's version is the revision that wrote it (etcd's
// ModRevision). 0 is no version.
using Revision = std::int64_t;

struct Record {
    std::string contents;
    Revision version = 0;
    bool operator==(const Record&) const = default;
};

struct ListedRecord {
    std::string path;  // relative to the store's root
    std::string contents;
    Revision version = 0;
    bool operator==(const ListedRecord&) const = default;
};

// Follows one record. The first next() gives the record as it was when the watch began, each
// further one waits for a newer state; states may be skipped, never the last one. An error ends the
// watch (no_node: the record was deleted; the stop's error ends only the call): start a new one
// then.
class Watch {
 public:
    Watch() = default;
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    virtual ~Watch() = default;
    virtual Task<Result<Record>> next(Stop* stop) = 0;
};

// A held lock. It has a lease: a holder that dies loses it when the lease ends. The destructor
// releases too, without waiting.
class Lock {
 public:
    Lock() = default;
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    virtual ~Lock() = default;
    // Renews the lease; fails (failed_precondition) if it was lost. Call it before each step that
    // relies on the lock and at least every third of the lease.
    virtual Task<Result<void>> check(Stop* stop) = 0;
    virtual Task<Result<void>> release(Stop* stop) = 0;
};

class Store {
 public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    virtual Task<Result<Record>> get(std::string path, Stop* stop) = 0;
    // Names directly below a directory, sorted, without duplicates; no_node if there are none.
    virtual Task<Result<std::vector<std::string>>> list_dir(std::string path, Stop* stop) = 0;
    // All records whose path starts with `prefix`, in order; no_node if there are none.
    virtual Task<Result<std::vector<ListedRecord>>> list(std::string prefix, Stop* stop) = 0;

    // node_exists if there is one. The result is the new version.
    virtual Task<Result<Revision>> create(std::string path, std::string contents, Stop* stop) = 0;
    // Version 0 writes unconditionally, creating the record; else bad_version unless it is the
    // record's, no_node if there is none.
    virtual Task<Result<Revision>> update(std::string path, std::string contents, Revision version,
                                          Stop* stop) = 0;
    // The same rules, but version 0 fails with no_node if there is nothing.
    virtual Task<Result<void>> remove(std::string path, Revision version, Stop* stop) = 0;

    // no_node if there is nothing to watch.
    virtual Task<Result<std::unique_ptr<Watch>>> watch(std::string path, Stop* stop) = 0;

    // Waits in turn for the lock of a directory, until `stop`. `contents` says who and why (JSON).
    // The lock is a record DIRECTORY/locks/ID, as in etcd.
    virtual Task<Result<std::unique_ptr<Lock>>> lock(std::string directory, std::string contents,
                                                     Stop* stop) = 0;
};

}  // namespace sluice::topo
