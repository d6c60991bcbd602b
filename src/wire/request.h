#pragma once
// Commands other than prepared statements. Every payload starts with the command byte, which the
// parse functions expect to be there. Views point into the payload. Source: MySQL client/server
// protocol, "Text Protocol", "Utility Commands".
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "wire/command.h"
#include "wire/packet.h"

namespace sluice::wire {

// What follows the command byte of COM_QUERY, COM_INIT_DB, COM_STMT_PREPARE.
std::string_view command_text(ByteView payload);
void write_command(PacketWriter& out, Command command, std::string_view text = {});

struct FieldList {
    std::string_view table{};
    std::string_view wildcard{};

    bool operator==(const FieldList&) const = default;
};
Result<FieldList> parse_field_list(ByteView payload);
void write_field_list(PacketWriter& out, const FieldList& list);

// 0 turns multi statements on, 1 turns them off.
struct SetOption {
    std::uint16_t option = 0;

    bool operator==(const SetOption&) const = default;
};
Result<SetOption> parse_set_option(ByteView payload);
void write_set_option(PacketWriter& out, const SetOption& option);

struct ProcessKill {
    std::uint32_t connection = 0;

    bool operator==(const ProcessKill&) const = default;
};
Result<ProcessKill> parse_process_kill(ByteView payload);
void write_process_kill(PacketWriter& out, const ProcessKill& kill);

}  // namespace sluice::wire
