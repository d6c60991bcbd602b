#pragma once
// Capability and status flags. Source: MySQL client/server protocol, "Capabilities Flags" and
// "Status Flags".
#include <cstdint>

namespace sluice::wire {

using Capabilities = std::uint32_t;

namespace capability {
inline constexpr Capabilities long_password = 1u
                                              << 0;  // MariaDB clears it to say that it is MariaDB
inline constexpr Capabilities found_rows = 1u << 1;  // affected rows are rows matched, not changed
inline constexpr Capabilities long_flag = 1u << 2;
inline constexpr Capabilities connect_with_db = 1u << 3;
inline constexpr Capabilities no_schema = 1u << 4;
inline constexpr Capabilities compress = 1u << 5;
inline constexpr Capabilities odbc = 1u << 6;
inline constexpr Capabilities local_files = 1u << 7;
inline constexpr Capabilities ignore_space = 1u << 8;
inline constexpr Capabilities protocol_41 = 1u << 9;
inline constexpr Capabilities interactive = 1u << 10;
inline constexpr Capabilities ssl = 1u << 11;
inline constexpr Capabilities ignore_sigpipe = 1u << 12;
inline constexpr Capabilities transactions = 1u << 13;
inline constexpr Capabilities secure_connection = 1u << 15;
inline constexpr Capabilities multi_statements = 1u << 16;
inline constexpr Capabilities multi_results = 1u << 17;
inline constexpr Capabilities ps_multi_results = 1u << 18;
inline constexpr Capabilities plugin_auth = 1u << 19;
inline constexpr Capabilities connect_attrs = 1u << 20;
inline constexpr Capabilities plugin_auth_lenenc = 1u << 21;
inline constexpr Capabilities expired_passwords = 1u << 22;
inline constexpr Capabilities session_track = 1u << 23;
inline constexpr Capabilities deprecate_eof = 1u << 24;
inline constexpr Capabilities optional_metadata = 1u << 25;
inline constexpr Capabilities zstd = 1u << 26;
inline constexpr Capabilities query_attributes = 1u << 27;
inline constexpr Capabilities multi_factor = 1u << 28;

// What v21's gate announces (vtgate-contract 3.1); ssl is added when TLS is configured.
inline constexpr Capabilities gate = long_password | found_rows | long_flag | connect_with_db |
                                     protocol_41 | transactions | secure_connection |
                                     multi_statements | multi_results | plugin_auth |
                                     connect_attrs | plugin_auth_lenenc | deprecate_eof;
static_assert(gate == 0x013ba20f);
}  // namespace capability

using Status = std::uint16_t;

namespace status {
inline constexpr Status in_transaction = 0x0001;
inline constexpr Status autocommit = 0x0002;
inline constexpr Status more_results = 0x0008;
inline constexpr Status no_good_index_used = 0x0010;
inline constexpr Status no_index_used = 0x0020;
inline constexpr Status cursor_exists = 0x0040;
inline constexpr Status last_row_sent = 0x0080;
inline constexpr Status database_dropped = 0x0100;
inline constexpr Status no_backslash_escapes = 0x0200;
inline constexpr Status metadata_changed = 0x0400;
inline constexpr Status query_was_slow = 0x0800;
inline constexpr Status output_parameters = 0x1000;
inline constexpr Status in_read_only_transaction = 0x2000;
inline constexpr Status session_state_changed = 0x4000;
}  // namespace status

}  // namespace sluice::wire
