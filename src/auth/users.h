#pragma once
// The users who may log in to the MySQL listener, as v21's --mysql_auth_server_impl describes them
// (vtgate-contract 3.3). A Users object never changes: a reload makes a new one, and each login
// uses the one it began with.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "wire/server_handshake.h"

namespace sluice::auth {

// What v21 calls the immediate caller: the name and groups under which a session acts.
struct Identity {
    std::string user_data;
    std::vector<std::string> groups;
    bool operator==(const Identity&) const = default;
};

class Users {
 public:
    virtual ~Users() = default;
    // Entries that a peer on a unix socket (or not) may use. Views in the record live as long as
    // this object.
    virtual wire::UserRecord find(std::string_view user, bool unix_socket) const = 0;
    // Who a logged-in user is; `entry` is the index that the handshake reported for find()'s
    // record.
    virtual Identity identity(std::string_view user, bool unix_socket, std::size_t entry) const = 0;
};

// Anybody, with any password; everybody is `userData1`, as in v21.
std::shared_ptr<const Users> everybody();

// {"user": [{"Password": "..", "MysqlNativePassword": "*..", "UserData": "..", "SourceHost":
// "localhost", "Groups": [".."]}]}. A single object in place of the array is accepted. Unknown keys
// and no entries at all are errors; the text names `origin` (the file, or
// "mysql_auth_server_static_string").
Result<std::shared_ptr<const Users>> parse_static_users(std::string_view json,
                                                        std::string_view origin);

}  // namespace sluice::auth
