#pragma once
// Prepared handles of one connection: bounded, the longest unused is dropped first.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mysql/permits.h"

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

    // At most `most` handles here, and at most limits->handles_limit in the process.
    void set_limits(std::shared_ptr<ServerLimits> limits, std::size_t most);

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

    std::shared_ptr<ServerLimits> limits_;
    std::size_t most_ = 64;
    std::uint64_t clock_ = 0;
    std::vector<std::unique_ptr<Handle>> handles_;
};

// A hash for Execution::key, for whoever has none.
std::uint64_t statement_key(std::string_view statement);

}  // namespace sluice::mysql
