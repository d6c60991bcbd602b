#pragma once
// The server's name of a database, in texts that people read, as clients call it.
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::tablet {

// Replaces `database` by `keyspace` where it is a name of its own: before a dot, in backquotes, or
// alone in quotes in an error that names a database. Cells that happen to look like it are kept.
std::string with_client_names(std::string text, std::uint16_t number, std::string_view database,
                              std::string_view keyspace);

}  // namespace sluice::tablet
