#pragma once
// The three short answers of a server: OK, ERR and EOF. Views point into the parsed payload.
// Source: MySQL client/server protocol, "OK_Packet", "ERR_Packet", "EOF_Packet".
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "wire/capabilities.h"
#include "wire/packet.h"

namespace sluice::wire {

inline constexpr std::uint8_t ok_header = 0x00, end_header = 0xfe, err_header = 0xff,
                              local_infile_header = 0xfb;

struct OkPacket {
    std::uint64_t affected_rows = 0;
    std::uint64_t insert_id = 0;
    Status status = 0;
    std::uint16_t warnings = 0;
    std::string_view info{};           // "Rows matched: 1  Changed: 1  Warnings: 0"
    std::string_view session_state{};  // raw list of changes; only if session_track was negotiated

    bool operator==(const OkPacket&) const = default;
};

struct ErrPacket {
    std::uint16_t number = 0;
    std::string_view
        state;  // five characters; empty if the server sent none (before the handshake response)
    std::string_view message{};

    bool operator==(const ErrPacket&) const = default;
};

struct EofPacket {
    std::uint16_t warnings = 0;
    Status status = 0;

    bool operator==(const EofPacket&) const = default;
};

// An OK that ends a result set under deprecate_eof begins with 0xfe, any other with 0x00.
Result<OkPacket> parse_ok(ByteView payload, Capabilities negotiated);
Result<ErrPacket> parse_err(ByteView payload);
Result<EofPacket> parse_eof(ByteView payload);

void write_ok(PacketWriter& out, const OkPacket& ok, Capabilities negotiated);
// The end of a result set, or of a list of definitions: OK with header 0xfe under deprecate_eof,
// else EOF.
void write_end(PacketWriter& out, const OkPacket& ok, Capabilities negotiated);
void write_eof(PacketWriter& out, const EofPacket& eof);
void write_err(PacketWriter& out, const Error& error);

// What the server said, as our Error; `code` is the caller's judgement.
Error to_error(const ErrPacket& err, Code code = Code::unknown);

}  // namespace sluice::wire
