#pragma once
// Questions about values, asked by compare_mysql.py: a name and its arguments, all texts.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sluice {

struct Answer {
    std::optional<std::string> value;  // absent: NULL
    std::vector<int> warnings;         // MySQL's numbers
    std::optional<Error> error;
};

using Arguments = std::vector<std::string>;
using Answerer = Answer (*)(const Arguments&);
using Answerers = std::map<std::string_view, Answerer>;

void add_json_answerers(Answerers& known);

}  // namespace sluice
