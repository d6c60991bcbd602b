#pragma once
// Every queue, buffer and wait has a limit, and each limit has its reason here. Times are in the
// type.
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sluice::limits {

// A packet's payload is at most 2^24-1 bytes; a longer message continues in the next packet (MySQL
// protocol).
inline constexpr std::size_t max_packet_payload = 0xffffff;
// v21 keeps at most this many rows in memory per statement (--max_memory_rows).
inline constexpr std::size_t max_memory_rows = 300'000;
// Depth of nested expressions, queries and parentheses: far above real SQL, far below a core's
// stack.
inline constexpr int max_parse_depth = 512;
// Parameters of a prepared statement: the protocol counts them in 16 bits.
inline constexpr std::size_t max_parameters = 65'535;
// What one read from a socket may bring. Large enough for a burst of rows, small enough to stay in
// cache.
inline constexpr std::size_t read_chunk = 32 * 1024;
// Timer wheels tick in these steps: statement deadlines are seconds, so 10 ms is exact enough.
inline constexpr std::chrono::milliseconds timer_tick{10};
// A client that takes nothing for this long is cut, unless --mysql_server_write_timeout says
// otherwise.
inline constexpr std::chrono::seconds client_write{30};
// To connect and log in to a shard's server.
inline constexpr std::chrono::seconds backend_connect{5};
// A waiter for a pooled connection gives up with 1203 after this.
inline constexpr std::chrono::seconds pool_wait{30};
// From accept to a finished login.
inline constexpr std::chrono::seconds handshake{30};

}  // namespace sluice::limits
