// Beside a request: configuration and user files, read and watched.
#include "async/file_version.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sluice::async {

FileVersion file_version(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return {};
    return {.device = found.st_dev,
            .inode = found.st_ino,
            .size = found.st_size,
            .changed = found.st_ctim.tv_sec * 1'000'000'000 + found.st_ctim.tv_nsec};
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const auto failed = [&] {
        return fail(errno == ENOENT ? Code::not_found : Code::unavailable,
                    "open " + path + ": " + std::strerror(errno));
    };
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return failed();
    std::string contents;
    char block[16 * 1024];
    for (;;) {
        const ssize_t count = ::read(descriptor, block, sizeof block);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            const auto why = failed();
            ::close(descriptor);
            return why;
        }
        if (count == 0) break;
        contents.append(block, static_cast<std::size_t>(count));
        if (contents.size() > limit) {
            ::close(descriptor);
            return fail(Code::out_of_range,
                        "the file " + path + " is larger than " + std::to_string(limit) + " bytes");
        }
    }
    ::close(descriptor);
    return contents;
}

}  // namespace sluice::async
