#pragma once
// --db-credentials-file: passwords of database users, as v21 reads them.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace sluice::tablet {

class Credentials {
 public:
    // Grammar: JSON object = { user : [ password, ... ] }; the first password is used.
    static Result<Credentials> parse(std::string_view json);

    // nullptr: the file does not name the user.
    const std::string* password_of(std::string_view user) const;

 private:
    std::vector<std::pair<std::string, std::string>> users_;
};

}  // namespace sluice::tablet
