#include "position.h"

#include "replication/position.h"

namespace sluice::mysqlctl {

using replication::Position;

Result<std::string> compute_position(const std::vector<std::string>& words) {
    if (words.size() != 3)
        return fail(Code::invalid_argument,
                    "accepts 3 arg(s), received " + std::to_string(words.size()));
    const std::string& operation = words[0];
    if (operation != "equal" && operation != "at_least" && operation != "append")
        return fail(Code::invalid_argument, "invalid operation " + operation +
                                                " (choices are 'equal', 'at_least', 'append')");
    const Position first = TRY(Position::parse(words[1]));
    const Position second = TRY(Position::parse(words[2]));
    const auto word = [](bool is) { return is ? "true" : "false"; };
    if (operation == "equal") return word(first == second);
    if (operation == "at_least") return word(first.contains(second));
    return TRY(first.united(second)).text();
}

}  // namespace sluice::mysqlctl
