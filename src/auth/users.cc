// Step 2 of a session: which passwords a name may log in with.
#include "auth/users.h"

#include <boost/json.hpp>

namespace sluice::auth {
namespace {

namespace json = boost::json;

struct Entry {
    wire::UserEntry secret;
    Identity identity;
    bool unix_only = false;
};

class Everybody : public Users {
 public:
    wire::UserRecord find(std::string_view, bool) const override {
        wire::UserRecord record;
        record.anything = true;
        return record;
    }
    Identity identity(std::string_view, bool, std::size_t) const override {
        return {.user_data = "userData1", .groups = {}};
    }
};

class StaticUsers : public Users {
 public:
    explicit StaticUsers(std::map<std::string, std::vector<Entry>, std::less<>> users)
        : users_(std::move(users)) {}

    wire::UserRecord find(std::string_view user, bool unix_socket) const override {
        wire::UserRecord record;
        const auto found = users_.find(user);
        if (found == users_.end()) return record;
        for (const Entry& entry : found->second) {
            if (unix_socket || !entry.unix_only) record.entries.push_back(entry.secret);
        }
        return record;
    }

    Identity identity(std::string_view user, bool unix_socket, std::size_t index) const override {
        const auto found = users_.find(user);
        if (found == users_.end()) return {};
        for (const Entry& entry : found->second) {
            if (!unix_socket && entry.unix_only) continue;
            if (index-- == 0) return entry.identity;
        }
        return {};
    }

 private:
    std::map<std::string, std::vector<Entry>, std::less<>> users_;
};

std::unexpected<Error> bad(std::string_view origin, std::string what) {
    return fail(Code::invalid_argument,
                "cannot load users from " + std::string(origin) + ": " + std::move(what));
}

// Field names as Go's JSON decoder matches them: without regard to case.
bool is_field(std::string_view key, std::string_view name) {
    return key.size() == name.size() &&
           std::equal(key.begin(), key.end(), name.begin(), [](char a, char b) {
               return std::tolower(static_cast<unsigned char>(a)) ==
                      std::tolower(static_cast<unsigned char>(b));
           });
}

Result<std::string> text_of(const json::value& value, std::string_view key,
                            std::string_view origin) {
    if (!value.is_string()) return bad(origin, std::string(key) + " is not a string");
    return std::string(value.get_string());
}

Result<std::vector<std::string>> groups_of(const json::value& value, std::string_view origin) {
    std::vector<std::string> groups;
    if (value.is_null()) return groups;
    if (!value.is_array()) return bad(origin, "Groups is not a list");
    for (const json::value& group : value.get_array()) {
        groups.push_back(TRY(text_of(group, "a group", origin)));
    }
    return groups;
}

Result<Entry> parse_entry(const json::value& value, std::string_view origin) {
    if (!value.is_object()) return bad(origin, "an entry is not an object");
    Entry entry;
    std::string clear;
    std::string native;
    for (const auto& [key, field] : value.get_object()) {
        if (is_field(key, "Password")) {
            clear = TRY(text_of(field, key, origin));
        } else if (is_field(key, "MysqlNativePassword")) {
            native = TRY(text_of(field, key, origin));
        } else if (is_field(key, "UserData")) {
            entry.identity.user_data = TRY(text_of(field, key, origin));
        } else if (is_field(key, "SourceHost")) {
            const std::string host = TRY(text_of(field, key, origin));
            if (!host.empty() && host != "localhost") {
                return bad(origin,
                           "invalid SourceHost found (only localhost is supported): " + host);
            }
            entry.unix_only = host == "localhost";
        } else if (is_field(key, "Groups")) {
            entry.identity.groups = TRY(groups_of(field, origin));
        } else {
            return bad(origin, "unknown field \"" + std::string(key) + "\"");
        }
    }
    // The hash takes precedence; with it the clear password is not known.
    if (native.empty()) {
        entry.secret.password = clear;
        return entry;
    }
    entry.secret.native = wire::parse_native_hash(native);
    if (!entry.secret.native)
        return bad(origin, "MysqlNativePassword is not 40 hexadecimal digits");
    return entry;
}

}  // namespace

std::shared_ptr<const Users> everybody() {
    return std::make_shared<Everybody>();
}

Result<std::shared_ptr<const Users>> parse_static_users(std::string_view text,
                                                        std::string_view origin) {
    boost::system::error_code error;
    const json::value document = json::parse(text, error);
    if (error) return bad(origin, "not JSON: " + error.message());
    if (!document.is_object()) return bad(origin, "not an object keyed by user");
    std::map<std::string, std::vector<Entry>, std::less<>> users;
    for (const auto& [name, value] : document.get_object()) {
        std::vector<Entry>& entries = users[std::string(name)];
        if (!value.is_array()) {
            entries.push_back(TRY(parse_entry(value, origin)));
            continue;
        }
        for (const json::value& each : value.get_array()) {
            entries.push_back(TRY(parse_entry(each, origin)));
        }
    }
    if (users.empty()) return bad(origin, "it has no entries");
    return std::make_shared<const StaticUsers>(std::move(users));
}

}  // namespace sluice::auth
