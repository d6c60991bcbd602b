#pragma once
// Frames of HTTP/2 (RFC 9113, 4 and 6): their heads, and those that are written whole.
#include <cstdint>
#include <string_view>

#include "rpc/detail/byte_buffer.h"

namespace sluice::rpc::detail::frame {

enum class Type : std::uint8_t {
    data = 0,
    headers = 1,
    priority = 2,
    rst_stream = 3,
    settings = 4,
    push_promise = 5,
    ping = 6,
    goaway = 7,
    window_update = 8,
    continuation = 9,
};

inline constexpr std::uint8_t end_stream = 0x1, ack = 0x1, end_headers = 0x4, padded = 0x8,
                              priority = 0x20;

inline constexpr std::size_t head_size = 9;
inline constexpr std::size_t max_payload = 16384;  // of both sides: nobody asks for more
inline constexpr std::int64_t first_window = 65535;
inline constexpr std::int64_t max_window = 0x7fffffff;
inline constexpr std::string_view client_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Error codes (RFC 9113, 7).
enum ErrorCode : std::uint32_t {
    no_error = 0,
    protocol_error = 1,
    internal_error = 2,
    flow_control_error = 3,
    stream_closed = 5,
    frame_size_error = 6,
    refused_stream = 7,
    cancel = 8,
    compression_error = 9,
    enhance_your_calm = 11,
};

enum class Setting : std::uint16_t {
    header_table_size = 1,
    enable_push = 2,
    max_concurrent_streams = 3,
    initial_window_size = 4,
    max_frame_size = 5,
    max_header_list_size = 6,
    no_rfc7540_priorities = 9,
};

struct Head {
    std::uint32_t length = 0;
    Type type = Type::data;
    std::uint8_t flags = 0;
    std::int32_t stream = 0;

    bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

inline std::uint32_t number32(const std::uint8_t* at) {
    return static_cast<std::uint32_t>(at[0]) << 24U | static_cast<std::uint32_t>(at[1]) << 16U |
           static_cast<std::uint32_t>(at[2]) << 8U | at[3];
}

inline void put32(std::uint8_t* at, std::uint32_t number) {
    for (unsigned i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
}

// `at` shows head_size bytes.
inline Head read_head(const std::uint8_t* at) {
    return {.length = number32(at) >> 8U,
            .type = static_cast<Type>(at[3]),
            .flags = at[4],
            .stream = static_cast<std::int32_t>(number32(at + 5) & 0x7fffffffU)};
}

inline void write_head(std::uint8_t* at, const Head& head) {
    put32(at, head.length << 8U);
    at[3] = static_cast<std::uint8_t>(head.type);
    at[4] = head.flags;
    put32(at + 5, static_cast<std::uint32_t>(head.stream));
}

// The head, and room for its payload, which is returned.
inline std::uint8_t* append(ByteBuffer* out, const Head& head) {
    const auto room = out->extend(head_size + head.length);
    write_head(room.data(), head);
    return room.data() + head_size;
}

}  // namespace sluice::rpc::detail::frame
