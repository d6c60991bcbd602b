#pragma once
// Texts of flag values, as Go's strconv and csv packages read them; errors carry their words.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "servenv/flags.h"

namespace sluice::servenv::detail {

Result<bool> parse_boolean(std::string_view text);
Result<std::int64_t> parse_signed(std::string_view text);
Result<std::uint64_t> parse_unsigned(std::string_view text);
Result<double> parse_float(std::string_view text);
Result<log::Severity> parse_severity(std::string_view text);
Result<std::vector<std::string>> parse_list(std::string_view text);

std::string quoted(std::string_view text);
// "int", "duration"; empty for a switch.
std::string_view type_name(const FlagTarget& target);

}  // namespace sluice::servenv::detail
