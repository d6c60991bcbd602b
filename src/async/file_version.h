#pragma once
// Files that others replace while we run: by writing, by renaming over them, or, as Kubernetes does
// with mounted secrets, by pointing a symlink among the folders above them elsewhere. Both
// functions block: they belong on the blocking pool (cross.h).
#include <cstdint>
#include <string>

#include "base/error.h"

namespace sluice::async {

// What tells one state of a path from another. Of no file: all zero.
struct FileVersion {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed = 0;  // nanoseconds since the epoch
    bool operator==(const FileVersion&) const = default;
};

// Follows symlinks. Taken before a read, it makes sure that no later change is missed.
FileVersion file_version(const std::string& path);

// The whole file, of up to `limit` bytes. Errors name the path.
Result<std::string> read_file(const std::string& path, std::size_t limit);

}  // namespace sluice::async
