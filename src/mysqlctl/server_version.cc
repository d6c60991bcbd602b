// Which server it is. Before: mysqld.cc.
#include "mysqlctl/server_version.h"

#include <charconv>
#include <tuple>

namespace sluice::mysqlctl {

bool ServerVersion::at_least(unsigned wanted_major, unsigned wanted_minor,
                             unsigned wanted_patch) const {
    return std::tuple(major, minor, patch) >= std::tuple(wanted_major, wanted_minor, wanted_patch);
}

Result<ServerVersion> parse_server_version(std::string_view text) {
    constexpr std::string_view mark = "Ver ";
    ServerVersion version{.mariadb = text.contains("MariaDB")};
    for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
        const char* next = text.data() + at + mark.size();
        const char* const end = text.data() + text.size();
        bool whole = true;
        for (unsigned* number : {&version.major, &version.minor, &version.patch}) {
            const auto [behind, error] = std::from_chars(next, end, *number);
            whole = whole && error == std::errc() &&
                    (number == &version.patch || (behind != end && *behind == '.'));
            if (!whole) break;
            next = behind == end ? behind : behind + 1;
        }
        if (whole) return version;
    }
    return fail(Code::invalid_argument,
                "could not parse server version from: " + std::string(text));
}

}  // namespace sluice::mysqlctl
