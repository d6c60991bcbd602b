#pragma once
// Prepared handles of one connection: bounded, the longest unused is dropped first. A server bounds
// them over all of its connections, so they are counted over all that this process has to it.
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/socket.h"

namespace sluice::mysql {

// An execution in the binary protocol; views into a COM_STMT_EXECUTE. `types` has two bytes for
// each parameter and is always there if there are parameters.
struct Execution {
    std::string_view statement;
    std::uint64_t key = 0;  // hash of `statement`
    std::uint16_t parameters = 0;
    std::span<const std::uint8_t> null_bitmap;
    std::span<const std::uint8_t> types;
    std::span<const std::uint8_t> values;
};

// The handles on one server that this process has made, whichever shards and cores they are for.
struct ServerHandles {
    std::atomic<std::int64_t> count{0};
    // Half of the server's max_prepared_stmt_count (16,382 unless set), learnt when connections
    // are made.
    std::atomic<std::int64_t> limit{8191};

    // Those of the server at this address: everybody who asks gets the same while anybody has it.
    // From any thread; takes a lock, so not for each statement.
    static std::shared_ptr<ServerHandles> on(const async::Address& address);
};

struct Handle {
    std::uint64_t key = 0;
    std::string statement;
    std::uint32_t id = 0;  // the server's
    std::uint16_t parameters = 0;
    std::uint16_t columns = 0;
    std::string types;  // that the server has seen last
    bool types_known = false;
    std::uint64_t used = 0;  // when, by the connection's count
};

class Handles {
 public:
    Handles() = default;
    Handles(const Handles&) = delete;
    Handles& operator=(const Handles&) = delete;
    ~Handles() { clear(); }

    // At most `most` handles here, and at most server->limit on all connections.
    void set_limits(std::shared_ptr<ServerHandles> server, std::size_t most);

    // By key first, then by text whatever its key; null if it is not there.
    Handle* find(std::uint64_t key, std::string_view statement);
    // The id of a handle that must be closed on the server before another is added; 0: there is
    // room.
    std::uint32_t evict();
    Handle* add(std::uint64_t key, std::string_view statement, std::uint32_t id);
    void drop(Handle* handle);
    void clear();
    std::size_t size() const { return handles_.size(); }

 private:
    void count(std::int64_t change);

    std::shared_ptr<ServerHandles> server_;
    std::size_t most_ = 64;
    std::uint64_t clock_ = 0;
    std::vector<std::unique_ptr<Handle>> handles_;
};

// A hash for Execution::key, for whoever has none.
std::uint64_t statement_key(std::string_view statement);

}  // namespace sluice::mysql
