#pragma once
// From a session's variables to what a connection to a shard must be told.
#include <memory>
#include <string>
#include <string_view>

#include "executor/session.h"

namespace sluice::executor {

// A value as SET takes it, with the same meaning under every sql_mode: which one a connection has
// while it reads its settings is not known here.
std::string setting_literal(ValueView value);

// Null when nothing differs from a fresh connection. Values are SQL literals, as SET takes them.
std::shared_ptr<const tablet::Settings> make_settings(const SystemVariables& variables,
                                                      std::uint16_t collation, bool found_rows);

// "utf8mb4" for a collation id; "utf8mb4" too for ids that nobody knows.
std::string_view charset_name(std::uint16_t collation);

}  // namespace sluice::executor
