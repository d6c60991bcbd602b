// Read once at start: the passwords with which the gate logs in at the shards.
#include "tablet/credentials.h"

#include <boost/json.hpp>

namespace sluice::tablet {

Result<Credentials> Credentials::parse(std::string_view json) {
    boost::system::error_code error;
    const boost::json::value root = boost::json::parse(json, error);
    const boost::json::object* const users = error ? nullptr : root.if_object();
    if (users == nullptr) {
        return fail(Code::invalid_argument,
                    "db credentials: " + (error ? error.message() : "not a JSON object"));
    }
    Credentials credentials;
    for (const auto& [user, passwords] : *users) {
        const boost::json::array* const list = passwords.if_array();
        const boost::json::string* const first =
            list == nullptr || list->empty() ? nullptr : list->front().if_string();
        if (first == nullptr) {
            return fail(Code::invalid_argument, "db credentials: user '" + std::string(user) +
                                                    "' has no list of passwords");
        }
        credentials.users_.emplace_back(std::string(user), std::string(*first));
    }
    return credentials;
}

const std::string* Credentials::password_of(std::string_view user) const {
    for (const auto& [name, password] : users_) {
        if (name == user) return &password;
    }
    return nullptr;
}

}  // namespace sluice::tablet
