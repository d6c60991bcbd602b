#pragma once
// A configuration file as a flat map: "discovery.low_replication_lag" -> "30s". Keys are in lower
// case; a list's elements are joined with commas. Formats: YAML, JSON and TOML.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::servenv::detail {

enum class ConfigFormat : std::uint8_t { yaml, json, toml };
using ConfigValues = std::map<std::string, std::string, std::less<>>;

// By a file name's extension: "yaml", "yml", "json" or "toml"; other words are errors.
Result<ConfigFormat> config_format(std::string_view extension);

Result<ConfigValues> parse_config(ConfigFormat format, std::string_view text);
// `text` with these values in place of its own; what else it holds stays, comments do not.
Result<std::string> replace_values(ConfigFormat format, std::string_view text,
                                   const ConfigValues& values);

}  // namespace sluice::servenv::detail
